"""What a user's object is and where its code comes from, read without touching any attribute that could run code.

Reads `type(x)`, class dictionaries and C-level slots; never ``x.name``, `__getattr__`, a property or a `repr`.
A function is judged by its code object, since ``functools.wraps`` copies every other name from the wrapped function.

Tested in `tests/answer/test_variables.py`.
"""

from __future__ import annotations

import os
import types
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ipython_where.facts.imports.finding import namespace_of
from ipython_where.value import dataclass

from .slots import attribute, isinstance_of, lineage, module_of, names_of, own_names, slot

MAIN = "__main__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What decides whose code is whose: the notebook's variables, its cells by their code's file name, the loaded modules."""

    variables: Mapping[str, Any]
    cells: Mapping[str, int]
    modules: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What an object is, as `class pandas.DataFrame`, and the module that has its code, None if unknown.

    ``notebook``: it is defined in this notebook; ``cell`` is the number of the cell. ``file`` is the script of code whose
    module is unknown. ``wraps`` is what it calls in turn. ``doubt`` says why what it reports about itself does not prove its
    origin.
    """

    text: str
    module: str | None
    notebook: bool = False
    cell: int | None = None
    file: str | None = None
    wraps: Thing | None = None
    doubt: str | None = None

    @property
    def top(self) -> str | None:
        """The package that it belongs to."""
        return MAIN if self.notebook else (self.module or "").partition(".")[0] or None

    @property
    def shown(self) -> str:
        """What it is, and whether this notebook defines it."""
        return f"{self.text}, defined in this notebook" if self.notebook else self.text


def describe(value: object, scope: Scope) -> Thing:
    """What an object is: a function or a class itself, otherwise its class."""
    kind = type(value)
    if isinstance_of(value, type):
        return _class(value, scope)
    if kind is types.FunctionType:
        return _function(value, scope)
    if kind is types.MethodType:
        held = slot(value, "__self__")
        owner = held if isinstance_of(held, type) else type(held)
        function = slot(value, "__func__")
        return method(_holder(owner, function), str(_name_of(function)), function, scope)
    if kind in (types.BuiltinFunctionType, types.MethodWrapperType):
        return _builtin(value, scope)
    if kind in _DESCRIPTORS:
        return method(slot(value, "__objclass__"), str(slot(value, "__name__")), value, scope)
    if kind in _SUSPENDED:
        return _suspended(kind, slot(value, _SUSPENDED[kind]), scope)
    return _through(value, scope) or _native(value, scope) or _class(kind, scope)


_DESCRIPTORS = (
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
_SUSPENDED: Mapping[type, str] = {
    types.GeneratorType: "gi_code",
    types.CoroutineType: "cr_code",
    types.AsyncGeneratorType: "ag_code",
}


# -- classes -----------------------------------------------------------------------------------------------------------


def _class(owner: Any, scope: Scope) -> Thing:
    """A class, located by the module of its methods: ``__module__`` can say anything, and often gives the public name."""
    qualified, claimed = _qualified(owner), module_of(owner) or None
    home = next(_homes(owner, qualified), None)
    if home is None:
        is_own = claimed == MAIN
        if is_own or claimed is None:
            doubt = None if is_own else f"`{qualified}` does not say which module it comes from"
            return Thing(text=f"class {qualified}", module=None, notebook=is_own, doubt=doubt)
        doubt = (
            None
            if _has(claimed, owner, qualified, scope)
            else f"it claims to come from `{claimed}`, which has no such class"
        )
        return Thing(text=f"class {claimed}.{qualified}", module=claimed, doubt=doubt)
    found = _located(home, scope)
    public = claimed if claimed and _top(claimed) == found.top else found.module
    return replace(found, text=f"class {f'{public}.' if public and not found.notebook else ''}{qualified}")


def _has(module: str, owner: type, qualified: str, scope: Scope) -> bool:
    """Whether a loaded module has a class under its name. C classes and classes in a function's body need not be in any."""
    if not type.__dict__["__flags__"].__get__(owner) & _HEAP or "<locals>" in qualified or module not in scope.modules:
        return True
    names: Any = namespace_of(scope.modules[module])
    for part in qualified.split("."):
        found = names.get(part)
        if isinstance_of(found, type) and found in lineage(owner):  # a mock has its own class of the same name
            return True
        names = names_of(found) if isinstance_of(found, type) else {}
    return False


_HEAP = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: created at run time, for example by a `class` statement."""


def _qualified(owner: type) -> str:
    return str(type.__dict__["__qualname__"].__get__(owner))


def _homes(owner: type, qualified: str) -> Iterator[types.FunctionType]:
    """The methods defined in the class's source, without those assigned later or made by a decorator."""
    for value in names_of(owner).values():
        function = slot(value, "__func__") if type(value) in (classmethod, staticmethod) else value
        function = slot(function, "fget") if type(function) is property else function
        if (
            type(function) is types.FunctionType
            and function.__code__.co_qualname == f"{qualified}.{function.__code__.co_name}"
        ):
            yield function


def _holder(owner: type, function: object) -> type:
    """The base whose dictionary has a function."""
    held = (classmethod, staticmethod)
    for each in lineage(owner):
        for value in names_of(each).values():
            if value is function or (type(value) in held and slot(value, "__func__") is function):
                return each
    return owner


def method(owner: type, name: str, function: object, scope: Scope, *, kind: str = "method") -> Thing:
    """A method: it comes from where its class does, unless its code belongs to another package or the notebook."""
    home = _class(owner, scope)
    native = type(function) in _DESCRIPTORS or type(function) in (types.BuiltinFunctionType, property)
    own = home if native else describe(function, scope)
    text = f"{kind} {home.text.partition(' ')[2]}.{name}"
    return replace(home if own.top == home.top and not own.notebook else own, text=text, wraps=own.wraps)


# -- functions ---------------------------------------------------------------------------------------------------------


def _function(value: Any, scope: Scope) -> Thing:
    found = _located(value, scope)
    wrapped = own_names(value).get("__wrapped__")
    if wrapped is not None and wrapped is not value:
        below = describe(wrapped, scope) if not _is_loop(value) else None
        if below is not None and below.top == found.top and not found.notebook:
            return _publicly(value, below)  # a package's own decorator: the user means the decorated function
        return replace(found, text=f"function {_spelled(found, value.__code__.co_qualname)}", wraps=below)
    claimed = value.__module__
    public = claimed if type(claimed) is str and _top(claimed) == found.top else found.module
    name = value.__qualname__ if public == claimed else value.__code__.co_qualname
    return replace(found, text=f"function {_spelled(found, name, public)}")


def _publicly(value: object, below: Thing) -> Thing:
    """What a package's own wrapper wraps, under the wrapper's public name (`numpy.sum`)."""
    module, name = slot(value, "__module__"), slot(value, "__qualname__") or slot(value, "__name__")
    if type(module) is str and type(name) is str and _top(module) == below.top:
        return replace(below, text=f"function {module}.{name}")
    return below


def _is_loop(value: object) -> bool:
    """Whether a chain of wrappers is circular or endless."""
    seen: list[object] = []
    while value is not None and len(seen) < 100:
        if any(value is each for each in seen):
            return True
        seen.append(value)
        value = own_names(value).get("__wrapped__")
    return value is not None


def _spelled(found: Thing, name: str, module: str | None = None) -> str:
    module = module or found.module
    return name if found.notebook or module is None else f"{module}.{name}"


def _located(function: Any, scope: Scope) -> Thing:
    """Where a function's code is: the module whose globals it uses, the notebook, or a script."""
    code, names = function.__code__, function.__globals__
    module = names.get("__name__")
    if names is scope.variables or module == MAIN:
        is_file = os.path.isfile(code.co_filename) and code.co_filename not in scope.cells
        file = code.co_filename if is_file else None
        return Thing(text="", module=None, notebook=not is_file, cell=scope.cells.get(code.co_filename), file=file)
    return Thing(text="", module=module if type(module) is str else None)


def _suspended(kind: type, code: types.CodeType, scope: Scope) -> Thing:
    cell = scope.cells.get(code.co_filename)
    functions = (each for each in list(scope.variables.values()) if type(each) is types.FunctionType)
    function = next((each for each in functions if each.__code__ is code), None)
    found = (
        _located(function, scope)
        if function is not None
        else Thing(text="", module=None, notebook=cell is not None, cell=cell)
    )
    return replace(found, text=f"{kind.__name__.replace('_', ' ')} of {_spelled(found, code.co_qualname)}")


def _builtin(value: object, scope: Scope) -> Thing:
    held, name = slot(value, "__self__"), str(slot(value, "__name__"))
    if held is None or isinstance_of(held, types.ModuleType):
        module = slot(value, "__module__") or own_names(held).get("__name__")
        module = module if type(module) is str else None
        return Thing(text=f"function {module or 'builtins'}.{slot(value, '__qualname__') or name}", module=module)
    owner = held if isinstance_of(held, type) else type(held)
    base = next((each for each in lineage(owner) if name in names_of(each)), owner)
    return method(base, name, value, scope)


def _through(value: object, scope: Scope) -> Thing | None:
    """A `partial`, a cached function or another object that calls what its ``__wrapped__`` names."""
    kind = type(value)
    inner = slot(value, "func") if issubclass(kind, partial) else own_names(value).get("__wrapped__")
    if inner is None or inner is value or _is_loop(value):
        return None
    below, own = describe(inner, scope), _class(kind, scope)
    if below.top == own.top and not own.notebook:
        return _publicly(value, below)
    if own.top != "functools":
        return replace(own, wraps=below)
    name = "functools.lru_cache" if kind.__name__ == "_lru_cache_wrapper" else own.text.partition(" ")[2]
    return replace(below, text=f"{name} of {below.text}", wraps=below)


def _native(value: object, scope: Scope) -> Thing | None:
    """A function with its own C type, such as Cython's and numpy's."""
    kind = type(value)
    name = slot(value, "__qualname__") or slot(value, "__name__")
    if type(name) is not str or attribute(kind, "__call__") is None or _is_pythons(kind):
        return None
    module = slot(value, "__module__")
    module = module if type(module) is str else _class(kind, scope).module
    return Thing(text=f"function {module}.{name}" if module else f"function {name}", module=module)


def _is_pythons(kind: type) -> bool:
    """Whether a class was made by a `class` statement: calling its instances runs someone's code."""
    return type(attribute(kind, "__call__")) is types.FunctionType


def _name_of(function: object) -> str:
    code = getattr(function, "__code__", None) if type(function) is types.FunctionType else None
    return code.co_name if code is not None else str(slot(function, "__name__") or type(function).__name__)


def _top(module: str) -> str:
    return module.partition(".")[0]
