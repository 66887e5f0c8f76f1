"""What is wrong with install records: they list files that are gone, or contradict each other.

Tested in `tests/answer/test_records.py`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One metadata directory of a project; ``version`` is None if it gives none."""

    metadata: str
    version: str | None
    installer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A distribution as recorded, and where the disk contradicts that.

    ``gone`` are the ``listed`` files that do not exist, relative to the record's directory, and ``cut_off`` the truncated
    ones. ``folder`` is an editable installation's, ``has_folder`` whether it exists, and ``lost`` the path that it points
    to, if that is gone. ``twins`` are all records of the project in one directory, the one that `importlib.metadata` takes
    first; ``conda`` is conda's record, if it has a different version.
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
            message=f"{_named(claim)} is installed from `{claim.folder}`, which does not exist",
            hint=f"`%safepip uninstall {claim.name}` removes its record",
        )
    elif claim.lost is not None:
        yield Finding(
            id="files-gone",
            severity="warning",
            message=f"{_named(claim)} is installed from `{claim.lost}`, which does not exist",
            hint=_comes_back(claim, "links it again"),
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
    """Truncated files, as a full disk or an aborted copy leaves them."""
    return Finding(
        id="files-cut-off",
        severity="warning",
        message=f"{_named(claim)} has truncated files: part of their content is missing",
        evidence=(Evidence(label="record", value=claim.record.metadata), *_some(claim.cut_off)),
        hint=_comes_back(claim),
    )


def _some(files: Sequence[str]) -> Iterator[Evidence]:
    yield from (Evidence(label="file", value=each) for each in files[:_SHOWN])
    if len(files) > _SHOWN:
        yield Evidence(label="and", value=f"{len(files) - _SHOWN} more")


def _comes_back(claim: Claim, does: str = "restores them") -> str:
    line = again(claim)
    return f"`{line}` {does}" if line else f"reinstall it with `{claim.record.installer}`, which installed it"


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
    return Finding(
        id="broken-metadata",
        severity="warning",
        message=f"the metadata of `{claim.name}` is damaged",
        evidence=(Evidence(label="folder", value=claim.record.metadata), Evidence(label="reason", value=problem)),
        hint=_comes_back(claim, "rewrites it"),
    )


def again(claim: Claim) -> str | None:
    """The line that reinstalls the same version; None if a tool other than pip, uv or conda installed it."""
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
        message=f"`{name}` is recorded {len(records)} times in one directory: an interrupted install can cause this",
        evidence=(
            Evidence(label="recorded", value=first.metadata, note="`importlib.metadata` takes this one"),
            *(Evidence(label="recorded", value=each.metadata) for each in others),
        ),
        hint=f"`{line}` replaces them all with one" if line else None,
    )


def disagreeing(name: str, conda: Record, other: Record, prefix: str) -> Finding:
    """A version that conda records although another one is installed: pip replaced it behind conda's back."""
    again = f"conda install --prefix {shlex.quote(prefix)} --force-reinstall {name}={conda.version}"
    return Finding(
        id="conda-disagrees",
        severity="warning",
        message=f"conda records `{name}` {conda.version}, but {other.installer or 'something else'} installed "
        f"{other.version or 'another version'} over it",
        evidence=(
            Evidence(label="conda", value=conda.metadata, note=conda.version),
            Evidence(label=other.installer or "installed", value=other.metadata, note=other.version),
        ),
        hint=f"`%safepip uninstall {name}`, then `{again}` gives it back to conda",
    )


def vanished(claims: Sequence[Claim]) -> Finding:
    """The distributions of an environment that only the records are left of."""
    number = f"{len(claims)} distributions are" if len(claims) > 1 else "a distribution is"
    ours = [each for each in claims if each.record.installer in ("pip", "uv", None)]
    words = " ".join(f"{each.name}=={each.record.version}" if each.record.version else each.name for each in ours)
    line = f"%safepip install --force-reinstall --no-deps {words}" if ours else again(claims[0])
    return Finding(
        id="files-gone",
        severity="warning",
        message=f"{number} recorded as installed, but {'their' if len(claims) > 1 else 'its'} files are gone",
        evidence=(
            *(Evidence(label=each.name, value=each.record.metadata) for each in claims[:_SHOWN]),
            *((Evidence(label="and", value=f"{len(claims) - _SHOWN} more"),) if len(claims) > _SHOWN else ()),
        ),
        hint=f"`{line}` restores {'them' if len(claims) > 1 else 'it'}" if line else None,
    )


def set_aside(folders: Sequence[str]) -> Finding:
    """Folders that an interrupted pip renamed (`~name`): no import and no installer reads them."""
    shown = folders if len(folders) <= _SHOWN + 1 else folders[:_SHOWN]
    more = len(folders) - len(shown)
    line = f"import shutil; [shutil.rmtree(each) for each in {list(folders)!r}]"
    return Finding(
        id="leftovers",
        severity="note",
        message="an interrupted `pip` left temporary folders behind: nothing uses them",
        evidence=(
            *(Evidence(label="left", value=each) for each in shown),
            *((Evidence(label="and", value=f"{more} more"),) if more else ()),
        ),
        hint=f"`{line}` removes them",
    )
