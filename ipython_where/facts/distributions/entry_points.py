"""What installed distributions declare as entry points of a group, and the code that one leads to.

What an entry point names is imported and called, so only those count that lie where this kernel was installed into: code that
the user installed. What lies in the notebook's folder was installed by nobody, and is neither read nor imported.

Tested in `tests/change/installers/test_registry.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from ipython_where.value import dataclass

from .distributions import Distributions


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """A ``name``, the ``value`` that leads to its code (`module:attribute`), and the metadata directory that declares it.

    ``metadata`` is None for one of ours.
    """

    name: str
    value: str
    metadata: str | None = None

    @property
    def project(self) -> str:
        """The distribution that declares it, as its metadata directory spells it."""
        return os.path.basename(self.metadata or "").partition("-")[0]

    @property
    def whose(self) -> str:
        """Who declares it, for a message."""
        return f"`{os.path.basename(self.metadata)}`" if self.metadata is not None else "`ipython_where` itself"


class UnusableError(Exception):
    """An entry point cannot be used, for a reason in a few words."""


def read_entry_points(
    distributions: Distributions, path: Iterable[str], group: str, ours: Mapping[str, str]
) -> tuple[EntryPoint, ...]:
    """Ours, then the entry points of a group along a path, in its order.

    ``ours`` are written in the code as well, because this package has no metadata where it runs from a folder of its source.
    `importlib.metadata` would read every file along the whole of ``sys.path``, the notebook's folder too.
    """
    found = [EntryPoint(name=name, value=value) for name, value in ours.items()]
    for metadata in distributions.all(path):
        content = distributions.content(metadata, "entry_points.txt") or b""
        if group.encode() in content:
            lines = _section(content.decode("utf-8", "replace"), group)
            found += [EntryPoint(name=name, value=value, metadata=metadata) for name, value in lines]
    return tuple(each for each in found if each.metadata is None or ours.get(each.name) != each.value)


def _section(content: str, group: str) -> Iterator[tuple[str, str]]:
    """The names and values in one section of an `entry_points.txt`."""
    is_inside = False
    for line in map(str.strip, content.splitlines()):
        if line.startswith("["):
            is_inside = line == f"[{group}]"
        elif is_inside and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()  # extras behind it are obsolete


def load_entry_point(entry: EntryPoint, path: Sequence[str], ours: Collection[str]) -> Callable[..., Any]:
    """What an entry point names. Raises `UnusableError` where its module would come from the notebook's folder, and whatever
    the import raises.
    """
    from importlib import import_module
    from importlib.machinery import PathFinder

    module, _, attributes = entry.value.partition(":")
    if entry.name not in ours:
        top = module.partition(".")[0]
        now, lasting = PathFinder.find_spec(top), PathFinder.find_spec(top, list(path))
        if now is not None and (lasting is None or now.origin != lasting.origin):
            raise UnusableError(f"`{now.origin}` hides its module `{top}`")
    found: Any = reduce(getattr, filter(None, attributes.split(".")), import_module(module))
    if not callable(found):
        raise UnusableError(f"`{entry.value}` cannot be called")
    loaded: Callable[..., Any] = found
    return loaded
