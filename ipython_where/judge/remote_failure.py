"""What an exception says about an import that failed in a worker of a cluster, and was raised again here.

This kernel may well have the module: nothing that is true of it says anything about the worker. An engine's exceptions are known
by the names of their classes, and only their own attributes are read; no library of an engine is imported.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from traceback import walk_tb
from typing import Any

from ipython_where.value import dataclass

_MISSING = re.compile(r"No module named '([\w.]+)'")

_RAISED = re.compile(r"^(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'", re.MULTILINE)
"""The line of a traceback in Python's own words, wherever in a text it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFailure:
    """The module that a worker did not find, and the engine that told this kernel."""

    module: str
    engine: str


def read_remote_failure(error: BaseException) -> RemoteFailure | None:
    """The import that failed elsewhere; None for any other exception."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        for read in (_ipyparallel, _ray, _spark, _dask):
            found = read(each)
            if found is not None:
                return found
        each = each.__cause__
    return None


def _classes(error: BaseException) -> Iterator[tuple[str, str]]:
    """The modules and names of an exception's classes."""
    for cls in type(error).__mro__:
        yield str(cls.__module__), cls.__name__


def _is(error: BaseException, package: str, name: str) -> bool:
    return any(module.partition(".")[0] == package and each == name for module, each in _classes(error))


def _ipyparallel(error: BaseException) -> RemoteFailure | None:
    """One engine's error has its name and message as texts; one of several engines has a list of them."""
    if _is(error, "ipyparallel", "CompositeError"):
        told = [
            (each[0], each[1]) for each in _own(error, "elist", ()) if isinstance(each, (tuple, list)) and len(each) > 1
        ]
    elif _is(error, "ipyparallel", "RemoteError"):
        told = [(_own(error, "ename"), _own(error, "evalue"))]
    else:
        return None
    names = (_MISSING.search(str(value)) for name, value in told if name in ("ModuleNotFoundError", "ImportError"))
    found = next(filter(None, names), None)
    return RemoteFailure(module=found[1], engine="ipyparallel") if found else None


def _ray(error: BaseException) -> RemoteFailure | None:
    """It holds the worker's exception; where that could not be sent, its traceback as a text."""
    if not _is(error, "ray", "RayTaskError"):
        return None
    cause = _own(error, "cause")
    name = cause.name if isinstance(cause, ModuleNotFoundError) else None
    return _named(name, "ray") or _in_text(str(_own(error, "traceback_str", "")), "ray")


def _spark(error: BaseException) -> RemoteFailure | None:
    """Its message has the worker's traceback. PySpark converts errors of DataFrames; RDDs raise py4j's, which ask Java for it."""
    is_converted = _is(error, "pyspark", "PythonException")
    if not is_converted and not _is(error, "py4j", "Py4JJavaError"):
        return None
    try:
        text = str(error)
    except Exception:  # the JVM is gone
        return None
    return _in_text(text, "spark") if is_converted or "org.apache.spark." in text else None


def _dask(error: BaseException) -> RemoteFailure | None:
    """The worker's exception itself, raised by the client: its traceback passes through there, and ends in no import of ours."""
    if not isinstance(error, ModuleNotFoundError):
        return None
    from .import_statement import read_import  # loads `dis`, which most errors do not need

    if read_import(error.__traceback__) is not None:
        return None
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    loads = getattr(sys.modules.get("distributed.protocol.pickle"), "loads", None)
    if frames and loads is not None and frames[-1].f_code is getattr(loads, "__code__", None):
        return None  # this kernel itself lacks what an answer needs
    names = (frame.f_globals.get("__name__") for frame in frames)
    is_dask = any(isinstance(name, str) and name.partition(".")[0] == "distributed" for name in names)
    return _named(error.name, "dask") if is_dask else None


def _own(error: BaseException, name: str, default: Any = None) -> Any:
    return vars(error).get(name, default)


def _in_text(text: str, engine: str) -> RemoteFailure | None:
    found = _RAISED.findall(text[-_LONGEST:])
    return RemoteFailure(module=found[-1], engine=engine) if found else None


_LONGEST = 100_000
"""Characters of a message that are searched: its end says what was raised."""


def _named(name: object, engine: str) -> RemoteFailure | None:
    """The failure of a module; what a worker gives as its name goes into a line that is pasted."""
    is_name = isinstance(name, str) and len(name) <= _LONGEST_NAME and re.fullmatch(r"[\w.]+", name)
    return RemoteFailure(module=str(name), engine=engine) if is_name else None


_LONGEST_NAME = 300
