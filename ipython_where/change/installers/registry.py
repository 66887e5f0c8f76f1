"""The installers that there are: what entry points of the kernel's own environment name, ours among them.

What an entry point names is imported and called, so only those count that lie where this kernel was installed into: code that
the user installed. What lies in the notebook's folder was installed by nobody, and is neither read nor imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

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

_NEEDED = tuple(sorted(name for name in vars(Installer) if not name.startswith("_")))


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallerEntry:
    """An entry point: a ``name``, the ``value`` that leads to its code (`module:attribute`), and whose it is."""

    name: str
    value: str
    metadata: str | None = None


class UnusableError(Exception):
    """An entry point cannot be used, for a reason in a few words."""


def read_entries(distributions: Distributions, path: Iterable[str], group: str = GROUP) -> tuple[InstallerEntry, ...]:
    """The entry points of a group along a path, in its order, and ours.

    `importlib.metadata` would read every file along the whole of ``sys.path``, the notebook's folder too.
    """
    found = [InstallerEntry(name=name, value=value) for name, value in OURS.items()]
    for metadata in distributions.all(path):
        content = distributions.content(metadata, "entry_points.txt") or b""
        if group.encode() in content:
            lines = _section(content.decode("utf-8", "replace"), group)
            found += [InstallerEntry(name=name, value=value, metadata=metadata) for name, value in lines]
    return tuple(each for each in found if each.metadata is None or OURS.get(each.name) != each.value)


def _section(content: str, group: str) -> Iterator[tuple[str, str]]:
    """The names and values in one section of an `entry_points.txt`."""
    is_inside = False
    for line in map(str.strip, content.splitlines()):
        if line.startswith("["):
            is_inside = line == f"[{group}]"
        elif is_inside and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()  # extras behind it are obsolete


def find_available(
    entries: Sequence[InstallerEntry], surroundings: Surroundings, *, path: Sequence[str]
) -> tuple[tuple[Installer, ...], tuple[Finding, ...]]:
    """The installers that can serve an environment, and a finding for each entry point that could not be used.

    ``path`` is where the kernel's modules come from in whichever folder it starts.
    """
    found: list[Installer] = []
    findings = []
    taken: dict[str, InstallerEntry] = {}
    for entry in entries:
        try:
            first = taken.setdefault(entry.name, entry)
            if first is not entry:
                raise UnusableError(f"`{entry.name}` is taken by {_whose(first)}")
            found += _checked(entry, surroundings, path, taken)
        # an import or a finder of somebody else's may raise whatever it likes
        except (Exception, SystemExit) as error:
            findings.append(_finding(entry, error))
    return tuple(found), tuple(findings)


def _checked(
    entry: InstallerEntry, surroundings: Surroundings, path: Sequence[str], taken: Mapping[str, InstallerEntry]
) -> list[Installer]:
    installers = list(load(entry, path)(surroundings))
    for each in installers:
        missing = [name for name in _NEEDED if not hasattr(each, name)]
        if missing:
            raise UnusableError(f"`{type(each).__name__}` is no installer: it has no `{missing[0]}`")
        if each.name != entry.name:
            raise UnusableError(f"its installer calls itself `{each.name}`")
        if each.is_reference and entry.name not in OURS:
            raise UnusableError("only pip's answers are what others are held to")
    return installers if entry.metadata is None else [_foreign(each, entry, entry.metadata) for each in installers]


def _foreign(installer: Installer, entry: InstallerEntry, metadata: str) -> Foreign:
    return Foreign(
        installer=installer,
        metadata=metadata,
        project=_project(entry),
        name=entry.name,
        how=str(installer.how),
        priority=int(installer.priority),
        because=str(installer.because),
        needs_recheck=bool(installer.needs_recheck),
    )


def load(entry: InstallerEntry, path: Sequence[str]) -> Finder:
    """What an entry point names. Raises `UnusableError` where its module would come from the notebook's folder, and whatever
    the import raises.
    """
    from importlib.machinery import PathFinder
    from pkgutil import resolve_name

    top = entry.value.partition(":")[0].partition(".")[0]
    if entry.name not in OURS:
        now, lasting = PathFinder.find_spec(top), PathFinder.find_spec(top, list(path))
        if now is not None and (lasting is None or now.origin != lasting.origin):
            raise UnusableError(f"`{now.origin}` hides its module `{top}`")
    found: Finder = resolve_name(entry.value)
    if not callable(found):
        raise UnusableError(f"`{entry.value}` cannot be called")
    return found


def _whose(entry: InstallerEntry) -> str:
    return f"`{os.path.basename(entry.metadata)}`" if entry.metadata is not None else "`ipython_where` itself"


def _project(entry: InstallerEntry) -> str:
    return os.path.basename(entry.metadata or "").partition("-")[0]


def _finding(entry: InstallerEntry, error: BaseException) -> Finding:
    reason = str(error) if isinstance(error, UnusableError) else f"{type(error).__name__}: {error}"
    return Finding(
        id="unusable-installer",
        severity="warning",
        message=f"the installer `{entry.name}` cannot be used, the others can",
        evidence=(
            Evidence(label="entry point", value=f"{entry.name} = {entry.value}"),
            *((Evidence(label="declared in", value=entry.metadata),) if entry.metadata is not None else ()),
            Evidence(label="reason", value=reason),
        ),
        hint=f"`%safepip uninstall {_project(entry)}` removes what declares it" if entry.metadata is not None else None,
    )
