"""What to say about an import that failed in a worker: nothing about this kernel, and what would prove the rest.

Tested in `tests/workers/test_failed_import.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from ipython_where.answer.world import World
from ipython_where.judge.remote_failure import RemoteFailure
from ipython_where.model import Finding

from .clients import clients_in, engines_of


def explain_remote_failure(failed: RemoteFailure, world: World) -> Finding:
    """The finding; nobody is asked. Its hint names the client, if the notebook has exactly one of that engine's clusters."""
    engines = engines_of(world)
    names = [name for name, engine in clients_in(world.namespace, engines) if engine.name == failed.engine]
    clients = _of_their_own({name: world.namespace[name] for name in names})
    top = failed.module.partition(".")[0]
    return Finding(
        id="missing-on-a-worker",
        severity="error",
        message=f"a worker of {failed.engine} did not find `{failed.module}`; this kernel's environment is another matter",
        hint=f"`%where {top} --on {clients[0]}` shows which workers have it" if len(clients) == 1 else None,
    )


def _of_their_own(clients: Mapping[str, object]) -> list[str]:
    """The names without those that another one stands for: Ray's module for its context, a client for its cluster."""
    modules = [name for name, client in clients.items() if isinstance(client, ModuleType)]
    parts = {id(part) for client in clients.values() for part in _parts(client)}
    return modules or [name for name, client in clients.items() if id(client) not in parts]


def _parts(client: object) -> Iterator[object]:
    """What an object holds; of one that traitlets made, as IPython Parallel's client holds its cluster, also its traits."""
    held = getattr(client, "__dict__", {})
    yield from held.values()
    yield from held.get("_trait_values", {}).values()
