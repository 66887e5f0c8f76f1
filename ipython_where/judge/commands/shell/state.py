"""What a shell has in its hands at one moment of a script: variables, a working directory, functions.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, replace
from typing import NamedTuple, TypeVar

from ipython_where.value import dataclass

from .script import Command

T = TypeVar("T")


class ShellVariable(NamedTuple):
    """A variable's value, None where it is set to what is not known; and whether the programs see it."""

    value: str | None
    is_exported: bool


LONGEST = 50_000
"""Characters of a value that is followed: `x=$x$x` doubles it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A moment of a script. What is None is not known.

    ``is_lost``: something ran that may have changed everything (`eval "$X"`, a sourced file). ``is_blurred``: any variable
    may have been set. ``is_touched``: a program ran before, so that a file which is missing now may be there then.
    ``arguments`` are the positional parameters. ``functions`` has None where a name is a function in some of the ways that
    lead here. ``readonly`` has the variables that cannot be set, False where that is not certain. ``arrays`` has the elements
    of those that have some. ``odd`` are those whose values are not what is assigned (`declare -i`), True where they stand for
    another one (`declare -n`). ``locals`` has what the variables of this call held before it. ``programs`` are the paths that
    `hash` gave to names. ``made`` are the environments that the script itself makes before, by prefix, each with whether it
    gets a pip; ``changed`` are the paths that it changes otherwise. ``condas`` are the shell functions of conda and mamba,
    each with its program.
    """

    variables: Mapping[str, ShellVariable]
    cwd: str | None
    functions: Mapping[str, Command | None] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    arguments: tuple[str, ...] | None = ()
    is_lost: bool = False
    is_blurred: bool = False
    is_touched: bool = False
    exits_on_error: bool | None = False
    exits_on_unset: bool | None = False
    has_pipefail: bool | None = False
    exports_all: bool = False
    globs: bool | None = True
    overwrites: bool | None = True
    readonly: Mapping[str, bool] = field(default_factory=dict)
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    odd: Mapping[str, bool] = field(default_factory=dict)
    locals: Mapping[str, ShellVariable | None] = field(default_factory=dict)
    programs: Mapping[str, str | None] = field(default_factory=dict)
    made: Mapping[str, bool] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    condas: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """A variable's value, empty where it is not set; None where it is not known."""
        found = self.variables.get(name)
        if self.is_lost or (found is None and self.is_blurred):
            return None
        return "" if found is None else found.value

    def is_unset(self, name: str) -> bool | None:
        """Whether a variable is not set."""
        found = self.variables.get(name)
        if self.is_lost or (found is None and self.is_blurred) or (found is not None and found.value is None):
            return None
        return found is None

    def with_variable(self, name: str, value: str | None, *, exported: bool | None = None) -> State:
        """The state with a variable set; it is exported if it was, unless ``exported`` says."""
        before = self.variables.get(name)
        if exported is None:
            exported = before.is_exported if before else self.exports_all or self.is_blurred
        if value is not None and len(value) > LONGEST:
            value = None
        programs = {} if name == "PATH" else self.programs  # a shell forgets where it found them
        variables = {**self.variables, name: ShellVariable(value, exported)}
        return replace(self, variables=variables, programs=programs, arrays=self._without_array(name))

    def assigned(self, name: str, value: str | None) -> State:
        """The state after the script has set a variable, or has tried to."""
        if self.readonly.get(name):
            return self
        if self.odd.get(name):
            return self.blurred()
        return self.with_variable(name, None if name in self.odd or name in self.readonly else value)

    def without_variable(self, name: str) -> State:
        """The state with a variable unset."""
        kept = {key: each for key, each in self.variables.items() if key != name}
        programs = {} if name == "PATH" else self.programs
        return replace(self, variables=kept, programs=programs, arrays=self._without_array(name))

    def _without_array(self, name: str) -> Mapping[str, tuple[str, ...]]:
        if name not in self.arrays:
            return self.arrays
        return {key: each for key, each in self.arrays.items() if key != name}

    def having(self, name: str, found: ShellVariable | None) -> State:
        """The state with a variable as it was once."""
        if found is None:
            return self.without_variable(name)
        return self.with_variable(name, found.value, exported=found.is_exported)

    def exported(self, name: str) -> State:
        """The state with a variable's export."""
        found = self.variables.get(name)
        return self.with_variable(name, found.value, exported=True) if found else self

    def blurred(self) -> State:
        """The state in which any variable may have been set."""
        variables = dict.fromkeys(self.variables, ShellVariable(None, True))
        return replace(self, variables=variables, is_blurred=True, programs={}, arrays={})

    def lost(self) -> State:
        """The state in which nothing is known any more."""
        return replace(self, is_lost=True)

    def at(self, cwd: str | None) -> State:
        """The state in another working directory."""
        moved = replace(self, cwd=cwd).with_variable("OLDPWD", self.cwd, exported=True)
        return moved.with_variable("PWD", cwd, exported=True)

    def inherited(self) -> State:
        """What a shell that is started from here begins with."""
        exported = {name: each for name, each in self.variables.items() if each.is_exported}
        return State(
            variables={**exported, "IFS": ShellVariable(None, True) if "IFS" in exported else BLANKS},
            cwd=self.cwd,
            is_lost=self.is_lost,
            is_blurred=self.is_blurred,
            is_touched=self.is_touched,
            made=self.made,
            changed=self.changed,
        )

    def path_of(self, path: str) -> str | None:
        """A path made absolute, its `..` left to the file system: that follows links first. None where it is not known."""
        if os.path.isabs(path):
            return path
        return self.cwd if self.cwd is None or path == "." else os.path.join(self.cwd, path.removeprefix("./"))


BLANKS = ShellVariable(" \t\n", False)
"""What a shell begins with as its IFS, whatever the one has that starts it."""

_OF_SHELL = (
    "ARGC BASH BASHOPTS BASHPID BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_COMMAND BASH_EXECUTION_STRING BASH_LINENO BASH_REMATCH "
    "BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_VERSION COLUMNS COMP_WORDBREAKS COPROC CPUTYPE DIRSTACK EGID EPOCHREALTIME "
    "EPOCHSECONDS ERRNO EUID FIGNORE FUNCNAME GID GROUPS HISTCHARS HISTCMD HISTFILE HISTFILESIZE HISTSIZE HOST HOSTNAME HOSTTYPE "
    "KEYBOARD_HACK KEYTIMEOUT LINENO LINES LISTMAX LOGNAME MACHTYPE MAILCHECK MAPFILE MATCH MBEGIN MEND MODULE_PATH NULLCMD "
    "OPTARG OPTERR OPTIND OSTYPE PIPESTATUS PPID PROMPT PROMPT2 PROMPT3 PROMPT4 PS1 PS2 PS3 PS4 RANDOM READNULLCMD REPLY "
    "SAVEHIST SECONDS SHELLOPTS SHLVL SPROMPT SRANDOM TERM TIMEFMT TMPPREFIX TTY TTYIDLE UID USERNAME VENDOR WATCHFMT WORDCHARS "
    "ZSH_ARGZERO ZSH_EVAL_CONTEXT ZSH_EXECUTION_STRING ZSH_NAME ZSH_PATCHLEVEL ZSH_SUBSHELL ZSH_VERSION argv cdpath dirstack "
    "errnos fignore fpath funcstack histchars jobdirs jobstates jobtexts mailpath manpath match mbegin mend module_path "
    "nameddirs options parameters path pipestatus prompt psvar reply status usergroups watch zsh_eval_context _"
).split()
"""Variables that one shell or another sets by itself."""


def initial_state(environ: Mapping[str, str], cwd: str) -> State:
    """The state in which a shell begins: every variable that it is given is exported again, and `PWD` is ``cwd``."""
    variables = {name: ShellVariable(None, name in environ) for name in _OF_SHELL}
    variables |= {name: ShellVariable(value, True) for name, value in environ.items() if name not in variables}
    # options that a bash hands on, and which it then sets
    variables["IFS"] = BLANKS if "IFS" not in environ else ShellVariable(None, True)
    is_lost = bool({"SHELLOPTS", "BASHOPTS"} & set(environ))
    return State(variables={**variables, "PWD": ShellVariable(cwd, True)}, cwd=cwd, is_lost=is_lost)


def merged(one: State | None, other: State | None) -> State | None:
    """What holds in both states; None is a state that cannot be."""
    if one is None or other is None or one == other:
        return other if one is None else one
    blank = ShellVariable(None, True)
    return State(
        variables=_joined(one.variables, other.variables, blank),
        cwd=one.cwd if one.cwd == other.cwd else None,
        functions=_joined(one.functions, other.functions, None),
        aliases=one.aliases | other.aliases,
        arguments=one.arguments if one.arguments == other.arguments else None,
        is_lost=one.is_lost or other.is_lost or one.condas != other.condas,
        is_blurred=one.is_blurred or other.is_blurred,
        is_touched=one.is_touched or other.is_touched,
        exits_on_error=_same(one.exits_on_error, other.exits_on_error),
        exits_on_unset=_same(one.exits_on_unset, other.exits_on_unset),
        has_pipefail=_same(one.has_pipefail, other.has_pipefail),
        exports_all=one.exports_all or other.exports_all,
        globs=_same(one.globs, other.globs),
        overwrites=_same(one.overwrites, other.overwrites),
        readonly=_joined(one.readonly, other.readonly, False),
        arrays={name: each for name, each in one.arrays.items() if other.arrays.get(name) == each},
        odd=_joined(one.odd, other.odd, True),
        locals=_joined(one.locals, other.locals, blank),
        programs=_joined(one.programs, other.programs, None),
        made={**one.made, **other.made},
        changed=one.changed | other.changed,
        condas=one.condas,
    )


def _same(one: bool | None, other: bool | None) -> bool | None:
    return one if one == other else None


def _joined(one: Mapping[str, T], other: Mapping[str, T], unsure: T) -> Mapping[str, T]:
    """What both have, and ``unsure`` for the names in which they differ."""
    if one is other:
        return one
    names = {**one, **other}
    return {name: one[name] if name in one and name in other and one[name] == other[name] else unsure for name in names}


class Evaluated(NamedTuple):
    """A text that the shell goes on to run: that of `eval`, or of a file that is sourced."""

    text: str
    state: State
    is_file: bool = False


class Outcome(NamedTuple):
    """After a command: the state if it ended well, and if it did not; None for what cannot be."""

    succeeded: State | None
    failed: State | None

    @property
    def state(self) -> State | None:
        """The state whichever way it ended; None: nothing runs after it."""
        return merged(self.succeeded, self.failed)

    def joined(self, other: Outcome) -> Outcome:
        """The outcome of one of two ways."""
        return Outcome(merged(self.succeeded, other.succeeded), merged(self.failed, other.failed))


NOWHERE = Outcome(None, None)
"""Nothing comes after it."""


def either(state: State) -> Outcome:
    """A command that may end well or not, and changes nothing that is followed here."""
    return Outcome(state, state)
