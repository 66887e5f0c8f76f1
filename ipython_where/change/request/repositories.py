"""Refuses `-e git+…`: pip checks the repository out into the environment while it plans, so no stage can hold it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ipython_where.errors import UsageError
from ipython_where.facts.distributions.pylock import is_lock_name
from ipython_where.value import dataclass

from .request import Request, parse_request
from .requirement_files import editables_of
from .safepip_line import typed

_REPOSITORY = re.compile(
    r"(?:(?P<name>[\w.-]+)\s*(?P<extras>\[[^\]]*\])?\s*@\s*)?(?P<tool>git|hg|svn|bzr)(?P<sign>[+:])(?P<url>[^\s;]+)",
    re.IGNORECASE,
)
_EGG = re.compile(r"(?:^|&)egg=([\w.-]+)\s*(\[[^\]]*\])?")
_SUBDIRECTORY = re.compile(r"(?:^|&)subdirectory=([^&]+)")
_HOST = re.compile(r"[a-z][\w+.-]*://[^/]*|[^/:]*:", re.IGNORECASE)
"""The part where an `@` does not start a revision: the host of a URL, or of git's `git@host:path`."""

_SAFE = re.compile(r"(?:[\w@%+=:,./~-]|\$\{\w+\}|\$\w+|\{\w+\})+")
_CLONE = {"git": "git clone", "hg": "hg clone", "svn": "svn checkout", "bzr": "bzr branch"}
_AT = {
    "git": "git clone {url} {folder} && git -C {folder} checkout {revision}",
    "hg": "hg clone -u {revision} {url} {folder}",
    "svn": "svn checkout -r {revision} {url} {folder}",
    "bzr": "bzr branch -r {revision} {url} {folder}",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Repository:
    """A parsed editable repository, as it was typed: its URL may hold a credential, so it has no repr."""

    tool: str
    url: str
    revision: str | None
    folder: str
    subdirectory: str
    extras: str

    @property
    def clone(self) -> str:
        """The shell command that clones it into a folder."""
        words = {"url": _word(self.url), "folder": _word(self.folder), "revision": _word(self.revision or "")}
        form = _AT[self.tool] if self.revision else f"{_CLONE[self.tool]} {{url}} {{folder}}"
        return form.format(**words)

    @property
    def editable(self) -> str:
        """The option that installs it from that folder."""
        path = "/".join(filter(None, (".", self.folder, self.subdirectory))) + self.extras
        return f'-e "{path}"' if re.search(r"\s", path) else f"-e {path}"


def parse_repository(editable: str) -> Repository | None:
    """Parse the value of an `-e`; None for a folder."""
    found = _REPOSITORY.match(editable.strip())
    if found is None:
        return None
    url, _, fragment = found["url"].partition("#")
    tool = found["tool"].lower()
    if found["sign"] == ":":
        url = f"{tool}:{url}"
    host = _HOST.match(url)
    at = url.rfind("@", host.end() if host is not None else 0)
    url, revision = (url[:at], url[at + 1 :]) if at >= 0 else (url, "")
    egg, subdirectory = _EGG.search(fragment), _SUBDIRECTORY.search(fragment)
    last = re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git")
    name = found["name"] or (egg[1] if egg is not None else "") or last
    return Repository(
        tool=tool,
        url=url,
        revision=revision or None,
        folder=re.sub(r"[^\w.-]", "", name).strip(".-") or "repository",
        subdirectory=subdirectory[1].strip("/") if subdirectory is not None else "",
        extras=found["extras"] or (egg[2] if egg is not None else None) or "",
    )


def refuse_repositories(request: Request, cwd: str, environ: Mapping[str, str]) -> None:
    """Raise `UsageError` for an editable repository in a request, or in the files that it names, before anything starts."""
    if request.command not in ("install", "sync"):
        return
    own = _of_line(request)
    files = (*request.requirement_files, *(request.arguments if request.command == "sync" else ()))
    listed = _of_files(tuple(each for each in files if not is_lock_name(each)), cwd, environ)
    found = [each for each in (*own, *listed) if parse_repository(each) is not None]
    if not found:
        return
    raise UsageError(
        "`%safepip` does not install a repository with `-e`: pip would check it out into the environment while it plans",
        evidence=tuple(f"-e {each}" for each in found),
        hint=", ".join((*_clones(found), f"then {_then(request, _parsed(own), _parsed(listed))}")),
    )


def _parsed(editables: Sequence[str]) -> list[Repository]:
    return [found for each in editables if (found := parse_repository(each)) is not None]


def _clones(editables: Sequence[str]) -> list[str]:
    return [f"`!{each.clone}`" for each in _parsed(editables)]


def _then(request: Request, own: Sequence[Repository], listed: Sequence[Repository]) -> str:
    place = "--server" if request.server else "--user" if request.user else ""
    line = f"`{typed('install', place, *(each.editable for each in own))}`" if own else ""
    lines = ", ".join(f"`{each.editable}`" for each in listed)
    return " and ".join(filter(None, (line, f"write {lines} in the file instead" if listed else "")))


def _of_line(request: Request) -> tuple[str, ...]:
    try:
        words = parse_request(request.words).editables
    except UsageError:  # an unexpanded variable stands where a requirement belongs
        return request.editables
    return _as_typed(request.editables, words)


def _of_files(files: Sequence[str], cwd: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    asked = Request(command="install", requirement_files=tuple(files))
    return _as_typed(editables_of(asked, cwd, environ=environ), editables_of(asked, cwd, environ={}))


def _as_typed(values: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """The values with their variables as typed, unless a variable holds a whole repository, or more than one."""
    if len(words) != len(values):
        return tuple(values)
    return tuple(word if parse_repository(word) is not None else each for each, word in zip(values, words, strict=True))


def _word(text: str) -> str:
    """A word of a shell command: in double quotes if it needs any, so that its variables are still expanded."""
    if _SAFE.fullmatch(text):
        return text
    return '"' + re.sub(r'(["\\`])', r"\\\1", text) + '"'
