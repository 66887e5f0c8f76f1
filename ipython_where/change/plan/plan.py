"""Judges the resolved pins against what is installed: the changes, the findings about them, and which of those stop it.

The order of an install:

    request = with_files_taken_in(parse_request(split_line(line)), cwd)
    held = satisfied(request, environment, markers, settings=settings)         # not None: nothing to do, no process
    installer, reason = choose(request, settings, place.available, pip=place.pip_config.values)
    done = run(installer.plan(request, site)); pins = installer.parse_plan(done, request, site)
    pins = with_hashes(pins, sole_sources(request, settings, cwd=cwd))
    plan = make_plan(request, pins, facts, …); stopping(plan)          # not empty: stop
    command = installer.detail(pins, request, site)                             # None: all is known
    pins = installer.parse_detail(pins, run(command))                           # the plan is judged while it runs
    for command in installer.stage(pins, stage, request, site): run(command)
    pins = completed_pins(pins, read from the stage); plan = make_plan(…); stopping(…) once more, then the swap
    the stage must hold exactly `expected(pins)`, and loses REQUESTED where a pin was not asked for
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from ipython_where.change.installers.interface import Pin
from ipython_where.change.request.request import Request
from ipython_where.change.values import Change, ChangedModule, ChangeKind, Occupant, Plan
from ipython_where.facts.distributions.installed import (
    Altered,
    Conflict,
    Dependents,
    Installed,
    Lookup,
    Provenance,
    conflicts,
)
from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

ALLOWED_BY = {
    "kernel-package": "--allow-kernel",
    "server-package": "--allow-server",
    "kernel-files": "--allow-kernel",
    "server-files": "--allow-server",
    "conflict": "--allow-conflicts",
    "file-conflict": "--allow-conflicts",
    "conda-owned": "--allow-conda",
    "externally-managed": "--break-system-packages",
}
"""The findings that stop an install unless the option is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a plan is judged against. ``kernel`` are the projects, by normalised name, that whatever ``runs`` in this
    environment (the kernel or the server) depends on.

    ``provenance`` and ``damage`` (what is wrong with a distribution's files) are by normalised name, and only needed for
    distributions that would change. ``loaded`` are the loaded modules of those.
    """

    installed: Dependents
    provenance: Mapping[str, Provenance]
    kernel: frozenset[str]
    markers: Markers
    prefix: str
    damage: Mapping[str, str] = field(default_factory=dict)
    loaded: Sequence[ChangedModule] = ()
    externally_managed: bool = False
    runs: Occupant = Occupant.KERNEL


def make_plan(
    request: Request,
    pins: Sequence[Pin],
    facts: Facts,
    *,
    installer: str,
    reason: str,
    removed: Iterable[str] = (),
    neutralised: tuple[str, ...] = (),
) -> Plan:
    """The changes that the pins and ``removed`` (names) amount to, and the findings about them."""
    after = _after(pins, removed, facts)
    changes = tuple(sorted((*_brought(request, pins, facts, after), *_taken(request, removed, facts)), key=_order))
    findings = (
        *_kernel_findings(changes, after, facts),
        *_conflict_findings(request, changes, after, facts),
        *_owner_findings(changes, facts),
        *_source_findings(changes, facts),
        *_damage_findings(changes, facts),
        *_loaded_findings(facts),
    )
    return Plan(
        changes=changes,
        satisfied=_satisfied(request, changes),
        installer=installer,
        installer_reason=reason,
        neutralised=neutralised,
        findings=tuple(judged(each, request) for each in findings) if changes else (),
    )


def _satisfied(request: Request, changes: Sequence[Change]) -> tuple[str, ...]:
    """The requirements that are already met. A folder or URL names no project, so it counts only if no direct source changes."""
    if request.command == "uninstall":
        return ()
    changed = {normalized(change.name) for change in changes}
    is_direct = any(change.source is not None for change in changes)
    named = ((each, _name(each)) for each in request.requirements)
    return tuple(each for each, names in named if (not names & changed if names else not is_direct))


def judged(finding: Finding, request: Request) -> Finding:
    """The finding; if the request allows it by option, a warning that says so and needs no hint."""
    option = ALLOWED_BY.get(finding.id) if finding.severity == "error" else None
    if option not in {*(f"--allow-{each}" for each in request.allow), *request.passed}:
        return finding
    return replace(finding, severity="warning", message=f"{finding.message}: allowed by `{option}`", hint=None)


def stopping(plan: Plan) -> tuple[Finding, ...]:
    """The findings that stop the install: errors that no option allows."""
    return tuple(each for each in plan.findings if each.severity == "error")


def expected(pins: Sequence[Pin]) -> dict[str, str | None]:
    """Exactly the projects, by normalised name, that a stage must hold; a version of None is not known yet."""
    return {normalized(pin.name): pin.version for pin in pins}


def completed_pins(pins: Sequence[Pin], staged: Lookup) -> tuple[Pin, ...]:
    """The pins with the versions and requirements from their staged METADATA."""
    found = ((pin, staged.get(normalized(pin.name))) for pin in pins)
    return tuple(
        replace(pin, name=each.name, version=each.version, requires=each.requires) if each is not None else pin
        for pin, each in found
    )


def surplus(wanted: Iterable[str], after: Mapping[str, Installed], kernel: Iterable[str]) -> tuple[str, ...]:
    """What `sync` removes: everything that neither the wanted projects nor the kernel depend on, except the installers."""
    keep = {normalized(each) for each in (*wanted, *kernel, "pip", "uv", "setuptools", "wheel")}
    return tuple(sorted(installed.name for project, installed in after.items() if project not in keep))


def _order(change: Change) -> tuple[bool, str]:
    return (not change.asked_for, change.name.lower())


def _name(requirement: str) -> set[str]:
    parsed = parse_requirement(requirement)
    return {parsed.name} if parsed is not None else set()


def _asked_for(request: Request) -> set[str]:
    return {name for each in request.requirements for name in _name(each)}


# -- changes -----------------------------------------------------------------------------------------------------------


def _after(pins: Sequence[Pin], removed: Iterable[str], facts: Facts) -> Altered:
    """What would be installed. A pin whose requirements are not known yet counts as having none."""
    brought = {
        project: Installed(
            name=pin.name,
            project=project,
            version=pin.version or "",
            requires=pin.requires or (),
            sound=pin.version is not None,
        )
        for pin in pins
        for project in (normalized(pin.name),)
    }
    return Altered(facts.installed, brought=brought, removed=map(normalized, removed))


def _brought(request: Request, pins: Sequence[Pin], facts: Facts, after: Dependents) -> list[Change]:
    asked = _asked_for(request)
    wanted = _wanted_by(after, {normalized(pin.name) for pin in pins}, facts.markers)
    changes = []
    for pin in pins:
        project = normalized(pin.name)
        old = facts.installed.get(project)
        changes.append(
            Change(
                name=pin.name,
                kind=_kind(old.version if old else None, pin.version),
                old=old.version if old else None,
                new=pin.version,
                asked_for=pin.requested or project in asked,
                wanted_by=wanted.get(project, ()),
                size=pin.size,
                source=pin.source,
                editable=pin.editable,
                yanked=pin.yanked,
            )
        )
    return changes


def _kind(old: str | None, new: str | None) -> ChangeKind:
    if old is None:
        return "added"
    if new is None or old == new:
        return "rebuilt"
    return "upgraded" if _is_newer(new, old) else "downgraded"


def _is_newer(left: str, right: str) -> bool:
    if accepts(f">{right}", left):
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(left) > Version(right)  # PEP 440: `>1` does not match `1.post1`
    except InvalidVersion:
        return True


def _wanted_by(after: Dependents, projects: set[str], markers: Markers) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for installed in after.requiring(projects):
        for text in installed.requires:
            requirement = parse_requirement(text)
            if requirement is not None and requirement.name in projects and markers.holds(requirement.marker):
                found.setdefault(requirement.name, []).append(installed.name)
    return {project: tuple(sorted(set(names), key=str.lower)) for project, names in found.items()}


def _taken(request: Request, removed: Iterable[str], facts: Facts) -> list[Change]:
    asked = _asked_for(request)
    found = {normalized(name): facts.installed.get(normalized(name)) for name in removed}
    return [
        Change(name=old.name, kind="removed", old=old.version, new=None, asked_for=project in asked)
        for project, old in found.items()
        if old is not None
    ]


# -- findings ----------------------------------------------------------------------------------------------------------


def _moved(change: Change) -> str:
    return f"{change.old or 'none'} → {change.new or ('none' if change.kind == 'removed' else 'unknown')}"


def _kernel_findings(changes: Sequence[Change], after: Dependents, facts: Facts) -> list[Finding]:
    """Protects the distributions that this kernel or the server runs on: none may be removed, downgraded without being asked
    for, or get a version that the others do not accept.
    """
    broken = _broken_kernel(after, facts)
    runs = facts.runs.noun
    found = []
    for change in changes:
        project = normalized(change.name)
        reason = broken.get(project)
        if project not in facts.kernel:
            continue
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
    return missing | {name: each for each in new for name in _name(each.requirement)}


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
        message = f"{_named(others)} would no longer have what {_they_need(others)}"
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
    owned = [
        each for each in changes if (by := facts.provenance.get(normalized(each.name))) and by.installer == "conda"
    ]
    if owned:
        found.append(
            Finding(
                id="conda-owned",
                severity="error",
                message="conda installed "
                + ", ".join(f"`{each.name}`" for each in owned)
                + " and would not know about the change",
                evidence=tuple(Evidence(label=each.name, value=_moved(each)) for each in owned),
                hint=f"{_in_conda(owned, facts.prefix)}, or allow it with `--allow-conda`",
            )
        )
    return found


def _in_conda(owned: Sequence[Change], prefix: str) -> str:
    """The conda commands that do the same."""
    removed = [each.name for each in owned if each.kind == "removed"]
    others = [f'"{each.name}={each.new}"' if each.new else each.name for each in owned if each.kind != "removed"]
    by_verb = {"remove": removed, "install": others}
    return " and ".join(
        f"`conda {verb} --prefix {prefix} {' '.join(names)}`" for verb, names in by_verb.items() if names
    )


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
            note="native code among them" if any(each.extension for each in modules) else None,
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
