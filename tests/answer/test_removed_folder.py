"""A working directory that was removed: every question has an answer."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.environments import ROOT, call

INSIDE = """
import json, os, sys
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from IPython.utils.capture import capture_output
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
shell = TerminalInteractiveShell.instance()
os.rmdir(sys.argv[1])
sys.path.insert(0, "")
os.environ.update(PATH=".:relative:" + os.environ["PATH"], PIP_CONFIG_FILE="pip.conf", VIRTUAL_ENV="env", JUPYTER_PATH="jupyter")
from ipython_where import environment, where
from ipython_where.__main__ import main
from ipython_where.answer.command import judge_command
from ipython_where.answer.known_names import complete
from ipython_where.answer.world import World

asked = {}
for name in ("packaging", "packaging.version", "os.path", "nowhere", "nowhere.at_all", "pip-tools"):
    answer = where(name)
    asked[name] = [answer.found, bool(str(answer))]
asked["environment"] = bool(str(environment(verbose=True)))
for command in ("pip install .", "pip install -r r.txt", "uv sync", "cd x && pip install y", "./pip install x"):
    asked[command] = bool(str(judge_command(command, World.here())))
asked["complete"] = ("packaging", "module") in complete("pack", World.here())
with capture_output() as printed:
    asked["terminal"] = [main(["packaging"]), main([]), main(["nowhere"]), main(["--command", "pip install six"])]
cells = ["%load_ext ipython_where", "%where", "%where packaging", "%where !pip install six", "!true || pip install six"]
cells += ["%%bash\\ntrue || pip install six", "%safepip list", "%safepip history"]
with capture_output() as printed:
    results = [shell.run_cell(each) for each in cells]
asked["cells"] = [each.success for each in results]
asked["printed"] = [word for word in ("Traceback", "failed") if word in printed.stdout + printed.stderr]
print(json.dumps(asked))
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process in a folder that is gone is told."""
    folder = tmp_path_factory.mktemp("removed")
    home = folder / "home"
    home.mkdir()
    printed = call(
        sys.executable,
        "-W",
        "ignore",
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + INSIDE,
        folder / "gone",
        HOME=str(home),
        IPYTHONDIR=str(home / "ipython"),
    )
    return dict(json.loads(printed.splitlines()[-1]))


def test_a_name_is_answered(asked: dict[str, Any]) -> None:
    for name in ("packaging", "packaging.version", "os.path"):
        assert asked[name] == [True, True]
    for name in ("nowhere", "nowhere.at_all"):
        assert asked[name] == [False, True]


def test_the_environment_and_a_command_are_answered(asked: dict[str, Any]) -> None:
    assert asked["environment"] is True
    assert asked["pip install ."] is True
    assert asked["complete"] is True


def test_the_terminal_and_the_cells_are_answered(asked: dict[str, Any]) -> None:
    """Neither an error, nor a guard that gives up."""
    assert asked["terminal"] == [0, 0, 1, 0]
    assert all(asked["cells"])
    assert asked["printed"] == []
