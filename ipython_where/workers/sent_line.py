"""A line as the leaders get it: its words as they were typed, and the texts of the files that it names.

The workers may be on other machines, so a file that the line names, and those that it includes, go along as texts. A leader
writes them into its private folder. They stay as they are but for the names of included files: `$NAME` is a variable of the
worker's own there, too.

Tested in `tests/workers/test_sent_line.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ipython_where.change.installers.child_environ import absolute, is_secret, local_path, written_out
from ipython_where.change.request.cell import with_files_renamed
from ipython_where.change.request.local_files import refuse_misread
from ipython_where.change.request.request import Request, options_of_values
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.requirement_lines import RequirementLine, lines_of, read_requirements
from ipython_where.redact import masked
from ipython_where.value import dataclass

_BUILD = "--build-constraint"


def _is_build(passed: str) -> bool:
    return passed.startswith(f"{_BUILD}=")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFiles:
    """The files of `-r`, `-c` and `--build-constraint`, by the names that they get, and the text of each, of those that they
    include, too.
    """

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    build_constraints: tuple[str, ...] = ()
    texts: Mapping[str, str]

    def dump(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "requirements": self.requirements,
            "constraints": self.constraints,
            "build_constraints": self.build_constraints,
            "texts": self.texts,
        }

    def written_into(self, folder: str, request: Request) -> Request:
        """The request with these files in the place of those that the line names."""
        for name, text in self.texts.items():
            # a mark, because a comment in it may name the encoding that it had
            with open(os.path.join(folder, name), "w", encoding="utf-8-sig", newline="") as file:
                file.write(text)
        builds = (f"{_BUILD}={os.path.join(folder, each)}" for each in self.build_constraints)
        return replace(
            request,
            requirement_files=tuple(os.path.join(folder, each) for each in self.requirements),
            constraint_files=tuple(os.path.join(folder, each) for each in self.constraints),
            passed=(*(each for each in request.passed if not _is_build(each)), *builds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """What is sent of a line."""

    words: tuple[str, ...]
    files: SentFiles

    @property
    def is_secret(self) -> bool:
        """Whether it holds a credential that was typed, or written into a file."""
        return any(map(is_secret, (*self.words, *self.files.texts.values())))


def sent_line(request: Request, cwd: str) -> SentLine:
    """What is sent of a request. Raises `UsageError` for a file that would mean something else to a worker, or nothing."""
    refuse_misread(request, cwd)
    return SentLine(words=sent_words(request, cwd), files=_Reading(cwd).files_of(request))


_PATHS = ("--find-links", "--cert", "--client-cert", "--cache-dir")
"""Options whose value is a path, or may be one, and which go along as they are: a certificate's key is nothing to send."""


def sent_words(request: Request, cwd: str) -> tuple[str, ...]:
    """The words as the leaders get them: as they were typed, so that `$NAME` is a variable of the worker's own, but each path as
    this kernel means it.
    """
    if not request.words:
        return ()
    command, *words = request.words
    options = options_of_values(command, words)
    is_named = command in ("install", "uninstall")

    def sent(at: int, word: str) -> str:
        if at not in options:
            return _requirement(word, cwd) if is_named and not word.startswith(("-", "$")) else word
        if options[at] not in _PATHS:
            return word
        start = _start_of_value(word)
        return word if word[start:].startswith("$") else word[:start] + absolute(word[start:], cwd)

    return (command, *(sent(at, word) for at, word in enumerate(words)))


_BY_NAME = re.compile(r"(?P<name>[\w.-]+\s*(?:\[[^\]]*\]\s*)?@\s*)(?P<path>[^\s;:$][^\s;:]*)(?P<rest>\s.*|;.*)?")
"""`leaf @ ./leaf.whl`: uv takes a path in the place of a URL."""


def _requirement(word: str, cwd: str) -> str:
    found = _BY_NAME.fullmatch(word)
    if found is None:
        return written_out(word, cwd)
    return found["name"] + Path(absolute(found["path"], cwd)).as_uri() + (found["rest"] or "")


def _start_of_value(word: str) -> int:
    """Where the value begins in a word that is one (`PATH`), or ends in one (`--find-links=PATH`, `-qfPATH`, `-f=PATH`)."""
    if word.startswith("--"):
        return word.index("=") + 1
    found = re.match(r"-[^f]*f=?", word)
    return found.end() if found is not None else 0


def refuse_absent(request: Request) -> None:
    """Raise `UsageError`, on a worker, for a certificate that is not on its machine: it isn't sent, for it may hold a key."""
    for option in ("--cert", "--client-cert"):
        path = request.value(option)
        if path is not None and not os.path.exists(path):
            raise UsageError(
                f"`{option}` names a file that is not on a worker's machine: `{masked(path)}`",
                hint="put the file in the same place on the machine of each worker",
                unchanged=True,
            )


class _Reading:
    """One walk along the files of a line."""

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self._names: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def files_of(self, request: Request) -> SentFiles:
        """All of them."""
        return SentFiles(
            requirements=tuple(map(self._top, request.requirement_files)),
            constraints=tuple(map(self._top, request.constraint_files)),
            build_constraints=tuple(self._top(each.partition("=")[2]) for each in request.passed if _is_build(each)),
            texts=self._texts,
        )

    def _top(self, typed: str) -> str:
        """The name of a file that the line names. What is read in its place says the same, line by line."""
        path = absolute(typed, self._cwd)
        lines = list(lines_of(path, read_requirements, {}))
        for line in lines:
            _refuse(line, typed)
        name = self._named(path)
        if _contents(lines_of(name, self._texts.get, {})) != _contents(lines):
            raise UsageError(
                f"`{masked(typed)}` includes files in a way that cannot be told to workers",
                hint="put each `-r FILE` and `-c FILE` in it on a line of its own",
                unchanged=True,
            )
        return name

    def _named(self, path: str) -> str:
        """The name that a file gets; its text, and those of the files that it includes, are read the first time."""
        if path not in self._names:
            # not its own name, which may hold the value of a variable
            name = self._names[path] = f"requirements-{len(self._names) + 1}.txt"
            folder = os.path.dirname(path)
            self._texts[name] = with_files_renamed(
                read_requirements(path) or "", lambda other: self._named(os.path.join(folder, other)), folder
            )
        return self._names[path]


def _refuse(line: RequirementLine, file: str) -> None:
    """Raise `UsageError` for a line that can't be read here, or means another thing on another machine."""
    named = masked(file)
    if line.unread is not None:
        raise UsageError(
            f"`{masked(line.unread)}`, which `{named}` is or includes, cannot be read here, so it cannot be sent",
            hint="name a requirements file on this machine",
            unchanged=True,
        )
    by_name = _BY_NAME.fullmatch(line.requirement or "")
    wanted = (by_name["path"],) if by_name is not None else local_path(line.requirement or "")
    links = (each.partition("=")[2] for each in line.options if each.startswith("--find-links="))
    relative = [each for each in (*(wanted or ())[:1], *links) if not os.path.isabs(each) and ":" not in each]
    if line.editable is not None or relative:
        what = line.editable or relative[0]
        raise UsageError(
            f"`{masked(what)}` in `{named}` is in a folder of this kernel's: the workers may be on other machines",
            hint="an absolute path to a wheel works where they share the disk",
            unchanged=True,
        )


def _contents(lines: Iterable[RequirementLine]) -> list[RequirementLine]:
    return [replace(each, folder="") for each in lines]
