"""Ray: real nodes in several environments, asked from a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipython_where.workers.engine import Answered, Unanswered
from ipython_where.workers.replies import LOST, UNKNOWN

from .clusters import NUMPY, OTHER_NUMPY, WHO, Cluster, blocking, connect_by_client, ray_cluster, until
from .rollouts import runs


@pytest.fixture(scope="module")
def cluster(workers: None, kernel: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ray_cluster(tmp_path_factory.mktemp("ray")) as cluster:
        yield cluster


def executables(cluster: Cluster) -> dict[str, str]:
    """Each node's interpreter."""
    answers = cluster.ask("__import__('sys').executable")
    return {node: each.text for node, each in answers.items() if isinstance(each, Answered)}


def test_each_node_answers(cluster: Cluster) -> None:
    """Plain tasks would reach whichever are free."""
    told = {node: json.loads(each.text) for node, each in cluster.ask(WHO).items() if isinstance(each, Answered)}
    assert list(told) == cluster.value("[each['NodeID'] for each in ray.nodes()]")
    expected = sorted(map(str, [*cluster.pythons.values(), cluster.pythons["kernel"]]))
    assert sorted(each["executable"] for each in told.values()) == expected
    versions = {each["executable"]: f"numpy=={each['numpy']}" for each in told.values()}
    assert versions == {**dict.fromkeys(expected, NUMPY), str(cluster.pythons["numpy"]): OTHER_NUMPY}


def test_the_module_and_its_context(cluster: Cluster) -> None:
    assert cluster.value("[engine.matches(ray), engine.matches(client), engine.matches(engine)]") == [
        True,
        True,
        False,
    ]
    assert cluster.ask(WHO, client="ray") == cluster.ask(WHO)
    assert cluster.value("engine.workers(ray)") == list(executables(cluster))
    assert cluster.value("engine.remember(ray, 'safepip', '1')") is False


def test_some_are_asked(cluster: Cluster) -> None:
    node, *_ = executables(cluster)
    assert cluster.ask("'here'", workers=[node, "ab" * 28]) == {node: Answered(text="here"), "ab" * 28: UNKNOWN}
    assert cluster.ask("'here'", workers=[]) == {}


def test_one_that_fails_says_what_it_raised(cluster: Cluster) -> None:
    """Its type and message, without the lines of a traceback."""
    (bare,) = (node for node, python in executables(cluster).items() if python == str(cluster.pythons["bare"]))
    here = f"__import__('sys').executable == {str(cluster.pythons['bare'])!r}"
    answers = cluster.ask(f"'fine' if not {here} else {{}}['a\\nb']")
    assert answers.pop(bare) == Unanswered(reason="KeyError: 'a\\nb'")
    assert set(answers.values()) == {Answered(text="fine")}
    assert set(cluster.ask("1").values()) == {Unanswered(reason="sent a int")}
    answers = cluster.ask(f"'fine' if not {here} else __import__('os').kill(__import__('os').getpid(), 9)")
    assert answers.pop(bare) == LOST
    assert set(answers.values()) == {Answered(text="fine")}


def test_a_busy_cluster_answers(cluster: Cluster, tmp_path: Path) -> None:
    """Tasks have all its CPUs."""
    cluster.cell(
        f"""
        @ray.remote(num_cpus=1)
        def work():
            exec({blocking(tmp_path)!r})
        busy = [work.remote() for node in ray.nodes()]
        while ray.available_resources().get("CPU"): pass
        """
    )
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}
    (tmp_path / "free").touch()
    cluster.cell("ray.get(busy)")


def test_a_node_that_is_too_late(cluster: Cluster, tmp_path: Path) -> None:
    """The others answer, and its task is ended."""
    (bare,) = (node for node, python in executables(cluster).items() if python == str(cluster.pythons["bare"]))
    answers = cluster.ask(waiting(cluster, tmp_path), timeout=20)
    assert answers.pop(bare) == Unanswered(reason="no answer in 20 s")
    assert set(answers.values()) == {Answered(text="here")}
    until(lambda: not runs(int((tmp_path / "pid").read_text())), "the end of the task")


def test_an_interrupt_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    """And the task that is still running."""
    id = cluster.notebook.begin(f"engine.run_everywhere(ray, {waiting(cluster, tmp_path)!r}, timeout=300)")
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "the task")
    cluster.notebook.manager.interrupt_kernel()
    assert cluster.notebook.finish(id).ename == "KeyboardInterrupt"
    until(lambda: not runs(int((tmp_path / "pid").read_text())), "the end of the task")
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}


def waiting(cluster: Cluster, folder: Path) -> str:
    """An expression that goes on for long in one environment, and says in which process."""
    here = f"__import__('sys').executable == {str(cluster.pythons['bare'])!r}"
    told = f"open({str(folder / 'pid')!r}, 'w').write(str(__import__('os').getpid()))"
    return f"'here' if not {here} else {told} and __import__('time').sleep(300)"


def test_its_own_examples(cluster: Cluster) -> None:
    """Of Ray's documentation, in a notebook with the extension."""
    cluster.cell(
        """
        @ray.remote
        def square(x):
            return x * x

        @ray.remote
        class Counter:
            def __init__(self):
                self.i = 0
            def get(self):
                return self.i
            def incr(self, value):
                self.i += value

        assert ray.get([square.remote(i) for i in range(4)]) == [0, 1, 4, 9]
        counter = Counter.remote()
        for _ in range(10):
            counter.incr.remote(1)
        assert ray.get(counter.get.remote()) == 10
        del counter
        """
    )


def test_a_runtime_env_is_remarked(cluster: Cluster, tmp_path: Path) -> None:
    """Its tasks see what the kernel does not."""
    assert cluster.value("list(engine.remarks(ray))") == []
    (tmp_path / "brought.py").write_text("")
    again = (
        f"ray.shutdown()\nclient = ray.init(address=address, runtime_env={{'working_dir': {str(tmp_path)!r}}}, **quiet)"
    )
    cluster.cell(again)
    (remark,) = cluster.value("[each.to_dict() for each in engine.remarks(ray)]")
    assert remark["message"] == "this job's `runtime_env` changes what its tasks can import, and nothing in this kernel"
    (evidence,) = remark["evidence"]
    assert evidence["label"] == "working_dir" and evidence["value"].endswith(".zip")
    found = cluster.ask("str(__import__('importlib.util').util.find_spec('brought') is not None)")
    assert set(found.values()) == {Answered(text="True")}


def test_a_runtime_env_that_fails_says_why(cluster: Cluster) -> None:
    """In its own words: these environments have no `virtualenv`."""
    cluster.cell("ray.shutdown()\nclient = ray.init(address=address, runtime_env={'pip': ['no-such']}, **quiet)")
    answers = cluster.ask("'here'")
    reasons = {each.reason for each in answers.values() if isinstance(each, Unanswered)}
    assert len(answers) == len(cluster.pythons) + 1
    start = "its `runtime_env` was not set up: RuntimeError: Please install virtualenv"
    assert reasons and all(each.startswith(start) for each in reasons), reasons
    cluster.cell("ray.shutdown()\nclient = ray.init(address=address, **quiet)")


def test_ray_client(cluster: Cluster) -> None:
    """The same by `ray://`."""
    nodes = set(executables(cluster))
    cluster.cell("ray.shutdown()")
    connect_by_client(cluster)
    assert cluster.value("engine.matches(client)")
    assert set(executables(cluster)) == nodes
    cluster.cell("ray.shutdown()")


def test_another_connection_is_not_asked_in_the_place_of_one(cluster: Cluster) -> None:
    """One of several of Ray Client, outside and inside of its `with`; and one that another has followed."""
    cluster.cell("ray.shutdown()")
    connect_by_client(cluster, ", allow_multiple=True")
    asking = "engine.run_everywhere({}, \"'here'\", timeout=60)"
    refused = (
        "this is not the connection that Ray uses now\n\n"
        "hint: inside of `with CONNECTION:`, `--on ray` asks through that one"
    )
    for each in (asking.format("client"), f"with client: {asking.format('client')}"):
        assert "\n".join(cluster.notebook.run(each).error) == refused
    cluster.cell(f"with client: answers = {asking.format('ray')}")
    assert len(cluster.value("list(answers)")) == len(cluster.pythons) + 1
    cluster.cell("client.disconnect()\nclient = ray.init(address=address, **quiet)\nray.shutdown()")
    cluster.cell("other = ray.init(address='local', num_cpus=1, include_dashboard=False, **quiet)")
    reply = cluster.notebook.run(asking.format("client"))
    assert reply.error[0] == "this connection of Ray was ended: Ray is connected to another cluster now"
    assert len(cluster.value(f"list({asking.format('other')})")) == 1
    cluster.cell("ray.shutdown()")


def test_without_a_connection(cluster: Cluster) -> None:
    """It says so, and starts no cluster of its own."""
    cluster.cell("ray.shutdown()")
    for call in ("run_everywhere(ray, '1', timeout=5)", "workers(ray)", "remarks(client)"):
        reply = cluster.notebook.run(f"engine.{call}")
        assert "\n".join(reply.error) == (
            "Ray is not connected to a cluster\n\n"
            'hint: `ray.init(address="auto")` connects to the one that runs on this machine'
        )
    assert cluster.value("ray.is_initialized()") is False
