"""Judges what the new files collide with: files that the kernel runs on, the environment's own, those of others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from ipython_where.change.values import Occupant
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

Key = TypeVar("Key", bound=Hashable)

MOST = 5
"""How many files a finding names."""

_CODE = (".py", ".so", ".pyd", ".dylib", ".dll", ".pyc")

_LITTER = re.compile(r"(?:tests?|docs?|examples?|benchmarks?|scripts|tools)/", re.IGNORECASE)
"""Top-level folders in site-packages that many projects ship by mistake: nobody imports them on purpose."""

_INTERPRETER = re.compile(
    r"(?:(?:python|pypy)(?:\d+(?:\.\d+)*t?)?w?(?:-config)?|(?:de)?activate(?:[._]\w+)*|pydoc\.bat)(?:\.exe)?",
    re.IGNORECASE,
)
"""The files that `venv`, `virtualenv` and `uv venv` put into the scripts folder, for any version of Python."""

_SELF = "ipython_where"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A file of ``of`` that ``by`` would replace, or remove if ``leaves``. ``path`` is relative to the root.

    ``is_new``: the installed version of ``by`` does not have it.
    """

    path: str
    by: str
    of: str
    is_new: bool = True
    leaves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What the files of a change collide with.

    ``kernel`` are clashes with what runs in this environment, ``own`` with the environment itself, ``others`` with other
    distributions. ``foreign`` are files that nobody lists. ``links`` are links where other distributions have folders.

    ``kept`` are files that stay, since another distribution lists them unchanged; ``linked`` are links that stand in for a
    replaced distribution's folder, and are removed with it.
    """

    kernel: tuple[Clash, ...] = ()
    own: tuple[Clash, ...] = ()
    others: tuple[Clash, ...] = ()
    links: tuple[Clash, ...] = ()
    foreign: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The environment's own folders, relative to the root. ``library`` is None if the standard library is in another prefix."""

    sites: tuple[str, ...]
    scripts: str
    library: str | None = None

    def in_site(self, path: str) -> str | None:
        """A path relative to its site; None if it is in none."""
        return next((path[len(site) + 1 :] for site in self.sites if path.startswith(f"{site}/")), None)

    def is_own(self, path: str) -> bool:
        """Whether a file belongs to the environment itself: interpreter, activation scripts, metadata, standard library."""
        folder, name = posixpath.split(path)
        if folder == self.scripts:
            return _INTERPRETER.fullmatch(name) is not None
        # uv locks an environment by its `.lock`: after a replacement, two processes could hold "the" lock
        if path.partition("/")[0].lower() in ("pyvenv.cfg", "conda-meta", ".safepip", ".lock"):
            return True
        return self.library is not None and path.startswith(f"{self.library}/") and self.in_site(path) is None

    def is_needed(self, path: str) -> bool:
        """Whether a distribution breaks without this file: code and programs count, notes, data and stray tests do not."""
        inside = self.in_site(path)
        if inside is None:
            return posixpath.dirname(path) == self.scripts
        return path.endswith(_CODE) and _LITTER.match(inside) is None


def import_names(paths: Iterable[str], ground: Ground) -> dict[str, list[str]]:
    """The top-level names that some files are imported by, and the files of each."""
    found: dict[str, list[str]] = {}
    for path in paths:
        inside = ground.in_site(path)
        if inside is not None and path.endswith(_CODE):
            name = inside.partition("/")[0].partition(".")[0]
            if name.isidentifier() and name != "__pycache__":
                found.setdefault(name, []).append(path)
    return found


def regular_names(paths: Collection[str], ground: Ground) -> set[str]:
    """The names that files provide as modules and regular packages; a namespace package is shared by everyone."""
    found = set()
    for name, files in import_names(paths, ground).items():
        inside = (ground.in_site(each) or "" for each in files)
        if any("/" not in each or each.startswith(f"{name}/__init__.") for each in inside):
            found.add(name)
    return found


def clash_findings(met: Met, ground: Ground, *, runs: Occupant) -> Iterator[Finding]:
    """The findings: errors, or warnings if nothing breaks."""
    yield from (_of_environment(by, files) for by, files in _grouped(met.own, lambda each: each.by))
    for (by, of, leaves), files in _grouped(met.kernel, lambda each: (each.by, each.of, each.leaves)):
        yield _of_kernel(by, of, leaves, files, runs)
    for (path, of), files in _grouped(met.links, lambda each: (each.path, each.of)):
        yield Finding(
            id="linked-folder",
            severity="error",
            message=f"`{path}` is now a link to a folder in which `{of}` has files too",
            evidence=(Evidence(label="for", value=", ".join(dict.fromkeys(each.by for each in files))),),
            hint="replace the link with a real folder",
        )
    serious = [each for each in met.others if each.is_new and not each.leaves and ground.is_needed(each.path)]
    for (by, of), files in _grouped(serious, lambda each: (each.by, each.of)):
        yield _both(by, of, files, is_error=True)
    rest = [each for each in met.others if not each.leaves and each not in serious]
    for (by, of), files in _grouped(rest, lambda each: (each.by, each.of)):
        yield _both(by, of, files, is_error=False)


def _of_environment(by: str, files: Sequence[Clash]) -> Finding:
    return Finding(
        id="environment-files",
        severity="error",
        message=f"`{by}` contains files that belong to the environment itself",
        evidence=_files(files),
        hint="no option allows this; install it into a separate environment",
    )


def _of_kernel(by: str, of: str, leaves: bool, files: Sequence[Clash], runs: Occupant) -> Finding:
    done = "would remove files" if leaves else "contains files"
    if normalized(of) == _SELF:
        return Finding(
            id="environment-files",
            severity="error",
            message=f"`{by}` {done} of `{of}`, and then nothing could be undone",
            evidence=_files(files),
            hint="no option allows this",
        )
    return Finding(
        id=f"{runs.value}-files",
        severity="error",
        message=f"`{by}` {done} of `{of}`, which {runs.noun} runs on",
        evidence=_files(files),
        hint=f"`--allow-{runs.value}` allows it",
    )


def _both(by: str, of: str, files: Sequence[Clash], *, is_error: bool) -> Finding:
    count = "a file" if len(files) == 1 else f"{len(files)} files"
    return Finding(
        id="file-conflict",
        severity="error" if is_error else "warning",
        message=f"`{by}` contains {count} that `{of}` also contains, with different content",
        evidence=_files(files),
        hint=f"`--allow-conflicts` allows it, but may break `{of}`" if is_error else None,
    )


def _files(clashes: Sequence[Clash]) -> tuple[Evidence, ...]:
    return named_files([each.path for each in clashes])


def named_files(paths: Iterable[str]) -> tuple[Evidence, ...]:
    """The first few files, and how many more there are."""
    every = sorted(set(paths))
    shown = [Evidence(label="file", value=each) for each in every[:MOST]]
    more = len(every) - MOST
    return (*shown, *([Evidence(label="file", value=f"and {more} more")] if more > 0 else []))


def _grouped(clashes: Iterable[Clash], key: Callable[[Clash], Key]) -> Iterable[tuple[Key, list[Clash]]]:
    found: dict[Key, list[Clash]] = {}
    for each in clashes:
        found.setdefault(key(each), []).append(each)
    return found.items()
