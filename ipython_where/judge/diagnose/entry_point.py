"""An entry point of a third party's that cannot be used: what it is, where it is declared, and why.

Tested in `tests/change/installers/test_registry.py`.
"""

from __future__ import annotations

from typing import Literal

from ipython_where.model import Evidence, Finding


def unusable_finding(
    what: Literal["installer", "engine"], name: str, value: str, *, metadata: str | None, project: str, reason: str
) -> Finding:
    """The finding for one that leads to ``value``. ``metadata`` is the directory that declares it, None for one of ours."""
    declared = (Evidence(label="declared in", value=metadata),) if metadata is not None else ()
    return Finding(
        id=f"unusable-{what}",
        severity="warning",
        message=f"the {what} `{name}` cannot be used, the others can",
        evidence=(
            Evidence(label="entry point", value=f"{name} = {value}"),
            *declared,
            Evidence(label="reason", value=reason),
        ),
        hint=f"`%safepip uninstall {project}` removes what declares it" if metadata is not None else None,
    )
