"""What was done and what it means: for the kernel that runs, for the page, and for whoever wants to undo it.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ipython_where.answer.parts import any_part_here
from ipython_where.change.plan.verdict import activate, has_loaded_version, judge_verdict, read_loaded_modules
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.transaction import Committed
from ipython_where.change.values import ChangedModule, InstallAnswer, Occupant, PageVerdict, Plan, Transaction, Verdict
from ipython_where.facts.distributions.editable_names import pth_files
from ipython_where.model import Finding
from ipython_where.project_names import normalized

from .side_effects import findings_after


def answer(
    request: Request,
    target: TargetEnvironment,
    plan: Plan,
    started: float,
    *,
    log: Sequence[str] = (),
    transaction: Transaction | None = None,
    verdict: Verdict | None = None,
) -> InstallAnswer:
    """The answer of a request that was carried out."""
    page, findings = _page(transaction, target) if transaction is not None else (None, ())
    return InstallAnswer(
        command=request.shown(),
        plan=replace(plan, findings=(*plan.findings, *findings)),
        transaction=transaction,
        verdict=verdict,
        dry_run=request.dry_run and transaction is None,
        seconds=round(time.monotonic() - started, 3),
        kernel=target.world.interpreter["executable"],
        log=tuple(log),
        verbose=bool(request.verbose),
        place=target.runs,
        page=page,
    )


def nothing_to_do(
    request: Request, target: TargetEnvironment, proven: tuple[str, ...], started: float
) -> InstallAnswer:
    """The answer where what is asked for holds already, as ``proven`` says of each requirement."""
    plan = Plan(
        changes=(),
        satisfied=proven,
        installer="safepip",
        installer_reason="proven from what is installed",
        neutralised=(),
        findings=(),
    )
    return answer(request, target, plan, started)


def carried_out(plan: Plan, committed: Committed, target: TargetEnvironment) -> Plan:
    """The plan with its findings as they are afterwards: what came of them, and what came up on the way."""
    before = _with_way_back(plan, committed.transaction, target)
    return replace(plan, findings=(*before, *findings_after(committed, target)))


def _with_way_back(plan: Plan, done: Transaction, target: TargetEnvironment) -> Iterator[Finding]:
    """The findings of a plan after it was carried out; where what runs here may have been broken, with what to type when no
    kernel starts any more. Files that were in the way are told with the place where they are now.
    """
    for each in plan.findings:
        if each.id == "foreign-files":
            continue
        if each.id in ("kernel-package", "kernel-files"):
            command = f"{shlex.quote(target.executable)} -m ipython_where undo {done.id}"
            each = replace(each, hint=f"if no kernel starts any more, run `{command}` in a terminal to undo it")
        yield each


def verdict_on(
    done: Transaction,
    loaded: tuple[ChangedModule, ...],
    target: TargetEnvironment,
    *,
    brought: Sequence[str] | None = None,
) -> Verdict | None:
    """What the kernel can do now, after its path and caches were brought up to date.

    ``loaded`` are the loaded modules of what was changed, read before; what came into a file that a loaded module is from counts
    as well. None for another process's environment. ``brought`` are the distributions that came, if not those that changed.
    """
    if not (target.runs.is_this_process and target.goes_on):
        return None
    target.progress.step("checking what this kernel can import")
    distributions = target.world.distributions
    if brought is None:
        brought = [each.name for each in done.changes if each.kind != "removed"]
    metadata = [found[0] for name in brought if (found := distributions.find(name, target.site_directories))]
    modules = target.world.system.modules
    target.world.witness.changed(modules, time.time())
    left = read_loaded_modules(metadata, distributions, modules)  # by what was removed: the same version may be back
    before = {each.name: each for each in left if not has_loaded_version(each.name, modules)}
    new_pth = [name for each in metadata for name in pth_files(each, distributions)]
    activate(target.site_directory, new_pth)
    undone = f"{target.root} {done.undoes}" if done.undoes else None
    every = tuple({**before, **{each.name: each for each in loaded}}.values())
    outdated = target.outdated.after(f"{target.root} {done.id}", every, modules, undone=undone)
    system, rules = target.world.system, target.world.rules
    return judge_verdict(metadata, outdated, system=system, distributions=distributions, rules=rules)


def _page(done: Transaction, target: TargetEnvironment) -> tuple[PageVerdict | None, tuple[Finding, ...]]:
    """What a change means for the Jupyter page, and what its server lacks."""
    if target.runs is Occupant.WORKERS:  # no page is theirs
        return None, ()
    is_widgets = any(normalized(change.name) == "ipywidgets" for change in done.changes)
    if target.runs.is_this_process and not (is_widgets or any_part_here(target.world)):
        return None, ()
    from .page import page_after  # few changes need anything of it

    return page_after(done, target)
