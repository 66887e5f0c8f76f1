"""What is said of install records that the disk contradicts, from values alone: whole findings, as they are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.diagnose.records import (
    Claim,
    Record,
    again,
    claim_findings,
    cut_off_finding,
    disagreeing,
    set_aside,
    twice,
    unnamed,
    vanished,
)
from ipython_where.model import Evidence, Finding

TINY = Record(metadata="/site/tiny-1.0.dist-info", version="1.0", installer="pip")
BEFORE = Record(metadata="/site/tiny-0.9.dist-info", version="0.9", installer="pip")
CONDA = Record(metadata="/env/conda-meta/tiny-0.9-py311h0_0.json", version="0.9", installer="conda")
WHOLE = Claim(name="tiny", record=TINY, prefix="/my env", listed=4)
AGAIN = "%safepip install --force-reinstall --no-deps tiny==1.0"
RECORD = Evidence(label="record", value=TINY.metadata)


def by(installer: str | None, version: str | None = "1.0", name: str = "tiny") -> Claim:
    """What this tool installed."""
    record = Record(metadata=f"/site/{name}.dist-info", version=version, installer=installer)
    return replace(WHOLE, name=name, record=record)


def files(number: int) -> tuple[str, ...]:
    return tuple(f"tiny/{each}.py" for each in range(number))


DAMAGED: dict[str, tuple[Claim, Finding]] = {
    "the folder of an editable installation is gone": (
        replace(WHOLE, folder="/src", has_folder=False, lost="/src/lib"),
        Finding(
            id="files-gone",
            severity="warning",
            message="`tiny` 1.0 is installed from `/src`, which does not exist",
            hint="`%safepip uninstall tiny` removes its record",
        ),
    ),
    "it leads to a folder that is gone": (
        replace(WHOLE, folder="/my src", lost="/my src/lib"),
        Finding(
            id="files-gone",
            severity="warning",
            message="`tiny` 1.0 is installed from `/my src/lib`, which does not exist",
            hint="`%safepip install --force-reinstall --no-deps -e '/my src'` links it again",
        ),
    ),
    "files are gone": (
        replace(WHOLE, gone=files(1)),
        Finding(
            id="files-gone",
            severity="warning",
            message="`tiny` 1.0 lists files that are gone",
            evidence=(
                RECORD,
                Evidence(label="gone", value="1 of 4 files"),
                Evidence(label="file", value="tiny/0.py"),
            ),
            hint=f"`{AGAIN}` restores them",
        ),
    ),
    "files are truncated": (
        replace(WHOLE, cut_off=files(1)),
        Finding(
            id="files-cut-off",
            severity="warning",
            message="`tiny` 1.0 has truncated files: part of their content is missing",
            evidence=(RECORD, Evidence(label="file", value="tiny/0.py")),
            hint=f"`{AGAIN}` restores them",
        ),
    ),
    "its metadata is damaged": (
        replace(WHOLE, problems=("its METADATA has no `Name`",)),
        Finding(
            id="broken-metadata",
            severity="warning",
            message="the metadata of `tiny` is damaged",
            evidence=(
                Evidence(label="folder", value=TINY.metadata),
                Evidence(label="reason", value="its METADATA has no `Name`"),
            ),
            hint=f"`{AGAIN}` rewrites it",
        ),
    ),
    "it is recorded twice": (
        replace(WHOLE, twins=(BEFORE, TINY)),
        Finding(
            id="two-versions",
            severity="warning",
            message="`tiny` is recorded 2 times in one directory: an interrupted install can cause this",
            evidence=(
                Evidence(label="recorded", value=BEFORE.metadata, note="`importlib.metadata` takes this one"),
                Evidence(label="recorded", value=TINY.metadata),
            ),
            hint=f"`{AGAIN}` replaces them all with one",
        ),
    ),
    "conda records a different version": (
        replace(WHOLE, conda=CONDA),
        Finding(
            id="conda-disagrees",
            severity="warning",
            message="conda records `tiny` 0.9, but pip installed 1.0 over it",
            evidence=(
                Evidence(label="conda", value=CONDA.metadata, note="0.9"),
                Evidence(label="pip", value=TINY.metadata, note="1.0"),
            ),
            hint="`%safeconda install --force-reinstall tiny` gives it back to conda",
        ),
    ),
}


@pytest.mark.parametrize(("claim", "finding"), DAMAGED.values(), ids=DAMAGED)
def test_each_contradiction_is_damage_and_a_finding(claim: Claim, finding: Finding) -> None:
    assert claim.is_damaged
    assert list(claim_findings(claim)) == [finding]


def test_what_is_whole_is_no_finding() -> None:
    """Also one record, and an editable installation with its folder."""
    for claim in (WHOLE, replace(WHOLE, twins=(TINY,)), replace(WHOLE, folder="/src")):
        assert not claim.is_damaged
        assert list(claim_findings(claim)) == []


def test_several_contradictions_are_each_told() -> None:
    claim = replace(
        WHOLE, gone=files(1), cut_off=files(1), problems=("one", "two"), twins=(BEFORE, TINY), conda=CONDA, lost="/src"
    )
    found = list(claim_findings(claim))
    assert [each.id for each in found] == [
        "files-gone",
        "files-gone",
        "files-cut-off",
        "broken-metadata",
        "broken-metadata",
        "two-versions",
        "conda-disagrees",
    ]
    assert [each.evidence[-1].value for each in found if each.id == "broken-metadata"] == ["one", "two"]


@pytest.mark.parametrize(("number", "more"), [(4, ()), (6, (Evidence(label="and", value="2 more"),))])
def test_four_files_are_shown_and_the_rest_counted(number: int, more: tuple[Evidence, ...]) -> None:
    shown = tuple(Evidence(label="file", value=each) for each in files(4)) + more
    assert cut_off_finding(replace(WHOLE, cut_off=files(number))).evidence == (RECORD, *shown)
    (gone,) = claim_findings(replace(WHOLE, gone=files(number)))
    assert gone.evidence[2:] == shown


def test_a_record_without_a_version_is_named_without_one() -> None:
    (finding,) = claim_findings(replace(by("pip", None), gone=files(1)))
    assert finding.message == "`tiny` lists files that are gone"
    assert finding.hint == "`%safepip install --force-reinstall --no-deps tiny` restores them"


@pytest.mark.parametrize(
    ("claim", "line"),
    [
        (by("pip"), AGAIN),
        (by("uv"), AGAIN),
        (by(None), AGAIN),
        (by("uv", None), "%safepip install --force-reinstall --no-deps tiny"),
        (replace(by("uv"), folder="/my src"), "%safepip install --force-reinstall --no-deps -e '/my src'"),
        (by("conda"), "%safeconda install --force-reinstall tiny"),
        (by("conda", None), "%safeconda install --force-reinstall tiny"),
        (by("rpm"), None),
        (replace(by("rpm"), folder="/my src"), None),
    ],
)
def test_what_installed_it_installs_it_again(claim: Claim, line: str | None) -> None:
    assert again(claim) == line
    told = f"`{line}` restores them" if line else "reinstall it with `rpm`, which installed it"
    assert cut_off_finding(claim).hint == told


def test_a_project_recorded_twice_that_no_line_mends() -> None:
    assert twice("tiny", (BEFORE, TINY), None).hint is None


def test_what_conda_records_and_nobody_knows_who_replaced() -> None:
    finding = disagreeing("tiny", CONDA, Record(metadata="/site/tiny.egg-info", version=None))
    assert finding.message == "conda records `tiny` 0.9, but something else installed another version over it"
    assert finding.evidence == (
        Evidence(label="conda", value=CONDA.metadata, note="0.9"),
        Evidence(label="installed", value="/site/tiny.egg-info"),
    )


def test_a_distribution_that_only_the_record_is_left_of() -> None:
    assert vanished([by("pip")]) == Finding(
        id="files-gone",
        severity="warning",
        message="a distribution is recorded as installed, but its files are gone",
        evidence=(Evidence(label="tiny", value="/site/tiny.dist-info"),),
        hint=f"`{AGAIN}` restores it",
    )


@pytest.mark.parametrize(("number", "more"), [(4, ()), (6, (Evidence(label="and", value="2 more"),))])
def test_four_distributions_are_shown_and_the_line_restores_all(number: int, more: tuple[Evidence, ...]) -> None:
    names = [f"p{each}" for each in range(number)]
    finding = vanished([by("pip", "2", name) for name in names])
    assert finding.message == f"{number} distributions are recorded as installed, but their files are gone"
    assert finding.evidence == (*(Evidence(label=each, value=f"/site/{each}.dist-info") for each in names[:4]), *more)
    words = " ".join(f"{name}==2" for name in names)
    assert finding.hint == f"`%safepip install --force-reinstall --no-deps {words}` restores them"


CONDAS = "%safeconda install --force-reinstall"


@pytest.mark.parametrize(
    ("claims", "hint"),
    [
        (
            [by("conda"), by("conda", "2", "other")],
            f"`{CONDAS} tiny other` restores them",
        ),
        (
            [by("conda"), by("uv", None, "other")],
            f"`%safepip install --force-reinstall --no-deps other`, then `{CONDAS} tiny` restores them",
        ),
        (
            [by("rpm"), by("pip", "2", "other"), by("conda", "3", "more"), by("rpm", "4", "last"), by("apt", "5", "a")],
            f"`%safepip install --force-reinstall --no-deps other==2`, then `{CONDAS} more` restores `other`, `more`; "
            "reinstall `tiny`, `last` with `rpm`; reinstall `a` with `apt`",
        ),
        (
            [replace(by("pip"), folder="/my src"), by("pip", "2", "other")],
            "`%safepip install --force-reinstall --no-deps -e '/my src' other==2` restores them",
        ),
        (
            [replace(by("pip"), folder="/src", has_folder=False), by("pip", "2", "other")],
            "`%safepip install --force-reinstall --no-deps other==2` restores `other`; "
            "`%safepip uninstall tiny` removes the record of a folder that is gone",
        ),
        (
            [replace(by("pip", "1", each), folder="/src", has_folder=False) for each in ("a", "b")],
            "`%safepip uninstall a b` removes the records of folders that are gone",
        ),
    ],
)
def test_each_comes_back_from_what_installed_it(claims: list[Claim], hint: str) -> None:
    """An editable installation from its folder: an index may have a stranger's project of that name."""
    assert vanished(claims).hint == hint


@pytest.mark.parametrize(("number", "shown"), [(1, 1), (5, 5), (6, 4), (7, 4)])
def test_what_pip_set_aside_is_shown_and_removed_whole(number: int, shown: int) -> None:
    folders = [f"/site/~{each}" for each in range(number)]
    more = (Evidence(label="and", value=f"{number - shown} more"),) if number > shown else ()
    assert set_aside(folders) == Finding(
        id="leftovers",
        severity="note",
        message="an interrupted `pip` left temporary folders behind: nothing uses them",
        evidence=(*(Evidence(label="left", value=each) for each in folders[:shown]), *more),
        hint=f"`import shutil; [shutil.rmtree(each) for each in {folders!r}]` removes them",
    )


def test_a_project_that_an_old_setuptools_could_not_read() -> None:
    """With the folder that it was built from, if that is known."""
    record = Record(metadata="/site/UNKNOWN-0.0.0.dist-info", version="0.0.0", installer="pip")
    nameless = Finding(
        id="unnamed",
        severity="warning",
        message="`UNKNOWN` 0.0.0 is a project that an old `setuptools` could not read: none of its modules is installed",
        evidence=(Evidence(label="record", value=record.metadata),),
        hint="`%safepip uninstall UNKNOWN` removes it",
    )
    assert unnamed(record, None) == nameless
    assert unnamed(record, "/my src") == replace(
        nameless,
        evidence=(*nameless.evidence, Evidence(label="from", value="/my src")),
        hint="`%safepip uninstall UNKNOWN` removes it, then `%safepip install '/my src'` with setuptools 61 or newer",
    )
