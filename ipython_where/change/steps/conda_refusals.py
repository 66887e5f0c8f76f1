"""Refuses what conda, or pixi, forbids before anything is asked for: a frozen environment, and a package of conda's by name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ipython_where.change.plan.conda_owned import CondaChange, frozen_finding, owned_findings, pixi_finding
from ipython_where.change.plan.refusals import judged
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.facts.conda.ownership import CondaClaim, modules_at
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaRecord
from ipython_where.facts.distributions.requirement import Requirement, accepts, parse_requirement
from ipython_where.judge.names import modules_of
from ipython_where.model import Finding

from .condas_own import claims_on, sites_of
from .judging import refused


def refuse_managed(request: Request, target: TargetEnvironment) -> None:
    """Raise `InstallError` where the environment is frozen, or pixi's, and the request doesn't allow it."""
    if target.user or not target.conda.all:
        return
    _raise(request, _managed(request, target), target)


def refuse_owned(request: Request, target: TargetEnvironment) -> None:
    """Raise `InstallError` for what an install names and conda owns, before anything is asked for and downloaded."""
    if target.conda.all:
        owned = tuple(_named_and_owned(request, target))
        _raise(request, owned_findings(owned, target.prefix, is_kernels=not target.option), target)


def _managed(request: Request, target: TargetEnvironment) -> Iterator[Finding]:
    prefix = CondaPrefix(target.prefix)
    if prefix.is_frozen:
        yield frozen_finding(os.path.join(target.prefix, "conda-meta", "frozen"), prefix.frozen_message)
    if prefix.pixi is not None:
        yield pixi_finding(prefix.pixi, request.command, request.requirements, target.prefix)


def _named_and_owned(request: Request, target: TargetEnvironment) -> Iterator[CondaChange]:
    """What an install names, and would surely change or hide."""
    for requirement in map(parse_requirement, request.requirements):
        if requirement is None or target.markers.holds(requirement.marker) is not True:
            continue
        claim = claims_on((requirement.name,), target).get(requirement.name)
        if claim is not None and _changes(requirement, request, target):
            yield _wished(requirement, claim, request, target)
        elif claim is None and target.installed.get(requirement.name) is None:
            record = _in_other_name(requirement.name, target)
            if record is not None:
                yield _wished(requirement, CondaClaim(record=record, is_whole=True), request, target)


def _changes(requirement: Requirement, request: Request, target: TargetEnvironment) -> bool:
    """Whether another version or build of it is asked for than the one that is there."""
    installed = target.installed.get(requirement.name)
    if request.upgrade or request.force_reinstall or request.user or requirement.url is not None or installed is None:
        return True
    return accepts(requirement.specifier, installed.version) is False


def _wished(requirement: Requirement, claim: CondaClaim, request: Request, target: TargetEnvironment) -> CondaChange:
    installed = target.installed.get(requirement.name)
    old = installed.version if installed is not None else claim.record.version
    wanted = requirement.specifier.replace(" ", "")
    return CondaChange(
        name=requirement.name.replace("_", "-") if installed is None else installed.name,
        claim=claim,
        moved=f"{old} → {wanted or ('the newest' if request.upgrade else 'another')}",
        wanted=wanted,
        verb="update" if request.upgrade and not wanted else "install",
    )


def _in_other_name(project: str, target: TargetEnvironment) -> CondaRecord | None:
    """The conda package with a module of a project that Python's metadata doesn't know: `cv2` of `py-opencv`.

    Proven by the closed list of import names, or by a package and a module that are both called like the project. conda's
    `graphviz` has no such module: it is another project.
    """
    names = set(modules_of(project))
    alike = target.conda.named_like(project)
    found = modules_at((*names, project) if alike is not None else names, sites_of(target), target.conda)
    records = [record for name, (_, record) in found.items() if name in names or record == alike]
    return records[0] if records else None


def _raise(request: Request, findings: Iterable[Finding], target: TargetEnvironment) -> None:
    stopping = tuple(each for each in (judged(one, request) for one in findings) if each.severity == "error")
    if stopping:
        raise refused(stopping, target)
