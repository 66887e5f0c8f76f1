"""What findings share: their order, and the install command in their hints.

Tested in `tests/judge/diagnose/test_environment.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from ipython_where.model import Environment, Evidence, Finding, PackageManager

SEVERITIES = ("error", "warning", "note")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then notes; each in the order given."""
    return tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity)))


def install_command(installers: Iterable[PackageManager], requirement: str) -> str | None:
    """A line for a notebook cell that installs into the kernel's environment; None if nothing can."""
    can_install = any(installer.name in ("pip", "uv", "micropip", "piplite") for installer in installers)
    return f"%safepip install {requirement}" if can_install else None


def kernel_evidence(kernel: Environment) -> Evidence:
    """The row that names the kernel's interpreter."""
    return Evidence(label="kernel", value=kernel.executable or kernel.prefix, note=kernel.version)


def count(number: int, noun: str) -> str:
    """A number and its noun, in the plural where needed: `1 entry`, `2 entries`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
