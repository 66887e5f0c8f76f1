"""What the interpreter of the big environment runs: the questions, and slow but independent ways to the same answers.

Run with ``-c``, so that the first entry of the path is the working directory, as in a notebook. Each task takes and gives JSON.
"""

from __future__ import annotations

import csv
import importlib.machinery
import importlib.metadata
import importlib.util
import io
import json
import marshal
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]


def main(task: str, given: str, output: str) -> None:
    """Do ``task`` with the JSON in the file ``given``; the result goes to the file ``output``."""
    arguments = json.loads(Path(given).read_text())
    Path(output).write_text(json.dumps(TASKS[task](arguments)))


# -- what there is -----------------------------------------------------------------------------------------------------


def list_names(_: None) -> Facts:
    """Every top-level name that can be spelled in an ``import``, and every dotted one that RECORD lists a file of."""
    top = {module.name for module in pkgutil.iter_modules()} | set(sys.stdlib_module_names)
    dotted = set()
    for distribution in importlib.metadata.distributions():
        for path in _record(distribution):
            name = _module_name(path)
            if name is not None:
                top.add(name.partition(".")[0])
                dotted.add(name)
    for entry in sys.path:
        if os.path.isdir(entry or "."):  # namespace packages have no file
            top.update(name for name in os.listdir(entry or ".") if os.path.isdir(os.path.join(entry, name)))
    return {
        "top": sorted(name for name in top if name.isidentifier() and name != "__pycache__"),
        "dotted": sorted(name for name in dotted if "." in name),
        "distributions": len(list(importlib.metadata.distributions())),
    }


def _module_name(path: str) -> str | None:
    for suffix in importlib.machinery.all_suffixes():
        if path.endswith(suffix):
            parts = path[: -len(suffix)].removesuffix("/__init__").split("/")
            return (
                ".".join(parts) if all(part.isidentifier() for part in parts) and "__pycache__" not in parts else None
            )
    return None


def _record(distribution: importlib.metadata.Distribution) -> Iterable[str]:
    text = distribution.read_text("RECORD") or ""
    return (row[0] for row in csv.reader(io.StringIO(text)) if row)


def read_owners(_: None) -> dict[str, list[str]]:
    """Each file that a RECORD lists, with the metadata directories whose RECORD it is."""
    owners: dict[str, list[str]] = {}
    for distribution in importlib.metadata.distributions():
        for path in _record(distribution):
            file = os.path.abspath(str(distribution.locate_file(path)))
            owners.setdefault(file, []).append(str(distribution._path))  # type: ignore[attr-defined]
    return owners


# -- what the import system says ---------------------------------------------------------------------------------------


def import_each(names: list[str]) -> dict[str, Facts]:
    """What each name turns out to be when it is imported, each in a process of its own that has imported nothing else."""
    return {name: _apart(lambda name=name: _imported(name)) for name in names}  # type: ignore[misc]


def _imported(name: str) -> Facts:
    try:
        __import__(name)
    except BaseException as error:
        spec = importlib.util.find_spec(name)  # imports nothing for a name without a dot
        return {"raised": repr(error), **_of_spec(spec)}
    module = sys.modules[name]
    file = getattr(module, "__file__", None)
    path = getattr(module, "__path__", None)
    portions = _folders(path) if path is not None and file is None else None
    return {"raised": None, "exists": True, "file": file, "portions": portions}


def _folders(path: Iterable[str]) -> list[str]:
    """A namespace's folders: setuptools' editable hook puts a mark of its own among them, which is none."""
    return [each for each in path if os.path.isabs(each)]


def _of_spec(spec: importlib.machinery.ModuleSpec | None) -> Facts:
    if spec is None:
        return {"exists": False, "file": None, "portions": None}
    portions = (
        _folders(spec.submodule_search_locations or ()) if not spec.has_location and spec.loader_state is None else None
    )
    file = spec.origin if spec.has_location else getattr(spec.loader_state, "filename", None)  # of a frozen module
    return {"exists": True, "file": file, "portions": portions or None}


def find_below(groups: list[list[str]]) -> dict[str, Facts | None]:
    """What ``importlib.util.find_spec`` says of dotted names, one process for each group; None where a parent's import failed."""
    found: dict[str, Facts | None] = {}
    for names in groups:
        answers = _apart(lambda names=names: {name: _specified(name) for name in names})  # type: ignore[misc]
        found.update(answers if "died" not in answers else dict.fromkeys(names))
    return found


def _specified(name: str) -> Facts | None:
    try:
        return _of_spec(importlib.util.find_spec(name))
    except BaseException:
        return None


def _apart(task: Callable[[], Facts]) -> Facts:
    """What ``task`` returns in a forked process, which is as fresh as this one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        try:
            content = marshal.dumps(task())
        except BaseException as error:
            content = marshal.dumps({"died": repr(error)})
        while content:
            content = content[os.write(writing, content) :]
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answer:
        content = answer.read()
    os.waitpid(child, 0)
    return dict(marshal.loads(content)) if content else {"died": "without a word"}


def find_copies(names: list[str]) -> dict[str, list[list[str]]]:
    """The entry and the file of each copy of a top-level name, then the folders that lose to them: asked of each entry."""
    copies: dict[str, list[list[str]]] = {}
    for name in names:
        specs = ((entry, importlib.machinery.PathFinder.find_spec(name, [entry])) for entry in sys.path)
        found = [(entry, spec) for entry, spec in specs if spec is not None]
        files = [[os.path.abspath(entry), spec.origin] for entry, spec in found if spec.has_location and spec.origin]
        spaces = [(entry, spec.submodule_search_locations or ()) for entry, spec in found if spec.loader is None]
        portions = [[os.path.abspath(entry), folder] for entry, folders in spaces for folder in folders]
        copies[name] = [*files, *portions] if files else []
    return copies


# -- what ipython_where says -------------------------------------------------------------------------------------------


def ask_each(names: list[str]) -> Facts:
    """The answer for each name, and which modules came into ``sys.modules`` while it was given."""
    from ipython_where import where

    for name in ("json", "no_such_module", "claimed"):  # what an answer itself needs is imported late
        str(where(name))
    answers, imported = {}, {}
    for name in names:
        before = set(sys.modules)
        answers[name] = where(name).to_dict()
        imported[name] = sorted(set(sys.modules) - before)
    return {"answers": answers, "imported": imported}


def ask_loaded(names: list[str]) -> dict[str, Facts]:
    """Import the names for real, then ask: for each module that came, its file and the answer."""
    from ipython_where import where

    with open(os.devnull, "w") as silence:
        sys.stdout = sys.stderr = silence
        for name in names:
            __import__(name)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in names and all(part.isidentifier() for part in name.split(".")):
            found[name] = {"file": getattr(module, "__file__", None), "answer": where(name).to_dict()}
    return found


def ask_parts(_: None) -> dict[str, tuple[bool, bool]]:
    """For each distribution: whether it may have a part for a Jupyter server, and whether it has one."""
    from ipython_where.answer.front_end import ask_front_end
    from ipython_where.answer.parts import may_have_parts
    from ipython_where.answer.world import World

    world = World.here()
    return {
        metadata: (may_have_parts(metadata, world), ask_front_end(metadata, world)[0] is not None)
        for metadata in world.distributions.all(world.path)
    }


TASKS: dict[str, Callable[[Any], Any]] = {
    each.__name__: each
    for each in (list_names, read_owners, import_each, find_below, find_copies, ask_each, ask_loaded, ask_parts)
}
