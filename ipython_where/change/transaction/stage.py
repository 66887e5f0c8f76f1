"""Verifies what an installer staged: exactly the planned distributions, all in the right place.

Tested in `tests/change/transaction/test_transaction.py`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from ipython_where.errors import WhereError
from ipython_where.facts.distributions.listing import Tree
from ipython_where.facts.distributions.metadata import parse_metadata, same_version
from ipython_where.model import Evidence
from ipython_where.project_names import canonical_name
from ipython_where.redact import without_user

from .disk import Disk
from .listed_paths import RecordRow, no_list, parse_record
from .swap_plan import source_of


class StageError(WhereError):
    """What was staged is not what was planned."""


def verify_stage(
    stage: str, tree: Tree, *, sites: Sequence[str], expected: Mapping[str, str], canonical: Callable[[str], str]
) -> None:
    """Check that exactly the ``expected`` names and versions are staged, below ``sites``, each with all of its files.

    ``canonical`` resolves an alias of a path's top directory (`lib64`). Raises `StageError`, or `RecordError` for
    a RECORD that is broken or leads outside.
    """
    metadata = [path for path, entry in tree.entries.items() if entry.directory and path.endswith(".dist-info")]
    # deeper in a site are the metadata of vendored projects, which a distribution may ship (bleach ships html5lib's)
    inside = tuple(f"{site}/" for site in sites)
    metadata = [path for path in metadata if posixpath.dirname(path) in sites or not path.startswith(inside)]
    elsewhere = [path for path in metadata if posixpath.dirname(path) not in sites]
    if elsewhere:
        raise StageError(
            "the installer put distributions where this interpreter does not look for them",
            evidence=(
                *(Evidence(label="found", value=path) for path in elsewhere),
                *(Evidence(label="wanted", value=site) for site in sites),
            ),
            hint="look for `target`, `prefix` or `python` in the installer's configuration",
            unchanged=True,
        )
    found = {canonical_name(name): version for name, version in (_identity(stage, path) for path in metadata)}
    wanted = {canonical_name(name): version for name, version in expected.items()}
    if len(found) != len(metadata) or not _same(found, wanted):
        raise _unplanned(found, wanted)
    for path in metadata:
        _verify_files(path, read_rows(stage, path), tree, canonical)


def _same(found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return found.keys() == wanted.keys() and all(same_version(found[name], wanted[name]) for name in found)


def _unplanned(found: Mapping[str, str], wanted: Mapping[str, str]) -> StageError:
    names = sorted({*found, *wanted})
    different = [name for name in names if not same_version(found.get(name, ""), wanted.get(name, ""))]
    return StageError(
        "the installer did not stage what was planned",
        evidence=tuple(
            Evidence(label=name, value=f"planned {wanted.get(name, 'no')}, staged {found.get(name, 'no')}")
            for name in different
        ),
        hint="look for `target`, `prefix` or `dry-run` in the installer's configuration",
        unchanged=True,
    )


def _identity(stage: str, metadata: str) -> tuple[str, str]:
    try:
        with open(os.path.join(stage, metadata, "METADATA"), "rb") as file:
            content = file.read()
    except OSError:
        content = None
    parsed = parse_metadata(content, posixpath.basename(metadata))
    return parsed.name or posixpath.basename(metadata), parsed.version or ""


def read_rows(root: str, metadata: str) -> tuple[RecordRow, ...]:
    """The rows of the RECORD in a metadata directory, both relative to ``root``."""
    try:
        with open(os.path.join(root, metadata, "RECORD"), "rb") as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise no_list(metadata) from None
    return parse_record(content, metadata=metadata, root=root)


def _verify_files(metadata: str, rows: Iterable[RecordRow], tree: Tree, canonical: Callable[[str], str]) -> None:
    for row in rows:
        entry = tree.get(canonical(row.path))
        # numpy's wheels ship a `.pyc`: pip lists that one in RECORD, then overwrites it by compiling
        is_compiled = source_of(row.path) is not None
        if entry is None or (row.size is not None and entry.size != row.size and not is_compiled):
            state = "is missing" if entry is None else f"has {entry.size} bytes instead of {row.size}"
            raise StageError(
                f"`{posixpath.basename(metadata)}` was staged incompletely",
                evidence=(f"{row.path} {state}",),
                hint="if it happens again, a file in the installer's cache was edited: add `--no-cache-dir`",
                unchanged=True,
            )


def settle_requested(disk: Disk, site: str, *, asked_for: Collection[str]) -> tuple[str, ...]:
    """Remove REQUESTED, and its row in RECORD, from the staged distributions that were not asked for by name.

    We install exact pins, so the installer marks every distribution as requested. Returns the metadata directories in
    ``site`` that were changed.
    """
    wanted = {canonical_name(name) for name in asked_for}
    changed = []
    for name in sorted(os.listdir(site)) if os.path.isdir(site) else ():
        metadata = os.path.join(site, name)
        mark = os.path.join(metadata, "REQUESTED")
        if not name.endswith(".dist-info") or not os.path.lexists(mark):
            continue
        if canonical_name(_identity(site, name)[0]) not in wanted:
            _without_mark(disk, metadata, name)
            disk.unlink(mark)
            changed.append(name)
    return tuple(changed)


def _without_mark(disk: Disk, metadata: str, name: str) -> None:
    _rewrite_record(disk, metadata, f"{name}/REQUESTED", "")


def settle_direct_urls(disk: Disk, site: str, *, hashes: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Remove anything that may be a credential from the URLs in direct_url.json, and add the hash that the installer was given
    to check, since uv records none.

    PEP 610 forbids credentials there, but the installers leave a token in a query. ``hashes`` are by name, spelled
    ``sha256:…``. Returns the metadata directories in ``site`` that were changed.
    """
    checked = {canonical_name(name): each for name, each in hashes.items()}
    changed = []
    for name in sorted(os.listdir(site)) if os.path.isdir(site) else ():
        path = os.path.join(site, name, "direct_url.json")
        if name.endswith(".dist-info") and os.path.isfile(path):
            with open(path, "rb") as file:
                old = file.read()
                mode = os.fstat(file.fileno()).st_mode & 0o7777
            mine = checked.get(canonical_name(_identity(site, name)[0]), ())
            new = with_hash(without_credentials(old), mine)
            if new != old:
                disk.draft(f"{path}.new", new, mode)
                disk.rename(f"{path}.new", path)
                digest = base64.urlsafe_b64encode(hashlib.sha256(new).digest()).rstrip(b"=").decode()
                row = f"{name}/direct_url.json"
                _rewrite_record(disk, os.path.join(site, name), row, f"{row},sha256={digest},{len(new)}\n")
                changed.append(name)
    return tuple(changed)


def with_hash(direct_url: bytes, hashes: Sequence[str]) -> bytes:
    """The content of an archive's direct_url.json with its hash added, if it has none and exactly one was given: of several,
    it is unknown which one matched.
    """
    try:
        data = json.loads(direct_url)
        archive = data.get("archive_info")
        if len(hashes) != 1 or archive is None or archive.get("hashes") or archive.get("hash"):
            return direct_url
        name, _, value = hashes[0].partition(":")
        return json.dumps({**data, "archive_info": {**archive, "hashes": {name: value}}}).encode()
    except (ValueError, TypeError, AttributeError):
        return direct_url


def without_credentials(direct_url: bytes) -> bytes:
    """The content of a direct_url.json without user, password and query in its URL; unchanged if it has none of them."""
    try:
        data = json.loads(direct_url)
        url = data["url"]
        bare = re.sub(r"\?[^#]*", "", without_user(url), count=1)
    except (ValueError, KeyError, TypeError):
        return direct_url
    return direct_url if bare == url else json.dumps({**data, "url": bare}).encode()


def _rewrite_record(disk: Disk, metadata: str, path: str, row: str) -> None:
    """Replace a path's row in RECORD. It writes a new file, because the old one may be a hard link into a cache."""
    record = os.path.join(metadata, "RECORD")
    with open(record, "rb") as file:
        lines = file.read().splitlines(keepends=True)
        mode = os.fstat(file.fileno()).st_mode & 0o7777
    start = f"{path},".encode()
    new = b"".join(row.encode() if line.startswith(start) else line for line in lines)
    disk.draft(f"{record}.new", new, mode)  # no fsync: the whole stage is synced before the swap
    disk.rename(f"{record}.new", record)
