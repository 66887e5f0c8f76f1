"""The distribution that a module inside an archive belongs to: an egg or a wheel on the path, or a zip with metadata in it.

Rare, and reading archives is what `importlib_metadata` does well, so it is left to it.

Tested in `tests/facts/distributions/test_distributions.py`.
"""

from __future__ import annotations

import os
from typing import Any

from ipython_where.model import Distribution

from .metadata import parse_direct_url, parse_installer, was_requested


def read_archived(file: str, archive: str) -> Distribution | None:
    """The one distribution in ``archive`` that lists ``file`` (a path through it); None where none does, or several."""
    from importlib_metadata import distributions

    relative = os.path.relpath(file, archive).replace(os.sep, "/")
    try:
        found = [
            each
            for each in distributions(path=[archive])
            if any(str(listed) == relative for listed in each.files or ())
        ]
        return _value(found[0], archive) if len(found) == 1 else None
    except Exception:  # whatever a damaged archive makes its reader raise: then it is not known
        return None


def _value(archived: Any, archive: str) -> Distribution:
    origin, _ = parse_direct_url((archived.read_text("direct_url.json") or "").encode() or None)
    installer = parse_installer((archived.read_text("INSTALLER") or "").encode())
    return Distribution(
        name=str(archived.metadata["Name"]),
        version=archived.version,
        location=archive,
        metadata=archive,
        installer=installer,
        requested=was_requested(archived.read_text("REQUESTED") is not None, installer),
        editable=False,
        origin=origin,
        requires=tuple(archived.requires or ()),
        required_by=(),
    )
