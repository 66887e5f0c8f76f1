"""What is there and cannot be read by this user: Python takes an unreadable package for a namespace with nothing in it.

Tested in `tests/answer/test_unreadable.py`.
"""

from __future__ import annotations

import shlex

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """A folder or file that this user may not read, with its mode and owner; ``module`` is in it, None for a path entry."""

    path: str
    mode: str
    owner: str
    module: str | None = None
    is_folder: bool = True


def unreached_finding(unreached: Unreached) -> Finding:
    if unreached.module is None:
        message = "an entry of this kernel's path cannot be read by this user: nothing in it is found"
    elif unreached.is_folder:
        message = (
            f"the folder of `{unreached.module}` cannot be read by this user: Python takes it for an empty package"
        )
    else:
        message = f"the file of `{unreached.module}` cannot be read by this user: `import {unreached.module}` fails"
    kind = "folder" if unreached.is_folder else "file"
    return Finding(
        id="not-readable",
        severity="warning",
        message=message,
        evidence=(Evidence(label=kind, value=unreached.path, note=f"{unreached.mode}, owned by {unreached.owner}"),),
        hint=f"`chmod -R a+rX {shlex.quote(unreached.path)}` makes it readable, if its owner runs it",
    )
