"""Reads the import names of the kernel's distributions, and which distribution owns each.

Tested in `tests/change/steps/test_file_clashes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.value import dataclass

from .clashes import Ground, import_names, regular_names
from .new_files import NewFiles


@dataclass(frozen=True, slots=False, kw_only=True)
class KernelNames:
    """The module names of the projects in ``kernel``: those ``brought`` count with their new files."""

    kernel: frozenset[str]
    brought: Sequence[NewFiles]
    installed: InstalledDistributions
    ground: Ground

    def owner(self, name: str) -> str | None:
        """The distribution that owns a name; None if no distribution of the kernel does."""
        return self._owners.get(name) if self._is_there(name) else None

    def _is_there(self, name: str) -> bool:
        """Whether the path may have a module of this name. Quick: may say yes wrongly, but never misses one of the kernel's."""
        if name == "ipython_where" or any(name in import_names(each.files, self.ground) for each in self._coming):
            return True
        directories = map(self.installed.distributions.directory, self.installed.path)
        return any(
            found.partition(".")[0] == name
            for each in directories
            if each is not None
            for found in each.beginning(name)
        )

    @property
    def _coming(self) -> list[NewFiles]:
        return [each for each in self.brought if each.project in self.kernel]

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        found = {"ipython_where": "ipython_where"}
        come = {each.project: each for each in self._coming}
        for project in self.kernel:
            there = self.installed.get(project)
            if project in come:
                names, name = regular_names(come[project].files.keys(), self.ground), come[project].name
            elif there is not None:
                names, name = self._regular(there.metadata), there.name
            else:
                continue
            found.update(dict.fromkeys(names, name))
        return found

    def _regular(self, metadata: str) -> set[str]:
        listed = self.installed.distributions.files(metadata) or b""
        paths = [f"site/{line.partition(',')[0]}" for line in listed.decode("utf-8", "replace").splitlines()]
        return regular_names(paths, Ground(sites=("site",), scripts=""))
