"""An extension's files as a kernel sent them: checked, then written; whatever JupyterLab would fall over is refused.

JupyterLab reads each `package.json` and each schema again for every page, and answers 500 for all of `/lab` where one of them
is wrong (jupyterlab_server `config.get_federated_extensions` and `settings_utils`).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from .offered import KernelExtension

_MOST_FILES = 5_000
_LARGEST_JSON = 1 << 20
"""Bytes of a `package.json` or a schema: the largest known has 200 kB."""
_DEEPEST_JSON = 64
_PIECE = 1 << 20
_LARGEST_DIRECTORY = 4 << 20
"""Bytes of an archive's directory: Python reads all of it before it says how many files there are."""
_END = struct.Struct("<4s4H2LH")
"""The record at an archive's end: `PK\\5\\6`, disks, entries, the directory's size and place, a comment's length."""
_INSTALLED = "install.json"
"""It tells JupyterLab's extension manager how to uninstall, which would be another environment's business."""
_BAD_PART = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]|^\.\.?$|^$|[. ]$')
"""A part of a path that some file system would read otherwise than as this name."""
_MODULE = re.compile(r"\./[\w./-]{1,100}", re.ASCII)
_SCRIPT = re.compile(r"[\w@.+-]+(?:/[\w@.+-]+)*", re.ASCII)


class FilesRefused(Exception):
    """The files are not taken; the message is a reason for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyExtension:
    """What the page needs to load an extension, from its `package.json`."""

    name: str
    version: str
    load: str
    extension: str | None = None
    mime_extension: str | None = None
    style: str | None = None


def unpack(archive: IO[bytes], folder: str, offer: KernelExtension, *, max_bytes: int) -> ReadyExtension:
    """Write the archive's files into an empty folder, and say what the page needs of them; `FilesRefused` if anything is wrong.

    The folder is only worth something if this returns. ``offer.digest`` must be known: it binds the bytes to what was judged.
    """
    try:
        _check_directory(archive)
        with zipfile.ZipFile(archive) as opened:
            entries = _checked(opened.infolist(), max_bytes)
            digest = _write(opened, entries, folder, max_bytes)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        UnicodeError,
    ) as error:
        raise FilesRefused(f"its files came damaged: {error}") from error
    except OSError as error:
        raise FilesRefused(f"its files can't be written here: {error.strerror or error}") from error
    if digest != offer.digest:
        raise FilesRefused("its files are not those that were listed: their hash differs")
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, _INSTALLED))
    names = {entry.filename for entry in entries} - {_INSTALLED}
    ready = read_package(os.path.join(folder, "package.json"), offer, names)
    for name in sorted(names):
        _check_theme(name, offer.name)
        if is_schema(name):
            _check_schema(folder, name, offer.name)
    return ready


def tree_digest(files: Iterable[tuple[str, str]]) -> str:
    """The hash of a tree: SHA-256 over each path and the SHA-256 of its content, in the order of the paths."""
    whole = hashlib.sha256()
    for path, digest in sorted(files):
        whole.update(f"{path}\0{digest}\n".encode())
    return whole.hexdigest()


def _checked(entries: list[zipfile.ZipInfo], max_bytes: int) -> list[zipfile.ZipInfo]:
    if len(entries) > _MOST_FILES:
        raise FilesRefused(f"it has {len(entries)} files, and {_MOST_FILES} are the most")
    if sum(entry.file_size for entry in entries) > max_bytes:
        raise FilesRefused("its files are larger than `KernelExtensions.max_bytes` allows")
    seen: set[str] = set()
    folders: set[str] = set()
    for entry in entries:
        _check_path(entry)
        folded = entry.filename.casefold()
        if folded in seen:
            raise FilesRefused(f"two of its files have the name {entry.filename!r}")
        seen.add(folded)
        parts = folded.split("/")
        folders.update("/".join(parts[:length]) for length in range(1, len(parts)))
    if seen & folders:
        raise FilesRefused("one of its files has the name of a folder")
    return entries


def _check_directory(archive: IO[bytes]) -> None:
    """Refuse what would fill the memory before its files can be counted; a kernel's archive has no comment."""
    size = archive.seek(0, os.SEEK_END)
    archive.seek(max(0, size - _END.size))
    end = archive.read()
    if len(end) != _END.size or end[:4] != b"PK\5\6":
        raise FilesRefused("its files came damaged: they are no archive")
    _, _, _, _, entries, directory, _, _ = _END.unpack(end)
    if entries > _MOST_FILES or directory > _LARGEST_DIRECTORY:
        raise FilesRefused(f"it has {entries} files, and {_MOST_FILES} are the most")
    archive.seek(0)


def _check_path(entry: zipfile.ZipInfo) -> None:
    path = entry.filename
    parts = path.split("/")
    is_bad = any(_BAD_PART.search(part) or len(part) > 200 or not part.isprintable() for part in parts)
    if len(path) > 500 or len(parts) > 30 or is_bad:
        raise FilesRefused(f"{path[:200]!r} is no path of a file in it")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise FilesRefused(f"{path!r} is no ordinary file")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # Python bounds the output of these alone
        raise FilesRefused(f"{path!r} is packed in a way that no kernel uses")


def _write(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: str, max_bytes: int) -> str:
    digests = []
    left = max_bytes
    for entry in entries:
        target = os.path.join(folder, *entry.filename.split("/"))
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        digest = hashlib.sha256()
        with opened.open(entry) as source, open(target, "xb") as file:
            while piece := source.read(min(_PIECE, left + 1)):
                left -= len(piece)
                if left < 0:
                    raise FilesRefused("its files are larger than they say")
                digest.update(piece)
                file.write(piece)
        digests.append((entry.filename, digest.hexdigest()))
    return tree_digest(digests)


# -- what JupyterLab reads --------------------------------------------------------------------------------------------


def read_package(file: str, offer: KernelExtension, names: set[str], *, is_servers: bool = False) -> ReadyExtension:
    """What the page needs of a `package.json`; `FilesRefused` if JupyterLab would fall over it.

    ``is_servers``: it is the server's own, which may disable other extensions.
    """
    package = _object(file, "package.json")
    if package.get("name") != offer.name or package.get("version") != offer.version:
        raise FilesRefused("its `package.json` names another extension or version than the kernel")
    lab = package.get("jupyterlab")
    build = lab.get("_build") if isinstance(lab, dict) else None
    if not isinstance(lab, dict) or not isinstance(build, dict):
        raise FilesRefused("its `package.json` describes no prebuilt extension")
    if lab.get("disabledExtensions") and not is_servers:
        raise FilesRefused("it disables other extensions, and only the server's environment may do that")
    _check_kinds(package)
    entrypoints = build.get("entrypoints")
    if entrypoints is not None and not (
        isinstance(entrypoints, list) and all(isinstance(each, str) for each in entrypoints)
    ):
        raise FilesRefused("`entrypoints` in its `package.json` are not what JupyterLab expects")
    load = build.get("load")
    script = load.removeprefix("./") if isinstance(load, str) else ""
    if not _SCRIPT.fullmatch(script) or script not in names:
        raise FilesRefused("its `package.json` names no script that is among its files")
    return ReadyExtension(
        name=offer.name,
        version=offer.version,
        load=script,
        extension=_module(build, "extension"),
        mime_extension=_module(build, "mimeExtension"),
        style=_module(build, "style"),
    )


def _check_kinds(package: dict[str, Any]) -> None:
    """JupyterLab takes these for what they usually are, without a look."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "description": str,
        "homepage": str,
        "repository": (dict, str),
        "dependencies": dict,
    }
    for key, kind in kinds.items():
        if key in package and not isinstance(package[key], kind):
            raise FilesRefused(f"`{key}` in its `package.json` is not what JupyterLab expects")
    if not all(isinstance(each, str) for each in package.get("dependencies", {}).values()):
        raise FilesRefused("`dependencies` in its `package.json` are not what JupyterLab expects")
    repository = package.get("repository")
    # of a text, JupyterLab asks whether `url` is in it, and then takes it for an object
    if not isinstance(repository.get("url", ""), str) if isinstance(repository, dict) else "url" in (repository or ""):
        raise FilesRefused("`repository` in its `package.json` is not what JupyterLab expects")


def _module(build: dict[str, Any], key: str) -> str | None:
    value = build.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not _MODULE.fullmatch(value):
        raise FilesRefused(f"`{key}` in its `package.json` is no module")
    return value


def _check_theme(path: str, name: str) -> None:
    """What is in any folder `themes` is found by the rest of its path, before JupyterLab's own."""
    parts, own = path.split("/")[:-1], name.split("/")
    for index, part in enumerate(parts, 1):
        if part.casefold() == "themes" and parts[index : index + len(own)] != own:
            raise FilesRefused(f"`{path}` would be a theme of another extension")


def is_schema(path: str) -> bool:
    """Whether JupyterLab takes a file for a schema: as it does in any folder `schemas`."""
    return path.endswith(".json") and "schemas" in path.casefold().split("/")[:-1]


def _check_schema(folder: str, path: str, name: str) -> None:
    """A schema is read by its path; another extension's, or one that can't be read, breaks the settings of all."""
    if os.path.dirname(path) != f"schemas/{name}" or path.count("schemas/") > 1:
        raise FilesRefused(f"`{path}` would be a schema of another extension")
    schema = _object(os.path.join(folder, *path.split("/")), path)
    _check_references(schema, path)
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        raise FilesRefused(f"`{path}` is no schema: {error.message[:200]}") from error


def _check_references(value: Any, path: str) -> None:
    """A reference to elsewhere would make the server fetch it."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            raise FilesRefused(f"`{path}` refers to a schema that is elsewhere")
        if isinstance(value.get("$schema"), str) and not value["$schema"].startswith(
            ("http://json-schema.org/", "https://json-schema.org/")
        ):
            raise FilesRefused(f"`{path}` is written in another language of schemas")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in children:
        _check_references(each, path)


def _object(file: str, name: str) -> dict[str, Any]:
    """The object in a JSON file that is neither too long nor too deep for those who will read it."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(_LARGEST_JSON + 1)
        text = content.decode("utf-8")
        if len(content) > _LARGEST_JSON or _depth(text) > _DEEPEST_JSON:
            raise FilesRefused(f"`{name}` is too large to be read")
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except FileNotFoundError:
        raise FilesRefused(f"it has no `{name}`") from None
    except (OSError, ValueError, RecursionError) as error:
        raise FilesRefused(f"`{name}` can't be read: {error}") from error
    if not isinstance(value, dict):
        raise FilesRefused(f"`{name}` is no object")
    return value


def _depth(text: str) -> int:
    """The most brackets that are open at once; those in strings count, too: a real file has few."""
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _finite(text: str) -> float:
    """A number that JSON can write again: Python reads `1e999` as infinity."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no number of JSON's")
    return number


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
