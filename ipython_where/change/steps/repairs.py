"""Reinstalls requested distributions that have lost files: no installer checks whether the files exist."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from ipython_where.change.attempt import Chosen, Repairs, Resolve
from ipython_where.change.installers.interface import Pin
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import CommandError, WhereError
from ipython_where.facts.distributions.installed import Altered, Installed, Provenance, closure
from ipython_where.facts.distributions.metadata import editable_root
from ipython_where.facts.distributions.requirement import parse_requirement
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized
from ipython_where.redact import masked


def repairs(request: Request, pins: tuple[Pin, ...], target: TargetEnvironment, resolve: Resolve) -> Repairs | Chosen:
    """The pins that reinstall, in the same version, what the request needs and is damaged; and findings for the rest.

    Raises what ``resolve`` raises if a distribution that was requested by name cannot be reinstalled: it would stay broken.
    """
    damaged = _damaged(request, pins, target)
    if not damaged:
        return Repairs()
    asked = {parsed.name for each in request.requirements if (parsed := parse_requirement(each)) is not None}
    by_name = [each for each in damaged if each.project in asked]
    others = [each for each in damaged if each.project not in asked and _is_replaceable(each, target)]
    try:
        found = _brought_back(by_name, request, resolve, target)
    except WhereError as error:  # says why an installed package was searched for at all
        said = (f"`{each.name}` {each.version}: {target.installed.damage(each)}" for each in by_name)
        error.evidence = (*(Evidence(label="", value=each) for each in said), *error.evidence)
        raise
    if isinstance(found, Chosen):
        return found
    try:
        more = _brought_back(others, request, resolve, target)
    except (CommandError, WhereError):  # optional: an installer alone would not have tried
        more, others = (), []
    if isinstance(more, Chosen):
        return more
    repaired = {*(each.project for each in by_name), *(each.project for each in others)}
    left = (each for each in damaged if each.project not in repaired)
    return Repairs(pins=(*found, *more), left=tuple(_not_repaired(each, target) for each in left))


def _damaged(request: Request, pins: Sequence[Pin], target: TargetEnvironment) -> list[Installed]:
    """The distributions that the request needs, that no pin replaces, and that have lost files, sorted by project."""
    brought = {project: _as_brought(pin, project) for pin in pins for project in (normalized(pin.name),)}
    wanted = [each for each in map(parse_requirement, request.requirements) if each is not None]
    roots = [each.text for each in wanted if target.markers.holds(each.marker) is not False]
    if request.no_deps:
        needed = {each.name: target.installed.get(each.name) for each in wanted if each.text in roots}
    else:
        needed = dict(closure(roots, Altered(target.installed, brought=brought, removed=()), target.markers))
    kept = (each for project, each in sorted(needed.items()) if each is not None and project not in brought)
    return [each for each in kept if target.installed.damage(each) is not None]


def _as_brought(pin: Pin, project: str) -> Installed:
    return Installed(name=pin.name, project=project, version=pin.version or "", requires=pin.requires or ())


def _is_replaceable(installed: Installed, target: TargetEnvironment) -> bool:
    """Whether a distribution that was not requested may be reinstalled: no other tool manages it, and it is not an editable
    project whose folder is gone. A project of that name on an index may be somebody else's.
    """
    provenance = target.installed.provenance(installed)
    is_lost = provenance.editable and _editable_folder(provenance) is None
    return provenance.installer in ("pip", "uv", None) and not is_lost


def _editable_folder(provenance: Provenance) -> str | None:
    """The folder of an editable install, if it exists."""
    folder = editable_root(provenance.direct_url) if provenance.editable else None
    return folder if folder is not None and os.path.isdir(folder) else None


def _brought_back(
    damaged: Sequence[Installed], request: Request, resolve: Resolve, target: TargetEnvironment
) -> tuple[Pin, ...] | Chosen:
    if not damaged:
        return ()
    folders = {each.project: _editable_folder(target.installed.provenance(each)) for each in damaged}
    again = replace(
        request,
        requirements=tuple(
            text for each in damaged if folders[each.project] is None for text in _again(each, request, target)
        ),
        requirement_files=(),
        editables=tuple(folder for folder in folders.values() if folder is not None),
        upgrade=False,
        upgrade_strategy=None,
        force_reinstall=True,
        no_deps=True,
        passed=request.throughout,
    )
    asked_before = {each.project: target.installed.provenance(each).requested for each in damaged}
    by_name = {parsed.name for each in request.requirements if (parsed := parse_requirement(each)) is not None}
    pins = resolve(again)
    if isinstance(pins, Chosen):
        return pins
    return tuple(
        replace(pin, requested=project in by_name or bool(asked_before.get(project)))
        for pin in pins
        for project in (normalized(pin.name),)
    )


def _again(installed: Installed, request: Request, target: TargetEnvironment) -> tuple[str, ...]:
    """The requirement that reinstalls it: from its recorded URL, else in the same version. For an editable one, which no index
    has, the text of the request counts.
    """
    origin, version = _origin(installed, target), _version(installed)
    if origin is not None:
        return (f"{installed.name} @ {origin}",)
    if target.installed.provenance(installed).editable:
        texts = ((each, parse_requirement(each)) for each in request.requirements)
        return tuple(text for text, parsed in texts if parsed is not None and parsed.name == installed.project)
    return (f"{installed.name}=={version}" if version else installed.name,)


def _version(installed: Installed) -> str:
    """If METADATA is damaged or belongs to another project, the version in the folder's name counts, as for pip."""
    named = os.path.basename(installed.metadata).removesuffix(".dist-info").partition("-")[2]
    return installed.version if installed.sound or not named else named


def _origin(installed: Installed, target: TargetEnvironment) -> str | None:
    """The URL that it was installed from (PEP 610), if that needs no password."""
    content = target.installed.provenance(installed).direct_url
    try:
        data = json.loads(content or b"")
        url, vcs = data["url"], data.get("vcs_info")
        if masked(url) != url or (url.startswith("file:") and not os.path.exists(unquote(urlsplit(url).path))):
            return None
        return f"{vcs['vcs']}+{url}@{vcs['commit_id']}" if vcs else str(url)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _not_repaired(installed: Installed, target: TargetEnvironment) -> Finding:
    return Finding(
        id="files-gone",
        severity="warning",
        message=f"`{installed.name}` {installed.version} is needed and damaged: {target.installed.damage(installed)}",
        hint=f"`%safepip install --force-reinstall --no-deps {installed.name}=={installed.version}`",
    )
