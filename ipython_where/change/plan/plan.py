"""Compares the resolved pins with what is installed: the changes. `refusals` judges them.

The order of an install:

    request = with_files_taken_in(parse_request(split_line(line)), cwd)
    held = satisfied(request, environment, markers, settings=settings)         # not None: nothing to do, no process
    installer, reason = choose(request, settings, target.available, pip=target.pip_config.values)
    done = run(installer.plan(request, site)); pins = installer.parse_plan(done, request, site)
    plan = make_plan(request, pins, facts, …); stopping(plan)          # `refusals`; not empty: stop
    pins = installer.parse_detail(pins, run(installer.detail(…)))       # in a dry run, or while it stages
    for command in installer.stage(pins, stage, request, site): run(command)
    pins = completed_pins(pins, read from the stage); plan = make_plan(…); stopping(…) once more, then the swap
    the stage must hold exactly `expected(pins)`, and loses REQUESTED where a pin was not asked for
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ipython_where.change.installers.interface import Pin
from ipython_where.change.request.request import Request
from ipython_where.change.values import Change, ChangeKind, Plan
from ipython_where.facts.distributions.installed import Altered, Dependents, Installed, Lookup
from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement
from ipython_where.project_names import normalized

from .refusals import Facts, names_in, plan_findings


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
    return Plan(
        changes=changes,
        satisfied=_satisfied(request, changes, facts),
        installer=installer,
        installer_reason=reason,
        neutralised=neutralised,
        findings=plan_findings(request, changes, after, facts) if changes else (),
    )


def _satisfied(request: Request, changes: Sequence[Change], facts: Facts) -> tuple[str, ...]:
    """The requirements that are already met, with what meets them if that is known. A folder or URL names no project, so it
    counts only if no direct source changes.
    """
    if request.command == "uninstall":
        return ()
    changed = {normalized(change.name) for change in changes}
    is_direct = any(change.source is not None for change in changes)
    named = ((each, names_in(each)) for each in request.requirements)
    met = ((each, names) for each, names in named if (not names & changed if names else not is_direct))
    return tuple(_met(each, names, facts) for each, names in met)


def _met(requirement: str, names: set[str], facts: Facts) -> str:
    parsed = parse_requirement(requirement)
    if parsed is not None and facts.markers.holds(parsed.marker) is False:  # whatever is installed has no part in it
        return f"{requirement} by {parsed.name} (not needed here)"
    found = [each for name in names if (each := facts.installed.get(name)) is not None]
    return f"{requirement} by {found[0].name} {found[0].version}" if found else requirement


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


def _asked_for(request: Request) -> set[str]:
    return {name for each in request.requirements for name in names_in(each)}


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
