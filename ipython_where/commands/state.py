"""What a shell has in its hands at one moment of a script: variables, a working directory, functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from typing import NamedTuple

from ..value import dataclass
from .script import Command


class Variable(NamedTuple):
    """A variable's value, None where it is set to what is not known; and whether the programs see it."""

    value: str | None
    is_exported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A moment of a script. What is None is not known.

    ``is_lost``: something ran that may have changed everything (`eval "$X"`, a sourced file). ``is_touched``: a program
    ran before, so that a file which is missing now may be there then. ``arguments`` are the positional parameters.
    ``exits_on_error``: `set -e` is in force. ``made`` are the environments that the script itself makes before, by prefix,
    each with whether it gets a pip. ``condas`` are the shell functions of conda and mamba, each with its program.
    """

    variables: Mapping[str, Variable]
    cwd: str | None
    functions: Mapping[str, Command] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    arguments: tuple[str, ...] | None = ()
    is_lost: bool = False
    is_touched: bool = False
    exits_on_error: bool = False
    made: Mapping[str, bool] = field(default_factory=dict)
    condas: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """A variable's value, empty where it is not set; None where it is not known."""
        found = self.variables.get(name)
        return None if self.is_lost else "" if found is None else found.value

    def with_variable(self, name: str, value: str | None, *, exported: bool | None = None) -> State:
        """The state with a variable set; it is exported if it was, unless ``exported`` says."""
        before = self.variables.get(name)
        if exported is None:
            exported = before.is_exported if before else False
        return replace(self, variables={**self.variables, name: Variable(value, exported)})

    def without_variable(self, name: str) -> State:
        """The state with a variable unset."""
        return replace(self, variables={key: each for key, each in self.variables.items() if key != name})

    def exported(self, name: str) -> State:
        """The state with a variable's export."""
        found = self.variables.get(name)
        return self.with_variable(name, found.value, exported=True) if found else self

    def at(self, cwd: str | None) -> State:
        """The state in another working directory."""
        moved = replace(self, cwd=cwd).with_variable("OLDPWD", self.cwd, exported=True)
        return moved.with_variable("PWD", cwd, exported=True)

    def inherited(self) -> State:
        """What a shell that is started from here begins with."""
        variables = {name: each for name, each in self.variables.items() if each.is_exported}
        return State(
            variables=variables, cwd=self.cwd, is_lost=self.is_lost, is_touched=self.is_touched, made=self.made
        )

    def path_of(self, path: str) -> str | None:
        """A path made absolute, its `..` left to the file system: that follows links first. None where it is not known."""
        if os.path.isabs(path):
            return path
        return self.cwd if self.cwd is None or path == "." else os.path.join(self.cwd, path.removeprefix("./"))


_OF_SHELL = (
    "BASH BASHOPTS BASHPID BASH_COMMAND BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_VERSION COLUMNS DIRSTACK EPOCHSECONDS EUID "
    "FUNCNAME GROUPS HISTCMD HOST HOSTNAME HOSTTYPE LINENO LINES MACHTYPE OPTARG OPTERR OPTIND OSTYPE PIPESTATUS PPID PS1 PS2 "
    "PS4 RANDOM REPLY SECONDS SHELLOPTS SHLVL SRANDOM UID USERNAME VENDOR ZSH_NAME ZSH_VERSION argv path pipestatus status _"
).split()
"""Variables that one shell or another sets by itself."""


def initial_state(environ: Mapping[str, str], cwd: str) -> State:
    """The state in which a shell begins: every variable that it is given is exported again, and `PWD` is ``cwd``."""
    variables = {name: Variable(None, name in environ) for name in _OF_SHELL}
    variables |= {name: Variable(value, True) for name, value in environ.items() if name not in variables}
    return State(variables={**variables, "PWD": Variable(cwd, True)}, cwd=cwd)


def merged(one: State | None, other: State | None) -> State | None:
    """What holds in both states; None is a state that cannot be."""
    if one is None or other is None or one == other:
        return other if one is None else one
    names = {**one.variables, **other.variables}
    variables = {
        name: Variable(None, True) if one.variables.get(name) != other.variables.get(name) else one.variables[name]
        for name in names
    }
    functions = {**one.functions, **other.functions}
    return State(
        variables=variables,
        cwd=one.cwd if one.cwd == other.cwd else None,
        functions=functions,
        aliases=one.aliases | other.aliases,
        arguments=one.arguments if one.arguments == other.arguments else None,
        # a function that only one of them has may be a program's name in the other
        is_lost=one.is_lost or other.is_lost or one.functions != other.functions or one.condas != other.condas,
        condas=one.condas,
        is_touched=one.is_touched or other.is_touched,
        exits_on_error=one.exits_on_error or other.exits_on_error,
        made={**one.made, **other.made},
    )


class Evaluated(NamedTuple):
    """A text that the shell goes on to run as a script (`eval`)."""

    text: str
    state: State


class Outcome(NamedTuple):
    """After a command: the state if it ended well, and if it did not; None for what cannot be."""

    succeeded: State | None
    failed: State | None

    @property
    def state(self) -> State | None:
        """The state whichever way it ended; None: nothing runs after it."""
        return merged(self.succeeded, self.failed)


def either(state: State) -> Outcome:
    """A command that may end well or not, and changes nothing that is followed here."""
    return Outcome(state, state)
