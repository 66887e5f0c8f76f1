"""Editable repositories (`-e git+…`): pip checks them out for good when it plans, into a folder beside the packages."""

from __future__ import annotations

import os
import re

from ..errors import UsageError
from ..install.checkouts import Checkouts
from ..install.request import Request
from ..install.requirement_files import editables_of
from ..modules.distributions import normalized
from .workplace import Workplace

_REPOSITORY = re.compile(r"(?:[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*)?(?:git|hg|svn|bzr)[+:]", re.IGNORECASE)
_NAME = re.compile(r"[#&]egg=([\w.-]+)|^([\w.-]+)\s*(?:\[[^\]]*\])?\s*@")


def checkouts_of(request: Request, place: Workplace) -> Checkouts | None:
    """What pip will check out for a request and the files that it names; None where that is nothing.

    Raises `UsageError` for one that is there: pip would change it in place.
    """
    cwd, environ = place.world.system.cwd, place.world.environ
    wanted = [each for each in editables_of(request, cwd, environ=environ) if _REPOSITORY.match(each)]
    if not wanted:
        return None
    found = [match for each in wanted if (match := _NAME.search(each)) is not None]  # pip refuses one without a name
    names = tuple(dict.fromkeys(normalized(match[1] or match[2]) for match in found))
    folder = _folder(place)
    for name in names:
        _refuse_existing(os.path.join(folder, name))
    return Checkouts(folder=folder, names=names, is_new=not os.path.lexists(folder))


def _folder(place: Workplace) -> str:
    """Where pip keeps them: by the environment, or by the notebook where the interpreter is of no environment."""
    description = place.world.description
    is_virtual = description["prefix"] != description["base_prefix"]
    return os.path.join(place.kernel.prefix if is_virtual else place.world.system.cwd or "/", "src")


def _refuse_existing(path: str) -> None:
    if os.path.lexists(path):
        raise UsageError(
            f"`{path}` is there already, and pip would change it in place",
            hint=f"`-e {path}` in its place takes it as it is; `git -C {path} pull` updates it",
        )
