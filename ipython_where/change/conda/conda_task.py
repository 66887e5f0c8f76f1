"""From a `%safeconda` line to what is solved: the line's specs, those of before, pins, channels.

Tested in `tests/change/conda/test_conda_change.py`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import UsageError, WhereError
from ipython_where.facts.conda.condarc import Condarc, read_condarc
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaRecords
from ipython_where.facts.files import read_bytes
from ipython_where.judge.conda_spec import name_in
from ipython_where.judge.names import near
from ipython_where.model import Evidence
from ipython_where.redact import masked

from .conda_change import CondaTask
from .conda_request import CondaRequest
from .conda_settings import channels_for, findings_of, network_of, pins_of, platforms_of, priority_of, refuse_policies
from .rattler_engine import Asked, Rattler

_CHANNEL = re.compile(rb'"channel"\s*:\s*"([^"\\]+)"')
_EXACT = re.compile(r"([\w.-]+)\s*==?\s*[\w.+!]+=[\w.]+", re.ASCII)
_USUAL = 1_000_000


def install_task(
    request: CondaRequest, engine: Rattler, prefix: CondaPrefix, records: CondaRecords, target: TargetEnvironment
) -> CondaTask:
    """Install or update: what was asked for before stays asked for, and nothing that is here is dropped."""
    settings = settings_of(prefix, records, target)
    refuse_policies(request, settings)
    own = channels_of(records)
    names = _names(request.specs)
    new = [name for name in names if records.named(name) is None]
    if request.command == "update" and new:
        raise _nothing_to_update(new, request)
    wishes = {name: spec for name, spec in (prefix.history.asked or {}).items() if records.named(name)}
    repaired = _repaired(request, records)
    kept = [spec for name, spec in wishes.items() if name not in names or name in repaired]
    asked_now = tuple(each for each in request.specs if each.strip().lower() not in repaired)
    others = [each.name for each in records.all if each.name not in names and each.name not in wishes]
    network = network_of(request, settings, target.world.environ)
    asked = Asked(
        specs=(*request.specs, *map(_movable, kept), *(() if request.allow_conflicts else others)),
        constraints=pins_of(request, settings, prefix.pinned),
        channels=channels_for(request, settings, own, cwd=target.world.system.cwd or "/"),
        platforms=platforms_of(settings),
        free=names if request.command == "update" else (),
        all_free=request.all,
        frozen=request.frozen,
        again=names if request.reinstall else (),
        priority=priority_of(request, settings),
        config=network.config,
        environ=network.environ,
        offline=network.offline,
    )
    return CondaTask(
        request=request,
        engine=engine,
        asked=asked,
        names=names,
        wishes=asked_now,
        requested=(*asked_now, *kept),
        findings=tuple(findings_of(request, settings, own)),
    )


def _movable(wish: str) -> str:
    """A wish of before as it is solved for: one for a single build, as an exported file has them, is no reason to refuse.

    What is there is preferred anyway; conda lets go of such a wish where it has to (conda/core/solve.py).
    """
    found = _EXACT.fullmatch(wish.strip())
    return found[1] if found else wish


def _repaired(request: CondaRequest, records: CondaRecords) -> frozenset[str]:
    """The names that are only linked again: whoever asked for them, and for which version, is not forgotten over that."""
    names = (each.strip().lower() for each in request.specs)
    return frozenset(each for each in names if request.reinstall and records.named(each) is not None)


def removal_task(
    request: CondaRequest, engine: Rattler, prefix: CondaPrefix, records: CondaRecords, target: TargetEnvironment
) -> CondaTask:
    """Remove packages by their names. Raises `WhereError` for one that is not installed."""
    names = _names(request.specs)
    missing = [name for name in names if records.named(name) is None]
    if missing:
        raise _not_installed(missing, records, target)
    kept = tuple(spec for name, spec in (prefix.history.asked or {}).items() if name not in names)
    return CondaTask(request=request, engine=engine, asked=Asked(removed=names), names=names, requested=kept)


def settings_of(prefix: CondaPrefix, records: CondaRecords, target: TargetEnvironment) -> Condarc:
    """conda's settings for a prefix."""
    world = target.world
    return read_condarc(
        world.environ,
        world.home,
        root=root_of(prefix.prefix, world.environ.get("CONDA_EXE"), is_base=records.named("conda") is not None),
        prefix=prefix.prefix,
    )


def root_of(prefix: str, program: str | None, *, is_base: bool) -> str | None:
    """The prefix of the conda installation that a prefix belongs to, as far as its place or `CONDA_EXE` says.

    ``is_base``: conda itself is installed in it.
    """
    if is_base:
        return prefix
    above = os.path.dirname(prefix)
    if os.path.basename(above) == "envs":
        return os.path.dirname(above)
    if program and os.path.isabs(program):
        return os.path.dirname(os.path.dirname(program))
    return None


def channels_of(records: CondaRecords) -> tuple[str, ...]:
    """The channels that the packages of a prefix came from, the usual one first."""
    found = Counter(channel for each in records.all for channel in _channel_in(each.file))
    return tuple(channel for channel, _ in found.most_common())


def _channel_in(record: str) -> Iterator[str]:
    matched = _CHANNEL.search(read_bytes(record, _USUAL) or b"")
    if matched is not None:
        url = matched[1].decode("utf-8", "replace").rstrip("/")
        # conda's records name the folder of the platform, too
        yield re.sub(r"/(?:noarch|(?:linux|osx|win)-\w+)$", "", url)


def _names(specs: Sequence[str]) -> tuple[str, ...]:
    found = [name_in(each) for each in specs]
    for spec, name in zip(specs, found, strict=True):
        if name is None:
            raise UsageError(f"`{spec}` names no conda package")
    return tuple(dict.fromkeys(each for each in found if each))


def _nothing_to_update(new: Sequence[str], request: CondaRequest) -> WhereError:
    return WhereError(
        f"conda has no {', '.join(f'`{each}`' for each in new)} in this environment to update",
        hint=f"`%safeconda install {' '.join(map(masked, request.specs))}` installs what is missing",
    )


def _not_installed(missing: Sequence[str], records: CondaRecords, target: TargetEnvironment) -> WhereError:
    names = ", ".join(f"`{each}`" for each in missing)
    by_pip = [each for each in missing if target.installed.get(each) is not None]
    close = near(missing[0], [each.name for each in records.all], limit=1)
    hint = f"`%safeconda remove {close[0]}`" if close else "`%safeconda list` shows what conda has"
    if by_pip:
        hint = f"`%safepip uninstall {' '.join(by_pip)}`: pip installed it"
    return WhereError(
        f"conda has no {names} in this environment",
        evidence=tuple(Evidence(label=each, value="installed by pip") for each in by_pip),
        hint=hint,
    )
