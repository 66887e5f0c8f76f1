"""A long day: one kernel, thousands of cells, and nothing that grows."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.change.installers import local
from tests.kernels import Notebook, notebook

from .home import until

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="memory and open files are read from /proc"
)

CELLS = (
    "%where",
    "%where IPython",
    "%where ipykernel.kernelapp traitlets json",
    "%where no_such_module_at_all",
    "r = %where packaging\nr.version",
    "%where -v IPython",
    "%where --json packaging",
    "%where --nope",
    "import no_such_module_at_all",
    "%safepip install ipykernel",
    "%safepip history",
    "1 + 1",
    "!true",
    "%%bash\ntrue",
    "%reload_ext ipython_where",
    "get_ipython().Completer.complete(line_buffer='%where ipyk', cursor_pos=11)",
)
"""What is asked over and over."""

FORGET = "get_ipython().displayhook.flush(); get_ipython().history_manager.reset(new_session=False)"
"""IPython keeps what cells answered, and each page that was shown for it: what it holds for its user is no leak."""

WARM_UP, ROUNDS, COMPARED = 20, 125, 25
"""Rounds of these cells before the first look, after it, and of those at either end whose times are compared."""

EACH = 25
"""Rounds between two installs, each of which is taken back."""

STATE = """\
import ctypes, gc, json, os, re, threading
gc.collect(); gc.collect(); ctypes.CDLL(None).malloc_trim(0)
def _read(path):
    with open(path) as file:
        return file.read()
def _open_files():
    for each in os.listdir("/proc/self/fd"):
        try:
            yield re.sub(r"\\d+", "N", os.readlink(f"/proc/self/fd/{each}"))
        except FileNotFoundError:  # the listing's own
            pass
print(json.dumps({
    "memory": sum(map(int, re.findall(r"Private_\\w+: +(\\d+) kB", _read("/proc/self/smaps_rollup")))) / 1024,
    "files": sorted(_open_files()),
    "threads": sorted(each.name for each in threading.enumerate()),
}))
"""


def test_two_thousand_cells(tmp_path: Path) -> None:
    """No memory beyond 5 MiB, no open file, no thread, no process is left, and each cell costs what it cost before."""
    local.wheel(tmp_path / "wheels", "parcel", "1.0")
    with notebook(tmp_path) as note:
        soak(note, WARM_UP)
        before = state(note)
        costs = soak(note, ROUNDS)
        after = state(note)
        # ipykernel closes the sockets of threads that are over when it comes to it: more may have been open before
        until(lambda: not Counter(state(note)["files"]) - Counter(before["files"]))
        assert note.leftovers() == []
    assert len(CELLS) * ROUNDS >= 2000
    assert after["threads"] == before["threads"]
    assert after["memory"] - before["memory"] < 5
    first, last = ({cell: statistics.median(each[part]) for cell, each in costs.items()} for part in ENDS)
    assert {cell: (first[cell], last[cell]) for cell in CELLS if last[cell] > 1.5 * first[cell] + 0.002} == {}


ENDS = slice(COMPARED), slice(-COMPARED, None)


def soak(note: Notebook, rounds: int) -> dict[str, list[float]]:
    """Run all cells again and again; the seconds of CPU that the kernel spent on each, each time."""
    costs: dict[str, list[float]] = {cell: [] for cell in CELLS}
    for number in range(rounds):
        note.run(FORGET)
        if number % EACH == 0:
            assert note.run(f"%safepip install --no-index -f {note.folder}/wheels parcel").status == "ok"
            assert note.run("%safepip undo").status == "ok"
        for cell in CELLS:
            started = spent(note)
            note.run(cell)
            costs[cell].append(spent(note) - started)
    return costs


def spent(note: Notebook) -> float:
    """The seconds of CPU that the kernel has spent."""
    return time.clock_gettime(~note.kernel_pid << 3 | 2)  # the number of its clock, as `clock_getcpuclockid` makes it


def state(note: Notebook) -> dict[str, Any]:
    """The memory that is the kernel's alone in MiB, its open files, its threads."""
    reply = note.run(STATE)
    assert reply.status == "ok", reply
    found: dict[str, Any] = json.loads(reply.stdout)
    return found
