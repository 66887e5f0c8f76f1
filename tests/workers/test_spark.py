"""Spark: real executors in several environments, asked from a notebook. It needs Java."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipython_where.workers.engine import Answered, Unanswered
from ipython_where.workers.replies import LOST, UNKNOWN
from ipython_where.workers.spark import _TASK, _Reports
from tests import environments

from .clusters import (
    NUMPY,
    OTHER_NUMPY,
    WHO,
    Cluster,
    free_port,
    other_python,
    spark_cluster,
    spark_connect,
    spark_session,
    start_spark_worker,
    until,
)

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None, reason="Spark needs Java: `apt-get install default-jre-headless`"
)


@pytest.fixture(scope="module")
def cluster(workers: None, kernel: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with spark_cluster(tmp_path_factory.mktemp("spark")) as cluster:
        spark_session(cluster, 4, **{"spark.pyspark.python": "/nowhere/python"})
        yield cluster


def executables(cluster: Cluster, client: str = "client") -> dict[str, str]:
    """Each executor's interpreter."""
    answers = cluster.ask("__import__('sys').executable", client=client)
    assert all(isinstance(each, Answered) for each in answers.values()), answers
    return {name: each.text for name, each in answers.items() if isinstance(each, Answered)}


def the_bare(cluster: Cluster) -> tuple[str, str]:
    """The executor without pip, and an expression that is true there alone."""
    folder = str(cluster.pythons["bare"].parent)
    (name,) = (name for name, python in executables(cluster).items() if python.startswith(folder))
    return name, f"__import__('sys').executable.startswith({folder!r})"


def test_what_an_interpreter_prints_besides() -> None:
    """A `sitecustomize` that talks, or anything else that is no report, costs no answer."""
    found = _Reports()
    found.take(
        ["[INFO] here", "[1]", "[[], null, null]", '["a", 1, null]', "[" * 100_000, None, "", '["1", "told", null]']
    )
    assert found.told == {"1": Answered(text="told")}


def test_a_folder_in_which_no_mark_can_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason is told; only a mark that is there means that another task has begun."""
    names: dict[str, Any] = {}
    exec(_TASK, names)
    monkeypatch.setenv("SPARK_EXECUTOR_DIRS", str(tmp_path / "gone"))
    name, text, reason = json.loads(names["answer"]("'here'", "token", None, "driver"))
    assert (name, text) == ("driver", None) and reason.startswith("FileNotFoundError: ")
    monkeypatch.setenv("SPARK_EXECUTOR_DIRS", str(tmp_path))
    told = [json.loads(names["answer"]("'here'", "token", None, "driver")) for _ in range(2)]
    assert told == [["driver", "here", None], ["driver", None, None]]


def test_each_executor_answers(cluster: Cluster) -> None:
    told = {name: json.loads(each.text) for name, each in cluster.ask(WHO).items() if isinstance(each, Answered)}
    assert list(told) == cluster.value("list(engine.workers(client))") == ["0", "1", "2", "3"]
    pythons = [cluster.pythons[name] for name in ("kernel", "kernel", "numpy", "bare")]
    assert sorted(Path(each["executable"]).parent for each in told.values()) == sorted(each.parent for each in pythons)
    versions = {Path(each["executable"]).parent: f"numpy=={each['numpy']}" for each in told.values()}
    assert versions == {each.parent: OTHER_NUMPY if each == cluster.pythons["numpy"] else NUMPY for each in pythons}


def test_a_session_and_its_context(cluster: Cluster) -> None:
    kinds = (
        "[engine.matches(each) for each in (client, client.sparkContext, SparkSession, client.sql('SELECT 1'), engine)]"
    )
    assert cluster.value(kinds) == [True, True, False, False, False]
    assert executables(cluster, "client.sparkContext") == executables(cluster)
    assert cluster.value("engine.remember(client, 'safepip', '1')") is False


def test_some_are_asked(cluster: Cluster) -> None:
    assert cluster.ask("'here'", workers=["1", "77"]) == {"1": Answered(text="here"), "77": UNKNOWN}
    assert cluster.ask("'here'", workers=[]) == {}


def test_it_is_evaluated_once_on_each(cluster: Cluster, tmp_path: Path) -> None:
    """An executor has two slots, and stages have more tasks than there are executors."""
    done = tmp_path / "done"
    cluster.ask(f"open({str(done)!r}, 'a').write('x') and 'here'")
    assert done.read_text() == "xxxx"


def test_one_that_fails_says_what_it_raised(cluster: Cluster) -> None:
    """Its type and message, without the lines of a traceback; one that dies costs the others nothing either."""
    name, here = the_bare(cluster)
    for wrong, expected in (
        ("{}['a\\nb']", Unanswered(reason="KeyError: 'a\\nb'")),
        ("1", Unanswered(reason="sent a int")),
        ("__import__('os').kill(__import__('os').getpid(), 9)", LOST),
    ):
        answers = cluster.ask(f"'fine' if not {here} else {wrong}")
        assert answers.pop(name) == expected
        assert set(answers.values()) == {Answered(text="fine")}


def test_a_busy_cluster(cluster: Cluster, tmp_path: Path) -> None:
    """Its slots are all taken but for two: who has one answers in time.

    Who will have them keeps them until the others are taken, and takes no second task while another slot waits for its first.
    """
    name, here = the_bare(cluster)
    cluster.cell(
        f"""
        import threading
        def work(rows):
            import pathlib, time, uuid
            folder = pathlib.Path({str(tmp_path)!r})
            if not {here}:
                (folder / uuid.uuid4().hex).touch()
            while not (folder / "free").exists() and not ({here} and len(list(folder.iterdir())) == 6):
                time.sleep(0.02)
        tasks = client.sparkContext.parallelize(range(8), 8)
        busy = threading.Thread(target=tasks.foreachPartition, args=(work,))
        busy.start()
        """
    )
    try:
        until(lambda: len(list(tmp_path.iterdir())) == 6, "the tasks")
        answers = cluster.ask("'here'", timeout=20)
    finally:
        (tmp_path / "free").touch()  # the next test needs the slots
    cluster.cell("busy.join()")
    assert answers.pop(name) == Answered(text="here")
    assert set(answers.values()) == {Unanswered(reason="no answer in 20 s")}


def test_an_executor_that_is_too_late(cluster: Cluster) -> None:
    """The others answer, and no job goes on."""
    name, here = the_bare(cluster)
    answers = cluster.ask(f"'here' if not {here} else __import__('time').sleep(300)", timeout=20)
    assert answers.pop(name) == Unanswered(reason="no answer in 20 s")
    assert set(answers.values()) == {Answered(text="here")}
    no_jobs(cluster)


def test_an_interrupt_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    """And its job; the user's own next job belongs to no group of ours."""
    _, here = the_bare(cluster)
    began = tmp_path / "began"
    slow = f"'here' if not {here} else open({str(began)!r}, 'w').close() or __import__('time').sleep(300)"
    id = cluster.notebook.begin(f"engine.run_everywhere(client, {slow!r}, timeout=300)")
    until(began.exists, "the task")
    cluster.notebook.manager.interrupt_kernel()
    assert cluster.notebook.finish(id).ename == "KeyboardInterrupt"
    no_jobs(cluster)
    assert cluster.value("client.sparkContext.getLocalProperty('spark.jobGroup.id')") is None
    assert set(cluster.ask("'here'").values()) == {Answered(text="here")}


def no_jobs(cluster: Cluster) -> None:
    """The driver learns of a job's end a moment later."""
    cluster.cell("while list(client.sparkContext.statusTracker().getActiveJobsIds()): pass")


def test_a_setting_without_effect_is_remarked(cluster: Cluster) -> None:
    """In a notebook, the variable counts alone."""
    (remark,) = cluster.value("[each.to_dict() for each in engine.remarks(client)]")
    assert remark["message"] == "`spark.pyspark.python` has no effect in this session: tasks run another Python"
    assert [(each["label"], each["value"]) for each in remark["evidence"]] == [
        ("set", "/nowhere/python"),
        ("tasks run", "python3"),
    ]
    assert remark["hint"] == (
        '`import os; os.environ["PYSPARK_PYTHON"] = "/nowhere/python"` before a session starts; `spark.stop()` ends this one'
    )


def test_an_archive_has_another_prefix_on_each(cluster: Cluster, tmp_path: Path) -> None:
    """Functions of DataFrames run in it, and they are asked then; RDDs have another Python, which is remarked."""
    archive = archived(tmp_path)
    setting = "spark.sql.execution.pyspark.python"
    cluster.cell(f"client.addArtifacts('{archive}#environment', archive=True)")
    cluster.cell(f"client.conf.set({setting!r}, './environment/bin/python')")
    prefixes = {each.text for each in cluster.ask("__import__('sys').prefix").values() if isinstance(each, Answered)}
    assert len(prefixes) == 4 and all(each.endswith("/environment") for each in prefixes), prefixes
    remarks = cluster.value("[each.message for each in engine.remarks(client)]")
    assert remarks[1:] == ["this is the Python that functions of DataFrames run in; RDDs have another one"]
    cluster.cell(f"client.conf.unset({setting!r})")


def archived(folder: Path) -> Path:
    """A small environment that has links to this machine's Python, packed."""
    made = environments.make_in(folder / "made")
    subprocess.run(["tar", "-czf", folder / "made.tar.gz", "-C", made, "."], check=True)
    return folder / "made.tar.gz"


def test_its_own_examples(cluster: Cluster) -> None:
    """Of Spark's documentation, in a notebook with the extension."""
    cluster.cell(
        """
        words = client.sparkContext.parallelize(["to be or", "not to be"])
        pairs = words.flatMap(lambda line: line.split(" ")).map(lambda word: (word, 1))
        assert dict(pairs.reduceByKey(lambda a, b: a + b).collect()) == {"to": 2, "be": 2, "or": 1, "not": 1}

        df = client.createDataFrame([(1, 2.0, "string1"), (2, 3.0, "string2")], schema="a long, b double, c string")
        df.createOrReplaceTempView("tableA")
        assert client.sql("SELECT count(*) FROM tableA").collect()[0][0] == 2
        assert [row.c for row in df.filter(df.a == 1).collect()] == ["string1"]
        """
    )


@pytest.mark.parametrize(
    "work",
    [
        "client.sparkContext.parallelize([1]).map(lambda each: __import__('no_such_module_here')).collect()",
        "client.range(1).select(udf(lambda each: str(__import__('no_such_module_here')), useArrow=False)('id')).collect()",
    ],
)
def test_an_import_that_failed_in_a_worker(cluster: Cluster, work: str) -> None:
    """In a job of RDDs or of DataFrames: a line that shows which executors have it."""
    cluster.cell("%load_ext ipython_where\nfrom pyspark.sql.functions import udf")
    reply = cluster.notebook.run(work)
    assert reply.status == "error"
    shown = "\n".join(each["text/plain"] for each in reply.shown)
    assert "a worker of spark did not find `no_such_module_here`" in shown
    assert "`%where no_such_module_here --on client` shows which workers have it" in shown


def test_an_executor_with_another_python(cluster: Cluster) -> None:
    """It runs no task of this session: the executor starts its interpreter by itself."""
    if other_python() is None:
        pytest.skip("this machine has one Python")
    cluster.cell("client.stop()")
    assert raised(cluster) == (
        "this Spark session was stopped\n\nhint: `spark = SparkSession.builder.getOrCreate()` starts another one"
    )
    start_spark_worker(cluster, "minor")
    spark_session(cluster, 5)
    minor = str(cluster.pythons["minor"].parent)
    assert sum(python.startswith(minor) for python in executables(cluster).values()) == 1
    cluster.kill("minor")  # the cores of the others are enough for four executors


def test_dynamic_allocation(cluster: Cluster) -> None:
    """Those that there are answer; a barrier stage would be refused."""
    cluster.cell("client.stop()")
    dynamic = {"enabled": "true", "shuffleTracking.enabled": "true", "minExecutors": "0", "initialExecutors": "0"}
    spark_session(cluster, 0, **{f"spark.dynamicAllocation.{name}": value for name, value in dynamic.items()})
    assert executables(cluster)
    cluster.cell("client.stop()")


def test_this_machine_alone(cluster: Cluster) -> None:
    """Its tasks run what PATH has, which is remarked, or the kernel's Python."""
    remarked = "[each.to_dict() for each in engine.remarks(client)]"
    name = "spark.pyspark.python"  # in the place of what the session before had
    cluster.cell("client.stop()")
    spark_session(cluster, 1, master="local[2]", **{name: "python3"})
    (remark,) = cluster.value(remarked)
    assert remark["message"] == "tasks of this session run the first `python3` along PATH"
    along = shutil.which("python3", path=cluster.notebook.environ["PATH"])
    said = [("along PATH", along), ("this kernel", str(cluster.pythons["kernel"]))]
    assert [(each["label"], each["value"]) for each in remark["evidence"]] == said
    assert executables(cluster) == {"driver": along}
    cluster.cell("client.stop()\nimport os, sys\nos.environ['PYSPARK_PYTHON'] = sys.executable")
    spark_session(cluster, 1, master="local[2]", **{name: str(cluster.pythons["kernel"])})
    assert cluster.value(remarked) == []
    assert executables(cluster) == {"driver": str(cluster.pythons["kernel"])}
    cluster.cell("client.stop()\nos.environ['PYSPARK_PYTHON'] = 'python3'")


def raised(cluster: Cluster) -> str:
    """The text of the error that a question ends in."""
    reply = cluster.notebook.run("engine.run_everywhere(client, '1', timeout=5)")
    assert reply.status == "error", reply
    return "\n".join(reply.error)


def test_spark_connect(cluster: Cluster, tmp_path: Path) -> None:
    """It names no executors, yet each answers, some can be chosen, and an interrupt ends what runs."""
    spark_connect(cluster, free_port())
    found = executables(cluster)
    assert len(found) == 4 and cluster.value("list(engine.workers(client))") == []
    assert cluster.ask("'here'", workers=["1"]) == {"1": Answered(text="here")}
    _, here = the_bare(cluster)
    assert LOST not in cluster.ask(f"'fine' if not {here} else {{}}['a']").values()
    began = tmp_path / "began"
    slow = f"'here' if not {here} else open({str(began)!r}, 'w').close() or __import__('time').sleep(300)"
    id = cluster.notebook.begin(f"engine.run_everywhere(client, {slow!r}, timeout=300)")
    until(began.exists, "the task")
    cluster.notebook.manager.interrupt_kernel()
    assert cluster.notebook.finish(id).ename == "KeyboardInterrupt"
    assert executables(cluster) == found
    cluster.cell("client.stop()")
    assert raised(cluster).startswith("this Spark session was stopped\n")
