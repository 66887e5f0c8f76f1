"""The answers in docs/workers.md, each from a real cluster: `python -m tests.readme workers` writes them.

`<!-- cluster: NAME -->` starts the cluster of an engine and ends the one before. The environments are links in the home folder of
its programs, so that an answer shows them as `~/env`, `~/other`, `~/minor` and `~/bare`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests import environments

from .clusters import (
    Cluster,
    dask_cluster,
    environments_with,
    ipyparallel_cluster,
    ray_cluster,
    spark_cluster,
    spark_environments,
    spark_session,
)

PAGE = environments.ROOT / "docs" / "workers.md"

_FOLDERS = {"kernel": "env", "numpy": "other", "minor": "minor", "bare": "bare"}

Started = Callable[[Path, Mapping[str, Path]], AbstractContextManager[Cluster]]

_CLUSTERS: dict[str, tuple[Started, Callable[[], Mapping[str, Path]]]] = {
    "dask": (dask_cluster, lambda: environments_with("distributed", "ipyparallel")),
    "ipyparallel": (ipyparallel_cluster, lambda: environments_with("distributed", "ipyparallel")),
    "ray": (ray_cluster, lambda: environments_with("ray", others=("numpy", "bare"))),
    "spark": (spark_cluster, spark_environments),
}


@contextmanager
def clusters() -> Iterator[Callable[[str, str], str]]:
    """What answers the prompts and the orders of the page."""
    with ExitStack() as stack:
        running: list[Cluster] = []

        def answer(prompt: str, command: str) -> str:
            if prompt == "cluster":
                stack.close()
                running[:] = [stack.enter_context(cluster_at_home(command))]
                return ""
            reply = running[0].notebook.run(command)
            assert reply.status == "ok", reply
            return f"{reply.result}\n"  # what was shown before is the progress

        yield answer


@contextmanager
def cluster_at_home(name: str) -> Iterator[Cluster]:
    """A cluster of an engine, whose environments are in the home folder of its programs."""
    started, kept = _CLUSTERS[name]
    with tempfile.TemporaryDirectory(prefix="page") as made:
        home = Path(made, "notebook", "home")
        home.mkdir(parents=True)
        pythons = {}
        for each, python in kept().items():
            (home / _FOLDERS[each]).symlink_to(python.parent.parent)
            pythons[each] = home / _FOLDERS[each] / "bin" / "python"
        with started(Path(made), pythons) as cluster:
            if name == "spark":
                spark_session(cluster, 4)
            cluster.cell("%load_ext ipython_where")
            yield cluster


def comparable(text: str) -> list[str]:
    """The words of an answer without what differs from one start to the next: ports, ids, counts, seconds, Pythons, the order."""
    text = re.sub(r"127\.0\.0\.1:\d+|\b[0-9a-f]{56}\b|\b[\d.]+ m?s\b", "…", text)
    text = re.sub(r"(?<![\d.])3\.\d+(\.\d+)?", "3.x", text)
    return sorted(re.sub(r"(?<![\w.])\d+(?![\w.])", "…", text).split())
