"""Whether the folder of an editable installation exists: its own files survive when the project is gone.

Tested in `tests/answer/test_records.py`.
"""

from __future__ import annotations

import os

from ipython_where.facts.files import read_text
from ipython_where.facts.imports.path_entries import parse_pth

from .distributions import Distributions
from .metadata import editable_root


def lost_folder(metadata: str, distributions: Distributions) -> str | None:
    """The missing folder of an editable installation: the project's, or a ``.pth`` folder if all of them are gone.

    None if the folder exists or the installation is not editable.
    """
    root = editable_root(distributions.content(metadata, "direct_url.json"))
    if root is None:
        return None
    if not os.path.isdir(root):
        return root
    site = os.path.dirname(metadata)
    listed = (os.fsdecode(line.partition(b",")[0]) for line in (distributions.files(metadata) or b"").splitlines())
    files = [os.path.join(site, name) for name in listed if name.endswith(".pth") and "/" not in name]
    added = [folder for file in files for folder in parse_pth(read_text(file) or "", site)]
    return added[0] if added and not any(map(os.path.exists, added)) else None
