"""What a query names: a module, a distribution, or a variable of the user's namespace.

Tested in `tests/answer/test_name.py`.
"""

from __future__ import annotations

import re

from ipython_where.errors import UsageError
from ipython_where.facts.distributions.metadata import top_level_names
from ipython_where.facts.imports.finding import Search, find
from ipython_where.facts.imports.loaded import read_loaded
from ipython_where.model import Variable
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

from .objects import Scope
from .variables import Bound, read_variable
from .world import World

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
"""A dotted module, or a project (PEP 508)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTarget:
    """What a query turned out to mean: the module to look for, and the variable or distribution that led to it.

    ``doubt`` says why the origin of a variable, or of its attribute, is not proven.
    """

    query: str
    module: str | None
    search: Search
    variable: Variable | None = None
    doubt: str | None = None
    metadata: str | None = None
    modules: tuple[str, ...] = ()


def read_target(name: str, world: World) -> QueryTarget:
    """A variable bound to a module, else a module, else any other variable's class, else a distribution.

    Raises `UsageError` if ``name`` is not spelled like any of them.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"`{name if name.isprintable() else ascii(name)}` is not a valid name of a module or distribution",
            hint="`%where numpy`, `%where os.path` and `%where scikit-learn` show valid names",
        )
    bound = read_variable(name, Scope(variables=world.namespace, cells=world.cells, modules=world.system.modules))
    if bound is not None and bound.is_module:
        return _of_variable(name, bound, world)
    searched = find(name, world.system) if _is_module_name(name) else Search(name=name, found=None)
    if searched.found is not None or searched.halted is not None or read_loaded(name, world.system.modules) is not None:
        return QueryTarget(query=name, module=name, search=searched, variable=bound.variable if bound else None)
    return _of_variable(name, bound, world) if bound is not None else _distribution_target(name, searched, world)


def _of_variable(name: str, bound: Bound, world: World) -> QueryTarget:
    nowhere = Search(name=bound.module or name, found=None)
    search = find(bound.module, world.system) if bound.module else nowhere
    is_there = search.found is not None or (
        bound.module and read_loaded(bound.module, world.system.modules) is not None
    )
    doubt = bound.doubt
    if not is_there and not bound.is_module and doubt is None and bound.module:
        doubt = f"it claims to come from `{bound.module}`, but there is no such module"
    return QueryTarget(
        query=name,
        module=bound.module if (is_there and not doubt) or bound.is_module else None,
        search=nowhere if doubt and not bound.is_module else search,
        variable=bound.variable,
        doubt=None if is_there and bound.is_module else doubt,
    )


def _distribution_target(name: str, searched: Search, world: World) -> QueryTarget:
    metadata = tuple(each for each in world.distributions.find(name, world.path) if _is_spelled(name, each, world))
    if not metadata:
        return QueryTarget(query=name, module=name if "-" not in name else None, search=searched)
    read = world.distributions
    modules = top_level_names(read.files(metadata[0]), read.content(metadata[0], "top_level.txt"))
    public = [each for each in modules if not each.startswith("_")]
    same = [each for each in public if normalized(each) == normalized(name)]
    chosen = same[0] if same else public[0] if len(public) == 1 else None
    found = find(chosen, world.system) if chosen else searched
    return QueryTarget(query=name, module=chosen, search=found, metadata=metadata[0], modules=modules)


def _is_spelled(name: str, metadata: str, world: World) -> bool:
    """Whether a query names a project; a dotted module does only if the project has the same dots (`zope.interface`)."""
    if "." not in name or not _is_module_name(name):
        return True
    own = world.distributions.metadata(metadata).name
    return own is not None and own.lower() == name.lower()


def _is_module_name(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))
