"""What a solution comes to: what changes and how it is called, and what speaks against it. Values only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.change.conda.conda_plan import (
    CondaDifference,
    changes_of,
    channel_name,
    difference_of,
    plan_findings,
    python_minor,
    unmet,
    wanted_by,
)
from ipython_where.change.conda.rattler_engine import RattlerPackage, Solution
from ipython_where.change.values import Change
from ipython_where.model import Evidence, Finding

FORGE = "https://conda.anaconda.org/conda-forge"


def package(spec: str, *depends: str, newer: bool | None = None, size: int | None = None) -> RattlerPackage:
    """A package of conda-forge, by `NAME-VERSION-BUILD`."""
    name, version, build = spec.rsplit("-", 2)
    return RattlerPackage(
        name=name,
        version=version,
        build=build,
        channel=FORGE,
        subdir="linux-64",
        size=size,
        depends=depends,
        hash="",
        newer=newer,
    )


def solution(installed: list[RattlerPackage], chosen: list[RattlerPackage]) -> Solution:
    by_name = ({each.name: each for each in packages} for packages in (installed, chosen))
    return Solution(installed=next(by_name), solution=next(by_name))


def findings(found: Solution, *, asked: tuple[str, ...] = (), kernel: tuple[str, ...] = ()) -> list[Finding]:
    return [*plan_findings(found, difference_of(found), asked=asked, kernel=kernel)]


SIX = package("six-1.16-0")


@pytest.mark.parametrize(
    ("new", "is_same"),
    [
        (SIX, True),
        (replace(SIX, channel="https://mirror.example/forge"), True),
        (replace(SIX, hash="a" * 64), True),
        (replace(SIX, build="1"), False),
        (replace(SIX, version="1.17"), False),
        (replace(SIX, subdir="noarch"), False),
    ],
)
def test_what_is_the_same_package(new: RattlerPackage, is_same: bool) -> None:
    """Name, version, build and platform, wherever it comes from."""
    different = difference_of(solution([SIX], [new]))
    assert different == CondaDifference(out={} if is_same else {"six": SIX}, brought={} if is_same else {"six": new})


def test_hashes_tell_packages_apart_if_they_are_of_one_kind() -> None:
    """An old record has an MD5 where the channel has a SHA-256: these prove nothing."""
    old = replace(SIX, hash="a" * 64)
    assert difference_of(solution([old], [replace(SIX, hash="b" * 64)])).names == ("six",)
    assert difference_of(solution([old], [replace(SIX, hash="b" * 32)])).names == ()
    assert difference_of(solution([old], [old])).names == ()


def test_the_difference() -> None:
    """A replaced package is on both sides, and what stays on none."""
    old, new = package("numpy-1.26-0"), package("numpy-2.1-0")
    gone, come, stays = package("gone-1-0"), package("come-1-0"), package("stays-1-0")
    different = difference_of(solution([old, gone, stays], [new, come, stays]))
    assert different == CondaDifference(out={"numpy": old, "gone": gone}, brought={"numpy": new, "come": come})
    assert different.names == ("come", "gone", "numpy")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, package("x-1-0"), "added"),
        (package("x-1-0"), None, "removed"),
        (package("x-1-0"), package("x-2-0", newer=True), "upgraded"),
        (package("x-2-0"), package("x-1-0", newer=False), "downgraded"),
        (package("x-1-0"), package("x-1-1", newer=None), "rebuilt"),
    ],
)
def test_the_kind_of_a_change(old: RattlerPackage | None, new: RattlerPackage | None, kind: str) -> None:
    """Which version is newer is what rattler says: conda's order of versions is not Python's."""
    different = CondaDifference(out={"x": old} if old else {}, brought={"x": new} if new else {})
    (change,) = changes_of(different, (), {})
    assert (change.kind, change.old, change.new) == (kind, old and old.version, new and new.version)
    assert (change.old_build, change.new_build) == (old and old.build, new and new.build)
    assert change.is_conda


def test_the_changes_in_their_order() -> None:
    """Those that were asked for come first, then by name; each with its size, its channel and who wants it."""
    brought = [package("b-1-0", "a >=1"), package("a-1-0", size=7), package("z-2-0", "a", newer=True, size=9)]
    found = solution([package("z-1-0")], brought)
    different = difference_of(found)
    changes = changes_of(different, ("z",), wanted_by(found, different.names))
    assert [each.name for each in changes] == ["z", "a", "b"]
    assert changes[1] == Change(
        name="a",
        kind="added",
        old=None,
        new="1",
        asked_for=False,
        wanted_by=("b", "z"),
        size=7,
        source="conda-forge",
        new_build="0",
    )
    assert changes[0].asked_for


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("https://conda.anaconda.org/conda-forge", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge/", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge/label/dev", "conda-forge/label/dev"),
        ("https://repo.anaconda.com/pkgs/main", "defaults"),
        ("https://conda.anaconda.org/conda-forge/linux-64", "conda-forge"),
        ("file:///srv/channel/noarch", "file:///srv/channel"),
        ("https://mirror.example/conda-forge/", "https://mirror.example/conda-forge"),
        ("https://conda.anaconda.org.example/x", "https://conda.anaconda.org.example/x"),
        ("file:///srv/channel", "file:///srv/channel"),
        ("conda-forge", "conda-forge"),
        ("", ""),
    ],
)
def test_the_name_of_a_channel(channel: str, name: str) -> None:
    """A usual one by its name, any other by its address; the platform's folder, which conda's records name, is none of it."""
    assert channel_name(channel) == name


def test_who_wants_a_package() -> None:
    """By the names in conda's dependencies, whatever versions they name; one that isn't asked about is left out."""
    found = solution([], [package("a-1-0", "b >=1", "c"), package("d-1-0", "b 1.* *_0"), package("b-1-0")])
    assert wanted_by(found, ("b", "zz")) == {"b": ("a", "d")}
    assert unmet(found, ("b",)) == {"a": "b", "d": "b"}
    assert unmet(found, ("zz",)) == {}


def test_calm_if_nothing_is_wrong() -> None:
    """An upgrade, an addition and a removal that was asked for."""
    old = [package("python-3.12.4-0"), package("numpy-1.26-0"), package("gone-1-0")]
    new = [package("python-3.12.5-0", newer=True), package("numpy-2.1-0", newer=True), package("come-1-0")]
    assert findings(solution(old, new), asked=("gone", "numpy"), kernel=("python",)) == []


def test_python_moves_to_another_minor_version() -> None:
    """That alone is said: every other finding follows from it. No option allows it."""
    old, new = [package("python-3.12.4-0"), package("six-1-0")], [package("python-3.13.0-0", newer=True)]
    assert python_minor({each.name: each for each in old}) == "3.12"
    assert findings(solution(old, new), asked=("python",), kernel=("python", "six")) == [
        Finding(
            id="python-version",
            severity="error",
            message="this kernel runs on Python 3.12, and 3.13 would take its place under it",
            hint='create another environment for that: `conda create -n NAME "python=3.13" ipykernel`',
        )
    ]


def test_python_goes() -> None:
    """There is no environment to make instead."""
    assert findings(solution([package("python-3.12.4-0")], []), asked=("python",), kernel=("python",)) == [
        Finding(
            id="python-version",
            severity="error",
            message="this kernel runs on Python 3.12, which would be removed",
        )
    ]


def test_a_prefix_without_python_has_no_minor_version() -> None:
    """Adding one there moves nothing."""
    assert python_minor({}) is None
    assert findings(solution([], [package("python-3.13.0-0")])) == []


def test_what_the_kernel_runs_on_would_be_removed() -> None:
    """Asked for or not; it is not said twice."""
    old = [package("ipykernel-6.29-0"), package("tornado-6.4-0")]
    for asked in ((), ("ipykernel",), ("ipykernel", "tornado")):
        assert findings(solution(old, []), asked=asked, kernel=("ipykernel", "tornado")) == [
            Finding(
                id="kernel-package",
                severity="error",
                message="this kernel runs on `ipykernel`, `tornado`, which would be removed",
                evidence=(
                    Evidence(label="ipykernel", value="6.29 → none"),
                    Evidence(label="tornado", value="6.4 → none"),
                ),
                hint="allow it with `--allow-kernel`",
            )
        ]


def test_what_the_kernel_runs_on_would_be_downgraded() -> None:
    """A version that was asked for is as wanted."""
    found = solution([package("tornado-6.4-0")], [package("tornado-6.1-0", newer=False)])
    assert findings(found, asked=("six",), kernel=("tornado",)) == [
        Finding(
            id="kernel-package",
            severity="error",
            message="this kernel runs on `tornado`, which would be downgraded although you did not ask for it",
            evidence=(Evidence(label="tornado", value="6.4 → 6.1"),),
            hint="allow it with `--allow-kernel`",
        )
    ]
    assert findings(found, asked=("tornado",), kernel=("tornado",)) == []
    assert findings(found, asked=("six",)) == []


def test_what_would_no_longer_have_what_it_needs() -> None:
    """Named with what it depends on, and a line that removes it, too."""
    found = solution([package("numpy-2-0"), package("pandas-2-0", "numpy >=1")], [package("pandas-2-0", "numpy >=1")])
    assert findings(found, asked=("numpy",)) == [
        Finding(
            id="conflict",
            severity="error",
            message="`pandas` would no longer have what it needs",
            evidence=(Evidence(label="pandas", value="depends on numpy"),),
            hint="`%safeconda remove numpy pandas` removes both",
        )
    ]


def test_many_would_no_longer_have_what_they_need() -> None:
    """The hint names all of them, as it works when pasted; the sentence names five."""
    users = [package(f"user{number}-1-0", "numpy") for number in range(7)]
    (finding,) = findings(solution([package("numpy-2-0"), *users], users), asked=("numpy",))
    assert finding.message == (
        "`user0`, `user1`, `user2`, `user3`, `user4` and 2 more would no longer have what they need"
    )
    names = " ".join(f"user{number}" for number in range(7))
    assert finding.hint == f"`%safeconda remove numpy {names}` removes them all"
    assert len(finding.evidence) == 7


def test_what_would_be_removed_without_being_asked_for() -> None:
    """An install never takes packages away unasked."""
    found = solution([package("old-1-0"), package("kept-1-0")], [package("kept-1-0"), package("new-1-0")])
    assert findings(found, asked=("new",)) == [
        Finding(
            id="conflict",
            severity="error",
            message="`old` would be removed, and you did not ask for that",
            evidence=(Evidence(label="old", value="1 → none"),),
            hint="allow it with `--allow-conflicts`",
        )
    ]
