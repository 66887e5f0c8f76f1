"""What findings share: their order, and the line that they tell to type."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Finding, Installer

SEVERITIES = ("error", "warning", "note")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then notes; each in the order given."""
    return tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity)))


def install_command(installers: Iterable[Installer], requirement: str) -> str | None:
    """A line for a notebook cell that installs into the kernel's environment; None where nothing is there to do it."""
    can_install = any(installer.name in ("pip", "uv") for installer in installers)
    return f"%safepip install {requirement}" if can_install else None
