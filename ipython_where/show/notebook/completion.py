"""What Tab offers after a magic of this package: options, commands, and installed names.

Tested in `tests/test_magics.py`.
"""

from __future__ import annotations

from ipython_where import arguments
from ipython_where.answer.completion import complete
from ipython_where.session import current_world


def offers_for(magic: str, line: str, token: str) -> tuple[str, ...]:
    """The completions of ``token`` in a line with ``magic`` in it."""
    if magic == "%where":
        return _beginning(token, arguments.OPTIONS) if token.startswith("-") else complete(token, current_world())
    return _for_safepip(line.partition("safepip ")[2].split(), line, token)


def _for_safepip(words: list[str], line: str, token: str) -> tuple[str, ...]:
    from ipython_where.change.request.request import COMMANDS, OPTIONS

    if token.startswith("-"):
        return _beginning(token, OPTIONS)
    if not words or (len(words) == 1 and token):
        return _beginning(token, COMMANDS)
    if "--server" in words:
        return ()  # only the server's Python knows what is installed there: too slow for a keypress
    if words[0] == "undo":
        return _beginning(token, _transactions())
    if words[0] in ("install", "uninstall", "show"):
        return _beginning(token, _projects())
    return ()


def _beginning(token: str, words: object) -> tuple[str, ...]:
    assert isinstance(words, (tuple, list, dict, set, frozenset))
    return tuple(sorted(word for word in words if word.startswith(token)))


def _projects() -> tuple[str, ...]:
    """The names of the installed distributions, as their own metadata spells them."""
    world = current_world()
    metadata = world.distributions.all(world.path)
    return tuple(dict.fromkeys(name for each in metadata if (name := world.distributions.metadata(each).name)))


def _transactions() -> tuple[str, ...]:
    from ipython_where.change.commands.dispatch import place_of
    from ipython_where.change.installers.progress import Silent

    transactions = place_of(current_world(), Silent()).store.history()
    return tuple(each.id for each in transactions if each.undoable)
