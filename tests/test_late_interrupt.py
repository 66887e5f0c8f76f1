"""An interrupt right after a change was made, at whatever moment: told with what was done, and never a traceback."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

import pytest

from ipython_where.change.transaction.unfinished import STORE

from .change.installers import local
from .kernels import Notebook, notebook

pytestmark = pytest.mark.usefixtures("kernel")

STRIKE = """
import signal, sys

def strike(at):
    "Interrupt at the call with this number after the commit: of all that the magic calls, and of all that draws its answer."
    global calls, told, exits
    calls, told, exits, is_over, drawing = -1, 0, [], False, 0
    def hook(frame, event, argument):
        global calls, told
        nonlocal is_over, drawing
        name = frame.f_code.co_name
        if calls < 0:
            calls += event == "return" and name == "commit"
        elif event == "return":
            if name == "run_line":
                is_over, told = True, calls
            drawing -= name == "mimebundle"
        elif event == "call":
            drawing += name == "mimebundle"
            if not is_over or drawing:
                calls += 1
            if name == "__exit__" and not is_over:
                exits.append(calls)
            if calls == at:
                sys.setprofile(None)
                signal.raise_signal(signal.SIGINT)
    sys.setprofile(hook)
"""
MOMENTS = 24
LAST = 12
"""How many calls before the line's end are struck, too: all is done there but to hand the answer over."""
TOLD = (
    ("interrupted too late: the change was already made", "hint: `%safepip undo"),
    ("`%safepip` was interrupted", "hint: `%safepip history` shows what was done"),
)
"""The second, where all was over but the answer's way back."""


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
    """Either the answer is shown as ever, or two lines say that the change was made and how to take it back.

    Nobody has to wait for the environment afterwards, also where the interrupt comes as a block is left that holds its lock.
    """
    line = install(note) if command == "install" else "uninstall late"
    if command == "uninstall" and note.version("late") is None:
        note.safepip(install(note))
    reply = note.run(f"strike(0)\n%safepip {line}")
    assert reply.status == "ok", reply
    number, told, exits = int(note.value("calls")), int(note.value("told")), note.value("exits")
    assert number > told > MOMENTS
    assert exits
    for at in sorted({*range(1, number, number // MOMENTS), *range(told - LAST, told + 1), *exits}):
        note.safepip("undo")
        reply = note.run(f"strike({at})\n%safepip {line}")
        assert note.run("sys.setprofile(None)").status == "ok"
        assert note.version("late") == version
        with open(note.prefix / STORE / "lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if reply.status == "error":
            assert reply.ename == "Interrupted", reply.error
            assert (reply.error[0], reply.error[-1].partition(" tx-")[0]) in TOLD, reply.error
        else:
            assert "late 1.0" in reply.result.replace("==", " ")
