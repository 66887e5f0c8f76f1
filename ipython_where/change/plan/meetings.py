"""Reads what the new files would collide with: what is at their paths, who lists it, and whether it is unmodified.

Tested in `tests/change/steps/test_file_clashes.py`.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import field
from functools import cached_property

from ipython_where.change.transaction.listed_paths import RecordError, RecordRow, UnlistedError
from ipython_where.change.transaction.preparation import Layout, read_own_rows
from ipython_where.change.transaction.swap_plan import source_of
from ipython_where.facts.distributions.distributions import project_of
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

from .clashes import Clash, Ground, Met, import_names, regular_names
from .kernel_names import KernelNames
from .new_files import Digest, NewFiles, digest_of


@dataclass(frozen=True, slots=False, kw_only=True)
class Meeting:
    """A planned change: ``brought`` comes, the metadata directories ``replaced`` go, everything else stays.

    ``kernel`` are the projects, by normalised name, that the kernel or server runs on; ``installed`` is everything on the path.
    """

    layout: Layout
    ground: Ground
    sites: tuple[str, ...]
    brought: tuple[NewFiles, ...]
    digest: Digest = field(repr=False)
    replaced: tuple[str, ...]
    kernel: frozenset[str]
    installed: InstalledDistributions
    kernelspec: bool = True

    def met(self) -> Met:
        """All collisions of its files."""
        others = [*self._with_listed(), *self._with_each_other()]
        kernel = [*(each for each in others if normalized(each.of) in self.kernel), *self._in_front()]
        known = {(each.by, each.path) for each in kernel}
        return Met(
            kernel=tuple(dict.fromkeys(kernel)),
            own=tuple(self._of_environment()),
            others=tuple(each for each in others if (each.by, each.path) not in known),
            links=tuple(self._links),
            foreign=tuple(sorted(self._foreign())),
            kept=frozenset(self._kept),
            linked=frozenset(self._linked),
        )

    @property
    def projects(self) -> tuple[str, ...]:
        """The projects, by normalised name, that come or go."""
        return tuple(dict.fromkeys((*(each.project for each in self.brought), *self._old)))

    def touched(self) -> dict[str, tuple[str, str]]:
        """The files that are there and would not stay: who changes each, and what that does to it. Bytecode aside."""
        gone = {
            path: (self._named(project), "remove")
            for project, paths in self._old.items()
            for path in paths
            if source_of(path) is None and path not in self._kept and os.path.lexists(self.layout.places.live(path))
        }
        by = {path: each.name for each in self.brought for path in each.files}
        come = {there: (by[path], "overwrite") for there, path in self._places.items() if source_of(there) is None}
        return {**gone, **come}

    def new_names(self) -> Iterator[tuple[str, set[str]]]:
        """Who brings modules or packages by new files, and their names; namespace packages hide nothing."""
        for each in self.brought:
            new = [path for path in each.files if path not in self._old.get(each.project, ())]
            yield each.name, regular_names(new, self.ground)

    # -- what there is -------------------------------------------------------------------------------------------------

    @cached_property
    def _old(self) -> dict[str, set[str]]:
        """The files of the replaced distributions, by project."""
        found: dict[str, set[str]] = {}
        for metadata in self.replaced:
            project = project_of(os.path.basename(metadata))
            try:
                paths = {row.path for row in self._rows(metadata)}
            except UnlistedError:  # then only the same version may replace it, and that lists its files
                paths = {path for each in self.brought if each.project == project for path in each.files}
            found.setdefault(project, set()).update(paths)
        return found

    @cached_property
    def _places(self) -> dict[str, str]:
        """Maps each existing path that a new file would replace to that file: the path itself, a file in a folder, or a link."""
        found: dict[str, str] = {}
        for path in {path for each in self.brought for path in each.files}:
            for there in self._standing(path):
                found[there] = path
        return found

    def _standing(self, path: str) -> Iterator[str]:
        blocked = self._blocked(posixpath.dirname(path))
        if blocked is not None:
            yield from [blocked] if blocked else []
            return
        mode = _mode(self.layout.places.live(path))
        if mode is not None and stat.S_ISDIR(mode):
            for top, _, names in os.walk(self.layout.places.live(path)):
                yield from (os.path.relpath(os.path.join(top, name), self.layout.places.root) for name in names)
        elif mode is not None:
            yield path

    def _blocked(self, directory: str) -> str | None:
        """The path of a link or file at or above a directory; empty if nothing is there, None if these are directories."""
        known = self._directories.get(directory)
        if known is not None or directory in self._directories:
            return known
        above = self._blocked(posixpath.dirname(directory))
        if above is not None:
            self._directories[directory] = above
            return above
        mode = _mode(self.layout.places.live(directory))
        is_link = mode is not None and stat.S_ISLNK(mode) and directory not in self._shared
        found = (
            ""
            if mode is None
            else directory
            if is_link or not os.path.isdir(self.layout.places.live(directory))
            else None
        )
        self._directories[directory] = found
        return found

    @cached_property
    def _directories(self) -> dict[str, str | None]:
        return {"": None}

    @cached_property
    def _shared(self) -> set[str]:
        every = {path for each in self.brought for path in each.files} | {
            path for old in self._old.values() for path in old
        }
        return self.layout.fixed(every)

    @cached_property
    def _listed(self) -> dict[str, dict[str, str | None]]:
        """For each distribution that stays: the files it lists that come, go or are in the way, with digests."""
        distributions = self.installed.distributions
        every = {*self._places, *(path for old in self._old.values() for path in old)}
        absolute = [self.layout.places.live(path) for path in every if source_of(path) is None]
        found: dict[str, dict[str, str | None]] = {}
        for site in dict.fromkeys(self.sites):
            for metadata, files in distributions.listing_any(absolute, location=site).items():
                if metadata not in self.replaced:
                    digests = self._digests(metadata)
                    paths = (self.layout.relative(each) for each in files)
                    name = distributions.metadata(metadata).name or os.path.basename(metadata)
                    found.setdefault(name, {}).update((path, digests.get(path)) for path in paths)
        return found

    def _digests(self, metadata: str) -> dict[str, str | None]:
        with suppress(RecordError):
            return {row.path: row.digest for row in self._rows(metadata)}
        return {}

    def _rows(self, metadata: str) -> Sequence[RecordRow]:
        return read_own_rows(self.layout, self.layout.relative(metadata), self.layout.places.root)

    # -- what it comes to ----------------------------------------------------------------------------------------------

    def _with_listed(self) -> Iterator[Clash]:
        """Files of distributions that stay, which would no longer be as listed."""
        for name, files in self._listed.items():
            for path, listed in files.items():
                come = self._places.get(path)
                if come is not None:
                    yield from self._coming(come, path, name, listed)
                elif path not in self._kept:
                    leaving = next((each for each, old in self._old.items() if path in old), None)
                    if leaving is not None and os.path.lexists(self.layout.places.live(path)):
                        yield Clash(path=path, by=self._named(leaving), of=name, leaves=True)

    def _coming(self, come: str, path: str, of: str, listed: str | None) -> Iterator[Clash]:
        # if no digest is listed (some build backends omit it for editable installs), the existing file counts
        if come == path and self.digest(path) == (listed or digest_of(self.layout.places.live(path))):
            return
        for each in self.brought:
            if come in each.files and each.project != normalized(of):
                yield Clash(path=path, by=each.name, of=of, is_new=path not in self._old.get(each.project, ()))

    @cached_property
    def _kept(self) -> set[str]:
        """Files of a replaced distribution that stay, since one that stays lists them with this content."""
        come = {path for each in self.brought for path in each.files}
        return {
            path
            for files in self._listed.values()
            for path, listed in files.items()
            if path not in come and listed is not None and digest_of(self.layout.places.live(path)) == listed
        }

    def _with_each_other(self) -> Iterator[Clash]:
        first: dict[str, NewFiles] = {}
        for each in self.brought:
            for path, digest in each.files.items():
                other = first.setdefault(path, each)
                if other is each or source_of(path) is not None or (digest is not None and digest == other.files[path]):
                    continue
                by, of = (each, other) if each.project not in self.kernel else (other, each)
                olds = (self._old.get(one.project, set()) for one in (by, of))
                yield Clash(path=path, by=by.name, of=of.name, is_new=not all(path in old for old in olds))

    def _of_environment(self) -> Iterator[Clash]:
        for each in self.brought:
            for path in each.files:
                if self.ground.is_own(path) or (path in self._programs and self._programs[path] != each.project):
                    yield Clash(path=path, by=each.name, of="")

    @cached_property
    def _programs(self) -> dict[str, str]:
        """Existing installer programs that nobody lists (as in a copied environment), by project name."""
        listed = {path for files in self._listed.values() for path in files}
        programs = {"pip": "pip", "pip3": "pip", "uv": "uv", "uvx": "uv", "conda": "conda", "mamba": "mamba"}
        there = ((posixpath.split(path), path) for path in self._places if path not in listed)
        return {
            path: programs[name] for (folder, name), path in there if folder == self.ground.scripts and name in programs
        }

    def _in_front(self) -> Iterator[Clash]:
        """Modules that would shadow the kernel's, and files put into its packages."""
        names = KernelNames(kernel=self.kernel, brought=self.brought, installed=self.installed, ground=self.ground)
        for each in self.brought:
            new = [path for path in each.files if path not in self._old.get(each.project, ())]
            for name, paths in import_names(new, self.ground).items():
                owner = names.owner(name)
                if owner is not None and normalized(owner) != each.project:
                    yield from (Clash(path=path, by=each.name, of=owner) for path in paths)
            if self.kernelspec and self.kernel and each.project not in self.kernel:
                # what Jupyter starts when a notebook asks for Python: `NATIVE_KERNEL_NAME` of jupyter_client
                own = (path for path in new if path.startswith("share/jupyter/kernels/python3/"))
                yield from (Clash(path=path, by=each.name, of="ipykernel") for path in own)

    def _foreign(self) -> Iterator[str]:
        listed = {path for files in self._listed.values() for path in files}
        old = {path for files in self._old.values() for path in files}
        for path in self._places:
            if path not in listed and path not in old and source_of(path) is None and path not in self._linked:
                yield path

    # -- links in the places of folders --------------------------------------------------------------------------------

    @cached_property
    def _behind(self) -> dict[str, list[str]]:
        """The links where replaced distributions have folders, and which distributions those are."""
        found: dict[str, list[str]] = {}
        for project, paths in self._old.items():
            for path in paths:
                link = self._blocked(posixpath.dirname(path))
                if link and os.path.islink(self.layout.places.live(link)):
                    found.setdefault(link, []).append(self._named(project))
        return {link: list(dict.fromkeys(names)) for link, names in found.items()}

    @cached_property
    def _linked(self) -> set[str]:
        """The links that are removed: no other distribution has files behind them."""
        return {each for each in self._behind if self.ground.in_site(each) is not None and not self._sharers(each)}

    def _sharers(self, link: str) -> list[str]:
        distributions = self.installed.distributions
        folder = self.layout.places.live(link)
        found = (
            each for site in dict.fromkeys(self.sites) for each in distributions.owners_below(folder, location=site)
        )
        return [distributions.metadata(each).name or each for each in found if each not in self.replaced]

    @cached_property
    def _links(self) -> list[Clash]:
        """The links that new files or a removal would go through, although other distributions have files there."""
        coming = {
            there: path
            for there, path in self._places.items()
            if there != path and os.path.islink(self.layout.places.live(there))
        }
        found = []
        for link in dict.fromkeys([*coming, *self._behind]):
            by = [each.name for each in self.brought if coming.get(link) in each.files] or self._behind.get(link, [])
            found += [Clash(path=link, by=name, of=of) for of in self._sharers(link) for name in by]
        return found

    def _named(self, project: str) -> str:
        found = self.installed.get(project)
        return found.name if found is not None else project


def _mode(path: str) -> int | None:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return None
