"""Which layout an answer is drawn from: each class of answers registers its own, so answers need not know their renderer.

    register(MyAnswer, "my_package.screens:my_screen")

docs/answers.md explains how to write one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .console import plain_console

Layout = Callable[[Any], Any]
"""Takes an answer and returns its `show.screen.Screen`."""

_DRAWING = "ipython_where.show.faces"
"""Draws any screen; imported when the first answer is shown."""

_MARKDOWN = {
    f"{__package__}.model:ImportedAnswer": f"{__package__}.show.markdown:markdown",
    f"{__package__}.workers.values:WorkersAnswer": f"{__package__}.show.workers_markdown:workers_markdown",
    f"{__package__}.workers.values:EnvironmentsAnswer": f"{__package__}.show.workers_markdown:environments_markdown",
}
"""The answers that have a face in Markdown, and what draws it."""

_layouts: dict[str, str | Layout] = {}


def register(answer: type | str, layout: str | Layout) -> None:
    """Draw a class's answers from a layout; its subclasses' too, unless they have their own.

    Either may be given as `module:name`, which is imported only when an answer is shown.
    """
    _layouts[answer if isinstance(answer, str) else _name(answer)] = layout


def layout_of(answer: object) -> Layout:
    """The layout of an answer's class. Raises `TypeError` if none was registered."""
    for each in type(answer).__mro__:
        layout = _layouts.get(_name(each))
        if layout is not None:
            return _imported(layout) if isinstance(layout, str) else layout
    raise TypeError(f"no layout is registered for {type(answer).__qualname__}")


def text(answer: Any) -> str:
    """An answer, or several, as text."""
    return str(import_module(_DRAWING).text(answer, console=plain_console()))


def mimebundle(answer: Any) -> dict[str, str]:
    """An answer, or several, as IPython's display takes it: text and HTML."""
    bundle: dict[str, str] = import_module(_DRAWING).mimebundle(answer)
    return bundle


def error_html(finding: Any) -> str:
    """An error, as its finding, as HTML."""
    return str(import_module(_DRAWING).findings((finding,))["text/html"])


def markdown(answer: Any) -> str:
    """An answer as Markdown, of those that have that face."""
    return str(_imported(_MARKDOWN[_name(type(answer))])(answer))


def _name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _imported(name: str) -> Layout:
    module, _, function = name.partition(":")
    layout: Layout = getattr(import_module(module), function)
    return layout


for _answer, _layout in {
    "model:EnvironmentAnswer": "environment:environment_screen",
    "model:ModuleAnswer": "module:module_screen",
    "model:ImportedAnswer": "imported:imported_screen",
    "model:PageAnswer": "page:page_screen",
    "judge.commands.invocations:CommandAnswer": "command:command_screen",
    "change.values:InstallAnswer": "install:install_screen",
    "change.values:HistoryAnswer": "history:history_screen",
    "change.values:RolloutAnswer": "rollout:rollout_screen",
    "workers.values:WorkersAnswer": "workers:workers_screen",
    "workers.values:EnvironmentsAnswer": "worker_environments:environments_screen",
}.items():
    register(f"{__package__}.{_answer}", f"{__package__}.show.{_layout}")
