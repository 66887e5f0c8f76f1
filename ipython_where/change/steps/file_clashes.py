"""Compares the files of a change with the existing ones, before anything is changed, in a dry run too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.clashes import Ground, Met, clash_findings, named_files
from ipython_where.change.plan.conda_owned import clash_findings as conda_clash_findings
from ipython_where.change.plan.meetings import Meeting
from ipython_where.change.plan.new_files import Digest, NewFiles, digest_of, read_new_files
from ipython_where.change.plan.refusals import judged
from ipython_where.change.plan.wheel_contents import read_archives
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.preparation import Layout, read_layout
from ipython_where.change.values import Change, Plan
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized

from .condas_own import clashes_with_conda


def with_staged_files(plan: Plan, request: Request, target: TargetEnvironment, stage: str) -> tuple[Plan, Met]:
    """The plan with the findings about the files in a stage, and about those that will be removed."""
    layout = _layout(target)
    brought = read_new_files(stage, target.staged(stage), layout)
    return _judged(plan, request, target, layout, brought, lambda path: digest_of(os.path.join(stage, path)))


def with_removed_files(plan: Plan, request: Request, target: TargetEnvironment) -> tuple[Plan, Met]:
    """The plan of a removal, with the findings about its files."""
    return _judged(plan, request, target, _layout(target), (), lambda path: None)


def with_archived_files(plan: Plan, request: Request, target: TargetEnvironment, pins: Sequence[Pin]) -> Plan:
    """The plan of a dry run, with the findings about the files in wheels on this machine.

    A note names the distributions whose files are unknown until they are downloaded or built.
    """
    layout = _layout(target)
    folders = [os.path.join(target.world.system.cwd or "/", os.path.expanduser(each)) for each in request.find_links]
    brought, unknown = read_archives(pins, folders, ground=_ground(target, layout))
    digests = {path: digest for each in brought for path, digest in each.files.items()}
    plan, _ = _judged(plan, request, target, layout, brought, digests.get)
    if not unknown:
        return plan
    named = ", ".join(f"`{each}`" for each in unknown[:3]) + (
        f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
    )
    message = f"the files of {named} cannot be checked yet: a dry run downloads and builds nothing"
    return replace(plan, findings=(*plan.findings, Finding(id="files-unseen", severity="note", message=message)))


def replaced_by(changes: Sequence[Change], target: TargetEnvironment) -> list[str]:
    """The metadata directories that the changes remove: every one of a project, including leftovers of older versions."""
    names = (change.name for change in changes if change.old is not None)
    return [each for name in names for each in target.world.distributions.find(name, target.site_directories)]


def _judged(
    plan: Plan, request: Request, target: TargetEnvironment, layout: Layout, brought: Sequence[NewFiles], digest: Digest
) -> tuple[Plan, Met]:
    if not plan.changes:
        return plan, Met()
    meeting = Meeting(
        layout=layout,
        ground=_ground(target, layout),
        sites=target.site_directories,
        brought=tuple(brought),
        digest=digest,
        replaced=tuple(replaced_by(plan.changes, target)),
        kernel=target.kernel_projects,
        installed=target.installed,
        kernelspec=target.runs.is_this_process,
    )
    met = meeting.met()
    clashes = clash_findings(met, meeting.ground, runs=target.runs)
    of_conda = tuple(clashes_with_conda(meeting, target))
    foreign = _foreign(replace(met, foreign=tuple(set(met.foreign) - {each.path for each in of_conda})))
    findings = [*clashes, *conda_clash_findings(of_conda), *_leaving(met, target), *_linked(met, target), *foreign]
    return replace(plan, findings=(*plan.findings, *(judged(each, request) for each in findings))), met


def _layout(target: TargetEnvironment) -> Layout:
    return read_layout(target.store.places, target.site_directories)


def _ground(target: TargetEnvironment, layout: Layout) -> Ground:
    described = target.world.description
    inside = f"{os.path.abspath(target.root)}/"
    library = str(described["stdlib"])
    scripts = "bin" if target.user else str(described["scripts"])
    return Ground(
        sites=layout.sites,
        scripts=layout.relative(scripts) if scripts.startswith(inside) else "bin",
        library=layout.relative(library) if library.startswith(inside) else None,
    )


def _leaving(met: Met, target: TargetEnvironment) -> list[Finding]:
    """For each distribution that stays: the files it lists that another one had overwritten and now takes along."""
    found = []
    for name in dict.fromkeys(each.of for each in met.others if each.leaves):
        files = [each for each in met.others if each.leaves and each.of == name]
        there = target.installed.get(normalized(name))
        anew = target.typed("install", "--force-reinstall", "--no-deps", f"{name}=={there.version}" if there else name)
        count = "a file" if len(files) == 1 else f"{len(files)} files"
        found.append(
            Finding(
                id="shared-files",
                severity="warning",
                message=f"`{files[0].by}` had overwritten {count} of `{name}`, and removes "
                + ("it" if len(files) == 1 else "them"),
                evidence=named_files(each.path for each in files),
                hint=f"`{anew}` repairs `{name}` afterwards",
            )
        )
    return found


def _linked(met: Met, target: TargetEnvironment) -> list[Finding]:
    return [
        Finding(
            id="linked-folder",
            severity="warning",
            message=f"`{link}` is now a link, where a folder was installed: the link is removed, its target stays",
            evidence=(Evidence(label="points to", value=os.path.realpath(os.path.join(target.root, link))),),
        )
        for link in sorted(met.linked)
    ]


def _foreign(met: Met) -> Iterator[Finding]:
    if met.foreign:
        count = "a file is" if len(met.foreign) == 1 else f"{len(met.foreign)} files are"
        yield Finding(
            id="foreign-files",
            severity="warning",
            message=f"{count} in the way of new files, and no distribution lists "
            + ("it: it is moved aside" if len(met.foreign) == 1 else "them: they are moved aside"),
            evidence=named_files(met.foreign),
        )
