"""Requirements without a name (`./folder`, `-e ./folder[extra]`, the URL of an archive or a repository): what they name.

An installer that has nothing to do for such a line says nothing of it. What is installed, the folder and the name of
the file prove it then.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from ..modules.distributions import normalized
from ..value import dataclass
from .installed import Environment
from .installers.interface import Pin
from .pylock import bare
from .requirement import parse_requirement
from .requirement_files import read_text
from .requirement_lines import Read

_ARCHIVE = re.compile(r"\.(?:whl|zip|tgz|tbz|txz|tar(?:\.\w+)?)$", re.IGNORECASE)
_SDIST = re.compile(r"(.+)-\d[^-]*\.(?:zip|tgz|tar\.\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where something comes from: an absolute path without links, or a URL without user, revision and fragment."""

    place: str
    subdirectory: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is a folder or a file of this machine."""
        return os.path.isabs(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed:
    """A line understood. ``extras`` are as they were written; ``egg`` is the name that its fragment claims."""

    line: str
    source: Source
    extras: str
    marker: str | None
    egg: str | None


def parse_unnamed(line: str, cwd: str) -> Unnamed:
    """Understand a line as pip does: a relative path means ``cwd``, the extras come last."""
    text, _, marker = (each.strip() for each in line.partition("; " if "://" in line else ";"))
    text, extras = _without_extras(text)
    egg = parse_qs(urlsplit(text).fragment).get("egg", [""])[0] if "://" in text else ""
    egg, more = _without_extras(egg)
    return Unnamed(
        line=line, source=_source_of(text, cwd), extras=extras or more, marker=marker or None, egg=egg or None
    )


def _without_extras(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.+?)\s*\[([^\[\]]*)\]", text)
    return (found[1], found[2].strip()) if found is not None else (text, "")


def is_unnamed(line: str, editables: Iterable[str], cwd: str) -> bool:
    """Whether a line is none by name. A folder beside the notebook (`-e folder`) or an archive may look like a name."""
    requirement = parse_requirement(line)
    if requirement is None:
        return True
    path = os.path.join(cwd, os.path.expanduser(re.split(r"\s*[;\[]", line, maxsplit=1)[0]))
    is_path = line in editables or (_ARCHIVE.search(path) is not None and os.path.isfile(path))
    return requirement.url is None and is_path


def names_of(unnamed: Unnamed, pins: Iterable[Pin], installed: Environment, read: Read = read_text) -> tuple[str, ...]:
    """The projects, normalised, that a line names: of what an installer would bring and of what is there already.

    Empty where nothing proves it.
    """
    pinned = {normalized(pin.name): pin for pin in pins}
    source = unnamed.source
    brought = [name for name, pin in pinned.items() if pin.url is not None and _source_of(pin.url, "/") == source]
    static = _static_name(source, read)
    for names in ([static], brought, _installed_from(source, installed), [unnamed.egg], [_name_of_sdist(source)]):
        found = tuple(normalized(name) for name in names if name)
        if found and all(name in pinned or installed.get(name) is not None for name in found):
            return found
    return ()


def _installed_from(source: Source, installed: Environment) -> list[str]:
    direct_urls = ((project, installed.provenance(each).direct_url) for project, each in installed.all().items())
    return [project for project, content in direct_urls if content is not None and _recorded(content) == source]


def _recorded(direct_url: bytes) -> Source | None:
    """Where direct_url.json (PEP 610) says that a distribution came from."""
    try:
        data = json.loads(direct_url)
        found = _source_of(str(data["url"]), "/")
        return Source(place=found.place, subdirectory=_folder(str(data.get("subdirectory") or "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _source_of(text: str, cwd: str) -> Source:
    """Of a path, or of a URL: with `git+` before it, and a revision behind it, for a repository."""
    if not re.match(r"[A-Za-z][\w+.-]+:", text):
        return Source(place=os.path.realpath(os.path.join(cwd, os.path.expanduser(text))))
    parts = urlsplit(text)
    subdirectory = _folder(parse_qs(parts.fragment).get("subdirectory", [""])[0])
    if parts.scheme == "file":
        return Source(place=os.path.realpath(unquote(parts.path)), subdirectory=subdirectory)
    scheme, plus, _ = parts.scheme.rpartition("+")
    url = bare(text)
    if plus:
        url = url[len(scheme) + 1 :]
        path = urlsplit(url).path
        url = url[: len(url) - len(path)] + re.sub(r"@[^@]*$", "", path)
    return Source(place=_local(url), subdirectory=subdirectory)


def _local(url: str) -> str:
    """A repository on this machine is compared as a path: its URL has more than one spelling."""
    return os.path.realpath(unquote(urlsplit(url).path)) if url.startswith("file:") else url


def _folder(subdirectory: str) -> str:
    return subdirectory.strip("/")


def _static_name(source: Source, read: Read) -> str | None:
    """What no build can change: the name in a wheel's file name, or in the folder's pyproject.toml (PEP 621)."""
    name = _file_name(source)
    if name.lower().endswith(".whl"):
        return name.partition("-")[0]
    if not source.is_local:
        return None
    import tomllib

    try:
        text = read(os.path.join(source.place, source.subdirectory, "pyproject.toml"))
        found = tomllib.loads(text or "").get("project", {}).get("name")
        return found if isinstance(found, str) else None
    except (tomllib.TOMLDecodeError, AttributeError):
        return None


def _name_of_sdist(source: Source) -> str | None:
    found = _SDIST.fullmatch(_file_name(source))
    return found[1] if found is not None else None


def _file_name(source: Source) -> str:
    name = os.path.basename(source.place)
    return name if source.is_local else unquote(name)


def roots_of(lines: Iterable[tuple[Unnamed, Iterable[str]]]) -> Iterator[str]:
    """The requirements by name that lines come to: `name[extras]`, whose extras bring what they need."""
    for unnamed, names in lines:
        for name in names:
            yield f"{name}[{unnamed.extras}]" if unnamed.extras else name
