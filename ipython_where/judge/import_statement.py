"""Which import a traceback ends in, read from the instruction that failed: the exception's message proves nothing.

Python strips the import system's frames from an `ImportError` that an import statement raised, and keeps them if
`importlib.import_module` was called. An exception that was unpickled, sent by a worker or raised by hand ends in a
different instruction.

Tested in `tests/judge/test_failure.py`.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Mapping, Sequence
from dis import Instruction, get_instructions
from importlib import import_module
from importlib.util import resolve_name
from types import BuiltinFunctionType, CodeType, FrameType, ModuleType, TracebackType
from typing import Any

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatement:
    """An import that failed: the absolute name of the module it asked for, and the names it wanted from there.

    ``compiled``: it ran compiled code, and the exception comes from there.
    """

    module: str
    names: tuple[str, ...] = ()
    compiled: bool = False

    def wants(self, module: str) -> bool:
        """Whether the import needs ``module``: what it asked for, a parent package, or a submodule imported from it."""
        return f"{self.module}.".startswith(f"{module}.") or module in (f"{self.module}.{name}" for name in self.names)


def read_import(traceback: TracebackType | None) -> ImportStatement | None:
    """The import that a traceback ends in; None if it ends in anything else, or if that can't be determined."""
    steps = list(_steps(traceback))
    count = len(steps)
    while steps and _is_compiled(steps[-1].tb_frame.f_code):
        del steps[-1]
    compiled = len(steps) < count
    called = _by_import_system(steps)
    if called is not None:
        return ImportStatement(module=called, compiled=compiled)
    if not steps:
        return None
    frame = steps[-1].tb_frame
    code = [each for each in get_instructions(frame.f_code) if each.opname not in ("CACHE", "EXTENDED_ARG", "NOP")]
    index = next((index for index, each in enumerate(code) if each.offset == steps[-1].tb_lasti), None)
    return _statement(code, index, frame, compiled) if index is not None else None


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _is_compiled(code: CodeType) -> bool:
    """Whether this is compiled code: Cython and mypyc create theirs with `PyCode_NewEmpty`, without names or constants."""
    return not code.co_names and not code.co_consts


def _by_import_system(steps: Sequence[TracebackType]) -> str | None:
    """The module that the import system was called for, if the last frames are its own.

    The frame of `importlib.import_module` remains even if an outer import statement strips the others.
    """
    own = [vars(sys.modules[name]) for name in ("_frozen_importlib", "_frozen_importlib_external")]
    asked = None
    for step in reversed(steps):
        frame = step.tb_frame
        if frame.f_code is import_module.__code__:
            name, package = frame.f_locals["name"], frame.f_locals["package"]
            return resolve_name(name, package)
        if not any(frame.f_globals is each for each in own):
            break
        if frame.f_code.co_name in ("_gcd_import", "_find_and_load"):
            asked = frame.f_locals.get("name")  # the outermost name: a package is imported before its contents
    return asked if isinstance(asked, str) else None


def _statement(code: Sequence[Instruction], index: int, frame: FrameType, compiled: bool) -> ImportStatement | None:
    failed = code[index]
    if failed.opname == "IMPORT_NAME":
        return _imported(code, index, frame, compiled)
    if failed.opname == "IMPORT_FROM":
        before = (each for each in range(index, -1, -1) if code[each].opname == "IMPORT_NAME")
        statement = _imported(code, next(before, 0), frame, compiled)
        return statement and ImportStatement(module=statement.module, names=(failed.argval,), compiled=compiled)
    if failed.opname.startswith(("CALL", "PRECALL")):
        module = _called_import(code, index, frame)
        return ImportStatement(module=module, compiled=compiled) if module else None
    return None


def _imported(code: Sequence[Instruction], index: int, frame: FrameType, compiled: bool) -> ImportStatement | None:
    """What an `IMPORT_NAME` asks for: the two instructions before it load the level and the names."""
    if index < 2:
        return None
    level, names = code[index - 2].argval, code[index - 1].argval
    module = _absolute(code[index].argval, level, frame.f_globals) if isinstance(level, int) else None
    if module is None:
        return None
    return ImportStatement(module=module, names=names if isinstance(names, tuple) else (), compiled=compiled)


def _absolute(name: str, level: int, scope: Mapping[str, Any]) -> str | None:
    """The absolute name of a module that code names relative to its own package (PEP 328)."""
    if level == 0:
        return name
    package = scope.get("__package__")
    return resolve_name("." * level + name, package).rstrip(".") if isinstance(package, str) else None


def _called_import(code: Sequence[Instruction], index: int, frame: FrameType) -> str | None:
    """The module that a call of `__import__` asks for, if it is provably Python's own `__import__`.

    A call loads its function first, so both start at the same position; a longer expression that also starts there,
    such as `__import__("a").f()`, is a different call.
    """
    begin, end = _span(code[index])
    if begin is None or end is None:
        return None
    inside = [each for each in code[:index] if _span(each)[0] == begin]
    loads = [each for each in inside if each.opname.startswith("LOAD") and each.opname != "LOAD_CONST"]
    if any(each.opname.startswith("CALL") and _span(each)[1] != end for each in inside) or not loads:
        return None
    if not _is_import(_value_of(loads, frame)):
        return None
    following = code[code.index(loads[-1]) + 1 :]
    argument = next((each for each in following if each.opname.startswith("LOAD")), None)
    asked = _value_of([argument], frame) if argument is not None else None
    return asked if isinstance(asked, str) else None


def _span(instruction: Instruction) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Where its expression begins and ends in the source; None if Python was told not to keep positions."""
    at = instruction.positions
    if at is None or at.lineno is None or at.end_lineno is None or at.col_offset is None or at.end_col_offset is None:
        return None, None
    return (at.lineno, at.col_offset), (at.end_lineno, at.end_col_offset)


def _value_of(loads: Sequence[Instruction], frame: FrameType) -> object:
    """The value of a name in a frame, or of a module's attribute; None for anything else. Runs no code of the value."""
    first, *attributes = loads
    if first.opname == "LOAD_CONST":
        return first.argval
    name = first.argval[0] if isinstance(first.argval, tuple) else first.argval  # 3.13 may load two names at once
    value = next((scope[name] for scope in (frame.f_locals, frame.f_globals, frame.f_builtins) if name in scope), None)
    for each in attributes:
        if type(value) is not ModuleType:
            return None
        value = vars(value).get(each.argval)
    return value


def _is_import(value: object) -> bool:
    return type(value) is BuiltinFunctionType and value.__name__ == "__import__" and value.__self__ is builtins
