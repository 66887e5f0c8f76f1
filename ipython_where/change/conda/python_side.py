"""What a change of conda packages means for Python's distributions: judged by what is staged, as an install is.

Tested in `tests/change/conda/test_conda_change.py`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping

from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.plan import make_plan
from ipython_where.change.request.request import Request
from ipython_where.change.steps.judging import facts_of
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.preparation import read_layout
from ipython_where.change.transaction.stage import read_rows
from ipython_where.facts.conda.pip_effects import read_pip_put
from ipython_where.facts.distributions.installed import Installed, InstalledDistributions
from ipython_where.judge.conda_spec import name_in
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .conda_plan import CondaDifference
from .pip_copies import copies_over, same_versions
from .rattler_engine import RattlerPackage
from .shadow import Difference, bytecode

_OURS = ("conda-owned", "externally-managed")
"""Findings about installers that go past conda."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSide:
    """What comes and goes of Python's distributions. ``leaving`` are the metadata directories of those that go or are
    replaced, ``taken_out`` the files of pip's that conda's take the place of, ``brought`` the names of what came.
    """

    findings: tuple[Finding, ...]
    leaving: tuple[str, ...]
    taken_out: frozenset[str]
    brought: tuple[str, ...]


def python_side(
    brought: Difference, target: TargetEnvironment, stage: str, request: Request, different: CondaDifference
) -> PythonSide:
    """Judge what is staged against what is installed, and find what pip installed under the same names.

    What pip put in the place of a conda package that is removed goes along: it loses files, so it would be broken.
    """
    staged = target.staged(stage).all()
    # not the user's packages, which may hide some of these
    here = InstalledDistributions(target.world.distributions, target.site_directories)
    copies = (*copies_over(different.removed, target), *same_versions(different.out, target))
    over = {each.metadata for each in copies}
    # the metadata that goes with conda's files, and what pip installed under a name that now comes from conda
    of_conda = [each for each in here.all().values() if each.metadata not in over and _goes(each, brought, target)]
    of_pip = [each for name in staged if (each := here.get(name)) is not None and each not in of_conda]
    along = [each for each in here.all().values() if each.metadata in over and each not in of_pip]
    leaving = tuple(each.metadata for each in (*of_conda, *of_pip, *along))
    pins = [
        Pin(name=each.name, version=each.version, requested=True, requires=each.requires) for each in staged.values()
    ]
    gone = [each.name for each in (*of_conda, *along) if each.project not in staged]
    names = [*(each.name for each in staged.values()), *gone]
    plan = make_plan(request, pins, facts_of(target, names), installer="rattler", reason="", removed=gone)
    return PythonSide(
        findings=(
            *(each for each in plan.findings if each.id not in _OURS),
            *_replaced(of_pip, staged),
            *_orphaned(brought, [*of_conda, *of_pip, *along], target),
        ),
        leaving=leaving,
        taken_out=_files_of([*of_pip, *along], of_conda, different, target),
        brought=tuple(each.name for each in staged.values()),
    )


def _goes(installed: Installed, brought: Difference, target: TargetEnvironment) -> bool:
    """Whether a distribution's metadata is among the files that are taken out."""
    start = os.path.relpath(installed.metadata, target.root) + "/"
    return f"{start}METADATA" in brought.taken_out or f"{start}PKG-INFO" in brought.taken_out


def _files_of(
    of_pip: list[Installed], of_conda: list[Installed], different: CondaDifference, target: TargetEnvironment
) -> frozenset[str]:
    """The files of what pip installed, relative to the root, with their bytecode: it goes as a whole. And what another tool left
    in a metadata directory that goes, which would be a distribution without a RECORD.

    But for files that a package has that stays.
    """
    layout = read_layout(target.store.places, target.site_directories)
    listed = {
        layout.canonical(row.path) for each in of_pip for row in read_rows(target.root, layout.relative(each.metadata))
    }
    listed |= {
        layout.canonical(os.path.relpath(os.path.join(folder, name), target.root))
        for each in of_conda
        for folder, _, names in os.walk(each.metadata)
        for name in names
    }
    owners = target.world.distributions.conda(target.root).owners_of(map(os.fsencode, listed))
    kept = {
        os.fsdecode(path) for path, found in owners.items() if any(each.name not in different.out for each in found)
    }
    listed -= kept
    return frozenset({*listed, *bytecode(target.root, listed, ())})


def _replaced(of_pip: list[Installed], staged: Mapping[str, Installed]) -> Iterator[Finding]:
    if of_pip:
        count = "a distribution" if len(of_pip) == 1 else f"{len(of_pip)} distributions"
        yield Finding(
            id="pip-replaced",
            severity="warning",
            message=f"conda takes the place of {count} that pip installed",
            evidence=tuple(
                Evidence(label=each.name, value=f"{each.version} → {staged[each.project].version}") for each in of_pip
            ),
        )


def _orphaned(brought: Difference, leaving: Collection[Installed], target: TargetEnvironment) -> Iterator[Finding]:
    """What pip installed under other names, and loses files that a conda package had, too."""
    lost = frozenset(map(os.fsencode, brought.taken_out)) - frozenset(map(os.fsencode, brought.brought))
    records = target.world.distributions.conda(target.root)
    put = read_pip_put(target.world.distributions, target.site_directories, records) if lost else ()
    gone = {each.name for each in leaving}
    hit = [each for each in put if each.files & lost and each.name not in gone]
    if hit:
        names = " ".join(each.name for each in hit)
        yield Finding(
            id="pip-orphaned",
            severity="warning",
            message=f"{len(hit)} of pip's distributions lose files that a conda package has, too"
            if len(hit) > 1
            else "a distribution of pip's loses files that a conda package has, too",
            evidence=tuple(Evidence(label=each.name, value=each.version) for each in hit),
            hint=f"`%safepip install --force-reinstall {names}` brings them back, next",
        )


def kernel_packages(target: TargetEnvironment, installed: Mapping[str, RattlerPackage]) -> frozenset[str]:
    """The conda packages that this kernel runs on: those that carry its projects, Python, and what these depend on."""
    found: set[str] = set()
    waiting = [each for each in ("python", *kernel_carriers(target)) if each in installed]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [
                each for each in map(name_in, installed[name].depends) if each is not None and each in installed
            ]
    return frozenset(found)


def kernel_carriers(target: TargetEnvironment) -> tuple[str, ...]:
    """The conda packages that list the metadata of the kernel's projects."""
    here = (target.installed.get(project) for project in target.kernel_projects)
    records = target.world.distributions.conda(target.root)
    wanted = [
        path
        for each in here
        if each is not None and each.metadata
        for name in ("METADATA", "PKG-INFO")
        if (path := records.path_of(os.path.join(each.metadata, name))) is not None
    ]
    owners = records.owners_of(wanted).values()
    return tuple(dict.fromkeys(each.name for found in owners for each in found))
