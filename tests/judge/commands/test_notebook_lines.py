"""What real notebooks ask a shell for is told right, or said not to be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.judge.commands.values import Invocation
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
    wrong = []
    for expected, line in ROWS:
        text = line.replace("\\\\n", "\\\n").replace("\\n", "\n")
        environ = machine.environ("conda" if CONDA.search(text) else "uv venv", BASH)
        found = ", ".join(map(told, foretell(text, machine, BASH, environ, tmp_path))) or "none"
        if found != expected:
            wrong.append((line, expected, found))
    assert not wrong, wrong


def test_the_lines_are_many_and_none_is_there_twice() -> None:
    lines = [line for _, line in ROWS]
    assert len(lines) == len(set(lines)) > 300
