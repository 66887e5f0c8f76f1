"""What an exception says about the import that failed: which module, and whose code wanted it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING

from ipython_where.value import dataclass

if TYPE_CHECKING:  # for annotations only: most errors aren't failed imports
    from .import_statement import ImportStatement
    from .loader_message import LoaderRefusal

_USERS_OWN = frozenset(("__main__", "IPython", "ipykernel", "ipython_where", "matplotlib_inline"))
"""Packages whose frames count as the user's own: what `%load_ext x` imports, only the user asked for."""

_MISMATCH = re.compile(
    r"([\w.]+)\.\w+ size changed, may indicate binary incompatibility"
    r"|module (?:that )?was compiled (?:against|using) (?:API|ABI|NumPy)\b"
    r"|module compiled against (?:API|ABI) version|numpy\.(?:_?core)\.\w+ failed to import"
)
"""What Cython and NumPy say if a compiled module meets a different version than it was built for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedImport:
    """A failed import, as its exception describes it.

    ``missing`` is the module that was not found, and ``asked`` the full name in the code (`google.protobuf`, if
    `google` is missing). Otherwise ``source`` is the module that was found but is wrong, if the exception names it, and
    ``mismatch`` is what its compiled parts were not built for. ``names`` are what the statement imports from the
    module, and ``file`` is the compiled file that could not be loaded. ``attribute``: no import failed, but code asked
    for an attribute of a module. ``unparsed`` is the file that Python could not parse, with the line and the reason.
    ``packages`` are those whose code led there, innermost first.
    ``refusal`` is what the loader says of ``file``.
    ``required``: no import failed, but the message asks for one of these projects.
    """

    missing: str | None = None
    asked: str | None = None
    names: tuple[str, ...] = ()
    file: str | None = None
    source: str | None = None
    mismatch: str | None = None
    packages: tuple[str, ...] = ()
    attribute: bool = False
    refusal: LoaderRefusal | None = None
    required: tuple[str, ...] = ()
    unparsed: tuple[str, int | None, str] | None = None


def read_failure(error: BaseException) -> FailedImport | None:
    """The failed import behind an exception, or behind its cause: pandas wraps the error of a missing openpyxl.

    An exception counts only if its traceback ends in an import of this process: see `read_import`.
    """
    if isinstance(error, AttributeError):
        return _attribute(error)
    for each in _chain(error):
        found = _read(each) if isinstance(each, _KINDS) else None
        if found is not None:
            return found
    return _required(error)


def _required(error: BaseException) -> FailedImport | None:
    if not any(isinstance(each, _KINDS) for each in _chain(error)):
        return None
    from .required import required_by

    projects = next(filter(None, map(required_by, _chain(error))), ())
    return FailedImport(required=projects) if projects else None


def _read(error: BaseException) -> FailedImport | None:
    from .import_statement import read_import

    statement = read_import(error.__traceback__)
    return _failed(error, statement) if statement is not None else None


def _attribute(error: AttributeError) -> FailedImport | None:
    """The module that lacks an attribute: a folder mistaken for a package, or a file that may not be the one meant.

    The error holds the module object itself, which no other process can send.
    """
    inside = vars(error.obj) if type(error.obj) is ModuleType else {}
    name, spec = inside.get("__name__"), inside.get("__spec__")
    if not isinstance(spec, ModuleSpec) or not isinstance(name, str) or error.name is None or error.name in inside:
        return None
    is_folder = spec.origin is None and "__path__" in inside
    if not is_folder and not spec.has_location:
        return None
    packages = _packages(error.__traceback__)
    return FailedImport(source=name, names=(error.name,), packages=packages, attribute=not is_folder)


_KINDS = (ImportError, SyntaxError, ValueError, RuntimeError)
"""What a failing import raises; the last two come from the checks that Cython or NumPy put into compiled code."""


def _refusal(message: str, file: str) -> LoaderRefusal | None:
    from .loader_message import read_refusal

    return read_refusal(message, file)


def _failed(error: BaseException, statement: ImportStatement) -> FailedImport | None:
    packages = _packages(error.__traceback__)
    if isinstance(error, SyntaxError):
        if statement.compiled or not isinstance(error.filename, str):
            return None
        return FailedImport(unparsed=(error.filename, error.lineno, str(error.msg)), packages=packages)
    if isinstance(error, ModuleNotFoundError):
        name = error.name
        if statement.compiled or not isinstance(name, str) or not name or not statement.wants(name):
            return None
        return FailedImport(missing=name, asked=statement.module, names=statement.names, packages=packages)
    mismatch = _mismatch(error)
    if mismatch is not None:
        return FailedImport(source=_source(error), mismatch=mismatch, packages=packages)
    if not isinstance(error, ImportError):
        return None
    file = error.path if isinstance(error.path, str) and error.path.endswith((".so", ".pyd")) else None
    refusal = _refusal(str(error), file) if file is not None else None
    return FailedImport(source=_source(error), names=statement.names, file=file, refusal=refusal, packages=packages)


def _source(error: BaseException) -> str | None:
    return error.name if isinstance(error, ImportError) and isinstance(error.name, str) else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and its causes, including the exception that an `ImportError` merely restates."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        handled = error.__context__ if _says_again(error) else None
        error = error.__cause__ or handled


def _says_again(error: BaseException) -> bool:
    """Whether an exception restates the one that was being handled: it names no other module."""
    if not isinstance(error, ImportError) or error.__suppress_context__:
        return False
    return error.name is None or error.name == getattr(error.__context__, "name", None)


def _mismatch(error: BaseException) -> str | None:
    """The top-level package that compiled code was not built for."""
    found = _MISMATCH.search(str(error))
    return (found[1] or "numpy").partition(".")[0] if found else None


def _packages(traceback: TracebackType | None) -> tuple[str, ...]:
    found: list[str] = []
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__")
        top = name.partition(".")[0] if isinstance(name, str) else ""
        if top and top not in _USERS_OWN and top not in sys.stdlib_module_names:
            found.append(top)
        traceback = traceback.tb_next
    return tuple(dict.fromkeys(reversed(found)))
