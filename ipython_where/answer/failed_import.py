"""Why did an import fail? One finding, or none if nothing is certain.

Tested in `tests/answer/test_missing_module.py`.
"""

from __future__ import annotations

from ipython_where.judge.failure import FailedImport
from ipython_where.model import Finding

from .world import World


def explain_failure(failed: FailedImport, world: World) -> Finding | None:
    """What to say about a failed import; None if nothing about it is certain."""
    found = _explained(failed, world)
    return world.fitting((found,))[0] if found else None


def _explained(failed: FailedImport, world: World) -> Finding | None:
    # imported late: each branch needs half of these, and the user is waiting
    from ipython_where.judge.diagnose.unreadable import unreached_finding

    from .unreadable import read_unreached

    missing = failed.missing
    if failed.required:
        return _required(failed.required, world)
    if failed.unparsed is not None:
        from .misfit import explain_unparsed

        return explain_unparsed(*failed.unparsed, world)
    if failed.attribute:
        return _lacking_attribute(failed, world)
    module = missing or failed.source
    unreached = read_unreached(module, world) if module else None
    if unreached is not None:
        return unreached_finding(unreached)
    return _lacking_name(failed, world) if missing is None else _lacking_module(missing, failed, world)


def _lacking_attribute(failed: FailedImport, world: World) -> Finding | None:
    from ipython_where.judge.diagnose.shadowing import hidden_finding

    from .shadowing import read_hidden_with

    source = failed.source or ""
    hidden = read_hidden_with(source, failed.names[0], world) if "." not in source else None
    return hidden_finding(hidden) if hidden is not None else _moved(failed, world)


def _lacking_name(failed: FailedImport, world: World) -> Finding | None:
    """Why a module that exists could not be imported, or does not have a name."""
    from ipython_where.judge.diagnose.broken_module import diagnose_broken

    from .broken_module import lacks_code, read_broken
    from .records import claiming

    found = diagnose_broken(read_broken(failed, world)) or _unfit(failed, world)
    if found is not None or not failed.names or failed.source is None:
        return found
    moved = _moved(failed, world)
    if moved is not None:
        return moved
    missing = f"{failed.source}.{failed.names[0]}"
    # an import from a bare folder can only want a module in it
    is_module = lacks_code(failed.source, world) or claiming(missing, world)
    return _lacking_module(missing, failed, world) if is_module else None


def _lacking_module(missing: str, failed: FailedImport, world: World) -> Finding | None:
    from ipython_where.judge.diagnose.missing_module import diagnose_missing

    from .missing_module import read_missing

    facts = read_missing(missing, failed, world)
    return diagnose_missing(facts) if facts is not None else None


def _moved(failed: FailedImport, world: World) -> Finding | None:
    from ipython_where.judge.diagnose.moved import moved_finding

    from .moved import read_moved

    moved = read_moved(failed, world)
    return moved_finding(moved) if moved is not None else None


def _required(projects: tuple[str, ...], world: World) -> Finding | None:
    """What an error's message asks for, unless it is installed: its version may be what is wrong."""
    from ipython_where.judge.diagnose.missing_module import MissingModule, diagnose_missing

    if any(world.distributions.find(each, world.path) for each in projects):
        return None
    prefix, python = world.interpreter["prefix"], world.interpreter["version"]
    first, *others = projects
    return diagnose_missing(
        MissingModule(module=first, prefix=prefix, python=python, install=first, alternatives=tuple(others))
    )


def _unfit(failed: FailedImport, world: World) -> Finding | None:
    """That the package whose code failed excludes this Python, or was built for another one."""
    from .misfit import explain_misfit

    return explain_misfit(failed.packages[0], world) if failed.packages else None
