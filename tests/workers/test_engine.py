"""What an engine has to be able to do, by one that has its workers in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ipython_where.workers.engine import Answered, Engine, InstallsItself, ListsWorkers, Reply, Unanswered


class Here:
    """Workers that are names, and evaluate here."""

    name = "here"

    def __init__(self) -> None:
        self.later: dict[str, str] = {}

    def matches(self, client: object) -> bool:
        return isinstance(client, list)

    def workers(self, client: object) -> Sequence[str]:
        return client if isinstance(client, list) else ()

    def run_everywhere(
        self, client: object, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        return {each: self._run(each, expression) for each in workers or self.workers(client)}

    def _run(self, worker: str, expression: str) -> Reply:
        return Answered(text=eval(expression)) if worker != "busy" else Unanswered(reason="no answer in 5 s")

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        self.later.pop(name, None)
        self.later |= {name: expression} if expression is not None else {}
        return True


def test_an_engine_by_its_structure() -> None:
    """No base class is needed; what it can do beyond the least is told by what it has."""
    engine: Engine = Here()
    assert isinstance(engine, Engine)
    assert isinstance(engine, ListsWorkers)
    assert not isinstance(engine, InstallsItself)
    assert not isinstance(object(), Engine)


def test_one_answer_or_one_reason_a_worker() -> None:
    """Text goes out and text comes back; who is silent costs the others nothing."""
    engine: Engine = Here()
    expression = "__import__('json').dumps([1])"
    assert engine.run_everywhere(["one", "busy"], expression, timeout=5) == {
        "one": Answered(text="[1]"),
        "busy": Unanswered(reason="no answer in 5 s"),
    }
    assert engine.run_everywhere(["one", "busy"], expression, timeout=5, workers=["one"]) == {
        "one": Answered(text="[1]")
    }


def test_what_is_remembered_is_replaced() -> None:
    """One expression a name."""
    engine = Here()
    assert engine.remember([], "safepip", "1") and engine.remember([], "safepip", "2")
    assert engine.later == {"safepip": "2"}
    assert engine.remember([], "safepip", None)
    assert engine.later == {}
