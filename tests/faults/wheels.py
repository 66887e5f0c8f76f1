"""Wheels that are written by hand, small or many-filed, right or wrong."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str] | None = None,
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    package: bool = True,
) -> Path:
    """A wheel with one module, ``name``, and further ``files``, listed in its RECORD as they should be.

    Without ``package`` the ``files`` are all that it has.
    """
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Requires-Dist: {each}\n" for each in requires]
    metadata += [f"Requires-Python: {requires_python}\n"] if requires_python is not None else []
    content = {
        **({f"{name}/__init__.py": f"version = {version!r}\n"} if package else {}),
        **(files or {}),
        f"{info}/METADATA": "".join(metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [_row(path, text.encode()) for path, text in content.items()]
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
        archive.writestr(f"{info}/RECORD", "".join(rows) + f"{info}/RECORD,,\n")
    return wheel


def _row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


def many_files(name: str, version: str, count: int) -> dict[str, str]:
    """Modules in a few folders; each version has some that the other has not."""
    odd = int(version[0]) % 2
    return {
        f"{name}/part{number % 7}/module{number}.py": f"value = {number}\nversion = {version!r}\n"
        for number in range(count)
        if number % 5 != odd
    }


def write_source(archive: Path) -> None:
    """A project's source, with a backend of its own: nothing else is needed to build it."""
    archive.parent.mkdir(exist_ok=True)
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": _BACKEND,
        "PKG-INFO": "Metadata-Version: 2.1\nName: app\nVersion: 1.0\n",
    }
    with tarfile.open(archive, "w:gz") as file:
        for name, content in files.items():
            member = tarfile.TarInfo(f"app-1.0/{name}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content.encode()))


_BACKEND = """
import os, zipfile

METADATA = "Metadata-Version: 2.1\\nName: app\\nVersion: 1.0\\n"

def build_wheel(folder, settings=None, metadata=None):
    name = "app-1.0-py3-none-any.whl"
    files = {
        "app.py": "",
        "app-1.0.dist-info/METADATA": METADATA,
        "app-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files["app-1.0.dist-info/RECORD"] = "".join(f"{each},,\\n" for each in [*files, "app-1.0.dist-info/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for each, content in files.items():
            archive.writestr(each, content)
    return name
"""
