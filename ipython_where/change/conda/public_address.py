"""Addresses and specs of conda's as they may be kept: without user, password, token and query, whose value may be a signature.

Nothing is imported but the standard library: `rattler_program` loads this file in a process that hasn't this package.

Tested in `tests/change/conda/test_settled_records.py`.
"""

from __future__ import annotations

import re


def without_token(url: str) -> str:
    """A channel or address as it may be kept: without user and password, without a query, and without `/t/TOKEN`."""
    if url.startswith("file:"):
        return url  # a folder may well be called `t`
    url = re.sub(r"://[^/?#\s]*@", "://", url)
    return re.sub(r"/t/[^/#\s]+(?=[/#]|$)", "", re.sub(r"\?[^#\s]*", "", url) if "://" in url else url)


def spec_without_token(spec: str) -> str:
    """A match spec as it may be kept: with each channel and address in it as `without_token` leaves it."""
    channel, mark, rest = spec.rpartition("::")
    return f"{without_token(channel)}{mark}{re.sub(_ADDRESS, lambda found: without_token(found[0]), rest)}"


_ADDRESS = r"\w[\w+.-]*://[^\s\"'\]]+"
