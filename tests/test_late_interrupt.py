"""An interrupt right after a change was made, at whatever moment: told with what was done, and never a traceback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .change.installers import local
from .kernels import Notebook, notebook

pytestmark = pytest.mark.usefixtures("kernel")

STRIKE = """
import signal, sys

def strike(at):
    "Interrupt at the call with this number after the commit: of all that the magic calls, and of all that draws its answer."
    global calls
    calls, is_over, drawing = -1, False, 0
    def hook(frame, event, argument):
        global calls
        nonlocal is_over, drawing
        name = frame.f_code.co_name
        if calls < 0:
            calls += event == "return" and name == "commit"
        elif event == "return":
            is_over |= name == "run_line"
            drawing -= name == "mimebundle"
        elif event == "call":
            drawing += name == "mimebundle"
            if not is_over or drawing:
                calls += 1
            if calls == at:
                sys.setprofile(None)
                signal.raise_signal(signal.SIGINT)
    sys.setprofile(hook)
"""
MOMENTS = 24


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel in which both ways were gone once: what they import is imported."""
    folder = tmp_path_factory.mktemp("late")
    local.wheel(folder / "wheels", "late", "1.0")
    with notebook(folder) as opened:
        assert opened.run(STRIKE).status == "ok"
        opened.run(f"%safepip {install(opened)}")
        opened.run("%safepip uninstall late")
        yield opened


def install(note: Notebook) -> str:
    return f"install --no-index -f {note.folder}/wheels late"


@pytest.mark.parametrize(("command", "version"), [("install", "1.0"), ("uninstall", None)])
def test_an_interrupt_right_after_the_change(note: Notebook, command: str, version: str | None) -> None:
    """Either the answer is shown as ever, or two lines say that the change was made and how to take it back."""
    line = install(note) if command == "install" else "uninstall late"
    if command == "uninstall" and note.version("late") is None:
        note.safepip(install(note))
    assert note.run(f"strike(0)\n%safepip {line}").status == "ok"
    number = int(note.value("calls"))
    assert number > MOMENTS
    for at in range(1, number, number // MOMENTS):
        note.safepip("undo")
        reply = note.run(f"strike({at})\n%safepip {line}")
        assert note.run("sys.setprofile(None)").status == "ok"
        assert note.version("late") == version
        if reply.status == "error":
            assert reply.ename == "Interrupted", reply.error
            assert reply.error[0] == "interrupted too late: the change was already made"
            assert reply.error[-1].startswith("hint: `%safepip undo tx-"), reply.error
        else:
            assert "late 1.0" in reply.result
