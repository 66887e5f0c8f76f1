"""IPython Parallel: a real controller and engines in several environments, asked from a notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ipython_where.workers.engine import Answered, Unanswered
from ipython_where.workers.replies import LOST, UNKNOWN

from .clusters import NUMPY, OTHER_NUMPY, WHO, Cluster, blocking, ipyparallel_cluster, start_engine, until


@pytest.fixture(scope="module")
def cluster(workers: None, kernel: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ipyparallel_cluster(tmp_path_factory.mktemp("ipyparallel")) as cluster:
        yield cluster


def executables(cluster: Cluster) -> dict[str, str]:
    """Each engine's interpreter, as IPython Parallel itself tells it."""
    told = "dict(zip(map(str, client.ids), client[:].apply_sync(eval, '__import__(\"sys\").executable')))"
    found: dict[str, str] = cluster.notebook.value(told)
    return found


def the_bare(cluster: Cluster) -> str:
    """The id of the engine without pip."""
    (found,) = (id for id, python in executables(cluster).items() if python == str(cluster.pythons["bare"]))
    return found


def test_each_engine_answers(cluster: Cluster) -> None:
    """Also one with another Python, whom a pickled function could kill."""
    told = {id: json.loads(each.text) for id, each in cluster.ask(WHO).items() if isinstance(each, Answered)}
    assert {id: each["executable"] for id, each in told.items()} == executables(cluster)
    expected = sorted(map(str, [*cluster.pythons.values(), cluster.pythons["kernel"]]))
    assert sorted(each["executable"] for each in told.values()) == expected
    versions = {each["executable"]: f"numpy=={each['numpy']}" for each in told.values()}
    assert versions == {**dict.fromkeys(expected, NUMPY), str(cluster.pythons["numpy"]): OTHER_NUMPY}


VIEWS = (
    "client[:]",
    "client.load_balanced_view()",
    "client.broadcast_view()",
    "client.broadcast_view(is_coalescing=True)",
)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_gives_each_engine_its_own_answer(cluster: Cluster, view: str) -> None:
    """A coalescing view itself gives them in another order than the client's ids."""
    assert cluster.notebook.value(f"engine.matches({view})")
    assert cluster.ask("__import__('sys').executable", client=view) == {
        id: Answered(text=python) for id, python in executables(cluster).items()
    }


def test_a_view_asks_its_own_targets(cluster: Cluster) -> None:
    ids = list(executables(cluster))
    assert list(cluster.ask("'here'", client="client[:2]")) == ids[:2]
    assert list(cluster.ask("'here'", client="client[client.ids[1]]")) == ids[1:2]
    assert cluster.notebook.value("[*engine.workers(client)]") == ids
    assert cluster.notebook.value("[*engine.workers(client[:2])]") == ids[:2]
    assert cluster.ask("'here'", workers=[ids[0], "77"]) == {ids[0]: Answered(text="here"), "77": UNKNOWN}
    assert cluster.ask("'here'", workers=[]) == {}


def test_one_that_fails_says_what_it_raised(cluster: Cluster) -> None:
    """Its type and message, without the lines of a traceback."""
    bare = the_bare(cluster)
    here = f"__import__('sys').executable == {str(cluster.pythons['bare'])!r}"
    answers = cluster.ask(f"'fine' if not {here} else {{}}['a\\nb']")
    assert answers.pop(bare) == Unanswered(reason="KeyError: 'a\\nb'")
    assert set(answers.values()) == {Answered(text="fine")}
    assert set(cluster.ask("1").values()) == {Unanswered(reason="sent a int")}


def test_an_engine_that_another_client_keeps_busy(cluster: Cluster, tmp_path: Path) -> None:
    """The others answer in time, and the question is taken back from it: it never evaluates it."""
    bare, done = the_bare(cluster), tmp_path / "done"
    with busy(cluster, bare, tmp_path):
        answers = cluster.ask(f"open({str(done)!r}, 'a').write('x') and 'here'", timeout=10)
        assert answers.pop(bare) == Unanswered(reason="no answer in 10 s")
        assert set(answers.values()) == {Answered(text="here")}
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}
    assert done.read_text() == "x" * len(answers)


def test_an_interrupt_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    """While the engine is still busy, which never evaluates it then."""
    bare, done, count = the_bare(cluster), tmp_path / "done", len(cluster.pythons)
    expression = f"open({str(done)!r}, 'a').write('x') and 'here'"
    with busy(cluster, bare, tmp_path):
        id = cluster.notebook.begin(f"engine.run_everywhere(client, {expression!r}, timeout=300)")
        until(lambda: done.exists() and len(done.read_text()) == count, "the other engines")
        cluster.notebook.manager.interrupt_kernel()
        assert cluster.notebook.finish(id).ename == "KeyboardInterrupt"
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}
    assert done.read_text() == "x" * count


def test_nothing_is_kept(cluster: Cluster) -> None:
    """The client's history and its results are the user's."""
    cluster.cell("mine = client[:].apply_sync(len, 'mine')")
    kept = "[client.history, sorted(client.results), sorted(client.metadata), sorted(client.outstanding)]"
    before = cluster.notebook.value(kept)
    cluster.ask("'here'")
    assert cluster.notebook.value(kept) == before


@contextmanager
def busy(cluster: Cluster, engine: str, folder: Path) -> Iterator[None]:
    """Meanwhile an engine runs a cell of another client."""
    cluster.cell(
        f"""
        other = ipyparallel.Client(connection)
        busy = other[{engine}].apply_async(exec, {blocking(folder)!r})
        """
    )
    until((folder / "blocked").exists, "the engine")
    try:
        yield
    finally:
        (folder / "free").touch()
        cluster.cell("busy.get(timeout=180)\nother.close()")


def test_an_engine_that_dies_in_the_call(cluster: Cluster, tmp_path: Path) -> None:
    """The others answer, and the controller's heartbeats tell that it is gone."""
    start_engine(cluster, "mortal", cluster.pythons["kernel"])
    cluster.cell(f"client.wait_for_engines({len(cluster.pythons) + 2}, timeout=180, interactive=False)")
    mortal = cluster.notebook.value("str(max(client.ids))")
    pid = f"__import__('os').getpid() == {cluster.started['mortal'].pid}"
    answers = cluster.ask(f"__import__('os').kill(__import__('os').getpid(), 9) if {pid} else 'here'", timeout=60)
    assert answers.pop(mortal) == LOST
    assert set(answers.values()) == {Answered(text="here")}
    cluster.kill("mortal")


def test_a_cluster_object(cluster: Cluster) -> None:
    """It is asked by a client of our own, which does not stay."""
    cluster.cell("local = ipyparallel.Cluster(n=2, controller_ip='127.0.0.1')\nlocal.start_cluster_sync()")
    cluster.cell("with local.connect_client_sync() as waiting: waiting.wait_for_engines(2, interactive=False)")
    assert cluster.notebook.value("engine.matches(local)")
    answers = cluster.ask("str(__import__('os').getpid())", client="local")
    assert sorted(answers) == ["0", "1"] and len(set(answers.values())) == 2
    cluster.cell("local.stop_cluster_sync()")
    assert raised(cluster, "local").startswith("this ipyparallel cluster is not running\n")


def test_a_closed_client(cluster: Cluster) -> None:
    """It says so, and what connects again; so does its view."""
    cluster.cell("closed = ipyparallel.Client(connection)\nview = closed[:]\nclosed.close()")
    assert (
        raised(cluster, "closed")
        == raised(cluster, "view")
        == (
            "this ipyparallel client was closed\n\nhint: `client = ipyparallel.Client()` connects to the controller again"
        )
    )


def raised(cluster: Cluster, client: str) -> str:
    """The text of the error that a question to a client ends in."""
    reply = cluster.notebook.run(f"engine.run_everywhere({client}, '1', timeout=5)")
    assert reply.status == "error", reply
    return "\n".join(reply.error)


def test_nothing_is_remembered(cluster: Cluster) -> None:
    assert cluster.notebook.value("engine.remember(client, 'safepip', '1')") is False


def test_its_own_examples(cluster: Cluster) -> None:
    """Of IPython Parallel's documentation, in a notebook with the extension; functions are for engines with the same Python."""
    cluster.cell(
        f"""
        pythons = dict(zip(client.ids, client[:].apply_sync(eval, "__import__('sys').executable")))
        dview = client[[id for id, python in pythons.items() if python == {str(cluster.pythons["kernel"])!r}]]
        assert dview.apply_sync(lambda: "Hello, World") == ["Hello, World"] * 2
        assert list(dview.map_sync(lambda x: x**10, range(32))) == [x**10 for x in range(32)]
        dview["a"] = 5
        assert dview["a"] == [5, 5]
        dview.scatter("x", range(64))
        dview.activate()
        """
    )
    cluster.cell("%px y = [i**10 for i in x]")
    cluster.cell("assert dview.gather('y').get() == [i**10 for i in range(64)]")
    cluster.cell("%%px --local\nimport os\nb = os.path.basename('a/b')")
    cluster.cell("assert dview['b'] == ['b', 'b'] and b == 'b'")
