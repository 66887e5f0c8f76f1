"""What the standard library says is installed in a directory: not by way of the finders of this process, to which others add."""

from __future__ import annotations

import csv
import importlib.metadata
from importlib.metadata import DistributionFinder, MetadataPathFinder
from pathlib import Path


def recorded(site: Path, name: str | None = None) -> list[importlib.metadata.Distribution]:
    """The distributions in a directory, in the order in which they are found; those of one name."""
    context = DistributionFinder.Context(name=name, path=[str(site)])
    return list(MetadataPathFinder.find_distributions(context))


def files_of(distribution: importlib.metadata.Distribution) -> list[Path]:
    """All that its RECORD lists, there or not: `Distribution.files` leaves out what is not, since 3.12."""
    lines = (distribution.read_text("RECORD") or "").splitlines()
    return [Path(str(distribution.locate_file(row[0]))) for row in csv.reader(lines) if row]
