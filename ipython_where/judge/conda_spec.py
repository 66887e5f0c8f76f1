"""What a conda spec names, such as `conda-forge::numpy=1.26`, `numpy[version=">=1"]`, `https://…/numpy-1.0-0.conda`; and the
line that links packages again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ARCHIVE = re.compile(r"([^/]+)-[^/-]+-[^/-]+\.(?:conda|tar\.bz2)")


def relinked(names: Iterable[str]) -> str:
    """The line that links packages of this kernel's environment again, in the versions that are there."""
    return " ".join(("%safeconda install --force-reinstall", *names))


def name_in(spec: str) -> str | None:
    """The package that a spec names, in lower case as conda compares it; None if it names none, or is no spec."""
    spec = spec.strip().strip("'\"").lower()
    if ("://" in spec.partition("[")[0] and "::" not in spec) or spec.endswith((".conda", ".tar.bz2")):
        archive = _ARCHIVE.fullmatch(spec.partition("#")[0].rpartition("/")[2])
        return archive[1] if archive else None
    name = _NAME.match(spec.rpartition("::")[2].lstrip())
    return name[0] if name else None
