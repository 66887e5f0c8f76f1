"""Which programs of this kernel's environment the shell would not start by their names.

Tested in `tests/test_guard_kernel.py`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

from ipython_where.judge.commands.references import Typed, as_typed, with_stand_ins
from ipython_where.judge.commands.shell.launch import Launch
from ipython_where.judge.commands.shell.state import State
from ipython_where.judge.commands.written_files import is_changed
from ipython_where.model import Evidence, Finding
from ipython_where.runner import Runner

from .command import Followed, follow
from .world import World

PATH_HINT = "`%config PipGuard.path = True` puts this environment first on the shell's PATH"


class Stray(NamedTuple):
    """A command by whose name another program starts than this environment's ``own``, or none."""

    text: str
    name: str
    own: str
    found: str | None


def strays(
    text: str,
    world: World,
    folder: str,
    brought: Collection[str],
    *,
    typed: str | None,
    program: str | None,
    run: Runner,
) -> Iterator[Stray]:
    """The programs of a line that another environment has, although ``folder``, this one's, has one of that name.

    What leads to no Python counts only if it is among ``brought``: `curl` is the same everywhere. Package managers are left
    out, because they are judged by what they change. ``typed`` is the line before IPython expanded it to ``text``.
    """
    followed = follow(text, world, program=program, run=run)
    for at, (launch, managers) in enumerate(followed.judged):
        name = launch.name
        if not managers and name and "/" not in name and launch.runs is not False and not _is_unknown(launch):
            own = os.path.join(folder, name)
            if os.access(own, os.X_OK) and os.path.isfile(own):
                for each in _stray(launch, own, name in brought, followed):
                    hidden = with_stand_ins(text, typed, world.environ)
                    yield each if hidden is None else _as_typed(each, at, followed, hidden, world, program, run)


def _as_typed(
    stray: Stray, at: int, followed: Followed, hidden: Typed, world: World, program: str | None, run: Runner
) -> Stray:
    """The same with what was typed for the secrets of its line, of whose programs it is number ``at``."""
    named = follow(hidden.text, replace(world, environ=hidden.variables), program=program, run=run)
    if [launch.name for launch, _ in named.judged] != [launch.name for launch, _ in followed.judged]:
        return stray._replace(text=stray.name)  # the shell parses a value as more than one word
    return stray._replace(text=as_typed(named.judged[at][0].text, hidden.stand_ins))


def _is_unknown(launch: Launch) -> bool:
    state: State = launch.state
    return launch.is_lost or state.is_lost or state.cwd is None or state.value("PATH") is None


def _stray(launch: Launch, own: str, is_brought: bool, followed: Followed) -> Iterator[Stray]:
    reader, cwd = followed.reader, launch.state.cwd or "/"
    if reader is None:
        return
    environ = {key: each.value for key, each in launch.state.variables.items() if each.is_exported and each.value}
    if not is_brought and reader.reach(own, environ, cwd).interpreter is None:
        return
    found = reader.reach(launch.name or "", environ, cwd).path
    if launch.state.is_touched and (found is None or is_changed(found, launch.state)):
        return  # an earlier command of the line may bring it
    if found is None or not reader.is_same(os.path.dirname(found), os.path.dirname(own)):
        yield Stray(launch.text, launch.name or "", own, found)


def stray_finding(stray: Stray) -> Finding:
    """What is said before such a command."""
    command = " ".join(stray.text.split())
    is_there = stray.found is not None
    return Finding(
        id="other-program",
        severity="warning",
        message=f"`{command}` starts a different `{stray.name}` than the one in this kernel's environment"
        if is_there
        else f"`{command}` finds no `{stray.name}`, because this kernel's environment is not on the shell's PATH",
        evidence=(
            Evidence(label="kernel", value=stray.own),
            *((Evidence(label="command", value=stray.found),) if stray.found is not None else ()),
        ),
        hint=PATH_HINT,
    )


def unreachable_finding(names: tuple[str, ...], folder: str, *, hint: bool) -> Finding:
    """What is said of commands that were installed, and that the shell doesn't find."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    named = ", ".join(f"`{name}`" for name in names[:3])
    return Finding(
        id="not-on-path",
        severity="note",
        message=f"{named}{more} {'is' if len(names) == 1 else 'are'} in {folder}, which is not on this shell's PATH",
        hint=PATH_HINT if hint else None,
    )
