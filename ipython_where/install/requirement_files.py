"""Plain requirements files taken in: their lines then count as if they had been typed."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ..errors import UsageError
from .request import Request, parse_request
from .requirement import parse_requirement

Read = Callable[[str], str | None]

_EDITABLE = re.compile(r"(?:-e\s*|--editable[=\s]\s*)(.+)")


def read_text(path: str) -> str | None:
    """The text of a file, None where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return None


def with_files_taken_in(
    request: Request, cwd: str, read: Read = read_text, *, environ: Mapping[str, str] | None = None
) -> Request:
    """The request with the lines of its `-r` files in their place. Where one of them holds more than requirements, the
    files stay, and only their options (indexes, links) are taken in: the staging needs them, and reads no file.

    Hashes, variables and URLs of files are left to the installer.
    """
    requirements, editables = list(request.requirements), list(request.editables)
    for file in request.requirement_files:
        lines = _plain_lines(os.path.join(cwd, os.path.expanduser(file)), read, depth=0)
        if lines is None:
            return _with_options(request, cwd, read, environ or {})
        for line in lines:
            option = _EDITABLE.match(line)
            if option is not None:
                editables.append(option[1])
            else:
                requirements.append(re.sub(r"\s*;\s*", " ; ", line, count=1) if "://" not in line else line)
    return replace(request, requirements=tuple(requirements), editables=tuple(editables), requirement_files=())


def wanted_lines(path: str, read: Read = read_text, *, depth: int = 0) -> Iterator[str]:
    """What a requirements file asks for, line by line and without options; an editable's path or URL stands alone.

    Files that it includes are read too; constraints ask for nothing.
    """
    for line in _lines(read(path) or "") if depth < 10 else ():
        option = re.match(r"(-r\s*|--requirement[=\s]\s*|-e\s*|--editable[=\s]\s*)(.+)", line)
        if option is not None and option[1].startswith(("-r", "--r")):
            yield from wanted_lines(os.path.join(os.path.dirname(path), option[2].strip()), read, depth=depth + 1)
        elif option is not None:
            yield option[2].strip()
        elif not line.startswith("-"):
            yield re.split(r"\s--", line, maxsplit=1)[0].strip()


def editables_of(request: Request, cwd: str, read: Read = read_text) -> tuple[str, ...]:
    """The editables of a request, and those in its files and in the files that these name."""
    files = (os.path.join(cwd, os.path.expanduser(file)) for file in request.requirement_files)
    lines = (line for file in files for _, line in _every_line(file, read, depth=0))
    matches = (_EDITABLE.match(line) for line in lines)
    return (*request.editables, *(match[1] for match in matches if match is not None))


def _with_options(request: Request, cwd: str, read: Read, environ: Mapping[str, str]) -> Request:
    found = request
    for file in request.requirement_files:
        for folder, line in _every_line(os.path.join(cwd, os.path.expanduser(file)), read, depth=0):
            if not line.startswith("-") or _EDITABLE.match(line):
                continue
            expanded = re.sub(r"\$\{([A-Z0-9_]+)\}", lambda match: environ.get(match[1], match[0]), line)
            try:
                options = parse_request(("install", *shlex.split(expanded), "-r", file))
            except (UsageError, ValueError):  # the installer has better words for it
                continue
            links = (os.path.join(folder, each) if _is_in(folder, each) else each for each in options.find_links)
            found = replace(
                found,
                index_url=found.index_url or options.index_url,
                extra_index_urls=(*found.extra_index_urls, *options.extra_index_urls),
                find_links=(*found.find_links, *links),
                no_index=found.no_index or options.no_index,
                only_binary=(*found.only_binary, *options.only_binary),
                no_binary=(*found.no_binary, *options.no_binary),
                pre=found.pre or options.pre,
                passed=(*found.passed, *options.passed),
            )
    return found


def _is_in(folder: str, link: str) -> bool:
    """A link of a file means one beside that file, if there is one."""
    return "://" not in link and os.path.exists(os.path.join(folder, link))


def hashes_of_files(request: Request, cwd: str, read: Read = read_text) -> dict[str, tuple[str, ...]]:
    """The hashes that files of requirements and constraints demand, by project: `sha256:…`.

    uv's dry run does not look at them: the staging has to.
    """
    found: dict[str, tuple[str, ...]] = {}
    for file in (*request.requirement_files, *request.constraint_files):
        for _, line in _every_line(os.path.join(cwd, os.path.expanduser(file)), read, depth=0):
            hashes = re.findall(r"\s--hash[=\s]\s*(\w+:[0-9a-fA-F]+)", line)
            requirement = parse_requirement(line.partition(" --")[0].strip()) if hashes else None
            if requirement is not None:
                found[requirement.name] = (*found.get(requirement.name, ()), *hashes)
    return found


def _every_line(path: str, read: Read, *, depth: int) -> Iterator[tuple[str, str]]:
    """The lines of a file and of those that it names, each with the folder of its file."""
    folder = os.path.dirname(path)
    for line in _lines((read(path) if depth < 10 else None) or ""):
        nested = re.match(r"(?:-[rc]\s*|--(?:requirement|constraint)[=\s]\s*)(.+)", line)
        if nested is not None:
            yield from _every_line(os.path.join(folder, nested[1]), read, depth=depth + 1)
        else:
            yield folder, line


def _plain_lines(path: str, read: Read, *, depth: int) -> list[str] | None:
    text = read(path) if depth < 10 and not os.path.basename(path).startswith("pylock.") else None
    if text is None:
        return None
    found: list[str] = []
    for line in _lines(text):
        nested = re.match(r"(?:-r\s*|--requirement[=\s]\s*)(.+)", line)
        if nested is not None:
            inner = _plain_lines(os.path.join(os.path.dirname(path), nested[1]), read, depth=depth + 1)
            if inner is None:
                return None
            found += inner
        elif "${" in line or " --" in line or (line.startswith("-") and not re.match(r"-e\b|--editable\b", line)):
            return None
        else:
            found.append(line)
    return found


def _lines(text: str) -> Iterator[str]:
    """Logical lines: joined at a backslash, without comments."""
    for line in re.sub(r"\\\r?\n", "", text).splitlines():
        plain = re.sub(r"(?:^|\s+)#.*", "", line).strip()
        if plain:
            yield plain
