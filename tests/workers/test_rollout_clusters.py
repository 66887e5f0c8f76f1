"""`%safepip … --on client` with a real cluster of each engine, from a notebook."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.faults.strikes import can_mount
from tests.faults.wheels import write_wheel

from .clusters import (
    Cluster,
    changeable,
    connect_by_client,
    copied,
    dask_cluster,
    environments_with,
    free_port,
    ipyparallel_cluster,
    ray_cluster,
    spark_cluster,
    spark_connect,
    spark_environments,
    spark_session,
    start_dask_worker,
    start_ray_node,
    start_spark_worker,
    until,
)


@pytest.fixture
def dask(workers: None, kernel: None, installer: None, tmp_path: Path) -> Iterator[Cluster]:
    with changeable(tmp_path, dask_cluster) as cluster:
        yield cluster


@pytest.fixture
def ipyparallel(workers: None, kernel: None, installer: None, tmp_path: Path) -> Iterator[Cluster]:
    with changeable(tmp_path, ipyparallel_cluster) as cluster:
        yield cluster


@pytest.fixture
def ray(workers: None, kernel: None, installer: None, tmp_path: Path) -> Iterator[Cluster]:
    with changeable(tmp_path, ray_cluster, environments_with("ray", others=("numpy", "bare"))) as cluster:
        yield cluster


@pytest.fixture
def spark(workers: None, kernel: None, installer: None, tmp_path: Path) -> Iterator[Cluster]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: `apt-get install default-jre-headless`")
    with changeable(tmp_path, spark_cluster, spark_environments()) as cluster:
        yield cluster


def versions(cluster: Cluster, project: str) -> dict[str, str]:
    """Its version in each environment that has it."""
    sites = {name: environments.site_packages(python.parent.parent) for name, python in cluster.pythons.items()}
    found = (
        (name, each.name.split("-")[1].removesuffix(".dist"))
        for name, site in sites.items()
        for each in site.glob(f"{project}-*.dist-info")
    )
    return {name: version.removesuffix(".dist-info") for name, version in found}


def line(cluster: Cluster, words: str) -> str:
    command, _, rest = words.partition(" ")
    options = f"--no-index -f {cluster.folder}/wheels" if command == "install" else ""
    return f"r = %safepip {command} {options} {rest} --on client"


def test_an_install_its_restart_a_late_worker_and_the_undo(dask: Cluster) -> None:
    """The whole story: nothing is blocked, a busy worker takes part, and the kernel's environment is one of the workers'."""
    cluster = dask
    every = dict.fromkeys(cluster.pythons, "1.0")
    cluster.cell(line(cluster, "install leaf==1.0"))
    assert versions(cluster, "leaf") == every
    parts = cluster.notebook.value("[[each.outcome, each.with_kernel, len(each.workers)] for each in r.parts]")
    assert sorted(parts) == sorted([["changed", True, 3], *[["changed", False, 1]] * (len(every) - 1)])
    assert "leaf 1.0 first" in cluster.notebook.value("r.later")

    cluster.cell("client.run(eval, \"__import__('leaf') and None\"); import leaf")
    cluster.cell("with open('build.txt', 'w') as file: file.write('setuptools<99')")
    cluster.cell(line(cluster, "install tree leaf==2.0 --build-constraint build.txt"))
    assert versions(cluster, "leaf") == dict.fromkeys(every, "2.0")
    restart = cluster.notebook.value("[name for each in r.parts for name in each.restart]")
    assert len(restart) == len(every) + 2 and "this kernel" in restart

    late = environments.make_in(cluster.folder / "envs" / "late", ["distributed", "numpy==2.3.5"], python=None)
    before = cluster.notebook.value("len(client.nthreads())")
    start_dask_worker(cluster, "late", late / "bin" / "python", PATH=f"{Path(environments.uv()).parent}:/usr/bin:/bin")
    cluster.cell(f"client.wait_for_workers({before + 1}, timeout=180)")
    until(lambda: list(environments.site_packages(late).glob("tree-*")), "the late worker has it")

    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == every
    assert cluster.notebook.value("r.undoes is not None")

    cluster.cell(line(cluster, "uninstall leaf"))
    assert versions(cluster, "leaf") == {}
    assert cluster.notebook.value("r.later") == "workers that join later lose leaf first"


def test_engines_that_cannot_tell_late_ones(ipyparallel: Cluster) -> None:
    """The same line, and an answer that says so."""
    cluster = ipyparallel
    cluster.cell(line(cluster, "install tree"))
    assert versions(cluster, "tree") == dict.fromkeys(cluster.pythons, "1.0")
    assert sum(cluster.notebook.value("[len(each.workers) for each in r.parts]")) == len(cluster.pythons) + 1
    later = cluster.notebook.value("r.later")
    assert later == "workers that join later do not get it: ipyparallel cannot tell them"
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "tree") == {}


def test_a_cell_is_a_file_that_goes_along(ipyparallel: Cluster) -> None:
    """With the file beside the notebook that it names."""
    cluster = ipyparallel
    cluster.cell("with open('limits.txt', 'w') as file: file.write('leaf<2')")
    cluster.cell(f"%%safepip install --no-index -f {cluster.folder}/wheels --on client\ntree\n-c limits.txt")
    assert versions(cluster, "leaf") == dict.fromkeys(cluster.pythons, "1.0")


def test_ray(ray: Cluster) -> None:
    """A node is asked beside its other tasks; two of them share the kernel's environment. Then by Ray Client."""
    cluster, every = ray, dict.fromkeys(ray.pythons, "1.0")
    whole_story(cluster, len(every) + 1, "ray")
    if can_mount():
        on_other_hosts(cluster)
    cluster.cell("ray.shutdown()")
    (cluster.folder / "brought").mkdir()
    connect_by_client(cluster, f", runtime_env={{'working_dir': '{cluster.folder}/brought'}}")
    cluster.cell(line(cluster, "install leaf==1.0"))
    assert versions(cluster, "leaf") == every
    (remark,) = cluster.notebook.value("[each.message for each in r.findings]")
    assert remark == "this job's `runtime_env` changes what its tasks can import, and nothing in this kernel"
    assert sum(cluster.notebook.value("[len(each.workers) for each in r.parts]")) == len(every) + 1
    are_refused(cluster, "install leaf==2.0")
    assert versions(cluster, "leaf") == every
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == {}


def on_other_hosts(cluster: Cluster) -> None:
    """Nodes with mounts and a name of their own: one has another environment under the same path, one shares its volume."""
    own, every = cluster.pythons["bare"].parent.parent, dict.fromkeys(cluster.pythons, "1.0")
    far = shutil.copytree(own, cluster.folder / "far-env", symlinks=True, copy_function=copied)
    current = (cluster.short / "head" / "ray_current_cluster").read_text()
    alive = "sum(each['Alive'] for each in ray.nodes())"
    nodes = cluster.value(alive)
    for name, mounts in (("far", f"mount --bind {far} {own}"), ("near", "true")):
        inside = ("unshare", "-m", "-u", "sh", "-c", f'hostname {name} && {mounts} && exec "$@"', "sh")
        start_ray_node(cluster, name, cluster.pythons["bare"], f"--address={current}", inside=inside)
    cluster.until(lambda: cluster.value(alive) == nodes + 2, "the nodes")

    cluster.cell(line(cluster, "install leaf==1.0"))
    assert versions(cluster, "leaf") == every
    parts = cluster.notebook.value(f"[[each.host, each.outcome] for each in r.parts if each.prefix == {str(own)!r}]")
    assert ["far", "changed"] in parts and len(parts) == 3
    assert sorted(outcome for _, outcome in parts) == ["changed", "changed", "unchanged"]
    assert len([*environments.site_packages(far).glob("leaf-1.0.dist-info")]) == 1
    told = json.loads(cluster.cell("%where leaf --on client --json"))
    assert sorted(each["hosts"] for each in told["groups"]) == [1, 1, 3]
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == {} and not [*environments.site_packages(far).glob("leaf*")]
    for name in ("far", "near"):
        cluster.kill(name)
    cluster.until(lambda: cluster.value(alive) == nodes, "their end")


def test_spark(spark: Cluster) -> None:
    """Four executors in three environments. Then by a session of Spark Connect, which knows its executors, and does not tell."""
    spark_session(spark, 4)
    whole_story(spark, 4, "spark")
    reply = spark.notebook.run(line(spark, "uninstall pyspark"))
    assert "a worker runs on `pyspark`, which would be removed" in "\n".join(reply.error)
    if "minor" in spark.pythons:
        with_another_python(spark)
    spark.cell("client.stop()")
    for master in ("local[2]", "local-cluster[2,1,600]"):
        on_this_machine(spark, master)
    spark_connect(spark, free_port())
    spark.cell("%load_ext ipython_where")
    whole_story(spark, 4, "spark")


def with_another_python(cluster: Cluster) -> None:
    """A fifth executor, which runs no task of this session: its interpreter is started by itself, and may refuse for all."""
    start_spark_worker(cluster, "minor")
    cluster.until(lambda: cluster.value("len(engine.workers(client))") == 5, "its executor")
    write_wheel(cluster.folder / "wheels", "twig", "1.0", requires_python=f"=={series(cluster, 'kernel')}.*")
    reply = cluster.notebook.run(line(cluster, "install twig"))
    error = "\n".join(reply.error)
    assert error.startswith("nothing was changed anywhere: ") and "/minor  (" in error, error
    cluster.cell(line(cluster, "install leaf==1.0"))
    assert versions(cluster, "leaf") == dict.fromkeys(cluster.pythons, "1.0") and versions(cluster, "twig") == {}
    assert len(cluster.notebook.value("[name for each in r.parts for name in each.workers]")) == 5
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == {}
    cluster.kill("minor")


def series(cluster: Cluster, name: str) -> str:
    """The minor version of an environment's Python."""
    return environments.site_packages(cluster.pythons[name].parent.parent).parent.name.removeprefix("python")


def on_this_machine(cluster: Cluster, master: str) -> None:
    """The driver's own process, or executors beside it, with this kernel's Python."""
    cluster.cell("import os, sys; os.environ['PYSPARK_PYTHON'] = sys.executable")
    spark_session(cluster, 1 if master.startswith("local[") else 2, master=master)
    cluster.cell(line(cluster, "install leaf==1.0"))
    assert versions(cluster, "leaf") == {"kernel": "1.0"}
    assert cluster.notebook.value("[[each.with_kernel, [*each.workers]] for each in r.parts]") == [
        [True, ["driver"] if master.startswith("local[") else ["0", "1"]]
    ]
    reply = cluster.notebook.run(line(cluster, "uninstall pyspark"))
    assert "a worker runs on `pyspark`, which would be removed" in "\n".join(reply.error)
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == {}
    cluster.cell("client.stop()")


def whole_story(cluster: Cluster, workers: int, engine: str) -> None:
    """A dry run, an install, what one environment refuses, a removal, and the undo of both: each environment once, all of them
    or none. The files that the line names are beside the notebook, where no worker looks for them.
    """
    environments_of = {name: cluster.pythons[name] for name in cluster.pythons if name != "minor"}
    for name, text in (("limits.txt", "leaf<2"), ("wanted.txt", "leaf\n-c limits.txt")):
        cluster.cell(f"with open({name!r}, 'w') as file: file.write({text!r})")
    cluster.cell(line(cluster, "install leaf -c limits.txt --dry-run"))
    assert cluster.notebook.value("[each.outcome for each in r.parts]") == ["planned"] * len(environments_of)
    assert cluster.notebook.value("[*{each.new for part in r.parts for each in part.plan.changes}]") == ["1.0"]
    assert versions(cluster, "leaf") == {}

    cluster.cell(line(cluster, "install -r wanted.txt"))
    assert versions(cluster, "leaf") == dict.fromkeys(environments_of, "1.0")
    assert cluster.notebook.value("[each.outcome for each in r.parts]") == ["changed"] * len(environments_of)
    assert sum(cluster.notebook.value("[len(each.workers) for each in r.parts]")) == workers
    later = cluster.notebook.value("r.later")
    assert later == f"workers that join later do not get it: {engine} cannot tell them"

    are_refused(cluster, "install leaf==2.0", "uninstall leaf")
    assert versions(cluster, "leaf") == dict.fromkeys(environments_of, "1.0")

    cluster.cell(line(cluster, "uninstall leaf"))
    assert versions(cluster, "leaf") == {}
    assert cluster.notebook.value("[each.outcome for each in r.parts]") == ["changed"] * len(environments_of)
    later = cluster.notebook.value("r.later")
    assert later == f"workers that join later do not lose it: {engine} cannot tell them"
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == dict.fromkeys(environments_of, "1.0")
    cluster.cell(line(cluster, "undo"))
    assert versions(cluster, "leaf") == {}


def are_refused(cluster: Cluster, *lines: str) -> None:
    """Lines that one environment refuses: what is there needs the `leaf` that there is."""
    site = environments.site_packages(cluster.pythons["numpy"].parent.parent)
    with zipfile.ZipFile(write_wheel(cluster.folder / "more", "holder", "1.0", requires=["leaf<2"])) as holder:
        holder.extractall(site)
    for words in lines:
        reply = cluster.notebook.run(line(cluster, words))
        assert "nothing was changed anywhere: `holder` would no longer have what it needs" in "\n".join(reply.error)
    for each in site.glob("holder*"):
        shutil.rmtree(each)
