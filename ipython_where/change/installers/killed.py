"""Says what killed an installer: the signal, and whether the machine had run out of memory."""

from __future__ import annotations

import contextlib
import re
import signal

from ipython_where.errors import CommandError
from ipython_where.model import Evidence

MEMORY_HINT = "free some memory (other kernels hold most of it), then run this again"
_CRASHES = frozenset({"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGSYS", "SIGTRAP"})
_LIMITS = frozenset({"SIGXCPU", "SIGXFSZ"})

_KILLED_WITHIN = re.compile(
    r"exit(?:ed with)?(?: status| code)?:? -9\b|signal: 9\b|\bSIGKILL\b|[Kk]illed signal terminated|"
    r"\bMemoryError\b|[Cc]annot allocate memory|[Oo]ut of memory|std::bad_alloc"
)
"""How pip, uv, compilers and Python report that a program in a build was killed or got no memory."""


class KilledError(CommandError):
    """An installer was killed or crashed before anything was changed."""


def read_memory_kills() -> int:
    """How many processes the kernel has killed for lack of memory, of this machine or a container; 0 if unknown.

    Linux counts them since 4.13 (`oom_kill` in ``/proc/vmstat``).
    """
    with contextlib.suppress(OSError, ValueError), open("/proc/vmstat", encoding="utf-8") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("oom_kill "))
    return 0


def killed_error(program: str, returncode: int, *, ran_out_of_memory: bool) -> KilledError:
    """The error for a program that ended by a signal: ``returncode`` is the signal's number, negative."""
    name = signal_name(-returncode)
    crashed = name in _CRASHES
    evidence = [Evidence(label="program", value=program)]
    if ran_out_of_memory:
        evidence.append(Evidence(label="memory", value="the machine ran out of memory and killed a process"))
    return KilledError(
        f"the installer {'crashed' if crashed else 'was killed'} ({name}), before anything was changed",
        evidence=evidence,
        hint=_hint(name, ran_out_of_memory=ran_out_of_memory),
    )


def _hint(name: str, *, ran_out_of_memory: bool) -> str:
    if ran_out_of_memory:
        return MEMORY_HINT
    if name == "SIGKILL":
        return f"too little memory is the usual cause: {MEMORY_HINT}"
    if name in _CRASHES:
        return "`--with pip` or `--with uv` selects the other installer"
    if name in _LIMITS:
        return "the process reached a resource limit: `!ulimit -a` lists them"
    return "something on this machine killed it; run this again"


def signal_name(number: int) -> str:
    """A signal's name (`SIGKILL`), or its number if it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def memory_hint(output: str) -> str | None:
    """A hint if the installer's output says that a program in a build was killed or got no memory."""
    return f"a build ran out of memory, or was killed: {MEMORY_HINT}" if _KILLED_WITHIN.search(output) else None
