"""What a change came to beyond its plan: the files of others that it met, an interrupt that came too late."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ..install.operations import source_of
from ..install.transaction import Committed
from ..install.values import Transaction
from ..model import Evidence, Finding
from ..modules.distributions import normalized
from .workplace import Workplace

_NOBODYS = "files stood where the new ones belong and were nobody's"


def findings_after(committed: Committed, place: Workplace) -> tuple[Finding, ...]:
    """The files of the user's that were kept aside, those of other distributions that went, a late interrupt."""
    undo = place.typed("undo", committed.transaction.id)
    found = [*_kept(committed, undo, place), *_taken(committed, undo, place)]
    if committed.interrupted:
        message = "the interrupt came when the change was already made"
        found.append(Finding(id="late-interrupt", severity="warning", message=message, hint=f"`{undo}` takes it back"))
    return tuple(found)


def _kept(committed: Committed, undo: str, place: Workplace) -> Iterator[Finding]:
    owned: dict[str, list[str]] = {}
    for file in committed.in_the_way:
        owned.setdefault(_owner(file, committed.transaction, place), []).append(file)
    in_the_way = (
        ("foreign-files", files, f"files of {owner} stood where the new ones belong" if owner else _NOBODYS)
        for owner, files in sorted(owned.items())
    )
    edited = ("edited-files", committed.edited, "files had been edited since they were installed")
    for id, every, what in (edited, *in_the_way):
        if files := _sources(every):
            yield Finding(
                id=id,
                severity="warning",
                message=f"{what}: they were kept aside",
                evidence=(*_first(files), Evidence(label="kept in", value=committed.trash)),
                hint=f"`{undo}` brings them back",
            )


def _owner(file: str, done: Transaction, place: Workplace) -> str:
    """Who else lists a file, in backticks: the distributions that are installed but for what was changed; empty if none."""
    path, changed = os.path.join(place.root, file), {normalized(change.name) for change in done.changes}
    distributions = place.world.distributions
    owners = (each for site in place.site_directories for each in distributions.owners(path, location=site))
    names = (os.path.basename(each).rpartition(".")[0].partition("-")[0] for each in owners)
    return " and ".join(f"`{each}`" for each in dict.fromkeys(names) if normalized(each) not in changed)


def _taken(committed: Committed, undo: str, place: Workplace) -> Iterator[Finding]:
    """Of each distribution that stays and lists files that went with another: such as the two of OpenCV."""
    gone = [os.path.join(place.root, file) for file in committed.gone]
    distributions = place.world.distributions
    for site in dict.fromkeys(place.site_directories):
        for metadata, listed in distributions.listing_any(gone, location=site).items():
            files = _sources([os.path.relpath(each, place.root) for each in listed])
            facts = distributions.metadata(metadata)
            anew = place.typed("install", "--force-reinstall", "--no-deps", f"{facts.name}=={facts.version}")
            count = f"{len(files)} of the files" if len(files) > 1 else "a file"
            yield Finding(
                id="shared-files",
                severity="warning",
                message=f"`{facts.name}` lists {count} that went, and may be broken now",
                evidence=tuple(_first(files)),
                hint=f"`{anew}` installs it anew; `{undo}` takes the change back",
            )


def _sources(files: Sequence[str]) -> list[str]:
    """The files without those that were compiled from others of them."""
    known = {*files}
    return [each for each in files if source_of(each) not in known]


def _first(files: Sequence[str], most: int = 5) -> Iterable[Evidence]:
    yield from (Evidence(label="file", value=each) for each in files[:most])
