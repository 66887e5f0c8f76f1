"""What a variable or its attribute comes from. No attribute is computed: if code would have to run, the answer says so."""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from typing import Any

from ipython_where.facts.imports.finding import namespace_of
from ipython_where.model import Variable
from ipython_where.value import dataclass

from .objects import Scope, Thing, describe, method
from .slots import attribute, isinstance_of, lineage, module_of, names_of, own_names, slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a variable's name, or a dotted name that begins with one, means.

    ``module`` is the one to look for: the bound one if ``is_module``, else the one that has its code. ``thing`` is what any
    other object is. ``doubt`` says why that is not proven, for example whose code would have to run.
    """

    name: str
    module: str | None = None
    is_module: bool = False
    thing: Thing | None = None
    doubt: str | None = None

    @property
    def variable(self) -> Variable | None:
        """The variable as an answer shows it; None if nothing is known about it."""
        thing = self.thing
        if thing is None:
            return Variable(name=self.name, bound_to=f"module {self.module}") if self.is_module else None
        return Variable(
            name=self.name,
            bound_to=thing.text,
            wraps=thing.wraps.shown if thing.wraps else None,
            notebook=thing.notebook,
            cell=thing.cell,
            script=thing.file,
        )


def read_variable(name: str, scope: Scope) -> Bound | None:
    """What ``name`` means among the variables; None if it begins with none, or if its object has no such attribute."""
    head, *rest = name.split(".")
    if head not in scope.variables:
        return None
    value = scope.variables[head]
    for position, part in enumerate(rest):
        if not isinstance_of(value, types.ModuleType):
            return _attribute(name, value, rest[position:], scope)
        inside = namespace_of(value)
        if part not in inside:
            return _of_module(name, value, rest[position:])
        value = inside[part]
    if isinstance_of(value, types.ModuleType):
        return Bound(name=name, module=_module_name(value), is_module=True)
    return _bound(name, value, scope)


def _of_module(name: str, module: Any, rest: Sequence[str]) -> Bound:
    """A name that a module lacks: a submodule that is not loaded, or a name that the module computes."""
    own = _module_name(module)
    of_type = _computes_all(type(module)) or attribute(type(module), "__getattr__") is not None
    computes = of_type or "__getattr__" in namespace_of(module)
    doubt = f"`{own}` computes `{rest[0]}` when it is asked for" if computes else None
    return Bound(name=name, module=".".join([own, *rest]), is_module=True, doubt=doubt)


def _module_name(module: object) -> str:
    return str(namespace_of(module).get("__name__", ""))


def _bound(name: str, value: object, scope: Scope) -> Bound:
    try:
        thing = describe(value, scope)
    except RecursionError:  # circular wrappers
        thing = Thing(text=f"class {type(value).__name__}", module=None)
    return Bound(name=name, module=thing.module, thing=thing, doubt=thing.doubt)


def _attribute(name: str, value: object, rest: Sequence[str], scope: Scope) -> Bound | None:
    """An attribute of an object, followed through dots as long as it is stored and not computed."""
    for position, part in enumerate(rest):
        is_last = position == len(rest) - 1
        owner = value if isinstance_of(value, type) else type(value)
        if _computes_all(type(value)):
            return _unknown(name, part, value, scope, "__getattribute__")
        holder = next((each for each in lineage(owner) if part in names_of(each)), None)  # type: ignore[arg-type]
        found = names_of(holder)[part] if holder is not None else None
        stored = own_names(value)
        if part in stored and not _is_first(found):
            value = stored[part]
        elif holder is None:
            return _unknown(name, part, value, scope, "__getattr__") if attribute(type(value), "__getattr__") else None
        elif _is_code(found):
            return _member(name, holder, part, found, scope) if is_last else None
        elif attribute(type(found), "__get__") is not None:
            return _unknown(name, part, value, scope, describe(found, scope).text.partition(" ")[2])
        else:
            value = found
    return _bound(name, value, scope)


def _is_first(found: object) -> bool:
    """Whether a class's attribute takes precedence over the object's own: a data descriptor."""
    return found is not None and attribute(type(found), "__set__") is not None


def _computes_all(kind: type) -> bool:
    """Whether a type computes all attributes of its objects in its own code; the standard library's C types don't."""
    found = attribute(kind, "__getattribute__")
    if type(found) is not types.WrapperDescriptorType:
        return True
    return module_of(slot(found, "__objclass__")).partition(".")[0] not in sys.stdlib_module_names


_CODE = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    classmethod,
    staticmethod,
    property,
)


def _is_code(found: object) -> bool:
    """Whether a class attribute is part of the class rather than a value: a method, property or slot, including Cython's."""
    kind = type(found)
    native = attribute(kind, "__get__") is not None and type(slot(found, "__qualname__")) is str
    return kind in _CODE or native or _function_below(found) is not None


def _function_below(found: object) -> Any:
    """The function behind a property, or behind a method in a functools descriptor (`cached_property`, `partialmethod`)."""
    kind = type(found)
    if kind is property:
        return slot(found, "fget")
    if kind in (classmethod, staticmethod):
        return slot(found, "__func__")
    if kind.__name__ in ("cached_property", "partialmethod", "singledispatchmethod", "_lru_cache_wrapper"):
        return next((each for key in ("func", "__wrapped__") if (each := own_names(found).get(key)) is not None), None)
    return None


_PROPERTIES = (property, types.GetSetDescriptorType, types.MemberDescriptorType)


def _member(name: str, holder: type, part: str, found: object, scope: Scope) -> Bound:
    below = _function_below(found)
    is_value = type(found) in _PROPERTIES or type(found).__name__ == "cached_property"
    thing = method(
        holder, part, below if below is not None else found, scope, kind="property" if is_value else "method"
    )
    return Bound(name=name, module=thing.module, thing=thing, doubt=thing.doubt)


def _unknown(name: str, part: str, value: object, scope: Scope, by: str) -> Bound:
    owner = describe(type(value), scope).text
    return Bound(name=name, doubt=f"`{part}` of {owner} is computed by `{by}` when it is asked for")
