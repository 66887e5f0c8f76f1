"""The journal of a transaction: every rename it will make, on disk before the first one happens.

Each transaction has one file, `.safepip/tx-N/journal.json`, which only its owner can read. It holds no URL or credential.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from ipython_where.change.values import Change
from ipython_where.errors import WhereError
from ipython_where.model import Evidence
from ipython_where.redact import masked
from ipython_where.value import dataclass

from .disk import Disk, write_durably
from .owners import other_owner
from .swap_plan import In, MakeDirectory, Manifest, Operation, Out, RemoveDirectory
from .unfinished import JOURNAL

FORMAT = 1
MANIFEST = "manifest.json"

State = Literal["swapping", "committed", "purged"]
"""`swapping`: to be rolled back, unless it is still in progress. `purged`: what it replaced was deleted to save space."""

STATES: tuple[State, ...] = ("swapping", "committed", "purged")


class JournalError(WhereError):
    """A journal cannot be read: broken, written by a newer version of this package, or another user's.

    ``problem`` completes a sentence that starts with its name.
    """

    def __init__(
        self,
        where: str,
        problem: str,
        *,
        evidence: Iterable[Evidence | str] = (),
        hint: str | None = None,
        unchanged: bool = False,
    ) -> None:
        super().__init__(f"`{where}` {problem}", evidence=evidence, hint=hint, unchanged=unchanged)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What a transaction does. ``size`` is the bytes in its trash; ``undoes`` names the one that it undoes.

    ``left`` are folders, with their modes, that an undo would have removed if they held no other files. ``rollout`` names the
    change of several environments that it is a part of.
    """

    id: str
    state: State
    when: float
    command: str
    changes: tuple[Change, ...]
    operations: tuple[Operation, ...]
    edited: tuple[str, ...] = ()
    in_the_way: tuple[str, ...] = ()
    undoes: str | None = None
    size: int = 0
    left: tuple[tuple[str, int], ...] = ()
    rollout: str | None = None

    def in_state(self, state: State) -> Journal:
        """The same journal with another state."""
        return replace(self, state=state)


def without_urls(text: str) -> str:
    """A command line that is safe to store: a URL may carry a secret that no mask recognises."""
    return re.sub(r"\S*://\S*", "<URL>", masked(text)) if "://" in text else masked(text)


def dump_journal(journal: Journal) -> bytes:
    """The journal as JSON."""
    content = {
        "format": FORMAT,
        "id": journal.id,
        "state": journal.state,
        "when": journal.when,
        "command": without_urls(journal.command),
        "changes": [_dumped_change(change) for change in journal.changes],
        "operations": [_dumped(operation) for operation in journal.operations],
        "edited": journal.edited,
        "in_the_way": journal.in_the_way,
        "undoes": journal.undoes,
        "size": journal.size,
        "left": journal.left,
        **({} if journal.rollout is None else {"rollout": journal.rollout}),
    }
    return json.dumps(content).encode()  # with `indent`, the encoder is Python's own, and takes three times as long


def _dumped_change(change: Change) -> dict[str, Any]:
    return {key: without_urls(value) if isinstance(value, str) else value for key, value in change.to_dict().items()}


def _dumped(operation: Operation) -> list[Any]:
    match operation:
        case Out(path=path, trash=trash):
            return ["out", path, trash]
        case In(path=path, source=source):
            return ["in", path, source]
        case MakeDirectory(path=path, mode=mode):
            return ["make", path, mode]
        case RemoveDirectory(path=path, mode=mode):
            return ["remove", path, mode]


def load_journal(content: bytes, *, where: str) -> Journal:
    """The journal in ``content``. Raises `JournalError`, which names the file ``where``, if it is not one of ours."""
    try:
        data = json.loads(content)
        if data["format"] != FORMAT:
            raise JournalError(
                where,
                "was written by another version of `ipython_where`",
                evidence=(Evidence(label="format", value=repr(data["format"]), note=f"this version knows {FORMAT}"),),
                hint="use the newer version of `ipython_where` here",
                unchanged=True,
            )
        if data["state"] not in STATES:
            raise ValueError(f"unknown state {data['state']!r}")
        return Journal(
            id=data["id"],
            state=data["state"],
            when=data["when"],
            command=data["command"],
            changes=tuple(Change(**{**each, "wanted_by": tuple(each["wanted_by"])}) for each in data["changes"]),
            operations=tuple(_loaded(*each) for each in data["operations"]),
            edited=tuple(data["edited"]),
            in_the_way=tuple(data["in_the_way"]),
            undoes=data["undoes"],
            size=data["size"],
            left=tuple(
                (_inside(path), int(mode)) for path, mode in data.get("left", ())
            ),  # absent in journals of older versions
            rollout=data.get("rollout"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise JournalError(
            where,
            "is broken",
            evidence=(f"{type(error).__name__}: {error}",),
            hint="the files that it replaced are in `trash`, next to that file; "
            "if the environment works without them, move that transaction's folder away",
        ) from None


def _loaded(kind: str, path: str, value: Any) -> Operation:
    match kind:
        case "out":
            return Out(path=_inside(path), trash=_inside(value))
        case "in":
            return In(path=_inside(path), source=_inside(value))
        case "make":
            return MakeDirectory(path=_inside(path), mode=int(value))
        case "remove":
            return RemoveDirectory(path=_inside(path), mode=int(value))
    raise ValueError(f"unknown operation {kind!r}")


def _inside(path: str) -> str:
    # anybody who may write into the environment can edit a journal, and recovery renames what it names
    if path.startswith("/") or ".." in path.split("/") or not path:
        raise ValueError(f"a path leads outside: {path!r}")
    return path


def write_journal(disk: Disk, folder: str, journal: Journal) -> None:
    """Write the journal into the transaction's folder, durably."""
    write_durably(disk, os.path.join(folder, JOURNAL), dump_journal(journal))


def draft_journal(disk: Disk, folder: str, journal: Journal) -> None:
    """Write the journal beside its place. It counts once it is published, after a `sync`."""
    disk.draft(os.path.join(folder, f"{JOURNAL}.new"), dump_journal(journal), 0o600)


def publish_journal(disk: Disk, folder: str) -> None:
    """Let a drafted journal count, durably."""
    path = os.path.join(folder, JOURNAL)
    disk.rename(f"{path}.new", path)
    disk.sync_directory(folder)


def read_journal(folder: str) -> Journal | None:
    """The journal in a transaction's folder; None if it has none yet, or no longer."""
    path = os.path.join(folder, JOURNAL)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        owner = other_owner(path) if isinstance(error, PermissionError) else None
        problem = f"belongs to {owner}; nobody else can read it" if owner else "cannot be read"
        raise JournalError(path, problem, evidence=(str(error),)) from None
    return load_journal(content, where=path)


def write_manifest(disk: Disk, folder: str, manifest: Manifest) -> None:
    """Write the size and time of each file that will move; a later `sync` makes that durable."""
    content = {"taken_out": dict(manifest.taken_out), "brought_in": dict(manifest.brought_in)}
    disk.draft(os.path.join(folder, MANIFEST), json.dumps(content, separators=(",", ":")).encode(), 0o600)


def read_manifest(folder: str) -> Manifest:
    """The size and time of each file that a transaction moved. Raises `JournalError` if that cannot be read."""
    path = os.path.join(folder, MANIFEST)
    try:
        with open(path, "rb") as file:
            data = json.load(file)
        return Manifest(taken_out=_marks(data["taken_out"]), brought_in=_marks(data["brought_in"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise JournalError(path, "cannot be read", evidence=(f"{type(error).__name__}: {error}",)) from None


def _marks(data: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {path: (int(size), int(mtime)) for path, (size, mtime) in data.items()}
