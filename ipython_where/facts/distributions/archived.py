"""The distribution that owns a module inside an archive: an egg or a wheel on the path, or a zip with metadata.

This is rare, and `importlib_metadata` reads archives well, so it does the work.

Tested in `tests/facts/imports/test_right_answers.py`.
"""

from __future__ import annotations

import os
from typing import Any

from ipython_where.model import Distribution

from .metadata import parse_direct_url, parse_installer, was_requested


def read_archived(file: str, archive: str) -> Distribution | None:
    """The only distribution in ``archive`` that lists ``file`` (a path through it); None if none or several do."""
    from importlib_metadata import distributions

    relative = os.path.relpath(file, archive).replace(os.sep, "/")
    try:
        found = [
            each
            for each in distributions(path=[archive])
            if any(str(listed) == relative for listed in each.files or ())
        ]
        return _value(found[0], archive) if len(found) == 1 else None
    except Exception:  # a damaged archive can make its reader raise anything; the owner is then unknown
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
