"""The files that an installed distribution lists: pure, from the bytes of RECORD to paths below a root.

Tested in `tests/change/transaction/test_swap_plan.py`.
"""

from __future__ import annotations

import posixpath

from ipython_where.errors import WhereError
from ipython_where.model import Evidence
from ipython_where.value import dataclass

from .unfinished import STORE


class RecordError(WhereError):
    """A distribution's list of its files is missing, broken or wrong."""


class UnlistedError(RecordError):
    """A distribution's list of its files is missing or broken: an accident, no reason to distrust it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One file that a distribution lists. ``path`` is relative to the root; ``digest`` is spelled `sha256=…`."""

    path: str
    digest: str | None = None
    size: int | None = None


def parse_record(content: bytes, *, metadata: str, root: str) -> tuple[RecordRow, ...]:
    """The rows of the RECORD in the metadata directory ``metadata``, a path relative to ``root``.

    Raises `RecordError` if a line cannot be read or a path leads out of the root.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken(metadata, "RECORD", str(error)) from None
    if "\0" in text:
        raise _broken(metadata, "RECORD", "it contains a NUL character")
    lines = text.splitlines()
    if not any(lines):
        raise _broken(metadata, "RECORD", "it is empty")
    location = posixpath.dirname(metadata)
    return tuple(_row(line, number, metadata, location, root) for number, line in enumerate(lines, 1) if line)


def _row(line: str, number: int, metadata: str, location: str, root: str) -> RecordRow:
    cells = _cells(line)
    path, digest, size = cells if len(cells) == 3 else (cells[0], "", "") if len(cells) == 1 else ("", "", "")
    if not path or (digest and "=" not in digest) or (size and not size.isdecimal()):
        raise _broken(metadata, "RECORD", f"line {number}: {line[:200]}")
    return RecordRow(
        path=_located(path, location, metadata, root), digest=digest or None, size=int(size) if size else None
    )


def _cells(line: str) -> list[str]:
    if '"' not in line:
        return line.rsplit(",", 2)
    import csv

    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        return []


def parse_installed_files(content: bytes, *, metadata: str, root: str) -> tuple[RecordRow, ...]:
    """The files in an egg-info's installed-files.txt, whose paths are relative to the egg-info directory itself."""
    lines = content.decode("utf-8", "surrogateescape").splitlines()
    return tuple(RecordRow(path=_located(line, metadata, metadata, root)) for line in lines if line.strip())


def _located(path: str, start: str, metadata: str, root: str) -> str:
    """The path relative to the root, worked out from its text alone: symbolic links are never followed."""
    if start and path[0] not in "/." and path[-1] != "/" and "/." not in path and "//" not in path:
        return f"{start}/{path}"  # almost every path; `normpath` takes three times as long
    joined = posixpath.join(start, path)
    found = posixpath.relpath(path, root) if path.startswith("/") else posixpath.normpath(joined)
    if found.split("/")[0] in ("..", ".", STORE):
        raise RecordError(
            f"`{posixpath.basename(metadata)}` lists a file outside the environment",
            evidence=(
                Evidence(label="listed", value=path),
                Evidence(label="means", value=posixpath.normpath(posixpath.join(root, found))),
            ),
            hint="do not trust this distribution: read its RECORD before you remove it by hand",
            unchanged=True,
        )
    return found


def _broken(metadata: str, file: str, reason: str) -> UnlistedError:
    return UnlistedError(
        f"`{metadata}/{file}` is broken, so its files can't be determined",
        evidence=(reason,),
        unchanged=True,
    )


def no_list(metadata: str) -> UnlistedError:
    """The error for a distribution without a list of its files."""
    name = posixpath.basename(metadata)
    listing = "installed-files.txt" if name.endswith(".egg-info") else "RECORD"
    return UnlistedError(
        f"`{name}` has no {listing}, so its files can't be determined",
        evidence=(Evidence(label="in", value=posixpath.dirname(metadata)),),
        unchanged=True,
    )


def mended(error: UnlistedError, *, project: str, version: str | None, installer: str | None) -> UnlistedError:
    """The same error with a hint that repairs it: the tool that installed it, or a reinstall of the same version."""
    if installer not in ("pip", "uv", None):
        hint = f"`{installer}` installed it, so change it with that tool"
    else:
        wanted = project if version is None else f"{project}=={version}"
        hint = f"`%safepip install --force-reinstall --no-deps {wanted}` writes a new one; then run this again"
    evidence = (*error.evidence, Evidence(label="installed by", value=installer or "unknown"))
    return UnlistedError(error.message, evidence=evidence, hint=hint)
