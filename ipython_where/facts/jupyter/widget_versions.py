"""Which version of its JavaScript a widget class asks the page for: read from source, since importing would run it.

A widget names the npm package and the range in its class body, `_model_module = Unicode("jupyter-matplotlib")` and
`_model_module_version = Unicode(js_semver)`; the range is usually in another file of the same package.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterator

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.files import read_bytes

_MARK = b"_model_module_version"
_MOST = 300
"""The most source files that are read, those nearest to the top first: plotly has fifteen thousand."""


def read_widget_versions(metadata: str, distributions: Distributions, wanted: Collection[str]) -> dict[str, str]:
    """The range that a distribution's widgets ask for, by npm package in ``wanted``; computed ranges are left out.

    The first one counts: a release has one JavaScript version, and all its widgets ask for that.
    """
    listed = (distributions.files(metadata) or b"").decode("utf-8", "replace")
    paths = {line.partition(",")[0] for line in listed.splitlines()}
    sources = sorted((path for path in paths if path.endswith(".py")), key=lambda path: (path.count("/"), path))
    found: dict[str, str] = {}
    location = os.path.dirname(metadata)
    for path in sources[:_MOST]:
        if len(found) == len(wanted):
            break
        for module, version in _in_file(os.path.join(location, path)):
            if module in wanted:
                found.setdefault(module, version)
    return found


def _in_file(file: str) -> Iterator[tuple[str, str]]:
    source = read_bytes(file) or b""
    tree = _parsed(source) if _MARK in source else None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef):
            values = dict(_assigned(node.body))
            module = _text(values.get("_model_module"), tree, file)
            version = _text(values.get("_model_module_version"), tree, file)
            if module is not None and version is not None:
                yield module, version


def _parsed(source: bytes) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value


def _text(value: ast.expr | None, tree: ast.Module | None, file: str, *, hops: int = 3) -> str | None:
    """The string that an expression stands for: a literal, or a name from this file or one it imports, bare or in a trait."""
    while isinstance(value, ast.Call):  # `Unicode("…").tag(sync=True)`
        function = value.func
        if isinstance(function, ast.Attribute) and function.attr == "tag":
            value = function.value
        elif value.args and _is_trait(function):
            value = value.args[0]
        else:
            return None
    if isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, ast.Name) and tree is not None and hops:
        return _named(value.id, tree, file, hops - 1)
    return None


def _is_trait(function: ast.expr) -> bool:
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    return name in ("Unicode", "CUnicode")


def _named(name: str, tree: ast.Module, file: str, hops: int) -> str | None:
    values = [value for target, value in _assigned(tree.body) if target == name]
    if values:
        return _text(values[0], tree, file, hops=hops) if len(values) == 1 else None
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _imported(alias.name, node, file, hops)
    return None


def _imported(name: str, node: ast.ImportFrom, file: str, hops: int) -> str | None:
    folder = file
    for _ in range(node.level):
        folder = os.path.dirname(folder)
    stem = os.path.join(folder, *(node.module or "").split("."))
    for other in (f"{stem}.py", os.path.join(stem, "__init__.py")):
        source = read_bytes(other)
        if source is None:
            continue
        tree = _parsed(source)
        return _named(name, tree, other, hops) if tree is not None else None
    return None
