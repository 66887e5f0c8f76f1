"""The installed distributions that plans and proofs ask about, read lazily: one METADATA for each project in question.

Tested in `tests/change/plan/test_satisfied.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from ipython_where.project_names import normalized
from ipython_where.value import dataclass

from .distributions import Directory, Distributions, project_of
from .editable import lost_folder
from .metadata import parse_installer, was_requested
from .requirement import Markers, Requirement, accepts, parse_requirement

_EXTRA = re.compile(r"extra *== *[\"'][^\"']")
_OR = re.compile(r"\bor\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installed distribution. ``project`` is its normalised name; ``sound`` means that its METADATA has no problem.

    ``metadata`` is its metadata directory, empty for a distribution that a plan would install.
    """

    name: str
    project: str
    version: str
    requires: tuple[str, ...]
    sound: bool = True
    metadata: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a distribution was installed; ``requested`` is None if that was not recorded."""

    installer: str | None
    requested: bool | None
    editable: bool
    direct_url: bytes | None = field(repr=False)


class InstalledDistributions:
    """The distributions along ``path`` (the site directories, highest precedence first), as listed at construction."""

    def __init__(self, distributions: Distributions, path: Sequence[str]) -> None:
        self.distributions = distributions
        self.path = tuple(path)
        self._read_ones: dict[str, Installed] = {}
        self._damage: dict[str, str | None] = {}
        directories = ((os.path.join(entry, ""), distributions.directory(entry)) for entry in path)
        self._listings = [(inside, each) for inside, each in directories if each is not None and each.has_metadata]

    def get(self, project: str) -> Installed | None:
        """The effective installation of a project, by any spelling of its name; None if it is not installed."""
        name = normalized(project)
        found = self._read_ones.get(name)
        metadata = self._place(name) if found is None and name else None
        if metadata is not None:
            found = self._read_ones[name] = self._read(metadata, name)
        return found

    def _place(self, project: str) -> str | None:
        """The effective metadata directory; of two in one directory, as an interrupted upgrade leaves, the true one."""
        found = self._twins(project)
        first = found[0] if found else None
        return first if len(found) < 2 else self.distributions.true_one(found) or first

    def _twins(self, project: str) -> list[str]:
        """The metadata directories of a project in the first directory that has any; nearly always just one."""
        for inside, each in self._listings:
            names = each.named_like(project)
            if names:
                return [inside + name for name in names]
        return []

    def damage(self, installed: Installed) -> str | None:
        """Why a distribution's files can't be trusted, in a few words; None if no damage was found."""
        metadata = installed.metadata
        if metadata not in self._damage:
            self._damage[metadata] = self._read_damage(installed) if metadata else None
        return self._damage[metadata]

    def _read_damage(self, installed: Installed) -> str | None:
        twins = self._twins(installed.project)
        if len(twins) > 1 and self.distributions.contradict(twins) and self.distributions.true_one(twins) is None:
            return f"it is recorded {len(twins)} times in one directory"
        if not installed.sound or not installed.version:
            return "its metadata is damaged"
        gone = self.distributions.gone(installed.metadata)
        if gone is not None:
            return f"{len(gone.files)} of its {gone.listed} files are gone"
        cut_off = self.distributions.cut_off(installed.metadata)
        if cut_off:
            return f"`{cut_off[0]}` is cut off" + (f", and {len(cut_off) - 1} more" if len(cut_off) > 1 else "")
        folder = lost_folder(installed.metadata, self.distributions)
        if folder is not None:
            return f"it is installed from `{folder}`, which does not exist"
        return "it does not list its files" if self._is_unlisted(installed) else None

    def _is_unlisted(self, installed: Installed) -> bool:
        """Whether it lacks the file list that pip or uv would have written; other installers may not write one."""
        content = self.distributions.content(installed.metadata, "INSTALLER")
        return parse_installer(content) in ("pip", "uv") and not self.distributions.has_list(installed.metadata)

    def directories(self) -> Iterator[Directory]:
        """The listing of each directory with at least one distribution."""
        return (directory for _, directory in self._listings)

    def all(self) -> dict[str, Installed]:
        """All installed distributions, by normalised name."""
        projects = dict.fromkeys(project for _, each in self._listings for project in each.projects)
        found = ((project, self.get(project)) for project in projects)
        return {project: installed for project, installed in found if installed is not None}

    def _read(self, metadata: str, project: str) -> Installed:
        facts = self.distributions.metadata(metadata)
        is_own = facts.name is not None and normalized(facts.name) == project
        return Installed(
            name=facts.name if is_own and facts.name else project.replace("_", "-"),
            project=project,
            version=facts.version or "",
            requires=facts.requires,
            sound=facts.problem is None,
            metadata=metadata,
        )

    def requiring(self, projects: Collection[str]) -> Iterator[Installed]:
        """The distributions that name one of the projects in a requirement, including those for an extra."""
        for metadata, _ in self.distributions.requirements_of(projects, self.path):
            installed = self.get(project_of(os.path.basename(metadata)))
            if installed is not None and installed.metadata == metadata:
                yield installed

    def provenance(self, installed: Installed) -> Provenance:
        """Which installer installed it, from where, and whether somebody requested it by name."""
        content = self.distributions.content
        installer = parse_installer(content(installed.metadata, "INSTALLER"))
        direct_url = content(installed.metadata, "direct_url.json")
        has_mark = content(installed.metadata, "REQUESTED") is not None
        return Provenance(
            installer=installer,
            requested=was_requested(has_mark, installer),
            editable=b'"editable": true' in (direct_url or b"") or b'"editable":true' in (direct_url or b""),
            direct_url=direct_url,
        )


class Lookup(Protocol):
    """Anything that finds a distribution by its normalised name, such as `InstalledDistributions` or a dict."""

    def get(self, project: str, /) -> Installed | None: ...


class Dependents(Lookup, Protocol):
    """A lookup that also finds dependents: `InstalledDistributions`, or the planned environment (`Altered`)."""

    def requiring(self, projects: Collection[str], /) -> Iterable[Installed]:
        """All distributions that require one of the projects; the result may include others."""
        ...


class Altered:
    """The environment after a change: with ``brought`` added or replaced, and ``removed`` gone, by normalised name."""

    def __init__(self, environment: Dependents, *, brought: Mapping[str, Installed], removed: Iterable[str]) -> None:
        self._environment = environment
        self._brought = brought
        self._removed = frozenset(removed)

    def get(self, project: str) -> Installed | None:
        """The distribution that would be installed after the change."""
        if project in self._brought:
            return self._brought[project]
        return None if project in self._removed else self._environment.get(project)

    def requiring(self, projects: Collection[str]) -> Iterator[Installed]:
        """The distributions that stay and name one of the projects, and all new ones."""
        for each in self._environment.requiring(projects):
            if each.project not in self._brought and each.project not in self._removed:
                yield each
        yield from self._brought.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An unmet requirement; ``found`` is the installed version, None if the project is not installed."""

    name: str
    version: str
    requirement: str
    found: str | None


def wanted(installed: Installed, markers: Markers, extras: tuple[str, ...] = ()) -> Iterator[Requirement | None]:
    """The requirements of a distribution that apply here with ``extras``; None for one that can't be parsed."""
    for text in installed.requires:
        if not extras and _is_only_for_an_extra(text):  # most lines are for extras; parsing them costs more
            continue
        requirement = parse_requirement(text)
        holds = None if requirement is None else markers.holds(requirement.marker, extras)
        if holds is None:
            yield None
        elif holds:
            yield requirement


def _is_only_for_an_extra(text: str) -> bool:
    """Whether a quick look shows it; a marker with `or`, or with `extra` inside a string, needs the parser."""
    begin = text.find(";")
    extra = text.find("extra", begin)
    is_named = 0 <= begin < extra and text[extra - 1] in " ;(" and _EXTRA.match(text, extra) is not None
    # `or` as a whole word: `platform_system` contains it too
    return is_named and ("or" not in text[begin:] or _OR.search(text, begin) is None)


def conflicts(distributions: Iterable[Installed], environment: Lookup, markers: Markers) -> tuple[Conflict, ...]:
    """The unmet requirements of some distributions in an environment, in `pip check`'s sense.

    Ignores extras, and counts only what is certainly unmet. A marker, which holds here, is left out.
    """
    found = []
    for installed in distributions:
        for requirement in wanted(installed, markers):
            if requirement is None:
                continue
            other = environment.get(requirement.name)
            if other is None or (other.sound and accepts(requirement.specifier, other.version) is False):
                found.append(
                    Conflict(
                        name=installed.name,
                        version=installed.version,
                        requirement=requirement.plain if requirement.marker else requirement.text,
                        found=other.version if other else None,
                    )
                )
    return tuple(sorted(found, key=lambda each: (each.name.lower(), each.requirement)))


def closure(roots: Iterable[str], environment: Lookup, markers: Markers) -> dict[str, Installed]:
    """The roots (requirements such as `ipykernel` or `x[extra]`) and every distribution that they depend on."""
    found: dict[str, Installed] = {}
    seen: set[tuple[str, str]] = set()
    pending = [each for text in roots if (each := parse_requirement(text)) is not None]
    while pending:
        requirement = pending.pop()
        new = [each for each in ("", *requirement.extras) if (requirement.name, each) not in seen]
        seen.update((requirement.name, each) for each in new)
        installed = found.get(requirement.name) or (environment.get(requirement.name) if new else None)
        if not new or installed is None:
            continue
        found[requirement.name] = installed
        for extra in new:
            pending += [each for each in wanted(installed, markers, (extra,) if extra else ()) if each is not None]
    return found


def kernel_roots(modules: Mapping[str, object], environment: InstalledDistributions) -> tuple[str, ...]:
    """The projects that run this kernel: the owners of the loaded `ipykernel`, `IPython` and this package."""
    found: dict[str, None] = {}
    for module, project in (("ipykernel", "ipykernel"), ("IPython", "ipython"), ("ipython_where", "ipython_where")):
        file = getattr(modules.get(module), "__file__", None)
        if not isinstance(file, str):
            continue
        location = os.path.dirname(os.path.dirname(file))
        owner = environment.distributions.owner(file, module=module, location=location)
        if owner is not None:
            found[project_of(os.path.basename(owner))] = None
        elif environment.get(project) is not None:  # an editable installation lists none of its modules
            found[project] = None
    return tuple(found)
