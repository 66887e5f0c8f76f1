"""What may stand behind the installs of a line that is redirected: commands that do the same whichever environment was changed.

Tested in `tests/judge/commands/test_redirection.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from collections.abc import Sequence as Ordered
from dataclasses import replace
from typing import NamedTuple

from .invocations import Invocation, Target
from .reader import Reader
from .shell.dialects import dialect_of
from .shell.expansion import Expander
from .shell.launch import Launch
from .shell.script import Literal, Simple, Word

_SAYING = frozenset(
    ": clear echo exit export false free hostname nproc nvidia-smi printf pwd sleep true uname whoami".split()
)
"""Commands that look at no files but those of a pattern or a redirection."""

_LOOKING = frozenset("cat cd curl date df du head ls mkdir tail test touch unzip wc wget".split())
"""Commands that do the same unless what they look at is where an install writes."""

_WAITING = frozenset("cat head tail wc".split())
"""Commands that read their input unless they are given a file; the others do where `-` names it."""

_OF_USER = (".local", ".cache/pip", ".cache/uv")
"""Where in the home directory an install may write too: pip takes the user site if the environment is read-only."""


class _Given(NamedTuple):
    """What a command is given, after expansion: its arguments, the patterns among them, and the files of redirections."""

    words: tuple[str, ...]
    patterns: tuple[str, ...]
    files: tuple[str, ...]


class Bystanders:
    """The commands behind installs, to be judged in the order in which a shell runs them.

    ``starts`` is what they start, ``own`` the texts of those that run in the kernel's environment. ``cell`` is the whole script,
    where the shell reads it from its input: what a command reads there are the lines that follow.
    """

    def __init__(
        self,
        installs: Ordered[tuple[Launch, tuple[Invocation, ...]]],
        starts: Ordered[Launch],
        reader: Reader,
        *,
        own: Collection[str],
        cell: str | None,
    ) -> None:
        self.state = installs[-1][0].state
        self.reader = reader
        self.own = own
        self.cell = cell
        self._folders = {launch.text: launch.state.cwd for launch in starts}
        self._places = self._written([each.target for _, found in installs for each in found])

    def _written(self, targets: list[Target | None]) -> tuple[str, ...] | None:
        """The folders where the installs would have written; None if one is unknown."""
        prefixes = [target.prefix for target in targets if target is not None and target.prefix is not None]
        if len(prefixes) < len(targets):
            return None
        home = self.state.value("HOME")
        return tuple(map(self.reader.real, (*prefixes, *(os.path.join(home, each) for each in _OF_USER if home))))

    def include(self, command: Simple) -> bool:
        """Whether a command does the same whichever environment was changed."""
        name = command.words[0].text
        is_looking = name in _LOOKING or command.text in self.own
        if not is_looking and name not in _SAYING:
            return False
        if command.text in self._folders:
            self.state = replace(self.state, cwd=self._folders[command.text])
        given = self._given(command)
        is_same = (
            given is not None
            and all(redirect.body is None for redirect in command.redirects)
            and self._tells_nothing(name, given.words)
            and all(self._is_apart(*each) for each in _looked_at(name, given, is_looking=is_looking))
            and not self._reads_rest(command, given.words)
        )
        if name == "cd":
            self.state = self.state.at(None)
        return is_same

    def _given(self, command: Simple) -> _Given | None:
        """None if it depends on what only the shell knows, as `$?`, `$PIPESTATUS` and `$SECONDS` do."""
        expander = Expander(self.state, self.reader, dialect_of(self.reader.kind), lambda script, state: None)
        words, patterns = [], []
        for word in command.words:
            fields = expander.fields((word,))
            words += [field.text for field in fields]
            patterns += [field.pattern or field.text for field in fields if _has_pattern(word)]
        files = [expander.value(each.word) for each in command.redirects if each.word is not None]
        values = {each.name: None if each.word is None else expander.value(each.word) for each in command.declared}
        self.state = expander.state
        for name, value in values.items():
            self.state = self.state.assigned(name, value)
        if None in words or None in files or None in values.values():
            return None
        known, meant, aims = (tuple(each for each in some if each is not None) for some in (words, patterns, files))
        return _Given(known[1:], meant, aims)

    def _tells_nothing(self, name: str, words: tuple[str, ...]) -> bool:
        """Whether no builtin gets at the status of the install, or what else the shell knows, by another way.

        `exit` alone has the status of the command before it, and zsh takes a name for the number that it holds, as in
        `test status -eq 0`.
        """
        if name == "exit":
            return len(words) == 1 and re.fullmatch(r"[0-9]+", words[0]) is not None
        if name in ("export", "printf") and words[:1] and words[0].startswith("-"):
            return False
        evaluated = {"test": words, "printf": words[1:], "export": words}.get(name, ())
        return not any(self._is_shells(each) for word in evaluated for each in re.findall(r"[A-Za-z_]\w*", word))

    def _is_shells(self, name: str) -> bool:
        found = self.state.variables.get(name)
        return found is not None and found.value is None

    def _is_apart(self, path: str, depth: float) -> bool:
        """Whether no install writes at a path, or the number of levels below it that are looked at."""
        whole = self.state.path_of(path)
        if whole is None or self._places is None:
            return False
        real = self.reader.real(whole)
        return not any(
            _is_in(place, real) or (_is_in(real, place) and _levels(place) - _levels(real) < depth)
            for place in self._places
        )

    def _reads_rest(self, command: Simple, words: tuple[str, ...]) -> bool:
        """Whether a command may read lines of a cell that come after its own."""
        if self.cell is None or any(each.operator == "<" for each in command.redirects):
            return False
        _, text, after = self.cell.partition(command.text)
        is_last = text != "" and "\n" not in after.removesuffix("\n")
        return not is_last and (command.text in self.own or _may_read(command.words[0].text, words))


def _may_read(name: str, words: tuple[str, ...]) -> bool:
    """Whether a command may read its input."""
    if name == "unzip" or any(re.search(r"-$|^/dev/|^/proc/", word) for word in words):
        return True
    if name not in _WAITING:
        return False
    if not words or words[-1].startswith("-"):
        return True
    return name in ("head", "tail") and re.match(r"-[a-z]$|--", words[-2] if len(words) > 1 else "") is not None


def _looked_at(name: str, given: _Given, *, is_looking: bool) -> list[tuple[str, float]]:
    """The paths that a command may look at, each with the number of levels below it."""
    found = [*given.patterns, *(each for each in given.files if not each.isdecimal())]
    if is_looking:
        found += [piece for word in given.words for piece in re.split(r"^-[\w-]*|[=@:]", word) if piece] or ["."]
    is_deep = name == "du" or (name == "ls" and any(re.match(r"-\w*R|--rec", word) for word in given.words))
    return [(path, float("inf") if is_deep else depth) for path, depth in map(_without_pattern, found)]


def _without_pattern(path: str) -> tuple[str, float]:
    """The folder above the first pattern of a path, and how many levels below it are meant."""
    names = path.split("/")
    first = next((at for at, name in enumerate(names) if re.search(r"[*?[]", name)), len(names))
    return "/".join(names[:first]) or path[: path.startswith("/")] or ".", (
        float("inf") if "**" in path else len(names) - first
    )


def _has_pattern(word: Word) -> bool:
    return any(isinstance(part, Literal) and not part.quoted and re.search(r"[*?[]", part.text) for part in word.parts)


def _is_in(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _levels(path: str) -> int:
    return len([name for name in path.split("/") if name])
