"""What an exception says of the import that failed: which module, and whose code wanted it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import TracebackType

from .value import dataclass

_USERS_OWN = frozenset(("__main__", "IPython", "ipykernel", "ipython_where", "matplotlib_inline"))
"""Whose frames stand for the user: what `%load_ext x` imports, nobody else asked for."""

_MISMATCH = re.compile(
    r"([\w.]+)\.\w+ size changed, may indicate binary incompatibility"
    r"|module (?:that )?was compiled (?:against|using) (?:API|ABI|NumPy)\b"
    r"|module compiled against (?:API|ABI) version|numpy\.(?:_?core)\.\w+ failed to import"
)
"""What Cython and NumPy say where a compiled module meets another version than the one that it was built for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedImport:
    """A failed import, as its exception tells it.

    ``missing`` is the module that was not found, and ``asked`` the whole name that the code has (`google.protobuf`, where
    `google` is missing); else ``source`` is the module that was found and is wrong, where it is named, and ``mismatch``
    what compiled parts were not built for. ``packages`` are those whose code led there, innermost first.
    """

    missing: str | None = None
    asked: str | None = None
    source: str | None = None
    mismatch: str | None = None
    packages: tuple[str, ...] = ()


def read_failure(error: BaseException) -> FailedImport | None:
    """The failed import behind an exception, or behind its cause: pandas wraps the error of a missing openpyxl."""
    chain = tuple(_chain(error))
    for each in chain:
        if isinstance(each, ModuleNotFoundError) and isinstance(each.name, str) and each.name:
            traceback = each.__traceback__
            return FailedImport(missing=each.name, asked=_asked(each.name, traceback), packages=_packages(traceback))
    for each in chain:
        mismatch = _mismatch(each)
        if isinstance(each, ImportError) or mismatch is not None:
            source = each.name if isinstance(each, ImportError) and isinstance(each.name, str) else None
            return FailedImport(source=source, mismatch=mismatch, packages=_packages(each.__traceback__))
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and its causes; what was being handled counts for an `ImportError` in somebody's own words."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        in_own_words = isinstance(error, ImportError) and error.name is None and not error.__suppress_context__
        error = error.__cause__ or (error.__context__ if in_own_words else None)


def _mismatch(error: BaseException) -> str | None:
    """The top package that compiled code was not built for; these are the kinds of error that Cython and NumPy raise."""
    if not isinstance(error, (ImportError, ValueError, RuntimeError)):
        return None
    found = _MISMATCH.search(str(error))
    return (found[1] or "numpy").partition(".")[0] if found else None


def _asked(missing: str, traceback: TracebackType | None) -> str:
    """The name in the import statement that failed, from its instruction: the error has only the part that is missing."""
    from dis import get_instructions

    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return missing
    instructions = get_instructions(traceback.tb_frame.f_code)
    failing = next((each for each in instructions if each.offset == traceback.tb_lasti), None)
    asked = failing.argval if failing is not None and failing.opname == "IMPORT_NAME" else None
    return asked if isinstance(asked, str) and asked.startswith(f"{missing}.") else missing


def _packages(traceback: TracebackType | None) -> tuple[str, ...]:
    found: list[str] = []
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__")
        top = name.partition(".")[0] if isinstance(name, str) else ""
        if top and top not in _USERS_OWN and top not in sys.stdlib_module_names:
            found.append(top)
        traceback = traceback.tb_next
    return tuple(dict.fromkeys(reversed(found)))
