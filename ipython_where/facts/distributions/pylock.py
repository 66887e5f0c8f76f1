"""Lock files (pylock.toml, PEP 751): written from the installed distributions, read for what this interpreter installs.

Tested in `tests/change/test_lock_sync.py`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from ipython_where.errors import WhereError
from ipython_where.project_names import canonical_name
from ipython_where.redact import without_user
from ipython_where.value import dataclass

from .metadata import same_version

if TYPE_CHECKING:
    from packaging.pylock import Pylock

_ENVIRONMENT = ("sys_platform", "platform_machine", "python_version", "implementation_name")
DEFAULT = "pylock.toml"


class LockFileError(WhereError):
    """A lock file cannot be written or read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One distribution that a lock selects here. ``table`` is its entry; ``version`` is None if the lock has none."""

    name: str
    version: str | None
    table: Mapping[str, Any] = field(repr=False)

    @property
    def is_direct(self) -> bool:
        """Whether it comes from a repository, a folder or an archive instead of an index."""
        return any(key in self.table for key in ("vcs", "directory", "archive"))

    @property
    def hashes(self) -> frozenset[tuple[str, str]]:
        """Every hash that the lock accepts for it."""
        table = self.table
        files = (*table.get("wheels", ()), table.get("sdist") or {}, table.get("archive") or {})
        return frozenset((name, value) for each in files for name, value in each.get("hashes", {}).items())


def is_lock_name(path: str) -> bool:
    """Whether a file is named like a lock file: `pylock.toml` or `pylock.NAME.toml`."""
    return re.fullmatch(r"pylock\.(?:[^.]+\.)?toml", os.path.basename(path)) is not None


# -- writing -----------------------------------------------------------------------------------------------------------


def make_lock(packages: Iterable[Mapping[str, Any]], markers: Mapping[str, str]) -> str:
    """The text of a lock file for the interpreter that ``markers`` describe. Raises `LockFileError` if it is not valid.

    This interpreter's markers and tags chose what is installed, so the lock only suits interpreters like it.
    """
    environment = " and ".join(f"{name} == '{markers[name]}'" for name in _ENVIRONMENT)
    document = {
        "lock-version": "1.0",
        "environments": [environment],
        "created-by": "ipython_where",
        "packages": sorted(packages, key=lambda each: str(each["name"])),
    }
    _validated(document, "the lock that was made")
    return dump_toml(document)


def package_of(name: str, version: str, direct_url: bytes | None, *, folder: str) -> dict[str, Any] | None:
    """The entry of a distribution whose direct_url.json (PEP 610) proves its source; None if it proves nothing.

    Paths below ``folder``, where the lock will be, are relative to it.
    """
    try:
        data = json.loads(direct_url or b"")
        url, vcs, archive, directory = data["url"], data.get("vcs_info"), data.get("archive_info"), data.get("dir_info")
        more = {"subdirectory": data["subdirectory"]} if data.get("subdirectory") else {}
        if vcs is not None:
            kind, commit = str(vcs["vcs"]), str(vcs["commit_id"])
            return {"name": canonical_name(name), "vcs": {"type": kind, "url": bare(url), "commit-id": commit, **more}}
        if directory is not None:
            editable = {"editable": True} if directory.get("editable") else {}
            return {"name": canonical_name(name), "directory": {"path": _path_of(url, folder), **editable, **more}}
        hashes = dict((archive or {}).get("hashes") or {})
        if hashes:
            return {
                "name": canonical_name(name),
                "version": version,
                "archive": {**_file_of(url, folder), "hashes": hashes, **more},
            }
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return None


def bare(url: str) -> str:
    """A URL that is safe in a shared file: without user, password, query and fragment."""
    return re.split(r"[?#]", without_user(url), maxsplit=1)[0]


def without_secrets(table: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of an installer's own lock without credentials, and without the index, which is the reader's choice."""

    def clean(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: clean(each, name) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [clean(each) for each in value]
        return bare(value) if key == "url" else value

    return {name: clean(value) for name, value in table.items() if name not in ("index", "dependencies", "marker")}


def by_path(table: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """An entry that names a local archive by its path, because uv does not accept a `file:` URL for it.

    Paths below ``folder``, where the lock will be, are relative to it.
    """
    archive = table.get("archive") or {}
    if "url" in archive:
        rest = {key: value for key, value in archive.items() if key != "url"}
        return {**table, "archive": {**_file_of(archive["url"], folder), **rest}}
    if "path" in archive:
        return {**table, "archive": {**archive, "path": _beside(archive["path"], folder)}}
    return dict(table)


def _file_of(url: str, folder: str) -> dict[str, str]:
    return {"path": _path_of(url, folder)} if url.startswith("file:") else {"url": bare(url)}


def _path_of(url: str, folder: str) -> str:
    from urllib.parse import unquote, urlsplit

    return _beside(unquote(urlsplit(url).path), folder)


def _beside(path: str, folder: str) -> str:
    path = os.path.normpath(path)
    inside = f"{path}/".startswith(f"{os.path.normpath(folder)}/")
    return os.path.relpath(path, folder) if inside else path


def dump_toml(document: Mapping[str, Any]) -> str:
    """A lock as TOML, in the style of pip's own lock files."""
    import tomli_w

    return tomli_w.dumps(document)


# -- reading -----------------------------------------------------------------------------------------------------------


def _validated(document: Mapping[str, Any], path: str) -> Pylock:
    try:
        from packaging.pylock import Pylock, PylockValidationError
    except ImportError:
        raise LockFileError(
            "lock files need packaging 26.1 or newer", hint="`%safepip install -U packaging`, and restart the kernel"
        ) from None
    try:
        return Pylock.from_dict(document)
    except PylockValidationError as error:
        raise LockFileError(f"`{path}` is not a valid lock file", evidence=(str(error),)) from None


def parse_lock(text: str, path: str) -> tuple[Locked, ...]:
    """The distributions that a lock file selects for the running interpreter.

    Raises `LockFileError` if the file is broken or was made for another interpreter.
    """
    document = _parsed(text, path)
    lock = _validated(document, path)
    from packaging.pylock import PylockSelectError

    try:
        selected = {str(package.name): package for package, _ in lock.select()}
    except PylockSelectError as error:
        raise LockFileError(f"`{path}` was not made for this interpreter", evidence=(str(error),)) from None
    chosen = (index for index, each in enumerate(lock.packages) if selected.get(str(each.name)) is each)
    tables = (document["packages"][index] for index in chosen)
    return tuple(Locked(name=each["name"], version=each.get("version"), table=each) for each in tables)


def is_lock(text: str, path: str) -> bool:
    """Whether a file's text is a valid lock file."""
    try:
        _validated(_parsed(text, path), path)
    except LockFileError:
        return False
    return True


def _parsed(text: str, path: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LockFileError(f"`{path}` is not TOML", evidence=(str(error),)) from None


def part_of(locked: Iterable[Locked], *, folder: str) -> str:
    """The text of a lock with only these distributions; paths are absolute, so that it can be stored anywhere."""
    packages = [by_path(_placed(each.table, folder), os.devnull) for each in locked]
    return dump_toml({"lock-version": "1.0", "created-by": "ipython_where", "packages": packages})


def _placed(table: Mapping[str, Any], folder: str) -> dict[str, Any]:
    def place(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: place(each, name) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [place(each) for each in value]
        return os.path.normpath(os.path.join(folder, value)) if key == "path" else value

    left_out = ("marker", "dependencies", "tool", "attestation-identities")
    return {name: place(value, name) for name, value in table.items() if name not in left_out}


def holds(locked: Locked, version: str, direct_url: bytes | None, *, folder: str) -> bool:
    """Whether an installed distribution matches the lock: same version, and same source if either side records one."""
    if locked.version is not None and not same_version(locked.version, version):
        return False
    try:
        data = json.loads(direct_url) if direct_url else {}
        if not locked.is_direct:
            return not data or bool(locked.hashes & _hashes(data))
        if "vcs" in locked.table:
            return bool((data.get("vcs_info") or {}).get("commit_id") == locked.table["vcs"]["commit-id"])
        if "archive" in locked.table:
            return bool(locked.hashes & _hashes(data))
        wanted = locked.table["directory"]
        path = os.path.normpath(os.path.join(folder, wanted["path"]))
        is_editable = bool((data.get("dir_info") or {}).get("editable"))
        return _path_of(data["url"], "/dev/null") == path and is_editable == bool(wanted.get("editable"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _hashes(direct_url: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset(((direct_url.get("archive_info") or {}).get("hashes") or {}).items())


def named_in(text: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines (`name==version`) that an installer's error message names, as spelled or normalised."""
    plain = re.sub(r"\s+", " ", text).lower()
    for line in lines:
        name, _, version = line.partition("==")
        names = "|".join(re.escape(each) for each in {canonical_name(name), name.lower()})
        if version and re.search(rf"(?<![\w.-])(?:{names}) ?== ?{re.escape(version)}(?!\.?\w)", plain):
            yield line
