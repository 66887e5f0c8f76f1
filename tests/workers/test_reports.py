"""What comes back is checked: an answer that is broken, huge or made up is unknown, with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from ipython_where.workers.question import asked_here
from ipython_where.workers.reports import LIMIT, MalformedError, read_listing, read_machine, read_modules, read_reply

NAMES = (("packaging", "packaging"),)


def answer(change: Callable[[dict[str, Any]], object] = lambda what: None) -> str:
    """This process's own answer about one name, changed."""
    lines = asked_here("modules", NAMES).split("\n")
    what = json.loads(lines[2])
    change(what)
    return "\n".join([*lines[:2], json.dumps(what)])


def test_an_answer_of_this_process() -> None:
    """Each part of it can be read."""
    reported = read_reply(answer())
    machine = read_machine(reported.machine)
    python, (module,) = read_modules(reported.what, NAMES)
    assert machine.host.name and machine.place is not None
    assert python.implementation == "CPython"
    assert (module.distribution, module.owners) == ("packaging", ("packaging",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "it is no text, but NoneType"),
        ("", "it does not have three lines"),
        ("x" * (LIMIT + 1), "it has 65,537 characters"),
        ("{\n{\n{", "it is not JSON"),
        ("[" * 60_000 + "\n\n", "it is not JSON"),
        ("[]\n{}\n{}", "it is not a JSON object"),
        ("{}\n{}\n{}", "`pid` is missing in it, or of another kind"),
        ('{"pid": true, "cwd": ""}\n{}\n{}', "`pid` is missing in it, or of another kind"),
        ('{"pid": 1, "cwd": 2}\n{}\n{}', "`cwd` is missing in it, or of another kind"),
    ],
)
def test_what_is_no_answer(text: object, reason: str) -> None:
    """Before anything in it is looked at."""
    with pytest.raises(MalformedError) as raised:
        read_reply(text)
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda what: what.update(protocol=2), "it answers another question"),
        (lambda what: what.update(modules=[]), "it answers another question"),
        (lambda what: what.update(modules=[3]), "a module is no object in it"),
        (lambda what: what.update(python={"error": "OSError: no"}), "OSError: no"),
        (lambda what: what["python"].update(version=None), "`version` is missing in it, or of another kind"),
        (lambda what: what["python"].update(prefix="/" * 4097), "`prefix` is missing in it, or of another kind"),
        (lambda what: what["modules"][0].update(found="yes"), "`found` is neither true nor false in it"),
        (lambda what: what["modules"][0].update(owners=["x"] * 201), "`owners` is no list in it, or too long"),
        (lambda what: what["modules"][0].update(owners=[1]), "`owners` is missing in it, or of another kind"),
        (lambda what: what["modules"][0].update(passed=[{"methods": {"x": 1}}]), "a finder has no names in it"),
    ],
)
def test_a_field_of_another_kind(change: Callable[[dict[str, Any]], object], reason: str) -> None:
    """Each has its type and its length."""
    reported = read_reply(answer(change))
    with pytest.raises(MalformedError) as raised:
        read_modules(reported.what, NAMES)
    assert str(raised.value) == reason


def test_a_module_that_could_not_be_read() -> None:
    """What went wrong in the worker is the reason, for that name alone."""
    reported = read_reply(answer(lambda what: what.update(modules=[{"error": "OSError: no"}])))
    _, (module,) = read_modules(reported.what, NAMES)
    assert (module.found, module.reason) == (None, "OSError: no")


def test_a_finder_that_nobody_has_read_decides_nothing() -> None:
    """It comes before the one that has the module, and might have another."""
    told = {"module": "corporate", "name": "Finder", "is_plain": True, "methods": {"find_spec": {"os": "os"}}}
    reported = read_reply(answer(lambda what: what["modules"][0].update(passed=[told])))
    _, (module,) = read_modules(reported.what, NAMES)
    assert (module.found, module.reason) == (None, "its finder `corporate.Finder` would have to be called")


def test_secrets_are_masked() -> None:
    """In whatever field they come."""

    def hide(what: dict[str, Any]) -> None:
        what["python"].update(prefix="/srv/https://user:s3cretpassw0rd@host/env")
        what["modules"][0].update(reason="token=ghp_0123456789abcdefghijABCDEFGHIJ012345")

    python, (module,) = read_modules(read_reply(answer(hide)).what, NAMES)
    assert "s3cretpassw0rd" not in python.prefix
    assert module.reason is not None and "ghp_" not in module.reason


def test_a_list_has_the_digest_that_it_says() -> None:
    """A list that is changed on its way, or made up, is no list."""
    what = json.loads(asked_here("listing").split("\n")[2])
    projects = read_listing(json.dumps(what), what["digest"])
    assert projects["packaging"] == version("packaging")
    what["projects"]["packaging"] = "0"
    with pytest.raises(MalformedError, match="its list has another digest than it said before"):
        read_listing(json.dumps(what), what["digest"])
