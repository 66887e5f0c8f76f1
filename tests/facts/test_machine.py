"""The machine, from the files of made-up ones, and this one against the standard library's word."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from ipython_where.facts.machine import read_machine


def put(root: Path, path: str, text: str) -> None:
    """A file of a machine."""
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(text)


def test_the_names_are_those_that_the_machine_gives_itself(tmp_path: Path) -> None:
    put(tmp_path, "etc/os-release", 'NAME="Fedora Linux"\nPRETTY_NAME="Fedora Linux 42 (Workstation)"\n')
    put(
        tmp_path,
        "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Intel(R)  Core(TM) i7\n\nprocessor\t: 1\nmodel name\t: x\n",
    )
    put(tmp_path, "proc/driver/nvidia/gpus/0000:65:00.0/information", "Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ: 1\n")
    put(tmp_path, "proc/driver/nvidia/gpus/0000:b3:00.0/information", "Model: \t\t NVIDIA T4\n")
    found = read_machine(str(tmp_path))
    assert (found.system, found.processor) == ("Fedora Linux 42 (Workstation)", "Intel(R) Core(TM) i7")
    assert found.graphics == ("NVIDIA A100-SXM4-40GB", "NVIDIA T4")


def test_what_no_file_says_is_unknown(tmp_path: Path) -> None:
    """The kernel's own name stands in for a system that does not call itself anything."""
    found = read_machine(str(tmp_path))
    assert found.system == found.kernel == f"{os.uname().sysname} {os.uname().release}"
    assert (found.processor, found.graphics) == (None, ())


def test_this_machine_is_what_the_standard_library_says() -> None:
    found = read_machine()
    assert found.architecture == platform.machine()
    assert found.kernel == f"{platform.system()} {platform.release()}"
    assert found.system == platform.freedesktop_os_release()["PRETTY_NAME"]
    assert found.processors == len(os.sched_getaffinity(0))
