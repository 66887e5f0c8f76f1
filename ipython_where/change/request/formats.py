"""Recognises other files that people pass as a requirements file, and says which tool reads them."""

from __future__ import annotations

import os
import re

from ipython_where.errors import UsageError
from ipython_where.redact import masked

from .safepip_line import typed

_BY_NAME = (
    (r"pylock\.(?:[^.]+\.)?toml", "a lock file", ""),
    (
        r"uv\.lock",
        "uv's lock file",
        "`!uv export --format pylock.toml -o pylock.toml` writes a file that `%safepip sync` accepts",
    ),
    (r"poetry\.lock", "poetry's lock file", "`!poetry export -o requirements.txt` writes a file that `-r` accepts"),
    (r"pdm\.lock", "pdm's lock file", "`!pdm export -o requirements.txt` writes a file that `-r` accepts"),
    (
        r"Pipfile(?:\.lock)?",
        "pipenv's file",
        "`!pipenv requirements > requirements.txt` writes a file that `-r` accepts",
    ),
    (r"(?:environment|conda-lock)[\w.-]*\.ya?ml", "conda's file", "`%safeconda sync {file}` follows it"),
    (r"pixi\.(?:lock|toml)", "pixi's file", "`!pixi install` applies it"),
    (r"pyproject\.toml|setup\.(?:py|cfg)", "a project's own file", "`%safepip install {folder}` installs that project"),
)
_LOCK_TEXT = re.compile(rb"^lock-version\s*=", re.MULTILINE)
_LOOKED_AT = 4096


def refuse_another_format(file: str, cwd: str) -> None:
    """Raise `UsageError` for a local file of another tool, recognised by its name or its first lines.

    If there is no such file, it may be a project's name.
    """
    path = os.path.join(cwd, os.path.expanduser(file))
    if "://" in file or not os.path.isfile(path):
        return
    for pattern, what, hint in _BY_NAME:
        if re.fullmatch(pattern, os.path.basename(path)):
            raise _refused(file, what, hint)
    if _is_lock(path):
        raise _refused(file, "a lock file", "")


def _is_lock(path: str) -> bool:
    """Whether a file starts like a pylock.toml (PEP 751), whatever its name."""
    try:
        with open(path, "rb") as opened:
            return _LOCK_TEXT.search(opened.read(_LOOKED_AT)) is not None
    except OSError:
        return False


def _refused(file: str, what: str, hint: str) -> UsageError:
    named = f'"{file}"' if re.search(r"\s", file) else file
    sync = f"`{typed('sync', named)}` makes this environment match it, and removes what it does not list"
    folder = (
        os.path.join(os.path.dirname(file), "") or "."
    )  # with its slash, so that pip does not take it for a project name
    return UsageError(
        f"`{masked(file)}` is {what}, not a requirements file",
        hint=hint.format(file=named, folder=folder) if hint else sync,
    )
