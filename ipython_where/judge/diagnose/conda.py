"""What is wrong with a conda prefix: variables that activating it sets, broken records, missing files, a change that died.

Tested in `tests/answer/test_conda_environment.py`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence

from ipython_where.judge.conda_effects import PipEffect
from ipython_where.judge.conda_spec import relinked
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaFacts:
    """All that is read for the findings about a conda prefix.

    ``unmet`` are what packages depend on and don't have: a package, what it needs, and the version that is there instead.
    ``altered`` maps a package to its files of another size. ``bundle`` is a variable that names certificates which aren't there.
    ``unlisted``: conda's own list of environments lacks it; ``unpinned`` are pins that are no specs, or of what isn't installed.

    ``unset`` are the variables that activating it would set, each with the file that says so, and ``foreign`` those that lead
    into the environment that is active instead, with their values. ``gone`` maps a package to its missing files; ``unread`` are
    records that can't be read, by package. ``leftovers`` are files of a change that died, or is under way.
    """

    prefix: str
    name: str | None
    is_pixi: bool = False
    frozen: str | None = None
    message: str | None = None
    is_activated: bool = True
    unset: tuple[tuple[str, str], ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    leftovers: tuple[str, ...] = ()
    unmet: tuple[tuple[str, str, str | None], ...] = ()
    altered: tuple[tuple[str, tuple[str, ...]], ...] = ()
    malformed: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = ()
    bundle: tuple[str, str] | None = None
    unlisted: str | None = None


def conda_findings(facts: CondaFacts) -> Iterator[Finding]:
    """Every finding about a conda prefix."""
    yield from _unfinished(facts)
    yield from _unread(facts)
    yield from _gone(facts)
    yield from _altered(facts)
    yield from _unmet(facts)
    yield from _pins(facts)
    yield from _bundle(facts)
    yield from _unlisted(facts)
    yield from _misled(facts)
    yield from _not_activated(facts)
    if facts.frozen is not None:
        yield Finding(
            id="conda-frozen",
            severity="note",
            message="this environment is frozen: conda and `%safepip` refuse to change it",
            evidence=(
                Evidence(label="frozen by", value=facts.frozen),
                *((Evidence(label="", value=facts.message),) if facts.message else ()),
            ),
        )


def _unfinished(facts: CondaFacts) -> Iterator[Finding]:
    if facts.leftovers:
        tool = "`pixi install` brings" if facts.is_pixi else "running that change again brings"
        yield Finding(
            id="conda-unfinished",
            severity="warning",
            message="a change of this conda environment did not end, or is under way",
            evidence=tuple(Evidence(label="left", value=each) for each in facts.leftovers[:_SHOWN]),
            hint=f"if nothing is installing here now, {tool} it to its end",
        )


def _unread(facts: CondaFacts) -> Iterator[Finding]:
    if facts.unread:
        names = [name for name, _ in facts.unread]
        yield Finding(
            id="conda-record-broken",
            severity="warning",
            message=f"conda's {'records' if len(names) > 1 else 'record'} of {_listed(names)} can't be read: which files "
            f"{'they have' if len(names) > 1 else 'it has'} is unknown, and conda fails here",
            evidence=tuple(Evidence(label="record", value=file) for _, file in facts.unread[:_SHOWN]),
            hint=f"move {'them' if len(names) > 1 else 'it'} away, then `{_again(names, facts)}` writes "
            f"{'them' if len(names) > 1 else 'it'} again",
        )


def _gone(facts: CondaFacts) -> Iterator[Finding]:
    if facts.gone:
        count = sum(len(files) for _, files in facts.gone)
        names = [name for name, _ in facts.gone]
        shown = tuple(Evidence(label=name, value=_files(files)) for name, files in facts.gone[:_SHOWN])
        yield Finding(
            id="conda-files-gone",
            severity="warning",
            message=f"{count} {'files' if count > 1 else 'file'} of conda packages {'are' if count > 1 else 'is'} gone",
            evidence=shown,
            hint=f"`{_again(names, facts)}` restores {'them' if count > 1 else 'it'}",
        )


def _altered(facts: CondaFacts) -> Iterator[Finding]:
    if facts.altered:
        count = sum(len(files) for _, files in facts.altered)
        names = [name for name, _ in facts.altered]
        yield Finding(
            id="conda-files-altered",
            severity="note",
            message=f"{count} {'files' if count > 1 else 'file'} of conda packages {'were' if count > 1 else 'was'} changed "
            "since conda installed them",
            evidence=tuple(Evidence(label=name, value=_files(files)) for name, files in facts.altered[:_SHOWN]),
            hint=f"`{_again(names, facts)}` restores {'them' if count > 1 else 'it'}",
        )


def _unmet(facts: CondaFacts) -> Iterator[Finding]:
    if facts.unmet:
        names = list(dict.fromkeys(name for name, _, _ in facts.unmet))
        lacking = [needs.split()[0] for _, needs, there in facts.unmet if there is None]
        line = " ".join(dict.fromkeys(lacking or names))
        yield Finding(
            id="conda-inconsistent",
            severity="warning",
            message=f"conda's records name what {_listed(names)} {'depend' if len(names) > 1 else 'depends'} on, "
            "and it isn't there",
            evidence=tuple(
                Evidence(label=name, value=f"needs {needs}", note=f"{there} is there" if there else "not installed")
                for name, needs, there in facts.unmet[:_SHOWN]
            ),
            hint=None if facts.is_pixi else f"`%safeconda {'install' if lacking else 'update'} {line}`",
        )


def _pins(facts: CondaFacts) -> Iterator[Finding]:
    file = os.path.join(facts.prefix, "conda-meta", "pinned")
    if facts.malformed:
        yield Finding(
            id="conda-pin-malformed",
            severity="warning",
            message=f"{_listed(facts.malformed)} in `pinned` is no spec, so that conda fails here",
            evidence=(Evidence(label="file", value=file),),
            hint="a pin is a name with versions, one a line: `numpy 1.26.*`",
        )
    if facts.unpinned:
        yield Finding(
            id="conda-pin-unused",
            severity="note",
            message=f"{_listed(facts.unpinned)} {'are' if len(facts.unpinned) > 1 else 'is'} pinned and not installed",
            evidence=(Evidence(label="file", value=file),),
        )


def _bundle(facts: CondaFacts) -> Iterator[Finding]:
    if facts.bundle is not None:
        name, path = facts.bundle
        yield Finding(
            id="certificates-gone",
            severity="warning",
            message=f"`{name}` names certificates that aren't there: conda, and pip, reach no channel or index by https",
            evidence=(Evidence(label=name, value=path),),
            hint=f"`%env {name}=` empties it in this kernel",
        )


def _unlisted(facts: CondaFacts) -> Iterator[Finding]:
    if facts.unlisted is not None and not facts.is_pixi:
        yield Finding(
            id="conda-unlisted",
            severity="note",
            message="`conda env list` doesn't show this environment",
            evidence=(Evidence(label="not in", value=facts.unlisted),),
        )


def _files(files: Sequence[str]) -> str:
    return files[0] + (f" and {len(files) - 1} more" if len(files) > 1 else "")


def _again(names: Sequence[str], facts: CondaFacts) -> str:
    return f"pixi reinstall {' '.join(names)}" if facts.is_pixi else relinked(names)


def _misled(facts: CondaFacts) -> Iterator[Finding]:
    if facts.foreign:
        names = [name for name, _ in facts.foreign]
        yield Finding(
            id="conda-variables-elsewhere",
            severity="warning",
            message=f"{_listed(names)} {'lead' if len(names) > 1 else 'leads'} into another conda environment, "
            "which is active in place of this kernel's",
            evidence=tuple(Evidence(label=name, value=value) for name, value in facts.foreign[:_SHOWN]),
            hint=_start(facts),
        )


def _not_activated(facts: CondaFacts) -> Iterator[Finding]:
    if facts.unset and not facts.is_activated:
        names = [name for name, _ in facts.unset]
        yield Finding(
            id="conda-not-activated",
            severity="note",
            message=f"this environment is not activated, so {_listed(names)} {'are' if len(names) > 1 else 'is'} not set",
            evidence=tuple(Evidence(label=name, value=file) for name, file in facts.unset[:_SHOWN]),
            hint=_start(facts),
        )


def _start(facts: CondaFacts) -> str:
    means = f"-n {shlex.quote(facts.name)}" if facts.name else f"-p {shlex.quote(facts.prefix)}"
    line = "pixi run jupyter lab" if facts.is_pixi else f"conda run {means} --no-capture-output jupyter lab"
    return f"`{line}` starts Jupyter with them; or set them under `env` in the kernel's `kernel.json`"


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{each}`" for each in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(shown) + more) if more or len(shown) < 2 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def altered_finding(package: str, file: str, size: int, recorded: int | None) -> Finding:
    """A file that is not as conda installed it."""
    return Finding(
        id="conda-file-altered",
        severity="note",
        message=f"the file was changed since conda installed `{package}`",
        evidence=(
            Evidence(label="file", value=file, note=f"{size:,} bytes"),
            Evidence(label="recorded", value=f"{recorded:,} bytes" if recorded is not None else "unknown"),
        ),
    )


def changed_finding(package: str, files: Sequence[str]) -> Finding:
    """The files of a package that are not what conda linked."""
    more = [Evidence(label="and", value=f"{len(files) - _SHOWN} more")] if len(files) > _SHOWN else []
    return Finding(
        id="conda-files-altered",
        severity="note",
        message=f"{len(files)} {'files' if len(files) > 1 else 'file'} of `{package}` "
        f"{'were' if len(files) > 1 else 'was'} changed since conda installed {'them' if len(files) > 1 else 'it'}",
        evidence=(*(Evidence(label="file", value=each) for each in files[:_SHOWN]), *more),
        hint=f"`{relinked([package])}` restores {'them' if len(files) > 1 else 'it'}",
    )


def beneath_finding(effects: Sequence[PipEffect]) -> Finding:
    """What conda would do to distributions that it doesn't know of, name by name."""
    does = {
        "overwritten": "files of `{by}` would come over its own",
        "orphaned": "`{by}` takes files of it along, and its metadata stays",
        "broken": "it requires `{why}`, which `{by}` no longer meets",
    }
    names = _listed([each.name for each in effects])
    return Finding(
        id="conda-pip-beneath",
        severity="warning",
        message=f"conda does not know of {names}, which another installer put into this environment",
        evidence=tuple(
            Evidence(
                label=each.name, value=each.version or "unknown", note=does[each.does].format(by=each.by, why=each.why)
            )
            for each in effects[:_SHOWN]
        ),
        hint=f"`%safepip uninstall --allow-conda {' '.join(each.name for each in effects)}` removes "
        f"{'them' if len(effects) > 1 else 'it'} first"
        if any(each.does != "broken" for each in effects)
        else None,
    )
