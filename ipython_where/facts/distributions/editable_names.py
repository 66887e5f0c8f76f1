"""The import names that an editable installation may provide, because its RECORD lists none of its modules.

Tested in `tests/change/plan/test_verdict.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ipython_where.facts.files import read_text
from ipython_where.facts.imports.path_entries import parse_pth
from ipython_where.project_names import normalized

from .distributions import Distributions


def possible_names(metadata: str, root: str, distributions: Distributions) -> tuple[str, ...]:
    """The project's own name, and the modules in the folders that its ``.pth`` files add.

    Skips a folder that is ``root`` itself: its `tests` and `setup` are importable, but nobody means them.
    """
    names = {normalized(distributions.metadata(metadata).name or ""): None}
    for folder in _added(metadata, distributions):
        if os.path.realpath(folder) != os.path.realpath(root):
            names |= dict.fromkeys(_modules_in(folder))
    return tuple(name for name in names if name.isidentifier())


def pth_files(metadata: str, distributions: Distributions) -> list[str]:
    """The ``.pth`` files at the top of site-packages that a distribution lists."""
    listed = (distributions.files(metadata) or b"").decode("utf-8", "replace")
    paths = (line.split(",")[0] for line in listed.splitlines())
    return [path for path in paths if path.endswith(".pth") and "/" not in path]


def _added(metadata: str, distributions: Distributions) -> Iterator[str]:
    site = os.path.dirname(metadata)
    for name in pth_files(metadata, distributions):
        yield from parse_pth(read_text(os.path.join(site, name)) or "", site)


def _modules_in(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        stem, dot, end = name.partition(".")
        if end in ("py", "so") or (not dot and os.path.isfile(os.path.join(folder, name, "__init__.py"))):
            yield stem
