"""What a worker and its leader sent, held to what they would send, and the values in it read back from their JSON.

A leader runs the same code as the kernel, but a worker runs anybody's: what is not of the kind that was asked for counts as no
answer.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from ipython_where.change.installers.interface import Pin
from ipython_where.change.values import Change, Plan, Transaction
from ipython_where.model import Evidence, Finding

T = TypeVar("T")

_FIELDS: dict[Any, dict[str, Any]] = {
    kind: get_type_hints(kind) for kind in (Plan, Transaction, Change, Finding, Evidence, Pin)
}


def plan_of(given: Mapping[str, Any]) -> Plan:
    """A plan."""
    parts = {"changes": tuple(map(change_of, given["changes"])), "findings": tuple(map(finding_of, given["findings"]))}
    return _made(Plan, {**given, **parts})


def transaction_of(given: Mapping[str, Any]) -> Transaction:
    """A transaction."""
    return _made(Transaction, {**given, "changes": tuple(map(change_of, given["changes"]))})


def change_of(given: Mapping[str, Any]) -> Change:
    """A change."""
    return _made(Change, given)


def finding_of(given: Mapping[str, Any]) -> Finding:
    """A finding."""
    return _made(Finding, {**given, "evidence": tuple(_made(Evidence, each) for each in given["evidence"])})


def pin_of(given: Mapping[str, Any]) -> Pin:
    """A pin as `leader.dump_pin` wrote it."""
    return _made(Pin, given)


def _made(kind: type[T], given: Mapping[str, Any]) -> T:
    """A value from its JSON, in which a tuple is a list. Raises `TypeError` where a field is of another type."""
    fields: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in given.items()}
    for name, each in fields.items():
        if not fits(each, _FIELDS[kind][name]):
            raise TypeError(f"`{name}` is of another type")
    return kind(**fields)


def fits(value: object, kind: Any) -> bool:
    """Whether a value is of a type as fields have them."""
    parts = get_args(kind)
    if isinstance(kind, UnionType):
        return any(fits(value, each) for each in parts)
    if (origin := get_origin(kind)) is Literal:
        return isinstance(value, str) and value in parts
    if origin is dict:
        return isinstance(value, dict) and all(fits(each, parts[1]) for each in value.values())
    if origin in (list, tuple):
        return isinstance(value, origin) and all(fits(each, parts[0]) for each in value)
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)


_LOOK: dict[str, Any] = {
    "key": str,
    "version": str,
    "series": list[int],
    "executable": str,
    "prefix": str,
    "host": str,
    "machine": list[str],
    "user": int,
    "owner": int,
    "kind": str,
    "holds": str,
    "runs_on": dict[str, str],
    "carries": list[str] | None,
}
_STATE: dict[str, Any] = {"step": str, "about": str | None, "said": list[str], "lasting": list[str]}
"""What any state may say."""

_STATES = ("starting", "working", "ready", "done", "gone", "died")
_OUTCOMES = ("answered", "refused", "unknown", "same", "not part", "busy", "stopped")
_WITH_ERROR = ("refused", "unknown")


def is_look(given: Mapping[str, Any]) -> bool:
    """Whether it is what a worker says of itself; of one on another system, only what an error needs."""
    if isinstance(given.get("os"), str) and given["os"] != "posix":
        return all(isinstance(given.get(name), str) for name in ("executable", "version"))
    return given.get("os") == "posix" and all(fits(given.get(name), kind) for name, kind in _LOOK.items())


def is_state(given: Mapping[str, Any]) -> bool:
    """Whether it is how far a leader has come."""
    try:
        if not all(fits(given[name], kind) for name, kind in _STATE.items() if name in given):
            return False
        if given["state"] == "ready":
            plan_of(given["plan"])
            pins = [*map(pin_of, given["pins"] or ())]
            return fits(given["modules"], list[str]) and (bool(pins) or given["pins"] in (None, []))
        if given["state"] != "done":
            return given["state"] in _STATES
        if given["outcome"] == "answered":
            plan_of(given["answer"]["plan"])
            return given["answer"]["transaction"] is None or bool(transaction_of(given["answer"]["transaction"]))
        says_why = given["outcome"] in _WITH_ERROR or "error" in given
        return given["outcome"] in _OUTCOMES and (not says_why or bool(finding_of(given["error"])))
    except (KeyError, TypeError, AttributeError, ValueError):
        return False
