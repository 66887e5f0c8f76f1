"""Words the refusals of a change to what conda, or pixi, owns; and the lines that do the same in their language.

Tested in `tests/change/steps/test_conda_refusals.py`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from ipython_where.change.values import Change
from ipython_where.facts.conda.ownership import CondaClaim
from ipython_where.facts.conda.prefix import PixiProject
from ipython_where.facts.conda.records import CondaRecord
from ipython_where.judge.conda_spec import relinked
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaChange:
    """A distribution that would change although conda owns it, or something of it.

    ``claim`` is None where only its own INSTALLER says so: no record of conda is left. ``wanted`` is a version or a specifier in
    conda's spelling (`=2.0.2`, `<2`), empty for any; ``moved`` is what a reader is shown.
    """

    name: str
    claim: CondaClaim | None
    moved: str
    wanted: str = ""
    verb: str = "install"

    @property
    def conda_name(self) -> str:
        """What conda calls it."""
        return self.claim.record.name if self.claim is not None else self.name


def planned(change: Change, claim: CondaClaim | None, moved: str) -> CondaChange:
    """A change of a plan."""
    verb = "remove" if change.kind == "removed" else "install"
    wanted = f"={change.new}" if change.new and verb == "install" else ""
    return CondaChange(name=change.name, claim=claim, moved=moved, wanted=wanted, verb=verb)


def owned_findings(changes: Sequence[CondaChange], prefix: str, *, is_kernels: bool) -> Iterator[Finding]:
    """The findings, errors that `--allow-conda` allows: what conda installed, and what was put over that.

    ``is_kernels``: the prefix is the kernel's own, the one that `%safeconda` changes.
    """
    whole = [each for each in changes if each.claim is None or each.claim.is_whole]
    if whole:
        yield Finding(
            id="conda-owned",
            severity="error",
            message="conda installed " + ", ".join(map(_named, whole)) + " and would not know about the change",
            evidence=tuple(Evidence(label=each.name, value=each.moved, note=_note(each)) for each in whole),
            hint=f"{in_conda(whole, prefix, is_kernels=is_kernels)}, or allow it with `--allow-conda`",
        )
    for each in changes:
        if each.claim is not None and not each.claim.is_whole:
            yield _put_over(each, each.claim.record, prefix, is_kernels=is_kernels)


def _named(change: CondaChange) -> str:
    is_alike = normalized(change.conda_name) == normalized(change.name)
    return f"`{change.name}`" if is_alike else f"`{change.name}` as `{change.conda_name}`"


def _note(change: CondaChange) -> str | None:
    unread = change.claim is not None and not change.claim.is_sure
    return "conda's record of it can't be read" if unread else None


def _put_over(change: CondaChange, record: CondaRecord, prefix: str, *, is_kernels: bool) -> Finding:
    again = f"`{relinked([record.name])}` gives it back to conda"
    if not is_kernels:
        line = f"conda install --prefix {shlex.quote(prefix)} --force-reinstall {record.name}={record.version}"
        again = f"to give it back to conda, `%safepip uninstall --server --allow-conda {change.name}`, then `{line}`"
    return Finding(
        id="conda-owned",
        severity="error",
        message=f"`{change.name}` was installed over conda's {record.shown}, which lists files that would change",
        evidence=(
            Evidence(label=change.name, value=change.moved),
            Evidence(label="conda", value=record.file, note=record.version),
        ),
        hint=f"`--allow-conda` allows it; {again}",
    )


def in_conda(changes: Iterable[CondaChange], prefix: str, *, is_kernels: bool) -> str:
    """The conda commands that do the same."""
    by_verb: dict[str, list[str]] = {"remove": [], "install": [], "update": []}
    for each in changes:
        word = f"{each.conda_name}{each.wanted}"
        by_verb[each.verb].append(f'"{word}"' if re.search(r"[^\w.-]", word) else word)
    if is_kernels:
        return " and ".join(f"`%safeconda {verb} {' '.join(names)}`" for verb, names in by_verb.items() if names)
    return " and ".join(
        f"`conda {verb} --prefix {shlex.quote(prefix)} {' '.join(names)}`" for verb, names in by_verb.items() if names
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaClash:
    """A file of a conda package that ``by`` would overwrite, remove or hide. ``path`` is relative to the prefix."""

    record: CondaRecord
    by: str
    path: str
    does: str


def clash_findings(clashes: Iterable[CondaClash]) -> Iterator[Finding]:
    """One finding for each package, by whom and how; errors that `--allow-conda` allows."""
    grouped: dict[tuple[CondaRecord, str, str], list[str]] = {}
    for each in clashes:
        grouped.setdefault((each.record, each.by, each.does), []).append(each.path)
    for (record, by, does), paths in grouped.items():
        every = sorted(set(paths))
        count = "a file" if len(every) == 1 else f"{len(every)} files"
        what = f"a module of `{record.name}`" if does == "hide" else f"{count} of `{record.name}`"
        shown = [Evidence(label="file", value=path) for path in every[:_SHOWN]]
        more = [Evidence(label="file", value=f"and {len(every) - _SHOWN} more")] if len(every) > _SHOWN else []
        yield Finding(
            id="conda-owned",
            severity="error",
            message=f"`{by}` would {does} {what}, which conda installed",
            evidence=(*shown, *more, Evidence(label="conda", value=record.file, note=record.version)),
            hint="`--allow-conda` allows it",
        )


def frozen_finding(file: str, message: str | None) -> Finding:
    """That nobody is to change the environment."""
    return Finding(
        id="conda-frozen",
        severity="error",
        message="this environment is frozen: whoever made it wants no changes",
        evidence=(Evidence(label="frozen by", value=file), *((Evidence(label="", value=message),) if message else ())),
        hint="`conda create --clone` makes a copy that may be changed, or allow it with `--allow-frozen`",
    )


def pixi_finding(project: PixiProject, command: str, names: Sequence[str], prefix: str) -> Finding:
    """That pixi brings the environment back to its lock file, with pixi's own line for it."""
    manifest = f" --manifest-path {shlex.quote(project.manifest)}" if project.manifest else ""
    verb = {"install": "add", "uninstall": "remove"}.get(command)
    line = (
        f"pixi {verb} --pypi{manifest} {' '.join(map(_quoted, names))}" if verb and names else f"pixi install{manifest}"
    )
    feature = project.environment if project.environment not in (None, "default") else None
    where = f", with `--feature` for one of the environment `{feature}`" if verb and feature else ""
    does = {"add": "installs it", "remove": "removes it"}.get(verb or "", "brings it to what its lock file says")
    return Finding(
        id="pixi-owned",
        severity="error",
        message="pixi manages this environment, and would not know about the change",
        evidence=(Evidence(label="pixi", value=project.manifest or prefix, note=project.environment),),
        hint=f"`{line}` {does}{where}; or allow it with `--allow-conda`",
    )


def _quoted(word: str) -> str:
    return f'"{word}"' if re.search(r"[^\w.@:/-]", word) and '"' not in word else shlex.quote(word)
