"""What a variable is and where it comes from, told without running any of its code."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.model import ModuleAnswer

CELL = """
import asyncio, collections, contextlib, decimal, email.message, functools, json, math, string, textwrap, unittest.mock

@functools.wraps(json.dumps)
def mine(*arguments): return json.dumps(*arguments)

def decorator(function):
    @functools.wraps(function)
    def wrapper(*arguments): return function(*arguments)
    return wrapper

@decorator
def decorated(): pass

around = decorator(textwrap.dedent)

@functools.lru_cache
def cached(x): return x

@contextlib.contextmanager
def context(): yield

class Own:
    stored = textwrap.TextWrapper()
    def act(self): pass
    @classmethod
    def made(cls): pass
    @staticmethod
    def alone(): pass
    @property
    def value(self): raise AssertionError("computed")
    @functools.cached_property
    def kept(self): raise AssertionError("computed")

class Empty: pass
class Child(textwrap.TextWrapper): pass

textwrap.TextWrapper.patched = mine
wrapper, own, empty, child = textwrap.TextWrapper(), Own(), Empty(), Child()
bound, unbound, appended, upper = wrapper.fill, textwrap.TextWrapper.fill, [].append, "".upper
part, part_of_own = functools.partial(textwrap.fill, width=3), functools.partial(own.act)
root, number, text, exact = math.sqrt, 5, "x", decimal.Decimal(1)
anonymous = lambda: None
def counting(): yield 1
generator = counting()
Pair = collections.namedtuple("Pair", "a b")
pair, mock, order = Pair(1, 2), unittest.mock.MagicMock(), collections.OrderedDict()
def circle(): pass
circle.__wrapped__ = circle
"""


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    """The variables that a cell leaves behind."""
    variables: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(CELL, "<cell>", "exec"), variables)
    return variables


@pytest.fixture
def world(notebook: dict[str, Any]) -> World:
    return replace(World.here(namespace=notebook), cells={"<cell>": 7}, environ={}, home=None)


def told(answer: ModuleAnswer) -> tuple[Any, ...]:
    assert answer.variable is not None
    variable = answer.variable
    return answer.found, variable.bound_to, answer.module, variable.notebook, variable.wraps


OWN = {
    "mine": ("function mine", "function json.dumps"),
    "decorated": ("function decorator.<locals>.wrapper", "function decorated, defined in this notebook"),
    "around": ("function decorator.<locals>.wrapper", "function textwrap.dedent"),
    "cached": ("functools.lru_cache of function cached", "function cached, defined in this notebook"),
    "Own": ("class Own", None),
    "own": ("class Own", None),
    "own.act": ("method Own.act", None),
    "Own.act": ("method Own.act", None),
    "own.made": ("method Own.made", None),
    "own.alone": ("method Own.alone", None),
    "own.value": ("property Own.value", None),
    "own.kept": ("property Own.kept", None),
    "anonymous": ("function <lambda>", None),
    "counting": ("function counting", None),
    "generator": ("generator of counting", None),
    "part_of_own": ("functools.partial of method Own.act", "method Own.act, defined in this notebook"),
    "wrapper.patched": ("method textwrap.TextWrapper.patched", "function json.dumps"),
    "circle": ("function circle", None),
}


@pytest.mark.parametrize("name", OWN)
def test_what_the_notebook_defines_is_its_own_whatever_names_it_copies(name: str, world: World) -> None:
    """By its code, with what it wraps and the number of its cell; it comes from no module and no distribution."""
    bound_to, wraps = OWN[name]
    answer = where(name, world)
    assert told(answer) == (True, bound_to, None, True, wraps)
    assert (answer.variable and answer.variable.cell, answer.file, answer.distribution) == (7, None, None)
    assert str(answer).splitlines()[0] == f"{name} · {bound_to} · defined in this notebook, cell 7"


@pytest.mark.parametrize("name", ["Empty", "empty", "Pair", "pair", "Child", "child"])
def test_a_class_without_methods_is_the_notebooks_by_its_module(name: str, world: World) -> None:
    found, bound_to, module, is_own, _ = told(where(name, world))
    assert (found, bound_to, module, is_own) == (True, f"class {name.capitalize()}", None, True)


OTHERS = {
    "wrapper": ("class textwrap.TextWrapper", "textwrap"),
    "wrapper.fill": ("method textwrap.TextWrapper.fill", "textwrap"),
    "wrapper.width": ("class builtins.int", "builtins"),
    "bound": ("method textwrap.TextWrapper.fill", "textwrap"),
    "unbound": ("function textwrap.TextWrapper.fill", "textwrap"),
    "child.fill": ("method textwrap.TextWrapper.fill", "textwrap"),
    "Own.stored": ("class textwrap.TextWrapper", "textwrap"),
    "own.stored.fill": ("method textwrap.TextWrapper.fill", "textwrap"),
    "textwrap.fill": ("function textwrap.fill", "textwrap"),
    "part": ("functools.partial of function textwrap.fill", "textwrap"),
    "context": ("function contextlib.contextmanager.<locals>.helper", "contextlib"),
    "appended": ("method builtins.list.append", "builtins"),
    "upper": ("method builtins.str.upper", "builtins"),
    "text.upper": ("method builtins.str.upper", "builtins"),
    "root": ("function math.sqrt", "math"),
    "number": ("class builtins.int", "builtins"),
    "number.real": ("property builtins.int.real", "builtins"),
    "exact": ("class decimal.Decimal", "decimal"),
    "order.items": ("method collections.OrderedDict.items", "collections"),
    "mock": ("class unittest.mock.MagicMock", "unittest.mock"),
    "string.Template": ("class string.Template", "string"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_comes_from_elsewhere_is_told_with_its_module(name: str, world: World) -> None:
    bound_to, module = OTHERS[name]
    found, text, at, is_own, _ = told(where(name, world))
    assert (found, text, at, is_own) == (True, bound_to, module, False)


def test_what_it_wraps_is_told_for_a_partial_and_a_context_manager(world: World) -> None:
    assert told(where("part", world))[-1] == "function textwrap.fill"
    assert told(where("context", world))[-1] == "function context, defined in this notebook"


RAN: list[str] = []


class Trap:
    """Every way in which an object's own code could run says so."""

    def __getattribute__(self, name: str) -> Any:
        RAN.append(name)
        raise AssertionError(name)

    def __repr__(self) -> str:
        raise AssertionError("repr")

    def __bool__(self) -> bool:
        raise AssertionError("bool")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("eq")

    __hash__ = None  # type: ignore[assignment]


class Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        raise AssertionError(name)

    @property
    def __module__(cls) -> str:  # type: ignore[override]
        raise AssertionError("module")


class Made(metaclass=Meta):
    pass


class Computing:
    __slots__ = ("slot",)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


class Accessor:
    def __get__(self, instance: object, owner: object) -> Any:
        raise AssertionError("get")


class Plotted:
    plot = Accessor()


class Sleeping(ModuleType):
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)


PLOT = f"`plot` of class {__name__}.Plotted is computed by `{__name__}.Accessor` when it is asked for"

TRAPS = {
    "trap": (True, "class tests.answer.test_variables.Trap"),
    "trap.x": (
        None,
        "`x` of class tests.answer.test_variables.Trap is computed by `__getattribute__` when it is asked for",
    ),
    "made": (True, "class tests.answer.test_variables.Made"),
    "computing.x": (
        None,
        "`x` of class tests.answer.test_variables.Computing is computed by `__getattr__` when it is asked for",
    ),
    "computing.slot": (True, "property tests.answer.test_variables.Computing.slot"),
    "plotted.plot": (None, PLOT),
    "plotted.plot.line": (None, PLOT),
    "sleeping.x": (None, "`asleep` computes `x` when it is asked for"),
    "liar": (None, "it claims to come from `json`, which has no such class"),
    "nameless": (None, "`Nameless` does not say which module it comes from"),
    "lost": (None, "it claims to come from `no_such_module_anywhere`, but there is no such module"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_no_code_of_an_object_runs(name: str, world: World) -> None:
    """What cannot be told without it, or what only claims to come from somewhere, is unknown, and why."""

    class Liar:
        pass

    class Nameless:
        pass

    class Lost:
        pass

    Liar.__module__, Liar.__qualname__ = "json", "Liar"
    Nameless.__module__, Nameless.__qualname__ = 3, "Nameless"  # type: ignore[assignment]
    Lost.__module__, Lost.__qualname__ = "no_such_module_anywhere", "Lost"
    variables = {
        "trap": Trap(),
        "made": Made(),
        "computing": Computing(),
        "plotted": Plotted(),
        "sleeping": Sleeping("asleep"),
        "liar": Liar(),
        "nameless": Nameless(),
        "lost": Lost(),
    }
    found, told_of = TRAPS[name]
    answer = where(name, replace(world, namespace=variables))
    str(answer)
    if found:
        assert (answer.found, answer.variable and answer.variable.bound_to) == (found, told_of)
    else:
        assert (answer.found, answer.findings[0].id, answer.findings[0].evidence[0].value) == (
            None,
            "unproven",
            told_of,
        )
    assert RAN == []


def test_an_attribute_that_is_not_there_is_not_found(world: World) -> None:
    assert where("own.nothing", world).found is False
    assert where("number.nothing", world).found is False


def test_a_dotted_module_comes_after_an_attribute_and_before_a_doubt(world: World) -> None:
    """`xml` is a variable here, and `xml.dom` still a module; an attribute that may be computed does not hide it."""
    shadowing = replace(world, namespace={"xml": 5, "email": Computing()})
    assert (where("xml.dom", shadowing).found, where("xml.dom", shadowing).module) == (True, "xml.dom")
    assert where("email.message", shadowing).module == "email.message"


def test_code_of_a_script_that_was_run_is_told_by_its_file(world: World, tmp_path: Path) -> None:
    """`%run` gives it the name of the notebook."""
    script = tmp_path / "script.py"
    script.write_text("def f(): pass\n")
    variables: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(script.read_text(), str(script), "exec"), variables)
    answer = where("f", replace(world, namespace={"f": variables["f"]}))
    assert answer.variable is not None
    assert (answer.found, answer.variable.notebook, answer.variable.script) == (True, False, str(script))
    words = [each for each in str(answer).split() if each != "·"]  # a long title goes on below without one
    assert words == ["f", "function", "f", "defined", "in", str(script)]


def test_a_compiled_function_is_one(world: World) -> None:
    """Such as numpy's and Cython's: a C type of its own, with the name of a function."""
    import _operator
    import itertools

    assert told(where("adding", replace(world, namespace={"adding": _operator.add})))[1:3] == (
        "function _operator.add",
        "_operator",
    )
    counter = replace(world, namespace={"counter": itertools.count()})
    assert told(where("counter", counter))[1:3] == ("class itertools.count", "itertools")
    getter = replace(world, namespace={"getter": _operator.itemgetter(1)})
    assert told(where("getter", getter))[1] == "class operator.itemgetter"
    assert sys.modules["operator"] is not None
