"""Why did an import fail? One finding, or none if nothing is certain.

Tested in `tests/answer/test_missing_module.py`.
"""

from __future__ import annotations

from ipython_where.judge.failure import FailedImport
from ipython_where.model import Finding

from .world import World


def explain_failure(failed: FailedImport, world: World) -> Finding | None:
    """What to say about a failed import; None if nothing about it is certain."""
    # imported late: each branch needs half of these, and the user is waiting
    missing = failed.missing
    if failed.attribute:
        from ipython_where.judge.diagnose.shadowing import hidden_finding

        from .shadowing import read_hidden_with

        source = failed.source or ""
        hidden = read_hidden_with(source, failed.names[0], world) if "." not in source else None
        return hidden_finding(hidden) if hidden is not None else None
    if missing is None:
        from ipython_where.judge.diagnose.broken_module import diagnose_broken

        from .broken_module import lacks_code, read_broken
        from .records import claiming

        found = diagnose_broken(read_broken(failed, world))
        if found is not None or not failed.names or failed.source is None:
            return found
        missing = f"{failed.source}.{failed.names[0]}"
        # an import from a bare folder can only want a module in it
        if not lacks_code(failed.source, world) and not claiming(missing, world):
            return None
    from ipython_where.judge.diagnose.missing_module import diagnose_missing

    from .missing_module import read_missing

    facts = read_missing(missing, failed, world)
    return diagnose_missing(facts) if facts is not None else None
