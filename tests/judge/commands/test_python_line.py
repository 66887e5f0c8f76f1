"""What a Python is given on its command line, and whether that may start a package manager."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from ipython_where.judge.commands.python_line import MOST, PythonLine, may_start, read_python, runs_unknown
from ipython_where.judge.commands.shell.expansion import Field
from ipython_where.judge.commands.shell.launch import Launch
from ipython_where.judge.commands.shell.script import Literal, Redirect, Word
from ipython_where.judge.commands.shell.state import State

from .files import Files


def fields(*words: str | None) -> tuple[Field, ...]:
    return tuple(Field(word) for word in words)


def line(kind: str, given: str | None = None, *behind: str | None, options: str = "") -> PythonLine:
    return PythonLine(kind, given, fields(*behind), options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["-m", "pip", "install", "x"], line("module", "pip", "install", "x")),
        (["-mpip", "install"], line("module", "pip", "install")),
        (["-Im", "pip", "-q"], line("module", "pip", "-q", options="I")),
        (["-I", "-Bmpip"], line("module", "pip", options="IB")),
        (["-m"], line("module")),
        (["-m", None], line("module")),
        (["-c", "code", "-m", "pip"], line("code", "code", "-m", "pip")),
        (["-ccode", "-m"], line("code", "code", "-m")),
        (["-c"], line("code")),
        (["x.py", "-m", "pip"], line("script", "x.py", "-m", "pip")),
        (["-u", "x.py"], line("script", "x.py", options="u")),
        (["-W", "error", "x.py"], line("script", "x.py")),
        (["-Werror", "x.py"], line("script", "x.py")),
        (["-bX", "dev", "x.py"], line("script", "x.py", options="b")),
        (["-Xdev", "-m", "pip"], line("module", "pip")),
        (["--check-hash-based-pycs", "always", "x.py"], line("script", "x.py")),
        (["-", "a", "b"], line("input", None, "a", "b")),
        (["-i", "-", "a"], line("input", None, "a", options="i")),
        ([], line("input")),
        (["-V"], line("prints")),
        (["-BV"], line("prints", options="B")),
        (["-h", "x"], line("prints")),
        (["-?"], line("prints")),
        (["--version"], line("prints")),
        (["--help-env", "x"], line("prints")),
        (["--helpless"], line("unknown")),
        (["--", "x.py"], line("unknown")),
        (["-Bk", "x.py"], line("unknown", options="B")),
        (["-3.12", "x.py"], line("unknown")),
        ([None, "x"], line("unknown", None, None, "x")),
        (["-B", None], line("unknown", None, None, options="B")),
    ],
)
def test_arguments_are_read_as_a_python_reads_them(words: list[str | None], read: PythonLine) -> None:
    assert read_python(fields(*words), is_launcher=False) == read


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["-3.12", "-m", "pip"], line("module", "pip")),
        (["-3-64", "x.py"], line("script", "x.py")),
        (["-V:3.12", "-B", "x.py"], line("script", "x.py", options="B")),
        (["-3"], line("input")),
        (["--version"], line("prints")),
        (["-V"], line("prints")),
    ],
)
def test_the_launcher_takes_a_version_first(words: list[str | None], read: PythonLine) -> None:
    assert read_python(fields(*words), is_launcher=True) == read


def test_every_option_that_this_python_tells_of_is_known() -> None:
    shown = subprocess.run([sys.executable, "--help"], capture_output=True, text=True, check=True).stdout
    letters = dict(re.findall(r"^-(\w)[^\s:]*(?: (arg|cmd|mod|opt))?", shown, re.MULTILINE))
    assert {"m", "c", "W", "X", "P", "h", "V"} <= letters.keys()
    for letter, value in letters.items():
        kind = {"m": "module", "c": "code", "h": "prints", "V": "prints"}.get(letter, "script")
        found = read_python(fields(f"-{letter}", *(["given"] if value else []), "x.py"), is_launcher=False)
        assert found.kind == kind, letter
        assert found.given == {"script": "x.py", "prints": None}.get(kind, "given"), letter


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; subprocess.run(['pip', 'install', 'x'])",
        "from os import system as s; s('pip install x')",
        "import os; os.popen('uv pip install x')",
        "from pip import main; main(['install', 'x'])",
        "from pip._internal.cli.main import main as m; m(['x'])",
        "import pip._internal as p; p.x()",
        "__import__('pip')",
        "from . import runpy; 'pip'",
        "pip install x",  # no Python: what it is instead is not known
        "x = 'pip'\0",
        f"'pip' {' ' * MOST}",
    ],
)
def test_code_that_may_start_a_package_manager(code: str) -> None:
    assert may_start(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "import subprocess; subprocess.run(['ls'])",
        "print('pip')",
        "from pip import x",
        "import pip",
        "from . import pip",
        "x = 'a-pip'; y = 'pip-x'; import subprocess",
        "'" + " " * MOST + "'",
        "no Python",
    ],
)
def test_code_that_names_none_or_starts_nothing(code: str) -> None:
    assert not may_start(code)


STARTS = "import os; os.system('pip install x')"
TEXTS = {
    "/here/calm.py": "print(1)",
    "/here/starts.py": STARTS,
    "/here/app/__main__.py": STARTS,
    "/here/calm/__main__.py": "print(1)",
    "/here/app.pyz": "#!/usr/bin/env python\nPK\x03\x04",
}
FILES = Files(texts=TEXTS, directories=Files().directories | {"/here/app", "/here/calm", "/here/empty"})


def launch(*words: str | None, input: str | None = "", cwd: str | None = "/here") -> Launch:
    return Launch(
        fields=fields("python", *words), state=State(variables={}, cwd=cwd), runs=True, text="python …", input=input
    )


@pytest.mark.parametrize(
    ("words", "may"),
    [
        (["-V"], None),
        (["-m", "pip", "--version"], True),
        (["-m", "pip.__main__"], True),
        (["-m", None], True),
        (["-m", "http.server", "pip"], False),
        (["-m", "runpy", "pip"], True),
        (["-m", "pdb", "x.py"], False),
        (["-m", "pdb", "-m", "pip"], True),
        (["-m", "coverage", "run", None], True),
        (["-c", STARTS], True),
        (["-c", "print(1)"], False),
        (["-c", None], True),
        (["-c"], True),
        (["calm.py"], False),
        (["./starts.py"], True),
        (["/here/starts.py"], True),
        (["app"], True),
        (["calm"], False),
        (["empty"], False),
        (["app.pyz"], True),
        (["gone.py"], False),
        (["gone/get-pip.py"], True),
        (["pip"], True),
        (["gone/pipeline.py"], False),
        ([None], True),
        (["--unknown"], True),
    ],
)
def test_what_may_start_a_package_manager(words: list[str | None], may: bool | None) -> None:
    """None where it only prints; what is not known may."""
    assert runs_unknown(launch(*words), FILES, is_launcher=False) is may


def test_a_script_in_a_folder_that_is_not_known_may() -> None:
    assert runs_unknown(launch("calm.py", cwd=None), FILES, is_launcher=False) is True
    assert runs_unknown(launch("/here/calm.py", cwd=None), FILES, is_launcher=False) is False


def test_what_the_launcher_starts_may() -> None:
    assert runs_unknown(launch("-3.12", "calm.py"), FILES, is_launcher=True) is False
    assert runs_unknown(launch("-3.12", "starts.py"), FILES, is_launcher=True) is True


@pytest.mark.parametrize(
    ("redirects", "input", "may"),
    [
        ((("<", "starts.py"),), "", True),
        ((("<", "calm.py"),), STARTS, False),
        ((("<", "gone.py"),), "", False),
        ((("<", "calm.py"), ("<", "starts.py")), "", True),
        ((("<", "starts.py"), ("<", "calm.py")), "", False),
        (((">", "starts.py"),), "print(1)", False),
        (((">", "calm.py"),), STARTS, True),
        ((("<<", None),), STARTS, True),
        ((("<", "starts.py"),), None, True),
    ],
)
def test_a_file_that_it_reads_as_its_input_is_code(
    redirects: tuple[tuple[str, str | None], ...], input: str | None, may: bool
) -> None:
    """The last one counts; a file that it writes to is none."""
    given = tuple(
        Redirect(operator, None, Word((Literal(name, False),), name) if name else None, "", False)
        for operator, name in redirects
    )
    assert runs_unknown(launch(input=input)._replace(redirects=given), FILES, is_launcher=False) is may


def test_a_script_that_the_line_wrote_or_that_is_a_stream_may() -> None:
    written = launch("calm.py")
    written = written._replace(state=replace(written.state, changed=frozenset({"/here/calm.py"})))
    assert runs_unknown(written, FILES, is_launcher=False) is True
    assert runs_unknown(launch("/dev/stdin"), FILES, is_launcher=False) is True


@pytest.mark.parametrize(("input", "may"), [("", False), ("print(1)", False), (STARTS, True), (None, True)])
def test_what_comes_in_is_code(input: str | None, may: bool) -> None:
    assert runs_unknown(launch(input=input), FILES, is_launcher=False) is may
    assert runs_unknown(launch("-", input=input), FILES, is_launcher=False) is may
