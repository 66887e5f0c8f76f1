"""Which Python and platform a compiled module was built for, by its file name (PEP 3149) and its first bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Builds:
    """What a compiled file was built for, and the same kind of value for the Python in question; None if unknown."""

    theirs: str
    ours: str | None


_TAGS = re.compile(
    r"(?:\.(?:cpython-(?P<cpython>\d{2,3})(?P<flags>[a-z]*)|cp(?P<windows>\d{2,3})(?P<threads>t?)|pypy(?P<pypy>\d{2,3})-pp\w+"
    r"|graalpy(?P<graal>\d+)-\d+-native|abi3)(?:-(?P<platform>[\w-]+))?)?\.(?P<kind>so|pyd)"
)
_MACHINES = {3: "x86", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv"}
"""Values of ELF's `e_machine`."""

HEADER = 64
"""Bytes in the header of a 64-bit ELF file."""

MACHINE = 20
"""Bytes up to the end of ELF's `e_machine`."""


def built_for(file: str, module: str, *, suffixes: Sequence[str]) -> Builds | None:
    """What a ``module``'s compiled file was built for, if a Python with these ``suffixes`` can't load it; else None."""
    suffix = file.removeprefix(module.rpartition(".")[2])
    tags = _TAGS.fullmatch(suffix)
    if suffix == file or suffix in suffixes or tags is None:
        return None
    own = next((each for each in map(_TAGS.fullmatch, suffixes) if each is not None and _python(each)), None)
    theirs, ours = _python(tags), _python(own) if own is not None else None
    platform = tags["platform"] or ("Windows" if tags["kind"] == "pyd" else None)
    if theirs is not None and theirs != ours:
        return Builds(theirs=theirs, ours=ours)
    return Builds(theirs=platform, ours=own["platform"] if own is not None else None) if platform else None


def platform_of(suffixes: Sequence[str]) -> str | None:
    """The platform in a Python's own suffixes: `x86_64-linux-gnu`, `darwin`."""
    return next((each["platform"] for each in map(_TAGS.fullmatch, suffixes) if each and each["platform"]), None)


def _python(tags: re.Match[str]) -> str | None:
    """The interpreter that the tags name, in everyday words (`Python 3.12`)."""
    digits = tags["cpython"] or tags["windows"]
    if digits:
        threads = "t" in f"{tags['flags'] or ''}{tags['threads'] or ''}"
        return f"{'free-threaded ' if threads else ''}Python {digits[0]}.{digits[1:]}"
    if tags["pypy"]:
        return f"PyPy {tags['pypy'][0]}.{tags['pypy'][1:]}"
    return "GraalPy" if tags["graal"] else None


def compiled_by(header: bytes) -> str | None:
    """The Python that wrote bytecode, by its magic number; None if the file has none.

    `importlib._bootstrap_external` lists them: since 3.11, each release has fifty numbers of its own.
    """
    if len(header) < 4 or header[2:4] != b"\r\n":
        return None
    number = int.from_bytes(header[:2], "little")
    if 3450 <= number < 3900:
        return f"Python 3.{(number - 2900) // 50}"
    older = ((10, range(3430, 3450)), (9, range(3420, 3430)), (8, range(3400, 3420)))
    return next((f"Python 3.{minor}" for minor, numbers in older if number in numbers), "a different Python")


def is_cut_off(header: bytes, size: int) -> bool:
    """Whether a compiled file of ``size`` bytes is truncated: no valid ``header``, or one that promises more.

    ELF's header gives the position of the section table, which is at the end of nearly every file.
    """
    if machine_of(header) is None:
        return True
    if header[:4] != b"\x7fELF" or header[4] not in _TABLE:
        return False
    least, *fields = _TABLE[header[4]]
    if len(header) < least:
        return size < least
    order = "little" if header[5] == 1 else "big"
    at, each, count = (int.from_bytes(header[start:end], order) for start, end in fields)  # type: ignore[arg-type]
    return at + each * count > size


_TABLE = {1: (52, (32, 36), (46, 48), (48, 50)), 2: (HEADER, (40, 48), (58, 60), (60, 62))}
"""By `EI_CLASS`, 32 or 64 bits: the header's length, and where it has the section table's position, entry size and count."""


def machine_of(header: bytes) -> str | None:
    """The system and processor that a binary was built for, by its first 20 bytes; None if they don't say."""
    if header[:4] == b"\x7fELF" and len(header) >= 20:
        order = "little" if header[5] == 1 else "big"
        number = int.from_bytes(header[18:20], order)  # type: ignore[arg-type]
        return f"Linux on {_MACHINES.get(number, f'processor {number}')}" + (", 32 bits" if header[4] == 1 else "")
    if header[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"):
        return "macOS"
    return "Windows" if header[:2] == b"MZ" else None
