"""What this process saw change: a module that it loaded after its own change is not older than that."""

from __future__ import annotations

from collections.abc import Mapping


class Witness:
    """The changes that this process made, and at which of them each loaded module was not there yet."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._absent: dict[str, tuple[int, float | None]] = {}

    def changed(self, modules: Mapping[str, object], when: float) -> None:
        """Note that a change was made, which the loaded ``modules`` met: these very objects, not later ones of their names."""
        met = {name: (id(module), self.since(name, module)) for name, module in list(modules.items())}
        self._absent, self._last = met, when

    def since(self, name: str, module: object) -> float | None:
        """The last change that a module did not meet: it was loaded after that. None: it met all that there were."""
        known, absent = self._absent.get(name, (None, None))
        return absent if known == id(module) else self._last


def latest(*times: float | None) -> float | None:
    """The last of some times, None where the first is unknown."""
    return None if times[0] is None else max(each for each in times if each is not None)
