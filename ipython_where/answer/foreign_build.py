"""Does a module have a compiled file that this Python cannot load because it was built for another?

Tested in `tests/show/notebook/test_failed_imports.py`.
"""

from __future__ import annotations

import os

from ipython_where.facts.files import read_bytes
from ipython_where.facts.imports.extension_builds import MACHINE, Builds, built_for, compiled_by, machine_of
from ipython_where.facts.imports.finding import Found, find, loaded_locations
from ipython_where.facts.imports.path_entries import explain
from ipython_where.judge.diagnose.foreign_build import ForeignBuild

from .world import World


def read_foreign_build(name: str, world: World) -> ForeignBuild | None:
    """The compiled file in the module's place whose name says that it was built for a different Python."""
    parent = name.rpartition(".")[0]
    for folder in _locations(parent, world) if parent else world.path:
        listing = world.distributions.directory(folder)
        for file in listing.names if listing is not None else ():
            builds = built_for(file, name, suffixes=world.interpreter["extension_suffixes"])
            if builds is not None:
                return _foreign(os.path.join(folder, file), builds, name, world)
    return None


def _locations(package: str, world: World) -> tuple[str, ...]:
    """The folders of a package, which is no longer loaded if its own code failed."""
    found = find(package, world.system).found
    return loaded_locations(package, world.system.modules) or (found.locations or () if found is not None else ())


def read_foreign_machine(file: str, name: str, world: World) -> ForeignBuild | None:
    """The compiled file that an import tried to load, if its header says that it was built for a different machine.

    Its name doesn't say: `.abi3.so` carries no platform.
    """
    executable = world.interpreter["executable"]
    theirs, ours = (machine_of(read_bytes(each, MACHINE) or b"") if each else None for each in (file, executable))
    if theirs is None or ours is None or theirs == ours:
        return None
    return _foreign(file, Builds(theirs=theirs, ours=ours), name, world)


def read_foreign_bytecode(name: str, found: Found | None, world: World) -> ForeignBuild | None:
    """A module's bytecode without source, if a different Python compiled it: no import of it succeeds."""
    if found is None or found.file is None or not found.file.endswith(".pyc") or found.zipped:
        return None
    ours = "Python " + ".".join(world.interpreter["version"].split(".")[:2])
    theirs = compiled_by(read_bytes(found.file, 4) or b"")
    if theirs is None or theirs == ours:
        return None
    return _foreign(found.file, Builds(theirs=theirs, ours=ours), name, world)


def _foreign(file: str, builds: Builds, name: str, world: World) -> ForeignBuild:
    """Its owner is named only if the file is in the environment's own site directories: only there can a reinstall replace it."""
    location = file
    for _ in range(name.count(".") + 1):
        location = os.path.dirname(location)
    is_own = location in world.interpreter["site_directories"]
    owners = world.distributions.owners(file, location=location) if is_own else ()
    facts = world.distributions.metadata(owners[0]) if len(owners) == 1 else None
    return ForeignBuild(
        file=file,
        built_for=builds.theirs,
        kernel=builds.ours,
        distribution=facts.name if facts else None,
        version=facts.version if facts else None,
        pythonpath=location if explain(location, world.rules).reason == "PYTHONPATH" else None,
    )
