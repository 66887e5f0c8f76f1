"""Editable repositories (`-e git+…`): pip checks them out for good when it plans, into a folder beside the packages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import UsageError
from ..install.request import Request
from ..install.transaction import Staging
from .workplace import Workplace


class Checkouts:
    """The folders that come up while it lasts. They go again unless the ``staging`` that they are for is committed."""

    def __init__(self) -> None:
        self.staging: Staging | None = None


@contextmanager
def checkouts(request: Request, place: Workplace) -> Iterator[Checkouts]:
    """Watch over the checkouts of an install. Raises `UsageError` for one that is there: pip would change it in place."""
    made = Checkouts()
    if not any("+" in each.partition("://")[0] for each in request.editables):
        yield made
        return
    folder = _folder(place)
    _refuse_existing(request, folder)
    before = _names_in(folder)
    try:
        yield made
    finally:
        if made.staging is None or not place.store.is_committed(made.staging):
            for name in (_names_in(folder) or set()) - (before or set()):
                place.disk.remove_tree(os.path.join(folder, name))
            if before is None and os.path.isdir(folder):
                place.disk.remove_directory(folder)


def _folder(place: Workplace) -> str:
    """Where pip keeps them: by the environment, or by the notebook where the interpreter is of no environment."""
    description = place.world.description
    is_virtual = description["prefix"] != description["base_prefix"]
    return os.path.join(place.kernel.prefix if is_virtual else place.world.system.cwd or "/", "src")


def _names_in(folder: str) -> set[str] | None:
    try:
        return set(os.listdir(folder))
    except FileNotFoundError:
        return None


def _refuse_existing(request: Request, folder: str) -> None:
    for each in request.editables:
        name = re.search(r"[#&]egg=([\w.-]+)", each) or re.match(r"([\w.-]+)\s*(?:\[.*\])?\s*@", each)
        path = os.path.join(folder, name[1]) if name is not None else ""
        if path and os.path.lexists(path):
            raise UsageError(
                f"`{path}` is there already, and pip would change it in place",
                hint=f"`%safepip install -e {path}` installs it as it is; `git -C {path} pull` updates it",
            )
