"""Requirements files. Lines of a plain one are merged into the request, as if they had been typed.

Tested in `tests/change/request/test_requirement_files.py`, and with installers in `tests/change/test_requirement_files.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ipython_where.errors import UsageError
from ipython_where.facts.distributions.requirement import parse_requirement
from ipython_where.facts.distributions.requirement_lines import Read, RequirementLine, lines_of, read_requirements
from ipython_where.redact import masked

from .request import Request, parse_request


def with_files_taken_in(
    request: Request, cwd: str, read: Read = read_requirements, *, environ: Mapping[str, str] | None = None
) -> Request:
    """The request with its `-r` files replaced by their lines. If any of them holds more than requirements, the files stay, and
    only their options (indexes, links) are merged: staging needs those, and reads no file.

    Hashes, variables and URLs of files are left to the installer.
    """
    requirements, editables = list(request.requirements), list(request.editables)
    lines = list(_every_line(request.requirement_files, cwd, read, environ or {}))
    if any(not line.is_plain or line.is_constraint for line in lines):
        return _with_options(request, lines)
    for line in lines:
        if line.editable is not None:
            editables.append(line.editable)
        elif line.requirement is not None:
            wanted = line.requirement
            requirements.append(re.sub(r"\s*;\s*", " ; ", wanted, count=1) if "://" not in wanted else wanted)
    once = tuple(dict.fromkeys(requirements))  # pip takes a minute for a name that is repeated ten thousand times
    return replace(request, requirements=once, editables=tuple(dict.fromkeys(editables)), requirement_files=())


def wanted_lines(
    path: str, read: Read = read_requirements, *, environ: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The requirements in a file, line by line and without options; for an editable, its path or URL.

    Included files are read too; constraints require nothing. Raises `UsageError` if anything cannot be read, since what it
    requires is unknown then.
    """
    for line in lines_of(path, read, environ or {}):
        if line.unread is not None and not line.is_constraint:
            raise UsageError(
                f"`{masked(line.unread)}` in `{path}` cannot be read here, so what it requires is unknown",
                hint="`%safepip install -r` lets the installer read it, and removes nothing",
                unchanged=True,
            )
        wanted = line.editable or line.requirement
        if wanted is not None and not line.is_constraint:
            yield wanted


def editables_of(
    request: Request, cwd: str, read: Read = read_requirements, *, environ: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """The editables of a request, of its files, and of the files that those include."""
    lines = _every_line(request.requirement_files, cwd, read, environ or {})
    return (*request.editables, *(line.editable for line in lines if line.editable is not None))


def hashes_of_files(
    request: Request, cwd: str, read: Read = read_requirements, *, environ: Mapping[str, str] | None = None
) -> dict[str, tuple[str, ...]]:
    """The hashes that requirements and constraints files demand, by project: `sha256:…`.

    uv's dry run does not check them, so staging has to.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in _every_line((*request.requirement_files, *request.constraint_files), cwd, read, environ or {}):
        requirement = parse_requirement(line.requirement) if line.hashes and line.requirement else None
        if requirement is not None:
            found[requirement.name] = (*found.get(requirement.name, ()), *line.hashes)
    return found


def plain_constraints(
    request: Request, cwd: str, read: Read = read_requirements, *, environ: Mapping[str, str] | None = None
) -> tuple[str, ...] | None:
    """The lines of the constraints files; None if one of them includes another file, or holds anything but names with versions.

    pip and uv read such lines alike. pip refuses extras there, and keeps an installed version that uv replaces for a URL.
    """
    files: list[str] = []

    def counted(path: str) -> str | None:
        files.append(path)
        return read(path)

    lines = list(_every_line(request.constraint_files, cwd, counted, environ or {}))
    wanted = [line.requirement if line.is_plain else None for line in lines]
    parsed = [parse_requirement(each) if each is not None else None for each in wanted]
    is_plain = all(each is not None and not each.extras and each.url is None for each in parsed)
    if not is_plain or len(files) != len(request.constraint_files):
        return None
    return tuple(each for each in wanted if each is not None)


def _every_line(files: Sequence[str], cwd: str, read: Read, environ: Mapping[str, str]) -> Iterator[RequirementLine]:
    for file in files:
        yield from lines_of(os.path.join(cwd, os.path.expanduser(file)), read, environ)


def _with_options(request: Request, lines: Sequence[RequirementLine]) -> Request:
    found = request
    for line in lines:
        if not line.options:
            continue
        try:
            options = parse_request(("install", *line.options, "-r", "requirements.txt"))
        except UsageError:  # the installer explains it better
            continue
        links = (os.path.join(line.folder, each) if _is_in(line.folder, each) else each for each in options.find_links)
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
    """Whether a `--find-links` path in a file is relative to that file: so pip reads it if it exists there."""
    return "://" not in link and os.path.exists(os.path.join(folder, link))
