"""The files that local wheels would install, read from their lists of names: nothing is unpacked or run."""

from __future__ import annotations

import configparser
import posixpath
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ipython_where.change.installers.interface import Pin
from ipython_where.change.transaction.listed_paths import RecordError, RecordRow, parse_record

from .clashes import Ground
from .new_files import NewFiles
from .wheelhouse import files_of


def read_archives(
    pins: Iterable[Pin], folders: Sequence[str], *, ground: Ground
) -> tuple[tuple[NewFiles, ...], list[str]]:
    """The files of the pins whose wheels are on this machine, and the names of the other pins."""
    found: list[NewFiles] = []
    unknown: list[str] = []
    for pin in pins:
        files = [each for each in files_of(pin, folders) if each.endswith(".whl")]
        read = _read(files[0], ground) if len(files) == 1 else None
        if read is None:
            unknown.append(pin.name)
        else:
            found.append(NewFiles(name=pin.name, files=read))
    return tuple(found), unknown


def _read(path: str, ground: Ground) -> dict[str, str | None] | None:
    """Where the files of a wheel would be installed, with their digests; None if it cannot be read."""
    try:
        with zipfile.ZipFile(path) as wheel:
            names = [each.filename for each in wheel.infolist() if not each.is_dir()]
            info = next(each for each in names if each.count("/") == 1 and each.endswith(".dist-info/RECORD"))
            digests = _digests(wheel.read(info), info)
            entry_points = info.replace("/RECORD", "/entry_points.txt")
            scripts = tuple(_scripts(wheel.read(entry_points))) if entry_points in names else ()
    except (OSError, zipfile.BadZipFile, StopIteration, RuntimeError, NotImplementedError, EOFError):
        return None
    placed = ((_place(name, ground), digests.get(name)) for name in names)
    return {
        **{target: digest for target, digest in placed if target},
        **{f"{ground.scripts}/{each}": None for each in scripts},
    }


def _digests(record: bytes, path: str) -> dict[str, str | None]:
    with suppress(RecordError):
        rows: tuple[RecordRow, ...] = parse_record(record, metadata=posixpath.dirname(path), root="/")
        return {row.path: row.digest for row in rows}
    return {}


def _place(name: str, ground: Ground) -> str | None:
    """Where an installer puts a file of a wheel, relative to the root; None if that is outside the root.

    pip refuses a path that leads out of the root, and uv skips it.
    """
    found = _joined(name, ground)
    return None if found is None or found.startswith(("/", "../")) else found


def _joined(name: str, ground: Ground) -> str | None:
    site = ground.sites[0]
    top, _, rest = posixpath.normpath(name).partition("/")
    if not top.endswith(".data"):
        return posixpath.normpath(posixpath.join(site, name))
    scheme, _, rest = rest.partition("/")
    folder = {"purelib": site, "platlib": ground.sites[-1], "scripts": ground.scripts, "data": ""}.get(scheme)
    return posixpath.normpath(posixpath.join(folder, rest)) if folder is not None and rest else None


def _scripts(entry_points: bytes) -> Iterator[str]:
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the entry points specification: names are case-sensitive
    with suppress(configparser.Error):
        parser.read_string(entry_points.decode("utf-8", "replace"))
    for section in ("console_scripts", "gui_scripts"):
        if parser.has_section(section):
            yield from (name.strip() for name, _ in parser.items(section))
