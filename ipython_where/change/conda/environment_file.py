"""The files that say what an environment shall have: which kind a text is, and what an `environment.yml` says. Pure.

Package lists (`@EXPLICIT`, lock files) are read by `rattler_lists`, in the process that has rattler. The format of
`environment.yml` is conda's (conda/env/env.py); `sel(linux)` is mamba's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from ipython_where.errors import UsageError
from ipython_where.facts.files import parse_json
from ipython_where.judge.conda_spec import name_in
from ipython_where.judge.names import near
from ipython_where.redact import masked
from ipython_where.value import dataclass

Kind = Literal["environment", "explicit", "conda-lock", "rattler-lock", "specs", "pip", "pylock"]

KEYS = ("name", "channels", "dependencies", "variables", "prefix")
_SELECTOR = re.compile(r"sel\((\w+)\)")
_SYSTEMS = {"linux": ("linux",), "osx": ("osx",), "win": ("win",), "unix": ("linux", "osx")}
_PIPS_OWN = re.compile(r"-|[\w.-]+\[[\w, -]+\]|[^#]*(?:;\s*(?:python|sys|platform|os)_|\s@\s)")
"""What a requirements file of pip's has, and a list of match specs has not: options, extras, markers, direct URLs.

`numpy[version='>=2']` is a match spec.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile:
    """What an `environment.yml`, or a list of match specs, says. ``channels`` may hold tokens; ``pip`` are lines for pip.

    ``is_alone``: no channel but those in it counts (`nodefaults`). ``variables`` are the names of those that it sets, and
    ``ignored`` its fields that nobody reads.
    """

    path: str
    specs: tuple[str, ...]
    pip: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    is_alone: bool = False
    name: str | None = None
    prefix: str | None = None
    variables: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def kind_of(text: str, name: str) -> Kind:
    """The kind of a file, by its content; its name decides where that has no mark."""
    if re.search(r"(?m)^[ \t]*@EXPLICIT[ \t\r]*$", text):
        return "explicit"
    if re.search(r"(?m)^lock-version\s*=", text):
        return "pylock"
    keys = _keys(text)
    if "version" in keys and "package" in keys:
        return "conda-lock"
    if "version" in keys and keys & {"packages", "environments"}:
        return "rattler-lock"
    if keys & {"dependencies", "channels"} or name.endswith((".yml", ".yaml", ".json")):
        return "environment"
    is_pips = any(_PIPS_OWN.match(each) and "[version" not in each for each in _lines(text))
    return "pip" if is_pips else "specs"


def _keys(text: str) -> set[str]:
    """The outermost keys of YAML; JSON, which is YAML, may be indented as it likes."""
    if text.lstrip().startswith("{"):
        said = parse_json(text)
        return set(said) if isinstance(said, dict) else set()
    return set(re.findall(r"(?m)^[\"']?([A-Za-z][\w-]*)[\"']?[ \t]*:(?:\s|$)", text))


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        line = line.partition("#")[0].strip() if not line.lstrip().startswith("#") else ""
        if line:
            yield line


def parse_specs(text: str, path: str) -> EnvironmentFile:
    """A list of match specs, one a line, as `conda install --file` reads it, and `conda list --export` writes it."""
    lines = tuple(_lines(text))
    for each in lines:
        if name_in(each) is None or ("=" not in each and re.match(r"\S+\s+[A-Za-z]", each)):
            raise _refused(path, f"`{masked(each)}` is no match spec")
    if not lines:
        raise _refused(path, "it names no package")
    pip = [each.split("=") for each in lines if each.endswith("=pypi_0")]  # as conda lists what pip installed
    specs = tuple(each for each in lines if not each.endswith("=pypi_0"))
    return EnvironmentFile(path=path, specs=specs, pip=tuple(f"{name}=={version}" for name, version, *_ in pip))


def parse_environment(text: str, path: str, *, platform: str, environ: Mapping[str, str]) -> EnvironmentFile:
    """What an `environment.yml` says on a platform. Raises `UsageError` that names what is wrong in it."""
    said = _load(text, path)
    for key, kind, what in (("name", str, "a text"), ("prefix", str, "a text"), ("variables", dict, "a table")):
        if not isinstance(said.get(key), kind | None):
            raise _refused(path, f"`{key}` is not {what}")
    channels = _texts(said.get("channels"), "channels", path)
    specs, pip = _dependencies(said, path, platform)
    known = tuple(each for each in said if each in KEYS)
    return EnvironmentFile(
        path=path,
        specs=specs,
        pip=pip,
        channels=tuple(_expanded(each, environ) for each in channels if each != "nodefaults"),
        is_alone="nodefaults" in channels,
        name=said.get("name"),
        prefix=said.get("prefix"),
        variables=tuple(map(_printed, said.get("variables") or ())),
        ignored=tuple(_printed(each) for each in said if each not in known),
    )


def _load(text: str, path: str) -> dict[Any, Any]:
    try:
        import yaml
    except ImportError:
        hint = "`%safepip install pyyaml` lets it be read"
        raise UsageError(
            f"`{masked(path)}` is YAML, and PyYAML isn't installed in this kernel's environment", hint=hint
        ) from None
    try:
        # not the loader in C: it ends the process where lists are nested deeply
        said = yaml.load(text, Loader=yaml.SafeLoader)
    except Exception as error:  # an odd tag's constructor raises anything
        raise _refused(path, "it is no plain YAML", *_yaml_lines(error)) from None
    if said is None:
        raise _refused(path, "it is empty")
    if not isinstance(said, dict):
        raise _refused(path, "it is no table of `channels` and `dependencies`")
    if not said.get("dependencies"):
        close = near("dependencies", [*map(_printed, said)], limit=1)
        raise _refused(path, "it has no `dependencies`", *(f"it has `{masked(each)}`" for each in close))
    return said


def _yaml_lines(error: Exception) -> Iterator[str]:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is not None and problem:
        yield f"line {mark.line + 1}: {masked(problem)}"
    else:
        yield masked((str(error).splitlines() or [type(error).__name__])[0])


def _texts(value: object, key: str, path: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _refused(path, f"`{key}` is not a list of texts")
    return tuple(value)


def _dependencies(said: Mapping[Any, Any], path: str, platform: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The match specs and pip's lines."""
    listed = said["dependencies"]
    if not isinstance(listed, list):
        raise _refused(path, "`dependencies` is not a list")
    specs: list[str] = []
    pip: list[str] = []
    for each in listed:
        if isinstance(each, dict):
            for key, value in each.items():
                if key == "pip":
                    pip += _texts(value, "pip", path)
                else:
                    specs += _selected(_printed(key), value, path, platform)
        else:
            specs.append(_spec(each, path))
    if pip and not any(name_in(each) == "pip" for each in specs):
        specs.append("pip")  # as conda adds it
    return tuple(specs), tuple(pip)


def _spec(value: object, path: str) -> str:
    if not isinstance(value, str) or name_in(value) is None:
        # a list can be anything in size: its anchors may stand for each other
        shown = (
            masked(_printed(value))
            if value is None or isinstance(value, str | int | float)
            else f"a {type(value).__name__}"
        )
        why = f"`{shown}` in `dependencies` is no match spec"
        raise _refused(path, why, *(("write it in quotes",) if isinstance(value, int | float) else ()))
    return value


def _printed(value: object) -> str:
    """A value as it is shown. Python prints no number of more than 4,300 digits."""
    try:
        return str(value)
    except ValueError:
        return "a number"


def _selected(key: str, value: object, path: str, platform: str) -> Iterable[str]:
    """The specs of an entry such as `sel(linux): numpy`."""
    found = _SELECTOR.fullmatch(key)
    if found is None or found[1] not in _SYSTEMS:
        hint = "`pip:` and `sel(linux):`, `sel(osx):`, `sel(win):`, `sel(unix):` are known"
        raise _refused(path, f"`{masked(key)}:` in `dependencies` means nothing", hint)
    values = value if isinstance(value, list) else [value]
    return [_spec(each, path) for each in values] if platform.partition("-")[0] in _SYSTEMS[found[1]] else []


def _expanded(text: str, environ: Mapping[str, str]) -> str:
    """A channel with its variables, as conda expands them."""
    return re.sub(
        r"\$(?:(\w+)|\{([^{}]*)\})", lambda found: environ.get(found[1] or found[2], found[0]), text, flags=re.ASCII
    )


def _refused(path: str, why: str, *evidence: str) -> UsageError:
    return UsageError(f"`{masked(path)}` can't be followed: {why}", evidence=evidence, unchanged=True)
