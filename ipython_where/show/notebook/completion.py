"""What Tab offers after a magic of this package: options, commands, names, files and transactions, each with its kind.

Where nothing of ours fits it offers nothing, and IPython's own completions come.

Tested in `tests/show/notebook/test_completion.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ipython_where import arguments
from ipython_where.answer.known_names import complete
from ipython_where.answer.world import World
from ipython_where.errors import WhereError
from ipython_where.value import dataclass

from .offered_files import KINDS, Suggestion, files
from .typed_line import TypedLine, typed_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """The completions of ``word``, the likeliest first."""

    word: str
    found: tuple[Suggestion, ...] = ()


_MAGIC = re.compile(r"\s*(?:[A-Za-z_][\w.,\s]*=\s*)?%(%?)(\w+)[ \t]+(.*)", re.DOTALL)


def offers_for(line: str, world: Callable[[], World]) -> Suggestions | None:
    """The completions at the end of ``line``; None if it is no line of ours. ``world`` is asked only if something needs it."""
    found = _MAGIC.fullmatch(line)
    if found is None or found[2] not in ("where", "safepip", "safeconda", "pip"):
        return None
    if found[2] == "pip" and not world().pip_is_safepip:
        return None
    typed = typed_words(found[3])
    if typed is None:
        return None
    try:
        offered = _offered(found[2], typed, world)
        fits = tuple(each for each in offered if each.text.startswith(typed.plain))
    except WhereError:  # what the line itself would end with, as `--user` does where there is no user site
        fits = ()
    return Suggestions(
        word=typed.word, found=tuple(Suggestion(text=typed.spelled(each.text), kind=each.kind) for each in fits)
    )


def _offered(magic: str, typed: TypedLine, world: Callable[[], World]) -> Iterable[Suggestion]:
    if magic == "where":
        return _for_where(typed, world)
    if magic == "safeconda":
        return _for_safeconda(typed, world)
    return _for_safepip(typed, world, as_pip=magic == "pip")


# -- %where ------------------------------------------------------------------------------------------------------------


def _for_where(typed: TypedLine, world: Callable[[], World]) -> Iterator[Suggestion]:
    words = typed.before
    if typed.plain.startswith("!") or any(word.startswith("!") for word in words):
        return  # a command, which IPython completes
    if words and words[-1] in ("--on", "--timeout"):
        yield from _clients(world()) if words[-1] == "--on" else ()
        return
    if typed.plain.startswith("-"):
        yield from _of("option", (each for each in arguments.OPTIONS if each not in words))
    elif not {"--imported", "--markdown"} & set(words):
        for name, kind in complete(typed.plain, world()):
            yield Suggestion(text=name, kind=kind)


# -- %safeconda --------------------------------------------------------------------------------------------------------


def _for_safeconda(typed: TypedLine, world: Callable[[], World]) -> Iterable[Suggestion]:
    from ipython_where.change.conda.conda_request import ALIASES, COMMANDS, FILES, options_of

    words = list(typed.before)
    if not words:
        return _of("option" if typed.plain.startswith("-") else "command", sorted((*COMMANDS, "--help")))
    command = ALIASES.get(words[0], words[0])
    if command not in COMMANDS:
        return ()
    if command in FILES and (words[-1] == "--format" or typed.plain.startswith("--format=")):
        from ipython_where.change.conda.environment_text import FORMATS

        start = typed.plain[: typed.plain.find("=") + 1]
        return _of("value", [f"{start}{each}" for each in dict.fromkeys(FORMATS.values())])
    if typed.plain.startswith("-"):
        return _of("option", sorted({*options_of(command)} - {*words}))
    if command in FILES:
        return () if _has_argument(words) else files(typed.plain, world().system.cwd, "CONDA")
    if command == "undo":
        return () if _has_argument(words) else _of("transaction", _transactions(words, world()))
    if command in ("install", "update", "remove", "list"):
        here = world()
        records = here.distributions.conda(here.interpreter["prefix"])
        return _of("distribution", [each.name for each in records.all if each.name not in words])
    return ()


# -- %safepip ----------------------------------------------------------------------------------------------------------


def _for_safepip(typed: TypedLine, world: Callable[[], World], *, as_pip: bool) -> Iterable[Suggestion]:
    from ipython_where.change.request.command_options import options_of
    from ipython_where.change.request.request import COMMANDS, FETCHING, READING

    words = list(typed.before)
    commands: Sequence[str] = COMMANDS
    if as_pip:
        commands = ("install", "uninstall", *(each for each in READING if each != "tree"), *FETCHING)
        while words and words[0].startswith("-"):
            words.pop(0)
    if not words or words[0] in ("help", "-h", "--help"):
        return _of("option" if typed.plain.startswith("-") else "command", (*sorted(commands), "--help"))
    command = words[0]
    if command not in commands:
        return ()
    options = {name: each for each in options_of(command) for name in each.names}
    name, equals, _ = typed.plain.partition("=")
    if equals and name.startswith("--"):
        return [
            Suggestion(text=f"{name}={each.text}", kind=each.kind)
            for each in _values_of(options.get(name), typed.plain.partition("=")[2], world)
        ]
    last = options.get(words[-1]) if len(words) > 1 else None
    if last is not None and last.value is not None:
        return _values_of(last, typed.plain, world)
    if typed.plain.startswith("-"):
        is_pips = as_pip and command not in ("install", "uninstall")  # IPython's `%pip` carries those out
        offered = {name for name, option in options.items() if not (is_pips and option.text is not None)}
        return _of("option", sorted({*offered, "--help"}))
    return _words_of(command, typed, words, world)


def _words_of(command: str, typed: TypedLine, words: Sequence[str], world: Callable[[], World]) -> Iterable[Suggestion]:
    """What isn't an option: names of what is there, a transaction, or a file."""
    cwd = world().system.cwd
    if command == "sync":
        return () if _has_argument(words) else files(typed.plain, cwd, "FILE")
    if command == "lock":
        return () if _has_argument(words) else files(typed.plain, cwd, "LOCK")
    if command == "page":
        return _of("extension", _extensions(words, world())) if len(words) > 1 else _of("command", ("load", "unload"))
    if command == "undo":
        return () if _has_argument(words) else _of("transaction", _transactions(words, world()))
    if command == "install" and typed.plain.startswith((".", "/", "~")):
        return files(typed.plain, cwd, "PROJECT")
    if command in ("install", "uninstall", "show", "tree", "download", "index"):
        if command == "index" and len(words) == 1:
            return _of("command", ("versions",))
        there = _server_projects if "--server" in words else _projects
        return _of("distribution", sorted({*there(world())} - {*words}, key=str.lower))
    return ()


def _extensions(words: Sequence[str], world: World) -> list[str]:
    """What the page may load from this kernel, or has from one."""
    from ipython_where.answer.page import ask_page

    if world.page is None:
        return []
    parts = (each for each in ask_page(world).parts if each.name not in words)
    if words[1] == "unload":
        return [each.name for each in parts if each.source == "kernel"]
    return [each.name for each in parts if each.state in ("available", "next page")]


def _has_argument(words: Sequence[str]) -> bool:
    """Whether the one argument of a command is there already."""
    return any(not word.startswith("-") for word in words[1:])


def _values_of(option: object, begun: str, world: Callable[[], World]) -> Iterable[Suggestion]:
    from ipython_where.change.request.command_options import CommandOption

    if not isinstance(option, CommandOption):
        return ()
    if option.name == "--on":
        return _clients(world())
    if option.name == "--with":
        return _of("installer", _installers(world()))
    if option.choices:
        return _of("value", option.choices)
    if option.value in KINDS:
        return files(begun, world().system.cwd, str(option.value))
    return ()


def _of(kind: str, texts: Iterable[str]) -> list[Suggestion]:
    return [Suggestion(text=text, kind="option" if text.startswith("-") else kind) for text in texts]


def _installers(world: World) -> Iterable[str]:
    from ipython_where.change.commands.dispatch import place_of
    from ipython_where.change.installers.progress import Silent

    return sorted({each.name for each in place_of(world, Silent()).entries})


def _clients(world: World) -> list[Suggestion]:
    """The notebook's variables that an engine knows."""
    from ipython_where.workers.clients import clients_in, engines_of

    return _of("client", (name for name, _ in clients_in(world.namespace, engines_of(world))))


def _projects(world: World) -> Iterator[str]:
    """The names of the installed distributions, as their own metadata spells them."""
    found = (world.distributions.metadata(each).name for each in world.distributions.all(world.path))
    return (name for name in found if name)


def _server_projects(world: World) -> Iterator[str]:
    """The same in the server's environment, from its files: starting its Python would take too long for a keypress."""
    from ipython_where.answer.environment import ask_server
    from ipython_where.facts.environments.contents import projects_in

    server = ask_server(world)
    if server.same_environment:
        yield from _projects(world)
    elif server.verdict == "local" and server.prefix is not None:
        yield from projects_in(server.prefix, server.interpreter)


def _transactions(words: Sequence[str], world: World) -> Iterator[str]:
    """Those that can be undone, the newest first."""
    from ipython_where.answer.environment import ask_server
    from ipython_where.change.commands.dispatch import place_of
    from ipython_where.change.installers.progress import Silent
    from ipython_where.change.transaction.history import kept_in

    server = ask_server(world) if "--server" in words else None
    if server is None or server.same_environment:
        transactions = place_of(world, Silent(), user="--user" in words).store.history()
    elif server.verdict == "local" and server.prefix is not None:
        transactions = kept_in(server.prefix)
    else:
        return
    yield from (each.id for each in reversed(transactions) if each.undoable)
