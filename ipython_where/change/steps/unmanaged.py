"""Distributions that are installed outside the directories that `%safepip` changes: it refuses to remove or replace them."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable

from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import Change
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.installed import Installed
from ipython_where.facts.files import same_file
from ipython_where.model import Evidence
from ipython_where.project_names import normalized

_REGULAR = re.compile(r"[A-Za-z0-9][\w.]*-[^-]+\.dist-info", re.ASCII)


class OutsideError(WhereError):
    """A distribution is outside the directories that `%safepip` changes here: nothing was changed."""


def refuse_removal(names: Iterable[str], target: TargetEnvironment) -> None:
    """Raise `OutsideError` for the first distribution that cannot be removed here."""
    for found in _outside(names, target):
        link = _egg_link(found.project, target)
        if link is not None:
            raise _developed(found, link, "removed", target)
        where = "the user site" if target.user else f"{target.owner} environment"
        root = Evidence(label="user base" if target.user else "prefix", value=target.root)
        hidden = target.world.distributions.find(found.project, target.site_directories)
        raise OutsideError(
            f"{_named(found)} is not in {where}, so it cannot be removed from there",
            evidence=(*_evidence(found, target), *(Evidence(label="hides", value=each) for each in hidden), root),
            hint=_way_out(found, target),
            unchanged=True,
        )


def refuse_replacement(changes: Iterable[Change], target: TargetEnvironment) -> None:
    """Raise `OutsideError` if a `setup.py develop` install would stay beside its replacement.

    A distribution in another environment just gets shadowed: that is how a virtual environment works.
    """
    for found in _outside((change.name for change in changes if change.old is not None), target):
        link = _egg_link(found.project, target)
        if link is not None:
            raise _developed(found, link, "replaced", target)


def unlike_for_uv(target: TargetEnvironment) -> str | None:
    """Why what is installed is something else for uv, if it is, in a few words.

    It looks into the environment's own directories alone, so that it would install again what the system's site-packages,
    the user site or `PYTHONPATH` bring; and what setuptools left there without a wheel it reads otherwise.
    """
    own: set[str] = set()
    others = []
    for directory in target.installed.directories():
        if _is_inside(directory.path, target):
            own.update(directory.projects)
            odd = next((each for each in directory.metadata if _REGULAR.fullmatch(each) is None), None)
            odd = odd or next(directory.ending(".egg"), None)
            if odd is not None:
                return f"uv reads `{odd}` differently than pip"
            twice = next((names[0] for names in directory.projects.values() if len(names) > 1), None)
            bare = next((each for each in directory.metadata if not _has_metadata(directory.path, each)), None)
            if bare is not None:
                return f"uv reads `{bare}`, which has no METADATA, differently than pip"
            if twice is not None:
                return f"uv treats `{twice}`, which is recorded twice, as not installed"
        else:
            others.append(directory)
    for directory in others:
        if any(_egg_link(each, target) is None for each in directory.projects.keys() - own):
            return f"uv does not see what is in `{directory.path}`"
    return None


def _has_metadata(site: str, name: str) -> bool:
    return os.path.isfile(os.path.join(site, name, "METADATA"))


def _outside(names: Iterable[str], target: TargetEnvironment) -> Iterable[Installed]:
    for name in names:
        found = target.installed.get(name)
        if found is not None and not _is_inside(os.path.dirname(found.metadata), target):
            yield found


def _is_inside(directory: str, target: TargetEnvironment) -> bool:
    sites = target.site_directories
    return directory in sites or any(same_file(directory, each) for each in sites)


def _egg_link(project: str, target: TargetEnvironment) -> str | None:
    """The `.egg-link` file that `setup.py develop` created for a project instead of metadata."""
    for site in target.site_directories:
        listing = target.world.distributions.directory(site)
        for name in listing.ending(".egg-link") if listing is not None else ():
            if normalized(name[: -len(".egg-link")]) == project:
                return os.path.join(site, name)
    return None


def _developed(found: Installed, link: str, done: str, target: TargetEnvironment) -> OutsideError:
    has_pip = target.installed.get("pip") is not None
    python = shlex.quote(target.executable)
    command = f"{python} -m pip uninstall" if has_pip else f"uv pip uninstall --python {python}"
    return OutsideError(
        f"{_named(found)} was installed by `setup.py develop`, so it cannot be {done} from here",
        evidence=(*_evidence(found, target), Evidence(label="link", value=link)),
        hint=f"`{command} {found.name}` removes it",
        unchanged=True,
    )


def _named(found: Installed) -> str:
    return f"`{found.name}` {found.version}".rstrip()


def _evidence(found: Installed, target: TargetEnvironment) -> tuple[Evidence, ...]:
    """Where it is, and the ``.pth`` file that put that folder on the path."""
    named_by = target.world.rules.pth_lines.get(os.path.dirname(found.metadata))
    folder = Evidence(label="found", value=found.metadata)
    return (folder, Evidence(label=".pth file", value=named_by)) if named_by is not None else (folder,)


def _way_out(found: Installed, target: TargetEnvironment) -> str:
    described, directory = target.world.description, os.path.dirname(found.metadata)
    if target.user and directory in (described["purelib"], described["platlib"]):
        return f"`{target.typed('uninstall', found.name)}` removes it"
    if target.runs.is_this_process and not target.user and directory == described["user_site"]:
        return f"`{target.typed('uninstall', '--user', found.name)}` removes it"
    return "remove it with the tool that installed it"
