"""What real notebooks ask a shell for is told right, or said not to be known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ipython_where.judge.commands.invocations import Invocation
from tests.facts.shell.shells import BASH

from .predictions import foretell
from .recorders import Machine
from .recorders import machine as kept_machine
from .test_differential import CONDA

TEXT = Path(__file__).with_name("notebook_lines.txt").read_text(encoding="utf-8")
ROWS = [
    tuple(part.strip() for part in row.split(" | ", 1)) for row in TEXT.splitlines() if row and not row.startswith("#")
]
WHERE = {True: "kernel", False: "other", None: "?"}
RUNS = {True: "", False: " never", None: " maybe"}


@pytest.fixture(scope="module")
def machine() -> Machine:
    return kept_machine()


def told(each: Invocation) -> str:
    return f"{each.tool} {each.action} {WHERE[each.same_environment]}{RUNS[each.runs]}"


def test_each_line_of_a_notebook_is_told_right(machine: Machine, tmp_path: Path) -> None:
    for name in ("setup.py", "get-pip.py"):
        (tmp_path / name).touch()
    wrong = []
    for expected, line in ROWS:
        text = line.replace("\\\\n", "\\\n").replace("\\n", "\n")
        environ = machine.environ("conda" if CONDA.search(text) else "uv venv", BASH)
        found = ", ".join(map(told, foretell(text, machine, BASH, environ, tmp_path))) or "none"
        if ">/dev/nul" in text.replace("/dev/null", "") and not os.access("/dev", os.W_OK):
            expected = (
                f"{expected} never"  # a slip that creates a file where root may, and else keeps the shell from it
            )
        if found != expected:
            wrong.append((line, expected, found))
    assert not wrong, wrong


def test_the_lines_are_many_and_none_is_there_twice() -> None:
    lines = [line for _, line in ROWS]
    assert len(lines) == len(set(lines)) > 300
