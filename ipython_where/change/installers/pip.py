"""pip: the environment's own, another one with `--python`, or the wheel that ensurepip bundles.

Its plan is the report of a dry run (22.2 and newer); it stages exactly the plan's pins, with their hashes.

Tested in `tests/change/installers/test_both.py`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache
from typing import Any

from ipython_where.change.request.request import FETCHING, READING, Request
from ipython_where.errors import CommandError
from ipython_where.facts.distributions.pylock import package_of
from ipython_where.facts.settings.pip_option import Passed
from ipython_where.facts.settings.pip_options import install_options
from ipython_where.model import Evidence
from ipython_where.project_names import canonical_name
from ipython_where.redact import masked
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .child_environ import absolute, as_file, child_environ, is_secret, with_credentials, written_out
from .interface import Circumstances, Command, Differs, Pin, Refusal, Site
from .pip_downloads import PipDownloads

_STAGING = ("--no-deps", "--ignore-installed", "--no-warn-script-location", "--no-warn-conflicts")


IN_ENVIRONMENT = "pip in the environment"
"""Tells the environment's own pip from one that serves it from elsewhere."""

_NO_CACHE = frozenset({"PIP_NO_CACHE_DIR"})


@cache  # not at the import, which an install through uv waits for
def _for_plan() -> frozenset[str]:
    """Settings that a plan has taken in, by their variables: what is told exactly what to bring must not be asked for more."""
    return frozenset(
        variable
        for option in install_options().values()
        if option.name in ("--requirement", "--editable")
        or (isinstance(option.safepip, Passed) and option.safepip.in_plan)
        for variable in option.variables
    )


@cache
def _beside_a_file() -> frozenset[str]:
    """Settings that would make a plan other than what a file says: `sync` would bring what the next one removes."""
    return frozenset(
        variable
        for option in install_options().values()
        if option.name in ("--requirement", "--editable", "--only-deps")
        or (isinstance(option.safepip, Passed) and option.safepip.wants)
        for variable in option.variables
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pip:
    """pip, started as ``start`` and then the options.

    ``is_debian``: it serves Debian's own Python, where `--prefix` uses a different layout than the user site.

    ``-P`` keeps Python from importing a `pip.py` next to the notebook; starting pip by its path does the same for a Python
    without `-P`.
    """

    start: tuple[str, ...]
    how: str
    version: str | None = None
    needs_python: bool = False
    is_debian: bool = False

    name = "pip"
    priority = 0
    is_reference = True
    needs_recheck = False

    @property
    def because(self) -> str:
        return "there is no uv" if self.how == IN_ENVIRONMENT else f"there is no uv; {self.how} does it"

    def serves(self, request: Request, circumstances: Circumstances) -> Differs | Refusal | None:
        """None for every request: pip's answer is the reference."""
        return None

    def plan(self, request: Request, site: Site) -> Command:
        """A dry run with its report in a file, so that standard output can show progress."""
        wanted = _requirements(request, site.cwd)
        hidden = [line for line in wanted if is_secret(line)]
        words = [word for line in wanted if line not in hidden for word in _as_words(line)]
        more = [*_selecting(request), *_resolving(request)]
        command = self._reporting(more, words, hidden, request, site, file="wanted.txt")
        is_exact = request.command == "sync"
        return replace(command, env=_without(_beside_a_file(), command.env, site)) if is_exact else command

    def _reporting(
        self, more: list[str], words: list[str], hidden: list[str], request: Request, site: Site, *, file: str
    ) -> Command:
        report = os.path.join(site.folder, "report.json")
        options = ["install", *self._bar(request), "--dry-run", "--report", report, *more]
        return replace(self._command(options, words, hidden, request, site, file=file), answer=report)

    def _bar(self, request: Request) -> list[str]:
        """Progress lines that can be parsed, from 24.1 on: pip's other bars need a terminal."""
        version = re.match(r"(\d+)\.(\d+)", self.version or "")
        is_known = version is not None and (int(version[1]), int(version[2])) >= (24, 1)
        return ["--progress-bar=raw"] if is_known and not request.has("--progress-bar") else []

    def parse_plan(self, done: Completed, request: Request, site: Site) -> tuple[Pin, ...]:
        """The pins in the report. pip writes no report for an empty requirements file."""
        if done.returncode != 0:
            raise CommandError("pip could not resolve this", evidence=_last_lines(done.stderr))
        try:
            report = json.loads(done.stdout) if done.stdout else {"install": []}
            pins = [_pin(each) for each in report["install"]]
            return tuple(replace(pin, url=with_credentials(pin.url, request)) for pin in pins)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError("pip's report cannot be read", evidence=(masked(str(error)),)) from None

    def checks_hashes(self, site: Site) -> bool:
        return True

    def detail(self, pins: tuple[Pin, ...], request: Request, site: Site) -> Command | None:
        return None

    def parse_detail(self, pins: tuple[Pin, ...], done: Completed) -> tuple[Pin, ...]:
        return pins

    def stage(self, pins: tuple[Pin, ...], stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        """One install for the wheels that the plan downloaded, one for the other pins with hashes, one for folders and
        repositories: a single hash makes pip demand hashes for all. After an install, pip imports nothing more (26.3), so its
        process is not reused.
        """
        there = _kept_wheels(site)
        from_plan = replace(request, index_url=None, extra_index_urls=(), find_links=(_kept(site),), no_index=True)
        groups = (
            ("kept.txt", from_plan, [pin for pin in pins if pin.is_archive and pin.file in there]),
            ("archives.txt", request, [pin for pin in pins if pin.is_archive and pin.file not in there]),
            ("sources.txt", request, [pin for pin in pins if not pin.is_archive]),
        )
        return tuple(self._staging(chosen, stage, asked, site, file=file) for file, asked, chosen in groups if chosen)

    def _staging(self, pins: Sequence[Pin], stage: str, request: Request, site: Site, *, file: str) -> Command:
        more, env = [*_STAGING, "--prefix", stage], {}
        if request.user and self.is_debian:
            more, env = [*_STAGING, "--user"], {"PYTHONUSERBASE": stage}
        archives = pins[0].is_archive
        hashed = ["--require-hashes"] if archives else []
        words = ["install", *self._bar(request), *more, *hashed, *_selecting(request)]
        lines = [_pin_line(pin) for pin in pins]
        # pip ignores `--config-settings` for what a file names (`get_requirements`): such pins are arguments
        named = not archives and request.has("--config-settings")
        shown = [line for line in lines if named and not is_secret(line)]
        hidden = [line for line in lines if line not in shown]
        on_line = [word for line in shown for word in _as_words(line)]
        command = self._command(words, on_line, hidden, request, site, file=file)
        env = {**_without(_for_plan(), command.env, site), **env}
        return replace(command, env=env, ends=True, meter=lambda: PipDownloads(len(pins)))

    def waiting(self, stage: str, request: Request, site: Site) -> None:
        """It is started once for both (see `Command.start`)."""

    def alone(self, stage: str, request: Request, site: Site) -> None:
        """Most of its time is a resolution."""

    def files_of(self, lines: Sequence[str], request: Request, site: Site) -> Command:
        """A dry run's report, as if nothing were installed."""
        more = ["--no-deps", "--ignore-installed", *_selecting(request)]
        command = self._reporting(more, [], list(lines), request, site, file="locked.txt")
        return replace(command, env=_without(_for_plan(), command.env, site))

    def parse_files(self, done: Completed) -> tuple[dict[str, Any], ...]:
        if done.returncode != 0:
            raise CommandError("pip did not find all of the files", evidence=_last_lines(done.stderr))
        try:
            report = json.loads(done.stdout)
            return tuple(_table(each["metadata"], each["download_info"], each) for each in report["install"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError("pip's report cannot be read", evidence=(masked(str(error)),)) from None

    def stage_lock(self, text: str, stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        """pip reads lock files from 26.1 on."""
        young = re.match(r"(\d+)\.(\d+)", self.version or "")
        if young is not None and (int(young[1]), int(young[2])) < (26, 1):
            raise CommandError(
                f"pip {self.version} does not read lock files",
                hint="`%safepip install -U pip` installs one that does, and `--with uv` uses uv",
            )
        path = os.path.join(site.folder, "pylock.toml")
        options = [*self._bar(request), *_STAGING, "--prefix", stage, *_selecting(request)]
        words = ["install", *options, "--requirement", path]
        command = self._command(words, [], [], request, site, file="links.txt")
        return (
            replace(
                command, env=_without(_for_plan(), command.env, site), files=(*command.files, (path, text)), ends=True
            ),
        )

    def newest(self, lines: Sequence[str], request: Request, site: Site) -> None:
        return None

    def parse_newest(self, done: Completed) -> dict[str, str]:
        return {}

    def run(self, request: Request, site: Site) -> Command:
        """Any of pip's own commands, for this environment; indexes with credentials go by variable."""
        env = {
            "PIP_SRC": os.path.join(site.folder, "src")
        }  # `download -e git+…` would check it out into the environment
        words, lines = _without_secrets(request.arguments, env)
        command = self._command([request.command], words, lines, request, site, file="options.txt")
        return replace(command, env={**command.env, **env})

    def _command(
        self, options: list[str], words: list[str], hidden: list[str], request: Request, site: Site, *, file: str
    ) -> Command:
        """``hidden`` lines go into a requirements file: other users can read a command line, but not that file."""
        env = _environ(request, site)
        python = ["--python", site.executable] if self.needs_python else []
        places = []
        for option, value in _located(request, site.cwd):
            if not is_secret(value):
                places.append(f"{option}={value}")
            elif option == "--index-url":
                env["PIP_INDEX_URL"] = value
            else:
                hidden = [f"{option} {value}", *hidden]
        if options[0] == "install":
            places += [f"--trusted-host={each}" for each in dict.fromkeys(_loopbacks(request, site))]
        if options[0] == "install" and _keeps_no_cache(request, env, site):
            env = {**_without(_NO_CACHE, env, site), "PIP_CACHE_DIR": os.path.join(site.folder, "pip-cache")}
        path = os.path.join(site.folder, file)
        # pip 26.3 keeps groups between runs in one process
        start = () if self.needs_python or request.wanting else self.start
        return Command(
            argv=(
                *self.start,
                *python,
                options[0],
                *places,
                *options[1:],
                *(["--requirement", path] if hidden else []),
                *words,
            ),
            env=env,
            cwd=site.cwd,
            files=((path, as_file(hidden)),) if hidden else (),
            start=start,
            kept=_kept(site),
            meter=PipDownloads,
        )


def _kept(site: Site) -> str:
    """The folder in which the plan leaves the wheels that it had to download: an index that serves metadata spares it that."""
    return os.path.join(site.folder, "wheels")


def _kept_wheels(site: Site) -> frozenset[str | None]:
    try:
        return frozenset(os.listdir(_kept(site)))
    except OSError:
        return frozenset()


def _as_words(line: str) -> list[str]:
    option, blank, value = line.partition(" ")
    return [option, value] if blank and option in ("--editable", "--requirement", "--constraint") else [line]


def _environ(request: Request, site: Site) -> dict[str, str]:
    """The child's variables. If a configuration file would divert the install or get in its way, pip reads no files, and gets
    their other settings here. Commands that only read keep their own sections, unless these divert.

    A flag would not do: none overrides `target` from a file, and builds start their own pip.
    """
    env = child_environ(site.environ)
    if site.pip_files_divert or (site.pip_files_hinder and request.command not in (*READING, *FETCHING)):
        env |= _without_files(site)
    proxy = request.value("--proxy")
    if proxy is not None and is_secret(proxy):
        env["PIP_PROXY"] = proxy
    return env


def _without_files(site: Site) -> dict[str, str]:
    """The variables that say what pip's configuration files say, and that pip reads none."""
    named = {f"PIP_{key.upper().replace('-', '_')}": value for key, value in site.pip.items()}
    return {**named, "PIP_CONFIG_FILE": os.devnull}


def _without(variables: Set[str], env: Mapping[str, str], site: Site) -> dict[str, str]:
    """The variables without these settings. An empty variable would not do: then the file's counts."""
    named = _without_files(site)
    more = named if named.keys() & variables else {}
    return {name: value for name, value in {**env, **more}.items() if name not in variables}


def _keeps_no_cache(request: Request, env: Mapping[str, str], site: Site) -> bool:
    """Whether pip would keep no cache. It gets a private one, or the staging would download again what the plan did: source
    archives, and what builds them.
    """
    return request.has("--no-cache-dir") or bool(env.get("PIP_NO_CACHE_DIR")) or "no-cache-dir" in site.pip


def _loopbacks(request: Request, site: Site) -> Iterator[str]:
    """The servers on this machine that files come from by plain HTTP, as host and port.

    pip trusts them anyway (`SECURE_ORIGINS`), but caches what comes by plain HTTP only from a host that is named as trusted
    (`PipSession.add_trusted_host`), and would download source once for the plan and again for the stage.
    """
    from urllib.parse import urlsplit

    configured = (
        word for key in ("index-url", "extra-index-url", "find-links") for word in site.pip.get(key, "").split()
    )
    for url in (request.index_url or "", *request.extra_index_urls, *request.find_links, *configured):
        host = re.match(r"http://(?:[^/@]*@)?(localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|$)", url)
        if host is not None:
            yield urlsplit(url).netloc.rpartition("@")[2]


def _located(request: Request, cwd: str) -> Iterator[tuple[str, str]]:
    """The options that say where candidates come from."""
    if request.index_url is not None:
        yield "--index-url", _url_or_folder(request.index_url, cwd)
    for url in request.extra_index_urls:
        yield "--extra-index-url", _url_or_folder(url, cwd)
    for link in request.find_links:
        yield "--find-links", absolute(link, cwd)


def _url_or_folder(url: str, cwd: str) -> str:
    return absolute(url, cwd) if url.startswith((".", "~", "/")) else url


def _selecting(request: Request) -> list[str]:
    """The options that a plan and its staging share: which files of a version are chosen, and how they are downloaded and
    built.
    """
    found = ["--no-index"] if request.no_index else []
    found += [f"--only-binary={each}" for each in request.only_binary]
    found += [f"--no-binary={each}" for each in request.no_binary]
    return found + [each for each in request.throughout if not _is_hidden(each) and each != "--no-cache-dir"]


def _is_hidden(option: str) -> bool:
    return option.startswith("--proxy=") and is_secret(option)


def _resolving(request: Request) -> list[str]:
    found = ["--upgrade"] if request.upgrade else []
    found += [f"--upgrade-strategy={request.upgrade_strategy}"] if request.upgrade_strategy else []
    flags = {
        "--pre": request.pre,
        "--no-deps": request.no_deps,
        "--force-reinstall": request.force_reinstall,
        "--require-hashes": request.require_hashes,
        "--user": request.user,
    }
    found += [flag for flag, is_set in flags.items() if is_set]
    return [*found, *request.for_plan]


def _requirements(request: Request, cwd: str) -> list[str]:
    """The requirements as lines of a requirements file."""
    return [
        *(f"--requirement {absolute(each, cwd)}" for each in request.requirement_files),
        *(f"--constraint {absolute(each, cwd)}" for each in request.constraint_files),
        *(f"--editable {written_out(each, cwd)}" for each in request.editables),
        *(written_out(each, cwd) for each in request.requirements),
    ]


def _pin(report: dict[str, Any]) -> Pin:
    metadata, download = report["metadata"], report["download_info"]
    archive, vcs = download.get("archive_info") or {}, download.get("vcs_info") or {}
    url = str(download["url"])
    if vcs:
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    if report.get("is_direct") and download.get("subdirectory"):
        url += f"#subdirectory={download['subdirectory']}"
    return Pin(
        name=metadata["name"],
        version=metadata["version"],
        url=url if report.get("is_direct") else None,
        file=None if report.get("is_direct") else _file_at(url),
        hashes=tuple(f"{name}:{value}" for name, value in (archive.get("hashes") or {}).items()),
        requested=report.get("requested") is True,
        extras=tuple(report.get("requested_extras") or ()),
        editable=(download.get("dir_info") or {}).get("editable") is True,
        yanked="" if report.get("is_yanked") else None,
        requires=tuple(metadata.get("requires_dist") or ()),
    )


def _file_at(url: str) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(url).path).rpartition("/")[2]


def _table(metadata: Mapping[str, Any], download: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the report as a lock file's `[[packages]]` table."""
    name, version, url = metadata["name"], metadata["version"], download["url"]
    found: dict[str, Any] = {"name": canonical_name(name)}
    if report.get("is_direct") and "archive_info" not in download:
        direct_url = json.dumps(download).encode()
        return package_of(name, version, direct_url, folder=os.sep) or {}
    file = {"url": url, "hashes": dict(download["archive_info"]["hashes"])}
    found["version"] = version
    if report.get("is_direct"):
        return {**found, "archive": file}
    return {**found, "wheels": [file]} if url.partition("#")[0].endswith(".whl") else {**found, "sdist": file}


def _pin_line(pin: Pin) -> str:
    """A pin with its hashes as a line of a requirements file."""
    if pin.editable and pin.url is not None:
        return f"--editable {pin.url}" + (f"#egg={pin.name}" if "+" in pin.url.partition("://")[0] else "")
    wanted = f"{pin.name} @ {pin.url}" if pin.url is not None else f"{pin.name}=={pin.version}"
    return " ".join([wanted, *(f"--hash={each}" for each in pin.hashes if pin.is_archive)])


def _without_secrets(words: tuple[str, ...], env: dict[str, str]) -> tuple[list[str], list[str]]:
    """The words of a command that is passed on. Secret indexes go into ``env``; other secrets into lines of a requirements
    file.
    """
    plain: list[str] = []
    lines: list[str] = []
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--proxy"):
            value = value if equals else next(rest, "")
            if not is_secret(value):
                plain += [option, value]
            elif option in ("-i", "--index-url"):
                env["PIP_INDEX_URL"] = value
            elif option == "--proxy":
                env["PIP_PROXY"] = value
            else:
                lines.append(f"{option} {value}")
        elif is_secret(word) and not word.startswith("-"):
            lines.append(word)
        else:
            plain.append(word)
    return plain, lines


def _last_lines(text: str) -> tuple[Evidence | str, ...]:
    lines = [masked(line) for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not line.lstrip().startswith(("note:", "hint:", "[end of output]"))]
    first = next((number for number, line in enumerate(telling) if line.startswith("ERROR:")), None)
    if first is not None and telling[first].strip() == "ERROR: Exception:":  # and its traceback
        return (Evidence(label="pip's own code failed", value=telling[-1].strip()),)
    return tuple(
        telling[-6:] if first is None else telling[first : first + 8]
    )  # pip prints a hash mismatch below its error
