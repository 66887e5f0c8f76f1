"""Where conda keeps environments, and which of them a name or a file means: its own rules, as its sources have them.

<https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/use-condarc.html>

Tested in `tests/judge/commands/test_conda_command.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from .reader import Reader

_BASE = ("base", "root")
_FOLDERS = "/etc/conda /var/lib/conda {root} {config}/conda {home}/.config/conda {home}/.conda {home} {active}".split()


def find_named(name: str, root: str, environ: Mapping[str, str], reader: Reader) -> tuple[str | None, bool]:
    """The environment of that name and True; if it does not exist, its future prefix and False; None if unknown."""
    if name in _BASE:
        return root, True
    places = _collections(root, environ, reader)
    for folder in places or ():
        if reader.is_directory(os.path.join(folder, name)):
            return os.path.join(folder, name), True
    return (os.path.join(places[0], name), False) if places else (None, False)


def _collections(root: str, environ: Mapping[str, str], reader: Reader) -> tuple[str, ...] | None:
    """The folders of named environments in search order; None if a configuration file may change them."""
    if configured("envs_(?:dirs|path)", root, environ, reader) is not None:
        return None
    given = environ.get("CONDA_ENVS_PATH") or environ.get("CONDA_ENVS_DIRS") or ""
    own = [os.path.join(environ.get("HOME", "/"), ".conda", "envs")]
    is_writable = reader.opens(os.path.join(root, "conda-meta", "history"), writes=True)
    fixed = [os.path.join(root, "envs"), *own] if is_writable else [*own, os.path.join(root, "envs")]
    return (*filter(None, given.split(":")), *fixed)


def configured(key: str, root: str, environ: Mapping[str, str], reader: Reader) -> str | None:
    """The value of a key in the last configuration file that sets it; None if none does."""
    said = None
    for file in _configuration(root, environ, reader):
        for value in re.findall(rf"^\s*{key}\s*:(.*)$", reader.text(file) or "", re.MULTILINE):
            said = value.partition("#")[0].strip()
    return said


def _configuration(root: str, environ: Mapping[str, str], reader: Reader) -> Iterator[str]:
    home = environ.get("HOME", "/")
    known = {"root": root, "home": home, "active": environ.get("CONDA_PREFIX") or root}
    for pattern in _FOLDERS:
        folder = pattern.format(config=environ.get("XDG_CONFIG_HOME") or f"{home}/.config", **known)
        yield from (os.path.join(folder, name) for name in (".condarc", "condarc", ".mambarc"))
        if folder != home:
            yield from (os.path.join(folder, name) for name in sorted(reader.glob("condarc.d/*.y*ml", folder)))
    yield from filter(None, (environ.get("CONDARC"), environ.get("MAMBARC")))


_KEY = re.compile(r"^([A-Za-z_][\w-]*)\s*:(?:\s+(.*?))?\s*$")
_PLAIN = re.compile(r"""(?:'([^']*)'|"([^"\\]*)"|([\w./~][^#:{}\[\]&*!|>%@`"']*?))(?:\s+#.*)?""")


def read_environment_file(text: str) -> dict[str, str | None] | None:
    """The values of `name` and `prefix` in an `environment.yml`; None for a file that needs a full YAML parser."""
    found: dict[str, str | None] = {}
    behind = ""
    for line in text.lstrip("\ufeff").splitlines():
        if behind and line.startswith(("---", "...")):
            return None
        key = _KEY.match(line)
        if key is None:
            is_more = behind in ("name", "prefix") and line[:1] in (" ", "\t") and line.strip()[:1] not in ("", "#")
            if is_more or (line.strip() and line[:1] not in (" ", "\t", "#", "-")):
                return None  # a value of several lines, or something else than a key
            continue
        behind = key[1]
        if behind in ("name", "prefix"):
            value = _PLAIN.fullmatch(key[2] or "")
            if behind in found or (key[2] and not key[2].startswith("#") and value is None):
                return None
            plain = next((each for each in value.groups() if each is not None), "").strip() if value else ""
            found[behind] = plain if plain not in ("", "~", "null") else None
    return found if behind else None
