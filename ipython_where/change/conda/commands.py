"""A `%safeconda` line, carried out: each command finds its way from here.

Tested in `tests/change/conda/test_conda_change.py`.
"""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import replace

from ipython_where.answer.world import World
from ipython_where.change.commands.dispatch import Outcome, place_of
from ipython_where.change.commands.recovery import recover_first
from ipython_where.change.commands.undo import history, undo
from ipython_where.change.installers.progress import Progress, Silent
from ipython_where.change.plan.conda_owned import frozen_finding
from ipython_where.change.steps.answering import nothing_to_do
from ipython_where.change.steps.interrupted import interrupted
from ipython_where.change.steps.judging import refused
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import InstallAnswer
from ipython_where.errors import WhereError
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaRecords
from ipython_where.interrupts import let_go
from ipython_where.model import Evidence

from .conda_change import change
from .conda_export import export
from .conda_help import conda_help
from .conda_request import CHANGING, CondaRequest, parse_conda_request, split_conda_line
from .conda_sync import read_wanted, sync_task, with_file
from .conda_task import install_task, removal_task
from .environment_file import EnvironmentFile
from .rattler_engine import find_rattler
from .satisfied_specs import satisfying


def safeconda(line: str, world: World | None = None, *, progress: Progress | None = None) -> Outcome:
    """Carry out a line such as ``install numpy>=2``, in the conda environment of ``world``'s interpreter.

    Raises `WhereError` when it is not understood, refused, or fails: then nothing was changed.
    """
    return carry_out(parse_conda_request(split_conda_line(line)), world or World.here(), progress or Silent())


def carry_out(request: CondaRequest, world: World, progress: Progress) -> Outcome:
    """Carry out a request that was understood. Raises `Interrupted` when it is interrupted."""
    return conda_help(request.command) if request.help else carry_out_in(place_of(world, progress), request)


def carry_out_in(target: TargetEnvironment, request: CondaRequest) -> Outcome:
    """Carry out a request in an environment. Raises `Interrupted` when it is interrupted."""
    started = time.time()
    try:
        return _carried_out(target, request)
    except KeyboardInterrupt as error:
        let_go(error)
        raise interrupted(request.as_safepip, target, since=started) from None


def _carried_out(target: TargetEnvironment, request: CondaRequest) -> Outcome:
    try:
        prefix = CondaPrefix(target.root)
        _refuse_others(prefix, target)
        if request.command == "history":
            return history(target, verbose=request.verbose)
        if request.command == "export":
            return export(request, target)
        if request.command == "list":
            return listed(request, target.world.distributions.conda(target.root))
        _refuse_changes(request, prefix, target)
        recover_first(target)
        if request.command == "undo":
            return undo(request.as_safepip, target)
        assert request.command in CHANGING
        return _changed(request, target)
    finally:
        target.progress.close()


def listed(request: CondaRequest, records: CondaRecords) -> str:
    """The packages that conda's records name; with words, those whose names hold one of them."""
    words = [each.lower() for each in request.arguments]
    shown = [each for each in records.all if not words or any(word in each.name for word in words)]
    if not shown:
        return "no conda package here is called that" if words else "conda has no package here"
    widths = [max(len(getattr(each, part)) for each in shown) for part in ("name", "version", "build")]
    rows = ((each.name, each.version, each.build) for each in shown)
    return "\n".join(
        "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _changed(request: CondaRequest, target: TargetEnvironment) -> InstallAnswer:
    started = time.monotonic()
    wanted = read_wanted(request, target) if request.command == "sync" else None
    if isinstance(wanted, EnvironmentFile):
        request = with_file(request, wanted)
    proven = _proven(request, target.world.distributions.conda(target.root))
    if proven is not None:
        return nothing_to_do(request.as_safepip, target, proven, started)
    engine = find_rattler(target)
    with target.locked(request.shown()) as lock, target.at_work(lock) as target:
        prefix, records = CondaPrefix(target.root), target.world.distributions.conda(target.root)
        if wanted is not None:
            task = sync_task(request, wanted, engine, prefix, records, target)
        else:
            make = removal_task if request.command == "remove" else install_task
            task = make(request, engine, prefix, records, target)
        return change(task, replace(target), started)


def _proven(request: CondaRequest, records: CondaRecords) -> tuple[str, ...] | None:
    """What proves that an install has nothing to do, without starting anything; None where that isn't certain."""
    if request.command != "install" or request.reinstall or records.unread:
        return None
    found = [satisfying(spec, records.named) for spec in request.specs]
    if not all(found):
        return None
    return tuple(f"{spec} by {each.shown}" for spec, each in zip(request.specs, found, strict=True) if each)


def _refuse_others(prefix: CondaPrefix, target: TargetEnvironment) -> None:
    history = os.path.join(prefix.prefix, "conda-meta", "history")
    if not os.path.isdir(os.path.dirname(history)):
        raise WhereError(
            "this kernel's environment is not one of conda's",
            evidence=(target.named, Evidence(label="missing", value=os.path.dirname(history))),
            hint="`%safepip install NAME` installs into it",
        )


def _refuse_changes(request: CondaRequest, prefix: CondaPrefix, target: TargetEnvironment) -> None:
    """Refuse what somebody else manages: a frozen environment, and pixi's, which pixi would take back at its next start."""
    if prefix.pixi is not None:
        manifest = f" --manifest-path {shlex.quote(prefix.pixi.manifest)}" if prefix.pixi.manifest else ""
        verb = {"remove": "remove", "sync": "install"}.get(request.command, "add")
        names = "" if verb == "install" else f" {shlex.join(request.specs) or 'NAME'}"
        line = f"pixi {verb}{manifest}{names}"
        raise WhereError(
            "pixi manages this environment, and its next `pixi run` would undo the change",
            evidence=(target.named, Evidence(label="pixi", value=prefix.pixi.manifest or prefix.prefix)),
            hint=f"`{line}`, in a terminal",
            unchanged=True,
        )
    if prefix.is_frozen and not request.allow_frozen:
        mark = os.path.join(prefix.prefix, "conda-meta", "frozen")
        raise refused((frozen_finding(mark, prefix.frozen_message),), target)
