"""The ``__version__`` that a module's source would set now, read from literals and never executed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ipython_where.facts.files import read_bytes
from ipython_where.value import dataclass

if TYPE_CHECKING:
    import ast

NAME = "__version__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What source binds a name to: a literal, a name in a neighbouring module, or a lookup in installed metadata."""

    literal: str | None = None
    module: str | None = None
    name: str = NAME
    asks_metadata: bool = False


UNKNOWN = Binding()


def read_version_on_disk(
    file: str | None, installed_version: str | None, *, name: str = NAME, seen: int = 0
) -> str | None:
    """The version that a module's source would set; None if reading the source can't tell.

    The source has a literal, imports one from a neighbouring module, or looks the version up in the installed metadata.
    """
    if file is None or not file.endswith(".py") or seen > 3:
        return None
    source = read_bytes(file)
    if source is None:
        return None
    bound = parse_version(source, name, package=os.path.basename(os.path.dirname(file)))
    if bound.module:
        beside = os.path.join(os.path.dirname(file), *bound.module.split("."))
        path = next(
            (each for each in (f"{beside}.py", os.path.join(beside, "__init__.py")) if os.path.isfile(each)), None
        )
        return read_version_on_disk(path, installed_version, name=bound.name, seen=seen + 1)
    return installed_version if bound.asks_metadata else bound.literal


def parse_version(source: bytes, name: str = NAME, *, package: str = "") -> Binding:
    """What source in the folder of ``package`` binds ``name`` to, if it does so exactly once, at the top level."""
    if not re.search(rb"\b" + name.encode() + rb"\b", source):
        return UNKNOWN
    import ast

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNKNOWN
    bound = list(_bindings(tree, name))
    if len(bound) != 1 or not any(bound[0] is each for each in tree.body):
        return UNKNOWN
    return _understood(bound[0], tree, name, package)


def _bindings(tree: ast.Module, name: str) -> Iterator[ast.AST]:
    """The statements that bind or delete a name, anywhere in the tree."""
    import ast

    def names(node: ast.AST) -> bool:
        return any(
            isinstance(each, ast.Name) and each.id == name and not isinstance(each.ctx, ast.Load)
            for each in ast.walk(node)
        )

    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            # `*` imports a name with a leading underscore only if an `__all__` lists it
            star = name if name.startswith("_") else "*"
            if any((each.asname or each.name) in (name, star) for each in node.names):
                yield node
        elif isinstance(node, (ast.Assign, ast.Delete)):
            if any(map(names, node.targets)):
                yield node
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For)):
            if names(node.target) and getattr(node, "value", node) is not None:
                yield node
        elif (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name) or (
            isinstance(node, ast.Global) and name in node.names
        ):
            yield node


def _understood(node: ast.AST, tree: ast.Module, name: str, package: str) -> Binding:
    import ast

    if isinstance(node, ast.ImportFrom):
        original = next((each.name for each in node.names if (each.asname or each.name) == name), None)
        if original is None or node.module is None or node.level > 1:
            return UNKNOWN
        whole, _, below = node.module.partition(".")
        return Binding(module=node.module if node.level else below if whole == package else None, name=original)
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return Binding(literal=value.value)
    if isinstance(value, ast.Name) and value.id != name:
        others = list(_bindings(tree, value.id))
        return (
            _understood(others[0], tree, value.id, package) if len(others) == 1 and others[0] in tree.body else UNKNOWN
        )
    called = ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
    return Binding(asks_metadata=True) if called == "version" else UNKNOWN
