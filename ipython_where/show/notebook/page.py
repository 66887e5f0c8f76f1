"""Asks the page that shows the notebook to load an extension of this kernel's environment, or to take one away.

The page answers with messages that a kernel handles after the cell that asked, so what becomes of it is shown in the cell's
output as they come. Tested in `tests/test_page_kernel.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from ipython_where.answer.page import ask_page
from ipython_where.answer.world import World
from ipython_where.change.request.request import Request
from ipython_where.errors import WhereError
from ipython_where.judge.names import near
from ipython_where.model import Evidence, Finding, PageAnswer, PagePart
from ipython_where.session import current_shell
from ipython_where.show.faces import findings
from ipython_where.show.page import as_hint

TARGET = "ipython_where"
"""The comm target of the page's side."""


def ask(request: Request, world: World) -> None:
    """Carry out `page load` or `page unload`. Raises `WhereError` where the page would only refuse."""
    does, *names = request.arguments
    answer = ask_page(world)
    parts = [_named(name, answer) for name in dict.fromkeys(names)]
    wanted = [each.name for each in parts if (_is_to_load(each) if does == "load" else _is_to_unload(each))]
    _Talk(current_shell(), does, wanted, [each.name for each in parts]).begin()


def _named(name: str, answer: PageAnswer) -> PagePart:
    found = next((each for each in answer.parts if each.name == name), None)
    if found is not None:
        return found
    close = near(name, [each.name for each in answer.parts], limit=1)
    raise WhereError(
        f"neither this kernel's environment nor the page has an extension `{name}`",
        hint=f"did you mean `{close[0]}`?" if close else "`%safepip page` lists those that there are",
    )


def _is_to_load(part: PagePart) -> bool:
    if part.state in ("refused", "other version"):
        there = f": it has {part.version}" if part.state == "other version" else ""
        raise WhereError(
            f"the page can't load this kernel's `{part.name}`{there}",
            evidence=(part.reason,) if part.reason else (),
            hint=as_hint(part.hint) if part.hint else None,
        )
    return part.state != "loaded"


def _is_to_unload(part: PagePart) -> bool:
    if part.source == "server":
        raise WhereError(
            f"the page has `{part.name}` from the server's environment, not from a kernel",
            hint="`%where -v` shows which environment that is",
        )
    if part.source != "kernel":
        raise WhereError(f"the page has no `{part.name}` from a kernel", hint="`%safepip page` lists what it has")
    return True


class _Talk:
    """One request to the page, and what it says of it, in one display."""

    def __init__(self, shell: Any, does: str, wanted: Sequence[str], named: Sequence[str]) -> None:
        self._shell = shell
        self._does = does
        self._wanted = list(wanted)
        self._said = dict.fromkeys(named, "loaded already") | dict.fromkeys(wanted, "asked")
        self._ended = not wanted
        self._failed = False
        self._comm: Any = None
        self._display = f"ipython-where-page-{uuid4().hex}"

    def begin(self) -> None:
        """Show the request, and send it."""
        self._draw(update=False)
        if self._wanted:
            from comm import create_comm

            self._comm = create_comm(target_name=TARGET, data={"do": self._does, "names": self._wanted})
            self._comm.on_msg(self._hear)

    def _hear(self, message: Mapping[str, Any]) -> None:
        said = message["content"].get("data")
        state, name, text = (
            (said.get(key) for key in ("state", "name", "text")) if isinstance(said, dict) else [None] * 3
        )
        if state == "end":
            self._ended = True
            self._comm.close()
        elif isinstance(state, str):
            self._failed |= state in ("error", "refused", "cancelled")
            words = text if isinstance(text, str) and text else _WORDS.get(state, state)
            self._said |= dict.fromkeys([name] if isinstance(name, str) else self._wanted, words)
        self._draw(update=True)

    def _draw(self, *, update: bool) -> None:
        finding = Finding(
            id="page",
            severity="warning" if self._failed else "note",
            message=self._message(),
            evidence=tuple(Evidence(label=name, value=said) for name, said in self._said.items()),
            hint="run the cell that needs it again"
            if self._ended and not self._failed and self._does == "load"
            else None,
        )
        data = findings((finding,))
        self._shell.display_pub.publish(data, transient={"display_id": self._display}, update=update)

    def _message(self) -> str:
        doing, done = ("load", "loaded") if self._does == "load" else ("unload", "unloaded")
        if self._failed:
            return f"not everything could be {done}"
        return f"the page has {done} what was asked for" if self._ended else f"the page is asked to {doing}"


_WORDS = {
    "loaded": "loaded",
    "reload": "reload the page",
    "waiting": "waits for another extension",
    "cancelled": "cancelled",
    "refused": "refused",
}
