"""Why did an import fail? One finding, or none where nothing is certain."""

from __future__ import annotations

from ..failure import FailedImport
from ..model import Finding
from .world import World


def explain_failure(failed: FailedImport, world: World) -> Finding | None:
    """What to say of a failed import; None where nothing about it is certain."""
    # late: each needs half of what both need, and the user is waiting
    if failed.missing is None:
        from ..diagnose.broken_module import diagnose_broken
        from .broken_module import read_broken

        return diagnose_broken(read_broken(failed, world))
    from ..diagnose.missing_module import diagnose_missing
    from .missing_module import read_missing

    facts = read_missing(failed.missing, failed, world)
    return diagnose_missing(facts) if facts is not None else None
