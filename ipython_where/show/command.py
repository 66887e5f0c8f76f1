"""What `%where !COMMAND` shows: each package manager in a command line, what it would do, and to which environment."""

from __future__ import annotations

from ipython_where.judge.commands.invocations import CommandAnswer, Invocation

from .screen import Line, Part, Row, Screen, Span, given, names, path, plain, proof, row

_VERBS = {"install": "installs", "uninstall": "uninstalls"}


def command_screen(answer: CommandAnswer) -> Screen:
    """The layout of an answer about a command line."""
    found = answer.invocations
    rows = tuple(row for each in found for row in _invocation(each, named=len(found) > 1))
    return Screen(_title(answer), rows, (), answer.findings, answer.verbose)


def _title(answer: CommandAnswer) -> Line:
    command: Part = (Span(" ".join(answer.command.split()), "name"),)
    if not answer.invocations:
        return (command, plain("starts no known package manager"))
    return (command,)


def _invocation(each: Invocation, *, named: bool) -> tuple[Row, ...]:
    return (
        *(() if not named else (row("command", (Span(" ".join(each.text.split()), "name"),)),)),
        *_action(each),
        *_place(each),
        *given("runs", _reached(each)),
        *_started(each),
        row("because", proof(each.reason)),
    )


def _action(each: Invocation) -> tuple[Row, ...]:
    if each.changes:
        wanted = plain("unknown") if each.requirements is None else plain(names(each.requirements) or "nothing named")
        return (row(_VERBS[each.action], wanted),)
    told = {"read": "changes no environment", "other": "installs nothing into an environment", "unknown": "unknown"}
    return (row("does", plain(told[each.action])),)


def _place(each: Invocation) -> tuple[Row, ...]:
    if not each.changes or (each.runs is False and each.target is None):
        return ()
    label = "into" if each.action == "install" else "from"
    same: Part = {
        True: (Span("this kernel's environment", "good"),),
        False: (Span("not this kernel's environment", "warn"),),
        None: plain("unknown whether it is this kernel's"),
    }[each.same_environment]
    target = each.target
    where = target and (target.directory or target.interpreter or target.prefix)
    return (row(label, *((path(where),) if where else ()), same),)


def _reached(each: Invocation) -> str | None:
    if each.runs is None:
        return "depends on the command before it"
    return "never" if each.runs is False else None


def _started(each: Invocation) -> tuple[Row, ...]:
    started = each.started
    if started is None or started.file is None:
        return ()
    python = ((Span("by "), *path(started.interpreter)),) if started.interpreter else ()
    return (row("starts", path(started.file), *python),)
