"""conda's settings, from the `.condarc` files and variables that conda itself reads, in its order (conda/base/context.py).

They are YAML: without PyYAML, a file that is there cannot be read, and that is said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ipython_where.facts.files import read_utf8
from ipython_where.value import dataclass

ALIAS = "https://conda.anaconda.org"
DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_NAMES = (".condarc", "condarc")
_YAML = (".yml", ".yaml")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]*://")
_PATH = re.compile(r"\./|\.\.|~|/")
_ADDRESS = re.compile(r"([A-Za-z][\w+.-]*://)([^/@]*@)?(.*)")
_TOKEN = re.compile(r"/t/[^/]+(?=/|$)")
_SUBDIR = re.compile(r"/(?:noarch|(?:linux|osx|win)-\w+)$")
_FLAG = re.compile(r"#\s*!(?:final|top|bottom)")
_LISTS = (
    "channels",
    "default_channels",
    "subdirs",
    "pinned_packages",
    "allowlist_channels",
    "denylist_channels",
    "disallowed_packages",
)
_TEXTS = (
    "channel_alias",
    "channel_priority",
    "client_ssl_cert",
    "exclude_newer",
    "ignore_pinned",
    "offline",
    "override_channels_enabled",
    "ssl_verify",
    "subdir",
    "use_local",
)
_ALIASES = {
    "channel": "channels",
    "client_cert": "client_ssl_cert",
    "cooldown": "exclude_newer",
    "disallow": "disallowed_packages",
    "verify_ssl": "ssl_verify",
    "whitelist_channels": "allowlist_channels",
}
_SEPARATORS = {"pinned_packages": "&", "disallowed_packages": "&"}
_MERGED = ("custom_channels", "custom_multichannels", "proxy_servers")


_NO = ("", "0", "false", "no", "off", "n", "non", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condarc:
    """The settings in force, and the files that they come from. ``values`` may hold tokens and passwords.

    ``unread`` are files that could not be read, each with the reason: what they set is unknown. ``home`` is what `~` means.
    """

    values: Mapping[str, Any]
    files: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    home: str | None = None

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty if it isn't set."""
        found = self.values.get(key)
        listed = found if isinstance(found, list) else []
        return tuple(str(each) for each in listed if isinstance(each, str | int | float) and not isinstance(each, bool))

    def text(self, key: str) -> str | None:
        """A text, or None."""
        found = self.values.get(key)
        return found if isinstance(found, str) else None

    def table(self, key: str) -> dict[str, Any]:
        """A mapping; empty if it isn't set."""
        found = self.values.get(key)
        return {str(name): value for name, value in found.items()} if isinstance(found, dict) else {}

    def flag(self, key: str, default: bool = False) -> bool:
        """Yes or no, as YAML or a variable spells it."""
        return switch(self.values.get(key, default)) is True


def switch(value: Any) -> bool | None:
    """Yes or no, as YAML or a variable spells it; None for any other text."""
    if not isinstance(value, str):
        return bool(value)
    known = {**dict.fromkeys(("1", "true", "yes", "on", "y"), True), **dict.fromkeys(_NO, False)}
    return known.get(value.strip().lower())


def condarc_files(environ: Mapping[str, str], home: str | None, *, root: str | None, prefix: str) -> Iterator[str]:
    """Where conda looks, the least important first. ``root`` is the prefix of the conda installation."""
    config = environ.get("XDG_CONFIG_HOME") or (os.path.join(home, ".config") if home else None)
    folders = ["/etc/conda", "/var/lib/conda", root, config and os.path.join(config, "conda")]
    folders += [os.path.join(home, each) for each in (".config/conda", ".conda")] if home else []
    for folder in dict.fromkeys(filter(None, folders)):
        yield from _in(str(folder))
    if home:
        yield os.path.join(home, ".condarc")
    yield from _in(prefix)
    yield from _pointed_at(environ.get("CONDARC") or "", home)


def _in(folder: str) -> Iterator[str]:
    yield from (os.path.join(folder, name) for name in _NAMES)
    yield from _yaml_in(os.path.join(folder, "condarc.d"))


def _yaml_in(folder: str) -> Iterator[str]:
    listed = sorted(os.listdir(folder)) if os.path.isdir(folder) and os.access(folder, os.R_OK) else []
    yield from (os.path.join(folder, each) for each in listed if each.endswith(_YAML))


def _at_home(path: str, home: str | None) -> str:
    return f"{home}{path[1:]}" if home and (path == "~" or path.startswith("~/")) else path


def _pointed_at(path: str, home: str | None) -> Iterator[str]:
    """The files that `CONDARC` names: one that is called like a file of settings, or those in a folder."""
    path = _at_home(path, home)
    yield from _yaml_in(path)
    if path and (os.path.basename(path) in _NAMES or path.endswith(_YAML)):
        yield path


def read_condarc(environ: Mapping[str, str], home: str | None, *, root: str | None, prefix: str) -> Condarc:
    """The settings that conda would have for a prefix."""
    layers: list[Mapping[str, Any]] = []
    files: list[str] = []
    unread: list[tuple[str, str]] = []
    for path in dict.fromkeys(condarc_files(environ, home, root=root, prefix=prefix)):
        if not os.path.isfile(path):
            continue
        text = read_utf8(path)
        found = parse_condarc(text) if text is not None else "it cannot be read"
        if isinstance(found, str):
            unread.append((path, found))
        else:
            files.append(path)
            layers.append(found)
    values = merged([*layers, variables_in(environ)], environ)
    return Condarc(values=values, files=tuple(files), unread=tuple(unread), home=home)


def parse_condarc(text: str) -> dict[str, Any] | str:
    """The settings of one file, or why they are unknown."""
    if not re.search(r"(?m)^\s*[^#\s]", text):
        return {}
    if _FLAG.search(text):
        return "it uses `#!final`, `#!top` or `#!bottom`, which only conda understands"
    try:
        import yaml
    except ImportError:
        return "PyYAML is not installed"
    try:
        found = yaml.safe_load(text)
    except Exception as error:  # an odd tag's constructor raises anything
        return f"it is no YAML: {(str(error).splitlines() or [type(error).__name__])[0]}"
    if not isinstance(found, dict):
        return {} if found is None else "it holds no settings"
    return {_ALIASES.get(str(key), str(key)): value for key, value in found.items()}


def variables_in(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that variables give: `CONDA_CHANNELS=a,b`."""
    found: dict[str, Any] = {}
    for name, value in environ.items():
        key = name.removeprefix("CONDA_").lower()
        key = _ALIASES.get(key, key)
        if not name.startswith("CONDA_") or not value:
            continue
        if key in _LISTS:
            found[key] = [each.strip() for each in value.split(_SEPARATORS.get(key, ",")) if each.strip()]
        elif key in _TEXTS:
            found[key] = value
    return found


def merged(layers: Sequence[Mapping[str, Any]], environ: Mapping[str, str]) -> dict[str, Any]:
    """The layers as one: of a list, the more important layer's words come first; of a mapping, its keys win."""
    found: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            value = _expanded(value, environ)
            if key in _LISTS:
                words = [value] if isinstance(value, str) else value if isinstance(value, list) else []
                found[key] = _joined(words, found.get(key, []))
            elif key in _MERGED and isinstance(value, dict):
                before = found.get(key, {})
                both = {name: _joined(each, before.get(name)) for name, each in value.items()}
                found[key] = {**before, **both}
            elif value is not None:
                found[key] = value
    return found


def _joined(value: Any, before: Any) -> Any:
    """Of two lists the words of both; otherwise the more important value."""
    if not isinstance(value, list) or not isinstance(before, list):
        return value
    return [each for at, each in enumerate([*value, *before]) if each not in [*value, *before][:at]]


def _expanded(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda each: environ.get(each[1] or each[2], each[0]), value)
    if isinstance(value, list):
        return [_expanded(each, environ) for each in value]
    if isinstance(value, dict):
        return {key: _expanded(each, environ) for key, each in value.items()}
    return value


class _ChannelPlace(NamedTuple):
    """Where channels are, in conda's parts: a token comes right before the channel's name, wherever it was written."""

    scheme: str
    user: str
    location: str
    token: str

    def url(self, name: str) -> str:
        return f"{self.scheme}{self.user}{self.location}{self.token}/{name.strip('/')}"


def _place(address: str) -> _ChannelPlace:
    found, token = _ADDRESS.fullmatch(_TOKEN.sub("", address, count=1).rstrip("/")), _TOKEN.search(address)
    assert found is not None, "it has a scheme"
    return _ChannelPlace(scheme=found[1], user=found[2] or "", location=found[3], token=token[0] if token else "")


def urls_of(channel: str, settings: Condarc, *, cwd: str = "/") -> tuple[str, ...]:
    """The addresses that a channel's name stands for: one, or those of a name for several (`defaults`).

    A platform at its end is left out, as the platforms are asked for by themselves.
    """
    if _PATH.match(channel):
        from pathlib import Path

        return (Path(os.path.normpath(os.path.join(cwd, _at_home(channel, settings.home)))).as_uri(),)
    channel = _SUBDIR.sub("", channel.rstrip("/"))
    alias = _alias(settings)
    if _SCHEME.match(channel):
        return (_with_credentials(channel, alias, _customs(settings, alias)),)
    several = _several(settings)
    if channel in several:
        return tuple(place.url(name) for name, place in (_member(each, alias) for each in several[channel]))
    customs = _customs(settings, alias)
    # the longest name that it begins with
    known = next((each for each in _shortened(channel) if each in customs), None)
    return ((customs[known] if known else alias).url(channel),)


def _shortened(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition("/")[0]


def _alias(settings: Condarc) -> _ChannelPlace:
    said = settings.text("channel_alias") or ALIAS
    return _place(said if _SCHEME.match(said) else f"https://{said}")


def _several(settings: Condarc) -> dict[str, tuple[str, ...]]:
    """The names that stand for several channels, each with their names or addresses."""
    said = {
        name: tuple(map(str, each))
        for name, each in settings.table("custom_multichannels").items()
        if isinstance(each, list)
    }
    return {"defaults": settings.words("default_channels") or DEFAULTS, **said}


def _customs(settings: Condarc, alias: _ChannelPlace) -> dict[str, _ChannelPlace]:
    """Where the channels are that have a place of their own: the custom ones, and those that a name for several lists."""
    found = dict(_member(each, alias) for each in (each for several in _several(settings).values() for each in several))
    for name, base in settings.table("custom_channels").items():
        found[name.strip("/")] = _place(str(base)) if _SCHEME.match(str(base)) else alias
    return found


def _member(channel: str, alias: _ChannelPlace) -> tuple[str, _ChannelPlace]:
    """The name and the place of a channel in a list for several: conda looks for no custom channel there."""
    if not _SCHEME.match(channel):
        return channel.strip("/"), alias
    place = _place(channel)
    is_below = place.location.startswith(f"{alias.location}/")
    location = alias.location if is_below else place.location.partition("/")[0]
    return place.location[len(location) :].strip("/"), place._replace(location=location)


def _with_credentials(url: str, alias: _ChannelPlace, customs: Mapping[str, _ChannelPlace]) -> str:
    """An address, with the user or the token that the settings have for its place."""
    asked = _place(url)
    if asked.user or asked.token:
        return url
    for name, place in (*sorted(customs.items(), key=lambda each: -len(each[0])), ("", alias)):
        start = f"{place.location}/{name}".rstrip("/")
        if place.scheme == asked.scheme and f"{asked.location}/".startswith(f"{start}/"):
            return place.url(asked.location[len(place.location) :])
    return url
