"""A match spec as `conda export --from-history` writes it: what was asked for, in conda's canonical words. Pure.

conda reads a spec in many spellings and writes one (conda/models/match_spec.py, `MatchSpec.__str__`, `conda_env_form`). Where its
last step would ask for something else, it is not taken: conda cuts a spec's channel off, and makes `=2.1`, which is any 2.1, of
`==2.1`.

Tested in `tests/change/conda/test_written_spec.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ipython_where.value import dataclass

from .conda_plan import channel_name

_ARCHIVE = re.compile(r"(?:(.+)/)?([^/]+)-([^/-]+)-([^/-]+)\.(?:conda|tar\.bz2)")
_BRACKETS = re.compile(r".*(\[.*\])")
_FIELD = re.compile(r"([a-zA-Z0-9_-]+?)=([\"']?)([^'\"]*?)\2(?:[, ]|$)")
_PARENTHESES = re.compile(r".*(\(.*\))")
_NAME = re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_.*-]*")
_PART = re.compile(r"(?:==?|!=|<=?|>=?|~=)?[^=<>!~\s][^=<>~\s]*|\^.*\$|")
_NAME_AND_REST = re.compile(r"([^ =<>!~]+)([><!=~ ].+)?")
_VERSION_AND_BUILD = re.compile(r"(.+?[^><!,|]?)(?:(?<![=!|,<>~])[ =]([^-=,|<>~]+?))?$")
_PLATFORM = re.compile(r"(.*?)(?:/(noarch|(?:linux|osx|win|freebsd|emscripten|wasi|zos)-\w+))?/?$")
_OTHERS = ("build_number", "track_features", "features", "url", "md5", "sha256", "license", "license_family", "fn")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    channel: str
    platform: str
    name: str
    version: str
    build: str
    others: tuple[tuple[str, str], ...] = ()


def written(spec: str) -> str:
    """The spec as conda writes it; unchanged if it isn't one that conda reads."""
    read = _archive(spec) or _read(spec)
    return spec if read is None else _write(read)


# -- reading -----------------------------------------------------------------------------------------------------------


def _archive(spec: str) -> _Spec | None:
    """The spec that the address of an archive stands for."""
    found = _ARCHIVE.fullmatch(spec.partition("#")[0])
    if found is None or found[1] is None:
        return None
    channel, platform = _channel(found[1] if "://" in found[1] else f"file://{found[1]}")
    if not platform:
        return None
    return _Spec(channel=channel, platform=platform, name=found[2], version=found[3], build=found[4])


def _read(spec: str) -> _Spec | None:
    text, fields = _bracketed(spec.partition("#")[0].split(" if ", 1)[0].strip())
    if parentheses := _PARENTHESES.match(text):
        text = text.replace(parentheses[1], "")  # conda reads what they hold and forgets it
    place, _, text = text.rpartition(":")
    found = _NAME_AND_REST.match(text.strip())
    known = {"channel", "subdir", "version", "build", *_OTHERS}
    if found is None or _NAME.fullmatch(found[1]) is None or not known.issuperset(fields):
        return None
    # `CHANNEL:NAMESPACE:NAME`, whose namespace means nothing yet
    channel, platform = _channel(fields.get("channel") or (place.rpartition(":")[0] if ":" in place else ""))
    version, build = _version_and_build((found[2] or "").strip())
    version = _canonical(_plain(fields["version"].replace(" ", ""), "") if "version" in fields else version)
    if not all(map(_PART.fullmatch, re.split("[,|]", version))):
        return None
    return _Spec(
        channel=channel,
        platform=fields.get("subdir", platform),
        name=found[1].lower(),
        version=version,
        build=fields.get("build", build),
        others=tuple((each, fields[each]) for each in _OTHERS if each in fields),
    )


def _bracketed(text: str) -> tuple[str, dict[str, str]]:
    """A spec without its brackets, and the fields in them."""
    found = _BRACKETS.match(text)
    if found is None:
        return text, {}
    return text.replace(found[1], ""), {each[1]: each[3] for each in _FIELD.finditer(found[1][1:-1])}


def _channel(place: str) -> tuple[str, str]:
    """A channel as conda names it, and the platform's folder, which can follow it."""
    found = _PLATFORM.fullmatch(place)
    channel, platform = (found[1], found[2] or "") if found is not None else (place, "")
    is_other = "://" in channel and "://conda.anaconda.org/" not in channel
    return channel if is_other else channel_name(channel), platform


def _version_and_build(text: str) -> tuple[str, str]:
    found = _VERSION_AND_BUILD.search(text)
    if found is None:
        return "", ""
    build = (found[2] or "").strip()
    return _plain(found[1].replace(" ", ""), build), build


def _plain(version: str, build: str) -> str:
    """A version without the signs that say the same in fewer: `=2.1` is `2.1*`, and with a build `2.1`."""
    bare = version.lstrip("=")
    if not version.startswith("=") or not bare:
        return version
    if (version.startswith("==") and not build) or bare.endswith("$"):
        return bare
    if any(each in bare for each in "=,|"):
        return version
    return bare if build or bare.endswith("*") else f"{bare}*"


def _canonical(version: str) -> str:
    """Each part of a version that ends in a star with a dot before it: `2.1*` is `2.1.*` to conda."""
    return re.sub(r"(^|[,|])([^<>=!~^,|*]+?)\.?\*(?=$|[,|])", r"\1\2.*", version)


# -- writing -----------------------------------------------------------------------------------------------------------


def _write(spec: _Spec) -> str:
    is_channel = bool(spec.channel) and "*" not in spec.channel
    start = spec.channel + (f"/{spec.platform}" if spec.platform else "") + "::" if is_channel else ""
    outside, is_exact = _outside(spec.version, spec.build)
    if is_exact and spec.build and not _is_pattern(spec.build):
        # `NAME=VERSION=BUILD` is exactly these, with one sign as with two
        outside = f"={spec.version}={spec.build}"
    inside = ",".join(_inside(spec, is_channel=is_channel, has_version=not outside, is_exact=is_exact))
    return f"{start}{spec.name}{outside}{f'[{inside}]' if inside else ''}"


def _outside(version: str, build: str) -> tuple[str, bool]:
    """What of a version stands outside of the brackets, and whether it is an exact one."""
    if not version or version == "*" or any(each in version for each in "><$^|,"):
        return "", False
    if version.startswith(("!=", "~=")):
        return ("" if build else version), False
    if version.endswith("*"):
        return f"={version[:-1].removesuffix('.')}", False
    return f"=={version}", True


def _inside(spec: _Spec, *, is_channel: bool, has_version: bool, is_exact: bool) -> Iterator[str]:
    if spec.channel and not is_channel and spec.channel != "*":
        yield f"channel={spec.channel}"
    if spec.platform and not is_channel:
        yield f"subdir={spec.platform}"
    if spec.version and has_version and spec.version != "*":
        yield f"version='{spec.version}'"
    if spec.build and not (is_exact and not _is_pattern(spec.build)):
        is_quoted = any(each in spec.build for each in "><$^|,")
        yield f"build='{spec.build}'" if is_quoted else f"build={spec.build}"
    for name, value in spec.others:
        value = value.lower() if name.startswith("license") else value
        if not (name == "url" and spec.channel) and not (name == "fn" and "url" in dict(spec.others)):
            yield f"{name}='{value}'" if any(each in value for each in ", =") else f"{name}={value}"


def _is_pattern(build: str) -> bool:
    return any(each in build for each in "><$^|,*")
