"""The files that running Jupyter servers leave (`jpserver-PID.json`): nothing in them is trusted unchecked."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ipython_where.facts.files import JSON_LIMIT, Content, list_directory, read_file
from ipython_where.value import dataclass

from .jupyter_paths import runtime_directory

_HOST = re.compile(r"[\w.:-]+")
_BASE_URL = re.compile(r"/[\w./~@%+-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFile:
    """What a `jpserver-PID.json` says. The URL is built from checked parts, so that it contains no token or user.

    ``owner`` and ``written`` (seconds since the epoch) are the file's own metadata, not part of its text.
    """

    pid: int
    port: int
    host: str
    secure: bool
    base_url: str
    token: str = field(repr=False)
    sock: str | None
    version: str | None
    owner: int | None = field(default=None, compare=False)
    written: float = field(default=0.0, compare=False)

    @property
    def url(self) -> str:
        """The server's address as a person would open it."""
        if self.sock:
            return f"http+unix://{self.sock.replace('/', '%2F')}{self.base_url}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{self.base_url}"


def read_server_files(connection_file: str, environ: Mapping[str, str]) -> list[ServerFile]:
    """Reads the files and never removes them: on a shared home, a process missing here may run on another host."""
    found: dict[int, ServerFile] = {}
    for directory in (os.path.dirname(connection_file), runtime_directory(environ=environ)):
        for name in sorted(list_directory(directory)) if directory else ():
            if name.startswith(("jpserver-", "nbserver-")) and name.endswith(".json"):
                read = read_file(os.path.join(directory, name), JSON_LIMIT)
                file = _parse_server_file(read) if isinstance(read, Content) and _is_ours(read.status) else None
                if file:
                    found.setdefault(file.pid, file)
    return list(found.values())


def _is_ours(status: os.stat_result) -> bool:
    """Whether only this user and root could have written the file: its content decides where a token goes."""
    if os.name == "nt":
        return True
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _parse_server_file(content: Content) -> ServerFile | None:
    try:
        said = json.loads(content.data.decode("utf-8", "replace"))
        pid, port = said["pid"], said["port"]
        host, base_url = said.get("hostname") or "localhost", said.get("base_url") or "/"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # not `isinstance`: JSON's `true` is an `int` in Python
    if type(pid) is not int or type(port) is not int or pid <= 0 or not 0 <= port < 65536:
        return None
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        return None
    if not isinstance(base_url, str) or not _BASE_URL.fullmatch(base_url):
        return None
    return ServerFile(
        pid=pid,
        port=port,
        # a wildcard address says where it listens, not where to connect
        host="localhost" if host in ("0.0.0.0", "::") else host,
        secure=bool(said.get("secure")),
        base_url=base_url if base_url.endswith("/") else base_url + "/",
        token=_string(said.get("token")) or "",
        sock=_string(said.get("sock")),
        version=_string(said.get("version")),
        owner=content.status.st_uid,
        written=content.status.st_mtime,
    )


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
