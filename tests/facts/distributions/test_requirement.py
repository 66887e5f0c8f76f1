"""Requirements decided by hand agree with `packaging`."""

from __future__ import annotations

import os

import packaging.markers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker, UndefinedComparison, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ipython_where import probe
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement

SITE = os.path.dirname(os.path.dirname(packaging.markers.__file__))
VERSIONS = [
    "0",
    "0.9",
    "1",
    "1.0",
    "1.2",
    "1.2.3",
    "2.0rc1",
    "2.0",
    "2.0.post1",
    "2.1+cpu",
    "3.11.7",
    "10.0",
    "2024.1",
    "1.0.dev1",
]


def installed_lines() -> list[str]:
    """Every Requires-Dist line of the environment that the tests run in."""
    distributions = Distributions()
    return sorted({line for each in distributions.all([SITE]) for line in distributions.metadata(each).requires})


def test_the_environment_is_packagings_own() -> None:
    """Variable by variable."""
    assert probe.markers() == {key: str(value) for key, value in default_environment().items() if key != "extra"}


def test_every_installed_requirement_is_decided_as_packaging_decides_it() -> None:
    """Names, extras, specifiers against many versions, markers with and without an extra."""
    markers = Markers(probe.markers())
    lines = installed_lines()
    assert len(lines) > 200
    for line in lines:
        ours, theirs = parse_requirement(line), Requirement(line)
        assert ours is not None, line
        assert ours.name.replace("_", "-") == canonicalize_name(theirs.name)
        assert {each.replace("_", "-") for each in ours.extras} == {canonicalize_name(each) for each in theirs.extras}
        for version in VERSIONS:
            expected = theirs.specifier.contains(Version(version), prereleases=True)
            assert accepts(ours.specifier, version) is expected, (line, version)
        for extra in ("", "test", "docs", "all"):
            expected = theirs.marker is None or theirs.marker.evaluate({"extra": extra})
            assert markers.holds(ours.marker, (extra,) if extra else ()) is expected, (line, extra)


RELEASES = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
CLAUSES = st.one_of(
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), RELEASES).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), RELEASES, st.just(".*")).map("".join),
    RELEASES.map(lambda release: f"~={release}.1"),
)


@given(specifier=st.lists(CLAUSES, max_size=3).map(",".join), version=RELEASES)
def test_plain_specifiers_agree(specifier: str, version: str) -> None:
    """For any release and any clauses of releases."""
    assert accepts(specifier, version) is SpecifierSet(specifier).contains(Version(version), prereleases=True)


COMPARISONS = st.one_of(
    st.tuples(
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from([" < ", ">=", "==", " != ", "~="]),
        st.sampled_from(["'3'", '"3.8"', "'3.11'", "'3.12'", "'3.11.4'"]),
    ).map("".join),
    st.tuples(
        st.sampled_from(["sys_platform", "os_name", "platform_machine", "extra", "implementation_name"]),
        st.sampled_from(["==", " != ", " in "]),
        st.sampled_from(["'linux'", "'nt'", '"x86_64"', "'posix'", "'Some.Extra'", "'cpython'"]),
    ).map("".join),
    st.just("'lin' in sys_platform"),
)
MARKERS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join), inner.map(lambda m: f"({m})")
    ),
    max_leaves=6,
)


@given(marker=MARKERS, extra=st.sampled_from(["", "some-extra", "other"]))
def test_markers_agree(marker: str, extra: str) -> None:
    """For any comparisons joined in any way; what `packaging` cannot compare is undecided."""
    try:
        expected = Marker(marker).evaluate({"extra": extra})
    except UndefinedComparison:
        expected = None
    assert Markers(probe.markers()).holds(marker, (extra,) if extra else ()) is expected


@pytest.mark.parametrize("text", ["", "./x", "https://h.example/x.zip", "x y", "x>>1", "x[", "é"])
def test_what_is_no_requirement(text: str) -> None:
    """A path, a URL, a mistake: None."""
    found = parse_requirement(text)
    assert found is None or accepts(found.specifier, "1.0") is None


def test_a_broken_marker_is_undecided() -> None:
    """None, not False."""
    assert Markers(probe.markers()).holds("python_version ? '3'") is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Foo.Bar", "Foo.Bar"),
        ("inner-needed (>= 2, <3) ; python_version > '3'", "inner-needed>=2,<3"),
        ("a[x,y] ~= 1.0; extra == 'more'", "a~=1.0"),
    ],
)
def test_what_a_line_of_safepip_takes_has_no_blanks_extras_and_marker(text: str, plain: str) -> None:
    requirement = parse_requirement(text)
    assert requirement is not None
    assert requirement.plain == plain
