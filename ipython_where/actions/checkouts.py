"""Editable repositories (`-e git+…`): pip checks them out for good when it plans, into a folder beside the packages."""

from __future__ import annotations

import os
import re

from ..errors import UsageError
from ..install.checkouts import Checkouts
from ..install.git_checkout import is_at
from ..install.request import Request
from ..install.requirement_files import editables_of
from ..modules.distributions import normalized
from .workplace import Workplace

_REPOSITORY = re.compile(r"(?:[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*)?((?:git|hg|svn|bzr)[+:].*)", re.IGNORECASE)
_NAME = re.compile(r"[#&]egg=([\w.-]+)|^([\w.-]+)\s*(?:\[[^\]]*\])?\s*@")


def checkouts_of(request: Request, place: Workplace) -> Checkouts | None:
    """What pip will check out for a request and the files that it names; None where that is nothing.

    One that is there with the very commit stays as it is. Raises `UsageError` for any other: pip would change it in place.
    """
    cwd, environ = place.world.system.cwd, place.world.environ
    folder = _folder(place)
    names = []
    for each in editables_of(request, cwd, environ=environ):
        repository, named = _REPOSITORY.match(each), _NAME.search(each)
        if repository is None or named is None:  # pip refuses one without a name
            continue
        name = normalized(named[1] or named[2])
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            names.append(name)
        elif not is_at(path, repository[1]):
            raise _would_change(path)
    if not names:
        return None
    return Checkouts(folder=folder, names=tuple(dict.fromkeys(names)), is_new=not os.path.lexists(folder))


def _folder(place: Workplace) -> str:
    """Where pip keeps them: by the environment, or by the notebook where the interpreter is of no environment."""
    description = place.world.description
    is_virtual = description["prefix"] != description["base_prefix"]
    return os.path.join(place.kernel.prefix if is_virtual else place.world.system.cwd or "/", "src")


def _would_change(path: str) -> UsageError:
    return UsageError(
        f"`{path}` is there already, and pip would change it in place",
        hint=f"`-e {path}` takes it as it is, and so does its URL with `@` and its whole commit; `git -C {path} pull` updates it",
    )
