"""What a git repository on the disk says of itself: read from its files, as no git has to be started for it."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

from .requirement_files import read_text

_COMMIT = re.compile(r"[0-9a-f]{40}")
_ORIGIN = re.compile(r'^\[remote "origin"\]\s*$(.*?)(?=^\[|\Z)', re.MULTILINE | re.DOTALL)
_URL = re.compile(r"^\s*url\s*=\s*(\S+)\s*$", re.MULTILINE)


def is_at(path: str, url: str) -> bool:
    """Whether the repository at ``path`` is what ``url`` (`git+…@COMMIT`) names: from there, with all of that commit's
    hash. pip leaves such a one alone. False where it is not proven: a branch or a tag may have moved.
    """
    wanted, at, commit = url.partition("#")[0].rpartition("@")
    if not at or _COMMIT.fullmatch(commit) is None or not wanted.startswith("git+"):
        return False
    origin = _origin(path)
    return origin is not None and _plain(origin) == _plain(wanted[len("git+") :]) and _head(path) == commit


def _plain(url: str) -> str:
    """A URL as pip compares it."""
    return unquote(url).rstrip("/") if urlsplit(url).scheme else url


def _origin(path: str) -> str | None:
    text = read_text(os.path.join(path, ".git", "config")) or ""
    found = [url for section in _ORIGIN.findall(text) for url in _URL.findall(section)]
    return found[0] if len(found) == 1 and "[include" not in text else None


def _head(path: str) -> str | None:
    """The commit of HEAD: itself, or that of the branch that it names, in a file or among the packed ones."""
    folder = os.path.join(path, ".git")
    head = (read_text(os.path.join(folder, "HEAD")) or "").strip()
    branch = head.removeprefix("ref: ")
    if branch == head:
        return head
    loose = read_text(os.path.join(folder, branch))
    if loose is not None:
        return loose.strip()
    packed = read_text(os.path.join(folder, "packed-refs")) or ""
    return next((line[:40] for line in packed.splitlines() if line[41:] == branch), None)
