"""This package as a text that travels: with what a change needs of its dependencies, as this kernel has them.

A leader runs from it where the worker's environment does not hold the same code. The page's files stay here; what comes is pure
Python, so that any interpreter from 3.11 on can run it.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from functools import cache
from importlib.machinery import PathFinder

from ipython_where.errors import WhereError

from . import launch

NEEDED = ("packaging", "importlib_metadata", "zipp")
"""What `answer/` and `change/` import of others, and what these import in turn."""


@cache
def digest() -> str:
    """What tells whether a worker's environment holds the same code as this kernel."""
    return str(launch.digest(_own_files()))


@cache
def parcel() -> str:
    """All files in one text: a megabyte."""
    files = {path: content.decode() for path, content in (*_own_files().items(), *_needed_files())}
    return base64.b64encode(
        zlib.compress(json.dumps(files).encode(), 9)
    ).decode()  # each by itself would be twice as much


@cache
def _own_files() -> dict[str, bytes]:
    package = os.path.dirname(os.path.dirname(launch.__file__))
    return dict(launch.read_files(package, "ipython_where"))


def _needed_files() -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for name in NEEDED:
        spec = PathFinder.find_spec(name)
        if spec is None or spec.origin is None:
            raise WhereError(
                f"`{name}` is not installed in this kernel's environment, so nothing can be changed from here",
                hint="`%safepip install ipython-where` brings what it needs",
            )
        found += launch.read_files(os.path.dirname(spec.origin), name).items()
    return found
