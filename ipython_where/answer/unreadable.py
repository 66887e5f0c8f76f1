"""Which folder or file of a module this user may not read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ipython_where.facts.files import is_out_of_reach
from ipython_where.facts.imports.finding import Found, find
from ipython_where.judge.diagnose.unreadable import Unreached

from .world import World


def read_unreached(name: str, world: World) -> Unreached | None:
    """What keeps this user from a module: its own file or folder, or that of a package above it."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        module = ".".join(parts[:length])
        found = find(module, world.system).found
        if found is None:
            return next(unreached_entries(world), None) if length == 1 else None
        for path, is_folder in _paths(found):
            if is_out_of_reach(path, is_folder=is_folder):
                return _described(path, module, is_folder=is_folder)
    return None


def _paths(found: Found) -> Iterator[tuple[str, bool]]:
    if found.kind == "namespace":
        yield from ((each, True) for each in found.locations or () if os.path.isabs(each))
    elif found.file is not None and not found.zipped:
        yield found.file, False


def unreached_entries(world: World) -> Iterator[Unreached]:
    """The entries of the path that are folders which this user may not list."""
    for entry in world.path:
        if is_out_of_reach(entry, is_folder=True) and os.path.isdir(entry):
            yield _described(entry, None, is_folder=True)


def _described(path: str, module: str | None, *, is_folder: bool) -> Unreached:
    status = os.stat(path)
    return Unreached(
        path=path, mode=stat.filemode(status.st_mode), owner=_name(status.st_uid), module=module, is_folder=is_folder
    )


def _name(user: int) -> str:
    try:
        from pwd import getpwuid
    except ImportError:  # Windows
        return str(user)
    try:
        return getpwuid(user).pw_name
    except KeyError:
        return str(user)
