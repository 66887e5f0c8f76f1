"""`%safeconda` beside bare rattler: an upgrade of numpy in a prefix of some 8,000 files, and what is there already."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from tests import conda_prefix
from tests.change.conda.prefixes import Conda, make
from tests.environments import KEPT

_TIMED = """
import sys, time
from ipython_where.change.conda.commands import safeconda
safeconda("list")
for line in sys.argv[1:]:
    begin = time.perf_counter()
    safeconda(line)
    print((time.perf_counter() - begin) * 1000)
"""


def measure_conda(rounds: int) -> str:
    """The figures as lines, with their goals."""
    print("making a conda prefix", file=sys.stderr)
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        conda = make(Path(folder), "ipykernel", "numpy<2.2", "six")
        files = sum(len(each) for _, _, each in os.walk(conda.prefix))
        # as conda's Python and what pip installs come; else each process compiles what it imports
        subprocess.run([conda.python, "-m", "compileall", "-q", conda.site.parent], check=False)
        _timed(conda, "install numpy>=2.2", "undo")  # fills rattler's cache
        bare, ours, there = [], [], []
        for _ in range(rounds):
            bare.append(_bare(conda))
            ours.append(_timed(conda, "install numpy>=2.2", "undo")[0])
            there += _timed(conda, "install six")
    over = median(ours) - median(bare)
    return "\n".join(
        (
            f"conda, {files} files, an upgrade of numpy, {rounds} rounds:",
            f"  rattler in place {median(bare):.0f} ms, `%safeconda install` {median(ours):.0f} ms",
            f"  more than rattler: {over:.0f} ms (goal: at most {median(bare) + 500:.0f} ms)",
            f"  nothing to do: {median(there):.1f} ms (goal: at most 20 ms)",
        )
    )


def _timed(conda: Conda, *lines: str) -> list[float]:
    """The milliseconds of each line in one process of the prefix, its imports done."""
    done = subprocess.run(
        [conda.python, "-c", _TIMED, *lines],
        env=conda.world(),
        cwd=conda.home,
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(each) for each in done.stdout.split()]


def _bare(conda: Conda) -> float:
    """The milliseconds of rattler in place, there and back; only the way there is counted."""
    begin = perf_counter()
    conda_prefix.apply(conda.prefix, "numpy>=2.2")
    taken = (perf_counter() - begin) * 1000
    conda_prefix.apply(conda.prefix, "numpy<2.2")
    return taken
