"""uv, always with `--python`: a plan takes 20 ms. Its dry run lists the changes; a second command adds hashes and sizes.

It parses the dry run's text, not its JSON: the text is as old as `uv pip`, and says where a direct requirement comes
from.

Tested in `tests/change/installers/test_both.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import editables_of
from ipython_where.errors import CommandError, UsageError
from ipython_where.facts.distributions.requirement import parse_requirement
from ipython_where.facts.files import read_text
from ipython_where.facts.settings.pip_options import install_options
from ipython_where.project_names import normalized
from ipython_where.redact import masked
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .child_environ import absolute, as_file, as_url, child_environ, is_secret, local_path, with_credentials
from .interface import Circumstances, Command, Differs, Pin, Refusal, Site
from .progress import Progress
from .uv_fit import reservation
from .uv_options import READS, SAME, VARIABLES, WITH_VALUE, proxy_variables, uv_variables
from .uv_version import numbers, version_of

# `~` is a reinstall in the same version; a direct requirement ends with `@ URL` or `(from URL)`
_CHANGE = re.compile(r" ([-+~]) (\S+?)(?:==(\S+)| @ (\S+)|)(?: \(from (\S+)\))?$")
_YANKED = r"`([^`=]+)==[^`]*` is yanked(?: \(reason: \"(.*)\"\))?"
_BEGUN = r"Downloading (\S+) \(([\d.]+)([KMGT]?i?B)\)"
_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_OUTPUT = ("--no-progress", "--color", "never")
_INDEXES = {
    **{
        each: option.uv or ""
        for each, option in install_options().items()
        if option.steers == "source" and option.takes_value
    },
    "--default-index": "UV_DEFAULT_INDEX",
    "--index": "UV_INDEX",
}
"""Options of a command that is passed on, by pip's names or uv's own: the variable for a value that is secret."""


LEAST = (0, 9)
"""The oldest uv that has all that is asked of it, as in pyproject.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uv:
    """The uv at ``path``. Its `--prefix` always has the layout of a virtual environment, whatever the interpreter's own.

    ``stages``: whether this environment has that layout too; if not, uv can only read.
    """

    path: str
    how: str
    version: str | None = None
    stages: bool = True

    name = "uv"
    priority = 10
    because = "the fastest that gives the same answer"
    is_reference = False
    needs_recheck = True

    def serves(self, request: Request, circumstances: Circumstances) -> Differs | Refusal | None:
        """Its answer is pip's unless one of its own rules, or an option or a setting that it lacks, says otherwise."""
        path = unreadable(request, circumstances.cwd)
        why_not = reservation(request, circumstances, can_stage=self.stages, unreadable=path)
        if isinstance(why_not, Refusal) or request.command in READS:
            return why_not
        return self._too_old(circumstances) or why_not

    def _too_old(self, circumstances: Circumstances) -> Refusal | None:
        """An older one fails at some command only, with a message about an option that nobody typed."""
        version = version_of(self.path, environ=circumstances.environ, cwd=circumstances.cwd)
        known = numbers(version)
        if known is None or known >= LEAST:
            return None
        return Refusal(
            reason=f"`{self.path}` is uv {version}, older than {'.'.join(map(str, LEAST))}",
            hint="`uv self update` or `%safepip install --with pip -U uv` brings a newer one",
        )

    def plan(self, request: Request, site: Site) -> Command:
        """A dry run. PEP 668 is judged by us, before anything is staged."""
        more = ["--dry-run", "--break-system-packages", *_resolving(request)]
        more += request.for_plan
        return self._command(
            ["pip", "install", *more], _requirements(request, site.cwd), request, site, file="wanted.txt"
        )

    def parse_plan(self, done: Completed, request: Request, site: Site) -> tuple[Pin, ...]:
        """The lines ` + name==version` and ` + name @ URL`; ` - ` names what is replaced."""
        if done.returncode != 0:
            raise CommandError("uv could not resolve this", evidence=_last_lines(done.stderr))
        reasons = {normalized(name): reason or "" for name, reason in _yanked(done.stderr)}
        asked, editables = _asked_for(request), editables_of(request, site.cwd, environ=site.environ)
        pins = []
        for line in (*done.stdout.splitlines(), *done.stderr.splitlines()):
            change = _CHANGE.fullmatch(line)
            if change is not None and change[1] != "-":
                name = normalized(change[2])
                url = with_credentials(change[4] or change[5], request)
                version = change[3] or _version_in(url)
                pin = Pin(name=change[2], version=version, url=url, requested=name in asked or url is not None)
                pins.append(replace(pin, yanked=reasons.get(name), editable=_is_editable(url, editables, site.cwd)))
        return tuple(pins)

    def checks_hashes(self, site: Site) -> bool:
        """From 0.13 on."""
        known = numbers(version_of(self.path, environ=site.environ, cwd=site.cwd))
        return known is not None and known >= (0, 13)

    def detail(self, pins: tuple[Pin, ...], request: Request, site: Site) -> Command | None:
        """The files of the pins: their hashes, and the size where there is one file only.

        The plan has just read the index's pages. An index without hashes leaves them unknown: uv would download every file. So
        does one that forbids caching them.
        """
        lines = [f"{pin.name}=={pin.version}" for pin in pins if pin.url is None and not pin.hashes]
        command = self._files(lines, request, site, file="pins.in") if lines else None
        return replace(command, argv=(*command.argv, "--offline")) if command is not None else None

    def parse_detail(self, pins: tuple[Pin, ...], done: Completed) -> tuple[Pin, ...]:
        if done.returncode != 0:
            return pins
        import tomllib

        try:
            packages = {normalized(each["name"]): each for each in tomllib.loads(done.stdout)["packages"]}
        except (tomllib.TOMLDecodeError, KeyError, TypeError):
            return pins
        return tuple(_detailed(pin, packages.get(normalized(pin.name))) if pin.url is None else pin for pin in pins)

    def stage(self, pins: tuple[Pin, ...], stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        """One install: uv checks the given hashes, and demands none for a folder or a repository."""
        return (self._staging([_pin_line(pin) for pin in pins], stage, request, site),) if pins else ()

    def waiting(self, stage: str, request: Request, site: Site) -> Command:
        """It starts, reads its settings and the certificates, and then the pins: most of its time for a small package."""
        return self._staging([], stage, request, site)

    def _staging(self, lines: list[str], stage: str, request: Request, site: Site) -> Command:
        more = ["--no-deps", "--prefix", stage, "--break-system-packages"]
        more += ["--compile-bytecode"] if request.has("--compile") else []
        command = self._command(["pip", "install", *more], lines, request, site, file=None)
        return replace(command, meter=Downloads)

    def alone(self, stage: str, request: Request, site: Site) -> Command:
        """It says what it installs in the words of a plan."""
        more = ["--no-deps", "--prefix", stage, "--break-system-packages"]
        command = self._command(
            ["pip", "install", *more], _requirements(request, site.cwd), request, site, file="alone.txt"
        )
        return replace(command, meter=Downloads)

    def files_of(self, lines: Sequence[str], request: Request, site: Site) -> Command:
        """uv's own lock of these lines."""
        return self._files(list(lines), request, site, file="locked.in")

    def parse_files(self, done: Completed) -> tuple[dict[str, Any], ...]:
        if done.returncode != 0:
            raise CommandError("uv did not find all of the files", evidence=_last_lines(done.stderr))
        import tomllib

        try:
            return tuple(tomllib.loads(done.stdout)["packages"])
        except (tomllib.TOMLDecodeError, KeyError, TypeError):
            raise CommandError("uv's lock cannot be read") from None

    def stage_lock(self, text: str, stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        path = os.path.join(site.folder, "pylock.toml")
        more = ["--no-deps", "--prefix", stage, "--break-system-packages", "--preview-features", "pylock"]
        command = self._command(["pip", "install", *more], [], request, site, file=os.path.basename(path))
        return (replace(command, files=((path, text),), meter=Downloads),)

    def newest(self, lines: Sequence[str], request: Request, site: Site) -> Command | None:
        """A resolution without dependencies: what the plan needed of the index is in uv's cache."""
        more = ["--no-deps", "--no-header", "--no-annotate", "--quiet"]
        return self._command(["pip", "compile", *more], list(lines), request, site, file="fitting.in")

    def parse_newest(self, done: Completed) -> dict[str, str]:
        if done.returncode != 0:
            raise CommandError("uv could not resolve this", evidence=_last_lines(done.stderr))
        found = (line.partition("==") for line in done.stdout.splitlines() if "==" in line)
        return {normalized(name): version.strip() for name, _, version in found}

    def run(self, request: Request, site: Site) -> Command:
        """uv's command of the same name. Raises `UsageError` for one that only pip has."""
        if request.command not in READS:
            raise UsageError(
                f"uv has no `{request.command}`",
                hint=f"`%safepip {request.command} --with pip …` needs pip in the environment",
            )
        env = _environ(request, site)
        words = _without_secrets(request.arguments, env)
        argv = (self.path, "pip", request.command, "--python", site.executable, *_OUTPUT, *words)
        return Command(argv=argv, env=env, cwd=site.cwd)

    def _files(self, lines: list[str], request: Request, site: Site, *, file: str) -> Command:
        """Resolve just these lines to a pylock.toml (PEP 751)."""
        more = ["--no-deps", "--no-header", "--quiet", "--format", "pylock.toml"]
        return self._command(["pip", "compile", *more], lines, request, site, file=file)

    def _command(
        self, options: list[str], lines: list[str], request: Request, site: Site, *, file: str | None
    ) -> Command:
        """Requirements and links with credentials go into a file, or without one to standard input. Indexes always go into a
        variable, which overrides the user's own.
        """
        env = _environ(request, site)
        links = [as_url(absolute(each, site.cwd)) for each in request.find_links]
        hidden = [f"--find-links {each}" for each in links if is_secret(each)] + lines
        path = os.path.join(site.folder, file) if file is not None else "-"
        text = as_file(hidden)
        more = [word for each in links if not is_secret(each) for word in ("--find-links", each)]
        if not site.uv_config:
            more.append("--no-config")
        inputs = [path] if options[1] == "compile" else ["--requirements", path]
        return Command(
            argv=(
                self.path,
                *options,
                "--python",
                site.executable,
                *_OUTPUT,
                *more,
                *_selecting(request, site.folder),
                *inputs,
            ),
            env=env,
            cwd=site.cwd,
            files=((path, text),) if file is not None else (),
            input=text if file is None else None,
        )


class Downloads:
    """Tracks uv's downloads: it prints each large file with its size at the start, and its name at the end."""

    def __init__(self) -> None:
        self._sizes: dict[str, float] = {}
        self._done = 0.0

    def __call__(self, line: str, progress: Progress) -> bool:
        begun = re.fullmatch(_BEGUN, line) if line.startswith("Downloading ") else None
        if begun is not None:
            self._sizes[begun[1]] = float(begun[2]) * _UNITS[begun[3]]
        elif line.startswith(" Downloaded "):
            self._done += self._sizes.get(line.removeprefix(" Downloaded "), 0)
        elif line.startswith("Prepared "):
            self._sizes, self._done = {}, 0.0
        progress.amount(int(self._done), int(sum(self._sizes.values())), int(self._done))
        return False


def _yanked(output: str) -> list[tuple[str, str]]:
    """The projects whose chosen version was yanked, with the reason."""
    return re.findall(_YANKED, output) if " is yanked" in output else []


def _requirements(request: Request, cwd: str) -> list[str]:
    return [
        *(f"-r {as_url(absolute(each, cwd))}" for each in request.requirement_files),
        *(f"-c {as_url(absolute(each, cwd))}" for each in request.constraint_files),
        *(f"-e {_written_out(_beside(each), cwd)}" for each in request.editables),
        *(_written_out(each, cwd) for each in request.requirements),
    ]


def _beside(editable: str) -> str:
    """A folder given as a bare word, spelled as a path: uv would take the word for a project's name."""
    return f"./{editable}" if re.fullmatch(r"[\w.-]+(?:\[[^\]]*\])?", editable) else editable


def _written_out(requirement: str, cwd: str) -> str:
    """A requirement as a line for uv. A path with a `#` in it works only as `NAME @ URL`."""
    path, extras, marker = _place_of(requirement, cwd) or ("", "", "")
    if not path:
        return requirement
    url = as_url(path)
    name = _name_at(path) if "#" in path else None
    return (f"{name}{extras} @ {url}" if name is not None else url + extras) + marker


def unreadable(request: Request, cwd: str) -> str | None:
    """The first path in a request that can't be written for uv; None if all can."""
    wanted = (*map(_beside, request.editables), *request.requirements)
    paths = (target[0] for each in wanted if (target := _place_of(each, cwd)) is not None)
    return next((path for path in paths if "#" in path and _name_at(path) is None), None)


def _place_of(requirement: str, cwd: str) -> tuple[str, str, str] | None:
    """The absolute path, extras and marker of a local requirement; None for a name or a remote URL."""
    local = local_path(requirement)
    if local is not None:
        return absolute(local[0], cwd), local[1], local[2]
    if "%23" not in requirement:
        return None
    url = re.fullmatch(r"(file:///[^#?;\[\s]*%23[^#?;\[\s]*)(\[[^\]]*\])?( ; .*)?", requirement)
    return (_path_of(url[1]), url[2] or "", url[3] or "") if url is not None else None


def _path_of(url: str) -> str:
    from urllib.parse import unquote, urlsplit

    return os.path.normpath(unquote(urlsplit(url).path))


def _name_at(path: str) -> str | None:
    """The project's name, from a wheel's file name or a folder's pyproject.toml; None if it has neither."""
    if path.endswith(".whl"):
        return os.path.basename(path).partition("-")[0]
    import tomllib

    try:
        name = str(tomllib.loads(read_text(os.path.join(path, "pyproject.toml")) or "")["project"]["name"])
    except (ValueError, KeyError, TypeError):
        return None
    return name if re.fullmatch(r"[\w.-]+", name, re.ASCII) else None


def _environ(request: Request, site: Site) -> dict[str, str]:
    """The child's variables: what pip's settings and then the request say of index and connection, in uv's words."""
    env = {**child_environ(site.environ), **(uv_variables(site.pip) or {})}
    if request.index_url is not None:
        url = request.index_url
        env["UV_DEFAULT_INDEX"] = as_url(absolute(url, site.cwd)) if url.startswith((".", "~", "/")) else url
    if "UV_DEFAULT_INDEX" in env:
        env.pop("UV_INDEX_URL", None)
    if request.extra_index_urls:
        env["UV_INDEX"] = " ".join([*env.get("UV_INDEX", "").split(), *request.extra_index_urls])
    for option, variable in VARIABLES.items():
        value = request.value(option)
        if value is not None:
            env[variable] = absolute(value, site.cwd) if "cert" in option else value
    host = request.value("--trusted-host")
    if host is not None and is_secret(host):
        env["UV_INSECURE_HOST"] = host
    proxy = request.value("--proxy")
    return {**env, **proxy_variables(proxy)} if proxy else env


def _without_secrets(words: Sequence[str], env: dict[str, str]) -> Iterator[str]:
    """The words of a command that is passed on; indexes with credentials go into ``env``."""
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        variable = _INDEXES.get(option)
        if variable is None:
            yield word
            continue
        value = value if equals else next(rest, "")
        if is_secret(value):
            env[variable] = value
        else:
            yield from (option, value)


def _selecting(request: Request, folder: str) -> Iterator[str]:
    """The options that a plan and its staging share. ``folder`` is gone afterwards."""
    if request.no_index:
        yield "--no-index"
    if request.pre:
        yield from ("--prerelease", "allow")
    for option, values in (("--only-binary", request.only_binary), ("--no-binary", request.no_binary)):
        for value in values:
            yield from (word for name in value.split(",") for word in (option, name.strip()))
    for passed in request.passed:
        option, equals, value = passed.partition("=")
        if option == "--no-cache-dir":  # `--no-cache` would download everything anew at each start
            yield from ("--cache-dir", os.path.join(folder, "uv-cache"))
        elif option in SAME and not equals:
            yield SAME[option]
        elif option in WITH_VALUE and not (option == "--trusted-host" and is_secret(value)):
            yield from (WITH_VALUE[option], value)


def _resolving(request: Request) -> list[str]:
    """`-U` is pip's: it upgrades what is named, and the rest only where that is needed, unless told to be eager."""
    flags = {
        "--no-deps": request.no_deps,
        "--reinstall": request.force_reinstall,
        "--require-hashes": request.require_hashes,
        "--upgrade": request.upgrade and request.upgrade_strategy == "eager",
    }
    found = [flag for flag, is_set in flags.items() if is_set]
    if request.upgrade and request.upgrade_strategy != "eager":
        found += [
            word for name in sorted(_asked_for(request)) for word in ("--upgrade-package", name.replace("_", "-"))
        ]
    return found


def _asked_for(request: Request) -> frozenset[str]:
    parsed = (parse_requirement(each) for each in request.requirements)
    return frozenset(each.name for each in parsed if each is not None)


def _version_in(url: str | None) -> str | None:
    """The version in a wheel's file name."""
    wheel = re.search(r"/[^/-]+-([^/-]+)(?:-\d[^/-]*)?-[^/-]+-[^/-]+-[^/-]+\.whl(?:[#?]|$)", url or "")
    return wheel[1].replace("%2B", "+") if wheel else None


def _is_editable(url: str | None, editables: Sequence[str], cwd: str) -> bool:
    """Whether a direct requirement is one of those by `-e`: uv names both alike."""
    if url is None or not url.startswith("file://"):
        return False
    folder = _path_of(url)
    places = (_place_of(_beside(each), cwd) for each in editables)
    urls = (_path_of(each.partition("[")[0]) for each in editables if each.startswith("file://"))
    return folder in (*(each[0] for each in places if each is not None), *urls)


def _detailed(pin: Pin, package: dict[str, Any] | None) -> Pin:
    if package is None:
        return pin
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    hashes = [f"{name}:{value}" for file in files for name, value in file.get("hashes", {}).items()]
    wheels = package.get("wheels", ())
    chosen = wheels if wheels else files
    return replace(pin, hashes=tuple(hashes), size=chosen[0].get("size") if len(chosen) == 1 else None)


def _pin_line(pin: Pin) -> str:
    if pin.editable and pin.url is not None:
        is_understood = "%23" not in pin.url and "[" not in pin.url
        return f"-e {pin.url}" if is_understood else f"-e {pin.name} @ {pin.url}"
    wanted = f"{pin.name} @ {pin.url}" if pin.url is not None else f"{pin.name}=={pin.version}"
    return " ".join([wanted, *(f"--hash={each}" for each in pin.hashes)])


def _last_lines(text: str) -> tuple[str, ...]:
    told = (line.strip() for line in text.splitlines() if not line.startswith("Using Python "))  # the kernel's, always
    lines = [masked(line) for line in told if line]
    return tuple(lines)[-8:]
