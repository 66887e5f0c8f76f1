"""What the system reports about a running process: its argv, who started it, which Python it runs, where it listens.

Linux has it in `/proc`, other systems through psutil if installed; what this user may not see is unknown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ipython_where.errors import CommandError
from ipython_where.model import Interpreter
from ipython_where.runner import Runner
from ipython_where.value import dataclass

from .executables import identify_interpreter, read_interpreter, version_of
from .pyvenv_cfg import is_python_name

Address = tuple[str, int]

_ASK_TIMEOUT = 3.0  # seconds for an interpreter that can't be described by reading files


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A running process, as far as this user may see it."""

    pid: int
    parent: int
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """The process that started the kernel; ``is_parent`` is false if a wrapper such as `bash -c` is in between."""

    process: Process
    is_parent: bool


def find_launcher(pid: int, connection_file: str, environ: Mapping[str, str]) -> Launcher | None:
    """The process that started the kernel with the process id ``pid``; None if that is not proven.

    It is the one that `JPY_PARENT_PID` names or, if that is not set, the direct parent; provided it started this kernel.
    Kernels inherit the variable even if nobody set it for them, and the parent of an embedded kernel knows nothing about
    it: only the connection file among its child's arguments proves that a process started this kernel.
    """
    kernel = read_process(pid)
    name = os.path.basename(connection_file)
    named = environ.get("JPY_PARENT_PID", "") if os.name != "nt" else ""  # on Windows it is a handle, not a process id
    child = kernel
    ancestors = 0
    while child and named and ancestors < 64:
        if str(child.parent) == named:
            found = read_process(child.parent) if _carries(child, name) else None
            return Launcher(process=found, is_parent=ancestors == 0) if found else None
        child = read_process(child.parent)
        ancestors += 1
    if named or kernel is None or not _carries(kernel, name):
        return None  # a named launcher that is no longer an ancestor has died, and the parent has adopted the kernel
    parent = read_process(kernel.parent)
    return Launcher(process=parent, is_parent=True) if parent else None


def _carries(process: Process, name: str) -> bool:
    return any(name in word for word in process.argv)


def program_name(argv: tuple[str, ...]) -> str | None:
    """The command that an argv runs: if argv[0] is a Python, the script's name or the module after `-m`."""
    words = list(argv)
    if words and is_python_name(os.path.basename(words[0])):
        words = words[1:]
        while words and words[0].startswith("-"):
            option = words.pop(0)
            if re.fullmatch(r"-[A-Za-z]*m", option):
                return words[0] if words else None
            if option.endswith("c"):
                return None
            if option in ("-W", "-X"):
                words = words[1:]
    if not words:
        return None
    name = re.sub(r"(-script\.pyw?|\.pyw?|\.exe)$", "", os.path.basename(words[0]))
    return f"jupyter-{words[1]}" if name == "jupyter" and len(words) > 1 else name


def read_process_interpreter(pid: int, run: Runner) -> Interpreter | None:
    """The Python that a process was started as; run only if its files don't show its prefix."""
    executable, environ = _executable(pid)
    if executable is None:
        return None
    found = read_interpreter(executable, environ=environ)
    if found and found.version:
        return found
    if found:
        version = version_of(executable, environ=environ, run=run, timeout=_ASK_TIMEOUT)
        return Interpreter(executable=executable, prefix=found.prefix, base_prefix=found.base_prefix, version=version)
    try:
        said = identify_interpreter(executable, environ=environ, cwd=None, run=run, timeout=_ASK_TIMEOUT)
    except CommandError:
        return None
    return replace(said, executable=executable)


def _executable(pid: int) -> tuple[str | None, dict[str, str]]:
    """argv[0] as a path, with the process's variables: `exe` alone is resolved, and would name a venv's base Python."""
    process = read_process(pid)
    exe, cwd, environ = _read_details(pid)
    if not process or not process.argv or not exe or not is_python_name(os.path.basename(process.argv[0])):
        return None, environ
    word = process.argv[0]
    if os.path.dirname(word):
        candidates = [os.path.join(cwd, word)]
    else:
        candidates = [os.path.join(cwd, entry, word) for entry in environ.get("PATH", "").split(os.pathsep)]
    for path in candidates:
        if os.access(path, os.X_OK) and os.path.isabs(path):  # only the first on PATH counts, whether or not it matches
            return (os.path.normpath(path) if os.path.realpath(path) == os.path.realpath(exe) else None), environ
    return None, environ


# -- reading processes: on Linux from /proc, elsewhere through psutil if it is installed ---------------------------------


def read_process(pid: int) -> Process | None:
    """A process as it runs now, or None if this user may not see it."""
    if os.path.exists("/proc/self/stat"):
        stat, argv = _read_proc(f"/proc/{pid}/stat"), _read_proc(f"/proc/{pid}/cmdline")
        fields = stat.rpartition(")")[2].split()  # the name in parentheses may contain anything, even `)`
        words = tuple(argv.removesuffix("\0").split("\0")) if argv else ()
        return Process(pid=pid, parent=int(fields[1]), argv=words) if len(fields) > 1 else None
    try:
        process = _by_psutil(pid)
        return Process(pid=pid, parent=process.ppid(), argv=tuple(process.cmdline()))
    except Exception:  # not installed, no such process, not ours: the errors differ by platform
        return None


def read_environ(pid: int) -> dict[str, str]:
    """The variables that a process was started with; empty if this user may not see them."""
    return _read_details(pid)[2]


def _read_details(pid: int) -> tuple[str | None, str, dict[str, str]]:
    """Executable, working directory and variables of a process."""
    try:
        if os.path.exists("/proc/self/stat"):
            pairs = (pair.partition("=") for pair in _read_proc(f"/proc/{pid}/environ").split("\0") if pair)
            environ = {name: value for name, _, value in pairs}
            return os.readlink(f"/proc/{pid}/exe"), os.readlink(f"/proc/{pid}/cwd"), environ
        process = _by_psutil(pid)
        return process.exe(), process.cwd(), process.environ()
    except Exception:  # see `read_process`
        return None, "", {}


def listening(pid: int) -> list[Address]:
    """The TCP addresses on which a process listens, as far as this network namespace shows them."""
    if os.path.exists("/proc/self/stat"):
        inodes = set(_socket_inodes(pid))
        tables = [_read_proc(f"/proc/self/net/{name}") for name in ("tcp", "tcp6")] if inodes else []
        return list(_judge_listeners([each for table in tables for each in _parse_listeners(table)], inodes))
    try:
        connections = _by_psutil(pid).net_connections(kind="tcp")
        return [(c.laddr.ip, c.laddr.port) for c in connections if c.status == "LISTEN"]
    except Exception:  # see `read_process`
        return []


def _judge_listeners(listeners: Sequence[tuple[str, Address]], own: Collection[str]) -> Iterator[Address]:
    """The addresses on which only this process listens: sockets may share one (SO_REUSEPORT), or take part of `0.0.0.0`."""
    others = {address for inode, address in listeners if inode not in own}
    taken = {port for _, port in others}
    for inode, (host, port) in listeners:
        if inode in own and (host, port) not in others and not (host in ("0.0.0.0", "::") and port in taken):
            yield host, port


def owner_of(pid: int) -> int | None:
    """The user that a process runs as; None if unknown."""
    told = re.search(r"^Uid:\s+\d+\s+(\d+)", _read_proc(f"/proc/{pid}/status"), re.MULTILINE)
    if told:
        return int(told[1])  # the effective one; the folder's owner is root if a process has changed its user
    try:
        return int(_by_psutil(pid).uids().effective)
    except Exception:  # see `read_process`
        return None


def _by_psutil(pid: int) -> Any:
    import psutil  # type: ignore[import-untyped, unused-ignore]

    return psutil.Process(pid)


def _socket_inodes(pid: int) -> Iterator[str]:
    folder = f"/proc/{pid}/fd"
    try:
        numbers = os.listdir(folder)
    except OSError:
        return
    for number in numbers:
        try:
            target = os.readlink(f"{folder}/{number}")
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target[8:-1]


def _parse_listeners(table: str) -> Iterator[tuple[str, Address]]:
    """Inode and address of every listening socket in the text of /proc/net/tcp or tcp6 (proc(5))."""
    import socket
    import struct

    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10 or fields[3] != "0A":
            continue
        address, _, port = fields[1].partition(":")
        words = [int(address[i : i + 8], 16) for i in range(0, len(address), 8)]
        packed = struct.pack(f"={len(words)}I", *words)
        family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
        yield fields[9], (socket.inet_ntop(family, packed), int(port, 16))


def _read_proc(file: str) -> str:
    """A file in /proc, empty if it can't be read; decoded like a path, so that paths in it can be opened."""
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except OSError:
        return ""
