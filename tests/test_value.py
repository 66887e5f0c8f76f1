"""A value is what the standard library's dataclass of the same body would be, but for the time that it takes to make it."""

from __future__ import annotations

import copy
import dataclasses
import functools
import inspect
import pickle
import pydoc
import sys
import weakref
from collections.abc import Callable
from typing import Any, ClassVar

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

    @dataclass(frozen=True, slots=True)
    class Mixed:
        """Some by place, one by name alone, one that is hashed and not compared."""

        first: int
        second: int = 2
        named: int = dataclasses.field(default=3, kw_only=True, metadata={"unit": "m"})
        hashed: int = dataclasses.field(default=4, compare=False, hash=True)

    class Loose(Placed):
        """A plain subclass."""

    class Wide(Roomy):
        """A plain subclass of one with a dictionary: a real one with slots fails there, for want of its `super`."""

    class Own(Placed):
        def __init__(self, whatever: str) -> None:
            super().__init__(len(whatever))

    every = (Plain, Inner, Placed, Unshown, Roomy, Roomier, Mixed, Loose, Wide, Own)
    return {each.__name__: each for each in every}


def matched(classes: dict[str, Any], value: Any) -> Any:
    Placed, Plain = classes["Placed"], classes["Plain"]
    match value:
        case Placed(1, second):
            return second
        case Plain(name=name, size=None):
            return name
    return None


def round_itself(classes: dict[str, Any]) -> str:
    around: list[Any] = []
    around.append(value := classes["Placed"](around))
    return repr(value)


def loosened(classes: dict[str, Any]) -> None:
    value = classes["Wide"](name="a")
    value.more, value.other = 3, 4
    del value.more
    assert vars(value)["other"] == 4
    value.name = "b"


NEW = sys.version_info >= (3, 13)  # the first with `copy.replace`
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
    "missing two": lambda c: c["Inner"](size=3),
    "missing by place": lambda c: c["Mixed"](),
    "unexpected among all": lambda c: c["Placed"](first=1, secnd=2),
    "unexpected and missing": lambda c: c["Inner"](other=1),
    "too many by place": lambda c: c["Mixed"](1, 2, 3, 4),
    "by place and name": lambda c: repr(c["Mixed"](1, 2, 5, named=4)),
    "twice and unexpected": lambda c: c["Mixed"](1, first=2, other=3),
    "signature": lambda c: {name: str(inspect.signature(each)) for name, each in c.items()},
    "parameters": lambda c: {name: repr(each.__dataclass_params__) for name, each in c.items()},
    "documentation": lambda c: {name: (each.__doc__, pydoc.getdoc(each)) for name, each in c.items()},
    "documentation of a value": lambda c: (c["Plain"](name="a").__doc__, c["Mixed"](1).__doc__),
    "matched by place": lambda c: matched(c, c["Placed"](1, 3)),
    "matched by name": lambda c: matched(c, c["Plain"](name="a")),
    "not matched": lambda c: matched(c, c["Plain"](name="a", size=2)),
    "to match": lambda c: {name: each.__match_args__ for name, each in c.items()},
    "hashed alone": lambda c: (c["Mixed"](1) == c["Mixed"](1, 2, 5), hash(c["Mixed"](1)) == hash(c["Mixed"](1, 2, 5))),
    "by name alone": lambda c: [(f.name, f.kw_only, f.hash, dict(f.metadata)) for f in dataclasses.fields(c["Mixed"])],
    "fields of a value": lambda c: [f.name for f in dataclasses.fields(c["Roomier"](name="a", more=1))],
    "as a tuple": lambda c: dataclasses.astuple(c["Inner"](name="a", inner=c["Plain"](name="b"))),
    "round itself": round_itself,
    "a subclass": lambda c: (repr(c["Loose"](1)), c["Loose"](1) == c["Placed"](1), c["Own"]("abc").first),
    "a subclass has room": loosened,
    "a stranger assigned": lambda c: setattr(c["Roomy"](name="a"), "more", 1),
    "a stranger deleted": lambda c: delattr(c["Roomy"](name="a"), "more"),
    "weakly referred to": lambda c: weakref.ref(c["Plain"](name="a")),
    "weakly referred to with a dictionary": lambda c: weakref.ref(value := c["Roomy"](name="a"))() is value,
    "its state": lambda c: [c[name](name="a", **more).__getstate__() for name, more in STATES.items()],
    "replaced by `copy`": lambda c: repr(c["Placed"](1).__replace__(second=5)) if NEW else None,
    "replaced by `copy` with nothing known": lambda c: c["Placed"](1).__replace__(third=5) if NEW else None,
    "equal to a subclass": lambda c: c["Placed"](1) == c["Loose"](1),
    "other operators": lambda c: c["Placed"](1) < c["Placed"](2),
}
STATES: dict[str, dict[str, Any]] = {"Plain": {}, "Inner": {"inner": None}, "Roomy": {}, "Roomier": {"more": 2}}


@pytest.mark.parametrize("use", USES)
def test_it_does_what_the_real_one_does(use: str) -> None:
    """The same result, or the same error in the same words."""

    def done(classes: dict[str, Any]) -> Any:
        try:
            return USES[use](classes)
        except (TypeError, AttributeError) as error:
            return type(error), str(error)

    assert done(OWN) == done(REALS)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"__annotations__": {"parts": "list"}, "parts": []}, "mutable default <class 'list'> for field parts"),
        ({"__annotations__": {"a": "ClassVar[int]"}}, "Kind.a is not a plain field"),
        ({"__annotations__": {"a": ClassVar[int]}}, "Kind.a is not a plain field"),
        ({"__annotations__": {"a": "int"}, "a": dataclasses.field(init=False)}, "Kind.a is not a plain field"),
    ],
)
def test_what_would_not_be_as_the_real_one_makes_it_is_refused(body: dict[str, Any], error: str) -> None:
    """A mutable default by both, what has no use here by ours alone."""
    with pytest.raises((TypeError, ValueError), match=error):
        OURS(frozen=True, slots=True)(type("Kind", (), body))


def test_a_type_checker_sees_a_dataclass() -> None:
    """mypy needs each of these comments, and says so where it does not."""
    finding = Evidence(label="l", value="v")
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'value'"):
        Evidence(label="l")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="takes 1 positional argument but 3 were given"):
        Evidence("l", "v")  # type: ignore[call-arg]
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'label'"):
        finding.label = "m"  # type: ignore[misc]


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
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(finding, protocol)) == finding
    assert copy.deepcopy(finding) == finding


@pytest.mark.skipif(not NEW, reason="copy.replace came with Python 3.13")
def test_a_value_is_replaced_by_copy() -> None:
    """With its secrets masked, as every value that is made."""
    evidence = Evidence(label="l", value="v")
    again = copy.replace(evidence, value="https://user:secret@host/x")  # type: ignore[attr-defined, unused-ignore]
    assert (again.label, again.value) == ("l", "https://****@host/x")
