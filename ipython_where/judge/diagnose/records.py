"""What is wrong with install records: they list files that are gone, or contradict each other."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ipython_where.judge.conda_spec import relinked
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One metadata directory of a project; ``version`` is None if it gives none. ``package`` is conda's name for it."""

    metadata: str
    version: str | None
    installer: str | None = None
    package: str | None = None


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
            hint=comes_back(claim, "links it again"),
        )
    if claim.gone:
        yield _files_gone(claim)
    if claim.cut_off:
        yield cut_off_finding(claim)
    yield from (_damaged(claim, problem) for problem in claim.problems)
    if len(claim.twins) > 1:
        yield twice(claim.name, claim.twins, again(claim))
    if claim.conda is not None:
        yield disagreeing(claim.name, claim.conda, claim.record)


def _named(claim: Claim) -> str:
    return f"`{claim.name}`" + (f" {claim.record.version}" if claim.record.version else "")


def cut_off_finding(claim: Claim) -> Finding:
    """Truncated files, as a full disk or an aborted copy leaves them."""
    return Finding(
        id="files-cut-off",
        severity="warning",
        message=f"{_named(claim)} has truncated files: part of their content is missing",
        evidence=(Evidence(label="record", value=claim.record.metadata), *_some(claim.cut_off)),
        hint=comes_back(claim),
    )


def _some(files: Sequence[str]) -> Iterator[Evidence]:
    yield from (Evidence(label="file", value=each) for each in files[:_SHOWN])
    if len(files) > _SHOWN:
        yield Evidence(label="and", value=f"{len(files) - _SHOWN} more")


def comes_back(claim: Claim, does: str = "restores them") -> str:
    """The hint that brings a distribution's files back."""
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
        hint=comes_back(claim),
    )


def _damaged(claim: Claim, problem: str) -> Finding:
    return Finding(
        id="broken-metadata",
        severity="warning",
        message=f"the metadata of `{claim.name}` is damaged",
        evidence=(Evidence(label="folder", value=claim.record.metadata), Evidence(label="reason", value=problem)),
        hint=comes_back(claim, "rewrites it"),
    )


def again(claim: Claim) -> str | None:
    """The line that reinstalls the same version; None if a tool other than pip, uv or conda installed it."""
    return next(_lines([claim]), None)


def _lines(claims: Sequence[Claim]) -> Iterator[str]:
    """The lines that reinstall the same versions: one for pip and uv, one for conda."""
    ours = [each for each in claims if each.record.installer in ("pip", "uv", None)]
    if ours:
        yield "%safepip install --force-reinstall --no-deps " + " ".join(map(_pip_word, ours))
    condas = [each for each in claims if each.record.installer == "conda"]
    if condas:
        yield relinked(each.record.package or each.name for each in condas)


def _pip_word(claim: Claim) -> str:
    """An editable installation comes from its folder: an index may have a stranger's project of that name."""
    if claim.folder is not None:
        return f"-e {shlex.quote(claim.folder)}"
    return claim.name + (f"=={claim.record.version}" if claim.record.version else "")


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


def disagreeing(name: str, conda: Record, other: Record) -> Finding:
    """A version that conda records although another one is installed: pip replaced it behind conda's back."""
    return Finding(
        id="conda-disagrees",
        severity="warning",
        message=f"conda records `{name}` {conda.version}, but {other.installer or 'something else'} installed "
        f"{other.version or 'another version'} over it",
        evidence=(
            Evidence(label="conda", value=conda.metadata, note=conda.version),
            Evidence(label=other.installer or "installed", value=other.metadata, note=other.version),
        ),
        hint=f"`{relinked([conda.package or name])}` gives it back to conda",
    )


def taken_away(lost: Sequence[tuple[str, Record]]) -> Finding:
    """Packages that conda records although another installer removed them; each with the project's name."""
    names = ", ".join(f"`{name}`" for name, _ in lost[:_SHOWN]) + (
        f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
    )
    line = relinked(conda.package or name for name, conda in lost)
    return Finding(
        id="conda-lost",
        severity="warning",
        message=f"conda records {names}, but another installer removed {'it' if len(lost) == 1 else 'them'}",
        evidence=tuple(Evidence(label="conda", value=conda.metadata, note=conda.version) for _, conda in lost[:_SHOWN]),
        hint=f"`{line}` brings {'it' if len(lost) == 1 else 'them'} back",
    )


def vanished(claims: Sequence[Claim]) -> Finding:
    """The distributions of an environment that only the records are left of."""
    number = f"{len(claims)} distributions are" if len(claims) > 1 else "a distribution is"
    return Finding(
        id="files-gone",
        severity="warning",
        message=f"{number} recorded as installed, but {'their' if len(claims) > 1 else 'its'} files are gone",
        evidence=(
            *(Evidence(label=each.name, value=each.record.metadata) for each in claims[:_SHOWN]),
            *((Evidence(label="and", value=f"{len(claims) - _SHOWN} more"),) if len(claims) > _SHOWN else ()),
        ),
        hint="; ".join(_come_back(claims)),
    )


def _come_back(claims: Sequence[Claim]) -> Iterator[str]:
    """What to do about each of them; which ones a line is for is said only if it is not for all."""
    here = [each for each in claims if each.has_folder]
    foreign = [each for each in here if again(each) is None]
    restored = [each for each in here if each not in foreign]
    if restored:
        them = "them" if len(claims) > 1 else "it"
        lines = ", then ".join(f"`{line}`" for line in _lines(restored))
        yield f"{lines} restores {them if len(restored) == len(claims) else _names(restored)}"
    for installer in dict.fromkeys(each.record.installer for each in foreign):
        theirs = _names([each for each in foreign if each.record.installer == installer])
        yield f"reinstall {theirs} with `{installer}`"
    lost = [each.name for each in claims if not each.has_folder]
    if lost:
        of = "records of folders that are gone" if len(lost) > 1 else "record of a folder that is gone"
        yield f"`%safepip uninstall {' '.join(lost)}` removes the {of}"


def _names(claims: Sequence[Claim]) -> str:
    return ", ".join(f"`{each.name}`" for each in claims)


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


def unnamed(record: Record, folder: str | None) -> Finding:
    """`UNKNOWN` 0.0.0 without a module: what setuptools before 61, which read no pyproject.toml, made of a project."""
    again = f", then `%safepip install {shlex.quote(folder)}` with setuptools 61 or newer" if folder else ""
    return Finding(
        id="unnamed",
        severity="warning",
        message="`UNKNOWN` 0.0.0 is a project that an old `setuptools` could not read: none of its modules is installed",
        evidence=(
            Evidence(label="record", value=record.metadata),
            *((Evidence(label="from", value=folder),) if folder else ()),
        ),
        hint=f"`%safepip uninstall UNKNOWN` removes it{again}",
    )
