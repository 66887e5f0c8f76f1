"""dask: a real scheduler and workers in several environments, asked from a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ipython_where.workers.engine import SCHEDULER, Answered, Unanswered
from ipython_where.workers.replies import LOST, UNKNOWN
from tests.kernels import Reply as Kernel

from .clusters import NUMPY, OTHER_NUMPY, WHO, Cluster, blocking, dask_cluster, start_dask_worker, until


@pytest.fixture(scope="module")
def cluster(workers: None, kernel: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


def addresses(cluster: Cluster) -> dict[str, str]:
    """The workers' addresses by their names.

    `client.scheduler_info` may return none of them: every two seconds, its client's own timer puts a short answer in the place
    of the one that is returned.
    """
    found: dict[str, str] = cluster.notebook.value(
        "{each['name']: address for address, each in client.sync(client.scheduler.identity)['workers'].items()}"
    )
    return found


def test_each_worker_and_the_scheduler_answer(cluster: Cluster) -> None:
    """Also one with another Python, whom a pickled function could kill; and the versions are what is there now."""
    answers = cluster.ask(WHO)
    texts = {address: each.text for address, each in answers.items() if isinstance(each, Answered)}
    told = {name: json.loads(texts[address]) for name, address in addresses(cluster).items()}
    pythons = {**cluster.pythons, "second": cluster.pythons["kernel"]}
    assert {name: each["executable"] for name, each in told.items()} == {
        name: str(each) for name, each in pythons.items()
    }
    versions = {name: f"numpy=={each['numpy']}" for name, each in told.items()}
    assert versions == {**dict.fromkeys(pythons, NUMPY), "numpy": OTHER_NUMPY}
    assert len(answers) == len(pythons) + 1 and isinstance(answers[SCHEDULER], Answered)


def test_the_workers_are_listed(cluster: Cluster) -> None:
    listed = cluster.notebook.value("list(engine.workers(client))")
    assert listed == [SCHEDULER, *listed[1:]]
    assert set(listed[1:]) == set(addresses(cluster).values())


def test_some_are_asked(cluster: Cluster) -> None:
    """And one that is not there costs the others nothing."""
    bare = addresses(cluster)["bare"]
    assert cluster.ask("str(1 + 1)", workers=[bare]) == {bare: Answered(text="2")}
    assert cluster.ask("str(1 + 1)", workers=[]) == {}
    nobody = "tcp://127.0.0.1:1"
    assert cluster.ask("str(1 + 1)", workers=[nobody, bare]) == {nobody: UNKNOWN, bare: Answered(text="2")}


def test_one_that_fails_says_what_it_raised(cluster: Cluster) -> None:
    """Its type and message, without the lines of a traceback."""
    here = f"__import__('sys').executable == {str(cluster.pythons['bare'])!r}"
    answers = cluster.ask(f"'fine' if not {here} else {{}}['a\\nb']")
    assert answers.pop(addresses(cluster)["bare"]) == Unanswered(reason="KeyError: 'a\\nb'")
    assert set(answers.values()) == {Answered(text="fine")}
    assert set(cluster.ask("1").values()) == {Unanswered(reason="sent a int")}


def test_a_busy_worker_answers(cluster: Cluster, tmp_path: Path) -> None:
    """A task takes its only thread; the question needs no slot."""
    address = addresses(cluster)["second"]
    cluster.cell(f"busy = client.submit(exec, {blocking(tmp_path)!r}, workers=[{address!r}], pure=False)")
    until((tmp_path / "blocked").exists, "the task")
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}
    (tmp_path / "free").touch()
    cluster.cell("busy.result()")


def test_a_worker_whose_loop_is_blocked(cluster: Cluster, tmp_path: Path) -> None:
    """It is told by name when the time is over, and the others answer."""
    address = addresses(cluster)["second"]
    with blocked(cluster, address, tmp_path):
        answers = cluster.ask("'here'", timeout=10)
        assert answers.pop(address) == Unanswered(reason="no answer in 10 s")
        assert set(answers.values()) == {Answered(text="here")}
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}


def test_an_interrupt_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    """While the worker is still blocked; nothing of it goes on in the client."""
    tasks = "[each for each in map(str, __import__('asyncio').all_tasks(client.loop.asyncio_loop)) if 'ipython_where' in each]"
    with blocked(cluster, addresses(cluster)["second"], tmp_path):
        told = interrupted(cluster, tmp_path)
        assert told.ename == "KeyboardInterrupt"
        until(lambda: cluster.notebook.value(tasks) == [], "our tasks end")
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}


@contextmanager
def blocked(cluster: Cluster, address: str, folder: Path) -> Iterator[None]:
    """Meanwhile a worker's event loop does nothing."""
    call = f"client.run(exec, {blocking(folder)!r}, workers=[{address!r}])"
    cluster.cell(f"import threading\nblocker = threading.Thread(target=lambda: {call})\nblocker.start()")
    until((folder / "blocked").exists, "the worker")
    try:
        yield
    finally:
        (folder / "free").touch()
        cluster.cell("blocker.join()")


def interrupted(cluster: Cluster, folder: Path) -> Kernel:
    """How a question ends that is interrupted while it waits for a worker that is blocked."""
    began = folder / "began"
    id = cluster.notebook.begin(
        f"import pathlib\npathlib.Path({str(began)!r}).touch()\nengine.run_everywhere(client, \"'here'\", timeout=300)"
    )
    until(began.exists, "the cell")
    cluster.notebook.manager.interrupt_kernel()
    return cluster.notebook.finish(id)


def test_a_worker_that_dies_in_the_call(cluster: Cluster) -> None:
    """The connection to it is lost, the others answer, and the one in its place is asked next."""
    names = addresses(cluster)
    dies = "__import__('os').kill(__import__('os').getpid(), 9) if 'bare' in __import__('sys').executable else 'here'"
    answers = cluster.ask(dies)
    assert answers.pop(names["bare"]) == LOST
    assert set(answers.values()) == {Answered(text="here")}
    cluster.cell(f"client.wait_for_workers({len(names)})")
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}


def test_a_worker_without_a_nanny_that_dies(cluster: Cluster) -> None:
    """Nobody starts another one: it is not asked any more."""
    names = addresses(cluster)
    start_dask_worker(cluster, "mortal", cluster.pythons["kernel"], "--no-nanny")
    cluster.cell(f"client.wait_for_workers({len(names) + 1})")
    mortal = addresses(cluster)["mortal"]
    cluster.kill("mortal")
    answers = cluster.ask("'here'", workers=[mortal])
    assert isinstance(answers[mortal], Unanswered)
    cluster.cell(f"while {mortal!r} in client.nthreads(): pass")
    assert mortal not in cluster.ask("'here'")


def test_an_asynchronous_client(cluster: Cluster) -> None:
    """Its loop is the kernel's, which waits for the cell: another client asks, and is gone afterwards."""
    cluster.cell(
        """
        from distributed import Client as AsynchronousClient
        asynchronous = await AsynchronousClient(client.scheduler.address, asynchronous=True, set_as_default=False)
        clients = lambda: len(client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.clients)))
        """
    )
    clients = cluster.notebook.value("clients()")
    assert cluster.ask(WHO, client="asynchronous") == cluster.ask(WHO)
    assert cluster.notebook.value("list(engine.workers(asynchronous)) == list(engine.workers(client))")
    cluster.cell(f"while clients() > {clients}: pass")
    cluster.cell("await asynchronous.close()")
    assert raised(cluster, "asynchronous").startswith("this dask client is closed")


def test_a_closed_client(cluster: Cluster) -> None:
    """It says so, and what connects again."""
    cluster.cell("closed = Client(client.scheduler.address, set_as_default=False)\nclosed.close()")
    assert raised(cluster, "closed") == (
        "this dask client is closed\n\nhint: `client = Client(address)` connects to the scheduler again"
    )


def test_a_client_whose_scheduler_is_gone(cluster: Cluster) -> None:
    """It tries to find it again, so nothing is known but that there is no answer."""
    cluster.cell(
        """
        from distributed import LocalCluster
        gone = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
        orphan = Client(gone.scheduler_address, set_as_default=False)
        gone.close()
        """
    )
    assert cluster.ask("1", client="orphan", timeout=2) == {SCHEDULER: Unanswered(reason="no answer in 2 s")}
    cluster.cell("orphan.close()")


@pytest.mark.parametrize("processes", [True, False])
def test_a_cluster_object(cluster: Cluster, processes: bool) -> None:
    """It is asked by a client of our own, which is no default and does not stay."""
    cluster.cell(
        f"""
        from distributed import LocalCluster, default_client
        local = LocalCluster(n_workers=2, threads_per_worker=1, processes={processes}, dashboard_address=None)
        assert engine.matches(local)
        """
    )
    answers = cluster.ask("str(__import__('os').getpid())", client="local")
    assert len(answers) == 3 and all(isinstance(each, Answered) for each in answers.values()), answers
    assert len(set(answers.values())) == (3 if processes else 1)
    assert cluster.notebook.value("default_client() is client")
    cluster.cell("local.close()")
    assert raised(cluster, "local") == "this dask cluster is closed"


def test_a_scheduler_that_nobody_can_reach(cluster: Cluster) -> None:
    """A cluster may not know that its scheduler is gone."""
    cluster.cell(
        """
        from types import SimpleNamespace
        from distributed.deploy.cluster import Cluster
        unreachable = Cluster(asynchronous=True)
        unreachable.scheduler_comm = SimpleNamespace(address="tcp://127.0.0.1:1")
        unreachable.status = local.status.running
        """
    )
    assert raised(cluster, "unreachable").startswith("dask's scheduler at `tcp://127.0.0.1:1` can't be reached\n")


def test_what_changed_on_the_disk_is_told(cluster: Cluster, tmp_path: Path) -> None:
    """`Client.get_versions` keeps what it found first."""
    metadata = tmp_path / "site" / "lz4-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Name: lz4\nVersion: 1.0\n")
    with late_worker(cluster, tmp_path, PYTHONPATH=str(tmp_path / "site")) as address:
        version = "__import__('importlib.metadata').metadata.version('lz4')"
        stale = f"client.get_versions()['workers'][{address!r}]['packages']['lz4']"
        assert cluster.notebook.value(stale) == "1.0"
        metadata.write_text("Name: lz4\nVersion: 2.0\n")
        assert cluster.notebook.value(stale) == "1.0"
        assert cluster.ask(version, workers=[address]) == {address: Answered(text="2.0")}


def test_what_is_remembered(cluster: Cluster, tmp_path: Path) -> None:
    """A worker that joins later does what was said last, once, and those that are there already do nothing."""
    plugins = "client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.worker_plugins))"
    before, done = cluster.notebook.value(plugins), tmp_path / "done"
    for number in (1, 2):
        does = f"open({str(done)!r}, 'a').write('{number} ' + __import__('sys').executable + '\\n')"
        assert cluster.notebook.value(f"engine.remember(client, 'safepip', {does!r})") is True
    assert cluster.notebook.value(plugins) == [*before, "safepip"]
    python = cluster.pythons.get("minor", cluster.pythons["kernel"])
    with late_worker(cluster, tmp_path, python):
        until(lambda: done.exists() and done.read_text() == f"2 {python}\n", "what was remembered")
    assert cluster.notebook.value("engine.remember(client, 'safepip', None)") is True
    assert cluster.notebook.value("engine.remember(client, 'safepip', None)") is True
    assert cluster.notebook.value(plugins) == before
    with late_worker(cluster, tmp_path, python):
        assert done.read_text() == f"2 {python}\n"


@contextmanager
def late_worker(cluster: Cluster, folder: Path, python: Path | None = None, **environ: str) -> Iterator[str]:
    """Meanwhile there is one worker more, at this address."""
    there = addresses(cluster)
    start_dask_worker(cluster, "late", python or cluster.pythons["kernel"], "--no-nanny", **environ)
    cluster.cell(f"client.wait_for_workers({len(there) + 1}, timeout=180)")
    try:
        yield addresses(cluster)["late"]
    finally:
        cluster.kill("late")
        cluster.cell(f"while len(client.nthreads()) > {len(there)}: pass")


def raised(cluster: Cluster, client: str) -> str:
    """The text of the error that a question to a client ends in."""
    reply = cluster.notebook.run(f"engine.run_everywhere({client}, '1', timeout=5)")
    assert reply.status == "error", reply
    return "\n".join(reply.error)


def test_its_own_examples(cluster: Cluster) -> None:
    """Of dask's documentation, in a notebook with the extension; functions are for workers with the same Python."""
    cluster.cell(
        """
        import dask
        from distributed import LocalCluster

        def square(x): return x ** 2
        def neg(x): return -x

        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as own, Client(own) as quick:
            squares = quick.map(square, range(10))
            negatives = quick.map(neg, squares)
            total = quick.submit(sum, negatives)
            assert total.result() == -285 and quick.gather(squares)[3] == 9
            lazy = [dask.delayed(square)(x) for x in range(4)]
            assert dask.compute(*lazy) == (0, 1, 4, 9)
        """
    )
