"""One `%safepip` line, carried out: each command finds its way from here.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import time

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Progress, Silent
from ipython_where.change.installers.registry import OURS
from ipython_where.change.request.command_help import help_of, overview
from ipython_where.change.request.local_files import refuse_misread
from ipython_where.change.request.repositories import refuse_repositories
from ipython_where.change.request.request import FETCHING, READING, Request, parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.steps.interrupted import interrupted
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import HistoryAnswer, InstallAnswer
from ipython_where.errors import UsageError, WhereError
from ipython_where.interrupts import let_go
from ipython_where.judge.names import near
from ipython_where.model import PageAnswer
from ipython_where.redact import masked

from .install import install
from .lock import lock
from .reading import read
from .recovery import recover, recover_first
from .sync import sync
from .tree import tree
from .undo import history, undo
from .uninstall import uninstall

__all__ = ["carry_out", "place_of", "recover", "safepip"]

Outcome = InstallAnswer | HistoryAnswer | PageAnswer | str
"""A reading command's outcome is the installer's own text."""


def safepip(line: str, world: World | None = None, *, progress: Progress | None = None) -> Outcome:
    """Carry out a line such as ``install numpy>=2``, in the environment of ``world``'s interpreter.

    Raises `WhereError` when it is not understood, refused, or fails: then nothing was changed.
    """
    return carry_out(parse_request(split_line(line)), world or World.here(), progress or Silent())


def place_of(world: World, progress: Progress, *, user: bool = False) -> TargetEnvironment:
    """The environment of ``world``'s interpreter as one to change."""
    return TargetEnvironment(world=world, progress=progress, user=user)


def carry_out(request: Request, world: World, progress: Progress) -> Outcome:
    """Carry out a request that was understood. Raises `Interrupted` when it is interrupted."""
    if request.help:
        return overview() if request.command == "help" else help_of(request.command)
    if request.command == "page":
        return _page(request, world)
    if request.server:
        from ipython_where.change.server_environment import server_place

        return carry_out_in(server_place(world, progress), request)
    return carry_out_in(place_of(world, progress, user=request.user), request)


def _page(request: Request, world: World) -> PageAnswer:
    from ipython_where.answer.page import ask_page

    if request.arguments:
        raise WhereError(
            f"nobody can ask a page to {request.arguments[0]} anything here",
            hint=f"run `{request.shown()}` in a cell of the notebook that the page shows",
        )
    return ask_page(world)


def carry_out_in(target: TargetEnvironment, request: Request) -> Outcome:
    """Carry out a request in an environment. Raises `Interrupted` when it is interrupted."""
    started = time.time()
    try:
        return _carried_out(target, request)
    except KeyboardInterrupt as error:
        let_go(error)
        raise interrupted(request, target, since=started) from None


def _carried_out(target: TargetEnvironment, request: Request) -> Outcome:
    try:
        _refuse_unusable_installer(request, target)
        refuse_misread(request, target.world.system.cwd)
        refuse_repositories(request, target.world.system.cwd, target.world.environ)
        if request.command in ("install", "uninstall"):
            recover_first(target)
        if request.command == "install":
            return install(request, target)
        if request.command == "uninstall":
            return uninstall(request, target)
        if request.command == "undo":
            return undo(request, target)
        if request.command == "history":
            return history(target, verbose=bool(request.verbose))
        if request.command == "sync":
            return sync(request, target)
        if request.command == "lock":
            return lock(request, target)
        if request.command == "tree":
            return tree(request, target)
        assert request.command in (*READING, *FETCHING)
        return read(request, target)
    finally:
        target.progress.close()


def _refuse_unusable_installer(request: Request, target: TargetEnvironment) -> None:
    """A name after `--with` that nobody declares is a slip, even where the command needs no installer."""
    name = request.installer
    if name in ("auto", *OURS):
        return
    declared = sorted({each.name for each in target.entries})
    if name not in declared:
        close = near(name, declared, limit=1)
        hint = "leave it out: `%safepip` takes the fastest that gives the same answer"
        raise UsageError(
            f"`--with {masked(name)}` names no installer: there are " + ", ".join(f"`{each}`" for each in declared),
            hint=f"`--with {close[0]}`" if close else hint,
        )
    for finding in target.unusable:
        if finding.evidence[0].value.startswith(f"{name} = "):
            raise WhereError(
                f"the installer `{name}` cannot be used",
                evidence=tuple(f"{each.label:<11}  {each.value}" for each in finding.evidence),
                hint="; ".join(filter(None, (f"leave out `--with {name}`", finding.hint))),
            )
