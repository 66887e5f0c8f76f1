"""`docs/json.md` is held to the values, field by field."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from ipython_where import model
from ipython_where.change import values
from ipython_where.judge.commands import invocations as command_values
from ipython_where.workers import values as worker_values

from . import install_samples

PAGE = Path(__file__).parents[2] / "docs" / "json.md"
PLAIN = {"str": "string", "bool": "boolean", "int": "integer", "float": "number"}
ANSWERS = (
    "EnvironmentAnswer",
    "ModuleAnswer",
    "ImportedAnswer",
    "InstallAnswer",
    "HistoryAnswer",
    "RolloutAnswer",
    "PageAnswer",
    "WorkersAnswer",
    "EnvironmentsAnswer",
    "Invocation",
)
SPELLED_OUT = {"InstallAnswer": [("restart_needed", "boolean")]}
NEVER_SHOWN = {"Answer", "Interpreter", "CommandAnswer"}


def documented() -> dict[str, list[tuple[str, str]]]:
    """For each section of the page, its fields and their types, links taken off."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    row = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
    return {
        section.split("\n", 1)[0]: [
            (name, re.sub(r"\[(\w+)\]\(#\w+\)", r"\1", kind)) for name, kind in row.findall(section)
        ]
        for section in sections
    }


def in_json(annotation: str) -> str:
    """What an annotation of the model is in JSON, as the page words it."""
    item = re.match(r"tuple\[(\w+)(?: \| None)?, \.\.\.\]", annotation)
    name = item[1] if item else annotation.split(" | ")[0]
    null = annotation.endswith(" | None") or " | None, " in annotation
    aliases = (
        "Action",
        "ChangeKind",
        "Difference",
        "EnvironmentKind",
        "ModuleKind",
        "Occupant",
        "PageSource",
        "PageState",
        "PageStep",
        "PartKind",
        "PartOutcome",
        "PartVerdict",
        "Reason",
        "Role",
        "ServerVerdict",
        "Severity",
    )
    name = PLAIN.get(name, "string" if name in aliases else name)
    return ("list of " if item else "") + name + (" or null" if null else "")


VALUES = {
    name: value
    for module in (model, command_values, values, worker_values)
    for name, value in vars(module).items()
    if isinstance(value, type)
    and is_dataclass(value)
    and value.__module__ == module.__name__
    and name not in NEVER_SHOWN
}


def test_every_value_has_a_section() -> None:
    """No value can be in an answer and not on the page."""
    assert set(documented()) == set(VALUES)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_fields_and_types_are_those_of_the_value(name: str) -> None:
    """The page lists a value's fields in their order, with their types and whether null is possible."""
    schema = [("schema", "integer")] if name in ANSWERS else []
    own = [(f.name, in_json(str(f.type))) for f in fields(VALUES[name]) if f.name != "verbose"]  # the view's
    assert documented()[name] == schema + own + SPELLED_OUT.get(name, [])


def test_json_of_an_install_has_what_is_documented() -> None:
    """The keys are those of the page, down to `restart_needed`."""
    answer = install_samples.UPGRADE.to_dict()
    assert list(answer) == [name for name, _ in documented()["InstallAnswer"]]
    assert answer["restart_needed"] is True
    assert list(answer["plan"]["changes"][0]) == [name for name, _ in documented()["Change"]]


def test_schema_number_is_the_one_documented() -> None:
    """The page names the schema that answers carry."""
    assert f"`schema` is {model.SCHEMA}." in PAGE.read_text(encoding="utf-8")
