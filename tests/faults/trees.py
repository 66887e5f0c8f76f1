"""An environment's tree, with nothing left out that an install may change: compared byte for byte."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

Entry = tuple[str, int, bytes]
Tree = dict[str, Entry]
Verdict = Literal["before", "after", "broken"]

IGNORED = (".safepip", ".lock")
"""The store of transactions, and the lock of uv."""


def read_tree(root: Path) -> Tree:
    """Kind, mode and content (a digest) or target of everything below ``root``."""
    found: Tree = {}
    for directory, directories, files in os.walk(root):
        if directory == str(root):
            directories[:] = [each for each in directories if each not in IGNORED]
            files[:] = [each for each in files if each not in IGNORED]
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            found[os.path.relpath(path, root)] = _read_entry(path)
    return found


def _read_entry(path: str) -> Entry:
    mode = os.lstat(path).st_mode & 0o7777
    if os.path.islink(path):
        return "link", 0, os.fsencode(os.readlink(path))
    if os.path.isdir(path):
        return "directory", mode, b""
    with open(path, "rb") as file:
        return "file", mode, hashlib.file_digest(file, "blake2b").digest()


def without_compiled(tree: Tree) -> Tree:
    """The tree with no more of a ``.pyc`` than that it is there: two installs by pip give its sources two times."""
    return {path: (*entry[:2], b"" if path.endswith(".pyc") else entry[2]) for path, entry in tree.items()}


def judge(tree: Tree, *, before: Tree, after: Tree) -> Verdict:
    """Whether a tree is whole. As it was before is meant to the last byte, ``.pyc`` files included."""
    if tree == before:
        return "before"
    return "after" if without_compiled(tree) == without_compiled(after) else "broken"


def differences(tree: Tree, wanted: Tree) -> list[str]:
    """The paths in which two trees differ."""
    return sorted(path for path in {*tree, *wanted} if tree.get(path) != wanted.get(path))
