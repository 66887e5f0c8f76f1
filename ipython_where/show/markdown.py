"""What is imported, as Markdown for an issue or a paper: a table, with what else is loaded folded away.

Tested in `tests/show/test_imported.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from ipython_where.legible import legible
from ipython_where.model import ImportedAnswer, ImportedModule

from .imported import system_of
from .module import PLACES

_MARKUP = re.compile(r"[\\|<>*`\[\]]|\b_|_\b")
"""What would be markup in a cell. An underscore inside a word is none."""


def markdown(answer: ImportedAnswer) -> str:
    """The notebook's own modules in a table, and the other ones folded; paths are left out, as they name the user."""
    own = [each for each in answer.modules if each.in_notebook]
    others = [each for each in answer.modules if not each.in_notebook]
    lines = [*_facts(answer), "", *_table(own or others)]
    if own and others:
        summary = f"{len(others)} other module{'s' if len(others) > 1 else ''}"
        lines += ["", f"<details><summary>{summary}</summary>", "", *_table(others), "", "</details>"]
    return "\n".join(lines)


def _facts(answer: ImportedAnswer) -> Iterator[str]:
    machine = answer.machine
    yield f"- Python: {cell(f'{answer.implementation} {answer.version}')}"
    for label, text in (
        ("System", system_of(machine)),
        ("Processor", machine.processor),
        ("Graphics", ", ".join(machine.graphics)),
    ):
        if text:
            yield f"- {label}: {cell(text)}"


def _table(modules: Iterable[ImportedModule]) -> Iterator[str]:
    yield "| module | distribution | version | from |"
    yield "| --- | --- | --- | --- |"
    for each in modules:
        owner = each.distribution or " and ".join(each.owners or ()) or ("unknown" if each.owners is None else "")
        yield f"| {' | '.join((_module(each.module), *map(cell, (owner, _version(each), _place(each)))))} |"


def _module(name: str) -> str:
    """A module's name as code, unless it is none: whoever makes a module may call it anything."""
    return f"`{name}`" if all(part.isidentifier() for part in name.split(".")) else cell(name)


def _version(module: ImportedModule) -> str:
    if module.stale and module.version and module.version == module.loaded_version:
        return f"{module.version} (loaded; what is installed now differs)"
    if module.stale:
        return f"{module.loaded_version or 'unknown'} (loaded; {module.version or 'nothing'} is installed now)"
    return module.version or module.loaded_version or "unknown"


def _place(module: ImportedModule) -> str:
    if module.editable:
        return "editable"
    return PLACES[module.path_entry.reason].replace("`", "") if module.path_entry else "unknown"


def cell(text: str) -> str:
    """A text in a cell of a table, with nothing in it that would be markup."""
    return _MARKUP.sub(r"\\\g<0>", legible(text, os.path.expanduser("~")))
