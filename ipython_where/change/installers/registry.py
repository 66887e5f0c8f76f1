"""The installers that there are: what entry points of the kernel's own environment name, ours among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.entry_points import (
    EntryPoint,
    UnusableError,
    load_entry_point,
    read_entry_points,
)
from ipython_where.judge.diagnose.entry_point import unusable_finding
from ipython_where.model import Finding

from .foreign import Foreign
from .interface import Finder, Installer, Surroundings

GROUP = "ipython_where.installers"

OURS = {
    "pip": "ipython_where.change.installers.available:find_pips",
    "uv": "ipython_where.change.installers.available:find_uvs",
}
"""What our own entry points say. It is written here as well, since this package has no metadata where it runs from a folder of
its source, or through `PYTHONPATH`; and nobody else may call theirs so.
"""

_OURS_ALONE = ("alone", "waiting")
_NEEDED = tuple(sorted(name for name in vars(Installer) if not name.startswith("_") and name not in _OURS_ALONE))


def read_entries(distributions: Distributions, path: Iterable[str], group: str = GROUP) -> tuple[EntryPoint, ...]:
    """The entry points of a group along a path, in its order, and ours."""
    return read_entry_points(distributions, path, group, OURS)


def find_available(
    entries: Sequence[EntryPoint], surroundings: Surroundings, *, path: Sequence[str]
) -> tuple[tuple[Installer, ...], tuple[Finding, ...]]:
    """The installers that can serve an environment, and a finding for each entry point that could not be used.

    ``path`` is where the kernel's modules come from in whichever folder it starts.
    """
    found: list[Installer] = []
    findings = []
    taken: dict[str, EntryPoint] = {}
    for entry in entries:
        try:
            first = taken.setdefault(entry.name, entry)
            if first is not entry:
                raise UnusableError(f"`{entry.name}` is taken by {first.whose}")
            found += _checked(entry, surroundings, path, taken)
        # an import or a finder of somebody else's may raise whatever it likes
        except (Exception, SystemExit) as error:
            findings.append(_finding(entry, error))
    return tuple(found), tuple(findings)


def _checked(
    entry: EntryPoint, surroundings: Surroundings, path: Sequence[str], taken: Mapping[str, EntryPoint]
) -> list[Installer]:
    find: Finder = load_entry_point(entry, path, OURS)
    installers = list(find(surroundings))
    for each in installers:
        missing = [name for name in _NEEDED if not hasattr(each, name)]
        if missing:
            raise UnusableError(f"`{type(each).__name__}` is not an installer: it has no `{missing[0]}`")
        if each.name != entry.name:
            raise UnusableError(f"its installer calls itself `{each.name}`")
        if each.is_reference and entry.name not in OURS:
            raise UnusableError("only pip's answers are what others are held to")
    return installers if entry.metadata is None else [_foreign(each, entry, entry.metadata) for each in installers]


def _foreign(installer: Installer, entry: EntryPoint, metadata: str) -> Foreign:
    return Foreign(
        installer=installer,
        metadata=metadata,
        project=entry.project,
        name=entry.name,
        how=str(installer.how),
        priority=int(installer.priority),
        because=str(installer.because),
        needs_recheck=bool(installer.needs_recheck),
    )


def _finding(entry: EntryPoint, error: BaseException) -> Finding:
    reason = str(error) if isinstance(error, UnusableError) else f"{type(error).__name__}: {error}"
    return unusable_finding(
        "installer", entry.name, entry.value, metadata=entry.metadata, project=entry.project, reason=reason
    )
