"""Ray: the module `ray`, what `ray.init` returned, or a connection of Ray Client (`ray://`). A worker is a node, named by its id.

Each node gets a task that may run nowhere else and needs no CPU: plain tasks go to whichever node is free, so that some nodes
would be asked often and others never, and a busy cluster would keep a task with a CPU waiting. A task runs in what the job's
`runtime_env` makes of the node's environment. Ray refuses nodes with another Python, so a function may be pickled here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from types import ModuleType
from typing import Any

from ipython_where.model import Evidence, Finding

from .engine import ClientError, Reply, Unanswered
from .replies import LOST, UNKNOWN, failed, is_one_of, late, replied

_DRIVER = frozenset({"ray._private.worker.RayContext"})
_REMOTE = frozenset({"ray.client_builder.ClientContext"})
_SLICE = 0.2
"""Seconds of a wait inside of Ray, which no interrupt ends."""


class Ray:
    """The engine; it keeps nothing between calls."""

    name = "ray"
    timeout = 60.0  # the first task of a job on a node starts a process there

    def matches(self, client: object) -> bool:
        """The module itself, which stands for the connection that there is now, or a context."""
        is_module = isinstance(client, ModuleType) and client.__name__ == "ray"
        return is_module or is_one_of(client, _DRIVER | _REMOTE)

    def workers(self, client: object) -> Sequence[str]:
        """The ids of the nodes that live."""
        return _nodes(_connected(client))

    def must_match(self, client: object) -> Sequence[str]:
        """Ray itself compares these."""
        return ("python", "ray")

    def run_everywhere(
        self, client: object, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        """Run a task on each node, or on those of these ids."""
        end = monotonic() + timeout
        ray = _connected(client)
        nodes = _nodes(ray)
        asked = nodes if workers is None else [each for each in workers if each in nodes]
        with _tasks(ray, asked, expression) as tasks:
            done = _finished(ray, list(tasks.values()), end)
            replies = {node: _reply(ray, task) if task in done else late(timeout) for node, task in tasks.items()}
        return {each: replies.get(each, UNKNOWN) for each in (nodes if workers is None else workers)}

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        """Ray has nothing that runs on nodes that join later."""
        return False

    def remarks(self, client: object) -> Sequence[Finding]:
        """The job's `runtime_env`: its tasks and actors have packages that the node's environment and this kernel lack."""
        given = dict(_connected(client).get_runtime_context().runtime_env)
        evidence = [Evidence(label=each, value=_shown(given[each])) for each in _BRINGING if given.get(each)]
        if not evidence:
            return ()
        message = "this job's `runtime_env` changes what its tasks can import, and nothing in this kernel"
        return [Finding(id="ray-runtime-env", severity="note", message=message, evidence=tuple(evidence))]


_BRINGING = ("pip", "uv", "conda", "py_modules", "working_dir", "py_executable", "container", "image_uri")


def _shown(given: object) -> str:
    """Packages as they were asked for; Ray keeps them in a mapping with options."""
    packages = given.get("packages", given) if isinstance(given, Mapping) else given
    return ", ".join(map(str, packages)) if isinstance(packages, list | tuple) else str(packages)


def _connected(client: Any) -> Any:
    """The module, connected: without that, nearly all that is in it would start a cluster of its own.

    Raises `ClientError`, too, for a context of a connection that its functions do not use now.
    """
    import ray

    is_remote = is_one_of(client, _REMOTE)
    if is_remote and not _is_current(client):
        raise ClientError(
            "this is not the connection that Ray uses now",
            hint="inside of `with CONNECTION:`, `--on ray` asks through that one",
        )
    if not ray.is_initialized():
        raise ClientError(
            "Ray is not connected to a cluster",
            hint='`ray.init(address="auto")` connects to the one that runs on this machine',
        )
    if is_one_of(client, _DRIVER):
        _refuse_former(client.address_info.get("gcs_address"), ray.get_runtime_context().gcs_address)
    return ray


def _is_current(client: Any) -> bool:
    """Whether a connection of Ray Client is the one that counts. Inside of its own `with`, it holds the one before instead."""
    from ray.util.client import ray as connections

    return client._context_to_restore is None or connections.get_context() is client._context_to_restore


def _refuse_former(was: str | None, now: str) -> None:
    if was is not None and was != now:
        raise ClientError(
            "this connection of Ray was ended: Ray is connected to another cluster now",
            evidence=(Evidence(label="ended", value=was), Evidence(label="now", value=now)),
            hint="`--on ray` asks the cluster that it is connected to",
        )


def _nodes(ray: Any) -> list[str]:
    return [each["NodeID"] for each in ray.nodes() if each["Alive"]]


@contextmanager
def _tasks(ray: Any, nodes: Sequence[str], expression: str) -> Iterator[dict[str, Any]]:
    """A task on each node; in the end, those that have not ended are cancelled, by force if they run."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    remote = ray.remote(num_cpus=0, max_retries=0)(_evaluation())
    tasks: dict[str, Any] = {}
    try:
        for node in nodes:
            strategy = NodeAffinitySchedulingStrategy(node, soft=False)
            tasks[node] = remote.options(scheduling_strategy=strategy, name="ipython_where").remote(expression)
        yield tasks
    finally:
        if tasks:
            _, left = ray.wait(list(tasks.values()), num_returns=len(tasks), timeout=0)
            for task in left:
                ray.cancel(task, force=True)


def _evaluation() -> Any:
    """Ray takes no builtin; a function of `__main__` is pickled whole, so that no node needs this package."""
    return eval("lambda expression: eval(expression)", {"__name__": "__main__"})


def _finished(ray: Any, tasks: Sequence[Any], end: float) -> set[Any]:
    """Those of the tasks that have ended, by the moment ``end`` of the monotonic clock at the latest."""
    done: list[Any] = []
    left = list(tasks)
    while left:
        wait = min(_SLICE, end - monotonic())
        new, left = ray.wait(left, num_returns=len(left), timeout=max(0.0, wait))
        done += new
        if wait <= 0:
            break
    return set(done)


def _reply(ray: Any, task: Any) -> Reply:
    try:
        return replied(ray.get(task))
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError):
        return LOST
    except ray.exceptions.RuntimeEnvSetupError as error:  # it holds a traceback
        return Unanswered(reason=f"its `runtime_env` was not set up: {str(error).strip().splitlines()[-1]}")
    except ray.exceptions.RayTaskError as error:
        return failed(error.cause)
    except Exception as error:
        return failed(error)
