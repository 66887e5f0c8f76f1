"""The machine that a process runs on: its operating system, processor and graphics cards, read from files alone.

Nothing is started to find out, so anything that only a program would tell (`nvidia-smi`, `system_profiler`) is unknown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ipython_where.model import Machine

from .files import list_directory, read_text

_NVIDIA = "proc/driver/nvidia/gpus"
"""One folder a card, made by the driver: https://download.nvidia.com/XFree86/Linux-x86_64/470.74/README/procinterface.html"""


def read_machine(root: str = "/") -> Machine:
    """This machine, by the files below ``root``. On Windows, which has none of them, only the processors are counted."""
    known = os.uname() if hasattr(os, "uname") else None
    release = read_text(os.path.join(root, "etc/os-release")) or read_text(os.path.join(root, "usr/lib/os-release"))
    kernel = f"{known.sysname} {known.release}" if known else None
    return Machine(
        system=_system_name(release) or kernel,
        kernel=kernel,
        architecture=known.machine if known else None,
        processor=_processor(read_text(os.path.join(root, "proc/cpuinfo"))),
        processors=_usable_processors(),
        graphics=tuple(_graphics(root)),
    )


def _system_name(release: str | None) -> str | None:
    """`PRETTY_NAME` of os-release(5), whose values are quoted as in a shell."""
    found = re.search(r"^PRETTY_NAME=(.*)$", release or "", re.MULTILINE)
    return found[1].strip().strip("\"'") or None if found else None


def _processor(cpuinfo: str | None) -> str | None:
    found = re.search(r"^(?:model name|Model)\s*:\s*(\S.*)$", cpuinfo or "", re.MULTILINE)
    return " ".join(found[1].split()) if found else None


def _usable_processors() -> int | None:
    """How many processors this process may use, which a container or `taskset` limits."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _graphics(root: str) -> Iterator[str]:
    folder = os.path.join(root, _NVIDIA)
    for card in sorted(list_directory(folder)):
        found = re.search(r"^Model:\s*(\S.*)$", read_text(f"{folder}/{card}/information") or "", re.MULTILINE)
        if found:
            yield found[1].strip()
