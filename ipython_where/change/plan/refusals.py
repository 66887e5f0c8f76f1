"""Judges a plan: the findings about its changes, and which of those stop it unless an option allows them.

Tested in `tests/change/plan/test_plan.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from ipython_where.change.request.request import Request
from ipython_where.change.values import Change, ChangedModule, Occupant, Plan
from ipython_where.facts.conda.ownership import CondaClaim
from ipython_where.facts.distributions.installed import Conflict, Dependents, Lookup, Provenance, conflicts
from ipython_where.facts.distributions.requirement import Markers, parse_requirement
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

from .conda_owned import CondaChange, owned_findings, planned

ALLOWED_BY = {
    "kernel-package": "--allow-kernel",
    "server-package": "--allow-server",
    "workers-package": "--allow-workers",
    "kernel-files": "--allow-kernel",
    "server-files": "--allow-server",
    "workers-files": "--allow-workers",
    "conflict": "--allow-conflicts",
    "file-conflict": "--allow-conflicts",
    "conda-owned": "--allow-conda",
    "pixi-owned": "--allow-conda",
    "conda-frozen": "--allow-frozen",
    "externally-managed": "--break-system-packages",
}
"""The findings that stop an install unless the option is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a plan is judged against. ``kernel`` are the projects, by normalised name, that whatever ``runs`` in this
    environment (the kernel or the server) depends on.

    ``provenance``, ``conda`` (conda's claim on it) and ``damage`` (what is wrong with a distribution's files) are by normalised
    name, and only needed for distributions that would change. ``loaded`` are the loaded modules of those. ``has_conda``:
    conda's records are there, so that no INSTALLER counts.
    """

    installed: Dependents
    provenance: Mapping[str, Provenance]
    kernel: frozenset[str]
    markers: Markers
    prefix: str
    conda: Mapping[str, CondaClaim] = field(default_factory=dict)
    has_conda: bool = False
    damage: Mapping[str, str] = field(default_factory=dict)
    loaded: Sequence[ChangedModule] = ()
    externally_managed: bool = False
    runs: Occupant = Occupant.KERNEL


def plan_findings(request: Request, changes: Sequence[Change], after: Dependents, facts: Facts) -> tuple[Finding, ...]:
    """Every finding about the changes, each as far as the request allows it. ``after``: what would be installed."""
    findings = (
        *_kernel_findings(changes, after, facts),
        *_conflict_findings(request, changes, after, facts),
        *_owner_findings(changes, facts),
        *_source_findings(changes, facts),
        *_damage_findings(changes, facts),
        *_loaded_findings(facts),
    )
    return tuple(judged(each, request) for each in findings)


def judged(finding: Finding, request: Request) -> Finding:
    """The finding; if the request allows it by option, a warning that says so and needs no hint."""
    option = ALLOWED_BY.get(finding.id) if finding.severity == "error" else None
    if option not in {*(f"--allow-{each}" for each in request.allow), *request.passed}:
        return finding
    return replace(finding, severity="warning", message=f"{finding.message}: allowed by `{option}`", hint=None)


def stopping(plan: Plan) -> tuple[Finding, ...]:
    """The findings that stop the install: errors that no option allows."""
    return tuple(each for each in plan.findings if each.severity == "error")


def names_in(requirement: str) -> set[str]:
    """The project that a requirement names; a folder or URL names none."""
    parsed = parse_requirement(requirement)
    return {parsed.name} if parsed is not None else set()


def _moved(change: Change) -> str:
    return f"{change.old or 'none'} → {change.new or ('none' if change.kind == 'removed' else 'unknown')}"


def _kernel_findings(changes: Sequence[Change], after: Dependents, facts: Facts) -> list[Finding]:
    """Protects the distributions that this kernel or the server runs on: none may be removed, downgraded without being asked
    for, or get a version that the others do not accept.
    """
    concerned = [each for each in changes if normalized(each.name) in facts.kernel]
    broken = _broken_kernel(after, facts) if concerned else {}
    runs = facts.runs.noun
    found = []
    for change in concerned:
        reason = broken.get(normalized(change.name))
        if change.kind == "removed":
            message = f"{runs} runs on `{change.name}`, which would be removed"
        elif reason is not None:
            message = f"{runs} cannot run with `{change.name}` {change.new}"
        elif change.kind == "downgraded" and not change.asked_for:
            message = f"{runs} runs on `{change.name}`, which would be downgraded although you did not ask for it"
        else:
            continue
        evidence = [Evidence(label=change.name, value=_moved(change))]
        evidence += [Evidence(label=reason.name, value=f"requires {reason.requirement}")] if reason else []
        found.append(_stop(f"{facts.runs.value}-package", message, tuple(evidence)))
    return found


def _broken_kernel(after: Dependents, facts: Facts) -> dict[str, Conflict]:
    """The kernel's requirements that the change would break, by each project that may be the cause: the one with the
    requirement (as with `--no-deps`) and the one that it names.
    """
    before = set(_conflicts_of(facts.kernel, facts.installed, facts.markers))
    new = [each for each in _conflicts_of(facts.kernel, after, facts.markers) if each not in before]
    unmet = {(each.name, each.requirement) for each in before}
    missing = {normalized(each.name): each for each in new if (each.name, each.requirement) not in unmet}
    return missing | {name: each for each in new for name in names_in(each.requirement)}


def _conflict_findings(request: Request, changes: Sequence[Change], after: Dependents, facts: Facts) -> list[Finding]:
    """The requirements that would no longer be met. Those that were broken before are not this plan's doing; those of the
    kernel's distributions have findings of their own.

    `--no-deps` asks for missing dependencies, so they are a warning and stop nothing.
    """
    touched = {normalized(change.name) for change in changes}
    before = {(each.name, each.requirement) for each in _conflicts_around(touched, facts.installed, facts.markers)}
    left = [
        each
        for each in _conflicts_around(touched, after, facts.markers)
        if (each.name, each.requirement) not in before and normalized(each.name) not in facts.kernel
    ]
    alone = [each for each in left if request.no_deps and normalized(each.name) in touched]
    others = [each for each in left if each not in alone]
    found = []
    if alone:
        message = f"{_named(alone)} will not have what {_they_need(alone)}: `--no-deps` leaves it out"
        found.append(Finding(id="no-deps", severity="warning", message=message, evidence=_unmet(alone)))
    if others:
        # a setting such as PIP_NO_DEPS lets a plan bring what never had it
        had = any(facts.installed.get(normalized(each.name)) is not None for each in others)
        message = f"{_named(others)} would {'no longer' if had else 'not'} have what {_they_need(others)}"
        found.append(_stop("conflict", message, _unmet(others)))
    return found


def _named(unmet: Sequence[Conflict]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(each.name for each in unmet))


def _they_need(unmet: Sequence[Conflict]) -> str:
    return "it needs" if len({each.name for each in unmet}) == 1 else "they need"


def _unmet(unmet: Sequence[Conflict]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            label=f"{each.name} {each.version}",
            value=f"requires {each.requirement}",
            note=f"{each.found} would be installed" if each.found else "it would be missing",
        )
        for each in unmet
    )


def _conflicts_of(projects: Iterable[str], environment: Lookup, markers: Markers) -> tuple[Conflict, ...]:
    found = (environment.get(project) for project in projects)
    return conflicts([each for each in found if each is not None], environment, markers)


def _conflicts_around(projects: Collection[str], environment: Dependents, markers: Markers) -> tuple[Conflict, ...]:
    """The unmet requirements of the projects and of those that require them: compared before and after."""
    around = {*projects, *(each.project for each in environment.requiring(projects))}
    return _conflicts_of(around, environment, markers)


def _owner_findings(changes: Sequence[Change], facts: Facts) -> list[Finding]:
    found = []
    if facts.externally_managed:
        found.append(
            _stop(
                "externally-managed",
                "this environment is managed by the system's package manager (PEP 668)",
                (Evidence(label="environment", value=facts.prefix),),
            )
        )
    found += owned_findings(tuple(_owned(changes, facts)), facts.prefix, is_kernels=facts.runs is Occupant.KERNEL)
    return found


def _owned(changes: Sequence[Change], facts: Facts) -> Iterator[CondaChange]:
    """The changes that conda has a claim on; without any record of conda's, what INSTALLER says is all that is known."""
    for each in changes:
        project = normalized(each.name)
        claim, by = facts.conda.get(project), facts.provenance.get(project)
        if claim is not None or (not facts.has_conda and by is not None and by.installer == "conda"):
            yield planned(each, claim, _moved(each))


def _source_findings(changes: Sequence[Change], facts: Facts) -> list[Finding]:
    found = []
    for change in changes:
        by = facts.provenance.get(normalized(change.name))
        if change.yanked is not None:
            evidence = (Evidence(label="reason", value=change.yanked),) if change.yanked else ()
            message = f"`{change.name}` {change.new} was yanked by its authors"
            found.append(Finding(id="yanked", severity="warning", message=message, evidence=evidence))
        if change.kind == "downgraded" and not change.asked_for and by is not None and by.requested:
            evidence = (Evidence(label=change.name, value=_moved(change), note=_because(change)),)
            message = f"`{change.name}` was installed by name, and would be downgraded"
            found.append(Finding(id="downgrade", severity="warning", message=message, evidence=evidence))
        if by is not None and by.editable and not change.editable and change.kind != "removed":
            evidence = (Evidence(label=change.name, value=_moved(change)),)
            message = f"`{change.name}` is an editable install, and would become a regular one"
            found.append(Finding(id="editable-replaced", severity="warning", message=message, evidence=evidence))
    return found


def _damage_findings(changes: Sequence[Change], facts: Facts) -> list[Finding]:
    """Why a distribution is reinstalled although its version is already there: it had lost files."""
    return [
        Finding(
            id="files-gone",
            severity="note",
            message=f"`{change.name}` {change.old} was damaged: {why}",
        )
        for change in changes
        if change.kind != "removed" and (why := facts.damage.get(normalized(change.name)))
    ]


def _because(change: Change) -> str | None:
    return f"required by {', '.join(change.wanted_by)}" if change.wanted_by else None


def _loaded_findings(facts: Facts) -> list[Finding]:
    """The loaded modules that would change: whatever the kernel imports later would be of another version."""
    by_distribution: dict[str, list[ChangedModule]] = {}
    for module in facts.loaded:
        by_distribution.setdefault(module.distribution, []).append(module)
    if not by_distribution:
        return []
    evidence = tuple(
        Evidence(
            label=name,
            value=", ".join(each.name for each in modules[:4])
            + (f" and {len(modules) - 4} more" if len(modules) > 4 else ""),
            note="including native code" if any(each.extension for each in modules) else None,
        )
        for name, modules in sorted(by_distribution.items())
    )
    named = ", ".join(f"`{name}`" for name in sorted(by_distribution))
    return [
        Finding(
            id="loaded",
            severity="warning",
            message=f"modules of {named} are loaded and would change under this kernel",
            evidence=evidence,
            hint="restart the kernel after the install",
        )
    ]


def _stop(id: str, message: str, evidence: tuple[Evidence, ...]) -> Finding:
    hint = f"`{ALLOWED_BY[id]}` allows it"
    return Finding(id=id, severity="error", message=message, evidence=evidence, hint=hint)
