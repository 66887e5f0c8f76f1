"""What `%safepip` shows: the verdict first, then what changed, which installer did it, and how to undo it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipython_where.change.values import (
    Change,
    ChangedModule,
    InstallAnswer,
    PageVerdict,
    Transaction,
    Verdict,
)
from ipython_where.model import Finding

from .changes import KINDS, change_lines, local_time
from .screen import (
    UNKNOWN,
    Item,
    Line,
    Part,
    Row,
    Screen,
    Span,
    given,
    listed,
    names,
    path,
    plain,
    remainder,
    row,
    shortened,
    single,
    size,
)

_LOG = 200
"""How many log lines a saved notebook contains: a build writes thousands. The answer itself has them all."""


def install_screen(answer: InstallAnswer) -> Screen:
    """The layout of an install or uninstall, done or planned."""
    return Screen((_title(answer),), _rows(answer), _details(answer), _findings(answer), answer.verbose)


# -- the verdict, in one sentence --------------------------------------------------------------------------------------


def _title(answer: InstallAnswer) -> Part:
    changes, verdict = answer.changes, answer.verdict
    if not changes:
        return plain(_nothing_to_do(answer.plan.satisfied))
    if answer.dry_run:
        there = "" if answer.place.is_this_process else _there(answer)
        return plain(f"would {_planned(changes)}{there}")
    if answer.transaction is None:
        return plain("nothing was changed")
    if not answer.place.is_this_process:
        return _in_server(answer)
    if answer.transaction.undoes is not None and not (verdict is not None and verdict.restart):
        return plain(f"`{answer.transaction.undoes}` was undone")
    if verdict is not None and verdict.invisible:
        hidden = tuple(each.name for each in verdict.invisible)
        return (Span(names(hidden), "name"), Span(f" {_are(hidden)} not visible to this kernel"))
    if verdict is not None and verdict.restart:
        return (Span("restart the kernel", "warn"), Span(f": {_outdated(verdict.restart, changes)}"))
    return _done(changes, verdict)


_STEPS = {"reload": "reload the page", "restart": "restart the server, then open the page again"}


def _in_server(answer: InstallAnswer) -> Part:
    """What changed in the server's environment, and what to do about the page."""
    transaction, step = answer.transaction, _STEPS.get(answer.page.step if answer.page else "nothing")
    if transaction is not None and transaction.undoes is not None:
        done = plain(f"`{transaction.undoes}` was undone")
    else:
        done = _done(answer.changes, None)
    there = _there(answer)
    return (*done, Span(f"{there}: "), Span(step, "warn")) if step else (*done, Span(there))


def _there(answer: InstallAnswer) -> str:
    return f" in {answer.place.noun}'s environment"


def _nothing_to_do(satisfied: tuple[str, ...]) -> str:
    if len(satisfied) != 1:
        found = tuple(
            dict.fromkeys(each for _, each in map(_halves, satisfied) if each and not each.endswith(_UNNEEDED))
        )
        if found and all(each for _, each in map(_halves, satisfied)):
            return f"nothing to do: {names(found)} {_are(found)} installed"
        return f"nothing to do: all {len(satisfied)} requirements are satisfied" if satisfied else "nothing to do"
    requirement, distribution = _halves(satisfied[0])
    if distribution.endswith(_UNNEEDED):
        return f"nothing to do: {requirement} is not needed here"
    held = f"{_without_marker(requirement)} is satisfied"
    return f"nothing to do: {held} by {distribution}" if distribution else f"nothing to do: {held}"


_UNNEEDED = " (not needed here)"


def _halves(satisfied: str) -> tuple[str, str]:
    """The requirement and what satisfies it, the latter empty if it is not said."""
    requirement, by, distribution = satisfied.rpartition(" by ")
    return (requirement, distribution) if by else (distribution, "")


def _satisfied(satisfied: str) -> str:
    """What a satisfied requirement says, without the marker that holds here."""
    requirement, distribution = _halves(satisfied)
    if not distribution or distribution.endswith(_UNNEEDED):
        return satisfied
    return f"{_without_marker(requirement)} by {distribution}"


def _without_marker(requirement: str) -> str:
    return requirement if "://" in requirement else requirement.partition(";")[0].strip()


def _planned(changes: Sequence[Change]) -> str:
    removed, others = _removed(changes)
    if not removed:
        return f"install {_distributions(others, changes)}"
    if not others:
        return f"remove {_distributions(removed, changes)}"
    return f"install {_distributions(others, changes)} and remove {removed}"


def _done(changes: Sequence[Change], verdict: Verdict | None) -> Part:
    """The requested distributions, and that they can be imported, if the names of the importable modules prove that."""
    asked = [change for change in changes if change.asked_for and change.kind != "removed"]
    if not asked:
        return plain(_counted(changes))
    title = _named(asked)
    if verdict is not None and _is_proven(asked, verdict):
        return (*title, Span(" can be imported now"))
    if verdict is not None and verdict.importable and len(changes) == 1:
        return (*title, Span(f" can be imported now as {names(verdict.importable)}"))
    return (*title, Span(f" {_are(asked)} installed"))


def _named(changes: Sequence[Change]) -> Part:
    """The changed distributions with their versions, as many as fit into a title."""
    shown, more = (changes, 0) if len(changes) <= 3 else (changes[:2], len(changes) - 2)
    spans: list[Span] = []
    for number, change in enumerate(shown):
        if number:
            spans.append(Span(", " if number < len(shown) - 1 or more else " and "))
        spans += [Span(change.name, "name"), Span(f" {change.new or '(version unknown)'}")]
    return (*spans, Span(f" and {more} more")) if more else tuple(spans)


def _counted(changes: Sequence[Change]) -> str:
    removed, others = _removed(changes)
    if not removed:
        return f"{_distributions(others, changes)} installed"
    if not others:
        return f"{_distributions(removed, changes)} removed"
    return f"{_distributions(others, changes)} installed and {removed} removed"


def _removed(changes: Sequence[Change]) -> tuple[int, int]:
    removed = sum(change.kind == "removed" for change in changes)
    return removed, len(changes) - removed


def _distributions(number: int, changes: Sequence[Change] = ()) -> str:
    noun = "package" if any(each.is_conda for each in changes) else "distribution"
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _outdated(loaded: Sequence[ChangedModule], changes: Sequence[Change]) -> str:
    distributions = tuple(dict.fromkeys(module.distribution for module in loaded))
    gone = {_key(change.name) for change in changes if change.kind == "removed"}
    if all(module.loaded_from for module in loaded):
        verb = "hides" if len(loaded) == 1 else "hide"
        return f"{len(loaded)} loaded module{'' if len(loaded) == 1 else 's'} {verb} what was installed ({names(distributions)})"
    verb = "removed" if {_key(name) for name in distributions} <= gone else "changed"
    return f"{len(loaded)} loaded module{'' if len(loaded) == 1 else 's'} {verb} ({names(distributions)})"


def _is_proven(asked: Sequence[Change], verdict: Verdict) -> bool:
    """Whether each has an importable module of its own name; which modules belong to `scikit-learn` is unknown here."""
    importable = {_key(name) for name in verdict.importable}
    return all(_key(change.name) in importable for change in asked)


def _key(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _are(named: Sequence[object]) -> str:
    return "is" if len(named) == 1 else "are"


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows(answer: InstallAnswer) -> tuple[Row, ...]:
    plan, verbose = answer.plan, answer.verbose
    satisfied = single((plain(_satisfied(each)),) for each in plan.satisfied)
    if not answer.changes:
        return shortened("satisfied", satisfied, verbose=verbose) if len(satisfied) > 1 else ()
    return (
        *(_verdict(answer.verdict, answer) if answer.transaction and answer.place.is_this_process else ()),
        *(_page(answer.page, answer) if answer.page else ()),
        *(each for label, items in _changes(answer) for each in shortened(label, items, verbose=verbose)),
        *shortened("satisfied", satisfied, verbose=verbose),
        _installer(answer),
        *given("ignored", _ignored(plan.neutralised)),
        *given("restored", f"{size(answer.restored)} of kept files" if answer.restored else None),
        *(_undo(answer.transaction, answer) if answer.transaction else ()),
    )


def _verdict(verdict: Verdict | None, answer: InstallAnswer) -> tuple[Row, ...]:
    """What the title leaves out."""
    if verdict is None:
        return (row("importable", UNKNOWN),)
    return (
        *_invisible(verdict),
        *shortened("loaded", single(_loaded(verdict.restart)), verbose=answer.verbose),
        *given("importable", None if _says_importable(answer) else names(verdict.importable)),
    )


def _page(page: PageVerdict, answer: InstallAnswer) -> tuple[Row, ...]:
    """The parts that the server has now; what to do about the page, unless the title says so."""
    step = _STEPS.get(page.step) if answer.place.is_this_process else None
    versions = tuple(f"{each.name} {each.version or '(version unknown)'}" for each in page.lab_extensions)
    return (
        *given("JupyterLab", names(versions)),
        *given("server part", names(page.server_extensions)),
        *given("gone", names(page.gone)),
        *given("page", step),
    )


def _says_importable(answer: InstallAnswer) -> bool:
    return any("can be imported now" in span.text for span in _title(answer))


def _invisible(verdict: Verdict) -> tuple[Row, ...]:
    reasons = dict.fromkeys(each.reason for each in verdict.invisible)
    hints = dict.fromkeys(each.hint for each in verdict.invisible if each.hint)
    what_to_do = listed("what to do", ((plain(each),) for each in hints))
    if len(reasons) == 1:
        return (row("because", plain(next(iter(reasons)))), *what_to_do)
    shown = ((plain(each.name), plain(each.reason)) for each in verdict.invisible)
    return (*listed("not visible", shown), *what_to_do)


def _loaded(modules: Sequence[ChangedModule]) -> Iterator[Line]:
    for name, found in _by_distribution(modules):
        native: Line = (plain("including native code"),) if any(each.extension for each in found) else ()
        others = dict.fromkeys(each.loaded_from for each in found if each.loaded_from)
        origin: Line = tuple((Span("from "), *path(each)) for each in others)
        yield (plain(f"{name}: {names(tuple(each.name for each in found))}"), *native, *origin)


def _by_distribution(modules: Sequence[ChangedModule]) -> Iterator[tuple[str, list[ChangedModule]]]:
    for name in dict.fromkeys(module.distribution for module in modules):
        yield name, [module for module in modules if module.distribution == name]


def _installer(answer: InstallAnswer) -> Row:
    plan = answer.plan
    return row("installer", plain(f"{plan.installer}: {plan.installer_reason}"), plain(_duration(answer.seconds)))


def _changes(answer: InstallAnswer) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """The changes by kind; with the reason for each only if the reasons differ."""
    is_made = answer.transaction is not None
    with_reason = answer.verbose or not all(change.asked_for for change in answer.changes)
    for kind, planned in KINDS.items():
        changes = (change for change in answer.changes if change.kind == kind)
        yield kind if is_made else planned, tuple(change_lines(each, with_reason=with_reason) for each in changes)


def _ignored(settings: tuple[str, ...]) -> str | None:
    quoted = tuple(f"`{each}`" for each in settings)
    return f"{names(quoted)}, which would have redirected the install" if quoted else None


def _undo(transaction: Transaction, answer: InstallAnswer) -> tuple[Row, ...]:
    if not transaction.undoable:
        return (row("undo", plain(f"{transaction.id} cannot be undone")),)
    magic = answer.command.partition(" ")[0]
    words = (magic, "undo", answer.place.option, transaction.id)
    return (row("undo", (Span(f"`{' '.join(filter(None, words))}`", "command"),)),)


def _findings(answer: InstallAnswer) -> tuple[Finding, ...]:
    """The plan's findings; once installed, the title says what the plan predicted for loaded modules."""
    findings = answer.plan.findings
    return tuple(each for each in findings if each.id != "loaded") if answer.transaction else findings


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds * 1000:.0f} ms" if seconds < 0.1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


# -- details -----------------------------------------------------------------------------------------------------------


def _details(answer: InstallAnswer) -> tuple[Row, ...]:
    plan, verbose, transaction = answer.plan, answer.verbose, answer.transaction
    satisfied = single((plain(_satisfied(each)),) for each in plan.satisfied)
    loaded = answer.verdict.restart if answer.verdict else ()
    importable = answer.verdict.importable if answer.verdict else ()
    return (
        *(each for label, items in _changes(answer) for each in remainder(label, items, verbose=verbose)),
        *remainder("satisfied", satisfied, verbose=verbose),
        *listed("loaded", (tuple(map(_spelled_out, found)) for _, found in _by_distribution(loaded))),
        *((row("importable", *map(plain, importable)),) if importable else ()),
        row("command", plain(f"`{answer.command}`")),
        row(answer.place.value, path(answer.kernel) if answer.kernel else UNKNOWN),
        *((row("transaction", plain(transaction.id), plain(local_time(transaction.when))),) if transaction else ()),
        *_log(answer.log),
    )


def _spelled_out(module: ChangedModule) -> Part:
    return plain(f"{module.name} (native code)" if module.extension else module.name)


def _log(log: Sequence[str]) -> tuple[Row, ...]:
    lines: list[Line] = [((Span(line.expandtabs(4).rstrip(), "log"),),) for line in log if line.strip()]
    before: list[Line] = [(plain(f"{len(lines) - _LOG} earlier lines not shown"),)] if len(lines) > _LOG else []
    return listed("log", [*before, *lines[-_LOG:]])
