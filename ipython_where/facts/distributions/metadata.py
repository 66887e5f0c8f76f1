"""Parses a distribution's metadata files: pure functions from bytes to values that tolerate damaged files."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from ipython_where.model import Origin
from ipython_where.project_names import normalized
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The METADATA headers that we use. ``problem`` says what is wrong with the file, if anything."""

    name: str | None
    version: str | None
    requires: tuple[str, ...] = ()
    problem: str | None = None


def parse_metadata(content: bytes | None, directory_name: str) -> Metadata:
    """Read the headers of METADATA. Fills gaps from the directory's name and reports them in ``problem``."""
    if content is None:
        return _named_by(directory_name, problem="it has no METADATA")
    names, versions, requires = _values(content)
    if names and versions:
        problem = _other_identity(names[0], versions[0], directory_name) or _twice(names, versions)
        return Metadata(name=names[0], version=versions[0], requires=tuple(requires), problem=problem)
    named = _named_by(directory_name, problem=f"its METADATA has no `{'Version' if names else 'Name'}`")
    return replace(
        named,
        name=names[0] if names else named.name,
        version=versions[0] if versions else named.version,
        requires=tuple(requires),
    )


def _other_identity(name: str, version: str, directory_name: str) -> str | None:
    """The problem if METADATA and folder disagree: pip trusts the folder's name, `importlib.metadata` the content."""
    if not directory_name.endswith(".dist-info"):
        return None
    stem = directory_name.removesuffix(".dist-info").partition("-")
    if normalized(stem[0]) != normalized(name):
        return f"its METADATA names `{name}`, and its folder `{stem[0]}`"
    if stem[2] and stem[2] != version and not same_version(stem[2].replace("_", "-"), version):
        return f"its METADATA has the version {version}, and its folder {stem[2]}"
    return None


def _twice(names: list[str], versions: list[str]) -> str | None:
    """The problem if a header that has to be there once has several values: each reader takes another one."""
    for header, values in (("Name", names), ("Version", versions)):
        if len(set(values)) > 1:
            return f"its METADATA has several values of `{header}`: {', '.join(dict.fromkeys(values))}"
    return None


def _named_by(directory_name: str, *, problem: str) -> Metadata:
    """The name and version in the metadata directory's own name."""
    stem = directory_name[: directory_name.rindex(".")] if "." in directory_name else directory_name
    from_name = re.fullmatch(r"([^-]+)-([^-]+)(?:-py[\d.]+)?(?:-.*)?", stem)
    name, version = from_name.groups() if from_name else (stem.partition("-")[0] or None, None)
    return Metadata(name=name, version=version, problem=problem)


def parse_identity(content: bytes | None, directory_name: str) -> Metadata:
    """The name and version only. They are nearly always in the first lines, and then it parses no others."""
    begun = content[: content.find(b"\n", _FIRST_LINES) + 1] if content is not None else None
    said = parse_metadata(begun, directory_name) if begun else None
    return said if said is not None and said.problem is None else parse_metadata(content, directory_name)


_FIRST_LINES = 512  # bytes

_HEADER = re.compile(rb"\n(?i:(name|version)|requires-dist)[ \t]*:([^\n]*(?:\n[ \t]+[^\n]*)*)")
"""A header that we use. The leading line break keeps this fast if a header holds a licence of a thousand lines."""

END = re.compile(rb"\n\r?\n")
"""The blank line after the last header. The description after it is ten times as long and is never searched."""


def _values(content: bytes) -> tuple[list[str], list[str], list[str]]:
    """The names, versions and requirements in the headers; a line that begins with a blank continues the last one."""
    names: list[str] = []
    versions: list[str] = []
    requires: list[str] = []
    content = b"\n" + content
    end = END.search(content)
    for identity, value in _HEADER.findall(content, 0, end.start() + 1 if end else len(content)):
        text = value.decode("utf-8", "replace")
        unfolded = (re.sub(r"\r?\n[ \t]+", " ", text) if "\n" in text else text).strip()
        if unfolded:
            (requires if not identity else names if len(identity) == 4 else versions).append(unfolded)
    return names, versions, requires


def parse_requires_python(content: bytes | None) -> str | None:
    """The Requires-Python in the headers of METADATA, or None."""
    head = END.split(b"\n" + (content or b""), 1)[0]
    found = re.search(rb"\n(?i:requires-python)[ \t]*:[ \t]*([^\r\n]*[^\s])", head)
    return found[1].decode("utf-8", "replace") if found is not None else None


def same_version(one: str, other: str) -> bool:
    """Whether two versions are equal (PEP 440); strings that are not valid versions must be spelled alike."""
    if one == other:
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False


def parse_direct_url(content: bytes | None) -> tuple[Origin | None, str | None]:
    """The origin in ``direct_url.json`` (PEP 610), and what is wrong with the file, if anything."""
    if content is None:
        return None, None
    import json

    from ipython_where.redact import masked

    try:
        data = json.loads(content)
        url = data["url"]
        if not isinstance(url, str):
            raise TypeError("`url` is not a string")
        directory, vcs = data.get("dir_info", {}), data.get("vcs_info", {})
        return Origin(
            url=masked(url),
            editable=directory.get("editable") is True,
            vcs=_string(vcs.get("vcs")),
            commit=_string(vcs.get("commit_id")),
        ), None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return None, f"its direct_url.json is broken: {type(error).__name__}: {error}"


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def editable_root(content: bytes | None) -> str | None:
    """The project folder in an editable installation's ``direct_url.json``, or None."""
    if content is None or b"editable" not in content:
        return None
    return _folder(content, editable=True)


def source_folder(content: bytes | None) -> str | None:
    """The local folder in ``direct_url.json`` that a distribution was built from, editable or not; or None."""
    return None if content is None or b"dir_info" not in content else _folder(content, editable=False)


def _folder(content: bytes, *, editable: bool) -> str | None:
    import json
    from urllib.parse import unquote, urlsplit

    try:
        data = json.loads(content)
        url = urlsplit(data["url"])
        if (editable and data["dir_info"].get("editable") is not True) or url.scheme != "file":
            return None
        return os.path.normpath(unquote(url.path))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def parse_installer(content: bytes | None) -> str | None:
    """The installer's name in INSTALLER, or None."""
    words = (content or b"").decode("utf-8", "replace").split()
    return words[0] if words else None


def was_requested(has_mark: bool, installer: str | None) -> bool | None:
    """Whether it was requested by name (PEP 376's REQUESTED). No file means no only if the installer writes one."""
    if has_mark:
        return True
    return False if installer in ("pip", "uv") else None


def top_level_names(record: bytes | None, top_level: bytes | None) -> tuple[str, ...]:
    """The top-level import names of a distribution, from RECORD, or from ``top_level.txt`` if RECORD has none.

    An editable installation's helper files (``__editable___x_finder.py``) do not count.
    """
    found = _recorded_names(record or b"")
    if found:
        return found
    names = (top_level or b"").decode("utf-8", "replace").split()
    return tuple(name for name in names if name.isidentifier())


def _recorded_names(record: bytes) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for line in record.decode("utf-8", "replace").splitlines():
        path = line.split(",")[0].strip('"')
        top, slash, rest = path.partition("/")
        if slash and top in found:
            continue
        name = top if slash else top.partition(".")[0]
        is_module = not slash and top.endswith((".py", ".so", ".pyd", ".pyc"))
        is_package = slash and rest.endswith((".py", ".so", ".pyd"))
        is_own = name != "__pycache__" and not name.startswith(("__editable__", "_editable_impl_"))
        if name.isidentifier() and (is_module or is_package) and is_own:
            found[name] = None
    return tuple(found)


def lab_extension_names(record: bytes) -> tuple[str, ...]:
    """The ``package.json`` paths of the JupyterLab extensions in a RECORD, relative to the distribution's location."""
    if b"share/jupyter/labextensions/" not in record:
        return ()
    pattern = rb'(?m)^"?([^,\n"]*share/jupyter/labextensions/(?:@[^/,\n]+/)?[^/,\n]+/package\.json)"?,'
    return tuple(path.decode("utf-8", "replace") for path in re.findall(pattern, record))


def server_extension_names(record: bytes) -> tuple[str, ...]:
    """The server extensions that a RECORD's files enable: the stems of ``jupyter_server_config.d/*.json``."""
    if b"jupyter_server_config.d/" not in record:
        return ()
    pattern = rb'(?m)^"?[^,\n"]*etc/jupyter/jupyter_server_config\.d/([^/,\n"]+)\.json"?,'
    return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in re.findall(pattern, record)))
