"""Values on their way to an installer: what is secret goes by variable or file, what is relative is made absolute.

Tested in `tests/change/test_secrets.py` and `tests/test_safepip_kernel.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from ipython_where.change.request.request import Request
from ipython_where.facts.settings.pip_options import PIP_OPTIONS
from ipython_where.redact import masked

DIVERTING = tuple(name for option in PIP_OPTIONS if option.variable == "diverts" for name in option.variables)
DIVERTING_UV = ("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_WORKING_DIR", "UV_PROJECT", "UV_BREAK_SYSTEM_PACKAGES")
_LOUD = tuple(name for option in PIP_OPTIONS if option.variable == "dropped" for name in option.variables)
_COLOURED = ("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""ipykernel sets the first two, and pip then writes its report with escape sequences in it, whatever `NO_COLOR` says."""
_HOSTS = ("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__", "PYTHONSTARTUP", "PYTHONINSPECT", "JPY_SESSION_NAME")
"""By the last one uv knows a notebook, and then says of no download when it begins and ends."""


_LOCAL = re.compile(r"(?P<path>.+?)(?P<extras>\[[^\]/]*\])?(?P<marker> ; .*)?")
_BY_NAME = re.compile(r"[\w.-]+\s*(?:\[[^\]]*\]\s*)?@")
_PLAIN = re.compile(r"[\w./~+:\\-]*", re.ASCII)
_USER = re.compile(r"://[^/@\s]+@")


def is_secret(value: str) -> bool:
    """Whether showing a URL or an option would show a credential."""
    return masked(value) != value


def child_environ(environ: Mapping[str, str], **more: str) -> dict[str, str]:
    """The variables for the child: without those that divert it, make it talk, or name another environment."""
    dropped = {*DIVERTING, *DIVERTING_UV, *_LOUD, *_COLOURED, *_HOSTS}
    kept = {name: value for name, value in environ.items() if name not in dropped}
    # on a dumb terminal, rich, which pip brings along, draws nothing that moves
    return {**kept, "NO_COLOR": "1", "TERM": "dumb", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def neutralised(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables among those of ``environ`` that would have led the install elsewhere."""
    return tuple(name for name in (*DIVERTING, *DIVERTING_UV[:4]) if environ.get(name))


def absolute(path: str, cwd: str) -> str:
    """A path as the notebook means it; a URL stays as it is."""
    if ":" in path and re.match(r"[A-Za-z][\w+.-]+:(?!\\)", path):
        return path
    return os.path.normpath(os.path.join(cwd, os.path.expanduser(path)))


def as_url(path: str) -> str:
    """A path as it can be read in a file of requirements, where blanks and `#` may end it, and on uv's command line, where
    `#` does: a URL, unless it has nothing of the kind.
    """
    if _PLAIN.fullmatch(path) or not os.path.isabs(path):
        return path
    from pathlib import PurePath

    return PurePath(path).as_uri()


def local_path(requirement: str) -> tuple[str, str, str] | None:
    """The path that a requirement names, its extras in their brackets, and its marker; None where it names none."""
    found = _LOCAL.fullmatch(requirement)
    if found is None or "://" in requirement or _BY_NAME.match(requirement):
        return None
    path = found["path"]
    is_path = path.startswith((".", "~")) or os.sep in path or "/" in path
    is_local = is_path or re.search(r"\.(?:whl|zip|tar\.\w+|tgz)$", path) is not None
    return (path, found["extras"] or "", found["marker"] or "") if is_local else None


def written_out(requirement: str, cwd: str) -> str:
    """A requirement whose local path, if it is one, is absolute; extras in brackets stay."""
    found = local_path(requirement)
    return requirement if found is None else absolute(found[0], cwd) + found[1] + found[2]


def with_credentials(url: str | None, request: Request) -> str | None:
    """A direct URL of an installer's answer with the credentials that it left out or masked, taken from the request."""
    if url is None or url.startswith("file:"):
        return url
    plain = _USER.sub("://", url, count=1)
    for text in (*request.requirements, *request.editables):
        given = re.search(r"(?:\w+\+)?[a-z]+://\S+", text)
        user = _USER.search(given[0]) if given is not None else None
        if given is not None and user is not None:
            start = re.split(r"[#?]|@(?=[^/]*$)", _USER.sub("://", given[0], count=1))[0]
            if plain.startswith(start):
                return plain.replace("://", user[0], 1)
    return url


def as_file(lines: Iterable[str]) -> str:
    """The text of a requirements file."""
    return "".join(f"{line}\n" for line in lines)
