"""The head of a script says which interpreter runs it, and whose entry point it is."""

from __future__ import annotations

import os

import pytest

from ipython_where.facts.interpreters.scripts import (
    NamedInterpreter,
    NeighbourInterpreter,
    PyenvShim,
    Script,
    SearchedInterpreter,
    entry_point,
    read_script,
)

SHIM = """#!/usr/bin/env bash
set -e
program="${0##*/}"
export PYENV_ROOT="/srv/pyenv/"
exec "/srv/pyenv/libexec/pyenv" exec "$program" "$@"
"""


SCRIPTS = [
    ("#!/a/bin/python3\n", NamedInterpreter(path="/a/bin/python3")),
    ("#! /a/bin/python3.11 -sE\r\n", NamedInterpreter(path="/a/bin/python3.11")),
    ("#!/usr/bin/env python3\n", SearchedInterpreter(name="python3")),
    ("#!/usr/bin/env -S python -I\n", SearchedInterpreter(name="python")),
    ("#!/usr/bin/env python -I\n", None),
    ("#!/usr/bin/env -S A=b python\n", None),
    ("#!/usr/bin/env ruby\n", None),
    ("#!/bin/sh\n'''exec' \"/a b/bin/python\" \"$0\" \"$@\"\n' '''\n", NamedInterpreter(path="/a b/bin/python")),
    ("#!/bin/sh\n'''exec' '/a b/bin/python' \"$0\" \"$@\"\n' '''\n", NamedInterpreter(path="/a b/bin/python")),
    ("#!/bin/sh\n'''exec' /long/bin/python \"$0\" \"$@\"\n' '''\n", NamedInterpreter(path="/long/bin/python")),
    ("#!/bin/sh\n'''exec' \"$HOME/bin/python\" \"$0\" \"$@\"\n' '''\n", None),
    ("#!/bin/sh\n'''exec' \"/a/bin/python\" -I \"$0\" \"$@\"\n' '''\n", None),
    ("#!/bin/sh\n'''exec' \"unclosed\n", None),
    (
        "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python3' \"$0\" \"$@\"\n' '''\n",
        NeighbourInterpreter(name="python3"),
    ),
    (SHIM, PyenvShim(root="/srv/pyenv", program="/srv/pyenv/libexec/pyenv")),
    (SHIM.replace("env bash", "env python"), SearchedInterpreter(name="python")),
    (SHIM.replace("/srv", "$HOME"), None),
    ('#!/bin/bash\nexec /a/bin/python -m pip "$@"\n', None),
    ("import pip\n", None),
    ("#!\n", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), SCRIPTS)
def test_a_scripts_first_lines_say_which_interpreter_runs_it(text: str, expected: Script | None) -> None:
    assert read_script(text.encode()) == expected


MORE = [
    ("#!/opt/x/bin/pypy3\n", NamedInterpreter(path="/opt/x/bin/pypy3")),
    ("#!/usr/bin/env pypy3\n", SearchedInterpreter(name="pypy3")),
    ("#!/usr/bin/env --split-string=python -I\n", SearchedInterpreter(name="python")),
    ("#!/usr/bin/env -S\n", None),
    ("#!/usr/bin/env\n", None),
    (SHIM.replace("/usr/bin/env bash", "/bin/bash"), PyenvShim(root="/srv/pyenv", program="/srv/pyenv/libexec/pyenv")),
    (SHIM.replace("/usr/bin/env bash", "/bin/zsh"), None),
    (SHIM.replace("export", "# export"), None),
    (SHIM.replace("exec", "# exec"), None),
]
EXEC = "'''exec' {} \"$0\" \"$@\"{}\n"


@pytest.mark.parametrize(("text", "expected"), MORE)
def test_the_kinds_of_first_lines(text: str, expected: Script | None) -> None:
    """Other interpreters, the long option of `env`, and shims that are none."""
    assert read_script(text.encode()) == expected


@pytest.mark.parametrize("shell", ["/bin/sh", "/usr/bin/dash", "/bin/bash"])
def test_a_trampoline_of_a_shell(shell: str) -> None:
    """It has to be the second line, of a shell, and to name one file alone."""
    found = NamedInterpreter(path="/a b/bin/python")
    quoted = EXEC.format('"/a b/bin/python"', "")
    assert read_script(f"#!{shell}\n{quoted}".encode()) == found
    for first, path, more in (
        (f"#!{shell}\necho", "/a/python", ""),
        (f"#!{shell}", "", ""),
        (f"#!{shell}", "/a/python", " more"),
        (f"#!{shell}", "`which python`", ""),
        ("#!/usr/bin/perl", "/a/python", ""),
    ):
        assert read_script(f"{first}\n{EXEC.format(path, more)}".encode()) is None


def test_bytes_of_any_kind_are_read() -> None:
    assert read_script(b"#!/\xff/python\n") == NamedInterpreter(path=os.fsdecode(b"/\xff/python"))
    assert read_script(b"\x7fELF\x02\x01\x00") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from pip._internal.cli.main import main", "pip"),
        ("    from conda.cli import main", "conda"),
        ("load_entry_point('pip==9.0', 'console_scripts', 'pip')", "pip"),
        ("import subprocess; subprocess.call(['/x/pip'])", None),
        ("import pipx", None),
    ],
)
def test_a_script_of_somebodys_own_is_no_entry_point(line: str, expected: str | None) -> None:
    assert entry_point(f"#!/usr/bin/python3\nimport sys\n{line}\n".encode()) == expected
