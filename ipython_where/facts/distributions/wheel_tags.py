"""Which Python and system a distribution was built for, by the tags in its WHEEL file (PEP 425).

Tested in `tests/answer/test_misfit.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TAG = re.compile(rb"^Tag:[ \t]*(\S+)", re.MULTILINE)


def foreign_tag(wheel: bytes | None, *, version: str, platform: str | None) -> str | None:
    """The first tag in WHEEL, if none of them fits a Python of this version on this platform; None if one may.

    ``platform`` is the one in the names of the Python's compiled files, `x86_64-linux-gnu` or `darwin`. Names that other tools
    invented, and a machine that the platform doesn't tell, fit.
    """
    tags = [each.decode("ascii", "replace") for each in _TAG.findall(wheel or b"")]
    return tags[0] if tags and not any(_fits(each, version, platform) for each in tags) else None


def _fits(tag: str, version: str, platform: str | None) -> bool:
    parts = tag.split("-")
    if len(parts) != 3:
        return True
    pythons, abis, platforms = (each.split(".") for each in parts)
    return _has_python(pythons, abis, version) and any(_is_platform(each, platform) for each in platforms)


def _has_python(pythons: Sequence[str], abis: Sequence[str], version: str) -> bool:
    major, minor = version.split(".")[:2]
    for each in pythons:
        found = re.fullmatch(r"(cp|py)(\d)(\d*)", each)
        if found is None:
            return True
        kind, theirs, number = found.groups()
        if theirs == major and (not number or kind == "py" or number == minor or not _is_strict(abis)):
            return True
    return False


def _is_strict(abis: Sequence[str]) -> bool:
    """Whether it fits one version only: code for the stable ABI, and code without an ABI, fit all later ones."""
    return all(each.startswith("cp") for each in abis)


_SYSTEMS = {"win": "win", "macosx": "darwin", "linux": "linux", "manylinux": "linux", "musllinux": "linux"}


def _is_platform(tag: str, platform: str | None) -> bool:
    word = re.match(r"[a-z]+", tag)
    system = _SYSTEMS.get(word[0]) if word is not None else None
    if system is None or platform is None:
        return True
    machine, dash, rest = platform.partition("-")
    if not dash:
        return machine.startswith(system)
    return rest.startswith(system) and (system != "linux" or tag.endswith(f"_{machine}") or machine not in _MACHINES)


_MACHINES = ("x86_64", "aarch64", "ppc64le", "s390x", "riscv64")
"""Those that tags and compiled files spell alike."""
