"""What is wrong with the records of what is installed: they claim files that are gone, or contradict each other."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One metadata directory of a project; ``version`` is what it says, None where it does not."""

    metadata: str
    version: str | None
    installer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A distribution as its record tells it, and what the disk says to that.

    ``gone`` are files of the ``listed`` that are not there, relative to the record's directory, and ``cut_off`` those of which
    a part is missing. ``folder`` is an editable installation's, where ``has_folder`` says whether it is there, and ``lost`` what
    it leads to and is gone. ``twins`` are all records of the project in one directory, the one that `importlib.metadata` takes
    first; ``conda`` is conda's record of another version.
    """

    name: str
    record: Record
    prefix: str
    listed: int = 0
    gone: tuple[str, ...] = ()
    cut_off: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    folder: str | None = None
    has_folder: bool = True
    lost: str | None = None
    twins: tuple[Record, ...] = ()
    conda: Record | None = None

    @property
    def is_damaged(self) -> bool:
        """Whether anything is wrong with it."""
        return (
            bool(self.gone or self.cut_off or self.problems or len(self.twins) > 1 or self.conda or self.lost)
            or not self.has_folder
        )


def claim_findings(claim: Claim) -> Iterator[Finding]:
    """Every finding about one distribution's record."""
    if not claim.has_folder:
        yield Finding(
            id="files-gone",
            severity="warning",
            message=f"{_named(claim)} is installed from `{claim.folder}`, which is not there",
            hint=f"`%safepip uninstall {claim.name}` takes its record away",
        )
    elif claim.lost is not None:
        yield Finding(
            id="files-gone",
            severity="warning",
            message=f"{_named(claim)} is installed from `{claim.lost}`, which is not there",
            hint=_comes_back(claim, "links it anew"),
        )
    if claim.gone:
        yield _files_gone(claim)
    if claim.cut_off:
        yield cut_off_finding(claim)
    yield from (_damaged(claim, problem) for problem in claim.problems)
    if len(claim.twins) > 1:
        yield twice(claim.name, claim.twins, again(claim))
    if claim.conda is not None:
        yield disagreeing(claim.name, claim.conda, claim.record, claim.prefix)


def _named(claim: Claim) -> str:
    return f"`{claim.name}`" + (f" {claim.record.version}" if claim.record.version else "")


def cut_off_finding(claim: Claim) -> Finding:
    """What a full disk or a copy that was stopped leaves."""
    return Finding(
        id="files-cut-off",
        severity="warning",
        message=f"{_named(claim)} has files that are cut off: a part of them is missing",
        evidence=(Evidence(label="record", value=claim.record.metadata), *_some(claim.cut_off)),
        hint=_comes_back(claim),
    )


def _some(files: Sequence[str]) -> Iterator[Evidence]:
    yield from (Evidence(label="file", value=each) for each in files[:_SHOWN])
    if len(files) > _SHOWN:
        yield Evidence(label="and", value=f"{len(files) - _SHOWN} more")


def _comes_back(claim: Claim, does: str = "brings them back") -> str:
    line = again(claim)
    return f"`{line}` {does}" if line else f"`{claim.record.installer}` installed it, and can do so again"


def _files_gone(claim: Claim) -> Finding:
    return Finding(
        id="files-gone",
        severity="warning",
        message=f"{_named(claim)} lists files that are gone",
        evidence=(
            Evidence(label="record", value=claim.record.metadata),
            Evidence(label="gone", value=f"{len(claim.gone)} of {claim.listed} files"),
            *_some(claim.gone),
        ),
        hint=_comes_back(claim),
    )


def _damaged(claim: Claim, problem: str) -> Finding:
    line = again(claim)
    return Finding(
        id="broken-metadata",
        severity="warning",
        message=f"the metadata of `{claim.name}` is damaged",
        evidence=(Evidence(label="folder", value=claim.record.metadata), Evidence(label="reason", value=problem)),
        hint=f"`{line}` writes it anew" if line else f"`{claim.record.installer}` installed it, and can do so again",
    )


def again(claim: Claim) -> str | None:
    """The line that installs the same version again; None where another tool looks after it."""
    installer, version = claim.record.installer, claim.record.version
    if installer == "conda":
        wanted = f"{claim.name}={version}" if version else claim.name
        return f"conda install --prefix {shlex.quote(claim.prefix)} --force-reinstall {wanted}"
    if installer not in ("pip", "uv", None):
        return None
    if claim.folder is not None:
        return f"%safepip install --force-reinstall --no-deps -e {shlex.quote(claim.folder)}"
    return f"%safepip install --force-reinstall --no-deps {claim.name}" + (f"=={version}" if version else "")


def twice(name: str, records: Sequence[Record], line: str | None) -> Finding:
    """A project that one directory records more than once."""
    first, *others = records
    return Finding(
        id="two-versions",
        severity="warning",
        message=f"`{name}` is recorded {len(records)} times in one directory: an interrupted install leaves that",
        evidence=(
            Evidence(label="recorded", value=first.metadata, note="`importlib.metadata` takes this one"),
            *(Evidence(label="recorded", value=each.metadata) for each in others),
        ),
        hint=f"`{line}` replaces them all by one" if line else None,
    )


def disagreeing(name: str, conda: Record, other: Record, prefix: str) -> Finding:
    """What conda believes to be installed, and something else is: pip replaced it behind conda's back."""
    again = f"conda install --prefix {shlex.quote(prefix)} --force-reinstall {name}={conda.version}"
    return Finding(
        id="conda-disagrees",
        severity="warning",
        message=f"conda records `{name}` {conda.version}, and {other.installer or 'something else'} installed "
        f"{other.version or 'another version'} over it",
        evidence=(
            Evidence(label="conda", value=conda.metadata, note=conda.version),
            Evidence(label=other.installer or "installed", value=other.metadata, note=other.version),
        ),
        hint=f"`%safepip uninstall {name}`, then `{again}` makes it conda's again",
    )


def vanished(claims: Sequence[Claim]) -> Finding:
    """The distributions of an environment that nothing is left of but their records."""
    number = f"{len(claims)} distributions are" if len(claims) > 1 else "a distribution is"
    ours = [each for each in claims if each.record.installer in ("pip", "uv", None)]
    words = " ".join(f"{each.name}=={each.record.version}" if each.record.version else each.name for each in ours)
    line = f"%safepip install --force-reinstall --no-deps {words}" if ours else again(claims[0])
    return Finding(
        id="files-gone",
        severity="warning",
        message=f"{number} recorded as installed, and {'their' if len(claims) > 1 else 'its'} files are gone",
        evidence=(
            *(Evidence(label=each.name, value=each.record.metadata) for each in claims[:_SHOWN]),
            *((Evidence(label="and", value=f"{len(claims) - _SHOWN} more"),) if len(claims) > _SHOWN else ()),
        ),
        hint=f"`{line}` brings {'them' if len(claims) > 1 else 'it'} back" if line else None,
    )


def set_aside(folders: Sequence[str]) -> Finding:
    """What a pip that was cut off put aside: no import and no installer reads it any more."""
    shown = folders if len(folders) <= _SHOWN + 1 else folders[:_SHOWN]
    more = len(folders) - len(shown)
    line = f"import shutil; [shutil.rmtree(each) for each in {list(folders)!r}]"
    return Finding(
        id="leftovers",
        severity="note",
        message="a `pip` that was interrupted left folders behind that it had put aside: nothing uses them",
        evidence=(
            *(Evidence(label="left", value=each) for each in shown),
            *((Evidence(label="and", value=f"{more} more"),) if more else ()),
        ),
        hint=f"`{line}` removes them",
    )
