"""Spark: a `SparkSession`, classic or of Spark Connect, or a `SparkContext`. A worker is an executor, named by its id.

A stage of plain tasks, two for each executor or more: Spark offers all free slots at once and fills them in turns, so that each
executor with a free slot gets one. Only the first on an executor evaluates the expression; the others find its mark. Stages are
repeated until every executor that the driver knows has answered, or time is over. One barrier stage would reach all of them, but
takes a second more, can't begin while any slot is busy, and is refused with dynamic allocation (SPARK-24942).

Tasks report through an accumulator, so that the answers of some count although others fail. An executor whose Python has another
minor version than the driver's runs no task of PySpark; there, the executor itself starts the interpreter, by `SELECT TRANSFORM`.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .engine import Answered, ClientError, Reply, Unanswered
from .replies import LOST, UNKNOWN, is_one_of, late

_CONTEXT = frozenset({"pyspark.core.context.SparkContext", "pyspark.context.SparkContext"})
_SESSION = frozenset({"pyspark.sql.session.SparkSession"})
_CONNECT = frozenset({"pyspark.sql.connect.session.SparkSession"})

_PYTHON = "spark.pyspark.python"
_SQL_PYTHON = "spark.sql.execution.pyspark.python"
_PAUSES = (0.1, 0.2, 0.5, 1.0)
"""Seconds between two pairs of stages, the last one again and again: a busy executor should not cost hundreds of them."""

_TASK = r"""
def answer(expression, token, wanted, local):
    import json, os, socket, tempfile
    name, pid = None, os.getpid()
    try:
        while name is None and pid > 1:  # the executor's own command line, whichever cluster manager started it
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                words = file.read().split(b"\0")
            if b"--executor-id" in words:
                name = words[words.index(b"--executor-id") + 1].decode()
            with open("/proc/%d/stat" % pid) as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        pass
    name = name or os.environ.get("SPARK_EXECUTOR_ID") or local or "%s:%d" % (socket.gethostname(), os.getppid())
    if wanted is not None and name not in wanted:
        return None
    own = os.environ.get("SPARK_EXECUTOR_DIRS") or os.environ.get("SPARK_LOCAL_DIRS", "").replace(",", os.pathsep)
    folder = own.split(os.pathsep)[0] or tempfile.gettempdir()
    try:
        os.close(os.open(os.path.join(folder, "ipython_where-%s-%s" % (token, name)), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return json.dumps([name, None, None])
    except OSError as error:
        return json.dumps([name, None, "%s: %s" % (type(error).__name__, error)])
    try:
        text = eval(expression, {})
        if isinstance(text, str):
            return json.dumps([name, text, None])
        reason = "sent a %s" % type(text).__name__
    except Exception as error:
        lines = str(error).strip().splitlines()
        reason = "%s: %s" % (type(error).__name__, lines[0]) if lines else type(error).__name__
    return json.dumps([name, None, reason])
"""
"""What a task does: it answers with the name of its executor, and a text or a reason. Both are missing where another task of the
same executor has begun before; its mark is an empty file, which goes with the executor's own folder, or stays in the machine's
folder for temporary files where the executor names none.
"""


class Spark:
    """The engine; it keeps nothing between calls."""

    name = "spark"
    timeout = 60.0  # the first task on an executor starts a Python there

    def matches(self, client: object) -> bool:
        """A session of either kind, or a context."""
        return is_one_of(client, _CONTEXT | _SESSION | _CONNECT)

    def workers(self, client: object) -> Sequence[str]:
        """The executors that the driver knows; Spark Connect names none."""
        return _driver_of(client).executors()

    def must_match(self, client: object) -> Sequence[str]:
        """What a task is pickled with: Spark refuses another minor version of Python."""
        return ("python", "pyspark")

    def run_everywhere(
        self, client: object, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        """Run stages until each executor has answered, or each of these."""
        driver, found, end = _driver_of(client), _Reports(), monotonic() + timeout
        known = driver.executors()
        wanted = None if workers is None else [each for each in workers if not known or each in known]
        if wanted == []:
            return dict.fromkeys(workers or (), UNKNOWN)
        _ask(driver, found, expression, wanted, end)
        names = workers if workers is not None else dict.fromkeys([*driver.executors(), *found.told, *found.begun])
        if not names:
            raise ClientError(f"Spark ran no task in {timeout:g} s", evidence=found.failure)
        silent = Unanswered(reason=found.failure[0]) if found.failure else late(timeout)
        return {each: found.told.get(each, silent if wanted is None or each in wanted else UNKNOWN) for each in names}

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        """Spark gives executors that come later its own artifacts, and has them run nothing."""
        return False

    def remarks(self, client: object) -> Sequence[Finding]:
        """Which Python tasks run in, where settings say something else."""
        driver = _driver_of(client)
        return [*([*_without_effect(driver)] or _along_path(driver)), *_of_functions_alone(driver)]


class _Reports:
    """What tasks have said so far. Who had begun when a stage ended, and is silent, is lost."""

    def __init__(self) -> None:
        self.told: dict[str, Reply] = {}
        self.begun: set[str] = set()
        self.ended: frozenset[str] = frozenset()
        self.failure: tuple[str, ...] = ()

    def take(self, reports: Iterable[str | None]) -> None:
        """Reports in any order, the same ones again."""
        for name, text, reason in filter(None, map(_report, reports)):
            self.begun.add(name)
            if text is not None:
                self.told[name] = Answered(text=text)
            elif reason is not None:
                self.told[name] = Unanswered(reason=reason)
            elif name in self.ended:
                self.told.setdefault(name, LOST)

    def has(self, names: Iterable[str]) -> bool:
        """Whether these have answered, and somebody has."""
        return bool(self.told) and self.told.keys() >= set(names)


def _report(line: str | None) -> tuple[str, str | None, str | None] | None:
    """What a task says; anything else that an interpreter prints as it starts is None."""
    try:
        name, text, reason = json.loads(line or "")
    except (ValueError, TypeError, RecursionError):
        return None
    is_ours = isinstance(name, str) and all(each is None or isinstance(each, str) for each in (text, reason))
    return (name, text, reason) if is_ours else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """Work that blocks until it ends, and what its tasks have reported until now."""

    run: Callable[[], object]
    reports: Callable[[], Sequence[str | None]]


class _Driver:
    """A driver in this process, by its context."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.alone = "driver" if context.master.partition("[")[0] == "local" else None

    @property
    def session(self) -> Any:
        """The session that runs now, or a new one on the same context."""
        from pyspark.sql import SparkSession

        return SparkSession.getActiveSession() or SparkSession(self.context)

    def executors(self) -> Sequence[str]:
        """Their ids, by the JVM: PySpark has no word for them."""
        if self.alone:
            return [self.alone]
        ids = self.context._jsc.sc().getExecutorIds()
        return sorted((str(ids.apply(each)) for each in range(ids.size())), key=lambda each: (len(each), each))

    def slots(self) -> int:
        """How many tasks reach all."""
        return max(2 * len(self.executors()), int(self.context.defaultParallelism))

    @property
    def python(self) -> str:
        """What executors start for tasks."""
        return str(self.context.pythonExec)

    def tasks(self, call: str) -> _Stage:
        """A stage of plain tasks, which see what functions of DataFrames see if that was set."""
        if self.session.conf.get(_SQL_PYTHON, None):
            return _functions(self, call)
        from pyspark.accumulators import AddingAccumulatorParam

        told = self.context.accumulator((), AddingAccumulatorParam(()))
        tasks = self.context.parallelize(range(self.slots()), self.slots())
        report = _function("lambda rows: told.add((eval(call),))", told=told, call=call)
        return _Stage(run=lambda: tasks.foreachPartition(report), reports=lambda: told.value)

    def thread(self, run: Callable[[], object], tag: str) -> Thread:
        """A thread to run a stage in, so that it can be cancelled by its tag."""
        from pyspark import InheritableThread

        def tagged() -> None:
            self.context.setJobGroup(tag, "ipython_where", interruptOnCancel=True)
            run()

        thread: Thread = InheritableThread(target=tagged, daemon=True)
        return thread

    def cancel(self, tag: str) -> None:
        """End what runs under a tag."""
        self.context.cancelJobGroup(tag)


class _Remote:
    """A driver behind Spark Connect: it knows its executors, and does not tell."""

    alone = None
    python = "python3"

    def __init__(self, session: Any) -> None:
        self.session = session

    def executors(self) -> Sequence[str]:
        return ()

    def slots(self) -> int:
        from pyspark.sql import functions

        parts = self.session.range(0, 1_000_000).select(functions.spark_partition_id())
        return int(parts.distinct().count())

    def tasks(self, call: str) -> _Stage:
        return _functions(self, call)

    def thread(self, run: Callable[[], object], tag: str) -> Thread:
        def tagged() -> None:
            self.session.addTag(tag)
            run()

        return Thread(target=tagged, daemon=True)

    def cancel(self, tag: str) -> None:
        self.session.interruptTag(tag)


_Way = _Driver | _Remote


def _driver_of(client: Any) -> _Way:
    is_connect = is_one_of(client, _CONNECT)
    asked = client if is_connect or is_one_of(client, _CONTEXT) else client.sparkContext
    if asked.is_stopped if is_connect else asked._jsc is None:
        again = "`spark = SparkSession.builder.getOrCreate()` starts another one"
        raise ClientError("this Spark session was stopped", hint=again)
    return _Remote(asked) if is_connect else _Driver(asked)


def _function(source: str, **names: object) -> Any:
    """A function of `__main__`, which is pickled whole: executors need nothing of this package, and have the same Python."""
    return eval(source, {"__name__": "__main__", **names})


def _functions(driver: _Way, call: str) -> _Stage:
    """Tasks that run a function of a DataFrame."""
    from inspect import signature

    from pyspark.sql.functions import udf

    options = {"useArrow": False} if "useArrow" in signature(udf).parameters else {}  # executors may lack pyarrow
    report = udf(_function("lambda row: eval(call)", call=call), "string", **options)

    def collect() -> Iterable[Any]:
        slots = driver.slots()
        rows: Iterable[Any] = driver.session.range(0, slots, 1, slots).select(report("id")).collect()
        return rows

    return _collected(collect)


def _scripts(driver: _Way, call: str) -> _Stage:
    """Tasks in which the executor starts an interpreter by itself, of any version. The text comes by its standard input."""
    source = base64.b64encode(f"print({call})".encode()).decode()
    command = f'"{driver.python}" -c "import base64,sys;exec(base64.b64decode(sys.stdin.readline()))"'.replace(
        "'", "\\'"
    )

    def collect() -> Iterable[Any]:
        slots = driver.slots()
        given = f"SELECT '{source}' AS source FROM range(0, {slots}, 1, {slots})"
        statement = f"SELECT TRANSFORM(source) USING '{command}' AS (report STRING) FROM ({given})"
        rows: Iterable[Any] = driver.session.sql(statement).collect()
        return rows

    return _collected(collect)


def _collected(collect: Callable[[], Iterable[Any]]) -> _Stage:
    """A stage whose reports come all at once."""
    found: list[str | None] = []
    return _Stage(run=lambda: found.extend(row[0] for row in collect()), reports=lambda: tuple(found))


def _call(*given: object) -> str:
    """The expression for `_TASK`."""
    return f"(lambda ns: (exec({_TASK!r}, ns), ns['answer'](*{given!r}))[1])({{}})"


def _ask(driver: _Way, found: _Reports, expression: str, wanted: Sequence[str] | None, end: float) -> None:
    """Run stages in turns, of tasks and of scripts, until nobody is missing, nothing can run, or time is over.

    An executor whose Python is another one hands its tasks over to others, so that a stage may end well without it: where nobody
    says who there is, a stage of scripts asks those that are left.
    """
    token, failures, pauses = uuid4().hex, 0, iter(_PAUSES)
    for number in count():
        call = _call(expression, token, wanted, driver.alone)
        begun = len(found.begun)
        stage = _scripts(driver, call) if number % 2 else driver.tasks(call)
        found.failure = _run(driver, stage, found, wanted, end)
        is_vain = bool(found.failure) and len(found.begun) == begun
        failures = failures + 1 if is_vain else 0
        names = driver.executors() if wanted is None else wanted
        if (found.has(names) and (names or number)) or failures == 2 or monotonic() >= end:
            return
        token = uuid4().hex if is_vain else token  # what its tasks had to say is lost
        if number % 2:
            sleep(min(next(pauses, _PAUSES[-1]), max(0.0, end - monotonic())))


def _run(driver: _Way, stage: _Stage, found: _Reports, wanted: Sequence[str] | None, end: float) -> tuple[str, ...]:
    """Run one stage, and cancel it if it is not over when all have answered, time is over, or an interrupt comes.

    The lines of the error that ended it.
    """
    tag, errors, over = f"ipython_where-{uuid4().hex}", list[Exception](), Event()

    def run() -> None:
        try:
            stage.run()
        except Exception as error:
            errors.append(error)
        finally:
            over.set()

    names = driver.executors() if wanted is None else wanted
    driver.thread(run, tag).start()
    try:
        while not over.wait(0.02) and monotonic() < end and not (names and found.has(names)):
            found.take(stage.reports())
    finally:
        is_cancelled = not over.is_set()
        _end(driver, over, tag)
    found.take(stage.reports())
    found.ended = frozenset(found.begun)
    lines = [line for error in errors for line in str(error).splitlines()]
    return (
        () if is_cancelled else tuple(each for each in lines if not each.startswith("An error occurred while calling"))
    )


def _end(driver: _Way, over: Event, tag: str) -> None:
    """Cancel a stage, again if its job had not begun, for a second at most.

    An event tells, since a thread counts as ended after an interrupt of its `join` (Python before 3.13).
    """
    end = monotonic() + 0.8
    while not over.wait(0.1) and monotonic() < end:
        driver.cancel(tag)


def _without_effect(driver: _Way) -> Iterable[Finding]:
    """`spark.pyspark.python` counts for `spark-submit` alone; in a notebook the variable does (`pyspark/core/context.py`)."""
    if isinstance(driver, _Remote):
        return
    wanted, used = driver.context.getConf().get(_PYTHON), driver.python
    if wanted and wanted != used:
        yield Finding(
            id="spark-python-without-effect",
            severity="warning",
            message=f"`{_PYTHON}` has no effect in this session: tasks run another Python",
            evidence=(Evidence(label="set", value=wanted), Evidence(label="tasks run", value=used)),
            hint=f'`import os; os.environ["PYSPARK_PYTHON"] = "{wanted}"` before a session starts; `spark.stop()` ends this one',
        )


def _along_path(driver: _Way) -> Iterable[Finding]:
    """On this machine alone, a notebook would expect its own Python; tasks run `python3` unless the variable says otherwise."""
    if driver.alone is None or os.path.isabs(driver.python):
        return
    found = shutil.which(driver.python)
    if found is None or os.path.dirname(found) != os.path.dirname(sys.executable):
        yield Finding(
            id="spark-python-along-path",
            severity="note",
            message=f"tasks of this session run the first `{driver.python}` along PATH",
            evidence=(
                Evidence(label="along PATH", value=found or "none"),
                Evidence(label="this kernel", value=sys.executable),
            ),
            hint='`import os, sys; os.environ["PYSPARK_PYTHON"] = sys.executable` before a session starts has them run the '
            "kernel's; `spark.stop()` ends this one",
        )


def _of_functions_alone(driver: _Way) -> Iterable[Finding]:
    """An environment that was brought as an artifact."""
    used = driver.session.conf.get(_SQL_PYTHON, None)
    if used:
        yield Finding(
            id="spark-python-of-functions",
            severity="note",
            message="this is the Python that functions of DataFrames run in; RDDs have another one",
            evidence=(Evidence(label=_SQL_PYTHON, value=used), Evidence(label="RDDs", value=driver.python)),
        )
