"""The hint below an error that came from a worker: nobody is asked, and the one client is named."""

from __future__ import annotations

import sys

from ipython_where.answer.world import World
from ipython_where.judge.remote_failure import RemoteFailure
from ipython_where.workers.failed_import import _of_their_own, explain_remote_failure


def client(module: str, name: str) -> object:
    """An object of a class with that name."""
    return type(name, (), {"__module__": module})()


FAILED = RemoteFailure(module="sklearn.svm", engine="dask")


def hint(**namespace: object) -> str | None:
    """The hint in a notebook with these variables."""
    found = explain_remote_failure(FAILED, World.here(namespace=namespace))
    assert found.message == "a worker of dask did not find `sklearn.svm`; this kernel's environment is another matter"
    return found.hint


def test_the_one_client_is_named() -> None:
    """By its variable; a client of another engine is none."""
    dask = client("distributed.client", "Client")
    parallel = client("ipyparallel.client.client", "Client")
    assert (
        hint(cluster=dask, again=dask, rc=parallel, x=1) == "`%where sklearn --on cluster` shows which workers have it"
    )


def test_two_names_of_one_cluster() -> None:
    """Ray's module and its context, a Spark session and its context, or a client and its cluster."""
    session, context = client("pyspark.sql.session", "SparkSession"), client("pyspark.core.context", "SparkContext")
    vars(session)["_sc"] = context
    clients = {"sc": context, "spark": session}
    assert _of_their_own(clients) == ["spark"]
    parallel, cluster = client("ipyparallel.client.client", "Client"), client("ipyparallel.cluster.cluster", "Cluster")
    vars(parallel)["_trait_values"] = {"cluster": cluster}
    assert _of_their_own({"cluster": cluster, "rc": parallel}) == ["rc"]
    assert _of_their_own({"context": client("ray._private.worker", "RayContext"), "ray": sys}) == ["ray"]


def test_where_it_is_not_one() -> None:
    """No line could be pasted: none is given."""
    assert hint() is None
    assert hint(one=client("distributed.client", "Client"), two=client("distributed.client", "Client")) is None
