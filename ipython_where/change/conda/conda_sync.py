"""`%safeconda sync`: this kernel's environment made what a file says.

An `environment.yml` adds what it names, as `conda env update` does; with `--prune`, what it doesn't need goes. A list
(`@EXPLICIT`) brings exactly its packages, and a lock file is complete: what it lacks goes. What this kernel runs on stays.

Tested in `tests/change/conda/test_conda_sync.py`.
"""

from __future__ import annotations

import os
import re
import shlex
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace

from ipython_where.change.request.safepip_line import typed
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import UsageError
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaRecords
from ipython_where.facts.environments.conda_environments import conda_name
from ipython_where.facts.files import read_bytes, same_file
from ipython_where.model import Evidence, Finding
from ipython_where.redact import learn, masked
from ipython_where.value import dataclass

from .conda_change import CondaTask
from .conda_plan import pip_part
from .conda_request import CondaRequest
from .conda_settings import findings_of, network_of, pins_of, platforms_of, refuse_policies
from .conda_task import install_task, settings_of
from .environment_file import EnvironmentFile, Kind, kind_of, parse_environment, parse_specs
from .python_side import kernel_carriers
from .rattler_engine import Asked, Rattler

DEFAULT = "environment.yml"
_LIMIT = 64_000_000
"""Bytes of a file: the lock files of large projects have ten million."""

_STAY = ("conda", "mamba", "micromamba", "py-rattler")
"""What changes conda environments stays, as `%safepip sync` leaves installers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageList:
    """A file that lists packages one by one; only the process that has rattler reads it."""

    path: str
    kind: Kind
    text: str

    @property
    def is_complete(self) -> bool:
        """Whether what it doesn't list is not wanted."""
        return self.kind != "explicit"


def read_wanted(request: CondaRequest, target: TargetEnvironment) -> EnvironmentFile | PackageList:
    """The file of a `sync`, understood as far as it can be without rattler. Raises `UsageError` for one that can't be."""
    named = request.files[0] if request.files else DEFAULT
    path = os.path.normpath(os.path.join(target.world.system.cwd or "/", os.path.expanduser(named)))
    text = _text(named, path, is_default=not request.files)
    kind = kind_of(text, os.path.basename(path))
    if kind in ("pip", "pylock"):
        what = "a requirements file of pip's" if kind == "pip" else "a lock file of pip's (PEP 751)"
        raise UsageError(f"`{masked(named)}` is {what}", hint=f"`{typed('sync', named)}` follows it")
    if kind == "specs":
        return parse_specs(text, named)
    if kind == "environment":
        platform = _platform(target)
        return parse_environment(text, named, platform=platform, environ=target.world.environ)
    learn(*(line for line in text.splitlines() if "@" in line or "/t/" in line))
    _refuse_solving(request, named)
    return PackageList(path=path, kind=kind, text=text)


def _refuse_solving(request: CondaRequest, named: str) -> None:
    """Raise `UsageError` for an option that a list would leave without effect; with `--override-channels`, which also says that
    unread settings don't count, `-c` is only its company.
    """
    said = {
        "--channel": bool(request.channels) and not request.override_channels,
        "--freeze-installed": request.frozen,
        "--strict-channel-priority": request.strict,
        "--no-channel-priority": request.no_priority,
    }
    meant = [name for name, is_said in said.items() if is_said]
    if meant:
        raise UsageError(
            f"`{meant[0]}` is for what is solved, and `{masked(named)}` lists each package with its address",
            hint=f"`%safeconda sync {shlex.quote(masked(named))}`, without it",
        )


def _platform(target: TargetEnvironment) -> str:
    prefix = CondaPrefix(target.root)
    return platforms_of(settings_of(prefix, target.world.distributions.conda(target.root), target))[0]


def _text(named: str, path: str, *, is_default: bool) -> str:
    if "://" in named:
        raise UsageError("`%safeconda sync` takes a local file, not a URL")
    if is_default and not os.path.lexists(path):
        raise UsageError(
            f"there is no `{DEFAULT}` in the working directory, and no other file was named",
            evidence=(path,),
            hint=f"`%safeconda export {DEFAULT}` makes it from what is installed here; `%safeconda sync FILE` takes another",
        )
    data = read_bytes(path, _LIMIT + 1)
    if data is None:
        raise UsageError(f"there is no readable file `{masked(named)}`", evidence=(path,))
    if len(data) > _LIMIT:
        raise UsageError(f"`{masked(named)}` is larger than any such file: over {_LIMIT // 1_000_000} MB")
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{masked(named)}` is no text", evidence=(str(error)[:200],)) from None


def with_file(request: CondaRequest, wanted: EnvironmentFile) -> CondaRequest:
    """The request with what the file says, as if the line had said it."""
    learn(" ".join(wanted.channels))
    return replace(
        request,
        specs=wanted.specs,
        channels=(*request.channels, *wanted.channels),
        override_channels=request.override_channels or (wanted.is_alone and bool(wanted.channels)),
    )


def sync_task(
    request: CondaRequest,
    wanted: EnvironmentFile | PackageList,
    engine: Rattler,
    prefix: CondaPrefix,
    records: CondaRecords,
    target: TargetEnvironment,
) -> CondaTask:
    """What a file comes to. ``request`` is the one `with_file`."""
    if isinstance(wanted, PackageList):
        return _of_list(request, wanted, engine, prefix, records, target)
    task = install_task(request, engine, prefix, records, target)
    findings = (*task.findings, *_told(wanted, prefix, target))
    if not request.prune:
        return replace(task, findings=findings)
    stay = [each for each in _staying(records, target) if each not in task.names]
    asked = replace(task.asked, specs=(*request.specs, *stay))
    return replace(task, asked=asked, requested=request.specs, findings=findings, prunes=True)


def _of_list(
    request: CondaRequest,
    wanted: PackageList,
    engine: Rattler,
    prefix: CondaPrefix,
    records: CondaRecords,
    target: TargetEnvironment,
) -> CondaTask:
    settings = settings_of(prefix, records, target)
    refuse_policies(request, settings)
    network = network_of(request, settings, target.world.environ)
    prunes = wanted.is_complete or request.prune
    listed = {
        "kind": wanted.kind,
        "path": wanted.path,
        "text": wanted.text if wanted.kind != "rattler-lock" else "",
        "platform": platforms_of(settings)[0],
        "prunes": prunes,
        "kept": _staying(records, target),
        "pins": pins_of(request, settings, prefix.pinned),
    }
    kept = () if prunes else tuple((prefix.history.asked or {}).values())
    return CondaTask(
        request=request,
        engine=engine,
        asked=Asked(listed=listed, config=network.config, environ=network.environ, offline=network.offline),
        names=(),
        requested=kept,
        findings=tuple(findings_of(request, settings, ())),
        prunes=prunes,
    )


def _staying(records: CondaRecords, target: TargetEnvironment) -> tuple[str, ...]:
    """The packages that a file takes away from nobody: this kernel's, and the tools that change environments."""
    tools = (each for each in _STAY if records.named(each) is not None)
    return tuple(dict.fromkeys(("python", *kernel_carriers(target), *tools)))


def _told(wanted: EnvironmentFile, prefix: CondaPrefix, target: TargetEnvironment) -> Iterator[Finding]:
    """What the file says beyond its packages, and what comes of it here."""
    name, _ = conda_name(prefix.prefix, target.world.environ, target.world.home)
    is_other = wanted.prefix is not None and not same_file(wanted.prefix, prefix.prefix)
    if is_other or (wanted.prefix is None and wanted.name not in (None, name, prefix.prefix)):
        said = wanted.prefix if is_other else wanted.name
        yield Finding(
            id="other-environment",
            severity="note",
            message="the file names another environment, but `%safeconda` always means this kernel's",
            evidence=(Evidence(label="file", value=str(said)), Evidence(label="kernel", value=prefix.prefix)),
        )
    if wanted.variables:
        names = ", ".join(f"`{each}`" for each in wanted.variables)
        words = " ".join(f"{shlex.quote(each)}=…" for each in wanted.variables)
        yield Finding(
            id="file-variables",
            severity="warning",
            message=f"the file also sets {names}, which only activating an environment does",
            hint=f"`conda env config vars set -p {shlex.quote(prefix.prefix)} {words}`, in a terminal",
        )
    if wanted.ignored:
        fields = ", ".join(f"`{each}`" for each in wanted.ignored)
        yield Finding(id="file-fields", severity="warning", message=f"the file's {fields} means nothing to conda")
    if wanted.pip:
        yield from _pip(wanted, target)


def _pip(wanted: EnvironmentFile, target: TargetEnvironment) -> Iterator[Finding]:
    """What is left to do for pip; a path in it counts from the file's folder."""
    left = [each for each in wanted.pip if not _is_met(each, target)]
    if left:
        cwd = target.world.system.cwd or "/"
        yield pip_part([line_from(os.path.dirname(wanted.path), each, cwd=cwd) for each in left])


def _is_met(line: str, target: TargetEnvironment) -> bool:
    from ipython_where.facts.distributions.requirement import accepts, parse_requirement

    requirement = parse_requirement(line)
    if requirement is None or requirement.url is not None:
        return False
    installed = target.installed.get(requirement.name)
    return installed is not None and accepts(requirement.specifier, installed.version) is True


_OPTION = re.compile(r"(-[rcef]\s*=?\s*|--(?:requirement|constraint|editable|find-links)(?:\s*=\s*|\s+))(.*)")
_FILE_URL = re.compile(r"((?:[\w.-]+\s*(?:\[[^\]]*\]\s*)?@\s*)?)file:(?!/)([^\s;]*)(.*)")
_PATH = re.compile(r"\.|[\w.-]+/|[^\s;@]+\.(?:whl|zip|tar\.\w+|tgz)(?=$|[\s;\[])")


def line_from(folder: str, line: str, *, cwd: str) -> str:
    """A line of pip's with the path in it counted from the working directory, in any of pip's spellings.

    A path in a URL becomes absolute: pip would count a relative one from wherever it runs.
    """
    option = _OPTION.fullmatch(line)
    before, value = (re.sub(r"\s*=\s*", "=", option[1]), option[2]) if option else ("", line)
    url = _FILE_URL.fullmatch(value)
    if url is not None:
        path = os.path.normpath(os.path.join(cwd, folder, urllib.parse.unquote(url[2])))
        return f"{before}{url[1]}file://{urllib.parse.quote(path)}{url[3]}"
    is_path = option is not None or _PATH.match(value) is not None
    if not folder or "://" in value or os.path.isabs(value) or value.startswith("~") or not is_path:
        return line
    return f"{before}{os.path.join(folder, value.strip())}"
