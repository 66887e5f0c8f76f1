"""Which JupyterLab extensions a server's settings disable: `page_config`, merged as in jupyterlab_server 2."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ipython_where.facts.files import JSON_LIMIT, list_directory, parse_json, read_text
from ipython_where.judge.diagnose.front_end import Off

DISABLED, LOCKED = "disabledExtensions", "lockedExtensions"


class Switches(NamedTuple):
    """Switches by name: extensions and plugins, each with its value and the file that sets it."""

    disabled: Mapping[str, tuple[bool, str]]
    locked: Mapping[str, tuple[bool, str]]


def read_switches(config: Iterable[str], data: Iterable[str], prefix: str) -> Switches:
    """The switches of a server with these configuration and data directories, highest precedence first, and this prefix.

    Extensions' settings for each other have the lowest precedence, then the application's, then the configuration's.
    """
    application = os.path.join(prefix, "share", "jupyter", "lab", "settings", "page_config.json")
    groups = [(application,), *(tuple(_page_configs(folder)) for folder in reversed([*config]))]
    disabled: dict[str, tuple[bool, str]] = {}
    locked: dict[str, tuple[bool, str]] = {}
    for files in groups:
        read = [(parse_json(read_text(file, JSON_LIMIT)), file) for file in files]
        for key, into in ((DISABLED, disabled), (LOCKED, locked)):
            into.update(_merged((settings.get(key), file) for settings, file in read if isinstance(settings, dict)))
    by_others = {
        name: (True, file)
        for extension, names, file in _by_extensions(data)
        if not disabled.get(extension, (False, ""))[0]
        for name in names
    }
    return Switches(disabled={**by_others, **disabled}, locked=locked)


def _page_configs(folder: str) -> Iterator[str]:
    """The files of one configuration directory, lowest precedence first: those that packages add, then `page_config.json`."""
    labconfig = os.path.join(folder, "labconfig")
    pieces = os.path.join(labconfig, "page_config.d")
    yield from (os.path.join(pieces, name) for name in sorted(list_directory(pieces)) if name.endswith(".json"))
    yield os.path.join(labconfig, "page_config.json")


def _merged(files: Iterable[tuple[Any, str]]) -> dict[str, tuple[bool, str]]:
    """The switches of one directory: a list names what is on, and `null` cancels what an earlier file says."""
    found: dict[str, tuple[bool, str]] = {}
    for given, file in files:
        values = dict.fromkeys(filter(_is_text, given), True) if isinstance(given, list) else given
        for name, value in values.items() if isinstance(values, dict) else ():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = (bool(value), file)
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _by_extensions(data: Iterable[str]) -> Iterator[tuple[str, list[str], str]]:
    """What extensions disable in each other; each extension is read from its first folder on the path."""
    seen = set()
    for root in data:
        folder = os.path.join(root, "labextensions")
        for name in sorted(list_directory(folder)):
            below = (
                [f"{name}/{each}" for each in list_directory(os.path.join(folder, name))] if name[:1] == "@" else [name]
            )
            for each in below:
                file = os.path.join(folder, *each.split("/"), "package.json")
                package = parse_json(read_text(file, JSON_LIMIT)) if each not in seen else None
                lab = package.get("jupyterlab") if isinstance(package, dict) else None
                names = lab.get(DISABLED) if isinstance(lab, dict) else None
                seen.add(each)
                if isinstance(names, list):
                    yield each, [other for other in names if isinstance(other, str)], file


def disabled_of(extension: str, switches: Switches) -> Off | None:
    """What is disabled in an extension, None if nothing is. A name can be a pattern, as in JupyterLab."""
    whole = [(name, file) for name, (value, file) in switches.disabled.items() if value and _matches(name, extension)]
    plugins = [
        (name, file) for name, (value, file) in switches.disabled.items() if value and name.startswith(f"{extension}:")
    ]
    found = whole or plugins
    if not found:
        return None
    is_locked, where = switches.locked.get(extension, (False, ""))
    return Off(
        names=(extension,) if whole else tuple(name for name, _ in plugins),
        file=found[0][1],
        locked=where if is_locked else None,
    )


def _matches(pattern: str, extension: str) -> bool:
    try:
        return pattern == extension or re.match(pattern, extension) is not None
    except re.error:
        return False
