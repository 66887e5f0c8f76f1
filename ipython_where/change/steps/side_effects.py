"""What a change did beyond its plan: files that it moved aside, an interrupt that came too late.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable, Iterator, Sequence

from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.swap_plan import source_of
from ipython_where.change.transaction.transaction import Committed
from ipython_where.change.values import Transaction
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized

_NOBODYS = "files that no distribution lists were in the way"


def findings_after(committed: Committed, target: TargetEnvironment) -> tuple[Finding, ...]:
    """The findings about files of the user or others that were moved aside, and about a late interrupt."""
    undo = target.typed("undo", committed.transaction.id)
    found = [*_kept(committed, undo, target)]
    if committed.interrupted:
        message = "the interrupt came too late: the change was already made"
        found.append(Finding(id="late-interrupt", severity="warning", message=message, hint=f"`{undo}` undoes it"))
    return tuple(found)


def _kept(committed: Committed, undo: str, target: TargetEnvironment) -> Iterator[Finding]:
    owned: dict[str, list[str]] = {}
    for file in committed.in_the_way:
        owner = _owner(file, committed.transaction, target)
        if owner and _is_same(os.path.join(committed.trash, file), os.path.join(target.root, file)):
            continue  # both distributions ship the same file, so nothing of the other one was lost
        owned.setdefault(owner, []).append(file)
    in_the_way = (
        ("foreign-files", files, f"files of {owner} were in the way" if owner else _NOBODYS)
        for owner, files in sorted(owned.items())
    )
    edited = ("edited-files", committed.edited, "files had been edited since they were installed")
    for id, every, what in (edited, *in_the_way):
        if files := _sources(every):
            yield Finding(
                id=id,
                severity="warning",
                message=f"{what}: they were moved aside",
                evidence=(*_first(files), Evidence(label="kept in", value=committed.trash)),
                hint=f"`{undo}` brings them back",
            )


def _is_same(kept: str, new: str) -> bool:
    try:
        return filecmp.cmp(kept, new, shallow=False)
    except OSError:
        return False


def _owner(file: str, done: Transaction, target: TargetEnvironment) -> str:
    """The installed distributions that list a file, in backticks, without the changed ones; empty if none."""
    path, changed = os.path.join(target.root, file), {normalized(change.name) for change in done.changes}
    distributions = target.world.distributions
    owners = (each for site in target.site_directories for each in distributions.owners(path, location=site))
    names = (os.path.basename(each).rpartition(".")[0].partition("-")[0] for each in owners)
    return " and ".join(f"`{each}`" for each in dict.fromkeys(names) if normalized(each) not in changed)


def _sources(files: Sequence[str]) -> list[str]:
    """The files without the `.pyc` files of others among them."""
    known = {*files}
    return [each for each in files if source_of(each) not in known]


def _first(files: Sequence[str], most: int = 5) -> Iterable[Evidence]:
    yield from (Evidence(label="file", value=each) for each in files[:most])
