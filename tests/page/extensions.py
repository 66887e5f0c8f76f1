"""Extensions as a kernel sends them: made here, sound or with one thing wrong."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ipython_where.page.archive import tree_digest
from ipython_where.page.offered import KernelExtension

SCRIPT = "static/remoteEntry.js"
Entry = tuple[str | zipfile.ZipInfo, bytes]


def package(name: str = "sound", version: str = "1.0.0", **changes: Any) -> dict[str, Any]:
    """A `package.json`."""
    build = {"load": SCRIPT, "extension": "./extension"}
    return {"name": name, "version": version, "jupyterlab": {"extension": True, "_build": build}} | changes


def files(described: Mapping[str, Any] | None = None, **others: bytes) -> list[Entry]:
    """The files of an extension: its package, its script, and whatever else is named."""
    described = package() if described is None else described
    return [("package.json", json.dumps(described).encode()), (SCRIPT, b"window._JUPYTERLAB = {};"), *others.items()]


def pack(entries: Sequence[Entry]) -> io.BytesIO:
    """An archive of them, as a kernel makes it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path, content in entries:
            opened.writestr(path, content)
    archive.seek(0)
    return archive


def offer(entries: Sequence[Entry], name: str = "sound", version: str = "1.0.0") -> KernelExtension:
    """What a kernel says of them, its hash included."""
    named = [(path if isinstance(path, str) else path.filename, content) for path, content in entries]
    digest = tree_digest((path, hashlib.sha256(content).hexdigest()) for path, content in named)
    extension = KernelExtension(name=name, version=version, size=sum(len(content) for _, content in named))
    return replace(extension, digest=digest)


def write(folder: Path, entries: Sequence[Entry]) -> Path:
    """The files in a folder."""
    for path, content in entries:
        target = folder / str(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
