"""`%pip` as `%safepip` and a PATH that begins here, in real kernels: on and off, from a profile, and what stays as it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .change.installers import local
from .kernels import Notebook, notebook

pytestmark = [
    pytest.mark.usefixtures("kernel"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what is left running is read from /proc"),
]

NOTE = "Note: you may need to restart the kernel to use updated packages."
"""What IPython's own `%pip` prints, whatever happened."""


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel in which `%pip` is `%safepip`."""
    with notebook(tmp_path_factory.mktemp("pip-magic")) as opened:
        opened.run("%config PipGuard.pip = True")
        yield opened


@pytest.fixture
def wheels(tmp_path: Path) -> str:
    """The options for a folder with a few wheels, and no index."""
    for name in ("one", "two", "three"):
        local.wheel(tmp_path, f"pm{name}", "1.0")
        local.wheel(tmp_path, f"pm{name}", "2.0")
    return f"--no-index -f {tmp_path}"


def test_install_and_uninstall_are_ours(note: Notebook, wheels: str) -> None:
    """With a version without quotes, quietly, and with an undo; the value is the same as `%safepip`'s."""
    done = note.run(f"%pip install {wheels} pmone>=1.0,<2")
    assert (done.status, done.stderr, NOTE in done.stdout) == ("ok", "", False)
    assert done.result.startswith("pmone 1.0 can be imported now\n")
    assert note.run("import pmone").status == "ok"
    assert note.run("%pip -q uninstall -y pmone", names=["_.transaction.id"]).left["_.transaction.id"] is not None
    assert note.version("pmone") is None
    assert note.run("%safepip undo").status == "ok" and note.version("pmone") == "1.0"


def test_a_refusal_is_ours_and_changes_nothing(note: Notebook, wheels: str) -> None:
    """`%pip` leaves conflicts behind with a line of text that scrolls away."""
    before = note.snapshot()
    failed = note.run(f"%pip install {wheels} nowhere")
    assert (failed.status, failed.ename) == ("error", "InstallError")
    assert note.snapshot() == before


def test_what_a_shell_only_silences_is_ours_too(note: Notebook, wheels: str) -> None:
    """IPython gives the line to a shell, so notebooks have such lines."""
    for silenced in ("> /dev/null 2>&1", "| tail -n 1", "2>&1 | grep -v already"):
        done = note.run(f"%pip install {wheels} pmtwo {silenced}")
        assert (done.status, NOTE in done.stdout) == ("ok", False)
        assert note.version("pmtwo") == "2.0"
        note.run("%pip uninstall -y pmtwo")


@pytest.mark.parametrize(
    "line",
    ["list", "show ipykernel", "install --help", "--version", "config list", "install pmthree --no-index | head -1"],
)
def test_the_rest_is_as_before(note: Notebook, line: str) -> None:
    """Other commands, help, and a line that only a shell can carry out."""
    done = note.run(f"%pip {line}")
    assert done.stdout.rstrip().endswith(NOTE)


def test_it_is_told_and_given_back(tmp_path: Path, wheels: str) -> None:
    """By the setting, and by `%unload_ext`; from a profile it counts from the first cell."""
    with notebook(tmp_path / "note") as note:
        profile = note.home / "ipython" / "profile_default" / "ipython_config.py"
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text("c.InteractiveShellApp.extensions = ['ipython_where']\nc.PipGuard.pip = True\n")
        note.restart()
        assert "%pip         does what `%safepip` does" in note.run("%where").result.splitlines()
        assert note.run(f"%pip install {wheels} pmthree").result.startswith("pmthree 2.0 can be imported now\n")
        mine = "type(get_ipython().find_line_magic('pip')).__name__"
        assert note.value(mine) == "PipMagic"
        note.run("%config PipGuard.pip = False")
        assert (note.value(mine), "%pip" in note.run("%where").result) == ("method", False)
        note.run("%config PipGuard.pip = True")
        note.run("%unload_ext ipython_where")
        assert note.value(mine) == "method"


def test_a_path_that_begins_here(tmp_path: Path) -> None:
    """What the shell starts is the kernel's then, also for uv, and afterwards all is as before, cells' own changes included."""
    with notebook(tmp_path / "note") as note:
        asked = "(os.environ['PATH'], os.environ.get('VIRTUAL_ENV'))"
        note.run("import os, sys; os.environ['VIRTUAL_ENV'] = '/elsewhere'")
        before = note.value(asked)
        note.run("%config PipGuard.path = True")
        started = note.run("!python -c 'import sys; print(sys.prefix)'; python -m pip --version").stdout.splitlines()
        assert started[0] == str(note.prefix) and f"{note.prefix}/lib" in started[1]
        assert note.value(asked) == [f"{note.prefix}/bin:{before[0]}", str(note.prefix)]
        shown = note.run("%where").result.splitlines()
        assert "PATH         begins with this environment, by `%config PipGuard.path`" in shown
        assert note.value("get_ipython().run_line_magic('where', '').shell.python.same_environment") is True
        note.run("os.environ['PATH'] += ':/more'")
        note.run("%config PipGuard.path = False")
        assert note.value(asked) == [f"{before[0]}:/more", "/elsewhere"]
        note.run("%config PipGuard.path = True")
        note.run("os.environ['PATH'] = '/mine'")
        note.run("%unload_ext ipython_where")
        assert note.value(asked) == ["/mine", "/elsewhere"]


def test_tab_after_pip_is_ours_while_it_is_on(note: Notebook, tmp_path: Path) -> None:
    """Files after `-r`, each with its kind; switched off, what IPython offers by itself."""
    (tmp_path / "needs.txt").touch()
    note.run(f"%cd -q {tmp_path}")

    def kinds(code: str) -> list[tuple[str, str]]:
        content = note.client.complete(code, reply=True, timeout=300)["content"]
        return [(each["text"], each["type"]) for each in content["metadata"]["_jupyter_types_experimental"]]

    assert kinds("%pip install -r ne") == [("needs.txt", "path")]
    assert kinds("%pip unins") == [("uninstall", "command")]
    note.run("%config PipGuard.pip = False")
    assert kinds("%pip unins") == []
    note.run("%config PipGuard.pip = True")
