"""Installing: proven satisfied, else planned, staged, swapped in, and judged from inside the kernel."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from ipython_where.answer.parts import any_part_here
from ipython_where.errors import CommandError
from ipython_where.facts.distributions.distributions import normalized
from ipython_where.facts.distributions.editable_names import pth_files
from ipython_where.facts.distributions.installed import Installed
from ipython_where.model import Evidence, Finding
from ipython_where.redact import masked

from .installers.interface import Command, Installer, Pin, Site
from .installers.killed import memory_hint
from .plan.choose import choose, reference
from .plan.plan import Facts, completed_pins, expected, make_plan, stopping
from .plan.recheck import unlike_pip
from .plan.satisfied import satisfied
from .plan.verdict import activate, has_loaded_version, judge_verdict, read_loaded_modules
from .plan.wheelhouse import sole_sources, with_hashes, with_own_hashes
from .request.request import Request
from .request.requirement_files import hashes_of_files, with_files_taken_in
from .steps.builds import InstallError, told_what_builds_wrote
from .steps.file_clashes import replaced_by, with_archived_files, with_staged_files
from .steps.repairs import repairs
from .steps.side_effects import findings_after
from .steps.unmanaged import refuse_replacement, unlike_for_uv
from .target_environment import TargetEnvironment
from .transaction.preparation import Snapshot
from .transaction.stage import settle_direct_urls, settle_requested
from .transaction.transaction import Staging
from .values import Change, ChangedModule, InstallAnswer, PageVerdict, Plan, Transaction, Verdict

_NO_NETWORK = re.compile(r"failed to fetch|error sending request|failed to download", re.IGNORECASE)
"""What pip, which tries more often, would only take longer to say."""


class UnlikePip(Exception):
    """What uv says is not what pip would say: ``pip`` is to be asked in its place, for this ``reason``."""

    def __init__(self, pip: Installer, reason: str) -> None:
        super().__init__(reason)
        self.pip, self.reason = pip, reason


def install(request: Request, place: TargetEnvironment) -> InstallAnswer:
    """Install what a request names, whole or not at all.

    Raises `WhereError`, with nothing changed, when the plan is refused or an installer fails.
    """
    started = time.monotonic()
    request = with_files_taken_in(request, place.world.system.cwd, environ=place.world.environ)
    held = satisfied(request, place.installed, place.markers, settings=place.settings)
    if held is not None:
        proven = tuple(f"{each.requirement} by {each.name} {each.version or '(not needed here)'}" for each in held)
        return _nothing_to_do(request, place, proven, started)
    refuse_where_impossible(request, place)
    with (
        place.locked(request.shown()) as lock,
        told_what_builds_wrote(place),
        place.site() as site,
        place.at_work(lock) as place,
    ):
        return by_pip_at_last(request, place, lambda *by: _install(request, place, site, started, *by))


def by_pip_at_last(
    request: Request, place: TargetEnvironment, act: Callable[[Installer, str], InstallAnswer]
) -> InstallAnswer:
    """Do something with the chosen installer; with pip, where it comes out on the way that uv's answer would not be pip's."""
    try:
        return act(*chosen(request, place))
    except UnlikePip as unlike:
        return act(unlike.pip, unlike.reason)


def _install(
    request: Request, place: TargetEnvironment, site: Site, started: float, installer: Installer, reason: str
) -> InstallAnswer:
    log: list[str] = []
    place.progress.step(f"resolving with {installer.name}")
    unchanged = place.store.snapshot()
    with begun(request, place) as begin:

        def judge(pins: tuple[Pin, ...]) -> Plan:
            plan = plan_of(request, place, pins, installer, reason)
            refuse_replacement(plan.changes, place)
            stop_if_dangerous(plan, place)
            return plan

        def mend(pins: tuple[Pin, ...]) -> tuple[tuple[Pin, ...], tuple[Finding, ...]]:
            return repairs(request, pins, place, lambda again: resolve(installer, again, site, place, log))

        pins = resolve(installer, request, site, place, log, judge=judge)
        more, left = mend(pins)
        pins += more
        plan = judge(pins)
        if request.dry_run:
            plan = with_archived_files(plan, request, place, pins)
            stop_if_dangerous(plan, place)
        if request.dry_run or not plan.changes:
            plan = replace(plan, findings=(*plan.findings, *left))
            return answer(request, place, plan, started, log=log, dry_run=request.dry_run)
        staging = begin()
        pins, plan = _stage(installer, request, site, place, staging, pins, plan, log)
        more, left = mend(pins)  # once more: what its pins require uv says only now
        if more:
            pins, plan = _stage(installer, request, site, place, staging, more, plan, log, there=pins)
        plan = replace(plan, findings=(*plan.findings, *left))
        return swap_in(staging, request, place, plan, started, pins=pins, unchanged=unchanged, log=log)


@contextmanager
def begun(request: Request, place: TargetEnvironment) -> Iterator[Callable[[], Staging]]:
    """What begins the transaction, when it is called: dropped at the end, unless it was committed."""
    found: list[Staging] = []

    def begin() -> Staging:
        if not found:
            found.append(place.store.begin(request.shown()))
        return found[0]

    try:
        yield begin
    finally:
        for staging in found:
            with suppress(OSError):  # the next one takes away the rest, and says what of it stays
                place.store.abandon(staging)


def swap_in(
    staging: Staging,
    request: Request,
    place: TargetEnvironment,
    plan: Plan,
    started: float,
    *,
    unchanged: Snapshot,
    pins: Sequence[Pin] = (),
    log: Sequence[str] = (),
) -> InstallAnswer:
    """Swap what was staged in for what the plan replaces, and tell what it means from inside the kernel."""
    plan, met = with_staged_files(plan, request, place, staging.stage)
    stop_if_dangerous(plan, place)
    loaded = loaded_modules(plan.changes, place)
    place.progress.step("swapping")
    committed = place.store.commit(
        staging,
        changes=plan.changes,
        replaced=replaced_by(plan.changes, place),
        expected={name: version or "" for name, version in expected(pins).items()},
        unchanged=unchanged,
        kept=met.kept,
        linked=met.linked,
    )
    return answer(
        request,
        place,
        replace(
            plan, findings=(*_with_way_back(plan, committed.transaction, place), *findings_after(committed, place))
        ),
        started,
        log=log,
        transaction=committed.transaction,
        verdict=verdict_on(committed.transaction, loaded, place),
    )


def _with_way_back(plan: Plan, done: Transaction, place: TargetEnvironment) -> Iterator[Finding]:
    """The findings of a plan after it was carried out; where what runs here may have been broken, with what to type when no
    kernel starts any more. Files that were in the way are told with the place where they are now.
    """
    for each in plan.findings:
        if each.id == "foreign-files":
            continue
        if each.id in ("kernel-package", "kernel-files"):
            command = f"{shlex.quote(place.executable)} -m ipython_where undo {done.id}"
            each = replace(each, hint=f"where no kernel starts any more, `{command}` in a terminal takes it back")
        yield each


def chosen(request: Request, place: TargetEnvironment) -> tuple[Installer, str]:
    """The installer of a request, and why that one."""
    return choose(
        request,
        place.settings,
        place.available,
        pip=place.pip_config.values,
        cwd=place.world.system.cwd,
        unlike=unlike_for_uv(place),
    )


def refuse_where_impossible(request: Request, place: TargetEnvironment) -> None:
    root = place.root
    while not os.path.lexists(root):  # a user's base is born with the first install
        root = os.path.dirname(root)
    if not os.access(root, os.W_OK) or not (place.user or place.kernel.writable):
        raise InstallError(
            f"{place.owner} environment cannot be written to",
            evidence=(f"{place.runs}  {place.executable}  ({place.kernel.version})", f"prefix  {place.root}"),
            hint=place.way_out,
        )


def resolve(
    installer: Installer,
    request: Request,
    site: Site,
    place: TargetEnvironment,
    log: list[str],
    *,
    judge: Callable[[tuple[Pin, ...]], object] = lambda pins: None,
) -> tuple[Pin, ...]:
    """The pins of a plan. ``judge`` may refuse them before their hashes and sizes are known."""
    command = installer.plan(request, site)
    done = place.run(command, log.append, data=True, meanwhile=lambda: place.read_ahead(request.requirements))
    try:
        pins = installer.parse_plan(done, request, site)
    except CommandError as error:
        if not _NO_NETWORK.search(done.stderr):
            _leave_to_pip(installer, request, place, f"{installer.name} finds no way")
        evidence = _all_lines(done.stderr) if request.verbose and done.returncode else error.evidence
        hint = "; ".join(filter(None, [_nothing_changed(request), memory_hint(done.stderr)]))
        raise InstallError(error.message, evidence=evidence, hint=hint) from None
    folders = sole_sources(request, place.settings, cwd=site.cwd)
    if folders:
        judge(pins)
        pins = with_hashes(pins, folders)
    missing = installer.detail(pins, request, site) if pins else None
    if missing is not None:
        known = place.run(missing, log.append, data=True, meanwhile=lambda: judge(pins))
        pins = installer.parse_detail(pins, known)
    pins = with_own_hashes(pins)
    demanded = hashes_of_files(request, place.world.system.cwd, environ=place.world.environ)
    return tuple(_with_hashes(pin, demanded.get(normalized(pin.name), ())) for pin in pins)


def _leave_to_pip(installer: Installer, request: Request, place: TargetEnvironment, reason: str | None) -> None:
    """Raise `UnlikePip` for a reason, where the installer was not asked for by name and pip is there."""
    pip = reference(place.available)
    if reason is not None and pip is not None and not installer.is_reference and request.installer == "auto":
        raise UnlikePip(pip, reason)


def _with_hashes(pin: Pin, demanded: tuple[str, ...]) -> Pin:
    """A pin with the hashes that the user's files demand of it, to be checked once more when it is staged."""
    if not demanded or (pin.url is not None and not pin.hashes):
        return pin
    if pin.hashes and not set(pin.hashes) & set(demanded) and _kinds(pin.hashes) >= _kinds(demanded):
        raise InstallError(
            f"no file of `{pin.name}` {pin.version or ''} has a hash that the requirements file demands",
            evidence=(
                *(f"demanded  {each}" for each in demanded[:4]),
                *(f"found     {each}" for each in pin.hashes[:4]),
            ),
            hint="nothing was changed; the file was built again, or is not the one that was meant",
        )
    return replace(pin, hashes=demanded)


def _kinds(hashes: Sequence[str]) -> set[str]:
    return {each.partition(":")[0] for each in hashes}


def _stage(
    installer: Installer,
    request: Request,
    site: Site,
    place: TargetEnvironment,
    staging: Staging,
    pins: tuple[Pin, ...],
    plan: Plan,
    log: list[str],
    *,
    there: tuple[Pin, ...] = (),
) -> tuple[tuple[Pin, ...], Plan]:
    """Install into the stage, where everything that can fail happens; the plan once more, by what really came. ``there``:
    what was staged before.
    """
    place.progress.step(f"installing {_named(plan.changes)} with {installer.name}")
    commands = installer.stage(pins, staging.stage, request, site)
    pins = run_staging(commands, installer, request, place, staging, (*there, *pins), log)
    plan = plan_of(request, place, pins, installer, plan.installer_reason)
    refuse_replacement(plan.changes, place)
    stop_if_dangerous(plan, place)
    return pins, plan


def run_staging(
    commands: Sequence[Command],
    installer: Installer,
    request: Request,
    place: TargetEnvironment,
    staging: Staging,
    pins: tuple[Pin, ...],
    log: list[str],
    *,
    is_lock: bool = False,
) -> tuple[Pin, ...]:
    """Run the commands that fill the stage; the pins by what really came. Raises `InstallError` when one fails.

    Nobody chose the pins of a lock here, so none of them is another than pip would have chosen.
    """
    for command in commands:
        done = place.run(command, log.append)
        if done.returncode != 0:
            raise _installer_failed(installer, done.stderr or done.stdout, request)
    place.progress.step("verifying")
    staged = place.staged(staging.stage)
    pins = completed_pins(pins, staged)
    if installer.needs_recheck and not is_lock:
        names = {normalized(pin.name) for pin in pins}
        python = str(place.world.description["version"])
        reason = unlike_pip(names, staged, request, place.markers, python, by=installer.name)
        _leave_to_pip(installer, request, place, reason)
    asked_for = {normalized(pin.name) for pin in pins if pin.requested}
    hashes = {pin.name: pin.hashes for pin in pins}
    for entry in staged.path:
        if os.path.isdir(entry):
            settle_requested(place.disk, entry, asked_for=asked_for)
            settle_direct_urls(place.disk, entry, hashes=hashes)
    return pins


def _named(changes: Sequence[Change]) -> str:
    brought = [each.name for each in changes if each.kind != "removed"]
    return ", ".join(brought[:3]) + (f" and {len(brought) - 3} more" if len(brought) > 3 else "")


def _installer_failed(installer: Installer, output: str, request: Request) -> InstallError:
    lines = _all_lines(output)
    first = next((line for line in lines if line.lower().startswith("error")), None)
    idle = ("note:", "hint:", "[end of output]", "using cpython", "using python")
    telling = tuple(line for line in lines if not line.strip().lower().startswith(idle))
    last = lines if request.verbose else telling[-6:]
    return InstallError(
        f"{installer.name} could not install this",
        evidence=(*((first,) if first is not None and first not in last else ()), *(last or ("it said nothing",))),
        hint="; ".join(filter(None, [_nothing_changed(request), memory_hint(output)])),
    )


def _all_lines(output: str) -> tuple[str, ...]:
    return tuple(masked(line) for line in output.splitlines() if line.strip())


def _nothing_changed(request: Request) -> str:
    return "nothing was changed" + ("" if request.verbose else "; `-v` shows all that it said")


def plan_of(
    request: Request,
    place: TargetEnvironment,
    pins: tuple[Pin, ...],
    installer: Installer,
    reason: str,
    *,
    removed: Sequence[str] = (),
) -> Plan:
    """The plan that brings ``pins`` and takes ``removed`` (names) away."""
    names = [*(pin.name for pin in pins), *removed]
    plan = make_plan(
        request,
        pins,
        facts_of(place, names),
        installer=installer.name,
        reason=reason,
        removed=removed,
        neutralised=place.neutralised,
    )
    return replace(plan, findings=(*plan.findings, *place.unusable))


def facts_of(place: TargetEnvironment, names: Sequence[str]) -> Facts:
    """What a plan that touches ``names`` is judged against."""
    touched = [found for name in names if (found := place.installed.get(name))]
    return Facts(
        installed=place.installed,
        provenance={each.project: place.installed.provenance(each) for each in touched},
        kernel=place.kernel_projects,
        markers=place.markers,
        prefix=place.kernel.prefix,
        damage={each.project: why for each in touched if (why := place.installed.damage(each)) is not None},
        loaded=_loaded_of(touched, place),
        externally_managed=place.kernel.externally_managed and not place.user,
        runs=place.runs,
    )


def _loaded_of(installed: Sequence[Installed], place: TargetEnvironment) -> tuple[ChangedModule, ...]:
    metadata = [each.metadata for each in installed if each.metadata]
    if not metadata:
        return ()
    return read_loaded_modules(metadata, place.world.distributions, place.world.system.modules)


def loaded_modules(changes: Sequence[Change], place: TargetEnvironment) -> tuple[ChangedModule, ...]:
    """The loaded modules that the changes will replace: read before, since their files are gone afterwards."""
    return _loaded_of([each for change in changes if (each := place.installed.get(change.name))], place)


def stop_if_dangerous(plan: Plan, place: TargetEnvironment) -> None:
    reasons = stopping(plan)
    if reasons:
        raise _refused(reasons[0], reasons[1:], place)


def _refused(first: Finding, others: Sequence[Finding], place: TargetEnvironment) -> InstallError:
    kernel = Evidence(label=place.runs, value=place.executable, note=place.kernel.version)
    shown = (kernel, *first.evidence)
    width = max(len(each.label) for each in shown)
    lines = [f"{each.label:{width}}  {each.value}" + (f"  ({each.note})" if each.note else "") for each in shown]
    also = (f"also: {each.message}" for each in others)
    return InstallError(f"nothing was changed: {first.message}", evidence=(*lines, *also), hint=first.hint)


def verdict_on(done: Transaction, loaded: tuple[ChangedModule, ...], place: TargetEnvironment) -> Verdict | None:
    """What the kernel can do now, after its path and caches were brought up to date.

    ``loaded`` are the loaded modules of what was changed, read before; what came into a file that a loaded module is from counts
    as well. None for another process's environment.
    """
    if place.runs != "kernel" or not place.goes_on:
        return None
    place.progress.step("checking what this kernel can import")
    distributions = place.world.distributions
    brought = [each.name for each in done.changes if each.kind != "removed"]
    metadata = [found[0] for name in brought if (found := distributions.find(name, place.site_directories))]
    modules = place.world.system.modules
    place.world.witness.changed(modules, time.time())
    left = read_loaded_modules(metadata, distributions, modules)  # by what was removed: the same version may be back
    before = {each.name: each for each in left if not has_loaded_version(each.name, modules)}
    new_pth = [name for each in metadata for name in pth_files(each, distributions)]
    activate(place.site_directory, new_pth)
    undone = f"{place.root} {done.undoes}" if done.undoes else None
    every = tuple({**before, **{each.name: each for each in loaded}}.values())
    outdated = place.outdated.after(f"{place.root} {done.id}", every, modules, undone=undone)
    system, rules = place.world.system, place.world.rules
    return judge_verdict(metadata, outdated, system=system, distributions=distributions, rules=rules)


def _nothing_to_do(
    request: Request, place: TargetEnvironment, proven: tuple[str, ...], started: float
) -> InstallAnswer:
    plan = Plan(
        changes=(),
        satisfied=proven,
        installer="safepip",
        installer_reason="proven from what is installed",
        neutralised=(),
        findings=(),
    )
    return answer(request, place, plan, started, dry_run=request.dry_run)


def _page(done: Transaction, place: TargetEnvironment) -> tuple[PageVerdict | None, tuple[Finding, ...]]:
    """What a change means for the Jupyter page, and what its server lacks."""
    is_widgets = any(normalized(change.name) == "ipywidgets" for change in done.changes)
    if place.runs == "kernel" and not (is_widgets or any_part_here(place.world)):
        return None, ()
    from .steps.page import page_after  # few changes need anything of it

    return page_after(done, place)


def answer(
    request: Request,
    place: TargetEnvironment,
    plan: Plan,
    started: float,
    *,
    log: Sequence[str] = (),
    transaction: Transaction | None = None,
    verdict: Verdict | None = None,
    dry_run: bool = False,
) -> InstallAnswer:
    """The answer of a request that was carried out."""
    page, findings = _page(transaction, place) if transaction is not None else (None, ())
    return InstallAnswer(
        command=request.shown(),
        plan=replace(plan, findings=(*plan.findings, *findings)),
        transaction=transaction,
        verdict=verdict,
        dry_run=dry_run,
        seconds=round(time.monotonic() - started, 3),
        kernel=place.world.interpreter["executable"],
        log=tuple(log),
        verbose=bool(request.verbose),
        place=place.runs,
        page=page,
    )
