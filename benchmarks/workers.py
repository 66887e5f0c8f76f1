"""`%where NAME --on` beside what the engines do of their own: 64 workers of dask, 64 engines of IPython Parallel.

Dask's workers do without their profiler, with which 64 idle ones take a whole core all the time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from operator import truediv
from pathlib import Path
from statistics import median

from tests.environments import clean_environ
from tests.workers.clusters import environments_with

BATCH = 8
"""Workers that start at once: all 64 of them may be too late for each other on a small machine."""

_PATIENT = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "300s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
}

_DASK = """
from distributed import Client, LocalCluster
from ipython_where.workers.dask import Dask as Engine

if __name__ == "__main__":
    options = {"dashboard_address": None, "host": "127.0.0.1", "silence_logs": 50}
    cluster = LocalCluster(n_workers=0, threads_per_worker=1, **options)
    client = Client(cluster)
    for number in (*range(BATCH, WORKERS, BATCH), WORKERS):
        cluster.scale(number)
        client.wait_for_workers(number, timeout=600)
    measure({
        "an empty function": lambda: client.run(eval, "None"),
        "`Client.get_versions`": client.get_versions,
        "an empty expression": lambda: Engine().run_everywhere(client, "''", timeout=300),
        "`numpy`": lambda: ask_some(Asked(name="client", client=client, engine=Engine()), NUMPY, timeout=300),
    })
    client.close()
    cluster.close()
"""
_IPYPARALLEL = """
import ipyparallel
from ipython_where.workers.ipyparallel import IPythonParallel as Engine

if __name__ == "__main__":
    cluster = ipyparallel.Cluster(n=BATCH, controller_ip="127.0.0.1", log_level=50)
    client = cluster.start_and_connect_sync(activate=False)
    for number in range(BATCH, WORKERS, BATCH):
        cluster.start_engines_sync(min(BATCH, WORKERS - number))
        client.wait_for_engines(min(number + BATCH, WORKERS), timeout=600, interactive=False)
    measure({
        "an empty function": lambda: client[:].apply_sync(eval, "None"),
        "an empty expression": lambda: Engine().run_everywhere(client, "''", timeout=300),
        "`numpy`": lambda: ask_some(Asked(name="client", client=client, engine=Engine()), NUMPY, timeout=300),
    })
    client.close()
    cluster.stop_cluster_sync()
"""
_TIMED = """
import json, time
from ipython_where.workers.asking import Client as Asked, ask_some
from ipython_where.workers.question import module_question

WORKERS, ROUNDS, BATCH = {workers}, {rounds}, {batch}
NUMPY = module_question([("numpy", "numpy")])

def measure(cases):
    times = {{name: [] for name in cases}}
    for number in range(3 * ROUNDS + 1):  # the first one warms up
        for name, case in cases.items():
            begin = time.perf_counter()
            answers = case()
            if number:
                times[name].append((time.perf_counter() - begin) * 1000)
            assert len(answers.get("workers", answers) if isinstance(answers, dict) else answers) >= WORKERS, name
    print("<<" + json.dumps(times) + ">>")
"""


def measure_workers(rounds: int, workers: int) -> str:
    """The figures as lines, with their goals."""
    return "\n".join(
        line
        for engine, source in (("dask", _DASK), ("ipyparallel", _IPYPARALLEL))
        for line in _shown(engine, workers, _measured(engine, source, rounds, workers))
    )


def _measured(engine: str, source: str, rounds: int, workers: int) -> dict[str, list[float]]:
    """The milliseconds of each case in each round, in a process of its own that starts a cluster."""
    print(f"{engine}: starting {workers} workers", file=sys.stderr)
    python = environments_with("distributed", "ipyparallel", others=())["kernel"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "measured.py")
        script.write_text(_TIMED.format(workers=workers, rounds=rounds, batch=BATCH) + source)
        environ = clean_environ(HOME=folder, IPYTHONDIR=folder, TMPDIR=folder, **_PATIENT)
        done = subprocess.run([python, script], env=environ, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    times: dict[str, list[float]] = json.loads(done.stdout[done.stdout.index("<<") + 2 : done.stdout.rindex(">>")])
    return times


def _shown(engine: str, workers: int, times: dict[str, list[float]]) -> list[str]:
    """Ratios are those within a round, whose cases had the same machine: a busy one is slow for a while."""
    lines = [
        f"  {name}: {median(taken):.0f} ms, x {median(map(truediv, taken, times['an empty function'])):.2f}"
        for name, taken in times.items()
    ]
    return [f"{engine}, {workers} workers (goal for `numpy`: at most x 1.5)", *lines]
