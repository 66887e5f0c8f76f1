"""An environment written down: as conda's `environment.yml`, an `@EXPLICIT` list, or conda-lock's lock file. Pure.

What is written is what `conda export` writes (conda/plugins/environment_exporters), without tokens and passwords, and without
the values of variables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ipython_where.errors import UsageError, WhereError
from ipython_where.judge.names import near
from ipython_where.redact import masked
from ipython_where.value import dataclass

from .conda_plan import channel_name

Format = Literal["environment-yaml", "explicit", "conda-lock", "rattler-lock"]
FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(("environment-yaml", "yaml", "yml"), "environment-yaml"),
    "explicit": "explicit",
    "conda-lock": "conda-lock",
    **dict.fromkeys(("rattler-lock", "rattler", "pixi", "pixi-lock"), "rattler-lock"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedPackage:
    """A conda package as its record tells it. ``channel`` and ``url`` have no token."""

    name: str
    version: str
    build: str
    subdir: str
    channel: str
    url: str
    md5: str | None
    sha256: str | None
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An environment as it is written down. ``asked`` are the specs of conda's history, ``pip`` what conda doesn't have.

    ``variables`` are the names of those that activating it sets.
    """

    name: str
    prefix: str
    platform: str
    packages: tuple[ExportedPackage, ...]
    channels: tuple[str, ...]
    asked: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


def format_of(said: str | None, file: str | None) -> Format:
    """The format that is asked for, or that a file's name stands for. Raises `UsageError` where neither says it."""
    if said is not None:
        if said not in FORMATS:
            close = near(said, FORMATS, limit=1)
            known = ", ".join(f"`{each}`" for each in dict.fromkeys(FORMATS.values()))
            raise UsageError(
                f"`--format {masked(said)}` is none of {known}", hint=f"`--format {close[0]}`" if close else None
            )
        return FORMATS[said]
    name = (file or "environment.yml").rpartition("/")[2]
    if name.startswith(("conda-lock", "conda_lock")) and name.endswith((".yml", ".yaml")):
        return "conda-lock"
    if name.endswith(".lock"):
        return "rattler-lock"
    if name.endswith((".yml", ".yaml")):
        return "environment-yaml"
    if name.endswith(".txt"):
        return "explicit"
    raise UsageError(
        f"the name `{masked(name)}` doesn't say which format is meant",
        hint="`--format environment-yaml`, `--format explicit`, `--format conda-lock` or `--format rattler-lock`",
    )


def environment_text(said: Exported, *, from_history: bool, no_builds: bool, ignore_channels: bool) -> str:
    """An `environment.yml`."""
    if from_history and not said.asked:
        raise WhereError(
            "conda's history names nothing that was asked for here, so nothing can be exported from it",
            hint="leave out `--from-history`",
        )
    specs = said.asked if from_history else [_spec(each, no_builds=no_builds) for each in said.packages]
    found: dict[str, Any] = {"name": said.name}
    own = () if ignore_channels or (from_history and said.channels) else _own(said.packages)
    channels = list(dict.fromkeys((*own, *said.channels)))
    found |= {"channels": channels} if channels else {}
    found["dependencies"] = [*specs, *([{"pip": list(said.pip)}] if said.pip else [])]
    found["prefix"] = said.prefix
    return _comments(said, in_file=True) + _yaml(found)


def _spec(package: ExportedPackage, *, no_builds: bool) -> str:
    return "=".join((package.name, package.version, *(() if no_builds else (package.build,))))


def _own(packages: Sequence[ExportedPackage]) -> tuple[str, ...]:
    """The channels that packages came from, as conda names them."""
    return tuple(dict.fromkeys(channel_name(each.channel) for each in packages if each.channel))


def _comments(said: Exported, *, in_file: bool) -> str:
    """What is left out, as lines that each format reads as comments."""
    lines = []
    if said.variables:
        lines.append(f"# left out: the values of {', '.join(said.variables)}, which activating the environment sets")
    if said.pip and not in_file:
        lines.append(f"# left out: what pip installed ({len(said.pip)}), which `%safepip lock` writes down")
    return "".join(f"{each}\n" for each in lines)


def explicit_text(said: Exported) -> str:
    """An `@EXPLICIT` list (CEP 23), with the hash that every conda and mamba reads: md5, or sha256 where there is none."""
    _refuse_unknown([each.name for each in said.packages if not each.url], "where they came from is not known")
    lines = [_comments(said, in_file=False).rstrip()] if _comments(said, in_file=False) else []
    lines += [f"# platform: {said.platform}", "@EXPLICIT"]
    lines += [
        f"{each.url}#{said_hash}" if (said_hash := each.md5 or each.sha256) else each.url for each in said.packages
    ]
    return "\n".join(lines) + "\n"


def conda_lock_text(said: Exported) -> str:
    """conda-lock's lock file, version 1."""
    _refuse_unknown([each.name for each in said.packages if not each.url], "where they came from is not known")
    _refuse_unknown([each.name for each in said.packages if not each.md5], "conda-lock wants an md5, and there is none")
    listed = "\n".join(each.url for each in said.packages)
    metadata = {
        "content_hash": {said.platform: hashlib.sha256(listed.encode()).hexdigest()},
        "channels": [{"url": each, "used_env_vars": []} for each in _own(said.packages)],
        "platforms": [said.platform],
        "sources": [],
    }
    packages = [_locked(each, said.platform) for each in said.packages]
    return _comments(said, in_file=False) + _yaml({"version": 1, "metadata": metadata, "package": packages})


def _locked(package: ExportedPackage, platform: str) -> dict[str, Any]:
    hashes = {"md5": package.md5, "sha256": package.sha256}
    return {
        "name": package.name,
        "version": package.version,
        "manager": "conda",
        "platform": platform,
        "dependencies": {name: versions for name, _, versions in (each.partition(" ") for each in package.depends)},
        "url": package.url,
        "hash": {kind: value for kind, value in hashes.items() if value},
        "category": "main",
        "optional": False,
    }


def lock_text(said: Exported, lock: str) -> str:
    """The lock file that rattler wrote, with what it leaves out."""
    return _comments(said, in_file=False) + lock


def _refuse_unknown(names: Sequence[str], why: str) -> None:
    if names:
        shown = ", ".join(f"`{each}`" for each in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        raise WhereError(
            f"{shown} can't be listed: {why}", hint="`%safeconda export environment.yml` writes versions and builds"
        )


def _yaml(value: Mapping[str, Any]) -> str:
    try:
        import yaml
    except ImportError:
        raise WhereError(
            "PyYAML isn't installed in this kernel's environment, and this file is YAML",
            hint="`%safepip install pyyaml`; `--format explicit` does without",
        ) from None

    class Indented(yaml.SafeDumper):  # type: ignore[misc]
        """Lists as conda indents them."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    text: str = yaml.dump(
        dict(value), Dumper=Indented, sort_keys=False, default_flow_style=False, allow_unicode=True, width=1000
    )
    return text
