"""What a query names: a module, a distribution, or a variable of the user's namespace."""

from __future__ import annotations

import re
from types import BuiltinFunctionType, FunctionType, ModuleType

from ..errors import UsageError
from ..model import Variable
from ..modules.distributions import normalized
from ..modules.finding import Search, find, namespace_of
from ..modules.loaded import read_loaded
from ..modules.metadata import top_level_names
from ..value import dataclass
from .world import World

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""A dotted module, or a project (PEP 508)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a query turned out to be: the module to look for, and the variable or the distribution that led to it."""

    query: str
    module: str | None
    search: Search
    variable: Variable | None = None
    metadata: str | None = None
    modules: tuple[str, ...] = ()


def read_target(name: str, world: World) -> Target:
    """A variable bound to a module, else a module, else any other variable's class, else a distribution.

    Raises `UsageError` when ``name`` is spelled like none of them.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"`{name if name.isprintable() else ascii(name)}` is spelled neither like a module nor like a distribution",
            hint="`%where numpy`, `%where os.path` and `%where scikit-learn` are names that it takes",
        )
    bound = _variable(name, world)
    if bound is not None and bound.is_module:
        return Target(query=name, module=bound.module, search=find(bound.module, world.system), variable=bound.variable)
    if _is_module_name(name):
        found = find(name, world.system)
        if found.found is not None or read_loaded(name, world.system.modules) is not None:
            return Target(query=name, module=name, search=found, variable=bound.variable if bound else None)
    else:
        found = Search(name=name, found=None)
    if bound is not None:
        return Target(query=name, module=bound.module, search=find(bound.module, world.system), variable=bound.variable)
    return _distribution_target(name, found, world)


def _distribution_target(name: str, searched: Search, world: World) -> Target:
    metadata = tuple(each for each in world.distributions.find(name, world.path) if _is_spelled(name, each, world))
    if not metadata:
        return Target(query=name, module=name if "-" not in name else None, search=searched)
    content = world.distributions.content
    modules = top_level_names(content(metadata[0], "RECORD"), content(metadata[0], "top_level.txt"))
    public = [each for each in modules if not each.startswith("_")]
    same = [each for each in public if normalized(each) == normalized(name)]
    chosen = same[0] if same else public[0] if len(public) == 1 else None
    found = find(chosen, world.system) if chosen else searched
    return Target(query=name, module=chosen, search=found, metadata=metadata[0], modules=modules)


def _is_spelled(name: str, metadata: str, world: World) -> bool:
    """Whether a query names a project: a dotted module only where the project has the same dots (`zope.interface`)."""
    if "." not in name or not _is_module_name(name):
        return True
    own = world.distributions.metadata(metadata).name
    return own is not None and own.lower() == name.lower()


def _is_module_name(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    variable: Variable
    module: str
    is_module: bool


def _variable(name: str, world: World) -> _Bound | None:
    """What a variable, or an attribute of a module that one is bound to, comes from. No attribute is computed."""
    head, *rest = name.split(".")
    if head not in world.namespace:
        return None
    value = world.namespace[head]
    for position, part in enumerate(rest):
        if not is_module(value):
            return None
        inside = namespace_of(value)
        if part not in inside:
            module = ".".join([_module_name(value), *rest[position:]])
            return _Bound(variable=Variable(name=name, bound_to=f"module {module}"), module=module, is_module=True)
        value = inside[part]
    if is_module(value):
        module = _module_name(value)
        return _Bound(variable=Variable(name=name, bound_to=f"module {module}"), module=module, is_module=True)
    return _bound_object(name, value)


def is_module(value: object) -> bool:
    """Whether a value is a module: by its type, since ``isinstance`` asks a user's object for its ``__class__``."""
    return issubclass(type(value), ModuleType)


def _module_name(module: object) -> str:
    return str(namespace_of(module).get("__name__", ""))


def _bound_object(name: str, value: object) -> _Bound | None:
    """An object's class, or a class or function itself, and the module that defines it."""
    is_class = issubclass(type(value), type)
    is_definition = is_class or issubclass(type(value), (FunctionType, BuiltinFunctionType))
    definition = value if is_definition else type(value)
    module = getattr(definition, "__module__", None)
    qualified = getattr(definition, "__qualname__", type(value).__name__)
    if not isinstance(module, str):
        return None
    kind = "function" if is_definition and not is_class else "class"
    return _Bound(variable=Variable(name=name, bound_to=f"{kind} {module}.{qualified}"), module=module, is_module=False)
