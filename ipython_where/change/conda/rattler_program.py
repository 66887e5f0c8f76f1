"""Asks py-rattler to solve, to link what it solved into a stage, or to lock; run by `pip_server`, the first two in one process.

``rattler_program.py solve|link|lock ASKED``: ASKED is a JSON file, which names the file that the answer is written to. A
solution is kept in this process, because its records cannot be read back from JSON. The lines on standard output tell how far
it is: `amount DONE TOTAL BYTES`.

Nothing is imported but the standard library and py-rattler, which is never loaded into a kernel: it takes a tenth of a second,
and its threads were seen to crash an interpreter that shuts down.

Tested in `tests/change/conda/test_conda_change.py`.
"""

from __future__ import annotations

import asyncio
import glob
import importlib.util
import json
import os
import sys
import types
from typing import Any

_KEPT = "ipython_where solution"


def main(what: str, asked: str) -> None:
    with open(asked, encoding="utf-8") as file:
        request = json.load(file)
    sys.path[:0] = request["path"]
    try:
        answer = asyncio.run({"solve": solve, "link": link, "lock": lock}[what](request))
    except BaseException as error:  # a panic of its Rust code is none of the exceptions that are caught otherwise
        if isinstance(error, KeyboardInterrupt):
            raise
        answer = {"error": type(error).__name__, "message": str(error)}
    with open(request["answer"], "w", encoding="utf-8") as file:
        json.dump(answer, file)
    if "error" in answer:
        os._exit(1)  # where one package fails, rattler's threads go on with the others


# -- solving -----------------------------------------------------------------------------------------------------------


async def solve(asked: dict[str, Any]) -> dict[str, Any]:
    """The packages that are there, and those that shall be: what is asked for is a match spec each."""
    from rattler import PrefixRecord

    files = sorted(glob.glob(f"{glob.escape(asked['prefix'])}/conda-meta/*.json"))
    there = [PrefixRecord.from_path(path) for path in files]
    told: dict[str, Any] = {}
    if asked["listed"] is not None:
        found, told = await _beside("rattler_lists").listed(asked, there, _gateway(asked), _client(asked))
    elif asked["removed"] is None:
        found = await _solved(asked, there)
    else:
        gone = set(asked["removed"])
        found = [each for each in there if each.name.normalized not in gone]
    solution = types.ModuleType(_KEPT)
    solution.records = found  # type: ignore[attr-defined]
    sys.modules[_KEPT] = solution
    before = {each.name.normalized: each for each in there}
    if asked["offline"]:
        await _refuse_undownloaded([each for each in found if _comes(each, before, asked["again"])])
    return {
        "installed": [{**_told(each), "file": os.path.basename(path)} for path, each in zip(files, there, strict=True)],
        "solution": [{**_told(each), "newer": _is_newer(each, before.get(each.name.normalized))} for each in found],
        **told,
    }


def _beside(stem: str) -> types.ModuleType:
    """A module that lies beside this file, whose folder is on no path."""
    name, file = f"ipython_where {stem}", os.path.join(os.path.dirname(__file__), f"{stem}.py")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class OfflineError(Exception):
    """Packages that were never downloaded, each on a line."""


def _comes(record: Any, before: dict[str, Any], again: list[str]) -> bool:
    """Whether a package is linked: it isn't there, or is linked again. A file of this machine needs no network."""
    name = record.name.normalized
    there = before.get(name)
    is_there = there is not None and (record.version, record.build) == (there.version, there.build)
    return (name in again or not is_there) and not record.url.startswith("file:")


async def _refuse_undownloaded(records: list[Any]) -> None:
    """Raise `OfflineError` for what isn't in rattler's cache, if it is where this program can tell."""
    from rattler.package_cache import PackageCache

    folder = _cache()
    if folder is None:
        return
    kept = await PackageCache(folder).index()
    missing = sorted(each.file_name for each in records if not kept.contains_record(each))
    if missing:
        raise OfflineError("\n".join(missing))


async def _solved(asked: dict[str, Any], there: list[Any]) -> list[Any]:
    """Solve; with flexible priority first as with a strict one, which is what conda's `flexible` comes to."""
    from rattler import ChannelPriority
    from rattler.exceptions import SolverError

    if asked["priority"] != "disabled":
        try:
            return await _solved_by(asked, there, ChannelPriority.Strict)
        except SolverError:
            if asked["priority"] == "strict":
                raise
    return await _solved_by(asked, there, ChannelPriority.Disabled)


async def _solved_by(asked: dict[str, Any], there: list[Any], priority: Any) -> list[Any]:
    from rattler import MatchSpec, VirtualPackage, VirtualPackageOverrides, solve

    free = set(asked["free"])
    locked = [each for each in there if not asked["all_free"] and each.name.normalized not in free]
    found: list[Any] = await solve(
        sources=asked["channels"],
        specs=[MatchSpec(each) for each in asked["specs"]],  # a text would be parsed more strictly than conda does
        gateway=_gateway(asked),
        platforms=asked["platforms"],
        locked_packages=locked,
        pinned_packages=locked if asked["frozen"] else [],
        virtual_packages=VirtualPackage.detect(VirtualPackageOverrides.from_env()),
        channel_priority=priority,
        constraints=[MatchSpec(each) for each in asked["constraints"]],
    )
    return found


def _told(record: Any) -> dict[str, Any]:
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "channel": record.channel or "",
        "subdir": str(record.subdir),
        "size": record.size,
        "depends": [str(each) for each in record.depends],
        "hash": (record.sha256 or record.md5 or b"").hex(),
    }


def _is_newer(record: Any, before: Any) -> bool | None:
    """Whether its version is newer than the one that is there; None for the same version, or where there is none."""
    if before is None or record.version == before.version:
        return None
    return bool(record.version > before.version)


# -- linking -----------------------------------------------------------------------------------------------------------


async def link(asked: dict[str, Any]) -> dict[str, Any]:
    """Make the stage, which looks like the prefix, one of the solution: files in it name the prefix itself."""
    records = sys.modules[_KEPT].records
    again = set(asked["again"])
    later = _linked_later([each for each in records if each.name.normalized in asked["brought"]], _cache())
    if later:
        await _install([each for each in records if each.name.normalized not in later], asked, again)
        again = set()
    await _install(records, asked, again)
    return {}


async def _install(records: list[Any], asked: dict[str, Any], again: set[str]) -> None:
    from rattler import MatchSpec, install

    await install(
        records,
        target_prefix=asked["stage"],
        alternative_target_prefix=asked["prefix"],
        execute_link_scripts=False,
        show_progress=False,
        reinstall_packages=again,
        client=_client(asked),
        requested_specs=[MatchSpec(spec)._match_spec for spec in asked["requested"]],
        reporter=Reporter(),
    )


def _linked_later(new: list[Any], cache: str | None) -> set[str]:
    """The names of packages that are linked when the entry points of the others are there.

    rattler writes an entry point over a file of its name. If that is a package's that it has just linked, it writes through the
    hard link into the package cache, and so into every environment. In the other order it replaces the entry point's file.
    """
    scripts = [each for each in new if each.noarch.python]
    others = [each for each in new if not each.noarch.python and each.name.normalized != "python"]
    if not scripts or not others:
        return set()
    points = [_entry_points(each, cache) for each in scripts]
    known = {f"bin/{name}" for names in points if names is not None for name in names}
    if None not in points and not known:
        return set()
    files = [_files(each, cache) for each in others]
    if None in points or None in files or any(known & set(each) for each in files if each is not None):
        return {each.name.normalized for each in others}
    return set()


def _cache() -> str | None:
    """The folder of rattler's unpacked packages, if it is where this program can tell."""
    root = os.environ.get("RATTLER_CACHE_DIR")
    if root is None and sys.platform == "linux":
        root = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "rattler", "cache")
    return root and os.path.join(root, "pkgs")


def _entry_points(record: Any, cache: str | None) -> list[str] | None:
    """The names of a Python package's entry points; None where it isn't unpacked yet."""
    said = _unpacked(record, cache, "link.json")
    noarch = said.get("noarch") if isinstance(said, dict) else None
    listed = noarch.get("entry_points") or () if isinstance(noarch, dict) else None
    return None if listed is None else [str(each).partition("=")[0].strip() for each in listed]


def _files(record: Any, cache: str | None) -> list[str] | None:
    said = _unpacked(record, cache, "paths.json")
    listed = said.get("paths") if isinstance(said, dict) else None
    return None if listed is None else [str(each.get("_path")) for each in listed if isinstance(each, dict)]


def _unpacked(record: Any, cache: str | None, name: str) -> Any:
    """A file of an unpacked package's `info`; the lock beside the package ends with the hash of its archive."""
    if cache is None:
        return None
    folder = os.path.join(cache, f"{record.name.normalized}-{record.version}-{record.build}")
    try:
        with open(f"{folder}.lock", "rb") as file:
            if not record.sha256 or not file.read().endswith(record.sha256):
                return None
        with open(os.path.join(folder, "info", name), "rb") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


async def lock(asked: dict[str, Any]) -> dict[str, Any]:
    """What is there, as rattler's lock file."""
    written: dict[str, Any] = _beside("rattler_lists").lock(asked, _beside("public_address").without_token)
    return written


class Reporter:
    """Tells on standard output what is downloaded, and how many packages are linked."""

    def __init__(self) -> None:
        self._received: dict[int, int] = {}
        self._operations = self._done = 0

    def on_transaction_start(self, total_operations: int) -> None:
        self._operations = total_operations

    def on_transaction_operation_complete(self, operation: int) -> None:
        self._done += 1
        self._tell()

    def on_download_start(self, cache_entry: int) -> int:
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        self._received[download_idx] = progress
        self._tell()

    def _tell(self) -> None:
        print("amount", self._done, self._operations, sum(self._received.values()), flush=True)

    def __getattr__(self, name: str) -> Any:
        """Everything else that it is told."""
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda *arguments, **named: 0


# -- both --------------------------------------------------------------------------------------------------------------


def _client(asked: dict[str, Any]) -> Any:
    from rattler import Client, Config

    return Client.from_config(Config.from_toml(asked["config"]))


def _gateway(asked: dict[str, Any]) -> Any:
    from rattler import Gateway, SourceConfig

    action = "force-cache-only" if asked["offline"] else "cache-or-fetch"
    return Gateway(client=_client(asked), default_config=SourceConfig(cache_action=action))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
