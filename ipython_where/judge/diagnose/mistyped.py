"""Slips of typing and pasting in an installer's line: how the installer reads them, and the line that was meant."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from ipython_where.judge.commands.invocations import Invocation
from ipython_where.judge.commands.located import unfilled
from ipython_where.judge.commands.requirement_words import corrected, is_place, typed_plainly
from ipython_where.judge.commands.shell.launch import Launch
from ipython_where.judge.names import project_meant
from ipython_where.model import Evidence, Finding

from .in_conda import is_condas


class Slip(NamedTuple):
    """A word, what is wrong with it, and what to write instead."""

    word: str
    what: str
    meant: str


_TOOLS = ("pip", "uv", "easy_install")
_UNFILLED = re.compile(r"\{[A-Za-z_][^{},]*\}")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def mistyped(launch: Launch, each: Invocation) -> Iterator[Finding]:
    """At most one finding about the slips in one command."""
    if each.tool not in _TOOLS:
        return
    odd = [word for field in launch.fields if (word := field.text or "")[:1] == "-" and typed_plainly(word) != word]
    if each.requirements is None and not odd:
        return
    left = unfilled(launch) or next(
        (found[0] for word in each.requirements or () if (found := _UNFILLED.search(word))), None
    )
    if left is not None:
        yield _not_filled_in(left, each)
        return
    words = each.requirements or () if _installs(launch) else ()
    slips = [slip for word in words if (slip := _slip(word, each)) is not None]
    slips += [Slip(word, f"`{word}` is not an option: {_odd(word[1:])}", typed_plainly(word)) for word in odd]
    if slips:
        yield Finding(
            id="mistyped",
            severity="warning",
            message=", and ".join(dict.fromkeys(slip.what for slip in slips)),
            evidence=(Evidence(label="command", value=each.text),),
            hint=_hint(slips, each),
        )


def _installs(launch: Launch) -> bool:
    return any(field.text == "install" for field in launch.fields) or "easy_install" in (launch.name or "")


def _slip(word: str, each: Invocation) -> Slip | None:
    if is_place(word) or word.startswith("-"):
        return None
    plain = typed_plainly(word)
    if plain != word:
        return Slip(word, f"`{each.tool}` reads `{word}` as a requirement: {_odd(word)}", plain)
    if word in ("install", each.tool) and "install" in (each.requirements or ()):
        return Slip(word, "`install` appears twice, and the second is read as a project", "")
    if re.fullmatch(r"[\w.-]*requirements[\w.-]*\.(?:txt|in)", word):
        return Slip(word, f"`{word}` is read as a project, because `-r` is missing", f"-r {word}")
    if corrected(word) != word:
        return Slip(word, f"`{word}` is not a requirement: write `==` before a version", corrected(word))
    if word.endswith(",") and _NAME.fullmatch(word[:-1]):
        return Slip(word, f"`{word}` is not a requirement: separate requirements with spaces, not commas", word[:-1])
    if re.match(r"[=!~]=|=$", word):
        return Slip(
            word, f"`{word}` is read as a requirement, because of the space before it", word if word != "=" else "=="
        )
    name = _NAME.match(word)
    meant = project_meant(name[0]) if name else None
    if name and meant:
        project, is_placeholder = meant
        said = "is only a placeholder on PyPI" if is_placeholder else "is not a project on PyPI"
        return Slip(word, f"`{name[0]}` {said}: the project is `{project}`", project + word[name.end() :])
    return None


def _odd(word: str) -> str:
    if typed_plainly(word[:1]) == "-":
        return f"its dash is not a hyphen (U+{ord(word[0]):04X})"
    odd = next(letter for letter in word if typed_plainly(letter) != letter)
    code = f"(U+{ord(odd):04X})"
    if typed_plainly(odd) == " ":
        return f"its space is not an ordinary one {code}"
    return (
        f"its dash `{odd}` is not a hyphen {code}"
        if typed_plainly(odd) == "-"
        else f"its quote `{odd}` is not a plain one {code}"
    )


def meant(each: Invocation) -> tuple[str, ...]:
    """The requirements without the slips in them."""
    slips = {word: slip.meant for word in each.requirements or () if (slip := _slip(word, each)) is not None}
    found = (slips.get(word, word) for word in each.requirements or ())
    return tuple(word for word in dict.fromkeys(found) if word and (not word.startswith("-") or " " in word))


_LISTED = ("-r ", "-e ", "--group ")


def wanted_in_safepip(each: Invocation, cwd: str | None = None) -> tuple[str, ...]:
    """The requirements as `%safepip` takes them; empty if they are unknown, or in conda's language, which names other things.

    Where the shell left the folder ``cwd``, a path is spelled out.
    """
    if is_condas(each):
        return ()
    found = tuple(meant(each) if each.tool in _TOOLS else each.requirements or ())
    folder = each.started.directory if each.started is not None else None
    if cwd is not None and folder != cwd:
        spelled = tuple(_from(folder, word) for word in found)
        found = tuple(word for word in spelled if word is not None)
        if len(found) < len(spelled):
            return ()
    return tuple(map(_quoted, found))


def _from(folder: str | None, word: str) -> str | None:
    """A requirement as it is in ``folder``, read elsewhere; None if that can't be said."""
    option = next((each for each in _LISTED if word.startswith(each)), "")
    rest = word.removeprefix(option)
    if option == "--group ":
        return None
    is_relative = (option or is_place(rest)) and not re.match(r"[/~$]|file:|[^/]*://|[^/]* @ ", rest)
    if not is_relative:
        return word
    path, bracket, extras = rest.partition("[")
    return f"{option}{os.path.normpath(os.path.join(folder, path))}{bracket}{extras}" if folder is not None else None


def _quoted(word: str) -> str:
    """A requirement as one word of a `%safepip` line."""
    option = next((each for each in _LISTED if word.startswith(each)), "")
    rest = word.removeprefix(option)
    if not re.search(r"[\s'\";]", rest) or " @ " in rest:
        return word
    return f'{option}"{rest}"' if "'" in rest and not set(rest) & set('"\\') else f"{option}{shlex.quote(rest)}"


def _hint(slips: list[Slip], each: Invocation) -> str:
    line = re.sub(r"[ \t\n]+", " ", each.text)
    if any(typed_plainly(slip.word) != slip.word for slip in slips):
        return f"`!{typed_plainly(line)}`"  # the shell split the word, so it is not in the line
    for slip in slips:
        line = _in_place(line, slip)
    return f"`!{' '.join(line.split())}`"


def _in_place(line: str, slip: Slip) -> str:
    """The line with the words that were meant. If a word appears twice, the last one is the slip: `pip install install x`."""
    if re.match("[=!~]", slip.word):
        return re.sub(rf"\s+{re.escape(slip.word)}" + (r"\s*" if slip.word in ("=", "==") else ""), slip.meant, line)
    found = list(re.finditer(rf"(?<!\S)(['\"]?){re.escape(slip.word)}\1(?!\S)", line))
    if not found:
        return line
    at = found[-1]
    return line[: at.start()] + slip.meant + line[at.end() :]


def _not_filled_in(word: str, each: Invocation) -> Finding:
    name = re.match(r"[{$]+(\w+)", word)
    is_sys = "sys.executable" in word
    way = "`import sys` before this line"
    if each.action in ("install", "uninstall") and word not in (each.requirements or ()):
        way = f"`%safepip {each.action} {' '.join(meant(each)) or 'NAME'}` needs no `sys`; or {way}"
    return Finding(
        id="not-filled-in",
        severity="warning",
        message=f"`{word}` was not filled in: IPython leaves a line unchanged if one of its names is not defined",
        evidence=(Evidence(label="command", value=each.text),),
        hint=way if is_sys else f"define `{name[1] if name else word}` before this line",
    )
