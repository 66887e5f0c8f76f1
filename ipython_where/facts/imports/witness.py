"""Tracks this process's own changes: a module loaded after a change cannot be older than it."""

from __future__ import annotations

from collections.abc import Mapping


class Witness:
    """The last change that this process made, and for each loaded module the last change before it was loaded."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._absent: dict[str, tuple[int, float | None]] = {}

    def changed(self, modules: Mapping[str, object], when: float) -> None:
        """Note a change at ``when`` and the module objects loaded then; a later object of the same name is newer."""
        met = {name: (id(module), self.since(name, module)) for name, module in list(modules.items())}
        self._absent, self._last = met, when

    def since(self, name: str, module: object) -> float | None:
        """The time of the last change before a module was loaded; None if it was loaded before all of them."""
        known, absent = self._absent.get(name, (None, None))
        return absent if known == id(module) else self._last


def latest(*times: float | None) -> float | None:
    """The latest of some times; None if the first is unknown."""
    return None if times[0] is None else max(each for each in times if each is not None)
