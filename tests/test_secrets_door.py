"""No value and no error can be made with a secret in it, whoever makes it and whatever its field is for."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import ipython_where
from ipython_where.errors import Interrupted, WhereError
from ipython_where.model import Evidence, Value

from .secrets import CANARY

TEXT = f"https://me:{CANARY}@h.example/x --token {CANARY}"

for _found in pkgutil.walk_packages(ipython_where.__path__, "ipython_where."):
    if not _found.name.endswith("__main__"):
        importlib.import_module(_found.name)


def below(kind: type[Any]) -> Iterator[type[Any]]:
    """The kind and all that are made of it."""
    yield kind
    for each in kind.__subclasses__():
        yield from below(each)


VALUES = [each for each in below(Value) if dataclasses.is_dataclass(each) and dataclasses.fields(each)]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_no_value_holds_a_secret(kind: type) -> None:
    """Every field of every value: a text, a tuple of texts, the words of a command, and when it is made from another."""
    names = [each.name for each in dataclasses.fields(kind)]
    for given in (TEXT, (TEXT, "x"), ("--password", CANARY), ((TEXT,),)):
        made = kind(**dict.fromkeys(names, given))
        again = dataclasses.replace(made, **{names[0]: given})
        for value in (made, again):
            assert [name for name in names if CANARY in repr(getattr(value, name))] == []


def test_no_value_goes_around_the_door() -> None:
    """The credentials are taken out where `Value` finishes what was built: none may have a finish, or a beginning, of its own."""
    own = {each for each in below(Value) if each is not Value and "__post_init__" in vars(each)}
    assert own == set()
    makes = {vars(each)["__init__"] for each in VALUES}
    assert len(makes) == 1


@pytest.mark.parametrize("kind", [*below(WhereError), *below(Interrupted)], ids=lambda kind: kind.__name__)
def test_no_error_holds_a_secret(kind: type) -> None:
    """Its message, its evidence, its hint, and what Python shows of it."""
    taken = inspect.signature(kind).parameters
    error = kind(**{name: (TEXT,) if name == "evidence" else TEXT for name in taken})
    shown = (str(error), repr(error), repr(error.args), repr(vars(error)), *error._render_traceback_())
    assert [text for text in shown if CANARY in text] == []


def test_what_an_edge_returns_is_a_value() -> None:
    """What is made as a value elsewhere holds no text that is shown."""
    from ipython_where.change.values import HistoryAnswer, InstallAnswer
    from ipython_where.judge.commands.invocations import CommandAnswer
    from ipython_where.model import EnvironmentAnswer, ModuleAnswer

    assert {CommandAnswer, HistoryAnswer, InstallAnswer, EnvironmentAnswer, ModuleAnswer} <= set(VALUES)
    faces = {each for each in _dataclasses() if hasattr(each, "to_dict") or hasattr(each, "_repr_mimebundle_")}
    assert faces - set(VALUES) == set()


def _dataclasses() -> set[type]:
    modules = (
        importlib.import_module(each.name)
        for each in pkgutil.walk_packages(ipython_where.__path__, "ipython_where.")
        if not each.name.endswith("__main__")
    )
    return {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and dataclasses.is_dataclass(each)
    }


def test_an_error_shows_its_evidence_in_columns_as_a_finding_does() -> None:
    """Both hold the same values; a line that another program wrote has no label, and stays as it is."""
    evidence = (
        Evidence(label="kernel", value="/env/bin/python", note="3.12.4"),
        Evidence(label="prefix given", value="/srv"),
    )
    error = WhereError("this is wrong", evidence=(*evidence, "pip wrote:  this"), hint="do that")
    assert error.evidence == (*evidence, Evidence(label="", value="pip wrote:  this"))
    assert error.lines() == [
        "this is wrong",
        "  kernel        /env/bin/python  (3.12.4)",
        "  prefix given  /srv",
        "  pip wrote:  this",
        "",
        "hint: do that",
    ]
