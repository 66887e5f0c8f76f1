"""`%where … --on client` in a notebook on a real cluster of each engine: environments that differ, and an error of a worker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from .clusters import Cluster, dask_cluster, ipyparallel_cluster, ray_cluster

ENGINES: dict[str, tuple[Callable[[Path], AbstractContextManager[Cluster]], str]] = {
    "dask": (dask_cluster, "client.submit(lambda: __import__('no_such_module_here')).result()"),
    "ray": (ray_cluster, "ray.get(ray.remote(lambda: __import__('no_such_module_here')).remote())"),
    "ipyparallel": (ipyparallel_cluster, "client[0].apply_sync(eval, \"__import__('no_such_module_here')\")"),
}
"""The cluster of each engine, and how a notebook has a worker fail to import."""


@pytest.fixture(scope="module", params=sorted(ENGINES))
def cluster(
    request: pytest.FixtureRequest, workers: None, kernel: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Cluster]]:
    start, _ = ENGINES[request.param]
    with start(tmp_path_factory.mktemp(request.param)) as cluster:
        cluster.cell("%load_ext ipython_where\nimport numpy")
        yield request.param, cluster


def answer(cluster: Cluster, line: str) -> Any:
    """The JSON of an answer."""
    return json.loads(cluster.cell(f"%where {line} --on client --timeout 120 --json"))


def test_a_name(cluster: tuple[str, Cluster]) -> None:
    """Each environment is a row: another numpy, another Python, and those that are as the kernel's."""
    name, running = cluster
    told = answer(running, "numpy")
    assert (told["engine"], told["silent"]) == (name, [])
    assert told["answered"] == told["asked"] == len(running.pythons) + 1
    by_prefix = {each["python"]["prefix"]: each for each in told["groups"] if each["role"] == "workers"}
    assert set(by_prefix) == {str(python.parent.parent) for python in running.pythons.values()}
    other = by_prefix[str(running.pythons["numpy"].parent.parent)]
    assert (other["differences"], other["module"]["version"]) == (["version"], "2.3.4")
    assert len(by_prefix[str(running.pythons["kernel"].parent.parent)]["workers"]) == 2
    assert [each["role"] for each in told["groups"]].count("scheduler") == (name == "dask")
    assert all(each["module"]["file"].startswith(prefix) for prefix, each in by_prefix.items())
    if "minor" in running.pythons:
        assert by_prefix[str(running.pythons["minor"].parent.parent)]["differences"] == ["python"]


def test_whole_environments(cluster: tuple[str, Cluster]) -> None:
    """What the notebook imported comes first."""
    _, running = cluster
    told = answer(running, "")
    assert told["silent"] == [] and told["answered"] == told["asked"]
    first = told["projects"][0]
    assert (first["project"], first["imported"], first["kernel"]) == ("numpy", True, "2.3.5")
    assert set(first["versions"]) == {"2.3.5", "2.3.4"}
    assert all(each["differing"] is not None for each in told["environments"])


def test_an_import_that_failed_in_a_worker(cluster: tuple[str, Cluster]) -> None:
    """Nothing is said of this kernel; the hint names the client, and can be pasted."""
    name, running = cluster
    reply = running.notebook.run(ENGINES[name][1])
    assert reply.status == "error"
    shown = "\n".join(each["text/plain"] for each in reply.shown)
    assert f"a worker of {name} did not find `no_such_module_here`" in shown
    line = re.search(r"`(%where [^`]*)`", shown)
    client = "ray" if name == "ray" else "client"
    assert line is not None and line[1] == f"%where no_such_module_here --on {client}"
    found = answer(running, "no_such_module_here")
    assert {each["module"]["found"] for each in found["groups"]} == {False}
