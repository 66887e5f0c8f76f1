"""IPython Parallel: an `ipyparallel.Client`, one of its views, or a `Cluster`. A view's own targets are asked, else all engines.

Each engine gets a message of its own, so that one that is busy or dead costs the others nothing, and no answer can be taken for
that of another: a `BroadcastView` with ``is_coalescing`` gives them in another order than `Client.ids`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any

from .engine import ClientError, Reply
from .replies import LOST, UNKNOWN, failed, is_one_of, late, replied

_CLIENT = frozenset({"ipyparallel.client.client.Client"})
_VIEW = frozenset({"ipyparallel.client.view.View"})
_CLUSTER = frozenset({"ipyparallel.cluster.cluster.Cluster"})


class IPythonParallel:
    """The engine; it keeps nothing between calls."""

    name = "ipyparallel"
    keeps_processes = True

    def matches(self, client: object) -> bool:
        """A client, any view, or a cluster."""
        return is_one_of(client, _CLIENT | _VIEW | _CLUSTER)

    def workers(self, client: object) -> Sequence[str]:
        """The ids of the engines that are registered, or of a view's targets."""
        with _connected(client) as (connected, targets):
            return [str(each) for each in targets or connected.ids]

    def run_everywhere(
        self, client: object, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        """Ask each engine, or those of these ids, by a message of its own."""
        end = monotonic() + timeout
        with _connected(client) as (connected, targets):
            ids = (targets or connected.ids) if workers is None else [int(each) for each in workers]
            there = [each for each in ids if each in connected.ids]
            with _asked(connected, there, expression) as results:
                connected.wait(list(results.values()), max(0.0, end - monotonic()))
                replies = {each: _reply(result, timeout) for each, result in results.items()}
        return {str(each): replies.get(each, UNKNOWN) for each in ids}

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        """Engines that register later are told nothing: only a client that goes on running could do that."""
        return False


def _reply(result: Any, timeout: float) -> Reply:
    if not result.ready():
        return late(timeout)
    error = result.exception()
    if error is None:
        return replied(result.result())
    name = getattr(error, "ename", None)  # a `RemoteError` has what the engine raised as text
    if name is None:
        return failed(error)
    return LOST if name == "EngineError" else failed(type(name, (Exception,), {})(getattr(error, "evalue", "")))


@contextmanager
def _connected(client: Any) -> Iterator[tuple[Any, list[int] | None]]:
    """The client that asks, and the engines that a view is limited to. A cluster is asked by a client of our own."""
    if is_one_of(client, _CLUSTER):
        with closing(_connect(client)) as connected:
            yield connected, None
        return
    targets = client.targets if is_one_of(client, _VIEW) else None
    connected = client.client if is_one_of(client, _VIEW) else client
    if connected._closed:  # it has no public name
        raise ClientError(
            "this ipyparallel client was closed",
            hint="`client = ipyparallel.Client()` connects to the controller again",
        )
    yield connected, [targets] if isinstance(targets, int) else targets if isinstance(targets, list) else None


def _connect(cluster: Any) -> Any:
    if cluster.controller is None:
        raise ClientError("this ipyparallel cluster is not running", hint="`cluster.start_cluster_sync()` starts it")
    try:
        return cluster.connect_client_sync()
    except OSError as error:  # a timeout, or no connection file
        raise ClientError(
            "the controller of this ipyparallel cluster can't be reached", evidence=[str(error)]
        ) from None


@contextmanager
def _asked(client: Any, ids: Sequence[int], expression: str) -> Iterator[dict[int, Any]]:
    """The results of each engine, to come. In the end, what no engine has begun is taken back, and nothing is kept."""
    results: dict[int, Any] = {}
    try:
        for each in ids:
            results[each] = client[each].apply_async(eval, expression)
        yield results
    finally:
        left = {each: result for each, result in results.items() if not result.ready()}
        if left and (there := [each for each in left if each in client.ids]):
            client.abort(list(left.values()), targets=there, block=False)
        for result in results.values():
            result.add_done_callback(partial(_forget, client))


def _forget(client: Any, result: Any) -> None:
    """Take a result out of the client's caches and its history, where the user's own are."""
    with suppress(RuntimeError):
        client.purge_local_results(result)
    for each in result.msg_ids:
        with suppress(ValueError):
            client.history.remove(each)
