"""py-rattler as the engine of `%safeconda`: where it is, how it is asked, and what its answers mean.

It is an extra of this package, and runs as a program of its own (`rattler_program`).

Tested in `tests/change/conda/test_conda_change.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ipython_where.change.installers.child_environ import child_environ
from ipython_where.change.installers.interface import Command, Meter, Site
from ipython_where.change.installers.progress import Progress
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import UsageError, WhereError
from ipython_where.model import Evidence
from ipython_where.redact import masked
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .public_address import without_token

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rattler_program.py")
WANTED = "py-rattler>=0.28,<0.29"
"""Its interface changes with each minor version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RattlerPackage:
    """One conda package, installed or chosen. ``newer``: than the installed one of its name; None for the same version.

    `stem` is what conda's records and its history call it.
    """

    name: str
    version: str
    build: str
    channel: str
    subdir: str
    size: int | None
    depends: tuple[str, ...]
    hash: str
    newer: bool | None = None

    @property
    def stem(self) -> str:
        """Name, version and build."""
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What distinguishes it from another package of its name; the hash where both have one tells more."""
        return self.name, self.version, self.build, self.subdir


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The packages of a prefix by name, and those that it shall have.

    Of a list of packages: ``listed`` are their names, ``unmet`` what the result lacks (a package, what it needs, and the version
    of that which is there), ``pip`` what the list has for pip, and ``left`` the categories that were left out.
    """

    installed: Mapping[str, RattlerPackage]
    solution: Mapping[str, RattlerPackage]
    listed: tuple[str, ...] = ()
    unmet: tuple[tuple[str, str, str | None], ...] = ()
    pip: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be solved. ``specs`` are match specs; ``constraints`` only limit what comes. ``free`` may move, by name.

    ``priority``: of channels, as conda calls it. ``again`` are the names that are linked again in any case.

    ``removed``: take these names away, and choose nothing. ``listed``: bring what a file lists, and choose nothing.

    ``config`` is rattler's own configuration as TOML, ``environ`` are variables for its process.
    """

    specs: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    channels: tuple[str, ...] = field(default=(), repr=False)
    platforms: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    all_free: bool = False
    frozen: bool = False
    priority: str = "flexible"
    again: tuple[str, ...] = ()
    removed: tuple[str, ...] | None = None
    listed: Mapping[str, object] | None = field(default=None, repr=False)
    config: str = field(default="", repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    offline: bool = False

    @property
    def step(self) -> str:
        """What is done meanwhile, as the progress says it."""
        if self.listed is not None:
            return "reading the list with rattler"
        return "solving with rattler" if self.removed is None else "reading conda's records"


class UnsolvableError(WhereError):
    """There is no set of packages that meets what is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rattler:
    """The py-rattler that an environment has, and the interpreter that runs it. ``folder``: where it is imported from."""

    executable: str
    folder: str
    version: str

    def solve(self, asked: Asked, prefix: str, site: Site) -> Command:
        """Ask for the packages that meet what is asked for."""
        request = {
            "prefix": prefix,
            "channels": asked.channels,
            "specs": asked.specs,
            "constraints": asked.constraints,
            "platforms": asked.platforms,
            "free": asked.free,
            "all_free": asked.all_free,
            "frozen": asked.frozen,
            "priority": asked.priority,
            "removed": asked.removed,
            "again": asked.again,
            "listed": {**asked.listed, "folder": site.folder} if asked.listed is not None else None,
        }
        return self._command("solve", request, asked, site)

    def link(
        self, asked: Asked, prefix: str, stage: str, requested: Sequence[str], brought: Sequence[str], site: Site
    ) -> Command:
        """Make the stage what was solved in the same process before. ``brought`` are the names of the packages that come."""
        common = {"prefix": prefix, "stage": stage, "requested": requested}
        request = {**common, "again": asked.again, "brought": brought}
        return self._command("link", request, asked, site)

    def lock(self, asked: Asked, prefix: str, platform: str, site: Site) -> Command:
        """Write down what a prefix has, as rattler's lock file: the answer has it as `text`."""
        request = {"prefix": prefix, "channels": asked.channels, "platform": platform, "folder": site.folder}
        return self._command("lock", request, asked, site)

    def _command(self, what: str, request: Mapping[str, object], asked: Asked, site: Site) -> Command:
        path, answer = (os.path.join(site.folder, f"rattler-{what}{end}.json") for end in ("", "-answer"))
        common = {"path": [self.folder], "config": asked.config, "offline": asked.offline, "answer": answer}
        start = (self.executable, "-P", PROGRAM)
        return Command(
            argv=(*start, what, path),
            env=child_environ(site.environ, **asked.environ),
            cwd=site.folder,
            files=((path, json.dumps({**request, **common})),),
            start=start,
            answer=answer,
            meter=_meter,
        )


def _meter() -> Meter:
    def meter(line: str, progress: Progress) -> bool:
        words = line.split()
        if words[:1] != ["amount"] or len(words) != 4 or not all(each.isdigit() for each in words[1:]):
            return False
        done, total, received = map(int, words[1:])
        progress.amount(done, total, received or None)
        return True

    return meter


def find_rattler(target: TargetEnvironment) -> Rattler:
    """The environment's py-rattler. Raises `WhereError` with the line that installs it where there is none of its kind."""
    found = target.installed.get("py-rattler")
    if found is None or not found.metadata:
        raise WhereError(
            "`%safeconda` needs py-rattler, which isn't installed in this kernel's environment",
            evidence=(target.named,),
            hint=f'`%safepip install "{WANTED}"` installs it; conda itself is not needed',
        )
    version = found.version or ""
    if version.split(".")[:2] != ["0", "28"]:
        raise WhereError(
            f"`%safeconda` doesn't know py-rattler {version}",
            evidence=(Evidence(label="py-rattler", value=version, note=found.metadata),),
            hint=f'`%safepip install "{WANTED}"` installs one that it knows',
        )
    return Rattler(executable=target.executable, folder=os.path.dirname(found.metadata), version=version)


def parse_solution(done: Completed) -> Solution:
    """The answer to `solve`. Raises `UnsolvableError`, or `WhereError` with what went wrong."""
    data = parsed(done)
    _refuse_contradictions(data["installed"])
    read = ({each["name"]: _package(each) for each in data[key]} for key in ("installed", "solution"))
    installed, solution = read
    return Solution(
        installed=installed,
        solution=solution,
        listed=tuple(data.get("listed", ())),
        unmet=tuple((name, needs, has) for name, needs, has in data.get("unmet", ())),
        pip=tuple(data.get("pip", ())),
        left=tuple(data.get("left", ())),
    )


def _refuse_contradictions(installed: Sequence[Mapping[str, Any]]) -> None:
    """Refuse two records of one package, and one that is named after another: rattler would leave either there."""
    by_name: dict[str, list[str]] = {}
    for each in installed:
        by_name.setdefault(each["name"], []).append(each["file"])
        said = _package(each).stem
        if f"{said}.json".casefold() != each["file"].casefold():
            raise WhereError(
                f"conda's record `{each['file']}` is one of `{said}`",
                hint=f"if that is what is installed, rename it to `{said}.json`",
                unchanged=True,
            )
    for name, files in by_name.items():
        if len(files) > 1:
            raise WhereError(
                f"conda has {len(files)} records of `{name}`: an installer was interrupted",
                evidence=tuple(Evidence(label="record", value=each) for each in files),
                hint="remove the record of what isn't installed",
                unchanged=True,
            )


def parsed(done: Completed) -> dict[str, Any]:
    """An answer of the program. Raises `WhereError` for one that tells of an error, and where there is none."""
    try:
        data: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = [line for line in (done.stderr or "").splitlines() if line.strip()][-4:]
        raise WhereError(
            "py-rattler gave no answer",
            evidence=(*map(masked, last), f"exit status {done.returncode}"),
            unchanged=True,
        ) from None
    if "error" in data:
        raise _error(str(data["error"]), str(data["message"]))
    return data


def _error(kind: str, message: str) -> WhereError:
    lines = tuple(line.rstrip() for line in masked(message).splitlines() if line.strip())
    if kind == "ListError":
        return WhereError(f"the list can't be followed: {lines[0]}", evidence=lines[1:10], unchanged=True)
    if kind == "OfflineError":
        hint = "without `--offline`, or the setting `offline`, they are downloaded"
        count = "a package that this needs was" if len(lines) == 1 else f"{len(lines)} packages that this needs were"
        return WhereError(
            f"{count} never downloaded, and this is offline", evidence=lines[:10], hint=hint, unchanged=True
        )
    if kind == "SolverError":
        return UnsolvableError("no set of packages meets this", evidence=lines[:30], unchanged=True)
    if kind.startswith("Invalid"):
        hint = (
            "a spec is a name (`numpy`), with versions (`numpy>=2`, `numpy=2.1`), with a build (`numpy=2.1.0=py311*`)"
        )
        return UsageError(f"this is no match spec of conda's: {lines[0] if lines else kind}", hint=hint)
    if kind in ("GatewayError", "FetchRepoDataError"):
        hint = "check the channel's name, and the network"
        return WhereError("a channel cannot be read", evidence=lines[:8], hint=hint, unchanged=True)
    return WhereError("rattler failed", evidence=(f"{kind}:", *lines[:8]), unchanged=True)


def _package(data: Mapping[str, Any]) -> RattlerPackage:
    return RattlerPackage(
        name=data["name"],
        version=data["version"],
        build=data["build"],
        channel=without_token(data["channel"]),
        subdir=data["subdir"],
        size=data["size"],
        depends=tuple(data["depends"]),
        hash=data["hash"],
        newer=data.get("newer"),
    )
