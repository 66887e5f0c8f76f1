"""`%safeconda export`: what this kernel's environment has, as text or in a file.

Tested in `tests/change/conda/test_conda_export.py`.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.disk import write_users
from ipython_where.errors import UsageError, WhereError
from ipython_where.facts.conda.ownership import lost_metadata
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaRecord, CondaRecords
from ipython_where.facts.environments.conda_environments import conda_name
from ipython_where.facts.files import parse_json, read_text, read_utf8
from ipython_where.model import Evidence
from ipython_where.project_names import canonical_name
from ipython_where.redact import masked

from .conda_request import CondaRequest
from .conda_settings import network_of, platforms_of
from .conda_task import settings_of
from .environment_file import Kind, kind_of
from .environment_text import (
    Exported,
    ExportedPackage,
    Format,
    conda_lock_text,
    environment_text,
    explicit_text,
    format_of,
    lock_text,
)
from .public_address import spec_without_token, without_token
from .rattler_engine import Asked, find_rattler, parsed
from .written_spec import written

_LIMIT = 64_000_000
_KINDS: Mapping[Kind, str] = {
    "environment": "an `environment.yml`",
    "explicit": "an `@EXPLICIT` list",
    "conda-lock": "a lock file of conda-lock's",
    "rattler-lock": "a lock file of rattler's or pixi's",
    "pylock": "a lock file of Python's",
}


def export(request: CondaRequest, target: TargetEnvironment) -> str:
    """The text, or one sentence about the file that was written. Raises `WhereError`, with nothing written."""
    file = request.files[0] if request.files else None
    form = format_of(request.format, file)
    path = _path(request, file, target) if file is not None else None
    _refuse_other_options(request, form)
    said = read_exported(request, target)
    text = _text(said, form, request, target)
    if path is None:
        return text.rstrip("\n")
    try:
        write_users(target.disk, path, text.encode())
    except OSError as error:
        raise WhereError(f"`{path}` cannot be written", evidence=(str(error),)) from None
    return _sentence(said, form, request, masked(str(file)))


def _path(request: CondaRequest, file: str, target: TargetEnvironment) -> str:
    if "://" in file:
        raise UsageError("`%safeconda export` writes a local file, not a URL")
    path = os.path.normpath(os.path.join(target.world.system.cwd or "/", os.path.expanduser(file)))
    if os.path.isdir(path):
        raise UsageError(
            f"`{masked(file)}` is a folder", hint=f"`%safeconda export {file.rstrip('/')}/environment.yml`"
        )
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"`{masked(file)}` is no regular file", evidence=(path,))
    if os.path.lexists(path) and not request.yes:
        raise _existing(request, file, path)
    return path


def _existing(request: CondaRequest, file: str, path: str) -> WhereError:
    """The refusal of a file that is there: whether somebody wrote it by hand, or for other platforms, it doesn't say."""
    text = read_utf8(path)
    kind = _KINDS.get(kind_of(text, ""), "a text") if text else "no text" if text is None else "an empty file"
    evidence = [Evidence(label="file", value=path), Evidence(label="holds", value=kind)]
    with contextlib.suppress(OSError):
        written = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(os.stat(path).st_mtime))
        evidence.append(Evidence(label="changed", value=written))
    return WhereError(
        f"`{masked(file)}` exists already",
        evidence=evidence,
        hint=f"`%safeconda {masked(shlex.join(request.words))} --yes` overwrites it",
    )


def _refuse_other_options(request: CondaRequest, form: Format) -> None:
    said = {
        "--from-history": request.from_history,
        "--no-builds": request.no_builds,
        "--ignore-channels": request.ignore_channels,
    }
    meant = [name for name, is_said in said.items() if is_said]
    if form != "environment-yaml" and meant:
        raise UsageError(f"`{meant[0]}` is for an `environment.yml`, and this is the format `{form}`")


def _text(said: Exported, form: Format, request: CondaRequest, target: TargetEnvironment) -> str:
    if form == "explicit":
        return explicit_text(said)
    if form == "conda-lock":
        return conda_lock_text(said)
    if form == "rattler-lock":
        return lock_text(said, _lock(said, request, target))
    return environment_text(
        said,
        from_history=request.from_history,
        no_builds=request.no_builds,
        ignore_channels=request.ignore_channels,
    )


def _lock(said: Exported, request: CondaRequest, target: TargetEnvironment) -> str:
    """The lock file that rattler makes of the records."""
    engine = find_rattler(target)
    settings = settings_of(CondaPrefix(target.root), target.world.distributions.conda(target.root), target)
    network = network_of(request, settings, target.world.environ)
    channels = list(dict.fromkeys(each.channel for each in said.packages if each.channel))
    asked = Asked(channels=tuple(channels), config=network.config, environ=network.environ, offline=True)
    with target.site() as site:
        command = engine.lock(asked, target.root, said.platform, site)
        text: str = parsed(target.run(command, lambda line: None))["text"]
    return text


def _sentence(said: Exported, form: Format, request: CondaRequest, file: str) -> str:
    if request.from_history:
        return f"exported {len(said.asked)} wishes of conda's history to `{file}`"
    count = f"{len(said.packages)} conda package{'' if len(said.packages) == 1 else 's'}"
    if not said.pip:
        return f"exported {count} to `{file}`"
    if form == "environment-yaml":
        return f"exported {count} and {len(said.pip)} of pip's to `{file}`"
    return f"exported {count} to `{file}`, without the {len(said.pip)} that pip installed: `%safepip lock` writes those"


# -- reading -----------------------------------------------------------------------------------------------------------


def read_exported(request: CondaRequest, target: TargetEnvironment) -> Exported:
    """What is written down of an environment."""
    prefix, records = CondaPrefix(target.root), target.world.distributions.conda(target.root)
    settings = settings_of(prefix, records, target)
    lost = {each.record for each in lost_metadata(target.world.distributions, records)}
    configured = () if request.override_channels else settings.words("channels")
    pip = () if request.from_history else tuple(_of_pip(records, target))
    name, _ = conda_name(prefix.prefix, target.world.environ, target.world.home)
    return Exported(
        name=name or prefix.prefix,
        prefix=prefix.prefix,
        platform=platforms_of(settings)[0],
        packages=tuple(_package(each) for each in sorted(records.all, key=lambda each: each.name) if each not in lost),
        channels=tuple(map(without_token, (*request.channels, *configured))),
        asked=tuple(_asked(prefix, records)),
        pip=pip,
        variables=tuple(_variables(prefix)),
    )


def _asked(prefix: CondaPrefix, records: CondaRecords) -> Iterator[str]:
    """What was asked for, as conda writes it: old versions of conda forgot to write down that a package was removed."""
    for name, spec in (prefix.history.asked or {}).items():
        if records.named(name):
            yield written(spec_without_token(spec))


def _package(record: CondaRecord) -> ExportedPackage:
    said = parse_json(read_text(record.file, _LIMIT))
    if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("name", "version", "build")):
        raise WhereError(
            f"conda's record `{os.path.basename(record.file)}` can't be read",
            evidence=(Evidence(label="record", value=record.file),),
            hint="nothing was written; `%where -v` shows what is wrong with it",
        )
    depends = said.get("depends")
    return ExportedPackage(
        name=said["name"],
        version=said["version"],
        build=said["build"],
        subdir=_said(said, "subdir"),
        channel=without_token(_said(said, "channel")) if "<unknown>" not in _said(said, "channel") else "",
        url=without_token(_said(said, "url")),
        md5=_said(said, "md5").lower() or None,
        sha256=_said(said, "sha256").lower() or None,
        depends=tuple(each for each in (depends if isinstance(depends, list) else ()) if isinstance(each, str)),
    )


def _said(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""


def _of_pip(records: CondaRecords, target: TargetEnvironment) -> Iterator[str]:
    """What other installers put into the environment, as `conda export` lists it."""
    own = {os.path.join(target.root, os.fsdecode(each)) for each in records.python_metadata}
    own = {os.path.realpath(each) for each in own}
    for project, each in sorted(target.installed.all().items()):
        inside = os.path.dirname(each.metadata) in target.site_directories if each.metadata else False
        if inside and os.path.realpath(each.metadata) not in own:
            yield f"{canonical_name(project)}=={each.version}"


def _variables(prefix: CondaPrefix) -> Iterator[str]:
    said = parse_json(read_text(os.path.join(prefix.prefix, "conda-meta", "state"), _LIMIT))
    held = said.get("env_vars") if isinstance(said, dict) else None
    yield from (held if isinstance(held, dict) else ())
