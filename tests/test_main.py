"""``python -m ipython_where`` in a terminal without IPython: the same values, exit statuses, clean errors."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from .environments import ROOT, clean_environ


def run(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ipython_where", *words],
        cwd=cwd,
        env=clean_environ(**env),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_a_found_name_ends_with_0_and_its_facts() -> None:
    done = run("packaging")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("packaging ")


def test_a_name_that_is_not_found_ends_with_1() -> None:
    done = run("packaging", "no_such_module_here")
    assert (done.returncode, done.stderr) == (1, "")
    assert "no_such_module_here · not found" in done.stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ("--jason",),
            "`ipython_where` has no option `--jason`\n\nhint: `python -m ipython_where --help` lists its options\n",
        ),
        (("--command",), "option `--command` needs a value\n\nhint: `python -m ipython_where --help` shows how\n"),
        (("--json=x",), "option `--json` takes no value\n\nhint: `python -m ipython_where --help` shows how\n"),
        (
            ("--verb", "json"),
            "`ipython_where` has no option `--verb`\n\nhint: `python -m ipython_where --help` lists its options\n",
        ),
        (
            ("a b",),
            "`a b` is not a valid name of a module or distribution\n\n"
            "hint: `%where numpy`, `%where os.path` and `%where scikit-learn` show valid names\n",
        ),
    ],
)
def test_a_question_that_is_not_understood_ends_with_2_and_one_sentence(words: tuple[str, ...], error: str) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", error)


def test_options_stand_anywhere() -> None:
    """Before, between and behind the names, and a short one in a bundle."""
    plain = run("--json", "-v", "json", "packaging")
    assert plain.returncode == 0
    assert run("json", "--json", "packaging", "--verbose").stdout == plain.stdout
    assert run("json", "-vh").stdout == run("--help").stdout


@pytest.mark.parametrize("words", [("--command", "pip install six"), ("--json", "--command=pip install six")])
def test_a_command_may_follow_an_equals_sign(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pip install six" in done.stdout


def test_json_is_a_list_with_one_object_a_name_in_order() -> None:
    done = run("--json", "packaging", "json", "nothing_like_it")
    answers = json.loads(done.stdout)
    assert [(each["query"], each["found"]) for each in answers] == [
        ("packaging", True),
        ("json", True),
        ("nothing_like_it", False),
    ]
    assert {each["schema"] for each in answers} == {1}


def test_json_without_a_name_is_the_environment() -> None:
    answer = json.loads(run("--json").stdout)
    assert answer["kernel"]["executable"] == sys.executable
    assert answer["kernel"]["prefix"] == sys.prefix
    assert answer["server"]["verdict"] == "none"
    assert answer["kernelspec"] is None


def test_what_pythonpath_names_is_looked_at(tmp_path: Path) -> None:
    """A folder that is not there, and one that holds another Python's packages."""
    other = tmp_path / "lib" / "python3.6" / "site-packages"
    other.mkdir(parents=True)
    for path, id in ((tmp_path / "gone", "pythonpath-missing"), (other, "pythonpath-other-python")):
        code = "import json, ipython_where as w; print(json.dumps([each.id for each in w.environment().findings]))"
        environ = clean_environ(PYTHONPATH=os.pathsep.join((str(path), str(ROOT))))
        done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
        assert id in json.loads(done.stdout)


def test_the_answer_is_the_same_as_from_python() -> None:
    code = "import json, ipython_where as w; print(json.dumps([w.where('packaging').to_dict()]))"
    api = subprocess.run([sys.executable, "-c", code], env=clean_environ(), capture_output=True, text=True, check=True)
    assert json.loads(api.stdout) == json.loads(run("--json", "packaging").stdout)


def test_ipython_is_not_imported() -> None:
    code = (
        "import sys; from ipython_where.__main__ import main; main(['packaging']); main([]);"
        "print([name for name in sys.modules if name.startswith(('IPython', 'traitlets', 'jupyter'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=clean_environ(), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def in_terminal(*words: str, **env: str) -> str:
    """What a terminal would receive."""
    reader, writer = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ipython_where", *words],
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
        env=clean_environ(TERM="xterm", **env),
    ):
        os.close(writer)
        received = b""
        while True:
            try:
                part = os.read(reader, 65536)
            except OSError:  # Linux: the other end was closed
                break
            if not part:
                break
            received += part
    os.close(reader)
    return received.decode()


def test_a_terminal_gets_colour_and_no_color_is_respected() -> None:
    assert "\x1b[" in in_terminal("packaging")
    assert "\x1b[" not in in_terminal("packaging", NO_COLOR="1")
    assert "\x1b[" not in run("packaging").stdout


@pytest.mark.usefixtures("shells")
def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m ipython_where -v packaging json xml | head -n 1"
    done = subprocess.run(["sh", "-c", command], env=clean_environ(), capture_output=True, text=True)
    assert done.stderr == ""
