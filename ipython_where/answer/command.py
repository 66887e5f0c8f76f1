"""Where would a command line install? Reads, follows and judges the command, and never runs it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from ipython_where.facts.interpreters.executables import read_interpreter
from ipython_where.facts.shell.shell import find_shell, read_state
from ipython_where.facts.shell.shell_reader import ShellReader
from ipython_where.judge.commands.invocations import CommandAnswer, Invocation, unknown
from ipython_where.judge.commands.judgement import WORDS, judge
from ipython_where.judge.commands.kernel import Kernel
from ipython_where.judge.commands.reader import Reached
from ipython_where.judge.commands.redirection import Instead, instead_of
from ipython_where.judge.commands.references import as_typed, with_stand_ins
from ipython_where.judge.commands.shell.launch import Launch
from ipython_where.judge.commands.shell.sequence import Sequence, sequence_of
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.shell.walk import launches, script_of
from ipython_where.judge.commands.shell.word_syntax import NoGrammar, NotUnderstood
from ipython_where.judge.diagnose.command import diagnose_command
from ipython_where.judge.diagnose.in_conda import is_condas
from ipython_where.judge.diagnose.way import fitting, way_of
from ipython_where.model import Finding
from ipython_where.redact import learn
from ipython_where.runner import QUESTION, Deadline, Runner, Within

from .world import World

_POSIX = ("bash", "dash", "sh", "ash", "busybox", "zsh", "ksh", "ksh93", "mksh")
_PLAIN = re.compile(r"\s*[\w./@:+,-]+(?: +[\w./@:+,=-]+)*\s*")
"""A line that every shell reads the same way."""

_TOOL = re.compile(rf"\b(pipx|{'|'.join(WORDS)})(?:[\d.]+|x)?\b")
_HIDING = re.compile(
    r"(?:^|[;&|({!]|\b(?:do|then|else)\b)\s*(eval|source|\.|(?:ba|da|z|k|mk|a)?sh)(?=\s)", re.MULTILINE
)
"""Commands that run code from somewhere else."""

NO_GRAMMAR = "`tree-sitter` or `tree-sitter-bash` cannot be loaded"

Judged = tuple[tuple[Launch, tuple[Invocation, ...]], ...]


class Followed(NamedTuple):
    """Each launch of a line with its package managers, what could not be understood, and the line as a sequence if it is one.

    ``reader`` is None if the line was not followed.
    """

    judged: Judged = ()
    unread: tuple[Invocation, ...] = ()
    sequence: Sequence | None = None
    reader: ShellReader | None = None


Accepts = Callable[[tuple[str, ...]], bool]
"""Whether `%safepip` accepts a line of these words."""


def _accepts_none(words: tuple[str, ...]) -> bool:
    return False


def judge_command(
    text: str,
    world: World,
    *,
    typed: str | None = None,
    program: str | None = None,
    run: Runner | None = None,
    accepts: Accepts = _accepts_none,
    verbose: bool = False,
) -> CommandAnswer:
    """What ``text`` would change if a shell ran it: ``program``, or the shell that ``!`` starts.

    ``typed`` is the line before IPython expanded it to ``text``: where a variable holds a secret, the answer shows the
    variable. ``run`` is used only for what files can't decide (what a start-up file does to PATH, an unknown kind of `pip`).
    A `%safepip` line is proposed if ``accepts`` takes it (`change.request.request.is_accepted`).
    """
    run = Within(run=run or world.door, deadline=Deadline.after(QUESTION))
    learn(text)
    hidden = with_stand_ins(text, typed, world.environ)
    answer = _answer(text, world, program, run, accepts, verbose)
    if hidden is None:
        return answer
    named = _answer(hidden.text, replace(world, environ=hidden.variables), program, run, accepts, verbose)
    if _gist(named) != _gist(answer):  # the shell parses the value as more than one word
        return answer
    shown: CommandAnswer = as_typed(replace(named, safepip=named.safepip or answer.safepip), hidden.stand_ins)
    return shown


def safepip_instead(
    text: str,
    world: World,
    accepts: Accepts,
    *,
    program: str | None = None,
    run: Runner | None = None,
    is_input: bool = False,
) -> Instead | None:
    """The `%safepip` lines that do what ``text`` would do, unmasked: any secrets are still in them.

    ``is_input``: the shell reads the text from its input, as that of a `%%bash` cell.
    """
    program = program or find_shell(world.environ, world.system.cwd)
    kernel = _kernel(world)
    followed = _follow(text, program, kernel, world, run or world.door)
    return _instead(followed, accepts, kernel, text if is_input else None)


def follow(text: str, world: World, *, program: str | None, run: Runner) -> Followed:
    """What ``text`` would start if a shell ran it."""
    return _follow(text, program or find_shell(world.environ, world.system.cwd), _kernel(world), world, run)


def _gist(answer: CommandAnswer) -> Any:
    """What an answer says, apart from its wording."""
    used = [(each.tool, each.action, each.target, each.same_environment, each.runs) for each in answer.invocations]
    return used, [each.id for each in answer.findings]


def _answer(
    text: str, world: World, program: str | None, run: Runner, accepts: Accepts, verbose: bool
) -> CommandAnswer:
    kernel, way = _kernel(world), way_of(sys.platform, world.system.modules)
    program = program or find_shell(world.environ, world.system.cwd)
    followed = _follow(text, program, kernel, world, run)
    judged = followed.judged
    instead = _instead(followed, accepts, kernel) if way == "safepip" else None
    invocations = tuple(each for _, found in judged for each in found) + followed.unread
    return CommandAnswer(
        command=text,
        kernel=kernel.executable,
        kernel_version=kernel.version,
        invocations=invocations,
        findings=fitting(
            (
                *diagnose_command(judged, kernel, _versions(invocations, world), cwd=world.system.cwd),
                *_beneath(judged, kernel, world),
            ),
            way,
        ),
        safepip=instead.lines if instead else (),
        verbose=verbose,
    )


def _kernel(world: World) -> Kernel:
    known = world.interpreter
    user_site = (known["user_site"],) if known["user_site_enabled"] and known["user_site"] else ()
    path = (*world.path, *user_site)
    return Kernel(
        executable=known["executable"],
        version=known["version"],
        prefix=known["prefix"],
        path=path,
        manager=_manager(world),
    )


def _manager(world: World) -> Literal["conda", "pixi"] | None:
    if not world.conda.all:
        return None
    from ipython_where.facts.conda.prefix import CondaPrefix

    return "conda" if CondaPrefix(world.conda.prefix).pixi is None else "pixi"


def _beneath(judged: Judged, kernel: Kernel, world: World) -> tuple[Finding, ...]:
    """What conda doesn't know of, and a change by conda would overwrite or orphan; nothing else is read for it."""
    uses = [each for _, found in judged for each in found if is_condas(each) and each.changes]
    uses = [each for each in uses if each.same_environment is True and each.runs is not False]
    if not uses or kernel.manager is None:
        return ()
    from ipython_where.judge.diagnose.conda import beneath_finding

    from .conda_changes import effects_of

    effects = effects_of(uses, world)
    return (beneath_finding(effects),) if effects else ()


def _follow(text: str, program: str | None, kernel: Kernel, world: World, run: Runner) -> Followed:
    """Follow a line through the shell that reads it."""
    # Ask the shell what a start-up file does to PATH even where the command itself is only read.
    asked = Within(run=world.door, deadline=Deadline.after(QUESTION))
    state = read_state(program, world.environ, world.system.cwd, asked)
    if isinstance(state, Reached):
        return Followed(unread=_unread(text, state.evidence))
    reader = ShellReader(state=replace(state, run=run), platform=sys.platform)
    if reader.kind not in _POSIX and not _PLAIN.fullmatch(text):
        return Followed(unread=_unread(text, f"the grammar of `{reader.kind}` is not followed"))
    try:
        script = script_of(text, reader)
        cwd = _logical(state.environ.get("PWD"), world.system.cwd, reader)
        found = launches(text, initial_state(state.environ, cwd), reader, script)
    except NoGrammar:
        return Followed(unread=_unread(text, f"not understood: {NO_GRAMMAR}"))
    except NotUnderstood:
        return Followed(unread=_unread(text, "part of the command line is not understood"))
    for launch in found:  # before reporting anything: a secret may be assigned to a variable before its use
        learn(" ".join(field.text or "" for field in launch.fields))
    judged = tuple((launch, tuple(judge(launch, kernel, reader))) for launch in found)
    sequence = sequence_of(script) if any(found for _, found in judged) else None
    return Followed(judged, sequence=sequence, reader=reader)


def _logical(pwd: str | None, cwd: str, reader: ShellReader) -> str:
    """The working directory as a shell spells it: PWD if that is correct, else the physical path (POSIX)."""
    is_name = pwd is not None and os.path.isabs(pwd) and os.path.normpath(pwd) == pwd
    return pwd if pwd and is_name and reader.is_same(pwd, cwd) else cwd


def _unread(text: str, reason: str) -> tuple[Invocation, ...]:
    plain = text.replace("\\\n", "")
    tool = _TOOL.search(plain) or _HIDING.search(plain)
    if tool is None:
        return ()
    return (unknown(text, tool=tool[1], reason=reason),)


def _versions(invocations: tuple[Invocation, ...], world: World) -> dict[str, str | None]:
    named = {each.target.interpreter for each in invocations if each.target and each.target.interpreter}
    read = {path: read_interpreter(path, environ=world.environ) for path in named}
    return {path: python.version if python else None for path, python in read.items()}


def _instead(followed: Followed, accepts: Accepts, kernel: Kernel, cell: str | None = None) -> Instead | None:
    if followed.reader is None:
        return None
    found = instead_of(followed.judged, followed.sequence, kernel, followed.reader, cell=cell)
    return found if found and all(map(accepts, found.lines)) else None
