"""Refuses local paths that can't mean what the line says, before anything is started."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from ipython_where.change.installers.child_environ import local_path
from ipython_where.errors import UsageError
from ipython_where.redact import masked

from .formats import refuse_another_format
from .request import FETCHING, Request
from .safepip_line import typed

_FOLDER = re.compile(r"-d|-w|--dest(?:ination-directory)?|--wheel-dir")


def refuse_misread(request: Request, cwd: str, is_file: Callable[[str], bool] = os.path.isfile) -> None:
    """Raise `UsageError` for a requirements file without `-r`, for another kind of file passed as one, and for a relative path
    if ``cwd``, the working directory, is gone (empty).
    """
    if not cwd:
        for path in _paths(request):
            refuse_without_folder(path)
    if request.command not in ("install", "uninstall"):
        return
    for file in (*request.requirement_files, *request.constraint_files, *request.requirements):
        refuse_another_format(file, cwd)
    for requirement in request.requirements:
        path = os.path.join(cwd, os.path.expanduser(requirement))
        if requirement.endswith((".txt", ".in")) and "://" not in requirement and is_file(path):
            word = f'"{requirement}"' if re.search(r"\s", requirement) else requirement
            raise UsageError(
                f"`{masked(requirement)}` is a requirements file: use `-r` to {request.command} what it lists",
                hint=f"`{typed(request.command, '-r', word)}`",
            )


def refuse_without_folder(path: str) -> None:
    """Raise `UsageError` if a path is relative: the working directory is gone."""
    if not re.match(r"~|[A-Za-z][\w+.-]+:", path) and not os.path.isabs(path):
        raise UsageError(
            f"`{masked(path)}` is relative to the working directory, which was deleted",
            hint="`%cd FOLDER` changes to an existing one",
        )


def _paths(request: Request) -> Iterator[str]:
    yield from (*request.requirement_files, *request.constraint_files, *request.find_links)
    for requirement in request.requirements:
        local = local_path(requirement)
        if local is not None:
            yield local[0]
    yield from (each.partition("[")[0] for each in request.editables if "://" not in each)
    if request.command == "sync":
        yield from request.arguments
    elif request.command == "lock":
        yield from request.arguments or ("pylock.toml",)
    elif request.command in FETCHING and not any(map(_FOLDER.match, request.arguments)):
        yield "."
