"""Reads the files that a stage would install, by distribution.

Tested in `tests/change/steps/test_file_clashes.py`.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import field, replace

from ipython_where.change.transaction.preparation import Layout, read_stage
from ipython_where.change.transaction.stage import read_rows
from ipython_where.change.transaction.swap_plan import source_of
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.project_names import normalized
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFiles:
    """The files of one new distribution: paths below the root, with the digests that its RECORD lists (`sha256=…`)."""

    name: str
    files: Mapping[str, str | None] = field(repr=False)

    @property
    def project(self) -> str:
        """Its normalised name."""
        return normalized(self.name)


Digest = Callable[[str], str | None]
"""The digest of the new file at a path below the root; None if unknown."""


def digest_of(file: str) -> str | None:
    """The digest of a file as RECORD spells it; None if it cannot be read."""
    try:
        with open(file, "rb") as opened:
            found = hashlib.file_digest(opened, "sha256").digest()
    except OSError:
        return None
    return "sha256=" + base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def read_new_files(stage: str, staged: InstalledDistributions, layout: Layout) -> tuple[NewFiles, ...]:
    """The files of each distribution in a stage. A file that none of them lists is attributed to all of them together."""
    found = []
    listed: set[str] = set()
    for each in staged.all().values():
        rows = read_rows(stage, os.path.relpath(each.metadata, stage))
        files = {layout.canonical(row.path): row.digest for row in rows}
        listed |= files.keys()
        found.append(NewFiles(name=each.name, files=files))
    tree = read_stage(stage)
    rest = [path for path in tree.files() if path not in listed and source_of(path) is None]
    if rest:
        named = " and ".join(each.name for each in found)
        if len(found) == 1:
            found = [replace(found[0], files={**found[0].files, **dict.fromkeys(rest)})]
        else:
            found.append(NewFiles(name=named, files=dict.fromkeys(rest)))
    return tuple(found)
