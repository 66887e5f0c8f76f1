"""The client that `--on NAME` means: a variable of the notebook, or an attribute of one, that an engine knows.

Tested in `tests/workers/test_magic.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ipython_where.answer.world import World
from ipython_where.errors import UsageError, WhereError
from ipython_where.judge.names import near

from .asking import Client
from .engine import Engine
from .registry import Engines, read_engines


def engines_of(world: World) -> Engines:
    """The engines of the kernel's own environment."""
    return read_engines(world.distributions, world.lasting_path)


def client_named(name: str, world: World) -> Client:
    """The client of that name. Raises `UsageError` where there is no such variable, or no engine knows what it is."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"`--on {name}` is no name of a variable", hint=_hint(world, name))
    return client_of(_value(name, world), name, world)


def client_given(client: object, world: World) -> Client:
    """The same for a client itself, which is called as the notebook's variable is, if one holds it."""
    names = (name for name, value in list(world.namespace.items()) if value is client and not name.startswith("_"))
    return client_of(client, next(names, type(client).__name__), world)


def client_of(client: object, name: str, world: World) -> Client:
    """A client with the engine that knows it. Raises `UsageError` where none does."""
    engines = engines_of(world)
    engine, findings = engines.of(client)
    if engine is not None:
        return Client(name=name, client=client, engine=engine)
    known = ", ".join(f"`{each}`" for each in engines.names)
    raise UsageError(
        f"`{name}` is no client of a cluster, but {_kind(client)}",
        evidence=[f"engines: {known or 'none'}", *(each.message for each in findings)],
        hint=_hint(world, name),
    )


def clients_in(namespace: Mapping[str, Any], engines: Engines) -> Iterator[tuple[str, Engine]]:
    """The notebook's variables that an engine knows, in their order, each with it; of several names for one client, the first."""
    seen: set[int] = set()
    named = ((name, value) for name, value in list(namespace.items()) if not name.startswith("_"))
    for name, engine in engines.having(named):
        if id(namespace.get(name)) not in seen:
            seen.add(id(namespace.get(name)))
            yield name, engine


def _value(name: str, world: World) -> object:
    first, *others = name.split(".")
    if first not in world.namespace:
        raise UsageError(f"`--on {name}`: there is no variable `{first}`", hint=_hint(world, first))
    value = world.namespace[first]
    for other in others:
        try:
            value = getattr(value, other)
        except Exception as error:  # whatever a property of theirs raises
            raise WhereError(f"`{name}` cannot be read", evidence=[f"{type(error).__name__}: {error}"[:500]]) from None
    return value


def _kind(value: object) -> str:
    cls = type(value)
    return f"`{cls.__module__}.{cls.__qualname__}`" if cls.__module__ != "builtins" else f"`{cls.__qualname__}`"


def _hint(world: World, name: str) -> str:
    clients = tuple(each for each, _ in clients_in(world.namespace, engines_of(world)))
    if clients:
        return f"`--on {(near(name, clients, limit=1) or clients)[0]}`"
    return "connect to a cluster first, as in `client = distributed.Client(ADDRESS)`, and name it: `--on client`"
