"""What the system's loader says if it refuses a compiled file: a library that it does not find, or one that is too old.

Tested in `tests/answer/test_unloaded.py`.
"""

from __future__ import annotations

import re

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoaderRefusal:
    """Why a compiled file was not loaded: no ``library`` of that name was found, or it has no such ``version``.

    ``by`` is the file that needs it, if the loader says so: macOS and musl do, and glibc does for a version.
    """

    library: str
    version: str | None = None
    by: str | None = None


_FORMS = (
    r"(?P<library>[^\s:]+): cannot open shared object file: No such file or directory",
    r"(?P<library>[^\s:]+): version [`'](?P<version>[^']+)' not found \(required by (?P<by>[^)]+)\)",
    r"Error loading shared library (?P<library>[^\s:]+): No such file or directory \(needed by (?P<by>[^)]+)\)",
    r"Library not loaded: (?P<library>\S+)\s+Referenced from: (?:<[^>]*> )?(?P<by>[^\n]+)",
)
"""glibc's words (`dl-load.c`, `dl-version.c`), musl's (`dynlink.c`) and those of macOS's dyld."""


def read_refusal(message: str, file: str) -> LoaderRefusal | None:
    """What the loader's ``message`` about a compiled ``file`` says; None if it says something else, or the file is gone."""
    found = next(filter(None, (re.search(form, message) for form in _FORMS)), None)
    if found is None or found["library"] == file:
        return None
    said = found.groupdict()
    return LoaderRefusal(library=found["library"], version=said.get("version"), by=said.get("by"))
