"""Checks the metadata that uv staged for choices that pip would have made differently.

Tested in `tests/change/test_same_answer.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ipython_where.change.installers.uv_fit import bounded_by_pre_release
from ipython_where.change.request.request import Request
from ipython_where.facts.distributions.installed import Installed, InstalledDistributions
from ipython_where.facts.distributions.metadata import END
from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement

_REQUIRES_PYTHON = re.compile(rb"^requires-python[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def unlike_pip(
    names: Collection[str], staged: InstalledDistributions, request: Request, markers: Markers, python: str, *, by: str
) -> str | None:
    """Why pip would not have chosen one of the staged projects ``names`` (normalised), in a few words; None if it would.

    uv ignores the upper bounds of `Requires-Python`
    (<https://docs.astral.sh/uv/reference/internals/resolver/#requires-python>), and takes a pre-release that a requirement's
    bound names only if nothing else fits. ``python``: the interpreter's version; ``by``: the name of
    the installer that staged them.
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
                return f"pip and uv treat `{requirement.plain}`, which `{installed.name}` requires, differently"
    return None


def _required_python(installed: Installed, staged: InstalledDistributions) -> str | None:
    content = staged.distributions.content(installed.metadata, "METADATA") or b""
    found = _REQUIRES_PYTHON.search(END.split(content, 1)[0])
    return found[1].decode("utf-8", "replace").strip() if found is not None else None
