"""Whole environments of a cluster compared: what differs, what of it matters, and what is sent for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Silent
from ipython_where.show import faces
from ipython_where.workers.asking import Client
from ipython_where.workers.engine import Answered
from ipython_where.workers.environments import MOST_LISTS, compare_environments
from ipython_where.workers.question import asked_here
from ipython_where.workers.values import DifferingProject, EnvironmentsAnswer, SilentWorkers
from ipython_where.workers.worker_probe import digest

from .asking import environment, here
from .interpreters import Interpreters, InterpretersEngine
from .simulated import Simulated, SimulatedEngine


def compare(client: object, engine: Any, **namespace: object) -> EnvironmentsAnswer:
    """The answer about a cluster, for a notebook with these variables."""
    asked = Client(name="client", client=client, engine=engine)
    return compare_environments(asked, World.here(namespace=namespace), progress=Silent(), timeout=60)


def test_real_environments(tmp_path: Path) -> None:
    """An equal one is told by its digest; of those that differ, each is listed once, and what was imported comes first."""
    import packaging

    client = Interpreters(
        {
            "a": here(),
            "b": here(),
            "c": environment(tmp_path / "one", {"packaging": "20.0", "treasure": "1.0"}),
            "d": environment(tmp_path / "two", {"packaging": "20.0", "treasure": "1.0"}),
        }
    )
    answer = compare(client, InterpretersEngine(), packaging=packaging)
    assert (answer.asked, answer.answered, answer.silent) == (4, 4, ())
    assert [(each.workers, each.differences) for each in answer.environments] == [
        (("c",), ("version",)),
        (("d",), ("version",)),
        (("a", "b"), ()),
    ]
    first, second, same = answer.environments
    assert first.digest == second.digest != same.digest == answer.kernel.digest
    assert first.python.prefix == str(tmp_path / "one")
    assert client.asked == ["a", "b", "c", "d", "c"], "the second round asks one worker of each environment"
    assert answer.projects[0].project == "packaging"
    assert (answer.projects[0].imported, answer.projects[0].versions[0]) == (True, "20.0")
    assert answer.projects[-1] == DifferingProject(
        project="treasure", imported=False, required=False, kernel="", versions=("1.0", "1.0", "")
    )
    assert answer.findings[0].message == (
        "2 workers do not have the same as this kernel of what this notebook has imported: `packaging`"
    )


def test_what_the_engine_requires() -> None:
    """What both sides must have the same of is told apart from the rest."""

    class Strict(SimulatedEngine):
        def must_match(self, client: object) -> tuple[str, ...]:
            return ("python", "Packaging")

    answer = compare(Simulated(3, lambda number, what: _with(what, packaging="20.0")), Strict())
    assert [(each.project, each.imported, each.required, each.versions) for each in answer.projects] == [
        ("packaging", False, True, ("20.0",))
    ]
    assert [each.id for each in answer.findings] == ["other-versions-of-required"]
    assert answer.findings[0].message == (
        "3 workers do not have the same as this kernel of what simulated needs to be the same everywhere: `packaging`"
    )


def _with(what: dict[str, Any], **projects: str) -> str | None:
    """An environment with other projects as well, in both rounds."""
    listed = {**json.loads(asked_here("listing").split("\n")[2])["projects"], **projects}
    what["digest"] = digest(listed)
    what["projects"] = listed if isinstance(what["projects"], dict) else len(listed)
    return None


def test_a_list_that_is_not_what_was_said() -> None:
    """It changed meanwhile, or is made up: nothing of it is believed, and the second worker is asked."""

    class Lying(SimulatedEngine):
        def run_everywhere(self, client: Any, expression: str, **options: Any) -> Any:
            replies = super().run_everywhere(client, expression, **options)
            rounds.append(options["workers"])
            if options["workers"] is None:
                return replies
            texts = {name: reply.text for name, reply in replies.items() if isinstance(reply, Answered)}
            forged = ('"packaging": "20', '"packaging": "30')
            return {name: Answered(text=text.replace(*forged)) for name, text in texts.items()}

    rounds: list[Any] = []
    client = Simulated(3, lambda number, what: _with(what, packaging="20.0"))
    answer = compare(client, Lying())
    assert rounds == [None, (client.names[0],), (client.names[1],)]
    assert [(each.differing, each.differences) for each in answer.environments] == [(None, ("unknown",))]
    assert answer.projects == ()
    assert [each.id for each in answer.findings] == ["environments-not-compared"]


def test_a_late_worker_leaves_the_others_time(tmp_path: Path) -> None:
    """The lists are asked for although one worker takes all the time of the first round."""
    old = environment(tmp_path / "old", {"packaging": "20.0"})
    client = Interpreters({"a": old, "late": here()}, first={"late": "import time; time.sleep(600)"})
    asked = Client(name="client", client=client, engine=InterpretersEngine())
    answer = compare_environments(asked, World.here(), progress=Silent(), timeout=30)
    assert [each.workers for each in answer.silent] == [("late",)]
    assert [(each.workers, each.differences) for each in answer.environments] == [(("a",), ("version",))]


def test_all_different() -> None:
    """As many lists are asked for as can be read; the rest are told apart by their digests."""
    count = MOST_LISTS + 20
    answer = compare(Simulated(count, lambda number, what: _with(what, treasure=str(number))), SimulatedEngine())
    assert len(answer.environments) == count
    assert sum(each.differing is None for each in answer.environments) == 20
    assert [each.project for each in answer.projects] == ["treasure"]
    drawn = faces.html(answer)
    assert "and 58 other environments" in drawn and drawn.count("<tr") < 180


def test_where_nobody_can_be_read() -> None:
    """Each is silent, with its reason."""
    answer = compare(Simulated(2, lambda number, what: what.update(digest=7)), SimulatedEngine())
    reason = "its answer is unknown: `digest` is missing in it, or of another kind"
    assert answer.silent == (SilentWorkers(workers=tuple(Simulated(2, lambda *_: None).names), reason=reason),)
    assert (answer.answered, answer.agrees) == (0, False)
