"""What a conda prefix says of itself beside its records: who made it, what is pinned, whether it is frozen or pixi's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ipython_where.facts.files import JSON_LIMIT, list_directory, parse_json, read_bytes, read_text
from ipython_where.value import dataclass

from .history import CondaHistory, read_history

_LIMIT = 1_000_000
_PIXI_MARKS = ("pixi", "pixi_env_prefix", ".pixi-environment-fingerprint")
_INSTALLING = b"pixi:installing!"
_EXPORT = re.compile(r"(?m)^\s*(?:export|declare -x|typeset -x)\s+[\"']?([A-Za-z_]\w*)=")


@dataclass(frozen=True, slots=True, kw_only=True)
class PixiProject:
    """The pixi project that an environment belongs to, as far as its marks say."""

    manifest: str | None
    environment: str | None


class CondaPrefix:
    """A prefix that conda, or a tool like it, manages: each file is read when it is asked for."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def _meta(self, name: str) -> str:
        return os.path.join(self.prefix, "conda-meta", name)

    @cached_property
    def history(self) -> CondaHistory:
        """What was asked for and what each change brought."""
        return read_history(self._meta("history"))

    @cached_property
    def pinned(self) -> tuple[str, ...]:
        """The specs that no change by conda may leave, one a line; rattler and pixi don't look at them."""
        return parse_pinned(read_text(self._meta("pinned"), _LIMIT) or "")

    @property
    def is_frozen(self) -> bool:
        """Whether `conda-meta/frozen` forbids changes (CEP 22). Its presence alone counts, as for conda."""
        return os.path.isfile(self._meta("frozen"))

    @cached_property
    def frozen_message(self) -> str | None:
        """Why it is frozen, in the words of whoever froze it."""
        said = parse_json(read_text(self._meta("frozen"), JSON_LIMIT))
        message = said.get("message") if isinstance(said, dict) else None
        return message.strip() or None if isinstance(message, str) else None

    @cached_property
    def pixi(self) -> PixiProject | None:
        """The pixi project that it belongs to; None if no mark of pixi is there."""
        if not any(os.path.isfile(self._meta(each)) for each in _PIXI_MARKS):
            return None
        said = parse_json(read_text(self._meta("pixi"), JSON_LIMIT))
        known: dict[str, Any] = said if isinstance(said, dict) else {}
        texts = (known.get(key) for key in ("manifest_path", "environment_name"))
        manifest, environment = (each if isinstance(each, str) and each else None for each in texts)
        return PixiProject(manifest=manifest, environment=environment)

    @cached_property
    def made_by(self) -> str | None:
        """The tool that created it: by pixi's marks, rattler's, or the first command in its history."""
        if self.pixi is not None:
            return "pixi"
        first = next(iter(self.history.revisions), None)
        maker = maker_in(first.command) if first is not None and first.command is not None else None
        if maker is None and first is None and b"rattler" in (read_bytes(self._in("CACHEDIR.TAG"), 1000) or b""):
            return "rattler"
        return maker

    def _in(self, *names: str) -> str:
        return os.path.join(self.prefix, *names)

    def unset_by(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The variables that activating it would set, or may set, and that are not set; with the file of each.

        Only the names: `conda env config vars` is where people keep keys.
        """
        found: dict[str, str] = {}
        for name, file in self._variables():
            if name not in environ and not name.startswith(("_", "CONDA_")):
                found.setdefault(name, file)
        return found

    def _variables(self) -> Iterator[tuple[str, str]]:
        folder = self._in("etc", "conda", "env_vars.d")
        files = [self._meta("state"), *(os.path.join(folder, each) for each in sorted(list_directory(folder)))]
        for file in files:
            said = parse_json(read_text(file, JSON_LIMIT))
            held = said.get("env_vars") if file == files[0] and isinstance(said, dict) else said
            if isinstance(held, dict):
                # conda writes this in the place of a value that was unset
                yield from ((name, file) for name, value in held.items() if value != "***unset***")
        folder = self._in("etc", "conda", "activate.d")
        for script in sorted(list_directory(folder)):
            if script.endswith(".sh"):
                file = os.path.join(folder, script)
                yield from ((name, file) for name in _EXPORT.findall(read_text(file, _LIMIT) or ""))

    def leftovers(self) -> tuple[str, ...]:
        """The files that tell of a change which died, or is under way."""
        folder = self._in("conda-meta")
        found = [
            name for name in sorted(list_directory(folder)) if name.endswith(".c~") or name.startswith("prefix_record_")
        ]
        if (read_bytes(self._meta(_PIXI_MARKS[-1]), len(_INSTALLING)) or b"") == _INSTALLING:
            found.append(_PIXI_MARKS[-1])
        return tuple(os.path.join(folder, each) for each in found)


def parse_pinned(text: str) -> tuple[str, ...]:
    """The specs in a `pinned` file."""
    lines = map(str.strip, text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def maker_in(command: str) -> str | None:
    """The tool that a command of the history is one of: `conda`, `mamba`, `micromamba` or an installer made by constructor."""
    words = command.split()
    name = re.split(r"[/\\]", words[0])[-1].removesuffix(".exe") if words else ""
    is_installer = any(each.endswith(("pkgs/env.txt", "initial-state.explicit.txt")) for each in words)
    if is_installer and "--offline" in words:
        return "constructor"
    return {
        "_conda": "conda",
        "conda-env": "conda",
        "conda": "conda",
        "mamba": "mamba",
        "micromamba": "micromamba",
    }.get(name)
