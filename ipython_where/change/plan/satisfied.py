"""Proves in this process that a request is already satisfied, so that no installer has to start.

Without a proof, the installer decides. The rule is pip's: an installed version that the requirement accepts stays, and so
do its dependencies. Unlike pip, it checks that the files exist: a distribution that has lost some is not installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Protocol

from ipython_where.change.request.request import Request
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.installed import Installed, InstalledDistributions, Lookup, wanted
from ipython_where.facts.distributions.requirement import Markers, Requirement, accepts, parse_requirement
from ipython_where.facts.settings.pip_options import effect_of, is_pips_alone
from ipython_where.model import Setting
from ipython_where.project_names import normalized
from ipython_where.redact import without_user
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfied:
    """A requirement and the installed version that satisfies it; ``version`` is None if its marker does not apply here."""

    requirement: str
    name: str
    version: str | None


class Proving(Lookup, Protocol):
    """An environment whose metadata and files are a proof: as it is, or as it will be (`With`)."""

    @property
    def distributions(self) -> Distributions: ...

    def damage(self, installed: Installed, /) -> str | None:
        """Why a distribution's files can't be trusted; None if no damage was found."""
        ...


class With:
    """An environment with one distribution more, which has just been staged."""

    def __init__(self, environment: InstalledDistributions, staged: Installed) -> None:
        self.distributions = environment.distributions
        self._environment = environment
        self._staged = staged

    def get(self, project: str) -> Installed | None:
        """The distribution that will be installed."""
        return self._staged if normalized(project) == self._staged.project else self._environment.get(project)

    def damage(self, installed: Installed) -> str | None:
        """What is staged is verified before it is swapped in."""
        return None if installed is self._staged else self._environment.damage(installed)


def satisfied(
    request: Request, environment: Proving, markers: Markers, *, settings: Iterable[Setting] = ()
) -> tuple[Satisfied, ...] | None:
    """What satisfies each requirement of an install, or None if that is not proven.

    ``settings`` are those in effect; one that changes what `install` means makes a proof impossible.
    """
    if not is_provable(request, settings):
        return None
    seen: set[tuple[str, str]] = set()
    held = []
    for text in request.requirements:
        requirement = parse_requirement(text)
        if requirement is None:
            return None
        each = _held(requirement, environment, markers, seen, with_needs=not request.no_deps)
        if each is None:
            return None
        held.append(each)
    return tuple(held)


def is_provable(request: Request, settings: Iterable[Setting]) -> bool:
    """Whether the metadata of what is installed decides what an install has to bring."""
    return not _is_beyond_proof(request) and not any(effect_of(each) == "plan" for each in settings)


def _is_beyond_proof(request: Request) -> bool:
    """Whether being installed is not enough: the request wants newer versions, rebuilds, another place, or reads files."""
    return (
        request.command != "install"
        or request.upgrade
        or request.force_reinstall
        or request.require_hashes
        or request.user
        or bool(request.editables or request.requirement_files or request.constraint_files)
        or any(effect_of(each) == "plan" or is_pips_alone(each) for each in request.passed)
        or not request.requirements
    )


def _held(
    requirement: Requirement,
    environment: Proving,
    markers: Markers,
    seen: set[tuple[str, str]],
    *,
    with_needs: bool,
) -> Satisfied | None:
    holds = markers.holds(requirement.marker)
    if holds is None:
        return None
    if not holds:
        return Satisfied(requirement=requirement.text, name=requirement.name, version=None)
    installed = _accepted(requirement, environment)
    if installed is None or (with_needs and not _needs_are_met(requirement, environment, markers, seen)):
        return None
    return Satisfied(requirement=requirement.text, name=installed.name, version=installed.version)


def _accepted(requirement: Requirement, environment: Proving) -> Installed | None:
    installed = environment.get(requirement.name)
    if installed is None or environment.damage(installed) is not None:
        return None
    if not accepts(requirement.specifier, installed.version):
        return None
    if requirement.url is not None and not _is_from(requirement.url, installed, environment):
        return None
    return installed


def _needs_are_met(
    requirement: Requirement, environment: Proving, markers: Markers, seen: set[tuple[str, str]]
) -> bool:
    """Whether all its dependencies are met, recursively; ``seen`` are the pairs (project, extra) already checked."""
    pending = [requirement]
    while pending:
        each = pending.pop()
        installed = _accepted(each, environment)
        if installed is None:
            return False
        for extra in ("", *each.extras):
            if (each.name, extra) in seen:
                continue
            seen.add((each.name, extra))
            if extra and not _provides(installed, extra):
                return False
            for needed in wanted(installed, markers, (extra,) if extra else ()):
                if needed is None:
                    return False
                pending.append(needed)
    return True


def _provides(installed: Installed, extra: str) -> bool:
    """Whether any requirement names the extra. pip warns about an unknown one, so pip has to see it."""
    spelled = re.compile(rf"extra\s*==\s*[\"']{re.escape(extra).replace('_', '[-_.]+')}[\"']", re.IGNORECASE)
    return any(spelled.search(each) for each in installed.requires)


def _is_from(url: str, installed: Installed, environment: Proving) -> bool:
    """Whether direct_url.json (PEP 610) records this archive, by hash, or this commit."""
    content = environment.distributions.content(installed.metadata, "direct_url.json")
    try:
        data = json.loads(content or b"")
        recorded, vcs, archive = data["url"], data.get("vcs_info") or {}, data.get("archive_info") or {}
        if not isinstance(recorded, str):
            return False
        plain, _, fragment = url.partition("#")
        if vcs:
            return _is_commit(plain, f"{vcs['vcs']}+{recorded}", str(vcs["commit_id"])) and not fragment
        hashes = {f"{name}={value}" for name, value in (archive.get("hashes") or {}).items()}
        plain = plain if "?" in recorded else plain.partition("?")[0]  # a query may be a token, so it is never recorded
        return _without_user(plain) == _without_user(recorded) and fragment in hashes
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_commit(url: str, recorded: str, commit: str) -> bool:
    return (
        re.fullmatch(r"[0-9a-f]{40}", commit) is not None
        and _without_user(url) == f"{_without_user(recorded)}@{commit}"
    )


def _without_user(url: str) -> str:
    """The URL without its user: the recorded one never has one."""
    return without_user(url)
