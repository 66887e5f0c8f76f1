"""A value is what the standard library's dataclass of the same body would be, but for the time that it takes to make it."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from ipython_where import value
from ipython_where.model import Evidence, Finding

REAL: Callable[..., Any] = dataclasses.dataclass
OURS: Callable[..., Any] = value.dataclass


def made(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """The same classes by either decorator."""

    class Base:
        __slots__ = ()

        def told(self) -> str:
            return f"told of {self.name}"  # type: ignore[attr-defined]

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Plain(Base):
        name: str
        size: int | None = None
        parts: tuple[str, ...] = ()

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Inner(Plain):
        inner: Plain
        mapping: dict[str, int] = dataclasses.field(default_factory=dict)
        quiet: str = dataclasses.field(default="", compare=False, repr=False)

    @dataclass(frozen=True, slots=True)
    class Placed:
        first: int
        second: int = 2

    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Unshown:
        name: str = "x"

    @dataclass(frozen=True, slots=False, kw_only=True)
    class Roomy:
        name: str
        size: int = 3
        parts: list[str] = dataclasses.field(default_factory=list)
        kind: str = dataclasses.field(default="x")

        @functools.cached_property
        def shouted(self) -> str:
            return self.name.upper()

        def told(self) -> str:
            return f"{self.size}"

    @dataclass(frozen=True, slots=False, kw_only=True)
    class Roomier(Roomy):
        more: int

        def told(self) -> str:
            return f"{super().told()} and {self.shouted}"

    return {each.__name__: each for each in (Plain, Inner, Placed, Unshown, Roomy, Roomier)}


REALS, OWN = made(REAL), made(OURS)
USES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "repr": lambda c: repr(c["Plain"](name="a", parts=("b",))),
    "repr of a nested one": lambda c: repr(c["Inner"](name="a", inner=c["Plain"](name="b"), quiet="q")),
    "repr left out": lambda c: repr(c["Unshown"]()).partition(" at ")[0],
    "equal": lambda c: c["Plain"](name="a") == c["Plain"](name="a", size=None),
    "not equal": lambda c: c["Plain"](name="a") == c["Plain"](name="b"),
    "equal but for what does not count": lambda c: (
        c["Inner"](name="a", inner=c["Plain"](name="b"), quiet="1") == c["Inner"](name="a", inner=c["Plain"](name="b"))
    ),
    "another class": lambda c: c["Plain"](name="a") == c["Placed"](1),
    "another type": lambda c: c["Plain"](name="a") == "a",
    "hash": lambda c: hash(c["Plain"](name="a")) == hash(c["Plain"](name="a")) == hash(("a", None, ())),
    "unhashable": lambda c: hash(c["Inner"](name="a", inner=c["Plain"](name="b"))),
    "a method of the base": lambda c: c["Plain"](name="a").told(),
    "replaced": lambda c: repr(dataclasses.replace(c["Plain"](name="a"), size=3)),
    "replaced by nothing known": lambda c: dataclasses.replace(c["Plain"](name="a"), other=3),
    "fields": lambda c: [(f.name, f.type, f.kw_only, f.compare) for f in dataclasses.fields(c["Inner"])],
    "is a dataclass": lambda c: dataclasses.is_dataclass(c["Plain"]),
    "as a dict": lambda c: dataclasses.asdict(c["Inner"](name="a", inner=c["Plain"](name="b"))),
    "a default of its own each": lambda c: (
        c["Inner"](name="a", inner=None).mapping is not c["Inner"](name="a", inner=None).mapping
    ),
    "assigned": lambda c: setattr(c["Plain"](name="a"), "name", "b"),
    "deleted": lambda c: delattr(c["Plain"](name="a"), "name"),
    "no dictionary": lambda c: hasattr(c["Plain"](name="a"), "__dict__"),
    "a dictionary": lambda c: vars(c["Roomy"](name="a")),
    "a cached property": lambda c: [(a := c["Roomy"](name="a")).shouted, vars(a)["shouted"]],
    "super": lambda c: c["Roomier"](name="a", more=1).told(),
    "assigned with a dictionary": lambda c: setattr(c["Roomier"](name="a", more=1), "more", 2),
    "equal with a dictionary": lambda c: (
        (a := c["Roomy"](name="a")) == c["Roomy"](name="a") and a.shouted and a == c["Roomy"](name="a")
    ),
    "replaced with a dictionary": lambda c: vars(dataclasses.replace(c["Roomier"](name="a", more=1), name="b")),
    "defaults of the class": lambda c: (c["Roomy"].size, c["Roomy"].kind, hasattr(c["Roomy"], "parts")),
    "missing with a dictionary": lambda c: c["Roomier"](name="a"),
    "slots": lambda c: (c["Plain"].__slots__, c["Inner"].__slots__),
    "placed": lambda c: repr(c["Placed"](1)) + repr(c["Placed"](1, 3)) + repr(c["Placed"](first=1, second=4)),
    "matched": lambda c: c["Placed"].__match_args__ + c["Plain"].__match_args__,
    "copied": lambda c: repr(copy.copy(c["Inner"](name="a", inner=c["Plain"](name="b")))),
    "copied deeply": lambda c: repr(copy.deepcopy(c["Inner"](name="a", inner=c["Plain"](name="b")))),
    "name": lambda c: (c["Plain"].__name__, c["Plain"].__qualname__, c["Plain"].__module__, c["Plain"].__doc__),
    "missing": lambda c: c["Plain"](),
    "unexpected": lambda c: c["Plain"](name="a", other=1),
    "too many": lambda c: c["Placed"](1, 2, 3),
    "twice": lambda c: c["Placed"](1, first=1),
    "in its place": lambda c: c["Plain"]("a"),
}


@pytest.mark.parametrize("use", USES)
def test_it_does_what_the_real_one_does(use: str) -> None:
    """The same result, or an error of the same kind: `FrozenInstanceError` is an `AttributeError`."""

    def done(classes: dict[str, Any]) -> Any:
        try:
            return USES[use](classes)
        except (TypeError, AttributeError) as error:
            return TypeError if isinstance(error, TypeError) else AttributeError

    if use == "name":  # the real one's doc is its signature
        assert done(OWN)[:3] == done(REALS)[:3]
    else:
        assert done(OWN) == done(REALS)


def test_the_real_one_may_inherit() -> None:
    """A class of the standard library's takes one of ours as its base."""

    body = {"__annotations__": {"more": int}}
    heir = REAL(frozen=True, kw_only=True)(type("Heir", (OWN["Roomy"],), body))
    assert repr(heir(name="a", more=2)).endswith("Heir(name='a', size=3, parts=[], kind='x', more=2)")
    assert dataclasses.replace(heir(name="a", more=2), name="b").shouted == "B"
    with pytest.raises(dataclasses.FrozenInstanceError):
        heir(name="a", more=2).more = 3


def test_a_value_survives_pickling() -> None:
    finding = Finding(id="x", severity="note", message="m", evidence=(Evidence(label="l", value="v"),))
    assert pickle.loads(pickle.dumps(finding)) == finding
