"""dask: a `distributed.Client`, or a cluster object such as `LocalCluster`.

Each worker is asked by a call of its own, because `Client.run` waits for all of them and knows no timeout. The call runs
`asyncio.to_thread`, so that the expression blocks neither the worker's event loop, without which it misses its heartbeats, nor a
task's slot, and a busy worker answers. `eval` and `to_thread` are pickled by their names alone, which any Python understands.

The scheduler answers as well. `Client.get_versions` is never used: workers keep its first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, TypeVar

from .engine import SCHEDULER, ClientError, Reply
from .replies import LOST, UNKNOWN, failed, is_one_of, late, replied

PATIENCE = 10.0
"""Seconds for what needs no worker's answer: the list of the workers, a plugin."""

_CLIENT = frozenset({"distributed.client.Client"})
_CLUSTER = frozenset({"distributed.deploy.cluster.Cluster"})

T = TypeVar("T")


class Dask:
    """The engine; it keeps nothing between calls."""

    name = "dask"
    keeps_processes = True

    def matches(self, client: object) -> bool:
        """A client or a cluster, also of a class that derives from these (`dask_jobqueue`, `dask_kubernetes`)."""
        return is_one_of(client, _CLIENT | _CLUSTER)

    def workers(self, client: object) -> Sequence[str]:
        """The scheduler and the workers' addresses, as the scheduler has them."""
        return (SCHEDULER, *_run(client, lambda asked: asyncio.wait_for(asked.nthreads(), PATIENCE), PATIENCE))

    def must_match(self, client: object) -> Sequence[str]:
        """What takes part in each message, and what functions are pickled with."""
        return ("python", "distributed", "dask", "msgpack", "cloudpickle", "toolz", "tornado")

    def run_everywhere(
        self, client: object, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        """Ask the scheduler and the workers, or those of these addresses, all at once."""

        async def ask(asked: Any) -> Mapping[str, Reply]:
            return await _ask_all(asked, expression, timeout, workers)

        return _run(client, ask, timeout)

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        """Register one worker plugin of that name, which takes the place of an earlier one."""

        async def tell(asked: Any) -> bool:
            return await _register(asked, name, expression)

        return _run(client, tell, PATIENCE)


async def _ask_all(client: Any, expression: str, timeout: float, workers: Sequence[str] | None) -> Mapping[str, Reply]:
    """The replies in the order of the workers; nothing that was asked goes on when this ends, whatever ends it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    try:
        known = (SCHEDULER, *await asyncio.wait_for(client.nthreads(), timeout))
    except TimeoutError:
        return dict.fromkeys(workers or [SCHEDULER], late(timeout))
    except Exception as error:
        return dict.fromkeys(workers or [SCHEDULER], failed(error))
    workers = known if workers is None else workers
    # the scheduler would try for half a minute to reach an address that it does not know
    asking = {each: asyncio.ensure_future(_ask(client, expression, each)) for each in workers if each in known}
    try:
        if asking:
            await asyncio.wait(asking.values(), timeout=max(0.0, end - loop.time()))
        replies = {each: task.result() if task.done() else late(timeout) for each, task in asking.items()}
        return {each: replies.get(each, UNKNOWN) for each in workers}
    finally:
        for task in asking.values():
            task.cancel()
        await asyncio.gather(*asking.values(), return_exceptions=True)


async def _ask(client: Any, expression: str, worker: str) -> Reply:
    call = (asyncio.to_thread, eval, expression)
    try:
        if worker == SCHEDULER:
            return replied(await client.run_on_scheduler(*call))
        answers = await client.run(*call, workers=[worker], on_error="return")
        return LOST if isinstance(answers[worker], OSError) else replied(answers[worker])
    except Exception as error:  # the scheduler refused, or went away
        return LOST if isinstance(error, OSError) else failed(error)


class _SourceText:
    """Pickled, it is its source text: the one who loads it compiles that with its own Python."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return eval, (self.source,)


_SETUP = """lambda worker: (
    None if getattr(getattr(worker, "periodic_callbacks", {{}}).get("heartbeat"), "is_running", bool)()
    else __import__("asyncio").to_thread(eval, {expression!r})
)"""
"""A plugin's `setup`: a worker calls it before its first heartbeat if it joins, and later if it was there before."""


async def _register(client: Any, name: str, expression: str | None) -> bool:
    from distributed.diagnostics.plugin import WorkerPlugin

    if not hasattr(client, "register_plugin"):  # came with 2023.9
        return False
    with suppress(TimeoutError):  # the scheduler has it before it waits for the workers, one of which may be blocked
        if expression is None:
            with suppress(ValueError):  # it has none of that name
                await asyncio.wait_for(client.unregister_worker_plugin(name), PATIENCE)
        else:
            plugin = WorkerPlugin()
            plugin.setup = _SourceText(_SETUP.format(expression=expression))
            await asyncio.wait_for(client.register_plugin(plugin, name=name), PATIENCE)
    return await _has_plugin(client, name) == (expression is not None)


async def _has_plugin(client: Any, name: str) -> bool:
    asked = _SourceText(f"lambda dask_scheduler: {name!r} in dask_scheduler.worker_plugins")
    return bool(await asyncio.wait_for(client.run_on_scheduler(asked), PATIENCE))


def _run(client: Any, ask: Callable[[Any], Awaitable[T]], timeout: float) -> T:
    """Run a coroutine for a client on its loop, and wait; an interrupt cancels it.

    A cluster, and an asynchronous client whose loop is that of the calling thread, are asked through a client of our own.
    """
    is_cluster = is_one_of(client, _CLUSTER)
    status = client.status.name if is_cluster else client.status
    if status not in ("running", "connecting"):
        kind, hint = (
            ("cluster", None)
            if is_cluster
            else ("client", "`client = Client(address)` connects to the scheduler again")
        )
        raise ClientError(f"this dask {kind} is {status}", hint=hint)
    if is_cluster:
        return _visit(client.scheduler_address, getattr(client, "security", None), ask, timeout)
    loop = client.loop.asyncio_loop
    if _runs_here(loop):
        return _visit(client.scheduler.address, client.security, ask, timeout)
    return _waited(asyncio.run_coroutine_threadsafe(_awaited(ask, client), loop))


async def _awaited(ask: Callable[[Any], Awaitable[T]], client: Any) -> T:
    return await ask(client)


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether the thread that calls this has to go on before the loop can."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return not loop.is_running()


def _waited(future: Future[T]) -> T:
    try:
        return future.result()
    finally:
        future.cancel()


def _visit(address: str, security: object, ask: Callable[[Any], Awaitable[T]], timeout: float) -> T:
    """The same with a client that lives as long as this call, on a loop in a thread of its own."""
    from distributed import Client

    async def visit() -> T:
        options = {"security": security, "timeout": timeout, "set_as_default": False, "asynchronous": True}
        try:
            visiting = await Client(address, **options)
        except OSError as error:
            raise ClientError(f"dask's scheduler at `{address}` can't be reached", evidence=[str(error)]) from None
        async with visiting:
            return await ask(visiting)

    with _loop() as loop:
        return _waited(asyncio.run_coroutine_threadsafe(visit(), loop))


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread; what still runs at the end is cancelled, and has a second to end."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=_serve, args=(loop,), name="ipython_where-dask", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(1)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for each in tasks:
        each.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()
