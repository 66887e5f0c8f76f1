"""The simple commands of a script: what their words mean to the shell, and which programs they start.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from dataclasses import replace

from ipython_where.judge.commands.written_files import changed_by, writes, written_by

from . import builtins
from .assignments import assign, value_of
from .builtin_call import Assigned, Breaks, Call, Done, Exits, Result, Returns, Trapped
from .declarations import DECLARING
from .dialects import SPECIAL
from .expansion import Expander, Field
from .follower import Follower
from .launch import Launch, hashed, is_activation
from .making import making
from .program_input import input_of, script_of
from .redirects import opened
from .restoring import left_by, restored, set_by
from .script import Command, Group, Redirect, Simple
from .state import NOWHERE, Evaluated, Outcome, State, either, merged
from .unwrapping import Wrapped, is_missing, unwrap
from .word_syntax import NotUnderstood, is_other_in_zsh

_CALLS = 20
"""The nesting limit for functions, `eval` and `sh -c`."""

_KEYWORDS = ("command", "builtin", "exec")
"""Builtins that carry out another command."""

_PRECEDING = ("time", "noglob", "nocorrect", "-")
"""Prefixes after which the shell still searches for the program itself, such as `command` and `exec`."""


class Calls:
    """Carries out simple commands for a walk. ``is_piped``: the input comes from another command's output.

    ``aliases`` existed when the shell began reading the text. If the text ``has_lines``, a shell may run one line
    before it reads the next, and then aliases defined on the way count too: always in dash, and in zsh if it reads the
    text as input.
    """

    def __init__(self, walk: Follower) -> None:
        self.walk = walk
        self.is_piped = False
        self.aliases: frozenset[str] = frozenset()
        self.has_lines = False
        self.printed: Outcome | None = None
        self._depth = 0

    @property
    def is_inside(self) -> bool:
        """Whether a function, an `eval` or a sourced file is running."""
        return self._depth > 0

    def piped(self, state: State, at: int) -> State:
        """The state in which a command of a pipeline starts."""
        self.is_piped = self.is_piped or at > 0
        return state

    def lose(self, state: State, text: str) -> None:
        """Record that anything may have been started here."""
        self.walk.found.append(Launch((Field(None),), state, None, text, is_lost=True))

    # -- one command ---------------------------------------------------------------------------------------------------

    def simple(self, simple: Simple, state: State, runs: bool | None) -> Outcome:
        """Follow a simple command, and record the files that its redirections create."""
        return self._written(self._simple(simple, state, runs), simple.redirects, state)

    def _written(self, outcome: Outcome, redirects: tuple[Redirect, ...], state: State) -> Outcome:
        """The outcome of a command whose redirections write files."""
        if not writes(redirects):
            return outcome
        names = [
            each.word and self.walk.expander(state, False).value(each.word) for each in redirects if writes((each,))
        ]
        changed = written_by(names, state)
        self.walk.changed |= changed

        def after(each: State | None) -> State | None:
            return each and replace(each, is_touched=True, changed=each.changed | changed)

        return Outcome(after(outcome.succeeded), after(outcome.failed))

    def _simple(self, simple: Simple, state: State, runs: bool | None) -> Outcome:
        """Follow a simple command: its words, then its redirections, then its assignments."""
        self.printed = None
        expander = self.walk.expander(state, runs)
        if self.walk.dialect.name == "zsh" and is_other_in_zsh(simple):
            raise NotUnderstood
        fields = expander.fields(simple.words)
        asked = expander.state, expander.ends
        is_open = self._opened(simple.redirects, expander)
        is_program = self._is_program(fields, expander.state)
        if is_program is not False or (self.walk.dialect.name == "dash" and fields and fields[0].text not in SPECIAL):
            is_open = self._in_child(is_open, asked, expander, simple, is_sure=is_program is not None)
        declared = tuple(value_of(each, expander) for each in simple.declared)
        self.printed = None if fields else self.printed
        given, is_open = self._assigned(simple, expander, is_open, is_program=is_program)
        assigned, status = expander.state, self.printed
        ended = self.walk.ended_by(expander)
        if expander.ends is not False or is_open is not True:
            runs = False if expander.ends or is_open is False else None if runs else runs
        if not fields:
            return ended or self._assignments_alone(assigned, is_open, status)
        state = self._without(assigned, state, simple)
        outcome = self._called(fields, simple, (given, declared), (state, assigned), runs)
        if ended is not None:
            return ended
        if is_open is True:
            return outcome
        failed = self._not_opened(fields, state)
        return failed if is_open is False else outcome.joined(failed)

    def _is_program(self, fields: tuple[Field, ...], state: State) -> bool | None:
        """Whether a command is a program, which gets its redirections in its own process; None if that is unknown."""
        name = fields[0].text if fields else None
        if not fields:  # zsh starts a `cat` for redirections alone
            return None if self.walk.dialect.name == "zsh" else False
        if name is None or state.is_lost or name in (*_KEYWORDS, *self.walk.dialect.keywords):
            return None
        return name not in state.functions and name not in self.walk.dialect.builtins

    def _in_child(
        self,
        is_open: bool | None,
        asked: tuple[State, bool | None],
        expander: Expander,
        simple: Simple,
        *,
        is_sure: bool,
    ) -> bool | None:
        """What expansions in a program's redirections did to the shell, and whether the program runs.

        bash and zsh make them in the program's process, dash in the shell itself, where those of here-documents end nothing.
        """
        before, ends = asked
        after = expander.state
        if expander.ends != ends:
            is_here = any(each.body is not None for each in simple.redirects)
            is_own = is_sure and (
                self.walk.dialect.name in ("bash", "zsh") or (self.walk.dialect.name == "dash" and is_here)
            )
            is_open = False if expander.ends and is_sure else None
            if is_own:
                expander.ends = ends
            elif not is_sure or self.walk.dialect.name == "sh":
                expander.ends = None
        if after.variables != before.variables and self.walk.dialect.name != "dash":
            kept = before if is_sure and self.walk.dialect.name != "sh" else merged(before, after) or after
            expander.state = replace(kept, is_touched=after.is_touched, changed=after.changed)
        return is_open

    def _assigned(
        self, simple: Simple, expander: Expander, is_open: bool | None, *, is_program: bool | None
    ) -> tuple[tuple[Assigned, ...], bool | None]:
        """Carry out the assignments before a command; those before a program are zsh's child's."""
        before, ends = expander.state, expander.ends
        given = assign(simple, expander, self.walk.dialect, self.lose)
        if self.walk.dialect.name != "zsh" or is_program is False or not simple.words:
            return given, is_open
        names = set_by(simple, self.walk.dialect)
        if expander.ends != ends:
            is_open = False if expander.ends and is_program else None
            expander.ends = ends if is_program else None
        found = expander.state.variables
        if any(found.get(name) != before.variables.get(name) for name in {*found, *before.variables} - names):
            for name in names:
                before = before.having(name, found.get(name))
            expander.state = before if is_program else merged(before, expander.state) or before
        return given, is_open

    def _without(self, after: State, before: State, simple: Simple) -> State:
        """The state without the assignments that apply to the command alone."""
        for name in set_by(simple, self.walk.dialect):
            after = after.having(name, before.variables.get(name))
        return after

    def _assignments_alone(self, assigned: State, is_open: bool | None, printed: Outcome | None) -> Outcome:
        """Without a command, assignments succeed, or take the status of the last `$( … )` in them."""
        if is_open is not True or printed is None:
            return Outcome(assigned if is_open is not False else None, assigned if is_open is not True else None)
        touched = replace(assigned, is_touched=True)
        return Outcome(touched if printed.succeeded else None, touched if printed.failed else None)

    def _opened(self, redirects: tuple[Redirect, ...], expander: Expander) -> bool | None:
        found: bool | None = True
        for each in redirects:
            if len(each.descriptor or "") > 1 and self.walk.dialect.name != "bash":
                raise NotUnderstood  # `10> file`: an argument `10` in others
            if each.body is not None:
                expander.value(each.body)
            opens = opened(each, expander)
            found = False if opens is False or found is False else None if opens is None or found is None else True
        return found

    def _not_opened(self, fields: tuple[Field, ...], state: State) -> Outcome:
        """The outcome of a failed redirection: with a special builtin, it ends a POSIX shell."""
        name = fields[0].text
        if name is None or (name in SPECIAL and self.walk.dialect.ends_on_special is not False) or name == "exec":
            self.walk.flow.exit(False)
            is_sure = name in SPECIAL and self.walk.dialect.ends_on_special
            return NOWHERE if is_sure else Outcome(None, state)
        return Outcome(None, state)

    def redirected(self, command: Command, redirects: tuple[Redirect, ...], state: State, runs: bool | None) -> Outcome:
        """Follow a compound command with redirections around it."""
        expander = self.walk.expander(state, runs)
        is_open = self._opened(redirects, expander)
        ended = self.walk.ended_by(expander)
        if ended is not None or is_open is False:
            self.walk.aside(command, expander.state)
            return ended or Outcome(None, expander.state)
        runs = runs if is_open else None if runs else runs
        before = self.is_piped
        self.is_piped = before or any(each.operator.startswith("<") for each in redirects)
        outcome = self.walk.command(command, expander.state, runs)
        self.is_piped = before
        outcome = self._written(outcome, redirects, state)
        if isinstance(command, Group) and command.is_subshell and expander.state.variables != state.variables:
            outcome = outcome.joined(either(state))  # all but dash expand them in the subshell
        return outcome if is_open else outcome.joined(Outcome(None, expander.state))

    # -- what is called ------------------------------------------------------------------------------------------------

    def _called(
        self,
        fields: tuple[Field, ...],
        simple: Simple,
        given: tuple[tuple[Assigned, ...], tuple[Assigned, ...]],
        states: tuple[State, State],
        runs: bool | None,
    ) -> Outcome:
        """Follow a call of a function, a builtin or a program.

        ``given`` holds the assignments before it and those that it declares; ``states`` are without and with the first
        ones.
        """
        (before, declared), (state, assigned) = given, states
        if fields[0].text is None:
            self.lose(state, simple.text)
            self.walk.flow.exit(None)
            return either(state.lost())
        for each in before:
            assigned = assigned.exported(each.name)
        meant = self._defined(fields[0].text, fields, before, simple, states=(state, assigned), runs=runs)
        if meant is not None:
            return meant
        inner, is_bare = self._behind_keywords(fields)
        call = Call(
            inner,
            declared,
            assigned,
            self.walk.reader,
            self.walk.dialect,
            is_bare,
            self.walk.flow.returns is not None,
        )
        done = None if state.is_lost else builtins.run(call)
        if done is None:
            return self._start(hashed(fields, state), simple, (state, assigned), runs)
        outcome = self._done(done, call, simple.text, runs)
        return self._kept(outcome, call, before, state, assigned)

    def _defined(
        self,
        name: str,
        fields: tuple[Field, ...],
        before: tuple[Assigned, ...],
        simple: Simple,
        *,
        states: tuple[State, State],
        runs: bool | None,
    ) -> Outcome | None:
        """What a name means before builtins and programs: an alias, a function or a keyword; None if it is neither."""
        state = states[0]
        bound = self.aliases | state.aliases if self.has_lines else self.aliases
        if name in bound and self.walk.dialect.expands_aliases is not False:
            self.lose(state, simple.text)
            self.walk.flow.exit(None)
            return either(state.lost())
        if not state.is_lost and name in state.functions:
            return self._function(fields, before, states=states, runs=runs, text=simple.text)
        if f"BASH_FUNC_{name}%%" in state.variables and self.walk.dialect.name == "bash" and name != "which":
            self.lose(state, simple.text)
            return either(state.lost())
        if name in ("coproc", "repeat", "foreach", "end") and name in self.walk.dialect.keywords:
            return self._keyword(name, simple, state, runs)
        return None

    def _kept(
        self, outcome: Outcome, call: Call, before: tuple[Assigned, ...], state: State, assigned: State
    ) -> Outcome:
        """Assignments before a builtin persist if it is a special one in a POSIX shell, and in a few more cases."""
        dialect = self.walk.dialect
        keeps = dialect.keeps_special if call.is_special else False
        if dialect.name == "zsh" and call.name in ("alias", "hash"):  # they read their arguments as assignments
            keeps = True if call.is_bare else None
        named = [
            each for each in before if each.name in call.known or each.name in {own.name for own in call.assignments}
        ]
        if dialect.name == "bash" and call.name in DECLARING and named:
            # `P=x export P` exports this value for good; the others do so with some of their options only
            is_plain = call.name in ("export", "readonly") and not any(word.startswith("-") for word in call.known)
            before, keeps = (tuple(each for each in before if each not in named), keeps) if is_plain else (before, None)
        if keeps or not before:
            return outcome
        return restored(
            outcome, before, state, assigned, keeps=keeps, is_exact=call.name not in ("export", "eval", ".")
        )

    def _keyword(self, name: str, simple: Simple, state: State, runs: bool | None) -> Outcome:
        """Follow `coproc COMMAND`, which runs beside the shell; zsh's other keywords are not followed."""
        if name != "coproc" or len(simple.words) < 2:
            self.lose(state, simple.text)
            self.walk.flow.exit(None)
            return either(state.lost())
        inner = simple._replace(words=simple.words[1:], text=simple.text.partition("coproc")[2].strip())
        self.walk.apart((inner,), state, runs)
        return Outcome(replace(state, is_touched=True), None)

    def _behind_keywords(self, fields: tuple[Field, ...]) -> tuple[tuple[Field, ...], bool]:
        """The command without any leading `command` and `builtin`, and whether there were none."""
        words = {"bash": ("command", "builtin"), "zsh": ("builtin",)}.get(self.walk.dialect.name, ("command",))
        given = fields
        while fields[0].text in words and fields[1:] and (fields[1].text or "-")[:1] != "-":
            if fields[0].text == "builtin" and fields[1].text not in self.walk.dialect.builtins:
                break
            fields = fields[1:]
        return fields, fields is given

    # -- what comes of it ----------------------------------------------------------------------------------------------

    def _done(self, done: Done, call: Call, text: str, runs: bool | None) -> Outcome:
        """The outcome of a builtin; the text of one that runs text (`eval`) is followed."""
        flow = self.walk.flow
        match done:
            case Exits(status=status):
                flow.exit(status, call.state)
                return NOWHERE
            case Returns(status=status, state=state):
                return self._return(status, state)
            case Breaks():
                return self._break(done)
            case Trapped():
                return self._trap(done, text)
            case Evaluated():
                return self._evaluated(done, runs)
            case Result(outcome=outcome, may_end=may_end, is_dark=is_dark, kills=kills):
                if is_dark and outcome.state:
                    self.lose(outcome.state, text)
                if may_end:
                    flow.exit(None)
                self.walk.is_killed = self.walk.is_killed or kills
                if kills:
                    self.walk.found = [each._replace(runs=None if each.runs else each.runs) for each in self.walk.found]
                return outcome

    def _return(self, status: bool | None, state: State) -> Outcome:
        left = Outcome(None if status is False else state, None if status else state)
        if self.walk.flow.returns is not None:
            self.walk.flow.returns.append(left)
            return NOWHERE
        self.walk.flow.exit(status)
        return Outcome(None, state) if self.walk.dialect.name in ("bash", "sh") else NOWHERE

    def _break(self, done: Breaks) -> Outcome:
        loops, flow = self.walk.flow.loops, self.walk.flow
        if not loops:
            flow.exit(None)
            return either(done.state)
        loop = loops[-min(done.depth, len(loops))]
        if done.depth > len(loops) and flow.is_in_loop:
            flow.exit(None)
        (loop.continued if done.is_continue else loop.broken).append(done.state)
        return NOWHERE

    def _trap(self, done: Trapped, text: str) -> Outcome:
        """Follow a trap: an exit trap runs when the process ends; one for a signal, or after each command, any time."""
        harmless = {"INT", "TERM", "HUP", "QUIT", "1", "2", "3", "15", "PIPE", "13"}
        names = {each.upper().removeprefix("SIG") for each in done.signals}
        is_own = self.walk.flow.returns is not None and self.walk.dialect.name != "bash"
        if names & {"EXIT", "0"} and not is_own and not self._depth:
            self.walk.flow.traps.append(done.action)
            names -= {"EXIT", "0"}
        if names - harmless:
            self.lose(done.state, text)
            self.walk.flow.exit(None)
            return either(done.state.lost())
        if names:
            self.walk.flow.traps.append(done.action)
        return either(done.state)

    def _evaluated(self, done: Evaluated, runs: bool | None) -> Outcome:
        if self._depth >= _CALLS:
            return self._too_deep(done.state, done.text)
        self._depth += 1
        flow = self.walk.flow
        outer = flow.returns
        if done.is_file:
            flow.returns = []
        outcome = self.walk.text(done.text, done.state, runs)
        if done.is_file:
            for each in flow.returns or ():
                outcome = outcome.joined(each)
            flow.returns = outer
        self._depth -= 1
        if not done.may_be_empty:
            return outcome
        self.lose(done.state, done.text)
        return outcome.joined(Outcome(None, done.state.lost()))

    def _too_deep(self, state: State, text: str) -> Outcome:
        self.lose(state, text)
        self.walk.flow.exit(None)
        return either(state.lost())

    def _function(
        self,
        fields: tuple[Field, ...],
        before: tuple[Assigned, ...],
        *,
        states: tuple[State, State],
        runs: bool | None,
        text: str,
    ) -> Outcome:
        state, assigned = states
        body = state.functions[fields[0].text or ""]
        if self._depth >= _CALLS or body is None:
            return self._too_deep(state, text)
        known = all(each.text is not None for each in fields)
        given = tuple(each.text or "" for each in fields[1:]) if known else None
        flow = self.walk.flow
        outer = (flow.returns, flow.loops, flow.is_in_loop)
        flow.is_in_loop = flow.is_in_loop or bool(flow.loops)
        flow.returns, flow.loops = [], []
        self._depth += 1
        outcome = self.walk.command(
            body,
            replace(assigned, arguments=given, locals={}, own_options=None, covered=state.covered | set(state.locals)),
            runs,
        )
        self._depth -= 1
        for each in flow.returns:
            outcome = outcome.joined(each)
        flow.returns, flow.loops, flow.is_in_loop = outer
        succeeded, failed = outcome
        outcome = Outcome(succeeded and left_by(succeeded, state), failed and left_by(failed, state))
        keeps = self.walk.dialect.keeps_called
        return outcome if keeps else restored(outcome, before, state, assigned, keeps=keeps, is_exact=False)

    # -- programs ------------------------------------------------------------------------------------------------------

    def _start(
        self, fields: tuple[Field, ...], simple: Simple, states: tuple[State, State], runs: bool | None
    ) -> Outcome:
        """Follow a program that is started; `env`, `sudo` and the like start another one, and `sh -c` starts a script."""
        state, given = states
        walk = self.walk
        is_quoted = bool(simple.words) and simple.words[0].text != fields[0].text
        is_assigned = bool(simple.assignments) or is_quoted
        is_keyword = fields[0].text in ("command", "exec", *_PRECEDING)
        if fields[0].text is None or (is_keyword and any(each.text in state.programs for each in fields)):
            return self._too_deep(state, simple.text)
        seen = unwrap(fields, given, walk.reader, walk.dialect, is_assigned=is_assigned)
        if seen.builtin:  # `exec` or `time` before something that the shell runs itself
            return self._wrapped_builtin(seen, simple, state, runs)
        after = replace(state, is_touched=True)
        if seen.may_fail or seen.repeats or state.is_lost:
            runs = None if runs else runs
        text = script_of(seen, simple, state if state == given or not simple.assignments else None, walk)
        if text is not None and not seen.is_lost:
            self._inner_shell(seen, text, runs, simple)
            after = replace(after, changed=after.changed | walk.changed)
            return self._replaced(seen, state) or either(after)
        launch = Launch(seen.fields, seen.state, runs, simple.text, simple.redirects, seen.is_lost)
        read = input_of(simple, walk.expander(state, False), is_piped=self.is_piped)
        launch = launch._replace(missing=seen.missing, repeats=seen.repeats, input=read)
        launch = launch._replace(is_direct=len(seen.fields) == len(fields))
        walk.found.append(launch._replace(is_plain=seen.fields is fields and self._depth == 0))
        return self._replaced(seen, state) or self._after(launch, seen, state, after)

    def _after(self, launch: Launch, seen: Wrapped, state: State, after: State) -> Outcome:
        """The states that a program may leave: it may be missing, make an environment, or change files."""
        if (is_activation(seen.fields, launch.state) and not seen.is_lost) or seen.missing:
            return Outcome(None, state)  # it fails, and has created no file
        if launch.name is not None and not seen.is_lost and is_missing(launch.name, launch.state, self.walk.reader):
            return self._not_there(launch.name, state, after)
        made = making(launch.fields, launch.state)
        if made:
            return Outcome(replace(after, made={**after.made, **made}), after)
        changed = frozenset[str]()
        if launch.name is not None and not seen.is_lost:
            changed = changed_by(launch.fields, launch.state)
            self.walk.changed |= changed
            after = replace(after, changed=after.changed | self.walk.changed)
        return either(state if launch.name in builtins.HARMLESS and not changed else after)

    def _replaced(self, seen: Wrapped, state: State) -> Outcome | None:
        """With `exec`, nothing runs after it, not even an exit trap."""
        if not seen.replaces:
            return None
        self.walk.flow.exit(None, state)
        return NOWHERE

    def _not_there(self, name: str, state: State, after: State) -> Outcome:
        """A program that doesn't exist: a function of the script may stand in for it."""
        handlers = {"command_not_found_handle", "command_not_found_handler"}
        if handlers & set(state.functions) or any(f"BASH_FUNC_{each}%%" in state.variables for each in handlers):
            self.lose(state, name)
            return either(after)
        return Outcome(None, state)

    def _wrapped_builtin(self, seen: Wrapped, simple: Simple, state: State, runs: bool | None) -> Outcome:
        """zsh runs functions and builtins behind `exec`, `noglob` and `time`; other shells do so only behind `time`."""
        words = simple.words[len(simple.words) - len(seen.fields) :]
        if seen.is_lost or len(words) != len(seen.fields) or seen.replaces:
            return self._too_deep(state, simple.text)
        inner = simple._replace(assignments=(), words=words, redirects=())
        return self.walk.command(inner, state, runs)

    def _inner_shell(self, seen: Wrapped, text: str, runs: bool | None, simple: Simple) -> None:
        """Follow the script of `sh -c`, as that shell reads it."""
        environ = {name: each.value for name, each in seen.state.variables.items() if each.value is not None}
        walk = self.walk
        inner = None if seen.state.cwd is None else walk.reader.of_shell(seen.shell or "", environ, seen.state.cwd)
        if inner is None or seen.state.is_lost or self._depth >= _CALLS:
            if seen.state.is_lost or not is_missing(seen.shell or "", seen.state, walk.reader):
                self.lose(seen.state, simple.text)
            return
        self._depth += 1
        walk.within(inner, text, seen.state, runs)
        self._depth -= 1
