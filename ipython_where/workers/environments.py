"""Whole environments compared: a digest of each worker's, then one list for each that differs.

What is sent grows with the number of different environments, not with the number of workers.

Tested in `tests/workers/test_environments.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ipython_where.answer.imported import imported
from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Progress
from ipython_where.project_names import canonical_name

from .asking import Client, Survey, ask, ask_some, remarks, waiting
from .comparing import Contents, differing, judged
from .diagnosis import environment_findings
from .engine import Answered, MustMatch, Reply
from .grouping import EqualWorkers, Reasons, located, sort_replies, unknown
from .question import asked_here, environment_question, listing_question
from .reports import LISTING_LIMIT, MalformedError, WorkerHost, read_environment, read_listing, read_reply
from .values import EnvironmentGroup, EnvironmentsAnswer, Role, SilentWorkers, WorkerPython

MOST_LISTS = 50
"""Different environments that are compared project by project; more than these are told apart by their digests alone."""

_FIRST = 0.7
"""The part of the time that the digests may take: one worker that is late leaves the rest to the lists of the others."""

_TRIES = 2
"""Workers of one environment that are asked for its list, the second if the first gives none."""


class FoundEnvironments(NamedTuple):
    """The environments by their places, and who gave no answer that can be read."""

    environments: tuple[EnvironmentGroup, ...]
    silent: tuple[SilentWorkers, ...]


def compare_environments(
    client: Client, world: World, *, progress: Progress, timeout: float, verbose: bool = False
) -> EnvironmentsAnswer:
    """The workers' environments and this kernel's. Raises `WhereError` where nobody can be asked."""
    began = time.monotonic()
    kernel, here = _kernel()
    with waiting(progress):
        asked = ask(client, environment_question(), progress=progress, timeout=timeout * _FIRST)
        found = _found(asked)
        progress.step("comparing")
        lists = _lists(client, _wanted(found.environments, kernel), began + timeout)
        notes, required = remarks(client), _required(client)
    contents = Contents(kernel=here, lists={**lists, kernel.digest: here})
    environments = judged(found.environments, kernel, contents)
    answer = EnvironmentsAnswer(
        client=client.name,
        engine=client.engine.name,
        asked=asked.asked,
        answered=sum(each.count for each in environments if each.role == "workers"),
        seconds=round(time.monotonic() - began, 3),
        timeout=timeout,
        kernel=kernel,
        environments=environments,
        projects=differing(environments, contents, imported=_imported(world), required=required),
        silent=found.silent,
        findings=(),
        verbose=verbose,
    )
    return replace(answer, findings=(*environment_findings(answer), *notes))


def _kernel() -> tuple[EnvironmentGroup, Mapping[str, str]]:
    """This process, by the same code, and its projects."""
    ((equal,), _) = sort_replies({"kernel": Answered(text=asked_here("environment"))})
    read = read_environment(equal.what)
    projects = read_listing(read_reply(asked_here("listing"), limit=LISTING_LIMIT).what, read.digest)
    place = _EqualPlaces("kernel", located(read.python, equal.cwd), read.digest, read.projects)
    return replace(_environment(place, [equal]), differing=0), projects


def _found(asked: Survey) -> FoundEnvironments:
    refused = Reasons()
    places: dict[_EqualPlaces, list[EqualWorkers]] = {}
    for equal in asked.replies.groups:
        try:
            read = read_environment(equal.what)
        except MalformedError as error:
            refused.add(unknown(error), equal.workers)
            continue
        place = _EqualPlaces(equal.role, located(read.python, equal.cwd), read.digest, read.projects)
        places.setdefault(place, []).append(equal)
    found = tuple(_environment(place, equals) for place, equals in places.items())
    return FoundEnvironments(found, (*asked.replies.silent, *refused.workers()))


class _EqualPlaces(NamedTuple):
    """What is the same in all workers of an environment."""

    role: Role
    python: WorkerPython
    digest: str
    projects: int


def _environment(place: _EqualPlaces, equals: Sequence[EqualWorkers]) -> EnvironmentGroup:
    return EnvironmentGroup(
        role=place.role,
        workers=tuple(name for each in equals for name in each.workers),
        hosts=len(frozenset[WorkerHost]().union(*(each.hosts for each in equals))),
        python=place.python,
        projects=place.projects,
        digest=place.digest,
        differing=None,
    )


# -- the second round --------------------------------------------------------------------------------------------------


def _wanted(environments: Sequence[EnvironmentGroup], kernel: EnvironmentGroup) -> Mapping[str, Sequence[str]]:
    """The digests whose list is unknown here, each with the workers that have it."""
    wanted: dict[str, list[str]] = {}
    for each in environments:
        if each.digest != kernel.digest:
            wanted.setdefault(each.digest, []).extend(each.workers)
    return wanted


def _lists(client: Client, wanted: Mapping[str, Sequence[str]], until: float) -> Mapping[str, Mapping[str, str]]:
    """The projects of each digest, from one worker that has it, or else from a second one."""
    found: dict[str, Mapping[str, str]] = {}
    for attempt in range(_TRIES):
        chosen = {
            workers[attempt]: digest
            for digest, workers in [*wanted.items()][:MOST_LISTS]
            if digest not in found and len(workers) > attempt
        }
        left = until - time.monotonic()
        if chosen and left > 0:
            replies = ask_some(client, listing_question(), timeout=left, workers=tuple(chosen))
            found |= {
                chosen[worker]: projects
                for worker, reply in replies.items()
                if worker in chosen and (projects := _projects(reply, chosen[worker])) is not None
            }
    return found


def _projects(reply: Reply, digest: str) -> Mapping[str, str] | None:
    if not isinstance(reply, Answered):
        return None
    try:
        return read_listing(read_reply(reply.text, limit=LISTING_LIMIT).what, digest)
    except MalformedError:
        return None


# -- what matters ------------------------------------------------------------------------------------------------------


def _imported(world: World) -> frozenset[str]:
    """The projects that this notebook has imported; not this package, which no worker needs."""
    modules = imported(world).modules
    names = (canonical_name(each.distribution) for each in modules if each.in_notebook and each.distribution)
    return frozenset(names) - {"ipython-where"}


def _required(client: Client) -> frozenset[str]:
    """The projects that the engine needs to be the same on both sides; none where it fails: the answers count."""
    engine = client.engine
    try:
        return frozenset(map(canonical_name, engine.must_match(client.client) if isinstance(engine, MustMatch) else ()))
    except Exception:
        return frozenset()
