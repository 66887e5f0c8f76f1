"""Lines without a project name (`./folder`, the URL of an archive or a repository), which `sync` refuses: if nothing has to be
done for such a line, the installer does not report its name, so `sync` could not tell what to keep. Only `-e ./folder` can't
be written with a name; the folder, the plan or the installed metadata proves which project it is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from ipython_where.change.installers.interface import Pin
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.facts.distributions.requirement import Markers, parse_requirement
from ipython_where.facts.distributions.requirement_lines import Read
from ipython_where.facts.files import read_utf8
from ipython_where.project_names import normalized
from ipython_where.redact import masked
from ipython_where.value import dataclass

_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tbz|txz|tar(?:\.\w+)?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """An editable folder: an absolute path without links, and the extras as they were written."""

    path: str
    extras: str
    marker: str | None


def parse_folder(line: str, cwd: str) -> Folder:
    """Parse the value of an `-e` as pip does: a path is relative to ``cwd``, extras come last."""
    text, _, marker = (each.strip() for each in line.partition("; " if "://" in line else ";"))
    found = re.fullmatch(r"(.+?)\s*\[([^\[\]]*)\]", text)
    text, extras = (found[1], found[2].strip()) if found is not None else (text, "")
    return Folder(path=_path_of(text, cwd), extras=extras, marker=marker or None)


def _path_of(text: str, cwd: str) -> str:
    if text.startswith("file:"):
        return os.path.realpath(unquote(urlsplit(text).path))
    return os.path.realpath(os.path.join(cwd, os.path.expanduser(text)))


def is_unnamed(line: str, editables: Iterable[str], cwd: str) -> bool:
    """Whether a line has no project name. A folder (`-e folder`) or an archive may look like a name."""
    requirement = parse_requirement(line)
    if requirement is None:
        return True
    path = os.path.join(cwd, os.path.expanduser(re.split(r"\s*[;\[]", line, maxsplit=1)[0]))
    is_path = line in editables or (_ARCHIVE.search(path) is not None and os.path.isfile(path))
    return requirement.url is None and is_path


def roots_of(
    file: str, lines: Sequence[str], editables: Sequence[str], cwd: str, markers: Markers
) -> tuple[tuple[str, ...], tuple[Folder, ...]]:
    """The requirements of a file that apply here: by name, and editable folders. Raises `UsageError` for lines without a name."""
    unnamed = [line for line in lines if is_unnamed(line, editables, cwd)]
    refused = [line for line in unnamed if line not in editables]
    if refused:
        raise UsageError(
            f"`%safepip sync` needs a project name in each line of `{masked(file)}`, to know what to keep",
            evidence=tuple(refused),
            hint=f"write {', '.join(f'`{_named(each, cwd)}`' for each in refused)}; "
            "`%safepip install -r` accepts them as they are",
        )
    wanted = [(line, parse_requirement(line)) for line in lines if line not in unnamed]
    roots = tuple(line for line, each in wanted if each and markers.holds(each.marker) is not False)
    folders = (parse_folder(line, cwd) for line in unnamed)
    return roots, tuple(each for each in folders if markers.holds(each.marker) is not False)


def _named(line: str, cwd: str) -> str:
    """The line with a name in front: after `NAME @`, pip accepts a path only as a URL."""
    if re.match(r"[A-Za-z][\w+.-]+:", line):
        return f"NAME @ {line}"
    found = re.match(r"([^\[;]*[^\[;\s])\s*(\[[^\]]*\])?\s*(;.*)?", line)
    if found is None:
        return f"NAME @ {line}"
    path = os.path.normpath(os.path.join(cwd, os.path.expanduser(found[1])))
    return f"NAME{found[2] or ''} @ file://{path.replace(' ', '%20')}" + (f" {found[3]}" if found[3] else "")


def names_of(
    folder: Folder, pins: Iterable[Pin], installed: InstalledDistributions, read: Read = read_utf8
) -> tuple[str, ...]:
    """The projects, normalised, in a folder: among the pins and the installed distributions.

    Empty if nothing proves it.
    """
    pinned = {normalized(pin.name): pin for pin in pins}
    brought = [name for name, pin in pinned.items() if (pin.url or "").startswith("file:") and _is(pin.url, folder)]
    for names in ([_static_name(folder, read)], brought, _installed_from(folder, installed)):
        found = tuple(normalized(name) for name in names if name)
        if found and all(name in pinned or installed.get(name) is not None for name in found):
            return found
    return ()


def _is(url: str | None, folder: Folder) -> bool:
    return url is not None and _path_of(url.partition("#")[0], "/") == folder.path


def _installed_from(folder: Folder, installed: InstalledDistributions) -> list[str]:
    direct_urls = ((project, installed.provenance(each).direct_url) for project, each in installed.all().items())
    return [project for project, content in direct_urls if content is not None and _is(_recorded(content), folder)]


def _recorded(direct_url: bytes) -> str | None:
    """The local URL that direct_url.json (PEP 610) records as the source."""
    try:
        url = json.loads(direct_url)["url"]
        return url if isinstance(url, str) and url.startswith("file:") else None
    except (ValueError, KeyError, TypeError):
        return None


def _static_name(folder: Folder, read: Read) -> str | None:
    """The static name in the folder's pyproject.toml (PEP 621), which no build can change."""
    import tomllib

    try:
        found = tomllib.loads(read(os.path.join(folder.path, "pyproject.toml")) or "").get("project", {}).get("name")
        return found if isinstance(found, str) else None
    except (tomllib.TOMLDecodeError, AttributeError):
        return None
