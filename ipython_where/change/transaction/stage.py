"""What an installer left in a stage: exactly the planned distributions and nothing elsewhere, or it was diverted."""

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
from ipython_where.redact import without_user

from .disk import Disk
from .listed_paths import Row, no_list, parse_record
from .operations import source_of


class StageError(WhereError):
    """What was staged is not what was planned."""


def canonical_name(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def verify_stage(
    stage: str, tree: Tree, *, sites: Sequence[str], expected: Mapping[str, str], canonical: Callable[[str], str]
) -> None:
    """Make sure that just the ``expected`` names and versions are staged, below ``sites``, each with all of its files.

    ``canonical`` gives a path the one name that its top directory goes by. Raises `StageError`, or `RecordError` for
    a RECORD that is broken or leads outside.
    """
    metadata = [path for path, entry in tree.entries.items() if entry.directory and path.endswith(".dist-info")]
    # below a site's folders are those that a distribution brings with what it has vendored (bleach has html5lib's)
    inside = tuple(f"{site}/" for site in sites)
    metadata = [path for path in metadata if posixpath.dirname(path) in sites or not path.startswith(inside)]
    elsewhere = [path for path in metadata if posixpath.dirname(path) not in sites]
    if elsewhere:
        raise StageError(
            "the installer put distributions where this interpreter does not look for them",
            evidence=(*(f"found   {path}" for path in elsewhere), *(f"wanted  {site}" for site in sites)),
            hint="nothing was changed; look for `target`, `prefix` or `python` in the installer's configuration",
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
            f"{name}  planned {wanted.get(name, 'no')}, staged {found.get(name, 'no')}" for name in different
        ),
        hint="nothing was changed; look for `target`, `prefix` or `dry-run` in the installer's configuration",
    )


def _identity(stage: str, metadata: str) -> tuple[str, str]:
    try:
        with open(os.path.join(stage, metadata, "METADATA"), "rb") as file:
            content = file.read()
    except OSError:
        content = None
    parsed = parse_metadata(content, posixpath.basename(metadata))
    return parsed.name or posixpath.basename(metadata), parsed.version or ""


def read_rows(root: str, metadata: str) -> tuple[Row, ...]:
    """The rows of the RECORD in a metadata directory, both relative to ``root``."""
    try:
        with open(os.path.join(root, metadata, "RECORD"), "rb") as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise no_list(metadata) from None
    return parse_record(content, metadata=metadata, root=root)


def _verify_files(metadata: str, rows: Iterable[Row], tree: Tree, canonical: Callable[[str], str]) -> None:
    for row in rows:
        entry = tree.get(canonical(row.path))
        # numpy's wheels bring a `.pyc` of their own: pip lists that one, and then writes another in its place
        is_compiled = source_of(row.path) is not None
        if entry is None or (row.size is not None and entry.size != row.size and not is_compiled):
            state = "is missing" if entry is None else f"has {entry.size} bytes instead of {row.size}"
            raise StageError(
                f"`{posixpath.basename(metadata)}` was staged incompletely",
                evidence=(f"{row.path} {state}",),
                hint="nothing was changed; run it again",
            )


def settle_requested(disk: Disk, site: str, *, asked_for: Collection[str]) -> tuple[str, ...]:
    """Take REQUESTED, and its row in RECORD, away from the staged distributions that were not asked for by name.

    Exact pins make every distribution a requested one. Returns the metadata directories that were changed, in ``site``.
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
    """Take what may be a credential out of the URLs that the staged distributions remember (direct_url.json), and put the
    hash in that the installer was given to check: uv records none.

    PEP 610 forbids credentials there, and the installers leave a token that stands in a query. ``hashes`` are by name,
    spelled ``sha256:…``. Returns the metadata directories that were changed, in ``site``.
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
    """The content of an archive's direct_url.json with its hash, where it has none: of several, it is not known which
    one was checked.
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
    """The content of a direct_url.json whose URL has no user, password and query; as it is where it has none of them."""
    try:
        data = json.loads(direct_url)
        url = data["url"]
        bare = re.sub(r"\?[^#]*", "", without_user(url), count=1)
    except (ValueError, KeyError, TypeError):
        return direct_url
    return direct_url if bare == url else json.dumps({**data, "url": bare}).encode()


def _rewrite_record(disk: Disk, metadata: str, path: str, row: str) -> None:
    """Put ``row`` in the place of a path's row, in a new RECORD: the old one may be a hard link into a cache."""
    record = os.path.join(metadata, "RECORD")
    with open(record, "rb") as file:
        lines = file.read().splitlines(keepends=True)
        mode = os.fstat(file.fileno()).st_mode & 0o7777
    start = f"{path},".encode()
    new = b"".join(row.encode() if line.startswith(start) else line for line in lines)
    disk.draft(f"{record}.new", new, mode)  # a stage need not outlive a power cut: all of it is synced before the swap
    disk.rename(f"{record}.new", record)
