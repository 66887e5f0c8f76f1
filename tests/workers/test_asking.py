"""A question to a cluster of real interpreters, and what is made of their answers."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Silent
from ipython_where.errors import WhereError
from ipython_where.model import Finding
from ipython_where.show import faces
from ipython_where.workers.asking import Client, ask_modules
from ipython_where.workers.engine import SCHEDULER, ClientError, Reply
from ipython_where.workers.question import asked_here, module_question
from ipython_where.workers.values import SilentWorkers
from tests import environments
from tests.facts.imports.finder_files import finders

from .asking import ask, environment, here
from .interpreters import Interpreters, InterpretersEngine
from .processes import Interpreters as Processes
from .processes import Worker, workers_of


def test_workers_that_are_equal_are_one_group(tmp_path: Path) -> None:
    """The kernel first, then who differs, each with what proves it."""
    old = environment(tmp_path / "old", {"packaging": "20.0"})
    bare = environment(tmp_path / "bare", {})
    client = Interpreters({"a": here(), "b": here(), "c": old, "d": bare, "e": here(), SCHEDULER: here()})
    answer = ask(client, "packaging")
    assert (answer.asked, answer.answered, answer.silent) == (5, 5, ())
    assert [(each.role, each.workers, each.differences) for each in answer.groups] == [
        ("scheduler", ("scheduler",), ()),
        ("workers", ("c",), ("version",)),
        ("workers", ("d",), ("missing",)),
        ("workers", ("a", "b", "e"), ()),
    ]
    _, other, missing, same = answer.groups
    assert (other.module.version, other.module.distribution, other.hosts) == ("20.0", "packaging", 1)
    assert other.module.file == str(environments.site_packages(tmp_path / "old") / "packaging" / "__init__.py")
    assert (other.python.executable, other.python.prefix) == (old, str(tmp_path / "old"))
    assert (missing.module.found, missing.module.file) == (False, None)
    assert same.module == answer.kernel.module


def test_old_pythons_answer() -> None:
    """From 3.6 on, with their own standard library."""
    pythons = {each.parent.parent.name: str(each) for each in environments.pyenv_pythons()}
    if not pythons:
        pytest.skip("there is no pyenv")
    answer = ask(Interpreters(pythons), "json")
    assert answer.silent == ()
    found = {worker: group for group in answer.groups for worker in group.workers}
    assert {name: group.python.version for name, group in found.items()} == {name: name for name in pythons}
    assert all(each.module.standard_library for each in answer.groups)


def test_who_does_not_answer_costs_the_others_nothing(tmp_path: Path) -> None:
    """A worker that dies, one that is blocked, and one whose answer is none, each with its reason."""
    first = {
        "dead": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "blocked": "import time; time.sleep(600)",
        "raises": "raise SystemExit('no room left')",
        "loud": "print('hello')",
    }
    client = Interpreters({"well": here(), **dict.fromkeys(first, here())}, first=first)
    answer = ask(client, "packaging", timeout=20)
    assert [(each.workers, each.differences) for each in answer.groups] == [(("well",), ())]
    assert (answer.asked, answer.answered) == (5, 1)
    assert answer.silent == (
        SilentWorkers(workers=("dead",), reason="it ended with -9"),
        SilentWorkers(workers=("blocked",), reason="no answer in time"),
        SilentWorkers(workers=("raises",), reason="no room left"),
        SilentWorkers(workers=("loud",), reason="its answer is unknown: it does not have three lines"),
    )


def test_nobody_can_be_asked() -> None:
    """What the engine says of its client is the error; anything else that it raises names it."""
    client = Interpreters({"a": here()})
    client.closed = True
    with pytest.raises(ClientError, match="`client` is closed"):
        ask(client, "packaging")
    with pytest.raises(WhereError) as raised:
        ask(Interpreters({"a": "/nowhere/python"}), "packaging")
    assert raised.value.message == "interpreters could not ask the workers of `client`"
    assert raised.value.evidence[0].value.startswith("FileNotFoundError")


def test_what_only_the_workers_have(tmp_path: Path) -> None:
    """Neither "all as in this kernel" nor "missing everywhere" is said of it."""
    client = Interpreters({"a": environment(tmp_path / "other", {"treasure": "1.0"}), "b": here()})
    answer = ask(client, "treasure")
    assert [(each.workers, each.differences) for each in answer.groups] == [(("a",), ("extra",)), (("b",), ())]
    title, *_ = faces.text(answer).splitlines()
    assert "everywhere" not in title and "all as" not in title
    assert "missing everywhere" in faces.text(ask(Interpreters({"b": here()}), "treasure"))
    assert "all as in this kernel" in faces.text(ask(Interpreters({"b": here()}), "packaging"))


def test_what_is_unknown_here_agrees_with_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finder in this kernel that nobody has read, and files of which no version is known."""
    for folder in ("mine", "theirs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "loose_file.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path / "mine"))
    first = {"a": f"import sys; sys.path.insert(0, {str(tmp_path / 'theirs')!r})"}
    loose = ask(Interpreters({"a": here()}, first=first), "loose_file")
    assert [(each.module.found, each.differences) for each in loose.groups] == [(True, ("unknown",))]
    corporate = type("Corporate", (), {"find_spec": lambda *names: None.nothing})()  # type: ignore[attr-defined]
    monkeypatch.setattr("sys.meta_path", [corporate, *sys.meta_path])
    client = Interpreters({"a": environment(tmp_path / "other", {"treasure": "1.0"})})
    assert [each.differences for each in ask(client, "treasure").groups] == [("unknown",)]


def test_an_editable_install_is_seen_at_once(tmp_path: Path) -> None:
    """Its metadata is not in the folder that the module is in, whose time says nothing of it."""
    (tmp_path / "source").mkdir()
    module = tmp_path / "source" / "edited_here.py"
    module.touch()
    os.utime(tmp_path / "source", (1, 1))
    site = tmp_path / "site"
    site.mkdir()
    told = []
    sys.path[:0] = [str(site), str(tmp_path / "source")]
    try:
        for version in (None, "1.0", "1.1"):
            if version is not None:
                metadata = site / f"edited_here-{version}.dist-info"
                metadata.mkdir()
                (metadata / "METADATA").write_text(f"Name: edited-here\nVersion: {version}\n")
                origin = {"url": (tmp_path / "source").as_uri(), "dir_info": {"editable": True}}
                (metadata / "direct_url.json").write_text(json.dumps(origin))
            what = json.loads(asked_here("modules", [("edited_here", "edited-here")]).split("\n")[2])
            told.append((what["modules"][0]["version"], what["modules"][0]["owners"]))
            if version is not None:
                shutil.rmtree(metadata)
    finally:
        del sys.path[:2]
    assert told == [(None, []), ("1.0", ["edited-here"]), ("1.1", ["edited-here"])]


def test_an_install_whose_times_are_old_is_seen_at_once(tmp_path: Path) -> None:
    """As of what was copied with its times: who lists a file is kept only while the folder itself was not touched."""
    (tmp_path / "shared_here.py").touch()
    told = []
    sys.path.insert(0, str(tmp_path))
    try:
        for project in ("first", "second"):
            metadata = tmp_path / f"{project}-1.0.dist-info"
            metadata.mkdir()
            (metadata / "METADATA").write_text(f"Name: {project}\nVersion: 1.0\n")
            (metadata / "RECORD").write_text("shared_here.py,,\n")
            os.utime(tmp_path, (1, 1))
            what = json.loads(asked_here("modules", [("shared_here", None)]).split("\n")[2])
            told.append(what["modules"][0]["owners"])
    finally:
        sys.path.remove(str(tmp_path))
    assert told == [["first"], ["first", "second"]]


class Lasting(Processes):
    """Workers that are processes, each of which evaluates all that it is sent."""

    keeps_processes = True


class Slow(Lasting):
    """Their text takes a second on its way."""

    def run_everywhere(self, client: object, expression: str, **more: Any) -> Mapping[str, Reply]:
        delayed = f"[__import__('time').sleep(1), {expression}][1]" if len(expression) > 1000 else expression
        return super().run_everywhere(client, delayed, **more)


def test_processes_that_last_get_the_text_once(tmp_path: Path) -> None:
    """Then the question alone; a worker that is new gets it with its first question, and what is installed meanwhile is seen."""
    python = environment(tmp_path / "env", {"leaf": "1.0"})
    site = environments.site_packages(tmp_path / "env")
    engine, world = Lasting(), World.here()

    def versions() -> tuple[list[str | None], list[bool]]:
        """What each worker has, and which of the texts that were sent are long."""
        engine.sent.clear()
        client = Client(name="client", client=workers, engine=engine)
        (answer,) = ask_modules(["leaf"], client, world, progress=Silent(), timeout=60)
        found = [each.module.version for each in answer.groups for _ in each.workers]
        return found, [len(each) > 1000 for each in engine.sent]

    with workers_of({"a": python, "b": python}, os.environ, tmp_path) as workers:
        assert versions() == (["1.0", "1.0"], [False, True])
        assert versions() == (["1.0", "1.0"], [False])
        (site / "leaf-1.0.dist-info").rename(site / "leaf-2.0.dist-info")
        (site / "leaf-2.0.dist-info" / "METADATA").write_text("Name: leaf\nVersion: 2.0\n")
        assert versions() == (["2.0", "2.0"], [False])
        workers["b"].end()
        workers["b"] = Worker(python, os.environ, tmp_path)
        assert versions() == (["2.0", "2.0"], [False, True])


def test_a_worker_that_hangs_takes_no_time_from_the_others(tmp_path: Path) -> None:
    """Also at the first question, when nobody has the text yet."""
    python = environment(tmp_path / "env", {"leaf": "1.0"})
    with workers_of({"a": python, "b": python, "c": python}, os.environ, tmp_path) as workers:
        workers["c"].send("__import__('time').sleep(600)")
        client = Client(name="client", client=workers, engine=Slow())
        (answer,) = ask_modules(["leaf"], client, World.here(), progress=Silent(), timeout=12)
    assert [each.workers for each in answer.groups] == [("a", "b")]
    assert [each.workers for each in answer.silent] == [("c",)]


def test_the_question_is_small() -> None:
    """Each worker gets and parses it with each question."""
    assert len(module_question([("numpy", "numpy")])) < 20_000


def test_an_engine_that_fails_beside_the_question() -> None:
    """What it lists, and what it has to say, are extras: the answers count."""

    class Stumbling(InterpretersEngine):
        def workers(self, client: Interpreters) -> list[str]:
            raise TimeoutError

        def remarks(self, client: Interpreters) -> list[Finding]:
            calls.append("remarks")
            raise OSError("no route")

    calls: list[str] = []
    asked = Client(name="client", client=Interpreters({"a": here()}), engine=Stumbling())
    found = ask_modules(["packaging", "json"], asked, World.here(), progress=Silent(), timeout=60)
    assert [(each.asked, each.answered, each.findings) for each in found] == [(1, 1, ())] * 2
    assert calls == ["remarks"]


FINDERS = "import six, tlz"
EDITABLE = """
from editables.redirector import RedirectingFinder
RedirectingFinder.map_module("edited", "/srv/edited.py")
RedirectingFinder.install()
"""


def test_what_other_projects_put_before_an_import() -> None:
    """Real finders, as any worker has them that loaded dask or six: what they do not have is missing."""
    python = str(finders().parents[2] / "bin" / "python")
    client = Interpreters({"a": python}, first={"a": FINDERS})
    told = {name: ask(client, name).groups[0].module for name in ("no_such_module", "six", "tlz.nothing")}
    assert {name: (each.found, each.reason) for name, each in told.items()} == {
        "no_such_module": (False, None),
        "six": (True, None),
        "tlz.nothing": (None, "its finder `tlz._build_tlz.TlzLoader` would have to be called"),
    }
    edited = ask(Interpreters({"a": python}, first={"a": EDITABLE}), "edited").groups[0].module
    assert (edited.found, edited.file) == (True, "/srv/edited.py")


def test_a_finder_that_nobody_has_read() -> None:
    """What comes before it is certain; anything else is unknown."""
    first = "import sys; sys.meta_path.append(type('Corporate', (), {'find_spec': lambda *names: None.nothing})())"
    client = Interpreters({"a": here()}, first={"a": first})
    assert ask(client, "packaging").groups[0].module.found is True
    missing = ask(client, "no_such_module").groups[0]
    assert (missing.module.found, missing.differences) == (None, ("unknown",))
    assert missing.module.reason == "its finder `__main__.Corporate` would have to be called"
