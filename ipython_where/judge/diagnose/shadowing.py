"""A different copy of a module than the installed one: a file of the user's that hides it, or one that was loaded earlier.

Tested in `tests/judge/diagnose/test_missing_module.py`.
"""

from __future__ import annotations

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

RESTART = "restart the kernel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A file of the user's that hides an installed module, or one of the standard library (no ``distribution``)."""

    module: str
    file: str
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """A loaded module that differs from what an import would find now; ``version`` is that one's, None for nothing."""

    module: str
    loaded_file: str
    loaded_version: str | None
    version: str | None


def hidden_finding(hidden: Hidden) -> Finding:
    what = (
        f"the installed `{hidden.distribution}`{spaced(hidden.version)}"
        if hidden.distribution
        else f"the standard library's module `{hidden.module}`"
    )
    return Finding(
        id="hidden-by-own-file",
        severity="warning",
        message=f"your `{hidden.file}` hides {what}",
        hint=f"rename it, then {RESTART}",
    )


def outdated_finding(outdated: tuple[Outdated, ...]) -> Finding:
    first, *others = map(_comparison, outdated)
    return Finding(
        id="outdated",
        severity="warning",
        message=first,
        evidence=tuple(Evidence(label="also", value=each) for each in others),
        hint=RESTART,
    )


def _comparison(outdated: Outdated) -> str:
    loaded = outdated.loaded_version or f"from `{outdated.loaded_file}`"
    now = f"but {outdated.version} is installed" if outdated.version else "but is no longer installed"
    return f"`{outdated.module}` {loaded} is loaded, {now}"


def spaced(version: str | None) -> str:
    return f" {version}" if version else ""
