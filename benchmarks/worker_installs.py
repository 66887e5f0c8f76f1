"""`%safepip install NAME --on client` beside what the engines offer for it: the same wheel, in the same environments.

Each line installs a project of its own, so that none has it already, into two environments with three workers. The others
start pip in each worker, also where two share an environment, and none of them plans or takes anything back.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median

from tests.environments import call, site_packages, uv
from tests.faults.wheels import write_wheel
from tests.workers.clusters import (
    Cluster,
    changeable,
    dask_cluster,
    environments_with,
    ipyparallel_cluster,
    ray_cluster,
)

Started = Callable[[Path, Mapping[str, Path]], AbstractContextManager[Cluster]]

_OURS = "%safepip install {options} {name} --on client"
_PLUGIN = """\
from distributed import PipInstall
client.register_plugin(PipInstall(packages=["{name}"], pip_options="{options}".split()))
"""
_EVERYWHERE = "client.activate()\n%px %pip install {options} {name}"
_TASKS = """\
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
def look():
    import {name}
environment = {{"pip": {{"packages": ["{name}"], "pip_install_options": "{options}".split()}}}}
def options(node):
    alone = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    return {{"num_cpus": 0, "runtime_env": environment, "scheduling_strategy": alone}}
ray.get([ray.remote(look).options(**options(each)).remote() for each in ray.nodes()])
"""
_ENGINES: tuple[tuple[str, Started, tuple[str, ...], str, str], ...] = (
    ("dask", dask_cluster, ("distributed", "ipyparallel"), "`register_plugin(PipInstall)`", _PLUGIN),
    ("ipyparallel", ipyparallel_cluster, ("distributed", "ipyparallel"), "`%px %pip install`", _EVERYWHERE),
    ("ray", ray_cluster, ("ray",), "`runtime_env`, in environments of its own", _TASKS),
)


def measure_worker_installs(rounds: int) -> str:
    """A table of seconds: the medians of as many rounds, in which both take turns."""
    rows = ["| engine | `%safepip install --on` | what it offers | |", "|---|---|---|---|"]
    for engine, started, libraries, label, theirs in _ENGINES:
        print(f"{engine}: starting workers", file=sys.stderr)
        pythons = {
            name: each for name, each in environments_with(*libraries, others=("numpy",)).items() if name != "bare"
        }
        with tempfile.TemporaryDirectory() as folder, changeable(Path(folder), started, pythons) as cluster:
            for python in cluster.pythons.values() if engine == "ray" else ():  # it makes environments with virtualenv
                call(uv(), "pip", "install", "--quiet", "--python", python, "virtualenv")
            taken = _taken(cluster, rounds, {"ours": _OURS, "theirs": theirs})
        rows.append(f"| {engine} | {median(taken['ours']):.1f} s | {median(taken['theirs']):.1f} s | {label} |")
    return "\n".join(rows)


def _taken(cluster: Cluster, rounds: int, cells: Mapping[str, str]) -> dict[str, list[float]]:
    """Seconds of each cell in each round, after one that warms up."""
    wheels = cluster.folder / "wheels"
    taken: dict[str, list[float]] = {name: [] for name in cells}
    for number in range(rounds + 1):
        for who, cell in cells.items():
            name = f"{who}{number}"
            write_wheel(wheels, name, "1.0")
            cluster.cell("from time import perf_counter\nbegin = perf_counter()")
            cluster.cell(cell.format(name=name, options=f"--no-index --find-links {wheels}"))
            seconds = cluster.value("perf_counter() - begin")
            if who == "ours":
                assert all(map(partial(_has, name), cluster.pythons.values()))
            if number:
                taken[who].append(seconds)
    return taken


def _has(name: str, python: Path) -> bool:
    return any(site_packages(python.parent.parent).glob(f"{name}-*.dist-info"))
