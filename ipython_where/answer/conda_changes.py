"""What a conda command does to what pip put into this kernel's environment, as far as the command's words tell.

Tested in `tests/answer/test_conda_changes.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ipython_where.facts.conda.pip_effects import CondaStep, pip_effects, read_pip_put
from ipython_where.facts.conda.records import CondaRecord
from ipython_where.facts.distributions.directory import project_of
from ipython_where.facts.distributions.requirement import Markers
from ipython_where.judge.commands.invocations import Invocation
from ipython_where.judge.conda_effects import PipEffect
from ipython_where.judge.conda_spec import name_in
from ipython_where.project_names import normalized

from .world import World


def effects_of(uses: Iterable[Invocation], world: World) -> tuple[PipEffect, ...]:
    """The effects of conda commands on distributions that conda doesn't know of."""
    steps = tuple(_steps(uses, world))
    if not steps:
        return ()
    put = read_pip_put(world.distributions, world.interpreter["site_directories"], world.conda)
    return pip_effects(steps, put, Markers(world.interpreter["markers"]))


def _steps(uses: Iterable[Invocation], world: World) -> Iterator[CondaStep]:
    """What is named, or every package where a line updates all, or what a file lists.

    An install of what isn't conda's yet may bring a project of the same name: conda would overwrite it.
    """
    projects: dict[CondaRecord, set[str]] = {each: set() for each in world.conda.all}
    for path, record in world.conda.python_metadata.items():
        projects[record].add(project_of(os.path.basename(os.fsdecode(path))))
    for use in uses:
        names = [name for name in map(name_in, use.requirements or ()) if name is not None]
        is_removed = use.action == "uninstall"
        for name in names or ([] if is_removed else [each.name for each in world.conda.all]):
            named = world.conda.named(name)
            if named is not None:
                own = frozenset(projects[named])
                yield CondaStep(package=named.name, new=None, is_removed=is_removed, projects=own)
            elif not is_removed:
                yield CondaStep(package=name, new=None, is_removed=False, projects=frozenset((normalized(name),)))
