"""Removing distributions by their names: planned and swapped out as an install is, with nothing to fetch.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ipython_where.change.pipeline import take_out
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import with_files_taken_in
from ipython_where.change.steps.builds import InstallError
from ipython_where.change.steps.conda_refusals import refuse_managed
from ipython_where.change.steps.unmanaged import refuse_removal
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import InstallAnswer
from ipython_where.facts.distributions.requirement import parse_requirement
from ipython_where.model import Evidence, Finding
from ipython_where.redact import masked


class NotInstalled(InstallError):
    """Nothing of what is to be removed is installed."""


def uninstall(request: Request, target: TargetEnvironment) -> InstallAnswer:
    """Remove the distributions that a request names. Raises `NotInstalled` where none of them is there."""
    started = time.monotonic()
    asked = request
    request = with_files_taken_in(request, target.world.system.cwd, environ=target.world.environ)
    if request.requirement_files:
        raise InstallError(
            f"`{request.requirement_files[0]}` cannot be read as a list of distributions to remove",
            hint="`-r` takes one requirement per line here, without options or hashes",
            unchanged=True,
        )
    wanted = tuple(dict.fromkeys(map(_project_of, request.requirements)))
    if not wanted:
        raise _nothing_to_remove(asked, target)
    missing = [each for each in wanted if target.installed.get(each) is None]
    if len(missing) == len(wanted):
        names = ", ".join(f"`{each}`" for each in missing)
        raise NotInstalled(
            f"{names} is not installed" if len(missing) == 1 else f"{names} are not installed",
            evidence=_by_nobody(missing, target),
        )
    there = tuple(each for each in wanted if each not in missing)
    refuse_managed(request, target)
    refuse_removal(there, target)  # before a lock is asked for, which another user may hold
    return take_out(there, request, target, started, also=tuple(map(_not_installed, missing)))


def _by_nobody(names: Sequence[str], target: TargetEnvironment) -> tuple[Evidence, ...]:
    """Where the running process sees what is not installed: beside the notebook, in a folder that a cell put on its path."""
    seen = (found for name in names if (found := target.visible.get(name)) is not None)
    return tuple(Evidence(label="on the path, but not installed", value=each.metadata) for each in seen)


def _nothing_to_remove(asked: Request, target: TargetEnvironment) -> InstallError:
    files = [f"`{masked(each)}`" for each in asked.requirement_files]
    return InstallError(
        f"{', '.join(files)} {'names' if len(files) == 1 else 'name'} no distribution that can be removed",
        hint=f"remove a project in a folder by its name: `{target.typed('uninstall', 'NAME')}`",
    )


def _project_of(requirement: str) -> str:
    """The project alone: a file of requirements names versions, too."""
    parsed = parse_requirement(requirement)
    return parsed.name if parsed is not None and (parsed.specifier or parsed.marker or parsed.extras) else requirement


def _not_installed(name: str) -> Finding:
    return Finding(id="not-installed", severity="warning", message=f"`{name}` is not installed")
