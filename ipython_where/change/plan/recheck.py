"""Checks the metadata that uv staged for choices that pip would have made differently.

Tested in `tests/change/test_same_answer.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from ipython_where.change.installers.uv_fit import bounded_by_pre_release
from ipython_where.change.request.request import Request
from ipython_where.facts.distributions.installed import Installed, InstalledDistributions, Lookup, wanted
from ipython_where.facts.distributions.metadata import END, same_version
from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement
from ipython_where.project_names import normalized

_PROVIDES_EXTRA = re.compile(rb"^provides-extra[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_REQUIRES_PYTHON = re.compile(rb"^requires-python[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def unlike_pip(
    names: Collection[str], staged: InstalledDistributions, request: Request, markers: Markers, python: str, *, by: str
) -> str | None:
    """Why pip would not have chosen one of the staged projects ``names`` (normalised), in a few words; None if it would.

    uv ignores the upper bounds of `Requires-Python`
    (<https://docs.astral.sh/uv/reference/internals/resolver/#requires-python>), takes a pre-release that a requirement's bound
    names only if nothing else fits, and follows the markers of an extra that nothing declares. ``python``: the interpreter's
    version; ``by``: the name of the installer that staged them.
    """
    for name in names:
        installed = staged.get(name)
        if installed is None:
            continue
        wanted = _required_python(installed, staged)
        if wanted is not None and accepts(wanted, python) is False:
            return f"`{installed.name}` {installed.version} requires Python {wanted}, which {by} does not check"
        for text in installed.requires:
            requirement = parse_requirement(text)
            if requirement is None or requirement.name not in names or markers.holds(requirement.marker) is False:
                continue
            if bounded_by_pre_release(text, request):
                return f"`{installed.name}` requires `{requirement.plain}`, which lets in pre-releases for pip, but not for {by}"
    return _without_extra(names, staged, request, by)


def _without_extra(names: Collection[str], staged: InstalledDistributions, request: Request, by: str) -> str | None:
    """Why pip would have left out what an extra brings: its distribution does not declare that extra."""
    wanted = (*request.requirements, *(text for name in names if (each := staged.get(name)) for text in each.requires))
    for requirement in filter(None, map(parse_requirement, wanted)):
        installed = staged.get(requirement.name) if requirement.extras else None
        if installed is None:
            continue
        content = END.split(staged.distributions.content(installed.metadata, "METADATA") or b"", 1)[0]
        provided = {normalized(each.decode("utf-8", "replace").strip()) for each in _PROVIDES_EXTRA.findall(content)}
        missing = next((each for each in requirement.extras if each not in provided), None)
        if missing is not None:
            return f"`{installed.name}` {installed.version} declares no extra `{missing}`, so pip ignores it, and {by} does not"
    return None


def requirements_on(
    names: Collection[str], roots: Iterable[str], environment: Lookup, markers: Markers
) -> tuple[str, ...]:
    """What is required of each of the projects ``names``, by the roots and by all that they lead to: versions alone."""
    lines: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    pending = [each for each in map(parse_requirement, roots) if each is not None and markers.holds(each.marker)]
    while pending:
        requirement = pending.pop()
        if requirement.name in names and requirement.url is None:
            lines[requirement.name.replace("_", "-") + requirement.specifier] = None
        installed = environment.get(requirement.name)
        for extra in ("", *requirement.extras):
            if installed is not None and (requirement.name, extra) not in seen:
                seen.add((requirement.name, extra))
                pending += filter(None, wanted(installed, markers, (extra,) if extra else ()))
    return tuple(lines)


def not_the_newest(
    newest: Mapping[str, str], names: Iterable[str], staged: InstalledDistributions, *, by: str
) -> str | None:
    """Why pip may not have chosen the staged projects, in a few words: one of them is older than what is required of it allows.

    Where two requirements cannot both have the newest, some project has to be older, and which one depends on the order in
    which a resolver decides. Where each is the newest that fits, no order matters.
    """
    for name in sorted(names):
        installed, version = staged.get(name), newest.get(name)
        if installed is not None and version is not None and not same_version(installed.version, version):
            return f"{by} took `{installed.name}` {installed.version} although {version} fits, where pip may decide otherwise"
    return None


def _required_python(installed: Installed, staged: InstalledDistributions) -> str | None:
    content = staged.distributions.content(installed.metadata, "METADATA") or b""
    found = _REQUIRES_PYTHON.search(END.split(content, 1)[0])
    return found[1].decode("utf-8", "replace").strip() if found is not None else None
