"""Follows a script as its shell would run it, and reports every program that it starts on the way.

It runs nothing and assumes nothing: a command whose success is unknown leaves two states, one for `&&` and one for
`||`; where the two paths meet again, whatever differs becomes unknown. A script with more steps than a person would
write is not followed to its end: each pass through a loop or function counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ipython_where.judge.commands.reader import Reader

from . import builtins
from .calls import Calls
from .declarations import NAME
from .dialects import HOOK, SPECIAL, dialect_of
from .expansion import Expander, Outputs
from .flow import Flow, Loop
from .launch import Launch
from .script import (
    Branches,
    Case,
    Chain,
    Command,
    Definition,
    For,
    Group,
    Literal,
    Negation,
    Parameter,
    Pipeline,
    Redirected,
    Script,
    Simple,
    Test,
    While,
    Word,
)
from .state import NOWHERE, Outcome, State, either, merged
from .syntax import parse_script
from .word_syntax import NotUnderstood

_NESTED = 60
"""How deep commands may be nested."""

_STEPS = 2_500
"""How many commands are followed, counting each pass through a loop or function."""

_CHARACTERS = 60_000
"""How many characters are read, counting the text of every `eval`."""

_ROUNDS = 200
"""How many rounds of loops are followed one by one."""


_UNFILLED = re.compile(r"(^[ \t]*|[;&|]\s*)(\{[A-Za-z_][^{},\s'\"]*\})(?=[\s/])", re.MULTILINE)
"""`{sys.executable}`, if IPython had no value for it: a shell reads a plain word, but the grammar reads a group."""


def has_lines(text: str) -> bool:
    """Whether a text has several lines, so that a shell may run one before it reads the next."""
    return "\n" in text.strip()


def launches(text: str, state: State, reader: Reader, script: Script | None = None) -> tuple[Launch, ...]:
    """Every program that a script starts, in order. Raises `NotUnderstood` if the text is not understood.

    ``script`` is what `script_of` made of the text, where that is known.
    """
    script = script_of(text, reader) if script is None else script
    walk = Walk(reader)
    walk.calls.has_lines = has_lines(text)
    try:
        state = replace(state, ties=walk.dialect.name == "zsh")
        walk.ended(state, walk.script(script, state, True))
    except RecursionError:
        raise NotUnderstood from None
    return tuple(walk.found)


def script_of(text: str, reader: Reader) -> Script:
    """The commands of a script in the grammar of its shell. Raises `NotUnderstood`."""
    filled = _UNFILLED.sub(r"\1'\2'", text)
    return parse_script(filled, is_bash=dialect_of(reader.kind).has_bash_grammar)


class Walk:
    """One walk through a script; ``found`` is what it has met so far."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.dialect = dialect_of(reader.kind)
        self.found: list[Launch] = []
        self.flow = Flow()
        self.calls = Calls(self)
        self.changed: frozenset[str] = frozenset()
        """The paths that were changed so far, by whichever process."""
        self.is_killed = False
        """Whether a `kill` ran: after it, nothing is certain."""
        self.outputs_of: list[State] = []
        self._depth = 0
        self._steps = _STEPS
        self._characters = _CHARACTERS
        self._rounds = _ROUNDS

    # -- the structure -------------------------------------------------------------------------------------------------

    def script(self, script: Script, state: State | None, runs: bool | None) -> Outcome:
        """Follow commands one after the other."""
        outcome = Outcome(state, None)
        for item in script:
            here = outcome.state
            if here is None:
                return NOWHERE
            before = self.flow.mark
            if item.is_background:
                if isinstance(item.command, Simple) and not item.command.words and self.dialect.name != "bash":
                    raise NotUnderstood  # an error in zsh
                self.apart((item.command,), here, runs)
                outcome = Outcome(replace(here, is_touched=True, changed=here.changed | self.changed), None)
            else:
                outcome = self.command(item.command, here, runs)
            runs = self.after(runs, before)
        return outcome

    def after(self, runs: bool | None, before: int) -> bool | None:
        """Whether the next command is reached, given the flow's mark ``before`` the last one."""
        return maybe(runs) if self.is_killed or self.flow.mark != before else runs

    def command(self, command: Command, state: State, runs: bool | None) -> Outcome:
        """Follow a command; record what it starts."""
        self._depth += 1
        self._steps -= 1 + (len(command.assignments) + len(command.words) // 8 if isinstance(command, Simple) else 0)
        if self._depth > _NESTED or self._steps < 0:
            raise NotUnderstood
        outcome = self._command(command, state, runs)
        self._depth -= 1
        return self._checked(command, outcome) if outcome.failed is not None else outcome

    def _checked(self, command: Command, outcome: Outcome) -> Outcome:
        """`set -e`: the shell exits if a command fails outside a condition."""
        failed = outcome.failed
        if failed is None or failed.exits_on_error is False or self.flow.tests or isinstance(command, Negation):
            return outcome
        self.flow.exit(False, failed)
        is_sure = failed.exits_on_error and isinstance(command, Simple | Pipeline) and self.dialect.name != "zsh"
        return Outcome(outcome.succeeded, None) if is_sure else outcome

    def _command(self, command: Command, state: State, runs: bool | None) -> Outcome:
        match command:
            case Simple():
                return self.calls.simple(command, state, runs)
            case Chain(first=first, rest=rest):
                return self._chain(first, rest, state, runs)
            case Negation(command=inner):
                outcome = self._tested((inner,), state, runs)
                return Outcome(outcome.failed, outcome.succeeded)
            case Pipeline(commands=commands):
                return self._pipeline(commands, state, runs)
            case Group(body=body, is_subshell=True):
                return self.apart((Group(body, False),), state, runs)
            case Group(body=body):
                return self.script(body, state, runs)
            case Redirected(command=inner, redirects=redirects):
                return self.calls.redirected(inner, redirects, state, runs)
            case Branches(arms=arms, otherwise=otherwise):
                return self._branches(arms, otherwise, state, runs)
            case Case(word=word, arms=choices):
                return self._choice(word, choices, state, runs)
            case For() | While():
                return self._loop(command, state, runs)
            case Definition(name=name, body=body):
                return self._definition(name, body, state)
            case Test(parts=parts):
                expander = self.expander(state, runs)
                expander.effects(parts)
                if self.dialect.name == "zsh" and any(isinstance(each, Literal) for each in parts):
                    expander.ends = expander.ends or None
                return self.ended_by(expander) or either(expander.state)

    def expander(self, state: State, runs: bool | None) -> Expander:
        """The expander for words in a state."""
        return Expander(state, self.reader, self.dialect, self.printer(runs))

    def ended_by(self, expander: Expander) -> Outcome | None:
        """An outcome with nothing after it, if an expansion certainly ends the shell; one that may is recorded."""
        if expander.ends is False:
            return None
        self.flow.exit(False, expander.state)
        is_sure = expander.ends and not (
            self.dialect.name == "zsh" and self.calls.is_inside
        )  # zsh then ends only the `eval`
        return NOWHERE if is_sure else None

    def _tested(self, commands: Script | tuple[Command, ...], state: State, runs: bool | None) -> Outcome:
        """Follow a condition: one command, or a script."""
        self.flow.tests += 1
        if commands and isinstance(commands[0], tuple) and hasattr(commands[0], "is_background"):
            outcome = self.script(commands, state, runs)  # type: ignore[arg-type]
        else:
            outcome = self.command(commands[0], state, runs)  # type: ignore[arg-type]
        self.flow.tests -= 1
        return outcome

    def _definition(self, name: str, body: Command, state: State) -> Outcome:
        if self.dialect.name == "zsh" and HOOK.fullmatch(name):
            self.calls.lose(state, name)
            return either(state.lost())
        is_own = name in SPECIAL or name in ("local", "typeset", "declare", "time", "coproc")
        if is_own and self.dialect.name != "bash":  # an error, or never called, depending on the shell
            self.calls.lose(state, name)
            self.flow.exit(False)
            return either(state.lost())
        if self.dialect.name in ("dash", "sh") and not NAME.fullmatch(name):
            raise NotUnderstood  # "Bad function name"
        return Outcome(replace(state, functions={**state.functions, name: body}), None)

    def apart(self, commands: Iterable[Command], state: State, runs: bool | None) -> Outcome:
        """Follow commands in their own process: the last one decides the outcome; only their changes to files last."""
        outer, outcome = self.flow, Outcome(state, None)
        self.flow = Flow(is_in_loop=bool(outer.loops) or outer.is_in_loop)
        self.flow.tests = outer.tests
        if outer.returns is not None:
            self.flow.returns = []
        for each in commands:
            outcome = self.command(each, state, runs)
        outcome = self.ended(state, outcome)
        self.flow = outer
        ends = [each for each in outcome if each is not None]
        is_touched = state.is_touched or any(each.is_touched for each in ends)
        touched = replace(state, is_touched=is_touched, changed=state.changed | self.changed)
        return Outcome(touched if outcome.succeeded else None, touched if outcome.failed else None)

    def ended(self, state: State, outcome: Outcome = NOWHERE) -> Outcome:
        """The outcome of a process at its end, after its exit traps ran."""
        actions, self.flow.traps = self.flow.traps, []
        last = outcome.state
        for left in self.flow.left if actions else ():
            last = merged(last, left or state.lost())
        for status in self.flow.exits:
            outcome = outcome.joined(Outcome(None if status is False else state, None if status else state))
        for each in self.flow.returns or ():
            outcome, last = outcome.joined(each), merged(last, each.state)
        for action in actions:
            self.text(action, last or state.lost(), None)
        return either(state) if actions or outcome == NOWHERE else outcome

    def _pipeline(self, commands: tuple[Command, ...], state: State, runs: bool | None) -> Outcome:
        ends = [self.apart((each,), self.calls.piped(state, at), runs) for at, each in enumerate(commands[:-1])]
        inside = merged(state, _met(ends)) or state
        before = self.calls.is_piped
        self.calls.is_piped = True
        if self.dialect.is_last_part_own is False:
            last = self.apart(commands[-1:], inside, runs)
        else:
            last = self.command(commands[-1], inside, runs)
        self.calls.is_piped = before
        if self.dialect.is_last_part_own is None:
            last = last.joined(either(inside))
        if state.has_pipefail is False or all(each.failed is None for each in ends):
            return last
        is_sure = state.has_pipefail and any(each.succeeded is None for each in ends)
        return Outcome(None if is_sure else last.succeeded, last.state)

    def _chain(self, first: Command, rest: tuple[tuple[str, Command], ...], state: State, runs: bool | None) -> Outcome:
        before = self.flow.mark
        outcome = self._tested((first,), state, runs)
        for at, (operator, command) in enumerate(rest):
            runs = self.after(runs, before)
            before = self.flow.mark
            succeeded, failed = outcome
            here, other = (succeeded, failed) if operator == "&&" else (failed, succeeded)
            if here is None:
                if other is not None:  # never reached, but still reported
                    self.aside(command, other)
                continue
            reached = runs if other is None else maybe(runs)
            is_last = at == len(rest) - 1
            after = self.command(command, here, reached) if is_last else self._tested((command,), here, reached)
            if operator == "&&":
                outcome = Outcome(after.succeeded, merged(failed, after.failed))
            else:
                outcome = Outcome(merged(succeeded, after.succeeded), after.failed)
        return outcome

    def aside(self, command: Command, state: State) -> None:
        """Follow a command that is never reached, and discard its effects."""
        outer, self.flow = self.flow, Flow()
        self.flow.returns = []
        is_killed = self.is_killed
        self.command(command, state, False)
        self.flow, self.is_killed = outer, is_killed

    def _branches(
        self, arms: tuple[tuple[Script, Script], ...], otherwise: Script | None, state: State, runs: bool | None
    ) -> Outcome:
        found = NOWHERE
        here: State | None = state
        for condition, body in arms:
            if here is None:
                break
            before = self.flow.mark
            asked = self._tested(condition, here, runs)
            runs = self.after(runs, before)
            if asked.succeeded is not None:
                is_certain = asked.failed is None
                found = found.joined(self.script(body, asked.succeeded, runs if is_certain else maybe(runs)))
            here = asked.failed
            runs = maybe(runs) if asked.succeeded is not None else runs
        if here is not None:
            found = found.joined(Outcome(here, None) if otherwise is None else self.script(otherwise, here, runs))
        return found

    def _choice(
        self, word: Word, arms: tuple[tuple[tuple[Word, ...], Script], ...], state: State, runs: bool | None
    ) -> Outcome:
        expander = self.expander(state, runs)
        value = expander.value(word)
        ended = self.ended_by(expander)
        if ended is not None:
            return ended
        state, found, is_open = expander.state, NOWHERE, True
        for patterns, body in arms:
            matches = [_matches(each, value) for each in patterns]
            if True not in matches and None not in matches:
                continue
            is_sure = True in matches
            found = found.joined(self.script(body, state, runs if is_sure else maybe(runs)))
            if is_sure:
                is_open = False
                break
            runs = maybe(runs)
        return found.joined(Outcome(state, None)) if is_open else found

    # -- loops ---------------------------------------------------------------------------------------------------------

    def _loop(self, loop: For | While, state: State, runs: bool | None) -> Outcome:
        outer = self.flow.loops
        self.flow.loops = [*outer, Loop()]
        outcome: Outcome | None = None
        if isinstance(loop, For):
            state, values, outcome = self._values(loop, state, runs)
            if loop.name in state.readonly:  # an error, with which some shells end
                self.flow.exit(False, state)
                values = None
            if outcome is None and values is not None:
                outcome = self._each(loop, values, state, runs)
        if outcome is None:
            outcome = self._any_rounds(loop, state)
        own = self.flow.loops[-1]
        self.flow.loops = outer
        for each in own.broken:
            outcome = outcome.joined(Outcome(each, None))
        return outcome

    def _values(
        self, loop: For, state: State, runs: bool | None
    ) -> tuple[State, tuple[str, ...] | None, Outcome | None]:
        """The state in which a `for` begins, and its words; None if they are unknown, or too many to go through."""
        if loop.words is None:
            return state, state.arguments if len(state.arguments or ()) <= self._rounds else None, None
        expander = self.expander(state, runs)
        fields = expander.fields(loop.words)
        known = tuple(each.text for each in fields if each.text is not None)
        values = known if len(known) == len(fields) <= self._rounds else None
        return expander.state, values, self.ended_by(expander)

    def _each(self, loop: For, values: tuple[str, ...], state: State, runs: bool | None) -> Outcome:
        outcome, own = Outcome(state, None), self.flow.loops[-1]
        self._rounds -= len(values)
        for value in values:
            here = own.next(outcome.state)
            if here is None:
                break
            before = self.flow.mark
            outcome = self.script(loop.body, here.assigned(loop.name, value), runs)
            runs = self.after(runs, before)
        for each in own.continued:
            outcome = outcome.joined(either(each))
        return outcome

    def _any_rounds(self, loop: For | While, state: State) -> Outcome:
        """Follow any number of rounds: what holds before the first round and after each one holds in all of them."""
        before, own = state, self.flow.loops[-1]
        seen: list[Launch] = []
        stop: State | None = None
        for _ in range(4):
            kept, self.found = self.found, []
            stop, after = self._round(loop, before)
            self.found, seen = kept, self.found
            together = merged(before, own.next(after)) or before
            if together == before:
                break
            before = together
        else:  # four rounds found no state that holds in all
            self.calls.lose(before, "")
            before = before.lost()
            stop = merged(stop, before)
        self.found += seen
        return Outcome(stop, stop)

    def _round(self, loop: For | While, state: State) -> tuple[State | None, State | None]:
        """One round: the state if the loop ends before it, and the state after it."""
        if isinstance(loop, For):
            return state, self.script(loop.body, state.assigned(loop.name, None), None).state
        asked = self._tested(loop.condition, state, None)
        go, stop = (asked.failed, asked.succeeded) if loop.is_until else asked
        return stop, self.script(loop.body, go, None).state if go else None

    # -- texts ---------------------------------------------------------------------------------------------------------

    def text(self, text: str, state: State, runs: bool | None) -> Outcome:
        """Follow a text that the shell reads and runs."""
        self._characters -= len(text)
        if self._characters < 0:
            raise NotUnderstood
        try:
            script = parse_script(text, is_bash=self.dialect.has_bash_grammar)
        except NotUnderstood:
            self.calls.lose(state, text)
            self.flow.exit(None)
            return either(state.lost())
        before = self.calls.aliases, self.calls.has_lines
        self.calls.aliases, self.calls.has_lines = state.aliases, has_lines(text)
        outcome = self.script(script, state, runs)
        self.calls.aliases, self.calls.has_lines = before
        return outcome

    def within(self, reader: Reader, text: str, state: State, runs: bool | None) -> None:
        """Follow a text that is passed to another shell."""
        outer = self.reader, self.dialect, self.flow, self.calls.aliases, self.calls.is_piped
        self.reader, self.dialect, self.flow = reader, dialect_of(reader.kind), Flow()
        state = replace(state, ties=self.dialect.name == "zsh")
        self.ended(state, self.text(text, state, runs))
        self.reader, self.dialect, self.flow, self.calls.aliases, self.calls.is_piped = outer

    def printer(self, runs: bool | None) -> Outputs:
        """How an expansion gets the output of a script inside a word."""
        return lambda script, state: self.output(script, state, runs)

    def output(self, script: Script, state: State, runs: bool | None) -> str | None:
        """What a script prints, if known; what it starts is recorded."""
        # outside POSIX mode, bash clears `set -e` inside `$( … )`; in an unknown `sh`, either may hold
        inside = replace(state, exits_on_error=False) if self.dialect.name == "bash" else state
        if self.dialect.name == "sh" and state.exits_on_error:
            inside = replace(state, exits_on_error=None)
        self.calls.printed = self.apart((Group(script, False),), inside, runs)
        if len(script) != 1 or not isinstance(script[0].command, Simple) or script[0].is_background:
            return None
        simple = script[0].command
        if simple.assignments or any(each.descriptor != "2" for each in simple.redirects):
            return None
        if not all(_is_plain(word) for word in simple.words):
            return None
        expander = Expander(state, self.reader, self.dialect, lambda *_: None)
        fields = expander.fields(simple.words)
        if any(each.text is None for each in fields) or expander.ends is not False:
            return None
        words = tuple(each.text or "" for each in fields)
        return builtins.printed(words, state, self.reader, self.dialect)


def maybe(runs: bool | None) -> bool | None:
    """The same, but no longer certain."""
    return None if runs else runs


def _is_plain(word: Word) -> bool:
    """Whether a word can be expanded twice, because expanding it has no side effects."""
    return all(isinstance(part, Literal | Parameter) and getattr(part, "word", None) is None for part in word.parts)


def _matches(pattern: Word, value: str | None) -> bool | None:
    """Whether a pattern of a `case` matches; None if unknown."""
    if pattern.text == "*":
        return True
    if value is None or not all(isinstance(part, Literal) for part in pattern.parts):
        return None
    text = ""
    for part in pattern.parts:
        assert isinstance(part, Literal)
        if not part.quoted and set(part.text) & set("*?[~|(^#"):
            return None
        text += part.text
    return text == value


def _met(outcomes: list[Outcome]) -> State | None:
    found = None
    for each in outcomes:
        found = merged(found, each.state)
    return found
