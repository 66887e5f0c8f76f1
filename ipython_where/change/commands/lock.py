"""What is installed, written down as a lock file (pylock.toml, PEP 751) that pip, uv and `%safepip sync` take.

Tested in `tests/change/test_lock_sync.py`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ipython_where.change.installers.interface import Installer, Site
from ipython_where.change.plan.choose import choose
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.disk import write_users
from ipython_where.errors import CommandError, UsageError
from ipython_where.facts.distributions.installed import Installed, wanted
from ipython_where.facts.distributions.pylock import (
    DEFAULT,
    LockFileError,
    by_path,
    is_lock,
    is_lock_name,
    make_lock,
    named_in,
    package_of,
    without_secrets,
)
from ipython_where.facts.distributions.requirement import Markers
from ipython_where.facts.files import read_utf8
from ipython_where.legible import legible
from ipython_where.project_names import canonical_name
from ipython_where.redact import masked

_TOOLS = ("pip", "setuptools", "uv", "wheel")


def lock(request: Request, target: TargetEnvironment) -> str:
    """Write what is installed to a lock file, with the files and hashes that are proven; one line says what was locked.

    Nothing installed says by itself which file it was made from, except what came by a direct URL: the rest is what the
    installer finds for the very version now. Raises `LockFileError`, with nothing written, where it finds none.
    """
    path = _path(request, target)
    installed = _to_lock(target.installed.all(), target.markers)
    known, lines = _from_direct_urls(installed, target, os.path.dirname(path))
    found: tuple[dict[str, Any], ...] = ()
    if lines:
        installer, _ = choose(
            request,
            target.settings,
            target.available,
            pip=target.pip_config.values,
            cwd=target.world.system.cwd,
            environ=target.world.environ,
        )
        target.progress.step(f"asking {installer.name} for the files of {len(lines)} distributions")
        with target.site() as site:
            found = _files(installer, lines, request, site, target)
        _refuse_incomplete(found, lines)
    tables = [*known, *(by_path(without_secrets(each), os.path.dirname(path)) for each in found)]
    text = make_lock(tables, target.world.interpreter["markers"])
    _write(path, text, target)
    # a bare `lock` says where the notebook's folder is, too
    shown = _shown(path, target) if request.arguments else legible(path, target.world.home)
    locked = f"locked {len(tables)} distribution{'' if len(tables) == 1 else 's'} in `{shown}`"
    if not lines:
        return locked + (", by direct URL" if known else "")
    also = f", {len(known)} of them by direct URL" if known else ""
    return f"{locked}{also}, with the versions that {installer.name} finds today"


def _path(request: Request, target: TargetEnvironment) -> str:
    named = request.arguments[0] if request.arguments else DEFAULT
    path = os.path.normpath(os.path.join(target.world.system.cwd or "/", os.path.expanduser(named)))
    if not is_lock_name(path):
        raise UsageError(
            f"`{masked(named)}` is not a lock file name: installers accept `pylock.toml` or `pylock.NAME.toml`",
            hint="`%safepip lock pylock.NAME.toml`",
        )
    if os.path.lexists(path) and not {"-y", "--yes"} & {*request.words} and not is_lock(read_utf8(path) or "", path):
        raise LockFileError(
            f"`{_shown(path, target)}` exists and is not a lock file",
            evidence=(path,),
            hint=f"`%safepip {shlex.join(request.words)} --yes` overwrites it",
        )
    return path


def _shown(path: str, target: TargetEnvironment) -> str:
    cwd = target.world.system.cwd or "/"
    return os.path.relpath(path, cwd) if path.startswith(f"{cwd.rstrip('/')}/") else path


def _to_lock(installed: Mapping[str, Installed], markers: Markers) -> list[Installed]:
    """Everything but the installers and what builds with them, where nothing requires these: as `pip freeze` has it."""
    needed = {
        requirement.name
        for each in installed.values()
        if each.project not in _TOOLS
        for requirement in wanted(each, markers)
        if requirement is not None
    }
    return [each for project, each in sorted(installed.items()) if project not in _TOOLS or project in needed]


def _from_direct_urls(
    installed: Sequence[Installed], target: TargetEnvironment, folder: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """The entries that direct_url.json proves, and the lines to ask the installer about."""
    known, lines = [], []
    for each in installed:
        direct_url = target.installed.provenance(each).direct_url
        table = package_of(each.name, each.version, direct_url, folder=folder)
        if table is not None:
            known.append(table)
        else:
            lines.append(_line(each, direct_url))
    return known, lines


def _line(installed: Installed, direct_url: bytes | None) -> str:
    """An archive whose hash was not recorded is asked for by its URL."""
    import json

    try:
        return f"{installed.name} @ {json.loads(direct_url or b'')['url']}"
    except (ValueError, KeyError, TypeError):
        return f"{installed.name}=={installed.version}"


def _files(
    installer: Installer, lines: Sequence[str], request: Request, site: Site, target: TargetEnvironment
) -> tuple[dict[str, Any], ...]:
    """Ask for all; where some have no file, go on without them until all of those are known: one answer names one."""
    missing: list[str] = []
    pending = list(lines)
    while pending:
        done = target.run(installer.files_of(pending, request, site), lambda line: None, data=True)
        try:
            found = installer.parse_files(done)
        except CommandError:
            named = list(named_in(done.stderr, pending))
            if not named:
                raise
            missing += named
            pending = [each for each in pending if each not in named]
            continue
        if not missing:
            return found
        break
    raise _missing(missing)


def _refuse_incomplete(found: Sequence[Mapping[str, Any]], lines: Sequence[str]) -> None:
    names = {each.get("name") for each in found}
    missing = [line for line in lines if canonical_name(line.partition(" @ ")[0].partition("==")[0]) not in names]
    if missing:
        raise _missing(missing)


def _missing(lines: Sequence[str]) -> LockFileError:
    names = ", ".join(f"`{line.partition('==')[0].partition(' @ ')[0]}`" for line in lines)
    return LockFileError(
        f"no file of {names} was found to lock",
        evidence=tuple(masked(line) for line in lines),
        hint="nothing was written; `--find-links FOLDER` or `-i URL` adds places to look",
    )


def _write(path: str, text: str, target: TargetEnvironment) -> None:
    try:
        write_users(target.disk, path, text.encode())
    except OSError as error:
        raise LockFileError(f"`{path}` cannot be written", evidence=(str(error),)) from None
