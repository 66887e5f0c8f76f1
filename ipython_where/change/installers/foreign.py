"""A third party's installer, held to the Protocol: what it raises or returns instead becomes an error that names it.

Tested in `tests/change/installers/test_registry.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ipython_where.change.request.request import Request
from ipython_where.errors import WhereError
from ipython_where.model import Evidence
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .interface import Circumstances, Command, Differs, Installer, Pin, Refusal, Site

_T = TypeVar("_T")


class FailedInstallerError(WhereError):
    """An installer broke its own contract, so its answer is unknown. Unlike a failed plan, this is not retried with pip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """``installer`` with its attributes read once. ``metadata`` is what declares it, ``project`` what that belongs to.

    A `WhereError` is its own message, and passes.
    """

    installer: Installer
    metadata: str
    project: str
    name: str
    how: str
    priority: int
    because: str
    needs_recheck: bool

    is_reference = False

    def serves(self, request: Request, circumstances: Circumstances) -> Differs | Refusal | None:
        """What it says. Whatever it raises, the caller asks the next."""
        found = self.installer.serves(request, circumstances)
        if found is not None and not isinstance(found, Differs | Refusal):
            raise TypeError(_instead("serves", found))
        return found

    def plan(self, request: Request, site: Site) -> Command:
        return self._one("plan", Command, lambda: self.installer.plan(request, site))

    def parse_plan(self, done: Completed, request: Request, site: Site) -> tuple[Pin, ...]:
        return self._many("parse_plan", Pin, lambda: self.installer.parse_plan(done, request, site))

    def checks_hashes(self, site: Site) -> bool:
        return self._one("checks_hashes", bool, lambda: bool(self.installer.checks_hashes(site)))

    def detail(self, pins: tuple[Pin, ...], request: Request, site: Site) -> Command | None:
        return self._one("detail", (Command, type(None)), lambda: self.installer.detail(pins, request, site))

    def parse_detail(self, pins: tuple[Pin, ...], done: Completed) -> tuple[Pin, ...]:
        return self._many("parse_detail", Pin, lambda: self.installer.parse_detail(pins, done))

    def stage(self, pins: tuple[Pin, ...], stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        return self._many("stage", Command, lambda: self.installer.stage(pins, stage, request, site))

    def waiting(self, stage: str, request: Request, site: Site) -> None:
        """Its stage is as its pins make it."""

    def alone(self, stage: str, request: Request, site: Site) -> None:
        """What it brings is known by its plan."""

    def files_of(self, lines: Sequence[str], request: Request, site: Site) -> Command:
        return self._one("files_of", Command, lambda: self.installer.files_of(lines, request, site))

    def parse_files(self, done: Completed) -> tuple[dict[str, Any], ...]:
        return self._many("parse_files", dict, lambda: self.installer.parse_files(done))

    def stage_lock(self, text: str, stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        return self._many("stage_lock", Command, lambda: self.installer.stage_lock(text, stage, request, site))

    def newest(self, lines: Sequence[str], request: Request, site: Site) -> Command | None:
        return self._one("newest", (Command, type(None)), lambda: self.installer.newest(lines, request, site))

    def parse_newest(self, done: Completed) -> dict[str, str]:
        return self._one("parse_newest", dict, lambda: self.installer.parse_newest(done))

    def run(self, request: Request, site: Site) -> Command:
        return self._one("run", Command, lambda: self.installer.run(request, site))

    def _one(self, method: str, kind: type | tuple[type, ...], call: Callable[[], _T]) -> _T:
        try:
            found = call()
        except WhereError:
            raise
        except (Exception, SystemExit) as error:  # it may raise whatever it likes
            raise self._failed(f"`{method}` raised {type(error).__name__}: {error}") from error
        if not isinstance(found, kind):
            raise self._failed(_instead(method, found))
        return found

    def _many(self, method: str, kind: type, call: Callable[[], Iterable[_T]]) -> tuple[_T, ...]:
        found = self._one(method, tuple, lambda: tuple(call()))
        wrong = next((each for each in found if not isinstance(each, kind)), None)
        if wrong is not None:
            raise self._failed(_instead(method, wrong))
        return found

    def _failed(self, reason: str) -> FailedInstallerError:
        return FailedInstallerError(
            f"the installer `{self.name}` of `{self.project}` failed",
            evidence=(Evidence(label="reason", value=reason), Evidence(label="declared in", value=self.metadata)),
            hint=f"`--with pip` or `--with uv` goes around it, `%safepip uninstall {self.project}` removes it",
            unchanged=True,
        )


def _instead(method: str, found: object) -> str:
    return f"`{method}` returned a `{type(found).__name__}`"
