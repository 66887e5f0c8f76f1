"""The state of a shell at one moment of a script: variables, a working directory, functions.

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
    """A variable's value, None if it is set to something unknown; and whether programs see it."""

    value: str | None
    is_exported: bool


TIED = {"path": "PATH", "cdpath": "CDPATH", "PATH": "path", "CDPATH": "cdpath"}
"""zsh's arrays, and the variables they are tied to."""

LONGEST = 50_000
"""The longest value that is tracked, in characters: `x=$x$x` doubles it."""


class ShellOptions(NamedTuple):
    """The options of a shell, by the names that `State` has for them."""

    exits_on_error: bool | None
    exits_on_unset: bool | None
    has_pipefail: bool | None
    exports_all: bool
    globs: bool | None
    overwrites: bool | None


_UNKNOWN = ShellOptions(None, None, None, True, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A shell's state at one moment of a script; None marks what is unknown.

    ``is_lost``: something ran that may have changed everything (`eval "$X"`, a sourced file). ``is_blurred``: any
    variable may have been set. ``is_touched``: a program ran before, so a file that is missing now may exist by then.
    ``arguments`` are the positional parameters. ``functions`` maps a name to None if it is a function on only some of
    the paths that lead here. ``readonly`` holds the variables that can't be set, with False if that is uncertain.
    ``arrays`` holds the elements of arrays. ``odd`` holds the variables whose value differs from what is assigned
    (`declare -i`), with True if they refer to another one (`declare -n`). ``locals`` maps the local variables of this
    call to what they held before it; ``covered`` are the local variables of its callers; ``own_options`` are the options
    that are restored when it returns (`local -`). ``programs`` are the paths that `hash` recorded for names. ``made`` are
    the environments that the script itself creates earlier, by prefix, each with whether it gets a pip; ``changed`` are
    the other paths that it changes. ``condas`` maps the shell functions of conda and mamba to their programs. ``ties``: this
    is a zsh, in which `path` and `PATH` are one.
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
    covered: frozenset[str] = frozenset()
    own_options: ShellOptions | None = None
    programs: Mapping[str, str | None] = field(default_factory=dict)
    made: Mapping[str, bool] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    condas: Mapping[str, str] = field(default_factory=dict)
    ties: bool = False

    def value(self, name: str) -> str | None:
        """A variable's value, empty if it is unset; None if unknown."""
        found = self.variables.get(name)
        if self.is_lost or (found is None and self.is_blurred):
            return None
        return "" if found is None else found.value

    def is_unset(self, name: str) -> bool | None:
        """Whether a variable is unset; None if unknown."""
        found = self.variables.get(name)
        if self.is_lost or (found is None and self.is_blurred) or (found is not None and found.value is None):
            return None
        return found is None

    def with_variable(self, name: str, value: str | None, *, exported: bool | None = None) -> State:
        """The state with a variable set; it stays exported or not, unless ``exported`` says otherwise."""
        before = self.variables.get(name)
        if exported is None:
            exported = before.is_exported if before else self.exports_all or self.is_blurred
        if value is not None and len(value) > LONGEST:
            value = None
        programs = {} if name == "PATH" else self.programs  # a shell then forgets the paths that it had looked up
        variables = {**self.variables, name: ShellVariable(value, exported)}
        return replace(self, variables=variables, programs=programs, arrays=self._without_array(name))

    def assigned(self, name: str, value: str | None) -> State:
        """The state after the script has set a variable, or tried to."""
        if self.readonly.get(name):
            return self
        if self.odd.get(name):
            return self.blurred()
        if self.ties and name == "OLDPWD":
            value = None  # zsh's `cd -` goes by a value of its own
        state = self.with_variable(name, None if name in self.odd or name in self.readonly else value)
        return state.with_variable(TIED[name], None) if self.ties and name in TIED else state

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
        """The state with a variable restored to an earlier value."""
        if found is None:
            return self.without_variable(name)
        return self.with_variable(name, found.value, exported=found.is_exported)

    def exported(self, name: str) -> State:
        """The state with a variable exported."""
        found = self.variables.get(name)
        return self.with_variable(name, found.value, exported=True) if found else self

    def blurred(self) -> State:
        """The state after any variable may have been set."""
        variables = dict.fromkeys(self.variables, ShellVariable(None, True))
        return replace(self, variables=variables, is_blurred=True, programs={}, arrays={})

    def lost(self) -> State:
        """The state in which nothing is known any more."""
        return replace(self, is_lost=True)

    def at(self, cwd: str | None) -> State:
        """The state with another working directory."""
        moved = replace(self, cwd=cwd).with_variable("OLDPWD", self.cwd, exported=True)
        return moved.with_variable("PWD", cwd, exported=True)

    @property
    def options(self) -> ShellOptions:
        """The options of the shell that are tracked."""
        return ShellOptions(
            self.exits_on_error,
            self.exits_on_unset,
            self.has_pipefail,
            self.exports_all,
            self.globs,
            self.overwrites,
        )

    def with_options(self, options: ShellOptions) -> State:
        """The state with these options."""
        return replace(self, **options._asdict())

    def inherited(self) -> State:
        """The state in which a shell that is started from here begins."""
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
        """A path made absolute; `..` is left to the file system, which follows links first. None if unknown."""
        if os.path.isabs(path):
            return path
        return self.cwd if self.cwd is None or path == "." else os.path.join(self.cwd, path.removeprefix("./"))


BLANKS = ShellVariable(" \t\n", False)
"""The IFS that a shell starts with, whatever its parent's IFS is."""

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
"""Variables that some shell sets by itself."""


def initial_state(environ: Mapping[str, str], cwd: str) -> State:
    """The state in which a shell begins: it exports every variable that it inherits, and `PWD` is ``cwd``."""
    variables = {name: ShellVariable(None, name in environ) for name in _OF_SHELL}
    variables |= {name: ShellVariable(value, True) for name, value in environ.items() if name not in variables}
    variables["IFS"] = BLANKS if "IFS" not in environ else ShellVariable(None, True)
    # bash takes options from these
    is_lost = bool({"SHELLOPTS", "BASHOPTS", "POSIXLY_CORRECT"} & set(environ))
    return State(variables={**variables, "PWD": ShellVariable(cwd, True)}, cwd=cwd, is_lost=is_lost)


def merged(one: State | None, other: State | None) -> State | None:
    """What holds in both states; None is an impossible state."""
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
        covered=one.covered | other.covered,
        own_options=one.own_options if one.own_options == other.own_options else _UNKNOWN,
        programs=_joined(one.programs, other.programs, None),
        made={**one.made, **other.made},
        changed=one.changed | other.changed,
        condas=one.condas,
        ties=one.ties,
    )


def _same(one: bool | None, other: bool | None) -> bool | None:
    return one if one == other else None


def _joined(one: Mapping[str, T], other: Mapping[str, T], unsure: T) -> Mapping[str, T]:
    """What both have in common, and ``unsure`` for each name on which they differ."""
    if one is other:
        return one
    names = {**one, **other}
    return {name: one[name] if name in one and name in other and one[name] == other[name] else unsure for name in names}


class Evaluated(NamedTuple):
    """A text that the shell runs next: the argument of `eval`, or a sourced file.

    ``may_be_empty``: conda prints it, and nothing if it fails; then `conda activate` starts the program, which fails.
    """

    text: str
    state: State
    is_file: bool = False
    may_be_empty: bool = False


class Outcome(NamedTuple):
    """The state after a command if it succeeded, and if it failed; None for a result that can't happen."""

    succeeded: State | None
    failed: State | None

    @property
    def state(self) -> State | None:
        """The state after either result; None if nothing runs afterwards."""
        return merged(self.succeeded, self.failed)

    def joined(self, other: Outcome) -> Outcome:
        """The outcome if either of two paths was taken."""
        return Outcome(merged(self.succeeded, other.succeeded), merged(self.failed, other.failed))


NOWHERE = Outcome(None, None)
"""Nothing runs afterwards."""


def either(state: State) -> Outcome:
    """A command that may succeed or fail, and changes nothing that is tracked here."""
    return Outcome(state, state)
