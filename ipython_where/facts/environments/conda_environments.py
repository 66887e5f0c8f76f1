"""conda's environments, found even if its own list (`~/.conda/environments.txt`) is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from ipython_where.facts.files import list_directory, read_text, same_file

from .candidates import Candidate, candidate

_AT_HOME = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".local/share/mamba")
_ELSEWHERE = ("/opt/conda", "/opt/miniconda3", "/opt/anaconda3", "/opt/miniforge3")
_LIMIT = 100_000
"""Maximum bytes to read from a configuration file or from conda's list."""


def conda_environments(environ: Mapping[str, str], home: str | None, kernel_prefix: str) -> Iterator[Candidate]:
    """The active environment, those in conda's list, the installations, and everything in their `envs` folders."""
    active = environ.get("CONDA_PREFIX", "")
    if _is_environment(active):
        yield candidate(active, "`CONDA_PREFIX`")
    yield from _written_down(home)
    roots = tuple(dict.fromkeys(_roots(environ, home, kernel_prefix)))
    for root in roots:
        if _is_environment(root):
            yield candidate(root, f"conda {os.path.basename(root)}")
    for folder in dict.fromkeys(_folders(environ, home, roots)):
        for name in sorted(list_directory(folder)) if os.path.isabs(folder) else ():
            if _is_environment(os.path.join(folder, name)):
                yield candidate(os.path.join(folder, name), f"conda {name}")


def _is_environment(prefix: str) -> bool:
    return os.path.isabs(prefix) and os.path.isdir(os.path.join(prefix, "conda-meta"))


def _written_down(home: str | None) -> Iterator[Candidate]:
    text = read_text(os.path.join(home, ".conda", "environments.txt"), _LIMIT) if home else None
    for line in (text or "").splitlines():
        prefix = line.strip()
        if _is_environment(prefix):
            yield candidate(prefix, f"conda {os.path.basename(prefix)}")


def unlisted(prefix: str, home: str | None) -> str | None:
    """conda's list of environments, where it lacks this one; None where it has it, or where there is no list."""
    file = os.path.join(home, ".conda", "environments.txt") if home else None
    text = read_text(file, _LIMIT) if file else None
    if text is None or any(each.strip() and same_file(each.strip(), prefix) for each in text.splitlines()):
        return None
    return file


def _roots(environ: Mapping[str, str], home: str | None, kernel_prefix: str) -> Iterator[str]:
    """conda installations: of this shell's `conda`, of the active or the kernel's environment, in the usual places."""
    program = environ.get("CONDA_EXE", "")
    if os.path.isabs(program):
        yield os.path.dirname(os.path.dirname(program))
    if environ.get("MAMBA_ROOT_PREFIX"):
        yield environ["MAMBA_ROOT_PREFIX"]
    for prefix in (environ.get("CONDA_PREFIX", ""), kernel_prefix):
        above = os.path.dirname(prefix)
        if os.path.basename(above) == "envs":
            yield os.path.dirname(above)
        elif _is_environment(prefix):
            yield prefix
    if home:
        yield from (os.path.join(home, name) for name in _AT_HOME)
    yield from _ELSEWHERE


def conda_name(prefix: str, environ: Mapping[str, str], home: str | None) -> tuple[str | None, bool | None]:
    """What `conda activate` calls a prefix, and whether it is an installation's own environment; None: unknown, or no name."""
    roots = tuple(dict.fromkeys(_roots(environ, home, prefix)))
    named = environ.get("CONDA_EXE", ""), environ.get("MAMBA_ROOT_PREFIX", ""), environ.get("_CONDA_ROOT", "")
    own = [os.path.dirname(os.path.dirname(named[0])), *named[1:]]
    if any(each and same_file(each, prefix) for each in own) or os.path.isdir(os.path.join(prefix, "condabin")):
        return "base", True
    above = os.path.dirname(prefix)
    if any(os.path.isabs(folder) and same_file(folder, above) for folder in _folders(environ, home, roots)):
        return os.path.basename(prefix), False
    return None, None


def conda_channels(environ: Mapping[str, str], home: str | None, prefix: str) -> tuple[str, ...]:
    """The channels that conda is configured with, in its order: variables, the prefix's file, the user's, the system's."""
    roots = tuple(dict.fromkeys(_roots(environ, home, prefix)))
    found = [each for each in environ.get("CONDA_CHANNELS", "").split(",") if each]
    files = [os.path.join(prefix, ".condarc"), *_files(environ, home, roots)]
    for file in dict.fromkeys(file for file in files if os.path.isabs(file)):
        found += parse_list(read_text(file, _LIMIT) or "", "channels")
    return tuple(dict.fromkeys(found))


def _files(environ: Mapping[str, str], home: str | None, roots: tuple[str, ...]) -> list[str]:
    """The configuration files of conda and mamba, the strongest first."""
    files = [environ.get("CONDARC", ""), environ.get("MAMBARC", "")]
    if home:
        settings = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        files += [os.path.join(home, ".condarc"), os.path.join(home, ".conda/.condarc")]
        files += [os.path.join(settings, "conda/.condarc"), os.path.join(home, ".mambarc")]
    return [*files, *(os.path.join(root, ".condarc") for root in roots), "/etc/conda/.condarc"]


def _folders(environ: Mapping[str, str], home: str | None, roots: tuple[str, ...]) -> Iterator[str]:
    """The folders with environments: `envs_dirs` from a variable or a `.condarc`, then `envs` in each root."""
    for name in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"):
        yield from (_expanded(each, environ, home) for each in environ.get(name, "").split(os.pathsep) if each)
    for file in _files(environ, home, roots):
        text = read_text(file, _LIMIT) if os.path.isabs(file) else None
        yield from (_expanded(each, environ, home) for each in parse_envs_dirs(text or ""))
    yield from (os.path.join(root, "envs") for root in roots)
    if home:
        yield os.path.join(home, ".conda", "envs")


def _expanded(path: str, environ: Mapping[str, str], home: str | None) -> str:
    if path.startswith("~/") and home:
        path = os.path.join(home, path[2:])
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: environ.get(found[1] or found[2], found[0]), path)


def parse_envs_dirs(text: str) -> tuple[str, ...]:
    """The folders that a `.condarc` lists under `envs_dirs` (older: `envs_path`). Parses YAML lists only."""
    return parse_list(text, "envs_(?:dirs|path)")


def parse_list(text: str, key: str) -> tuple[str, ...]:
    """A list in a `.condarc`, by the pattern of its key."""
    found = re.search(rf"^{key}[ \t]*:(?P<inline>.*)(?P<rows>(?:\n[ \t]*(?:-.*|#.*)?$)*)", text, re.MULTILINE)
    if found is None:
        return ()
    inline = _plain(found["inline"])
    rows = (row.strip()[1:] for row in found["rows"].splitlines() if row.strip().startswith("-"))
    words = inline[1:-1].split(",") if inline[:1] == "[" and inline[-1:] == "]" else (inline, *rows)
    return tuple(filter(None, map(_plain, words)))


def _plain(word: str) -> str:
    """A YAML scalar without its comment and quotes."""
    word = re.sub(r"(?:^|\s)#.*", "", word).strip()
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word
