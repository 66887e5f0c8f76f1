"""Make a folder of tiny distributions by hand, so that the tour can install without an index.

    python examples/wheelhouse.py FOLDER

`tea` 1.0, 1.1 and 2.0 need `kettle`; 2.0 needs a `traitlets` that is too old for any kernel, and there is one. `oolong` is a
source distribution that takes a minute to build; FOLDER/steeping appears when that begins. `scone` goes with all of them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

BACKEND = """import pathlib
import time


def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = pathlib.Path(folder, "oolong-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: oolong\\nVersion: 1.0\\n")
    return info.name


def build_wheel(folder, config_settings=None, metadata_directory=None):
    open({sign!r}, "w").close()
    time.sleep(60)
    raise SystemExit("oolong is never ready")
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def main(folder: Path) -> None:
    """Fill ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for version in ("1.0", "1.1"):
        wheel(folder, "tea", version, "kettle")
    wheel(folder, "tea", "2.0", "kettle", "traitlets<5")
    wheel(folder, "kettle", "1.0")
    wheel(folder, "scone", "1.0")
    wheel(folder, "traitlets", "4.3.3")
    backend = BACKEND.format(sign=str(folder.resolve() / "steeping"))
    sdist(folder, "oolong-1.0", {"pyproject.toml": PYPROJECT, "backend.py": backend})


def wheel(folder: Path, name: str, version: str, *requires: str) -> None:
    """A wheel with one module, which knows its version."""
    info = f"{name}-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {r}" for r in requires),
    ]
    files = {
        f"{name}.py": f'__version__ = "{version}"\n',
        f"{info}/METADATA": "\n".join([*metadata, ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: wheelhouse\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)


def _digest(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def sdist(folder: Path, stem: str, files: dict[str, str]) -> None:
    """A source distribution: ``files`` by their names below its folder."""
    name, _, version = stem.partition("-")
    files = {**files, "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    with tarfile.open(folder / f"{stem}.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{stem}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
