"""What a change means for the Jupyter page: proven from the files of the server's environment, never by an import.

Tested in `tests/test_two_sided.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ipython_where.answer.environment import ask_server
from ipython_where.answer.front_end import ask_front_end, read_of_server
from ipython_where.change.server_environment import ServerEnvironment, server_roots
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import PageVerdict, Transaction
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.installed import closure
from ipython_where.facts.jupyter.front_end import KernelParts, read_carried
from ipython_where.facts.jupyter.running_parts import load_parts
from ipython_where.judge.diagnose.front_end import diagnose_front_end, diagnose_unknown_server
from ipython_where.model import Finding, PageStep, Server
from ipython_where.project_names import normalized

Outcome = tuple[PageVerdict | None, tuple[Finding, ...]]


def page_after(done: Transaction, target: TargetEnvironment) -> Outcome:
    """What the page needs after a change of the server's environment; for another environment, what the server lacks."""
    try:
        return _page_after(done, target)
    except (OSError, WhereError):  # the change is made; an unknown about the page must not look like a failure
        return None, ()


def _page_after(done: Transaction, target: TargetEnvironment) -> Outcome:
    if isinstance(target, ServerEnvironment):
        return _verdict(done, target, target.server), ()
    came, went = tuple(_came(done, target)), tuple(_went(done, target))
    has_parts = any(each.lab_extensions or each.server_extensions for each in (*came, *went))
    if has_parts and (server := ask_server(target.world)).same_environment:
        return _verdict(done, target, server), ()
    return None, tuple(_lacks(done, target))


def _verdict(done: Transaction, target: TargetEnvironment, server: Server) -> PageVerdict:
    came, went = tuple(_came(done, target)), tuple(_went(done, target))
    lab, servers = _names(came)
    served = read_of_server(lab, servers, server)
    there = tuple(each for each, _ in served.lab_extensions) if served is not None else ()
    switched_on = tuple(name for name, _ in served.server_extensions) if served is not None else ()
    gone_lab, gone_servers = _names(went)
    still = read_of_server(gone_lab, gone_servers, server)
    kept = {each.name for each, _ in still.lab_extensions} | {n for n, _ in still.server_extensions} if still else set()
    gone = tuple(name for name in (*gone_lab, *gone_servers) if name not in kept)
    return PageVerdict(
        lab_extensions=there,
        server_extensions=switched_on,
        gone=gone,
        step=_step(done, target, server, came=servers, gone=gone_servers, lab=(*lab, *gone_lab)),
    )


def _step(
    done: Transaction,
    target: TargetEnvironment,
    server: Server,
    *,
    came: Sequence[str],
    gone: Sequence[str],
    lab: Sequence[str],
) -> PageStep:
    """A server imports its packages at start, including its extensions and their dependencies.

    What is new in it, it may load as it runs, if this package is there, too; nothing can be replaced or taken away.
    """
    replaced = {normalized(change.name) for change in done.changes if change.old is not None}
    if gone or replaced & _imported_by_server(target) or (came and not _can_load(came, target, server)):
        return "restart"
    return "reload" if lab else "nothing"


def _can_load(names: Sequence[str], target: TargetEnvironment, server: Server) -> bool:
    world = target.own_world
    loaded = load_parts(server, names, connection_file=world.connection_file, environ=world.environ)
    return loaded.issuperset(names)


def _imported_by_server(target: TargetEnvironment) -> set[str]:
    installed = target.afresh().installed
    extensions = [
        project
        for project, each in installed.all().items()
        if read_carried(each.metadata, installed.distributions).server_extensions
    ]
    return set(closure((*server_roots(installed), *extensions), installed, target.markers))


def _names(carried: Iterable[KernelParts]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of JupyterLab and of server extensions."""
    found = tuple(carried)
    lab = dict.fromkeys(extension.name for each in found for extension in each.lab_extensions)
    return tuple(lab), tuple(dict.fromkeys(name for each in found for name in each.server_extensions))


def _came(done: Transaction, target: TargetEnvironment) -> Iterator[KernelParts]:
    read = target.world.distributions
    for change in done.changes:
        for metadata in read.find(change.name, target.site_directories)[:1] if change.kind != "removed" else ():
            yield read_carried(metadata, read)


def _went(done: Transaction, target: TargetEnvironment) -> Iterator[KernelParts]:
    """The replaced and removed distributions, read from the files that are kept for an undo."""
    if all(change.old is None for change in done.changes):
        return
    kept = target.staged(target.store.trash_of(done.id))
    for change in done.changes:
        old = kept.get(change.name) if change.old is not None else None
        if old is not None:
            yield read_carried(old.metadata, kept.distributions)


def _lacks(done: Transaction, target: TargetEnvironment) -> Iterator[Finding]:
    """What the server lacks of the requested packages that are now in the kernel's environment."""
    read = target.world.distributions
    told: set[tuple[str | None, str]] = set()
    for change in done.changes:
        if change.kind == "removed" or not change.asked_for:
            continue
        for metadata in read.find(change.name, target.site_directories)[:1]:
            front_end, server = ask_front_end(metadata, target.world)
            if front_end is None or server is None:
                continue
            found = (
                diagnose_front_end(change.name, front_end, server)
                if server.verdict in ("local", "remote")
                else diagnose_unknown_server(change.name, front_end, server)
            )
            for finding in found:
                if (finding.hint, finding.message) not in told:
                    told.add((finding.hint, finding.message))
                    yield finding
