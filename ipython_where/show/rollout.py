"""What a change of the workers' environments shows: what came of it, what changed where, and who has to be restarted.

Tested in `tests/show/test_rollout.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipython_where.change.values import Change, RolloutAnswer, RolloutPart
from ipython_where.model import Evidence, Finding

from .changes import KINDS, change_lines, local_time
from .screen import Line, Part, Row, Screen, Span, given, listed, names, path, plain, row, shortened, single

_OUTCOMES = {
    "changed": "changed",
    "planned": "would change",
    "unchanged": "unchanged",
    "failed": "failed",
    "unknown": "unknown",
}
"""In the order in which they are shown."""

_KERNEL, _SCHEDULER = "this kernel", "scheduler"
"""What those are called that are no workers."""


def rollout_screen(answer: RolloutAnswer) -> Screen:
    """The layout of a change of several environments, done or planned."""
    return Screen((_title(answer),), tuple(_rows(answer)), tuple(_details(answer)), _findings(answer), answer.verbose)


def _title(answer: RolloutAnswer) -> Part:
    made = _of(answer, "planned" if answer.dry_run else "changed")
    if not made:
        satisfied = dict.fromkeys(
            each for part in answer.parts if part.plan is not None for each in part.plan.satisfied
        )
        held = f": {names(tuple(satisfied))}" if satisfied else ""
        return plain(f"nothing to do in {_environments(answer.parts)}{held}")
    if answer.dry_run:
        return plain(_would(answer, made))
    done = _done(answer, made)
    restart = _to_restart(_restarted(answer))
    return (Span(f"{done}: "), Span(f"restart {restart}", "warn")) if restart else plain(done)


def _would(answer: RolloutAnswer, made: Sequence[RolloutPart]) -> str:
    where = f"{_environments(made)}, for {_workers(made)}"
    if answer.undoes:
        return f"would undo `{answer.undoes}` in {where}"
    return (
        f"would remove {_what(made)} from {where}" if _is_removal(made) else f"would install {_what(made)} in {where}"
    )


def _done(answer: RolloutAnswer, made: Sequence[RolloutPart]) -> str:
    where = f"{_environments(made)}, for {_workers(made)}"
    if answer.undoes:
        return f"`{answer.undoes}` was undone in {where}"
    what = f"{_what(made)} {'is' if len(_asked_for(made)) == 1 else 'are'}"
    return f"{what} removed from {where}" if _is_removal(made) else f"{what} installed in {where}"


def _is_removal(parts: Sequence[RolloutPart]) -> bool:
    return all(each.kind == "removed" for each in _all_changes(parts))


def _to_restart(names: Sequence[str]) -> str:
    others = len(names) - (_KERNEL in names)
    return " and ".join(
        [*(["the kernel"] if _KERNEL in names else []), *([_count(others, "worker")] if others else [])]
    )


def _what(parts: Sequence[RolloutPart]) -> str:
    return names(_asked_for(parts)) or _count(len(_all_changes(parts)), "distribution")


def _rows(answer: RolloutAnswer) -> Iterator[Row]:
    made = [each for each in answer.parts if each.outcome in ("changed", "planned")]
    for kind, verb in KINDS.items():
        items = [
            (*lines[:-1], (*lines[-1], *_where(change, made)))
            for change in _all_changes(made)
            if change.kind == kind
            for lines in (change_lines(change, with_reason=False),)
        ]
        yield from shortened(verb if answer.dry_run else kind, tuple(items), verbose=answer.verbose)
    for outcome, label in _OUTCOMES.items():
        lines = single(_environment(each) for each in _of(answer, outcome))
        yield from shortened(label, lines, verbose=answer.verbose)
    yield from shortened("restart", single(_restart_lines(answer)), verbose=answer.verbose)
    yield from shortened(
        "no answer", single((plain(each.name), plain(each.reason)) for each in answer.silent), verbose=answer.verbose
    )
    yield from given("later", answer.later)
    yield from given("installer", names(_installers(made)) or None)
    if answer.id is not None:
        yield row(
            "undo", (Span(f"`%safepip undo {answer.id} --on {answer.on}`", "command"),), plain(f"{answer.seconds} s")
        )


def _details(answer: RolloutAnswer) -> Iterator[Row]:
    yield row("command", plain(f"`{answer.command}`"))
    yield row("engine", plain(answer.engine))
    transactions = ((path(each.prefix), *_transaction(each)) for each in answer.parts if each.transaction is not None)
    yield from listed("transactions", transactions)
    yield from listed("workers", ((path(each.prefix), plain(", ".join(_occupants(each)))) for each in answer.parts))


def _transaction(part: RolloutPart) -> Iterator[Part]:
    if part.transaction is not None:
        yield plain(part.transaction.id)
        yield plain(local_time(part.transaction.when))


def _of(answer: RolloutAnswer, outcome: str) -> list[RolloutPart]:
    return [each for each in answer.parts if each.outcome == outcome]


def _changes(part: RolloutPart) -> tuple[Change, ...]:
    return part.plan.changes if part.plan is not None else ()


def _all_changes(parts: Sequence[RolloutPart]) -> list[Change]:
    """The different changes: the same one in several environments counts once."""
    found: dict[tuple[str, ...], Change] = {}
    for change in (change for part in parts for change in _changes(part)):
        found.setdefault(_same(change), change)
    return list(found.values())


def _same(change: Change) -> tuple[str, ...]:
    return (change.name, change.kind, change.old or "", change.new or "")


def _where(change: Change, parts: Sequence[RolloutPart]) -> Iterator[Part]:
    """In how many of the environments, if not in all of them."""
    where = [part for part in parts if any(_same(each) == _same(change) for each in _changes(part))]
    if len(where) < len(parts):
        yield plain(f"in {len(where)} of {len(parts)} environments")


def _asked_for(parts: Sequence[RolloutPart]) -> tuple[str, ...]:
    is_removal = _is_removal(parts)
    asked = (each for each in _all_changes(parts) if each.asked_for and (each.kind == "removed") is is_removal)
    return tuple(dict.fromkeys(f"{each.name} {each.new or each.old or '(version unknown)'}" for each in asked))


def _environment(part: RolloutPart) -> Line:
    what = f"{part.version} on {part.host}"
    problem = (plain(part.problem.message),) if part.problem is not None else ()
    return (path(part.prefix), plain(what), plain(names(_occupants(part))), *problem)


def _occupants(part: RolloutPart) -> tuple[str, ...]:
    return (*((_KERNEL,) if part.with_kernel else ()), *part.workers)


def _restarted(answer: RolloutAnswer) -> tuple[str, ...]:
    return tuple(name for part in answer.parts for name in part.restart)


def _restart_lines(answer: RolloutAnswer) -> Iterator[Line]:
    for part in answer.parts:
        if part.restart:
            yield (plain(names(part.restart)), plain("loaded what was replaced or removed"))


def _installers(parts: Sequence[RolloutPart]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.plan.installer for each in parts if each.plan is not None))


def _environments(parts: Sequence[RolloutPart]) -> str:
    return _count(len(parts), "environment")


def _workers(parts: Sequence[RolloutPart]) -> str:
    return _count(sum(name != _SCHEDULER for each in parts for name in each.workers), "worker")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _findings(answer: RolloutAnswer) -> tuple[Finding, ...]:
    """Those of the rollout, and of each plan, once: a finding that several environments share names them.

    Who has no part in it has none. That something is not installed is only told where it is nowhere; else the rows of the
    others tell where it was.
    """
    concerned = sum(each.plan is not None or each.outcome != "unchanged" for each in answer.parts)
    found: dict[tuple[str, str], tuple[Finding, list[str]]] = {}
    for part in answer.parts:
        for each in part.plan.findings if part.plan is not None else ():
            found.setdefault((each.id, each.message), (each, []))[1].append(part.prefix)
    shared = (
        _in(finding, where, concerned)
        for finding, where in found.values()
        if finding.id != "not-installed" or len(where) == concerned
    )
    return (*answer.findings, *shared)


def _in(finding: Finding, where: Sequence[str], number: int) -> Finding:
    if len(where) == number:
        return finding
    evidence = (*finding.evidence, *(Evidence(label="in", value=each) for each in where[:3]))
    return Finding(
        id=finding.id, severity=finding.severity, message=finding.message, evidence=evidence, hint=finding.hint
    )
