"""One `%safepip` line, carried out: each command finds its way from here.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import time

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Progress, Silent
from ipython_where.change.request.line import split_line
from ipython_where.change.request.local_files import refuse_misread
from ipython_where.change.request.repositories import refuse_repositories
from ipython_where.change.request.request import FETCHING, READING, Request, parse_request
from ipython_where.change.steps.interrupted import interrupted
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import HistoryAnswer, InstallAnswer

from .install import install
from .lock import lock
from .reading import read
from .recovery import recover, recover_first
from .sync import sync
from .tree import tree
from .undo import history, undo
from .uninstall import uninstall

__all__ = ["carry_out", "place_of", "recover", "safepip"]

Outcome = InstallAnswer | HistoryAnswer | str
"""A reading command's outcome is the installer's own text."""


def safepip(line: str, world: World | None = None, *, progress: Progress | None = None) -> Outcome:
    """Carry out a line such as ``install numpy>=2``, in the environment of ``world``'s interpreter.

    Raises `WhereError` when it is not understood, refused, or fails: then nothing was changed.
    """
    return carry_out(parse_request(split_line(line)), world or World.here(), progress or Silent())


def place_of(world: World, progress: Progress, *, user: bool = False) -> TargetEnvironment:
    """The environment of ``world``'s interpreter as a place to change."""
    return TargetEnvironment(world=world, progress=progress, user=user)


def carry_out(request: Request, world: World, progress: Progress) -> Outcome:
    """Carry out a request that was understood. Raises `Interrupted` when it is interrupted."""
    if request.server:
        from ipython_where.change.server_environment import server_place

        return carry_out_in(server_place(world, progress), request)
    return carry_out_in(place_of(world, progress, user=request.user), request)


def carry_out_in(place: TargetEnvironment, request: Request) -> Outcome:
    """Carry out a request in a place."""
    started = time.time()
    try:
        refuse_misread(request, place.world.system.cwd)
        refuse_repositories(request, place.world.system.cwd, place.world.environ)
        if request.command in ("install", "uninstall"):
            recover_first(place)
        if request.command == "install":
            return install(request, place)
        if request.command == "uninstall":
            return uninstall(request, place)
        if request.command == "undo":
            return undo(request, place)
        if request.command == "history":
            return history(place, verbose=bool(request.verbose))
        if request.command == "sync":
            return sync(request, place)
        if request.command == "lock":
            return lock(request, place)
        if request.command == "tree":
            return tree(request, place)
        assert request.command in (*READING, *FETCHING)
        return read(request, place)
    except KeyboardInterrupt:
        raise interrupted(request, place, since=started) from None
    finally:
        place.progress.close()
