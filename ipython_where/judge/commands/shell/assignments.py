"""The assignments of a simple command: `a=b`, `a+=b`, `a=(b c)`, zsh's `path=( … )`, and those that a shell rejects.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .builtin_call import Assigned
from .dialects import Dialect
from .expansion import Expander
from .script import Assignment, Parameter, Simple, Word
from .state import TIED, State

_STEERING = frozenset(
    "BASH_CMDS BASH_ALIASES POSIXLY_CORRECT EXECIGNORE BASH_LOADABLES_PATH FUNCNEST commands functions aliases "
    "builtins options galiases saliases dis_functions dis_aliases dis_builtins NULLCMD".split()
)
"""Variables that change how the shell itself behaves."""


def assign(
    simple: Simple, expander: Expander, dialect: Dialect, lose: Callable[[State, str], None]
) -> tuple[Assigned, ...]:
    """Carry out the assignments and return them; ``lose`` is called for one whose effect can't be followed."""
    given = []
    for each in simple.assignments:
        made = value_of(each, expander)
        if each.name in expander.state.readonly:
            _refuse(simple, expander, dialect)
            expander.state = expander.state.assigned(each.name, made.value)
        elif dialect.name == "zsh" and each.name in TIED:
            entries = None if each.appends else _entries(each.items, expander)
            _tie(each.name, entries, made.value, expander)
        elif _is_steering(each.name, dialect):
            lose(expander.state, simple.text)
            expander.state, expander.ends = expander.state.lost(), expander.ends or None
        elif each.items and not each.appends and dialect.name == "bash":
            _make_array(each, expander)
        else:
            expander.state = expander.state.assigned(each.name, made.value)
        given.append(made)
    return tuple(given)


def value_of(each: Assignment, expander: Expander) -> Assigned:
    """An assignment with its value expanded."""
    value = None if each.word is None else expander.value(each.word, is_assignment=True)
    if each.appends and each.word is not None:
        before = expander.state.value(each.name)
        value = None if before is None or value is None else before + value
    return Assigned(each.name, value, each.appends)


def _make_array(each: Assignment, expander: Expander) -> None:
    """`a=(b c)`: `$a` is the first element."""
    fields = expander.fields(each.items)
    known = tuple(field.text for field in fields if field.text is not None)
    before = expander.state.variables.get(each.name)
    is_plain = not any(word.text.startswith("[") for word in each.items)  # `a=([2]=c)` sets another index
    is_odd = each.name in expander.state.odd or (before is not None and before.is_exported)  # arrays can't be exported
    if is_odd or not is_plain or len(known) != len(fields) or not known:
        expander.state = expander.state.assigned(each.name, None)
        return
    state = expander.state.assigned(each.name, known[0])
    expander.state = replace(state, arrays={**state.arrays, each.name: known})


def _is_steering(name: str, dialect: Dialect) -> bool:
    return name in _STEERING or (name in ("argv", "status", "options") and dialect.name == "zsh")


def _refuse(simple: Simple, expander: Expander, dialect: Dialect) -> None:
    """Handle an assignment to a readonly variable: the shell exits or drops the line; bash runs a program anyway."""
    is_sure = all(expander.state.readonly.get(each.name) for each in simple.assignments)
    if not simple.words and dialect.name in ("dash", "zsh") and is_sure:
        expander.ends = True
    elif dialect.name != "bash" or not simple.words or not is_sure:
        expander.ends = expander.ends or None


def _tie(name: str, entries: list[str] | None, value: str | None, expander: Expander) -> None:
    """Keep zsh's `path` array and PATH in step."""
    if name.isupper():
        expander.state = expander.state.assigned(name, value).with_variable(TIED[name], None)
        return
    joined = ":".join(entries) if entries else None
    expander.state = expander.state.assigned(TIED[name], joined).with_variable(name, None)


def _entries(items: tuple[Word, ...], expander: Expander) -> list[str] | None:
    """The entries of a `path=( … )`."""
    found: list[str] = []
    for word in items:
        parts = word.parts
        first = parts[0] if len(parts) == 1 else None
        if isinstance(first, Parameter) and first.name == "path" and not first.operator:
            path = expander.state.value("PATH")
            if path is None:
                return None
            found += path.split(":")
            continue
        fields = expander.fields((word,))
        if any(field.text is None for field in fields):
            return None
        found += [field.text or "" for field in fields]
    return found
