"""Does an installed distribution fit this Python? By its metadata, its compiled files and its code, which is never run."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ipython_where.facts.distributions.metadata import parse_installer
from ipython_where.facts.distributions.stat_cache import StatCache
from ipython_where.facts.files import read_bytes
from ipython_where.facts.imports.path_entries import explain
from ipython_where.model import Finding
from ipython_where.probe import identity

from .world import World

if TYPE_CHECKING:
    from ipython_where.facts.imports.extension_builds import Builds
    from ipython_where.judge.diagnose.misfit import Misfit, UnreadableCode

# Nearly everything that is installed fits: what only the others need is imported in the functions that use it.

_LONGEST = 100_000
"""Bytes of source that are parsed to answer a question: 20 ms."""


def _differing(metadata: str, world: World) -> dict[str, Any]:
    """The fields of a `Misfit` for what of a distribution does not fit the Python in question; none if it fits."""
    read = world.distributions
    wanted = read.requires_python(metadata)
    is_excluded = wanted is not None and _excludes(wanted, world.interpreter["version"])
    found: dict[str, Any] = {"requires_python": wanted} if is_excluded else {}
    listed = read.files(metadata) or b""
    own = (suffix for suffix in world.interpreter["extension_suffixes"] if suffix.count("-") > 1)
    if any(f"{suffix},".encode() in listed for suffix in own):
        return found  # a name with this Python and this platform in it
    compiled = _compiled(listed)
    foreign = _foreign(os.path.dirname(metadata), compiled, world)
    if foreign is not None:
        file, builds = foreign
        return {**found, "file": file, "built_for": builds.theirs, "ours": builds.ours}
    tag = _foreign_tag(read.content(metadata, "WHEEL") or b"", world)
    return {**found, "tag": tag} if tag is not None else found


def _misfit(metadata: str, world: World, differing: dict[str, Any]) -> Misfit:
    from ipython_where.judge.diagnose.misfit import Misfit

    facts, installer = world.distributions.metadata(metadata), world.distributions.content(metadata, "INSTALLER")
    location = os.path.dirname(metadata)
    return Misfit(
        name=facts.name or os.path.basename(metadata),
        version=facts.version,
        python=world.interpreter["version"],
        replaceable=parse_installer(installer) in ("pip", "uv", None),
        pythonpath=location if explain(location, world.rules).reason == "PYTHONPATH" else None,
        **differing,
    )


def _excludes(wanted: str, version: str) -> bool:
    """Whether a Requires-Python certainly excludes a version, whose pre-releases count as it."""
    release = [int(part) for part in version.split(".")[:2]]
    least = re.fullmatch(r">=\s*(\d+)\.(\d+)", wanted)  # what most say
    if least is not None:
        return release < [int(each) for each in least.groups()]
    from ipython_where.facts.distributions.requirement import accepts

    found = re.match(r"\d+(?:\.\d+)*", version)
    return found is not None and accepts(wanted, found[0]) is False


def _foreign_tag(wheel: bytes, world: World) -> str | None:
    if re.search(rb"^Tag:[ \t]*(?:py2\.)?py3-none-any\s*$", wheel, re.MULTILINE):
        return None
    from ipython_where.facts.distributions.wheel_tags import foreign_tag
    from ipython_where.facts.imports.extension_builds import platform_of

    platform = platform_of(world.interpreter["extension_suffixes"])
    return foreign_tag(wheel, version=world.interpreter["version"], platform=platform)


def _compiled(listed: bytes) -> list[tuple[str, str]]:
    """The compiled files in a RECORD: the path without suffixes, and those, which say what it was built for."""
    if b".so" not in listed and b".pyd" not in listed:
        return []
    paths = (each.partition(b",")[0].strip(b'"') for each in listed.splitlines() if b".so" in each or b".pyd" in each)
    return [_split(os.fsdecode(each)) for each in paths if each.endswith((b".so", b".pyd"))]


def _split(path: str) -> tuple[str, str]:
    folder, name = os.path.split(path)
    stem, dot, suffix = name.partition(".")
    return os.path.join(folder, stem), dot + suffix


def _foreign(location: str, compiled: list[tuple[str, str]], world: World) -> tuple[str, Builds] | None:
    """A compiled file for a different Python or machine, if none of the distribution's compiled files fits."""
    suffixes = world.interpreter["extension_suffixes"]
    fitting = next((path + suffix for path, suffix in compiled if suffix in suffixes), None)
    if fitting is not None:
        return _for_machine(os.path.join(location, fitting), world)
    if not compiled:
        return None
    from ipython_where.facts.imports.extension_builds import built_for

    for path, suffix in compiled:
        builds = built_for(os.path.basename(path) + suffix, os.path.basename(path), suffixes=suffixes)
        if builds is not None and os.path.exists(os.path.join(location, path + suffix)):
            return os.path.join(location, path + suffix), builds
    return None


def _for_machine(file: str, world: World) -> tuple[str, Builds] | None:
    from ipython_where.facts.imports.extension_builds import MACHINE, Builds, machine_of

    executable = world.interpreter["executable"]
    theirs, ours = (machine_of(read_bytes(each, MACHINE) or b"") if each else None for each in (file, executable))
    return (file, Builds(theirs=theirs, ours=ours)) if theirs and ours and theirs != ours else None


def read_unreadable(file: str, metadata: str, world: World) -> UnreadableCode | None:
    """Why Python can't parse a module's source; None if it can, if it has done so before, or if it is another Python's."""
    if world.interpreter["version"] != identity()["version"]:
        return None
    status = os.stat(file) if os.path.isfile(file) else None
    if status is None or not file.endswith(".py") or status.st_size > _LONGEST or _has_bytecode(file, status, world):
        return None
    complaint = _parsed.get(file, lambda: (file,), lambda: _complaint(file))
    return as_unreadable(file, *complaint, metadata, world) if complaint is not None else None


_parsed = StatCache()
"""A large module takes longer to parse than the rest of a repeated answer."""


def _complaint(file: str) -> tuple[int | None, str] | None:
    source = read_bytes(file) or b""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno, error.msg
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return None
    return None


def as_unreadable(file: str, line: int | None, reason: str, metadata: str, world: World) -> UnreadableCode:
    """What Python said about a file of a distribution, and whether that is the file which was installed."""
    from ipython_where.judge.diagnose.misfit import UnreadableCode

    row = world.distributions.row(metadata, file, os.path.dirname(metadata)) or b""
    recorded = row.rpartition(b",")[2]
    try:
        is_whole = not recorded.isdigit() or os.stat(file).st_size == int(recorded)
    except OSError:
        is_whole = True
    return UnreadableCode(file=file, line=line, reason=reason, is_whole=is_whole)


def misfits(metadata: str, file: str | None, world: World) -> tuple[Finding, ...]:
    """What doesn't fit of a distribution, and of the one ``file`` of it that is asked about."""
    differing = _differing(metadata, world)
    code = read_unreadable(file, metadata, world) if file is not None else None
    if not differing and code is None:
        return ()
    from ipython_where.judge.diagnose.misfit import misfit_findings

    return tuple(misfit_findings(_misfit(metadata, world, {**differing, "code": code})))


def explain_unparsed(file: str, line: int | None, reason: str, world: World) -> Finding | None:
    """What to say of a file that an import could not parse; None if no distribution lists it."""
    from ipython_where.judge.diagnose.misfit import misfit_findings
    from ipython_where.judge.diagnose.records import cut_off_finding

    from .records import read_claim

    entry = next((each for each in world.path if file.startswith(os.path.join(each, ""))), None)
    for owner in world.distributions.owners(file, location=entry) if entry is not None else ():
        if os.path.relpath(file, entry) in world.distributions.cut_off(owner, file):
            return cut_off_finding(read_claim(owner, world, file))
        code = as_unreadable(file, line, reason, owner, world)
        return next(misfit_findings(_misfit(owner, world, {**_differing(owner, world), "code": code})), None)
    return None


def explain_misfit(package: str, world: World) -> Finding | None:
    """What doesn't fit of the distribution that a package belongs to."""
    from ipython_where.facts.imports.finding import find
    from ipython_where.judge.diagnose.misfit import misfit_findings

    from .shadowing import owner_of

    found = find(package, world.system).found
    owner = owner_of(found, world) if found is not None else None
    if owner is None:
        return None
    misfit = _misfit(owner, world, {**_differing(owner, world), "tag": None})
    return next(misfit_findings(misfit, restart=True), None)


def _has_bytecode(file: str, status: os.stat_result, world: World) -> bool:
    """Whether a Python of this version has compiled it as it is: the bytecode names the source's time and size (PEP 552)."""
    folder, name = os.path.split(file)
    wanted = int(status.st_mtime).to_bytes(8, "little")[:4] + (status.st_size & 0xFFFFFFFF).to_bytes(4, "little")
    for each in _cached(os.path.join(folder, "__pycache__"), name.removesuffix(".py"), world):
        header = read_bytes(each, 16) or b""
        if header[8:] == wanted:
            return True
    return False


def _cached(folder: str, stem: str, world: World) -> Iterator[str]:
    digits = "".join(world.interpreter["version"].split(".")[:2])
    yield from (os.path.join(folder, f"{stem}.cpython-{digits}{end}.pyc") for end in ("", ".opt-1", ".opt-2"))
