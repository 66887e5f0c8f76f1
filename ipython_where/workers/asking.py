"""Asks the workers of a cluster through its engine, and this kernel with the same code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Progress
from ipython_where.errors import Interrupted, WhereError
from ipython_where.model import Evidence, Finding, ModuleAnswer
from ipython_where.show.screen import counted
from ipython_where.value import dataclass

from .diagnosis import module_findings
from .engine import SCHEDULER, Answered, Engine, KeepsProcesses, ListsWorkers, Remarks, Reply, TakesItsTime, Unanswered
from .grouping import SortedReplies, compared, group_modules, sort_replies
from .question import Name, asked_here, brief, module_question
from .reports import read_modules
from .values import SilentWorkers, WorkerGroup, WorkersAnswer

TIMEOUT = 10.0
"""Seconds for all workers together, where neither the user nor the engine names any."""

_NAME = 300
"""Characters of a worker's name."""

_REASON = 500
"""Characters of what an engine's error says."""

_BRIEF = 0.25
"""The part of the time that workers have for a question without its text."""

_WITHOUT_TEXT, _GONE = Answered(text=""), Unanswered(reason="it is gone")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client as the user calls it, and the engine that knows it."""

    name: str
    client: object
    engine: Engine

    @property
    def timeout(self) -> float:
        """Seconds to wait where the user names none."""
        return self.engine.timeout if isinstance(self.engine, TakesItsTime) else TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What came of one question: ``asked`` are the workers that there are, ``seconds`` is how long it took."""

    replies: SortedReplies
    asked: int
    seconds: float


def ask_modules(
    names: Sequence[str], client: Client, world: World, *, progress: Progress, timeout: float, verbose: bool = False
) -> tuple[WorkersAnswer, ...]:
    """Where names come from on the workers and here, an answer for each. Raises `WhereError` where nobody can be asked."""
    known = tuple(where(name, world) for name in names)
    wanted = tuple(map(_wanted, known))
    with waiting(progress):
        asked = ask(client, module_question(wanted), progress=progress, timeout=timeout)
        notes = remarks(client)
    read = partial(read_modules, names=wanted)
    here = sort_replies({"kernel": Answered(text=asked_here("modules", wanted))})
    kernels = (
        _decided(group, each) for (group,), each in zip(group_modules(here, read, len(names))[0], known, strict=True)
    )
    groups, unread = group_modules(asked.replies, read, len(names))
    return tuple(
        _answer(name, client, asked, kernel, found, unread, notes, timeout=timeout, verbose=verbose)
        for name, kernel, found in zip(names, kernels, groups, strict=True)
    )


def _decided(kernel: WorkerGroup, known: ModuleAnswer) -> WorkerGroup:
    """The kernel's row; where another project's finder leaves it undecided, `%where NAME` looked into that finder itself."""
    module = kernel.module
    if module.found is None and known.found is not None and module.file in (known.file, None):
        module = replace(module, found=known.found, reason=None)
    return replace(kernel, role="kernel", module=module)


def _answer(
    query: str,
    client: Client,
    asked: Survey,
    kernel: WorkerGroup,
    found: Iterable[WorkerGroup],
    unread: Sequence[SilentWorkers],
    notes: Sequence[Finding],
    *,
    timeout: float,
    verbose: bool,
) -> WorkersAnswer:
    groups = compared(found, kernel)
    silent = (*asked.replies.silent, *unread)
    answer = WorkersAnswer(
        query=query,
        client=client.name,
        engine=client.engine.name,
        asked=asked.asked,
        answered=sum(each.count for each in groups if each.role == "workers"),
        seconds=round(asked.seconds, 3),
        timeout=timeout,
        kernel=kernel,
        groups=groups,
        silent=silent,
        findings=(),
        verbose=verbose,
    )
    return replace(answer, findings=(*module_findings(answer), *notes))


def _wanted(known: ModuleAnswer) -> Name:
    """The module and the project that a name means here; one that is unknown here may be either there."""
    name = known.query
    project = known.distribution.name if known.distribution else known.project or name
    if known.module is not None:
        return known.module, project
    if known.modules:
        return known.modules[0] if len(known.modules) == 1 else None, project
    return name if all(part.isidentifier() for part in name.split(".")) else None, project


@contextmanager
def waiting(progress: Progress) -> Iterator[None]:
    """While workers are waited for: the progress ends with it, and an interrupt says that nothing is shown."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("interrupted: no answer of the workers is shown") from None
    finally:
        progress.close()


def ask(client: Client, question: str, *, progress: Progress, timeout: float) -> Survey:
    """One question to every worker; to be called inside of `waiting`."""
    began = time.monotonic()
    known = _workers(client)
    count = len({*known} - {SCHEDULER})
    progress.step(f"asking {counted(count, 'worker')}" if known else "asking the workers")
    replies = ask_some(client, question, timeout=timeout)
    absent = [each for each in known if each not in replies]
    names = {*replies, *absent} - {SCHEDULER}
    return Survey(replies=sort_replies(replies, absent=absent), asked=len(names), seconds=time.monotonic() - began)


def ask_some(
    client: Client, question: str, *, timeout: float, workers: Sequence[str] | None = None
) -> Mapping[str, Reply]:
    """The replies of these workers, or of all. Where processes last, those that have the question's text need not get it again.

    A worker that hangs has an end in either round: the others' time must not be over before they got the text.
    """
    engine, end = client.engine, time.monotonic() + timeout
    replies: dict[str, Reply] = {}
    if isinstance(engine, KeepsProcesses) and engine.keeps_processes:
        run = partial(engine.run_everywhere, client.client, brief(question), timeout=timeout * _BRIEF, workers=workers)
        replies.update(guarded(client, run))
        workers = [name for name, reply in replies.items() if isinstance(reply, Unanswered) or reply == _WITHOUT_TEXT]
        replies.update(dict.fromkeys(workers, _GONE))
    if workers is None or workers:
        left = max(0.1, round(end - time.monotonic(), 1))
        run = partial(engine.run_everywhere, client.client, question, timeout=left, workers=workers)
        replies.update(guarded(client, run))
    return {_named(name): reply for name, reply in replies.items()}


def _workers(client: Client) -> tuple[str, ...]:
    """The workers that there are; none where the engine cannot say: who answers is known in any case."""
    if not isinstance(client.engine, ListsWorkers):
        return ()
    try:
        return tuple(map(_named, client.engine.workers(client.client)))
    except WhereError:
        raise
    except Exception:
        return ()


def _named(name: object) -> str:
    text = name if isinstance(name, str) else repr(name)
    return text if len(text) <= _NAME else f"{text[:_NAME]}…"


def guarded(client: Client, call: Callable[[], T]) -> T:
    """What an engine gives; whatever it raises becomes an error that names it."""
    try:
        return call()
    except WhereError:
        raise
    except Exception as error:
        raise WhereError(
            f"{client.engine.name} could not ask the workers of `{client.name}`",
            evidence=[Evidence(label="reason", value=f"{type(error).__name__}: {error}"[:_REASON])],
            hint="if its cluster is gone, connect again",
        ) from error


def remarks(client: Client) -> tuple[Finding, ...]:
    """What the engine itself has to say; nothing where it fails: the answers count."""
    engine = client.engine
    try:
        return tuple(engine.remarks(client.client)) if isinstance(engine, Remarks) else ()
    except Exception:
        return ()
