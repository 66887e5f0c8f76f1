"""What is wrong with a command line: it would change a different environment, or the shell reads part of it as its own syntax."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipython_where.judge.commands.invocations import Invocation
from ipython_where.judge.commands.kernel import Kernel
from ipython_where.judge.commands.redirection import own_words
from ipython_where.judge.commands.shell.launch import Launch, is_activation
from ipython_where.judge.commands.shell.script import Redirect
from ipython_where.model import Evidence, Finding

from .findings import in_order
from .in_conda import conda_hint, is_condas
from .mistyped import mistyped, wanted_in_safepip


def diagnose_command(
    judged: Iterable[tuple[Launch, tuple[Invocation, ...]]],
    kernel: Kernel,
    versions: Mapping[str, str | None],
    *,
    cwd: str | None = None,
) -> tuple[Finding, ...]:
    """The findings about each launch with the package managers that it is. ``versions``: of the targets' interpreters.

    ``cwd`` is where a `%safepip` line would be read; the shell may have gone elsewhere.
    """
    judged = tuple(judged)
    changing = [(launch, each) for launch, found in judged for each in found if each.changes]
    elsewhere: dict[tuple[Any, ...], list[Invocation]] = {}
    for _, each in changing:
        if each.same_environment is False and each.runs is not False:
            elsewhere.setdefault((each.tool, each.action, each.target), []).append(each)
    return in_order(
        [
            *(_elsewhere(tuple(group), kernel, versions, cwd) for group in elsewhere.values()),
            *(
                finding  # of a command that does not run, too: `numpy<2` finds no file `2` to read from
                for launch, each in changing
                for finding in (*_redirected(launch, each), *_replaced(launch, each))
            ),
            *(finding for launch, found in judged for each in found for finding in mistyped(launch, each)),
            *_activations(judged),
            *_described(judged),
        ]
    )


def _elsewhere(
    group: tuple[Invocation, ...], kernel: Kernel, versions: Mapping[str, str | None], cwd: str | None
) -> Finding:
    first = group[0]
    is_install = first.action == "install"
    into = "a directory" if first.target and first.target.directory else "a different environment"
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    what = f"`{_shortened(first.text)}`{more} would {'install into' if is_install else 'uninstall from'} {into}"
    return Finding(
        id="other-environment",
        severity="warning",
        message=what + (" that this kernel does not import from" if into == "a directory" else " than this kernel's"),
        evidence=(
            Evidence(label="kernel", value=kernel.executable or kernel.prefix, note=kernel.version),
            *_target(first, versions),
            Evidence(label="because", value=first.reason.replace("`", "")),
        ),
        hint=conda_hint(group, kernel) if is_condas(first) else _hint(group, cwd),
    )


def _hint(group: tuple[Invocation, ...], cwd: str | None) -> str:
    first = group[0]
    does = "installs into" if first.action == "install" else "uninstalls from"
    return f"`%safepip {first.action} {_wanted(group, cwd)}` {does} this kernel's environment"


def _wanted(group: tuple[Invocation, ...], cwd: str | None) -> str:
    """The requirements as `%safepip` takes them, quoted where they contain spaces; `NAME` if it can't take one of them."""
    found: dict[str, None] = {}
    for each in group:
        words = wanted_in_safepip(each, cwd)
        if not words:
            return "NAME"
        found.update(dict.fromkeys(words))
    return " ".join(found)


def _target(each: Invocation, versions: Mapping[str, str | None]) -> Iterator[Evidence]:
    target = each.target
    if target is None:
        return
    if target.directory:
        yield Evidence(label="directory", value=target.directory)
    elif target.interpreter:
        yield Evidence(label="command", value=target.interpreter, note=versions.get(target.interpreter))
    elif target.prefix:
        yield Evidence(label="command", value=target.prefix)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "…"


_VERSION = re.compile(r"=?\s*\d[\w.*+!,-]*|=.*")


def _redirected(launch: Launch, each: Invocation) -> Iterator[Finding]:
    """`numpy>=1.0`: the shell reads `>=1.0` as a redirection to a file."""
    slips = [r for r in launch.redirects if r.adjacent and r.operator in (">", "<", ">>") and r.word is not None]
    slips = [r for r in slips if r.descriptor is None and _VERSION.fullmatch(r.word.text if r.word else "")]
    if not slips:
        return
    typed = {word: _unquoted(word) for word in each.text.split() if any(_redirection(r) in word for r in slips)}
    quoted = " ".join(shlex.quote(typed[word]) if word in typed else word for word in each.text.split())
    first = slips[0]
    does = "writes to" if first.operator != "<" else "reads from"
    yield Finding(
        id="redirected-version",
        severity="warning",
        message=f"the shell {does} a file `{first.word.text if first.word else ''}`, and `{each.tool}` never sees "
        + " ".join(f"`{_redirection(r)}`" for r in slips),
        evidence=(Evidence(label="command", value=each.text),),
        hint=f"`!{quoted}` quotes it"
        + ("" if is_condas(each) else f"; `{_safepip(each, typed.values())}` needs no quotes"),
    )


def _redirection(redirect: Redirect) -> str:
    return f"{redirect.operator}{redirect.word.text if redirect.word else ''}"


def _unquoted(word: str) -> str:
    """`'six'>=1` as the requirement that it is."""
    return re.sub("['\"]", "", word)


def _safepip(each: Invocation, words: Iterable[str]) -> str:
    by_start = {re.split(r"[<>]", word)[0]: word for word in words}
    wanted = " ".join(by_start.get(one, one) for one in each.requirements or ())
    return f"%safepip {each.action} {wanted or '…'}"


def _replaced(launch: Launch, each: Invocation) -> Iterator[Finding]:
    """`six[extra]` is also a glob: if the folder has a file `sixe`, the shell passes that name instead."""
    for field in launch.fields:
        if field.pattern is None or "/" in field.pattern or field.pattern.startswith("*"):
            continue
        yield Finding(
            id="replaced-by-file",
            severity="warning",
            message=f"the shell replaces `{field.pattern}` with the file name `{field.text}`",
            evidence=(Evidence(label="command", value=each.text),),
            hint=f"quote it: `'{field.pattern}'`",
        )


def _activations(judged: Iterable[tuple[Launch, tuple[Invocation, ...]]]) -> Iterator[Finding]:
    """`conda activate` before an install: unlike in a terminal, it fails."""
    activation: Launch | None = None
    for launch, invocations in judged:
        if is_activation(launch.fields, launch.state):
            activation = launch
        elif activation is not None and any(each.changes for each in invocations):
            words = [field.text or "" for field in activation.fields]
            name = words[2] if len(words) > 2 else "NAME"
            yield Finding(
                id="conda-activate",
                severity="warning",
                message=f"`{' '.join(words[:3])}` fails in the shell that `!` starts, so a command behind its `&&` does not run",
                hint=f"`!{words[0]} run -n {name} COMMAND` runs a command in that environment",
            )
            return


_DESCRIBING = ("list", "show", "freeze", "check")
_CHOOSING = ("--python", "--path", "--target", "--prefix", "--user", "--system")
"""Options by which a line itself says what it describes; uv's `-p` is another."""


def _described(judged: Iterable[tuple[Launch, tuple[Invocation, ...]]]) -> Iterator[Finding]:
    """`pip list` of another environment, unless the line names that one: it is not what this kernel imports. Once a line."""
    for launch, found in judged:
        for each in found:
            words = own_words(launch, each.tool) or ("",)
            is_chosen = "/" in (launch.name or "") or any(map(_chooses, words))
            if words[0] not in _DESCRIBING or is_chosen or each.same_environment is not False or each.runs is False:
                continue
            where = each.target and (each.target.interpreter or each.target.prefix)
            named = " ".join(word for word in words[1:] if not word.startswith("-")) if words[0] == "show" else ""
            yield Finding(
                id="describes-other-environment",
                severity="note",
                message=f"`{_shortened(each.text)}` describes the environment of {where}, not this kernel's",
                hint=f"`%safepip {' '.join(filter(None, (words[0], named)))}` describes this kernel's",
            )
            return


def _chooses(word: str) -> bool:
    return word.startswith("-p") or word.partition("=")[0] in _CHOOSING
