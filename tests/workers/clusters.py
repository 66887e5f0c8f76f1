"""Real clusters for the tests, each with workers in several environments, and a notebook that is their client.

The environments are kept and shared, so a test may change nothing in them. A cluster's programs write their logs and files into
its folder, choose their own ports, and are ended by a `guardian`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from ipython_where.workers.engine import Answered, Reply, Unanswered
from tests import environments
from tests.kernels import Notebook

from . import guardian
from .guardian import VARIABLE
from .rollouts import make_wheels

NUMPY, OTHER_NUMPY = "numpy==2.3.5", "numpy==2.3.4"


WHO = """__import__("json").dumps({
    "executable": __import__("sys").executable,
    "numpy": __import__("importlib.metadata").metadata.version("numpy"),
})"""
"""Which interpreter answers, and the version of numpy that its environment has."""


def libraries(*names: str) -> list[str]:
    """What the dependency group `workers` asks for of these projects."""
    group = tomllib.loads((environments.ROOT / "pyproject.toml").read_text())["dependency-groups"]["workers"]
    found = [each for each in group if each.startswith(names)]
    assert len(found) == len(names), names
    return found


def other_python() -> str | None:
    """An interpreter of another minor version that has wheels of everything; None if this machine has none."""
    minors = [f"3.{minor}" for minor in (12, 13, 11) if minor != sys.version_info.minor]
    found = [str(each) for minor in minors for each in environments.pyenv_pythons(f"{minor}.*")]
    return found[0] if found else None


def environments_with(*names: str, others: Sequence[str] = ("numpy", "minor", "bare")) -> dict[str, Path]:
    """The interpreters of the workers, by the names of the environments, with the libraries of these ``names``.

    `kernel` is where the notebook runs, `numpy` has another one, `minor` another Python, `bare` has no pip.
    """
    needed = libraries(*names)
    label = "-".join(names)
    recipes: dict[str, tuple[list[str], str | None]] = {
        "kernel": ([NUMPY, "pip", "ipykernel", "-e", "."], None),
        "numpy": ([OTHER_NUMPY, "pip"], None),
        "bare": ([NUMPY], None),
    }
    if "minor" in others and (other := other_python()) is not None:
        recipes["minor"] = ([NUMPY, "pip"], other)
    return {
        name: environments.kept(f"{label}-{name}", [*needed, *packages], python=python, compiled=True)
        / "bin"
        / "python"
        for name, (packages, python) in recipes.items()
    }


def until(is_so: Callable[[], object], what: str, limit: float = 180) -> None:
    """Wait for a condition; the limit, in seconds, is for a machine that is busy."""
    end = time.monotonic() + limit
    while not is_so():
        assert time.monotonic() < end, f"{what}: not within {limit:g} s"
        time.sleep(0.05)


class Cluster:
    """The programs of a cluster, and the notebook whose variable `client` leads to it."""

    def __init__(self, folder: Path, pythons: Mapping[str, Path]) -> None:
        self.folder, self.pythons = folder, pythons
        self.word = uuid4().hex
        self.notebook = Notebook(pythons["kernel"].parent.parent, folder / "notebook", **{VARIABLE: self.word})
        self.started: dict[str, subprocess.Popen[bytes]] = {}
        self.short = folder  # a folder with a short name
        self.client_port = 0
        self.environ: dict[str, str] = {}

    def start(self, name: str, *argv: str | Path, **environ: str) -> None:
        """Start one of its programs."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self.started[name] = subprocess.Popen(
                [str(each) for each in argv],
                env={**self.notebook.environ, "TMPDIR": str(self.folder), **environ},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End one of its programs."""
        program = self.started.pop(name)
        program.kill()
        program.wait()

    def until(self, is_so: Callable[[], object], what: str) -> None:
        """Wait for a condition, as long as all programs run."""

        def is_so_or_dead() -> bool:
            dead = [name for name, each in self.started.items() if each.poll() is not None]
            assert not dead, "\n".join((self.folder / f"{name}.log").read_text() for name in dead)
            return bool(is_so())

        until(is_so_or_dead, what)

    def cell(self, text: str) -> str:
        """Run a cell of the notebook, which must succeed; what it printed."""
        reply = self.notebook.run(textwrap.dedent(text))
        assert reply.status == "ok", re.sub(r"\x1b\[[\d;]*m", "", "\n".join([text, *reply.error]))
        return reply.stdout

    def value(self, expression: str) -> Any:
        """The value of an expression, by way of JSON, among what an engine prints meanwhile."""
        printed = self.cell(f"import json as _json\nprint('<<' + _json.dumps({expression}) + '>>')")
        return json.loads(printed[printed.index("<<") + 2 : printed.rindex(">>")])

    def ask(
        self, expression: str, *, client: str = "client", timeout: float = 300, workers: Sequence[str] | None = None
    ) -> dict[str, Reply]:
        """What the engine's `run_everywhere` gives in the notebook."""
        call = f"engine.run_everywhere({client}, {expression!r}, timeout={timeout}, workers={workers!r})"
        told = self.value(
            f"{{name: [getattr(each, 'text', None), getattr(each, 'reason', None)] for name, each in {call}.items()}}"
        )
        return {
            name: Answered(text=text) if text is not None else Unanswered(reason=reason)
            for name, (text, reason) in told.items()
        }


@contextmanager
def running(cluster: Cluster) -> Iterator[None]:
    """Meanwhile the cluster's programs may be started; then all are ended, whatever happens to this process."""
    ending = subprocess.Popen([sys.executable, guardian.__file__, cluster.word], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        if hasattr(cluster.notebook, "manager"):
            cluster.notebook.close()
        ending.communicate()
        for each in cluster.started.values():
            each.wait()


@contextmanager
def changeable(
    folder: Path,
    started: Callable[[Path, Mapping[str, Path]], AbstractContextManager[Cluster]],
    kept: Mapping[str, Path] | None = None,
) -> Iterator[Cluster]:
    """Workers in copies of the environments, which may be changed, and an index."""
    pythons = {}
    for name, python in (kept or environments_with("distributed", "ipyparallel")).items():
        shutil.copytree(python.parent.parent, folder / "envs" / name, symlinks=True, copy_function=copied)
        pythons[name] = folder / "envs" / name / "bin" / "python"
    make_wheels(folder / "wheels")
    with started(folder, pythons) as cluster:
        cluster.cell("%load_ext ipython_where")
        yield cluster


def copied(source: str, target: str) -> None:
    """What is large and what nothing changes is linked: the libraries of Spark and Ray."""
    (os.link if source.endswith((".jar", ".so")) else shutil.copy2)(source, target)


@contextmanager
def dask_cluster(folder: Path, pythons: Mapping[str, Path] | None = None) -> Iterator[Cluster]:
    """dask: a scheduler and five workers in four environments, or in those that are given and one more of the kernel's."""
    cluster = Cluster(folder, pythons or environments_with("distributed", "ipyparallel"))
    with running(cluster):
        address = cluster.folder / "scheduler.json"
        kernel = cluster.pythons["kernel"]
        options = (
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--dashboard-address",
            "127.0.0.1:0",
            "--scheduler-file",
            address,
        )
        cluster.start("scheduler", kernel, "-m", "distributed.cli.dask_scheduler", *options)
        cluster.until(address.exists, "the scheduler's address")
        for name, python in {**cluster.pythons, "second": kernel}.items():
            start_dask_worker(cluster, name, python)
        cluster.notebook.start()
        cluster.cell(
            f"""
            from distributed import Client
            from ipython_where.workers.dask import Dask
            engine = Dask()
            client = Client(scheduler_file={str(address)!r})
            client.wait_for_workers({len(cluster.pythons) + 1}, timeout=180)
            """
        )
        yield cluster


def start_dask_worker(cluster: Cluster, name: str, python: Path, *options: str, **environ: str) -> None:
    """One more worker, of one thread."""
    argv = ("-m", "distributed.cli.dask_worker", "--scheduler-file", cluster.folder / "scheduler.json", "--name", name)
    own = ("--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--local-directory", cluster.folder / name)
    cluster.start(name, python, *argv, *own, *options, **environ)


@contextmanager
def ipyparallel_cluster(folder: Path, pythons: Mapping[str, Path] | None = None) -> Iterator[Cluster]:
    """IPython Parallel: a controller and five engines in four environments, or in those that are given and one more."""
    cluster = Cluster(folder, pythons or environments_with("distributed", "ipyparallel"))
    with running(cluster):
        kernel = cluster.pythons["kernel"]
        cluster.start(
            "controller", kernel, "-m", "ipyparallel.controller", "--ip=127.0.0.1", f"--profile-dir={folder}/profile"
        )
        connection = folder / "profile" / "security" / "ipcontroller-engine.json"
        cluster.until(connection.exists, "the controller's connection file")
        for name, python in {**cluster.pythons, "second": kernel}.items():
            start_engine(cluster, name, python)
        cluster.notebook.start()
        cluster.cell(
            f"""
            import ipyparallel
            from ipython_where.workers.ipyparallel import IPythonParallel
            engine = IPythonParallel()
            connection = {str(connection.with_name("ipcontroller-client.json"))!r}
            client = ipyparallel.Client(connection)
            client.wait_for_engines({len(cluster.pythons) + 1}, timeout=180, interactive=False)
            """
        )
        yield cluster


def start_engine(cluster: Cluster, name: str, python: Path) -> None:
    """One more engine."""
    connection = cluster.folder / "profile" / "security" / "ipcontroller-engine.json"
    cluster.start(name, python, "-m", "ipyparallel.engine", f"--file={connection}")


def blocking(folder: Path) -> str:
    """Code that makes the file `blocked` in a folder and goes on until `free` is there."""
    return (
        f"import pathlib, time\npathlib.Path({str(folder / 'blocked')!r}).touch()\n"
        f"while not pathlib.Path({str(folder / 'free')!r}).exists(): time.sleep(0.02)"
    )


@contextmanager
def ray_cluster(folder: Path, pythons: Mapping[str, Path] | None = None) -> Iterator[Cluster]:
    """Ray: a head and a second node in the kernel's environment, and one in each other of these.

    Ray takes no node with another Python. The names of its sockets may be no longer than 107 characters.
    """
    cluster = Cluster(folder, pythons or environments_with("ray", others=("numpy", "bare")))
    with tempfile.TemporaryDirectory(prefix="ray") as short, running(cluster):
        cluster.short = Path(short)
        kernel = cluster.pythons["kernel"]
        cluster.client_port = free_port()
        ports = ("--port=0", f"--ray-client-server-port={cluster.client_port}")
        start_ray_node(cluster, "head", kernel, "--head", "--include-dashboard=false", *ports)
        current = cluster.short / "head" / "ray_current_cluster"
        cluster.until(lambda: "Ray runtime started" in (folder / "head.log").read_text(), "the head")
        names = [each for each in cluster.pythons if each != "kernel"]
        for name in (*names, "second"):
            start_ray_node(cluster, name, cluster.pythons.get(name, kernel), f"--address={current.read_text()}")
        cluster.notebook.start()
        cluster.cell(
            f"""
            import ray
            from ipython_where.workers.ray import Ray
            engine = Ray()
            address, quiet = {current.read_text()!r}, {{"log_to_driver": False, "logging_level": "ERROR"}}
            client = ray.init(address=address, **quiet)
            """
        )
        alive = "sum(each['Alive'] for each in ray.nodes())"
        cluster.until(lambda: cluster.value(alive) == len(names) + 2, "the nodes")
        yield cluster


def start_ray_node(cluster: Cluster, name: str, python: Path, *options: str, inside: Sequence[str | Path] = ()) -> None:
    """One more node, with one CPU; ``inside`` of a command that starts what follows it."""
    argv = ("-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1", "--object-store-memory=80000000")
    own = (f"--temp-dir={cluster.short / name}", "--disable-usage-stats")
    cluster.start(name, *inside, python, *argv, *own, *options, RAY_raylet_start_wait_time_s="300")


def connect_by_client(cluster: Cluster, options: str = "") -> None:
    """A connection of Ray Client in the notebook's variable `client`.

    Its server gives up where the machine is busy (`SpecificServer startup failed`), and asks to be asked again.
    """
    connect = f"client = ray.init('ray://127.0.0.1:{cluster.client_port}'{options})"
    cluster.until(lambda: cluster.notebook.run(connect).status == "ok", "the connection")


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def spark_cluster(folder: Path, pythons: Mapping[str, Path] | None = None) -> Iterator[Cluster]:
    """Spark: a master, and workers whose PATH leads to an environment each, or to the kernel's.

    There is no session yet: `spark_session` makes one. What an executor lacks of PySpark comes with it.
    """
    cluster = Cluster(folder, pythons or spark_environments())
    with running(cluster):
        home = environments.site_packages(cluster.pythons["kernel"].parent.parent) / "pyspark"
        cluster.environ = {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "local"),
        }
        start_spark(cluster, "master", "deploy.master.Master", "--port", "0")
        cluster.until(lambda: spark_master(cluster), "the master")
        for name in (*(each for each in cluster.pythons if each != "minor"), "second"):
            start_spark_worker(cluster, name)
        cluster.notebook.environ |= {**cluster.environ, "PYSPARK_PYTHON": "python3"}
        cluster.notebook.start()
        cluster.cell("from ipython_where.workers.spark import Spark\nengine = Spark()")
        yield cluster


def spark_environments() -> dict[str, Path]:
    """PySpark is in the kernel's alone: the others' tasks get it from there."""
    kernel = environments.kept("spark-kernel", [*libraries("pyspark"), NUMPY, "ipykernel", "-e", "."], compiled=True)
    found = {"kernel": kernel, "numpy": environments.kept("spark-numpy", [OTHER_NUMPY, "pip"])}
    found["bare"] = environments.kept("spark-bare", [NUMPY])
    if (other := other_python()) is not None:
        found["minor"] = environments.kept("spark-minor", [NUMPY], python=other)
    return {name: prefix / "bin" / "python" for name, prefix in found.items()}


def spark_master(cluster: Cluster) -> str | None:
    """The master's address, when it has one."""
    found = re.search(r"spark://127\.0\.0\.1:\d+", (cluster.folder / "master.log").read_text())
    return found and found[0]


def start_spark(cluster: Cluster, name: str, kind: str, *options: str, **environ: str) -> None:
    """One of Spark's daemons."""
    program = Path(cluster.environ["SPARK_HOME"]) / "bin" / "spark-class"
    own = ("--host", "127.0.0.1", "--webui-port", "0")
    cluster.start(name, program, f"org.apache.spark.{kind}", *own, *options, **{**cluster.environ, **environ})


def start_spark_worker(cluster: Cluster, name: str) -> None:
    """One more worker, with two cores; its executors find their Python along its PATH."""
    python = cluster.pythons.get(name, cluster.pythons["kernel"])
    options = (
        "--cores",
        "2",
        "--memory",
        "600m",
        "--work-dir",
        f"{cluster.folder}/{name}",
        spark_master(cluster) or "",
    )
    start_spark(cluster, name, "deploy.worker.Worker", *options, PATH=f"{python.parent}:/usr/bin:/bin")


def spark_session(cluster: Cluster, executors: int, master: str | None = None, **settings: str) -> None:
    """A session in the notebook's variable `client`, in the place of the one that was there, with so many executors."""
    chosen = {
        "spark.executor.memory": "500m",
        "spark.driver.memory": "600m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
        **settings,
    }
    cluster.cell(
        f"""
        from pyspark.sql import SparkSession
        builder = SparkSession.builder.master({master or spark_master(cluster)!r})
        for name, value in {chosen!r}.items():
            builder = builder.config(name, value)
        client = builder.getOrCreate()
        client.sparkContext.setLogLevel("ERROR")
        while len(engine.workers(client)) < {executors}: pass
        """
    )


def spark_connect(cluster: Cluster, port: int) -> None:
    """A server of Spark Connect with four executors, and a new notebook whose `client` is a session of it."""
    settings = {
        "spark.executor.memory": "500m",
        "spark.driver.memory": "700m",
        "spark.cores.max": "8",
        "spark.ui.enabled": "false",
        "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    program = Path(cluster.environ["SPARK_HOME"]) / "bin" / "spark-submit"
    server = (
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "--master",
        spark_master(cluster) or "",
    )
    chosen = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    cluster.start("connect", program, *server, *chosen, "spark-internal", **cluster.environ, PYSPARK_PYTHON="python3")
    cluster.until(
        lambda: "Spark Connect server started" in (cluster.folder / "connect.log").read_text(), "Spark Connect"
    )
    cluster.notebook.restart()
    cluster.cell(
        f"""
        from pyspark.sql import SparkSession
        from ipython_where.workers.spark import Spark
        engine = Spark()
        client = SparkSession.builder.remote("sc://127.0.0.1:{port}").getOrCreate()
        while len(engine.run_everywhere(client, "'here'", timeout=300)) < 4: pass
        """
    )
