"""This environment first on the shell's PATH, while `%config PipGuard.path = True`: what activating it does.

Tested in `tests/test_pip_magic.py`.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import MutableMapping

_before: dict[str, str | None] = {}
"""The variables as they were, while it is on; they belong to the process, like ``os.environ``."""


def put_first(environ: MutableMapping[str, str] = os.environ) -> None:
    """Let `!pip`, `!python` and every installed program be this environment's.

    uv goes by ``VIRTUAL_ENV`` before it looks at PATH, so a virtual environment is named there as well.
    """
    if _before:
        return
    folder = sysconfig.get_path("scripts")
    _before.update({name: environ.get(name) for name in ("PATH", "VIRTUAL_ENV")})
    environ["PATH"] = os.pathsep.join(filter(None, (folder, environ.get("PATH", ""))))
    if sys.prefix != sys.base_prefix:
        environ["VIRTUAL_ENV"] = sys.prefix


def take_back(environ: MutableMapping[str, str] = os.environ) -> None:
    """Undo it; what a cell has changed since stays."""
    if not _before:
        return
    first, _, rest = environ.get("PATH", "").partition(os.pathsep)
    if first == sysconfig.get_path("scripts"):
        environ["PATH"] = rest
    if environ.get("VIRTUAL_ENV") == sys.prefix:
        _put(environ, "VIRTUAL_ENV", _before["VIRTUAL_ENV"])
    if _before["PATH"] is None and not environ.get("PATH"):
        environ.pop("PATH", None)
    _before.clear()


def is_first() -> bool:
    """Whether it is on."""
    return bool(_before)


def _put(environ: MutableMapping[str, str], name: str, value: str | None) -> None:
    if value is None:
        environ.pop(name, None)
    else:
        environ[name] = value
