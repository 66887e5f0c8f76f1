"""After a redirected install: says where its commands are, and warns before a command that another environment would run.

Tested in `tests/test_guard_kernel.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata

from ipython_where.answer.programs import stray_finding, strays, unreachable_finding
from ipython_where.answer.world import World
from ipython_where.change.values import InstallAnswer
from ipython_where.model import Finding
from ipython_where.runner import never


class OwnPrograms:
    """What a session's redirected installs brought, and what was said of it."""

    def __init__(self) -> None:
        self.brought: set[str] = set()
        self.told: set[str] = set()
        self.is_offered = False

    def after(self, answers: Iterable[object]) -> tuple[Finding, ...]:
        """What to say after installs: where the commands of the requested projects are, if the shell doesn't find them."""
        folder = sysconfig.get_path("scripts")
        names = [name for each in answers if isinstance(each, InstallAnswer) for name in _requested(each)]
        commands = tuple(dict.fromkeys(command for name in names for command in _commands(name, folder)))
        self.brought.update(commands)
        missing = tuple(each for each in commands if shutil.which(each) is None)
        if not missing:
            return ()
        is_first, self.is_offered = not self.is_offered, True
        return (unreachable_finding(missing, folder, hint=is_first),)

    def before(self, script: str, world: World, program: str | None, typed: str | None) -> tuple[Finding, ...]:
        """What to say before a command, once a program."""
        folder = sysconfig.get_path("scripts")
        found = []
        for each in strays(script, world, folder, self.brought, typed=typed, program=program, run=never):
            if each.name not in self.told:
                self.told.add(each.name)
                found.append(stray_finding(each))
        return tuple(found)


_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def _requested(answer: InstallAnswer) -> Iterator[str]:
    yield from (each.name for each in answer.changes if each.asked_for and each.new is not None)
    yield from (found[0] for each in answer.plan.satisfied if (found := _NAME.match(each)))


def _commands(project: str, folder: str) -> list[str]:
    """The programs of an installed project, the one of its own name first."""
    places = [sysconfig.get_path(each) for each in ("purelib", "platlib")]
    found = next(iter(metadata.distributions(name=project, path=places)), None)
    files = [os.path.normpath(str(found.locate_file(each))) for each in found.files or ()] if found else []
    names = {os.path.basename(each) for each in files if os.path.dirname(each) == os.path.normpath(folder)}
    return sorted(names, key=lambda each: (each != project, each))
