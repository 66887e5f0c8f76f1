"""Follows a script as its shell would run it, and tells every program that it starts on the way.

Nothing is run and nothing is assumed: a command whose success is not known leaves two states, the one behind `&&` and the
one behind `||`; where they meet again, what differs is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from . import shell_builtins as builtins
from .expansion import Expander, Field, Outputs
from .making import making
from .reading import Reader
from .script import (
    Branches,
    Chain,
    Choice,
    Command,
    Definition,
    For,
    Group,
    Negation,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Test,
    While,
)
from .state import Evaluated, Outcome, State, either, merged
from .syntax import NotUnderstood, parse_script
from .wrappers import Wrapped, is_missing, unwrap

_DEPTH = 20
"""How deep functions, `eval` and `sh -c` may lead before they are not followed any more."""

_ROUNDS = 100
"""How many rounds of a loop are followed one by one."""


class Launch(NamedTuple):
    """A program that is started: ``fields`` are its name and arguments, ``state`` what it is started in.

    ``runs`` is None where that depends on how another command ends, False where it is never reached. ``is_alone``: the
    script is nothing but this command. ``missing`` names a wrapper (`sudo`) that is not there. ``repeats``: `xargs` starts
    it as often as it has input for.
    """

    fields: tuple[Field, ...]
    state: State
    runs: bool | None
    text: str
    redirects: tuple[Redirect, ...] = ()
    is_lost: bool = False
    is_alone: bool = False
    missing: str | None = None
    repeats: bool = False

    @property
    def name(self) -> str | None:
        """The program's name as it is called; None where it is not known."""
        return self.fields[0].text if self.fields else None


_UNFILLED = re.compile(r"(^\s*|[;&|]\s*)(\{[A-Za-z_][^{},\s'\"]*\})(?=[\s/])", re.MULTILINE)
"""`{sys.executable}`, of which IPython knew no value: a word like any other, which the grammar takes for a group."""


def launches(text: str, state: State, reader: Reader) -> tuple[Launch, ...]:
    """Every program that a script starts, in order. Raises `NotUnderstood` for a text that is not understood."""
    script = parse_script(_UNFILLED.sub(r"\1'\2'", text), is_bash=is_bash(reader))
    walk = Walk(reader)
    walk.script(script, state, True)
    if len(script) == 1 and isinstance(script[0].command, Simple) and not script[0].is_background:
        alone = len(walk.found) == 1 and walk.found[0].is_alone and not script[0].command.assignments
        return tuple(each._replace(is_alone=alone) for each in walk.found)
    return tuple(each._replace(is_alone=False) for each in walk.found)


def is_bash(reader: Reader) -> bool:
    """Whether a shell has bash's grammar; the others are taken for a POSIX shell."""
    return reader.kind in ("bash", "zsh")


class Walk:
    """One walk through a script; ``found`` is what was met so far."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.found: list[Launch] = []
        self._depth = 0
        self._leaves = self._ends = False
        """Whether a `break` or a `return`, or an `exit`, may have been met, so that what follows is left out."""

    # -- the structure -------------------------------------------------------------------------------------------------

    def script(self, script: Script, state: State | None, runs: bool | None) -> Outcome:
        """Commands one after the other."""
        outcome = Outcome(state, None)
        for item in script:
            here = outcome.state
            if here is None:
                return outcome
            if here.exits_on_error and outcome.failed is not None and item is not script[0]:
                runs = _maybe(runs)
            if item.is_background:
                self._apart((item.command,), here, runs)
                outcome = Outcome(replace(here, is_touched=True), None)
            else:
                outcome = self.command(item.command, here, runs)
                runs = _maybe(runs) if self._leaves or self._ends else runs
        return outcome

    def _apart(self, commands: Iterable[Command], state: State, runs: bool | None) -> Outcome:
        """Commands in processes of their own: how the last one ends, and that they ran; their states end with them."""
        outer, outcome = (self._leaves, self._ends), Outcome(state, None)
        for each in commands:
            self._leaves = self._ends = False
            outcome = self.command(each, state, runs)
        self._leaves, self._ends = outer
        ends = [each for each in outcome if each is not None]
        touched = replace(state, is_touched=state.is_touched or not ends or any(each.is_touched for each in ends))
        if not ends:  # `exit` ends that process alone
            return either(touched)
        return Outcome(touched if outcome.succeeded else None, touched if outcome.failed else None)

    def command(self, command: Command, state: State, runs: bool | None) -> Outcome:
        """What a command leads to; what it starts is noted."""
        match command:
            case Simple():
                return self._simple(command, state, runs)
            case Chain(first=first, rest=rest):
                return self._chain(first, rest, state, runs)
            case Negation(command=inner):
                outcome = self.command(inner, state, runs)
                return Outcome(outcome.failed, outcome.succeeded)
            case Pipeline(commands=commands):
                return self._apart(commands, state, runs)
            case Group(body=body, is_subshell=True):
                return self._apart((Group(body, False),), state, runs)
            case Group(body=body):
                return self.script(body, state, runs)
            case Branches(arms=arms, otherwise=otherwise):
                return self._branches(arms, otherwise, state, runs)
            case Choice(bodies=bodies):
                outcomes = [self.script(body, state, _maybe(runs)) for body in bodies]
                return Outcome(merged(state, _met(outcomes)), _met(outcomes))
            case For() | While():
                return self._loop(command, state, runs)
            case Definition(name=name, body=body):
                return Outcome(replace(state, functions={**state.functions, name: body}), None)
            case Test(outputs=outputs):
                for each in outputs:
                    self.output(each, state, runs)
                return either(state)

    def _chain(self, first: Command, rest: tuple[tuple[str, Command], ...], state: State, runs: bool | None) -> Outcome:
        outcome = self.command(first, state, runs)
        for operator, command in rest:
            succeeded, failed = outcome
            here, other = (succeeded, failed) if operator == "&&" else (failed, succeeded)
            if here is None:  # never reached, but told
                self.command(command, other or state, False)
                continue
            after = self.command(command, here, runs if other is None else _maybe(runs))
            if operator == "&&":
                outcome = Outcome(after.succeeded, merged(failed, after.failed))
            else:
                outcome = Outcome(merged(succeeded, after.succeeded), after.failed)
        return outcome

    def _branches(
        self, arms: tuple[tuple[Script, Script], ...], otherwise: Script | None, state: State, runs: bool | None
    ) -> Outcome:
        ends: list[Outcome] = []
        here: State | None = state
        for condition, body in arms:
            if here is None:
                break
            asked = self.script(condition, here, runs)
            if asked.succeeded is not None:
                is_certain = asked.failed is None
                ends.append(self.script(body, asked.succeeded, runs if is_certain else _maybe(runs)))
            here = asked.failed
            runs = _maybe(runs) if asked.succeeded is not None else runs
        if here is not None:
            ends.append(Outcome(here, None) if otherwise is None else self.script(otherwise, here, runs))
        return Outcome(_met_by(each.succeeded for each in ends), _met_by(each.failed for each in ends))

    def _loop(self, loop: For | While, state: State, runs: bool | None) -> Outcome:
        outer, self._leaves = self._leaves, False
        values = self._values(loop, state, runs) if isinstance(loop, For) else None
        if isinstance(loop, For) and values is not None:
            outcome = self._each(loop, values, state, runs)
        else:
            outcome = self._any_rounds(loop, state)
        self._leaves = outer
        return outcome

    def _values(self, loop: For, state: State, runs: bool | None) -> tuple[str, ...] | None:
        """The words of a `for`, None where they are not known or many."""
        fields = Expander(state, self.reader, self.printer(runs)).fields(loop.words or ())
        known = tuple(each.text for each in fields if each.text is not None)
        return known if loop.words is not None and len(known) == len(fields) <= _ROUNDS else None

    def _each(self, loop: For, values: tuple[str, ...], state: State, runs: bool | None) -> Outcome:
        outcome = Outcome(state, None)
        for value in values:
            here = outcome.state
            if here is None:
                break
            outcome = self.script(loop.body, here.with_variable(loop.name, value), runs)
            runs = _maybe(runs) if self._leaves or self._ends else runs
        return outcome

    def _any_rounds(self, loop: For | While, state: State) -> Outcome:
        """As many rounds as may be: what holds before the first and after any is what holds in every one."""
        before = state
        for _ in range(4):
            kept, self.found = self.found, []
            after = self._round(loop, before)
            self.found, seen = kept, self.found
            together = merged(before, after) or before
            if together == before:
                break
            before = together
        else:
            before = replace(before, is_lost=True)
        self.found += seen
        return either(before)

    def _round(self, loop: For | While, state: State) -> State | None:
        if isinstance(loop, For):
            return self.script(loop.body, state.with_variable(loop.name, None), None).state
        asked = self.script(loop.condition, state, None).state
        return merged(asked, self.script(loop.body, asked, None).state if asked else None)

    # -- what is printed -----------------------------------------------------------------------------------------------

    def printer(self, runs: bool | None) -> Outputs:
        """How an expansion gets the output of a script inside a word."""
        return lambda script, state: self.output(script, state, runs)

    def output(self, script: Script, state: State, runs: bool | None) -> str | None:
        """What a script prints, where that is known; what it starts is noted."""
        self._apart((Group(script, False),), state, runs)
        if len(script) != 1 or not isinstance(script[0].command, Simple) or script[0].is_background:
            return None
        simple = script[0].command
        if simple.assignments or any(each.descriptor != "2" for each in simple.redirects):
            return None
        fields = Expander(state, self.reader, lambda *_: None).fields(simple.words)
        if any(each.text is None for each in fields):
            return None
        return builtins.printed(tuple(each.text or "" for each in fields), state, self.reader)

    # -- simple commands -----------------------------------------------------------------------------------------------

    def _simple(self, simple: Simple, state: State, runs: bool | None) -> Outcome:
        expander = Expander(state, self.reader, self.printer(runs))
        fields = expander.fields(simple.words)
        for redirect in simple.redirects:
            if redirect.word is not None:
                expander.value(redirect.word)
        assigned = self._assigned(simple, state, expander)
        opened = self._opened(simple.redirects, state, expander)
        if opened is False:
            runs = False
        elif opened is None:
            runs = _maybe(runs)
        if self.reader.kind == "zsh" and any(each.text is None for each in fields):
            runs, self._ends = _maybe(runs), True  # a pattern that no file matches is an error there
        if not fields:
            return Outcome(assigned, None) if opened and not _has_output(simple) else either(assigned)
        outcome = self._called(fields, simple, state, assigned, runs)
        if opened is False:  # a special builtin's ends a POSIX shell, too
            return Outcome(None, state)
        return outcome if opened else Outcome(outcome.succeeded, merged(outcome.failed, state))

    def _opened(self, redirects: tuple[Redirect, ...], state: State, expander: Expander) -> bool | None:
        """Whether the files of the redirections can be opened: the command is not run where one of them cannot."""
        found: bool | None = True
        for each in redirects:
            if each.operator.startswith("<<") or each.word is None:
                continue
            name = expander.value(each.word)
            if each.operator in (">&", "<&") and name is not None and (name.isdigit() or name == "-"):
                continue
            if each.operator in (">&", "<&") and not is_bash(self.reader):
                return False  # "bad fd number"
            if self.reader.kind == "zsh" and each.word.text.startswith("="):
                name = None  # the path of a program of that name
            path = None if name is None else state.path_of(name)
            opens = None if path is None else bool(name) and self.reader.opens(path, writes=each.operator != "<")
            if opens is False and not state.is_touched:
                return False
            found = found if opens else None
        return found

    def _assigned(self, simple: Simple, state: State, expander: Expander) -> State:
        for name, word, appends in simple.assignments:
            value = None if word is None else expander.value(word, is_assignment=True)
            if appends:
                before = state.value(name)
                value = None if before is None or value is None else before + value
            state = state.with_variable(name, value)
            expander = Expander(state, self.reader, expander.outputs)
        return state

    def _called(
        self, fields: tuple[Field, ...], simple: Simple, state: State, assigned: State, runs: bool | None
    ) -> Outcome:
        name = fields[0].text
        if name is None:
            self.found.append(Launch(fields, state, _maybe(runs), simple.text, is_lost=True))
            return either(replace(state, is_lost=True))
        if not state.is_lost:
            if name in state.aliases and self.reader.kind != "bash":
                return self._start(fields, simple, replace(assigned, is_lost=True), state, runs)
            if name in state.functions:
                return self._function(name, fields, state, runs)
            inner = self._behind_keywords(fields)
            done = builtins.run(inner[0].text or "", inner, simple.assignments, assigned, self.reader)
            if done is not None:
                outcome = self._done(done, runs)
                is_lost = not isinstance(done, Evaluated) and outcome.state and outcome.state.is_lost
                if is_lost or builtins.sets_trap(inner):
                    self.found.append(Launch(inner, state, _maybe(runs), simple.text, is_lost=True))
                return outcome if inner[0].text in builtins.ASSIGNING else _restored(outcome, simple, state)
            if name in state.condas:  # the function starts the program that it was made for
                fields = (Field(state.condas[name]), *fields[1:])
        given = assigned
        for variable, _, _ in simple.assignments:
            given = given.exported(variable)
        return self._start(fields, simple, given, state, runs)

    def _behind_keywords(self, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        """A command without `command` and `builtin` before it, which matter for builtins in nothing."""
        words = {"bash": ("command", "builtin"), "zsh": ("builtin",)}.get(self.reader.kind, ("command",))
        while fields[0].text in words and fields[1:] and (fields[1].text or "-")[:1] != "-":
            fields = fields[1:]
        return fields

    def _done(self, done: builtins.Done, runs: bool | None) -> Outcome:
        """The outcome of a builtin; one that runs a text (`eval`) is followed."""
        if isinstance(done, builtins.Leaves):
            self._leaves = True
            return either(done.state)
        if isinstance(done, Evaluated):
            return self._text(done.text, done.state, runs)
        self._ends = self._ends or done == Outcome(None, None)
        return done

    def _text(self, text: str, state: State, runs: bool | None) -> Outcome:
        if self._depth >= _DEPTH:
            return either(replace(state, is_lost=True))
        self._depth += 1
        try:
            return self.script(parse_script(text, is_bash=is_bash(self.reader)), state, runs)
        except NotUnderstood:
            return either(replace(state, is_lost=True))
        finally:
            self._depth -= 1

    def _function(self, name: str, fields: tuple[Field, ...], state: State, runs: bool | None) -> Outcome:
        if self._depth >= _DEPTH:
            return either(replace(state, is_lost=True))
        known = all(each.text is not None for each in fields)
        given = tuple(each.text or "" for each in fields[1:]) if known else None
        self._depth += 1
        outer, self._leaves = self._leaves, False
        outcome = self.command(state.functions[name], replace(state, arguments=given), runs)
        self._leaves = outer
        self._depth -= 1
        return Outcome(*(each and replace(each, arguments=state.arguments) for each in outcome))

    def _start(
        self, fields: tuple[Field, ...], simple: Simple, given: State, state: State, runs: bool | None
    ) -> Outcome:
        """A program is started; `env`, `sudo` and their like start another, and `sh -c` a script."""
        seen = unwrap(fields, given, self.reader, is_assigned=bool(simple.assignments))
        after = replace(state, is_touched=True)
        if seen.script is not None:
            self._inner_shell(seen, runs)
            return either(after)
        runs = _maybe(runs) if seen.repeats or state.is_lost else runs  # after a lost state, not even that is certain
        launch = Launch(seen.fields, seen.state, runs, simple.text, simple.redirects, seen.is_lost)
        is_bare = seen.fields is fields and self._depth == 0
        self.found.append(launch._replace(is_alone=is_bare, missing=seen.missing, repeats=seen.repeats))
        if seen.replaces:
            self._ends = True
            return Outcome(None, None)
        if (is_activation(seen.fields) and not seen.is_lost) or seen.missing:
            return Outcome(None, state)  # it fails, and has made no file
        if launch.name is not None and not seen.is_lost and is_missing(launch.name, launch.state, self.reader):
            return Outcome(None, state)
        made = making(launch.fields, launch.state)
        if made:
            return Outcome(replace(after, made={**after.made, **made}), after)
        return either(state if launch.name in builtins.HARMLESS else after)

    def _inner_shell(self, seen: Wrapped, runs: bool | None) -> None:
        """The script of a `sh -c`, read by that shell."""
        environ = {name: each.value for name, each in seen.state.variables.items() if each.value is not None}
        inner = self.reader.of_shell(seen.shell or "", environ, seen.state.cwd or "/")
        if inner is None:
            self.found.append(Launch(seen.fields, seen.state, runs, seen.script or "", is_lost=True))
            return
        outer = self.reader, self._leaves, self._ends
        self.reader, self._leaves, self._ends = inner, False, False
        self._text(seen.script or "", seen.state, runs)
        self.reader, self._leaves, self._ends = outer


def is_activation(fields: tuple[Field, ...]) -> bool:
    """Whether it is `conda activate`, started as a program: it says that `conda init` is missing, and fails.

    What activates is a shell function, which an interactive shell's start-up file defines.
    """
    words = [field.text for field in fields[:2]]
    return words[0] in ("conda", "mamba", "micromamba") and words[1:] in (["activate"], ["deactivate"])


def _maybe(runs: bool | None) -> bool | None:
    return None if runs else runs


def _restored(outcome: Outcome, simple: Simple, before: State) -> Outcome:
    """What is assigned for a builtin alone (`IFS= read x`) is gone after it."""

    def without(state: State | None) -> State | None:
        for name, _, _ in simple.assignments if state else ():
            assert state is not None
            old = before.variables.get(name)
            state = (
                state.with_variable(name, old.value, exported=old.is_exported) if old else state.without_variable(name)
            )
        return state

    return Outcome(without(outcome.succeeded), without(outcome.failed))


def _met(outcomes: list[Outcome]) -> State | None:
    return _met_by(each.state for each in outcomes)


def _met_by(states: Iterator[State | None]) -> State | None:
    found = None
    for each in states:
        found = merged(found, each)
    return found


def _has_output(simple: Simple) -> bool:
    """Whether the exit status is that of a `$( … )` in it."""
    return any("$(" in each.word.text or "`" in each.word.text for each in simple.assignments if each.word)
