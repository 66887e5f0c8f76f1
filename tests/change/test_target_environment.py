"""The environment as a place to change: what it is told by the world, and what it hides."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.world import World
from ipython_where.change.installers.interface import Command
from ipython_where.change.installers.process import Child, Meanwhile, Show, nothing
from ipython_where.change.installers.progress import Silent
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import WhereError
from ipython_where.runner import Completed


def place(child: Child | None = None, **environ: str) -> TargetEnvironment:
    """This process's environment, in a world with these variables; nothing of it is changed here."""
    world = World.here()
    mine = {name: value for name, value in world.environ.items() if not name.startswith(("PIP_", "UV_"))}
    made = TargetEnvironment(world=replace(world, environ={**mine, **environ}), progress=Silent())
    return made if child is None else replace(made, child=child)


def test_the_root_is_the_prefix_and_for_a_user_the_users_base() -> None:
    """A virtual environment does not look into the user's site: then there is no such root."""
    here = place()
    assert here.root == here.kernel.prefix
    assert here.site_directory in here.site_directories
    if not here.kernel.user_site_enabled:
        with pytest.raises(WhereError) as raised:
            _ = replace(here, user=True).root
        assert raised.value.lines() == ["this kernel does not use the user site", "", "hint: leave out `--user`"]


def test_what_would_divert_is_named_once() -> None:
    """Variables of pip and of uv, in the order in which they are known; others are not."""
    assert place(PIP_TARGET="/x", UV_PYTHON="/y", PIP_INDEX_URL="https://i.example", PIP_USER="").neutralised == (
        "PIP_TARGET",
        "UV_PYTHON",
    )


def test_a_commands_files_are_private_and_its_lines_masked(tmp_path: Path) -> None:
    """Nobody else may read what may hold a password, and no line shows one."""
    seen: list[tuple[str, int]] = []

    def child(
        command: Command,
        *,
        show: Show,
        keep: Sequence[int] = (),
        data: bool = False,
        meanwhile: Meanwhile = nothing,
    ) -> Completed:
        file = command.argv[-1]
        seen.append((Path(file).read_text(), os.stat(file).st_mode & 0o777))
        show("Looking in https://me:hunter2@index.example/simple")
        return Completed(argv=command.argv, returncode=0, stdout="", stderr="")

    path = str(tmp_path / "wanted.txt")
    log: list[str] = []
    command = Command(argv=("pip", path), env={}, cwd="/", files=((path, "--index-url https://me:hunter2@x\n"),))
    place(child).run(command, log.append)
    assert seen == [("--index-url https://me:hunter2@x\n", 0o600)]
    assert log == ["Looking in https://****@index.example/simple"]


def test_the_folder_of_a_site_is_private_and_goes(tmp_path: Path) -> None:
    """It is the owner's alone, and nothing of it is left."""
    with place().site() as site:
        assert os.stat(site.folder).st_mode & 0o777 == 0o700
    assert not os.path.exists(site.folder)


def test_afresh_forgets_what_was_read() -> None:
    """Another process may have changed the environment before the lock was held."""
    here = place()
    assert here.installed is here.installed
    assert here.afresh().installed is not here.installed
