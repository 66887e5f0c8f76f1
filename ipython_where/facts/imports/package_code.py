"""What a package's code may do to the submodules below it, decided by reading that code and never running it.

A package may set its ``__path__``, put another module into ``sys.modules`` or install a finder, and so may any module
that it imports. Then a file next to it does not prove what an import loads. A text search comes first, because few
files contain any of the telling words; `code_touches` decides the rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ipython_where.facts.distributions.stat_cache import StatCache
from ipython_where.facts.files import read_bytes
from ipython_where.value import dataclass

if TYPE_CHECKING:
    from .code_touches import Touch  # it imports `ast`, which few questions need


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A package or module whose code runs before import looks for its submodules."""

    name: str
    file: str | None
    is_package: bool
    zipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The result of reading one file: the modules that it touches and those that it imports."""

    file: str | None = None
    touches: Sequence[Touch] = ()
    imports: tuple[str, ...] = ()


_NOTHING = _Read()

FOLLOWED = 100
"""Maximum files to read per package, nearest imports first: of 120 real packages, only one imports more at once."""

_TELLING = (b"__path__", b"meta_path", b"path_hooks", b"submodule_search_locations", b"initpkg", b"declare_namespace")
# Patterns are compiled by `re` where they are used, and cached there: most answers read no package's code.
_MODULES = rb"\.modules\b"
_FROM_SYS = rb"from[ \t]+sys[ \t]+import\b"
_EXEC = rb"exec(?<!\wexec)[ \t]*\("


def may_bring(sources: Sequence[Source], module: str, *, replacing: bool) -> str | None:
    """The source whose code may provide ``module``, or None; ``replacing``: instead of the one that a finder has."""
    for source in sources:
        read = _followed(source)
        reaching = [each for file in read for each in file.touches if each.reaches(module)]
        touches = [each for each in reaching if not (replacing and each.only_adds)]
        if any(each.inside is None for each in touches) or (touches and _any_runs(touches, source, read)):
            return source.name
    return None


def _any_runs(touches: Sequence[Touch], source: Source, read: Sequence[_Read]) -> bool:
    """Whether importing the files calls any function that contains one of the touches."""
    files = [each.file for each in read if each.file is not None]
    ran = _kept.get(("called", source.name, *files), lambda: files, lambda: _called(files))
    return any(each.runs_among(ran) for each in touches)


def _called(files: Sequence[str]) -> frozenset[str]:
    from .running_code import called

    return called(code for file in files if (code := read_bytes(file)) is not None)


def _followed(source: Source) -> Sequence[_Read]:
    """The files of a source and of its imports, recursively; read again if one of them or of their folders changes."""
    found: list[_Read] = []

    def read() -> Sequence[str]:
        found[:] = _follow(source)
        files = [each.file for each in found if each.file is not None]
        return [*files, *dict.fromkeys(map(os.path.dirname, files))]

    return _kept.get(("followed", source), read, lambda: tuple(found))


def _follow(source: Source) -> Iterator[_Read]:
    """Reads a source and its imports; a module of another package counts only for what it does to this one."""
    top = source.name.partition(".")[0]
    root = _root(source)
    names, seen, count = [source.name], {source.name}, 0
    for name in names:
        if count >= FOLLOWED:
            return
        if name.partition(".")[0] != top:
            other = _read_module(root, name, mentioning=top)
            yield replace(other, touches=[each for each in other.touches if each.name.partition(".")[0] == top])
            continue
        read = _read_source(source) if name == source.name else _read_module(root, name)
        yield read
        count += read.file is not None
        added = [each for one in read.imports for each in _meant(one, root) if each not in seen]
        seen.update(added)
        names += added


def _meant(imported: str, root: str) -> Sequence[str]:
    """The modules that an import means: itself, or every module in a package if the code computes which to import."""
    package, star, _ = imported.partition(".*")
    if not star:
        return (imported,)
    try:
        names = sorted(os.listdir(os.path.join(root, *package.split("."))))
    except OSError:
        return ()
    return [f"{package}.{stem}" for stem in (name.removesuffix(".py") for name in names) if stem.isidentifier()]


def _root(source: Source) -> str:
    """The folder that contains the top-level package or module."""
    folder = os.path.dirname(source.file or "")
    for _ in range(source.name.count(".") + source.is_package):
        folder = os.path.dirname(folder)
    return folder


_kept = StatCache()


def _read_source(source: Source) -> _Read:
    if source.file is None:
        return _judge(None, "", source.name, is_package=source.is_package)
    if source.zipped:
        read = _judge(_zipped(source.file), source.file, source.name, is_package=source.is_package)
        return replace(read, touches=[replace(each, inside=None) for each in read.touches])  # we don't read its callers
    return _read_file(source.file, source.name, is_package=source.is_package)


def _zipped(file: str) -> bytes | None:
    from zipimport import ZipImportError, zipimporter

    try:
        return bytes(zipimporter(os.path.dirname(file)).get_data(file))
    except (ZipImportError, OSError, ValueError):
        return None


def _read_module(root: str, name: str, *, mentioning: str = "") -> _Read:
    """An imported module, if it is source in this folder; a compiled module is a leaf and counts as empty."""
    path = os.path.join(root, *name.split("."))
    for file, is_package in ((os.path.join(path, "__init__.py"), True), (f"{path}.py", False)):
        if os.path.isfile(file):
            return _read_file(file, name, is_package=is_package, mentioning=mentioning)
    return _NOTHING


def _read_file(file: str, name: str, *, is_package: bool, mentioning: str = "") -> _Read:
    """What a file does; nothing if it does not contain the word ``mentioning``."""

    def read() -> _Read:
        code = read_bytes(file)
        if mentioning and code is not None and mentioning.encode() not in code:
            return _NOTHING
        return _judge(code, file, name, is_package=is_package)

    return _kept.get((file, name, mentioning), lambda: [file], read)


def _has_words(code: bytes, *, is_source: bool) -> bool:
    """Whether code contains a telling word. Plain words first: one alternation would take ten times as long."""
    if any(each in code for each in _TELLING):
        return True
    has_modules, has_exec = b"modules" in code, b"exec" in code
    if not is_source:
        return has_modules or has_exec
    names_modules = has_modules and (
        b"'modules'" in code or b'"modules"' in code or re.search(_MODULES, code) or re.search(_FROM_SYS, code)
    )
    return bool(names_modules or (has_exec and re.search(_EXEC, code)))


def _judge(code: bytes | None, file: str, name: str, *, is_package: bool) -> _Read:
    """What one file does. Bytecode contains names as plain text, so a search works; native code may do anything."""
    is_source = code is not None and file.endswith(".py")
    is_plain = code is not None and (is_source or file.endswith(".pyc")) and not _has_words(code, is_source=is_source)
    imports = _imports(code, name, is_package=is_package) if code is not None and is_source else ()
    if is_plain:
        return _Read(file=file, imports=imports)
    from .code_touches import EVERY, touches

    if code is None or not is_source:
        return _Read(file=file, touches=(EVERY,))
    return _Read(file=file, touches=touches(code, name, is_package=is_package), imports=imports)


_BLOCK = rb"\n(?=[^\s#)\]}])"
_FUNCTION = rb"(?:async[ \t]+)?def[ \t]+(\w+)"
_IMPORT = rb"\n[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n;#]*)|import[ \t]+([^\n;#]+))"
_CALL = rb"import(?:_module|__)\([ \t\n]*[\"']([.\w]+)[\"']"
_COMPUTED = rb"\b(?:import_module|__import__)\((?![ \t\n]*[\"'][.\w]+[\"'][ \t\n]*[,)])"


def _imports(code: bytes, name: str, *, is_package: bool) -> tuple[str, ...]:
    """The modules that source imports when it runs, and their parents; not those in functions that it never uses.

    ``package.*`` stands for modules whose names it computes.
    """
    found: dict[str, None] = {}
    imports, calls, computed, functions = map(re.compile, (_IMPORT, _CALL, _COMPUTED, _FUNCTION))
    for block in re.split(_BLOCK, code):
        if b"import" not in block:
            continue
        imported = imports.findall(b"\n" + block)
        imported += [(called, b"", b"") for called in calls.findall(block)]
        is_computed = is_package and computed.search(block) is not None
        if not imported and not is_computed:  # most only mention the word in text
            continue
        function = functions.match(block)
        if function is not None and code.count(function[1]) == 1:
            continue
        if is_computed:
            found[f"{name}.*"] = None
        for origin, names, plain in imported:
            for each in _named(origin, names, plain, name if is_package else name.rpartition(".")[0]):
                parts = each.split(".")
                found.update(dict.fromkeys(".".join(parts[: count + 1]) for count in range(len(parts))))
    return tuple(found)


def _named(origin: bytes, names: bytes, plain: bytes, package: str) -> Iterator[str]:
    words = [
        each.split()[0].decode("utf-8", "replace") for each in (plain or names.strip(b"()")).split(b",") if each.split()
    ]
    if plain:
        yield from words
        return
    spelled = origin.decode()
    base = spelled.lstrip(".")
    if base != spelled:
        above = package.split(".")[: package.count(".") + 2 - (len(spelled) - len(base))]
        base = ".".join([*above, *([base] if base else [])])
    yield base
    yield from (f"{base}.{word}" for word in words if word.isidentifier())
