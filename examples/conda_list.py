"""Make a conda package by hand, and a list that names it, so that the tour can install one without a channel.

    python examples/conda_list.py FOLDER

`teapot` 1.0 has one file. FOLDER/teapot.txt is an `@EXPLICIT` list, as `conda list --explicit` writes it.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

FILE = "share/teapot.txt"
TEXT = b"short and stout\n"


def main(folder: Path) -> None:
    """Fill ``folder``."""
    archive = folder.resolve() / "noarch" / "teapot-1.0-0.tar.bz2"
    archive.parent.mkdir(parents=True, exist_ok=True)
    index = {"name": "teapot", "version": "1.0", "build": "0", "build_number": 0, "depends": [], "subdir": "noarch"}
    entry = {
        "_path": FILE,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(TEXT).hexdigest(),
        "size_in_bytes": len(TEXT),
    }
    files = {
        "info/index.json": json.dumps({**index, "noarch": "generic"}).encode(),
        "info/paths.json": json.dumps({"paths_version": 1, "paths": [entry]}).encode(),
        "info/files": f"{FILE}\n".encode(),
        FILE: TEXT,
    }
    with tarfile.open(archive, "w:bz2") as package:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    md5 = hashlib.md5(archive.read_bytes()).hexdigest()
    (folder / "teapot.txt").write_text(f"@EXPLICIT\n{archive.as_uri()}#{md5}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
