"""Which library a compiled file lacks, who needs it, and what this environment has instead."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ipython_where.facts.imports.shared_objects import who_needs
from ipython_where.judge.diagnose.records import Claim
from ipython_where.judge.diagnose.unloaded import FoundLibrary, Unloaded
from ipython_where.judge.loader_message import LoaderRefusal

from .records import read_claim
from .without_module import not_installed
from .world import World

_MOST = 3
"""How many files of the library's name are shown."""


def read_unloaded(file: str, refusal: LoaderRefusal, world: World) -> Unloaded:
    """What explains that the loader refused to load ``file``."""
    library = os.path.basename(refusal.library) if refusal.version is None else refusal.library
    by = refusal.by or who_needs(library, file)
    owners = _owners(by, world) if by is not None else ()
    owners = owners or _owners(file, world)
    owner = owners[0] if len(owners) == 1 else None
    claim = read_claim(owner, world) if owner is not None else None
    facts = Unloaded(file=file, library=library, needed_by=by, version=refusal.version, claim=claim)
    if refusal.version is not None:
        return _with_system(facts)
    requires = world.distributions.metadata(owner).requires if owner is not None else ()
    return Unloaded(
        file=file,
        library=library,
        needed_by=by,
        claim=claim,
        brings_it=claim is not None and _lost(claim, library),
        missing=not_installed(requires, world),
        found=tuple(_found(library, world))[:_MOST],
        conda=_in_conda_record(library, world),
    )


def _with_system(facts: Unloaded) -> Unloaded:
    from dataclasses import replace

    has = os.confstr("CS_GNU_LIBC_VERSION") if (facts.version or "").startswith("GLIBC_") else None
    return replace(facts, system=has)


def _owners(file: str, world: World) -> tuple[str, ...]:
    entry = next((each for each in world.path if file.startswith(os.path.join(each, ""))), None)
    return world.distributions.owners(file, location=entry) if entry is not None else ()


def _lost(claim: Claim, library: str) -> bool:
    return any(os.path.basename(each) == library for each in claim.gone)


def _found(library: str, world: World) -> Iterator[FoundLibrary]:
    """Libraries of this name in the environment, and then those of another version of it."""
    stem = library.partition(".so")[0] + ".so"
    same: list[FoundLibrary] = []
    others: list[FoundLibrary] = []
    for metadata in world.distributions.all(world.path):
        listed, location = world.distributions.files(metadata) or b"", os.path.dirname(metadata)
        for row in re.findall(rb"(?m)^[^,\n]*" + re.escape(os.fsencode(stem)) + rb"(?:[.][^,\n/]*)?(?=,|\r?$)", listed):
            path = os.path.normpath(os.path.join(location, os.fsdecode(row)))
            if os.path.basename(path).startswith(stem) and os.path.isfile(path):
                name = world.distributions.metadata(metadata).name
                (same if os.path.basename(path) == library else others).append(FoundLibrary(file=path, owner=name))
    own = os.path.join(world.interpreter["prefix"], "lib", library)
    if os.path.isfile(own):
        same.append(FoundLibrary(file=own, owner=None))
    yield from same or others


def _in_conda_record(library: str, world: World) -> str | None:
    """The package that has the library by conda's record of this prefix, although the file is gone."""
    if os.path.exists(os.path.join(world.interpreter["prefix"], "lib", library)):
        return None
    owners = world.conda.owners(os.fsencode(f"lib/{library}"))
    return owners[0].name if owners else None
