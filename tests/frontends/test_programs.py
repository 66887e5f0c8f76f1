"""Terminals, scripts, and the programs that run notebooks: clean text, right verdicts, right exit statuses."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import environments

from .home import VERSION, Home, furnish, until
from .projects import write_endless_project
from .terminal import Terminal

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the programs' processes are read from /proc"
)

MISMATCH = f"""\
`!pip` and `!python` belong to a different environment than this kernel
  kernel   ~/project/.venv/bin/python  ({VERSION})
  !pip     ~/tools/bin/python          ({VERSION})
  !python  ~/tools/bin/python          ({VERSION})

hint: `%safepip install NAME` installs into this kernel's environment, `!{{sys.executable}}` is its interpreter"""
"""What `%where` ends with in this home."""

IN_A_SESSION = MISMATCH.replace("this kernel", "this session").replace("  kernel   ", "  session  ")
"""The same where nothing is a kernel."""

COLOURED = IN_A_SESSION.replace("`", "")
"""The same in a terminal's IPython, where colour stands in for backticks."""

UNKNOWN_OPTION = "`%where` has no option `--nope`\n\nhint: `%where?` lists its options\n"
NUMPY = f"""\
numpy NUMPY · package
  file          ~/project/.venv/lib/python{VERSION.rpartition(".")[0]}/site-packages/numpy/__init__.py
  found by      ~/project/.venv/bin/python · site-packages
  distribution  numpy NUMPY · installed by uv · requested
  loaded        no
"""
NO_SERVER = "none · not started by Jupyter: this process has no connection file"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a notebook that goes well, and one whose second of three cells fails."""
    made = furnish(tmp_path_factory.mktemp("home"), "numpy")
    made.write_notebook("good", ["%load_ext ipython_where", "%where", "%where numpy"])
    made.write_notebook("bad", ["%load_ext ipython_where", "%where --nope", "print('went on')"])
    return made


def numpy_answer(home: Home) -> str:
    """The answer to `%where numpy` in a home."""
    (installed,) = environments.site_packages(home.prefix).glob("numpy-*.dist-info")
    return NUMPY.replace("NUMPY", installed.name.split("-")[1].removesuffix(".dist"))


def rows(text: str) -> dict[str, str]:
    """What stands beside each label in the text of an answer, each in one line."""
    found: dict[str, str] = {}
    label = ""
    for line in text.partition("\n\n")[0].splitlines():
        name, value = re.fullmatch(r"(\S*) {2,}(.+)", line).groups()  # type: ignore[union-attr]
        label = name or label
        found[label] = f"{found[label]} {value}" if label in found else value
    return found


def marked_up_rows(text: str) -> dict[str, str]:
    """The same from the tables of a page, the first of each label."""
    cells = re.findall(r"<tr><th[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>", text, re.DOTALL)
    plain = [[html.unescape(re.sub(r"<[^>]+>", "", each)) for each in pair] for pair in cells]
    return {label: " ".join(value.split()) for label, value in reversed(plain)}


# -- programs that run a notebook --------------------------------------------------------------------------------------

RUNS = {
    "jupyter-execute": ["jupyter-execute", "{name}.ipynb", "--output", "{done}"],
    "papermill": ["papermill", "{name}.ipynb", "{done}"],
    "jupyter-nbconvert": ["jupyter-nbconvert", "--execute", "--to", "notebook", "{name}.ipynb", "--output", "{done}"],
}


def run_notebook(home: Home, program: str, name: str) -> tuple[int, str, Path]:
    """The exit status of a program that runs the notebook ``name``, what it said, and the notebook that it made."""
    done = f"{name}-{program}.ipynb"
    words = [word.format(name=name, done=done) for word in RUNS[program]]
    ended = home.run(home.jupyter / "bin" / words[0], *words[1:])
    return ended.returncode, ended.stdout + ended.stderr, home.project / done


def outputs(notebook: Path) -> list[list[dict[str, Any]]]:
    """The outputs of each cell."""
    return [
        cell["outputs"]
        for cell in json.loads(notebook.read_text())["cells"]
        if "papermill" not in str(cell["metadata"].get("tags"))
    ]


@pytest.mark.parametrize("program", RUNS)
def test_a_program_that_runs_a_notebook(home: Home, program: str) -> None:
    """The saved answers are whole; no server drives this kernel, and the program that does is named."""
    status, said, done = run_notebook(home, program, "good")
    assert status == 0, said
    loaded, where, numpy = outputs(done)
    assert loaded == []
    text = "".join(where[0]["data"]["text/plain"])
    server = rows(text)["server"]
    assert re.fullmatch(rf"none · `{program}` \(process \d+\) started this kernel for itself", server)
    assert text.endswith(f"\n\n{MISMATCH}")
    assert marked_up_rows("".join(where[0]["data"]["text/html"]))["server"] == server.replace("`", "")
    assert "".join(numpy[0]["data"]["text/plain"]) == numpy_answer(home).rstrip()


@pytest.mark.parametrize("program", RUNS)
def test_a_notebook_that_fails(home: Home, program: str) -> None:
    """The program ends with status 1, what it says ends with our message, and no later cell is run."""
    status, said, done = run_notebook(home, program, "bad")
    assert status == 1
    assert said.rstrip().endswith(UNKNOWN_OPTION.rstrip())
    assert "\x1b" not in said
    if program == "papermill":  # the one that keeps what it made
        _, failed, after = outputs(done)
        assert (failed[0]["ename"], "\n".join(failed[0]["traceback"])) == ("UsageError", UNKNOWN_OPTION.rstrip())
        assert after == []


@pytest.mark.parametrize("format", ["html", "markdown"])
def test_a_notebook_as_a_page(home: Home, format: str) -> None:
    """The answers are tables in the page, without escape codes, and without a blank line: Markdown would end a table there."""
    done = home.run(home.jupyter / "bin" / "jupyter-nbconvert", "--execute", "--to", format, "good.ipynb")
    assert done.returncode == 0, done.stderr
    page = (home.project / f"good.{'md' if format == 'markdown' else format}").read_text()
    assert "\x1b" not in page
    found = marked_up_rows(page)
    assert found["kernel"] == f"~/project/.venv/bin/python · CPython {VERSION}"
    assert found["!pip"] == f"~/tools/bin/pip → ~/tools/bin/python {VERSION} · ▲ another environment"
    assert found["server"].startswith("none · jupyter-nbconvert (process ")
    answers = re.findall(r"<style>\.ipw.*?</style>\n<div class=\"?ipw\"?>[^\n]*", page)
    assert len(answers) == 2
    assert not [answer for answer in answers if "\n\n" in answer]


# -- terminals ---------------------------------------------------------------------------------------------------------


@contextmanager
def terminal(home: Home, *argv: str | Path) -> Iterator[Terminal]:
    """A program in a terminal, the extension loaded in it."""
    opened = Terminal([str(each) for each in argv], home.environ, home.project)
    try:
        opened.wait_for(r"^In \[1\]:")
        opened.type("%load_ext ipython_where")
        opened.wait_for(r"^In \[2\]:")
        yield opened
    finally:
        opened.close()


def answer(shown: str, number: int) -> str:
    """What stands between two prompts of a terminal."""
    (between,) = re.findall(
        rf"^In \[{number}\]: [^\n]*\n(.*?)\n\nIn \[{number + 1}\]:", shown, re.DOTALL | re.MULTILINE
    )
    return f"{between}\n"


PROGRAMS = {"ipython": [".venv/bin/ipython"], "console": ["../jupyter/bin/jupyter", "console", "--kernel=project"]}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_terminal(home: Home, program: str) -> None:
    """The answers stand below the prompt as plain text, an error is its sentence, and Control-C stops an install."""
    began = home.folder / f"building-{program}"
    write_endless_project(home.project / f"slow-{program}", f"slow{program}", began)
    with terminal(home, *(home.project / word if "/" in word else word for word in PROGRAMS[program])) as opened:
        opened.type("%where")
        where = answer(opened.wait_for(r"^In \[3\]:"), 2)
        opened.type("%where numpy")
        numpy = answer(opened.wait_for(r"^In \[4\]:"), 3)
        opened.type("%where --nope")
        error = answer(opened.wait_for(r"^In \[5\]:"), 4)
        opened.type(f"%safepip install ./slow-{program}")
        until(began.exists)
        opened.press("c")
        stopped = answer(opened.wait_for(r"^In \[6\]:"), 5)
        opened.type("exit")
        assert opened.wait_for_end() == 0
    found = rows(where.removeprefix("Out[2]:\n"))
    if program == "ipython":
        assert found["interpreter"] == f"~/project/.venv/bin/python · CPython {VERSION}"
        assert found["server"] == NO_SERVER.replace("`", "")
    else:
        assert re.fullmatch(r"none · `jupyter-console` \(process \d+\) started this kernel for itself", found["server"])
    assert where.endswith(f"\n\n{COLOURED if program == 'ipython' else MISMATCH}\n")
    assert numpy == f"Out[3]:\n{numpy_answer(home)}"
    assert error == (UNKNOWN_OPTION.replace("`", "") if program == "ipython" else UNKNOWN_OPTION)
    said = r"interrupted: nothing was changed in ~/project/\.venv\n"
    # a console shows the first of a display that changes, and writes over the terminal's ^C when it is told to clear it
    assert re.fullmatch(said if program == "ipython" else rf"resolving with \w+ · \d+ s\n{said}", stopped)


# -- programs of one go ------------------------------------------------------------------------------------------------


def test_ipython_with_a_command(home: Home) -> None:
    """`ipython -c`: the answer on standard output, status 0."""
    done = home.run(home.prefix / "bin" / "ipython", "-c", "%load_ext ipython_where\n%where numpy")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"Out[0]: \n{numpy_answer(home)}", "")
    done = home.run(home.prefix / "bin" / "ipython", "-c", "%load_ext ipython_where\nr = %where\nprint(r)")
    assert rows(done.stdout)["server"] == NO_SERVER
    assert done.stdout.endswith(f"\n\n{IN_A_SESSION}\n")


def test_ipython_with_a_command_that_fails(home: Home) -> None:
    """The sentence and no traceback, status 1."""
    done = home.run(home.prefix / "bin" / "ipython", "-c", "%load_ext ipython_where\n%where --nope")
    assert (done.returncode, done.stdout, done.stderr) == (1, UNKNOWN_OPTION, "")


def test_a_script(home: Home) -> None:
    """A plain Python script has the same answers, without IPython."""
    (home.project / "script.py").write_text(
        "import sys\nimport ipython_where\nprint(ipython_where.where('numpy'))\n"
        "print(ipython_where.environment())\nassert 'IPython' not in sys.modules\n"
    )
    done = home.run(home.prefix / "bin" / "python", "script.py")
    assert (done.returncode, done.stderr) == (0, "")
    first, rest = done.stdout[: len(numpy_answer(home))], done.stdout[len(numpy_answer(home)) :]
    assert first == numpy_answer(home)
    assert rows(rest)["server"] == NO_SERVER
    assert rest.endswith(f"\n\n{IN_A_SESSION}\n")


def test_the_command(home: Home) -> None:
    """`python -m ipython_where`: status 0 for what is found, 1 for what is not, 2 for what is not understood."""
    python = home.prefix / "bin" / "python"
    found = home.run(python, "-m", "ipython_where", "numpy")
    assert (found.returncode, found.stdout, found.stderr) == (0, numpy_answer(home), "")
    missing = home.run(python, "-m", "ipython_where", "nmpy")
    assert (missing.returncode, missing.stderr) == (1, "")
    assert missing.stdout == "nmpy · not found by ~/project/.venv/bin/python\n  near names  numpy\n"
    assert home.run(python, "-m", "ipython_where", "--nope").returncode == 2
