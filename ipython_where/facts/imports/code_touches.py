"""Which modules a file's code may add or replace when it runs, judged from its syntax tree alone.

Tested in `tests/facts/imports/test_package_code.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from dataclasses import replace

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Modules that code may add or replace: names that start with ``name``; if ``exact``, it and its submodules.

    ``only_adds``: modules that a finder has are not replaced. ``inside`` is the function (``f``) or method
    (``Class.f``) with the code, which matters only if that runs.
    """

    name: str
    exact: bool = False
    only_adds: bool = False
    inside: str | None = None

    def reaches(self, module: str) -> bool:
        """Whether ``module`` may be affected."""
        if self.exact:
            return module == self.name or module.startswith(f"{self.name}.")
        return module.startswith(self.name)

    def runs_among(self, called: Set[str]) -> bool:
        """Whether the code runs if these functions and classes are called; an instance may run any of its methods."""
        return self.inside is None or self.inside in called or self.inside.partition(".")[0] in called


EVERY = Touch(name="")
"""Any module: the code computes which one."""


def touches(code: bytes, module: str, *, is_package: bool) -> tuple[Touch, ...]:
    """What ``module``'s source may do to other modules; `EVERY` if it does not parse (its import fails anyway)."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (EVERY,)
    return tuple(dict.fromkeys(_Reader(tree, module, is_package=is_package).read()))


_READERS = frozenset(
    "all any bool dict enumerate eval extend_path filter frozenset hasattr id isinstance iter iter_modules join len list map "
    "next print repr reversed set sorted str tuple type walk_packages zip".split()
)
"""Calls that only read their arguments."""

_WRITING = frozenset(
    "append clear extend insert pop popitem remove reverse setdefault sort update __delitem__ __iadd__ __setitem__".split()
)
_ADDING = frozenset(("append", "extend"))


class _Reader:
    """One walk over a syntax tree. Keeps each node's parent: the code around a value shows what happens to it."""

    def __init__(self, tree: ast.Module, module: str, *, is_package: bool) -> None:
        self._tree = tree
        self._module = module
        self._package = module if is_package else module.rpartition(".")[0]
        self._above = _parents(tree)
        self._sys, self._modules = {"sys"}, set()
        for node in self._above:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._sys |= {each.asname for each in node.names if each.name == "sys" and each.asname}
            if isinstance(node, ast.ImportFrom) and node.module == "sys":
                self._modules |= {each.asname or each.name for each in node.names if each.name == "modules"}
            elif isinstance(node, ast.Assign) and self._is_sys(node.value):
                self._sys |= {each.id for each in node.targets if isinstance(each, ast.Name)}

    def read(self) -> Iterator[Touch]:
        for node in self._above:
            yield from (replace(each, inside=self._inside(node)) for each in self._node(node))

    def _node(self, node: ast.AST) -> Iterator[Touch]:
        if isinstance(node, ast.Name):
            yield from self._name(node)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node)
        elif isinstance(node, ast.Constant) and node.value in ("__path__", "submodule_search_locations"):
            yield from self._spelled(node)
        elif isinstance(node, ast.alias) and "__path__" in (node.name, node.asname):
            yield self._below(self._module)
        elif isinstance(node, ast.Call):
            yield from self._call(node)

    def _name(self, node: ast.Name) -> Iterator[Touch]:
        if node.id == "__path__":
            yield from self._path(node, self._below(self._module))
        elif node.id in self._modules:
            yield from self._table(node)

    def _attribute(self, node: ast.Attribute) -> Iterator[Touch]:
        if node.attr in ("__path__", "submodule_search_locations"):
            yield from self._path(node, self._below(self._named(node.value)))
        elif node.attr == "modules" and self._is_sys(node.value):
            yield from self._table(node)
        elif node.attr in ("meta_path", "path_hooks"):
            yield from self._path(node, EVERY)

    def _below(self, module: str | None) -> Touch:
        return Touch(name=f"{module}.") if module else EVERY

    def _is_sys(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):  # `__import__("sys")`
            return any(isinstance(each, ast.Constant) and each.value == "sys" for each in node.args)
        return getattr(node, "id", None) in self._sys or getattr(node, "attr", None) == "sys"

    def _named(self, node: ast.AST) -> str | None:
        """The module that an expression names literally: ``__spec__``, ``sys.modules[__name__]``; else None."""
        if isinstance(node, ast.Name) and node.id == "__spec__":
            return self._module
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "modules":
            name, is_whole = self._text(node.slice)
            return name if is_whole else None
        return None

    # -- what is done to a list ------------------------------------------------------------------------------------------

    def _path(self, node: ast.expr, touch: Touch) -> Iterator[Touch]:
        """What code does to a search path or to the list of finders; nothing if it only reads it."""
        above = self._above.get(node)
        adds = Touch(name=touch.name, exact=touch.exact, only_adds=True)
        if isinstance(getattr(node, "ctx", None), ast.Store):
            yield from self._assigned(node, above, touch, adds)
        elif isinstance(getattr(node, "ctx", None), ast.Del):
            yield touch
        elif isinstance(above, ast.Attribute) and above.attr in _ADDING:
            yield adds
        elif not self._is_read(node, above) and not self._is_named_and_read(node, above):
            yield touch

    def _is_named_and_read(self, node: ast.expr, above: ast.AST | None) -> bool:
        """Whether code assigns a module's path to a variable and never changes it through that variable."""
        if isinstance(node, ast.Name) or not isinstance(above, ast.Assign):
            return False
        names = [each.id for each in above.targets if isinstance(each, ast.Name)]
        used = [each for each in self._above if isinstance(each, ast.Name) and each.id in names]
        return len(names) == len(above.targets) and not any(map(self._is_changed, used))

    def _is_changed(self, node: ast.Name) -> bool:
        above = self._above.get(node)
        if isinstance(above, ast.Attribute):
            return above.attr in _WRITING
        return isinstance(above, ast.AugAssign) or (
            isinstance(above, ast.Subscript) and not isinstance(above.ctx, ast.Load)
        )

    def _assigned(self, node: ast.expr, above: ast.AST | None, touch: Touch, adds: Touch) -> Iterator[Touch]:
        if isinstance(above, ast.AnnAssign) and above.value is None:
            return
        value = getattr(above, "value", None)
        grows = isinstance(above, ast.AugAssign) and isinstance(above.op, ast.Add)
        begins_with = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and _same(value.left, node)
        extends = isinstance(value, ast.Call) and _called(value) == "extend_path" and _same(value.args[:1], node)
        yield adds if grows or begins_with or extends else touch

    def _is_read(self, node: ast.AST, above: ast.AST | None) -> bool:
        """Whether the surrounding code only reads a value."""
        if isinstance(above, ast.Subscript):
            return above.value is not node or isinstance(above.ctx, ast.Load)
        if isinstance(above, ast.Attribute):
            return above.attr not in _WRITING
        if isinstance(above, ast.Call):
            return node in above.args and _called(above) in _READERS
        if isinstance(above, ast.keyword):
            call = self._above.get(above)
            return isinstance(call, ast.Call) and _called(call) in _READERS
        if isinstance(above, ast.For):
            return above.iter is node
        if isinstance(above, ast.BinOp):  # `path + […]` makes a new list
            return True
        return isinstance(
            above, (ast.Compare, ast.comprehension, ast.BoolOp, ast.UnaryOp, ast.If, ast.Expr, ast.Starred)
        )

    def _spelled(self, node: ast.Constant) -> Iterator[Touch]:
        """The attribute's name as a string: ``getattr``, ``hasattr``, ``get`` and comparisons only read it."""
        above = self._above.get(node)
        if isinstance(above, ast.Expr) or (isinstance(above, ast.Call) and _called(above) in ("getattr", "hasattr")):
            return
        if isinstance(above, ast.Compare) or (isinstance(above, ast.Call) and _called(above) == "get"):
            return
        yield EVERY

    # -- `sys.modules` ---------------------------------------------------------------------------------------------------

    def _table(self, node: ast.expr) -> Iterator[Touch]:
        above = self._above.get(node)
        if isinstance(above, ast.Subscript) and above.value is node:
            if isinstance(above.ctx, ast.Store) and not self._keeps_names(above):
                yield self._entry(above.slice)
            elif isinstance(above.ctx, ast.Del):
                yield from self._gone(above.slice)
        elif isinstance(above, ast.Attribute) and isinstance(call := self._above.get(above), ast.Call):
            yield from self._asked(above.attr, call)
        elif (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)) or not self._is_read(node, above):
            yield EVERY

    def _keeps_names(self, entry: ast.Subscript) -> bool:
        """Whether the replacement module copied all names of the original, ``__path__`` included, as pygments does."""
        assign = self._above.get(entry)
        put = assign.value if isinstance(assign, ast.Assign) else None
        if not isinstance(put, ast.Name) or self._text(entry.slice) != (self._module, True):
            return False
        update, own = f"{put.id}.__dict__.update", ["globals()", "sys.modules[__name__].__dict__"]
        named = (ast.unparse(each) for each in ast.walk(self._tree) if isinstance(each, ast.Assign))
        own += (f"{each.removesuffix(' = sys.modules[__name__]')}.__dict__" for each in named)
        calls = (each for each in ast.walk(self._tree) if isinstance(each, ast.Call) and each.args)
        return any(ast.unparse(each.func) == update and ast.unparse(each.args[0]) in own for each in calls)

    def _asked(self, method: str, call: ast.Call) -> Iterator[Touch]:
        if method in ("setdefault", "__setitem__") and call.args:
            yield self._entry(call.args[0])
        elif method in ("pop", "__delitem__") and call.args:
            yield from self._gone(call.args[0])
        elif method == "update" and len(call.args) == 1 and isinstance(call.args[0], ast.Dict):
            yield from (self._entry(key) if key is not None else EVERY for key in call.args[0].keys)
        elif method in _WRITING:
            yield EVERY

    def _entry(self, key: ast.expr) -> Touch:
        name, is_whole = self._text(key)
        return Touch(name=name, exact=is_whole)

    def _gone(self, key: ast.expr) -> Iterator[Touch]:
        """A removed entry, which import would find again in the same place, unless it is the module being imported."""
        name, is_whole = self._text(key)
        if is_whole and (self._module == name or self._module.startswith(f"{name}.")):
            yield Touch(name=name, exact=True)

    def _text(self, node: ast.expr) -> tuple[str, bool]:
        """The known beginning of a computed string, and whether that is all of it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value, True
        if isinstance(node, ast.Name) and node.id in ("__name__", "__package__"):
            return (self._module if node.id == "__name__" else self._package), True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([node.left, node.right])
        if isinstance(node, ast.JoinedStr):
            return self._joined([each.value if isinstance(each, ast.FormattedValue) else each for each in node.values])
        return "", False

    def _joined(self, nodes: list[ast.expr]) -> tuple[str, bool]:
        begin = ""
        for node in nodes:
            text, is_whole = self._text(node)
            begin += text
            if not is_whole:
                return begin, False
        return begin, True

    # -- calls -----------------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Iterator[Touch]:
        called = _called(node)
        if called == "declare_namespace":  # pkg_resources adds the folders of the other portions
            yield Touch(name=f"{self._module}.", only_adds=True)
        elif called == "initpkg":  # apipkg replaces the package with a module of its own
            yield Touch(name=self._module)
        elif called == "exec" and node.args and all(_own_variables(each) for each in node.args[1:2]):
            yield EVERY
        elif called in ("getattr", "setattr", "vars") and any(map(self._is_sys, node.args[:1])):
            yield from () if self._is_harmless(node) else (EVERY,)

    def _is_harmless(self, node: ast.Call) -> bool:
        """Whether a ``getattr`` on ``sys`` reads something other than its modules and finders, such as a stream."""
        name = node.args[1] if len(node.args) > 1 else None
        spelled = name.value if isinstance(name, ast.Constant) else None
        return _called(node) == "getattr" and spelled not in ("modules", "meta_path", "path_hooks")

    def _inside(self, node: ast.AST) -> str | None:
        """The outermost function (``f``) or method (``Class.f``) around a node; None if the node runs with the file."""
        names: list[str] = []
        is_deferred, above = False, self._above.get(node)
        while above is not None:
            if isinstance(above, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                is_deferred = is_deferred or not isinstance(above, ast.ClassDef)
                names = [above.name, *([names[0]] if names and isinstance(above, ast.ClassDef) else [])]
            above = self._above.get(above)
        return ".".join(names) if is_deferred else None


def _parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """The parent of each node, in `ast.walk`'s order; `ast.walk` itself would visit the children twice."""
    above: dict[ast.AST, ast.AST] = {}
    nodes = [tree]
    for node in nodes:
        for below in ast.iter_child_nodes(node):
            above[below] = node
            nodes.append(below)
    return above


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _own_variables(node: ast.expr) -> bool:
    return ast.unparse(node) in ("globals()", "locals()", "vars()")


def _same(one: object, other: ast.expr) -> bool:
    """Whether two expressions are spelled alike; for a list, its first element counts."""
    first = one[0] if isinstance(one, list) and one else one
    return isinstance(first, ast.expr) and ast.unparse(first) == ast.unparse(other)
