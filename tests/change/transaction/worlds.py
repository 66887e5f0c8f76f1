"""Small environments to change and to break: built from a few lines, and described with nothing left out."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import shutil
import signal
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ipython_where.change.transaction.disk import RealDisk
from ipython_where.change.transaction.transaction import Committed, Store
from ipython_where.change.transaction.unfinished import STORE
from ipython_where.change.values import Change

SITE = "lib/python3.11/site-packages"

Content = str | tuple[str, int]
"""The text of a file, with its mode where it is not 0644; or `-> target` for a symbolic link, `/` for a directory."""

Snapshot = dict[str, tuple[str, int, bytes]]


def lay_out(root: Path, files: Mapping[str, Content]) -> None:
    """Make files, links and directories below ``root``."""
    for path, content in files.items():
        text, mode = content if isinstance(content, tuple) else (content, 0o644)
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            target.symlink_to(text[3:])
        elif text == "/":
            target.mkdir(exist_ok=True)
            target.chmod(0o755 if mode == 0o644 else mode)
        else:
            target.write_text(text)
            target.chmod(mode)


def install(root: Path, name: str, version: str, files: Mapping[str, Content], *, site: str = SITE) -> Path:
    """Lay a distribution out as an installer does, with a RECORD of all its files; its metadata directory."""
    metadata = f"{site}/{name}-{version}.dist-info"
    mine = {
        **files,
        f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{metadata}/INSTALLER": "pip\n",
        f"{metadata}/REQUESTED": "",
        f"{metadata}/licenses/LICENSE": "free",
    }
    lay_out(root, mine)
    rows = [row(root, path, site) for path, content in mine.items() if content != "/"]
    lay_out(root, {f"{metadata}/RECORD": "".join(rows) + f"{name}-{version}.dist-info/RECORD,,\n"})
    return root / metadata


def row(root: Path, path: str, site: str = SITE) -> str:
    """A line of RECORD."""
    listed = os.path.relpath(path, site)
    if path.endswith(".pyc") or (root / path).is_symlink():
        return f"{listed},,\n"
    content = (root / path).read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{listed},sha256={digest},{len(content)}\n"


def snapshot(root: Path) -> Snapshot:
    """Everything below ``root``: kind, mode, and content or target; but for the store and the lock of uv."""
    found: Snapshot = {}
    _describe(str(root), "", found)
    return found


def _describe(root: str, directory: str, found: Snapshot) -> None:
    with os.scandir(os.path.join(root, directory)) as entries:
        for each in entries:
            path = os.path.join(directory, each.name)
            if path in (STORE, ".lock"):
                continue
            mode = each.stat(follow_symlinks=False).st_mode & 0o7777
            if each.is_symlink():
                found[path] = ("link", 0, os.fsencode(os.readlink(each.path)))
            elif each.is_dir():
                found[path] = ("directory", mode, b"")
                _describe(root, path, found)
            else:
                with open(each.path, "rb") as file:
                    found[path] = ("file", mode, file.read())


def copy(source: Path, target: Path) -> None:
    """A copy of a world, with modes, times and links."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


def make_world(root: Path) -> None:
    """An environment with something of everything: see each line."""
    s = SITE
    install(
        root,
        "alpha",
        "1",
        {
            f"{s}/alpha/__init__.py": "one",
            f"{s}/alpha/sub/x.py": "x1",
            f"{s}/alpha/sub/secret.txt": ("mode bits", 0o600),
            f"{s}/alpha/gone.py": "only in one",
            f"{s}/alpha/link.py": "-> __init__.py",
            f"{s}/alpha/__pycache__/__init__.cpython-311.pyc": "compiled one",
            f"{s}/ns/alpha_part.py": "part of a namespace",
            f"{s}/single.py": "single one",
            f"{s}/alpha.pth": "import sys\n",
            "bin/alpha": ("#!/bin/sh\n", 0o755),
            "share/alpha/data.txt": "data one",
            "etc/alpha.conf": "conf one",
            "include/site/python3.11/alpha/alpha.h": "header one",
        },
    )
    install(
        root,
        "beta",
        "1",
        {f"{s}/beta/__init__.py": "beta one", f"{s}/beta/data.bin": "beta data", f"{s}/beta/deep/d.py": "d1"},
    )
    install(root, "gamma", "1", {f"{s}/ns/gamma_part.py": "stays", f"{s}/gamma.py": "stays", "bin/gamma": ("g", 0o755)})
    install(root, "epsilon", "1", {f"{s}/epsilon/__init__.py": "to be removed", f"{s}/ns/eps/e.py": "removed"})
    lay_out(
        root,
        {
            f"{s}/__pycache__/single.cpython-311.pyc": "compiled from an owned source",
            f"{s}/__pycache__/gamma.cpython-311.pyc": "compiled from another's",
            f"{s}/alpha/empty": ("/", 0o750),  # goes with the directory, and comes back with it
            f"{s}/alpha/sub/__pycache__/x.cpython-311.opt-1.pyc": "compiled later",
            f"{s}/beta/notes.txt": "the user's own",
            f"{s}/beta/__pycache__/__init__.cpython-311.pyc": "compiled",
            f"{s}/beta/__pycache__/old.cpython-311.pyc": "source unknown",
            f"{s}/newcomer.py": "the user's, where the new version has a file",
            f"{s}/linked": "-> ../../../elsewhere",
            "elsewhere/precious.txt": "behind the user's link",
            "lib64": "-> lib",
            f"{s}/beta/data.bin": "EDITED by the user",
            f"{s}/beta/deep": ("/", 0o700),
        },
    )


def make_stage(stage: Path) -> None:
    """Newer alpha and beta, and a delta: what an installer would leave in a stage."""
    s = SITE
    install(
        stage,
        "alpha",
        "2",
        {
            f"{s}/alpha/__init__.py": "two",
            f"{s}/alpha/sub/x.py": "x2",
            f"{s}/alpha/new/y.py": "y2",
            f"{s}/alpha/__pycache__/__init__.cpython-311.pyc": "compiled two",
            f"{s}/ns/alpha_part.py": "part two",
            f"{s}/ns/more/z.py": "z2",
            f"{s}/single.py": "single two",
            f"{s}/newcomer.py": "in the place of the user's",
            f"{s}/linked/__init__.py": "in the place of a link",
            "bin/alpha": ("#!/bin/sh\n# two\n", 0o755),
            "bin/alpha-new": ("#!/bin/sh\n", 0o755),
            "share/alpha/data.txt": "data two",
            "share/fresh/f.txt": "fresh",
            "include/site/python3.11/alpha/alpha.h": "header two",
        },
    )
    install(stage, "beta", "2", {f"{s}/beta/__init__.py": "beta two", f"{s}/beta/deep/d.py": ("d2", 0o600)})
    install(stage, "delta", "1", {f"{s}/delta.py": "new", f"{s}/delta_data/d.txt": "new", f"{s}/delta_data/e": "/"})
    lay_out(stage, {".lock": ""})  # uv's, of the prefix that it was given


EXPECTED = {"alpha": "2", "beta": "2", "delta": "1"}
REPLACED = ("alpha-1", "beta-1", "epsilon-1")
CHANGES = (
    Change(name="alpha", kind="upgraded", old="1", new="2", asked_for=True),
    Change(name="beta", kind="upgraded", old="1", new="2", asked_for=False, wanted_by=("alpha",)),
    Change(name="delta", kind="added", old=None, new="1", asked_for=False, wanted_by=("alpha",)),
    Change(name="epsilon", kind="removed", old="1", new=None, asked_for=True),
)


def open_store(root: Path, disk: RealDisk | None = None, *, keep: int = 10, budget: int = 2_000_000_000) -> Store:
    """The store of a world."""
    return Store(
        str(root),
        site_directories=[str(root / SITE)],
        disk=disk or QuickDisk(),
        keep=keep,
        budget=budget,
        clock=lambda: 1e9,
    )


def upgrade(root: Path, store: Store, *, then: Callable[[], None] = lambda: None) -> Committed:
    """The change that most tests make; ``then`` is called when it has begun."""
    staging = store.begin("%safepip install -U alpha")
    then()
    make_stage(Path(staging.stage))
    return store.commit(
        staging,
        changes=CHANGES,
        replaced=[str(root / SITE / f"{name}.dist-info") for name in REPLACED],
        expected=EXPECTED,
        unchanged=store.snapshot(),
    )


class QuickDisk(RealDisk):
    """A disk that is never waited for: a killed process does not need it, only a power cut does."""

    def write(self, path: str, content: bytes, mode: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with open(descriptor, "wb") as file:
            file.write(content)

    def sync(self, path: str) -> None:
        pass

    def sync_directory(self, path: str) -> None:
        pass


@dataclass
class Fault:
    """What goes wrong at the effect with the number ``at``: ``before`` it, or after it has happened."""

    at: int
    strike: Callable[[], None]
    before: bool = True
    again: bool = False


def kill() -> None:
    """End this process, here and now."""
    os.kill(os.getpid(), signal.SIGKILL)


SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32): EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN
NO_LOG_FLUSH = 2


def cut_power(path: str | Path) -> None:
    """Stop the file system of ``path`` here and now: what it had not brought to its medium is gone (Linux, root).

    ext4 and XFS offer that for their own tests.
    """
    import fcntl  # POSIX alone has it

    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    finally:
        os.close(descriptor)


def full_disk() -> None:
    """No space is left."""
    raise OSError(errno.ENOSPC, "No space left on device")


def broken_disk() -> None:
    """The medium fails."""
    raise OSError(errno.EIO, "Input/output error")


def interrupt() -> None:
    """Ctrl-C, raised at once."""
    raise KeyboardInterrupt


class FaultyDisk(QuickDisk):
    """A disk that counts its effects, and has a fault at one of them. Deleting a tree can be struck half-way.

    It is waited for where it is ``durable``, as a power cut wants it.
    """

    def __init__(self, fault: Fault | None = None, *, overlay: bool = False, durable: bool = False) -> None:
        self.fault = fault
        self.overlay = overlay
        self.base = RealDisk() if durable else QuickDisk()
        self.count = 0
        self.log: list[str] = []

    def _effect(self, what: str, act: Callable[[], None]) -> None:
        number, self.count = self.count, self.count + 1
        self.log.append(what)
        strikes = self.fault is not None and (number == self.fault.at or (self.fault.again and number > self.fault.at))
        if strikes and self.fault is not None and self.fault.before:
            self.fault.strike()
        act()
        if strikes and self.fault is not None and not self.fault.before:
            self.fault.strike()

    def rename(self, source: str, target: str) -> None:
        if self.overlay and os.path.isdir(source) and not os.path.islink(source):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        self._effect(f"rename {target}", lambda: self.base.rename(source, target))

    def make_directory(self, path: str, mode: int) -> None:
        self._effect(f"make {path}", lambda: self.base.make_directory(path, mode))

    def remove_directory(self, path: str) -> None:
        self._effect(f"remove {path}", lambda: self.base.remove_directory(path))

    def change_mode(self, path: str, mode: int) -> None:
        self._effect(f"mode {path}", lambda: self.base.change_mode(path, mode))

    def link(self, target: str, path: str) -> None:
        self._effect(f"link {path}", lambda: self.base.link(target, path))

    def write(self, path: str, content: bytes, mode: int) -> None:
        self._effect(
            f"write the first half of {path}", lambda: self.base.write(path, content[: len(content) // 2], mode)
        )
        self._effect(f"write {path}", lambda: self.base.write(path, content, mode))

    def draft(self, path: str, content: bytes, mode: int) -> None:
        self._effect(f"draft {path}", lambda: self.base.draft(path, content, mode))

    def copy(self, source: str, target: str) -> None:
        self._effect(f"copy {target}", lambda: self.base.copy(source, target))

    def unlink(self, path: str) -> None:
        self._effect(f"unlink {path}", lambda: self.base.unlink(path))

    def remove_tree(self, path: str) -> None:
        self._effect(f"half of tree {path}", lambda: self._remove_half(path))
        self._effect(f"tree {path}", lambda: self.base.remove_tree(path))

    def _remove_half(self, path: str) -> None:
        files = sorted(os.path.join(top, name) for top, _, names in os.walk(path) for name in names)
        for file in files[::2]:
            os.unlink(file)

    def sync(self, path: str) -> None:
        self._effect(f"sync {path}", lambda: self.base.sync(path))

    def sync_directory(self, path: str) -> None:
        self._effect(f"sync {path}", lambda: self.base.sync_directory(path))
