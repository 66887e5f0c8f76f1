"""Whether a loaded module is still what is installed: by its file, its distribution's times and hash, and its version.

Tested in `tests/facts/imports/test_loaded.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.metadata import same_version
from ipython_where.facts.files import Content, read_file
from ipython_where.model import Loaded

from .loaded import is_same_file
from .source_version import read_version_on_disk


def judge_stale(
    loaded: Loaded,
    *,
    file: str | None,
    same_file: bool,
    file_changed: float | None,
    metadata_changed: float | None,
    since: float | None,
    as_recorded: Callable[[], bool],
    version_on_disk: Callable[[], str | None],
    installed_version: str | None = None,
) -> bool | None:
    """Whether the loaded module differs from what an import would load now; None if neither is proven.

    Times are seconds since the epoch: when file and metadata last changed, and ``since``, the earliest time at which
    the module was loaded. A file that has not changed since is not stale, and neither is one with a newer time whose
    content still matches an older RECORD. Otherwise the versions decide: the loaded module's, and the one that its
    source would set now. The distribution's version says little (`cv2` 4.10.0 is `opencv-python` 4.10.0.84). But if it
    equals the loaded one, a different version in the source proves nothing.
    """
    if file is not None and loaded.file is not None and not same_file:
        return True
    if file is None or file_changed is None or since is None:
        return None
    is_older = metadata_changed is None or metadata_changed < since
    if is_older and (file_changed < since or (metadata_changed is not None and as_recorded())):
        return False
    version = version_on_disk() if loaded.version is not None else None
    if loaded.version is None or version is None:
        return None
    if same_version(loaded.version, version):
        return False
    return None if installed_version is not None and same_version(loaded.version, installed_version) else True


def read_stale(
    loaded: Loaded,
    *,
    file: str | None,
    metadata: str | None,
    version: str | None,
    since: float | None,
    distributions: Distributions,
) -> bool | None:
    """Whether a loaded module is older than the ``file`` that an import would load now, or than its distribution."""
    return judge_stale(
        loaded,
        file=file,
        same_file=is_same_file(file, loaded.file),
        file_changed=changed_at(file),
        metadata_changed=_installed_at(metadata),
        since=since,
        as_recorded=lambda: has_recorded_content(file, metadata, distributions),
        version_on_disk=lambda: read_version_on_disk(file, version),
        installed_version=version,
    )


def _installed_at(metadata: str | None) -> float | None:
    """When a distribution was installed: the later time of its metadata directory and its RECORD."""
    changed = changed_at(metadata)
    if metadata is None or changed is None:
        return changed
    try:
        return max(changed, os.stat(os.path.join(metadata, "RECORD")).st_mtime)
    except OSError:
        return changed


def has_recorded_content(file: str | None, metadata: str | None, distributions: Distributions) -> bool:
    """Whether a file's content matches the hash in its distribution's RECORD.

    Needed because a new hard link in another environment, as uv makes them, updates the inode's change time and nothing
    else.
    """
    if file is None or metadata is None:
        return False
    row = distributions.row(metadata, file, os.path.dirname(metadata))
    hash_, _, size = (row or b"").partition(b",")
    try:
        if (
            not hash_.startswith(b"sha256=")
            or os.stat(file).st_size > LARGEST
            or (size and os.stat(file).st_size != int(size))
        ):
            return False
        content = read_file(file, LARGEST)
        return isinstance(content, Content) and sha256_row(content.data) == hash_
    except (OSError, ValueError):
        return False


LARGEST = 64 << 20
"""Bytes: a bigger file is not hashed for an answer."""


def sha256_row(content: bytes) -> bytes:
    """The SHA-256 of some content, spelled as in RECORD."""
    import base64
    import hashlib

    return b"sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")


def changed_at(path: str | None) -> float | None:
    """When a file or directory last changed: the later of its modification and status-change times."""
    if path is None:
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    return max(status.st_mtime, status.st_ctime)
