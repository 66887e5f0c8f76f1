"""Reads a list of packages, and finds the record of each: run by `rattler_program`, in the process that has rattler.

An `@EXPLICIT` list (CEP 23) and conda-lock's lock file (v1) name an address and hashes; what a package needs is in the index of
its channel, or else in the package itself. A lock file of rattler's or pixi's has whole records. Nothing is solved: what is
listed comes, and what was there stays unless the list is complete.

Nothing is imported but the standard library, py-rattler, and PyYAML for conda-lock.

Tested in `tests/change/conda/test_conda_sync.py`.
"""

from __future__ import annotations

import hashlib
import os
import re
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = re.compile(r"(?P<stem>(?P<name>.+)-[^-]+-[^-]+?)(?:\.conda|\.tar\.bz2)")
_HASH = re.compile(r"(?P<md5>[0-9a-f]{32})|(?:sha256:)?(?P<sha256>[0-9a-f]{64})")


class ListError(Exception):
    """What is wrong with a list: a sentence, and lines that show it."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


@dataclass(frozen=True)
class Entry:
    """A package as a list names it. ``channel`` is the address without the platform's folder."""

    url: str
    md5: str | None = None
    sha256: str | None = None

    @property
    def _parts(self) -> list[str]:
        return self.url.split("?")[0].rsplit("/", 2)

    @property
    def channel(self) -> str:
        return self._parts[0]

    @property
    def subdir(self) -> str:
        return self._parts[1]

    @property
    def file(self) -> str:
        return urllib.parse.unquote(self._parts[2])

    @property
    def name(self) -> str:
        found = _FILE.fullmatch(self.file)
        return found["name"].lower() if found else ""

    def is_met_by(self, record: Any) -> bool:
        """Whether a record is this very package: its name, version and build, and a hash if the list has one."""
        found = _FILE.fullmatch(self.file)
        stem = f"{record.name.normalized}-{record.version}-{record.build}"
        if found is None or found["stem"].lower() != stem.lower() or self.subdir != str(record.subdir):
            return False
        return self.is_comparable(record) and not self.contradicted_by(record)

    def is_comparable(self, record: Any) -> bool:
        """Whether the list has no hash, or the record has one of the kinds that the list has."""
        listed = [kind for kind in ("sha256", "md5") if getattr(self, kind)]
        return not listed or any(getattr(record, kind) for kind in listed)

    def contradicted_by(self, record: Any) -> tuple[str, str, str] | None:
        """A hash that differs: its kind, the list's and the record's."""
        for kind, wanted in (("sha256", self.sha256), ("md5", self.md5)):
            there = getattr(record, kind)
            if wanted and there and there.hex() != wanted:
                return kind, wanted, there.hex()
        return None


async def listed(
    asked: dict[str, Any], there: list[Any], gateway: Any, client: Any
) -> tuple[list[Any], dict[str, Any]]:
    """The records that shall be there, and what is told of them."""
    wanted = asked["listed"]
    before = {each.name.normalized: each for each in there}
    if wanted["kind"] == "rattler-lock":
        records, told = _of_lock(wanted, before)
    else:
        read = {"explicit": _explicit, "conda-lock": _conda_lock}[wanted["kind"]]
        entries, told = read(wanted)
        _refuse_odd(entries, wanted)
        records = await _records(entries, before, gateway, client, offline=asked["offline"], folder=wanted["folder"])
    names = [each.name.normalized for each in records]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ListError(f"`{twice[0]}` is listed twice")
    _refuse_unpinned([each for each in records if each is not before.get(each.name.normalized)], wanted["pins"])
    of_list = set(names)
    stay = [each for name, each in before.items() if name not in of_list]
    if wanted["prunes"]:
        kept = _needed(wanted["kept"], [*records, *stay])
        stay = [each for each in stay if each.name.normalized in kept]
    found = [*records, *stay]
    return found, {**told, "listed": names, "unmet": [*_unmet(found, {*map(_key, there)}, {*map(_key, found)})]}


def _refuse_unpinned(records: list[Any], pins: Iterable[str]) -> None:
    """Refuse what a pin of the environment keeps out, as a solution that has it would be."""
    from rattler import MatchSpec

    for pin in pins:
        for each in records:
            if each.name.normalized == _name(pin) and not MatchSpec(pin).matches(each):
                package = f"{each.name.normalized} {each.version}"
                raise ListError(f"`{package}` is not within the pin `{pin}`", "`--no-pin` lets it in")


def _key(record: Any) -> tuple[str, str, str]:
    return record.name.normalized, str(record.version), str(record.build)


def _name(depends: str) -> str:
    return re.split(r"[\s<>=!~\[;]", depends.rpartition("::")[2], maxsplit=1)[0].lower()


def _needed(names: Iterable[str], records: Iterable[Any]) -> set[str]:
    """These names, with all that they depend on in turn."""
    by_name = {each.name.normalized: each for each in records}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in found:
            found.add(name)
            waiting += map(_name, by_name[name].depends)
    return found


def _unmet(
    found: list[Any], before: set[tuple[str, str, str]], after: set[tuple[str, str, str]]
) -> Iterator[tuple[str, str, str | None]]:
    """What a package needs and doesn't have: nothing was solved. What stays as it was, with all that it needs, is skipped."""
    from rattler import MatchSpec

    by_name = {each.name.normalized: each for each in found}
    changed = {name for name, _, _ in before ^ after}
    for each in found:
        for depends in map(str, each.depends):
            name = _name(depends)
            if name.startswith("__") or not {each.name.normalized, name} & changed:
                continue
            other = by_name.get(name)
            if other is None or not MatchSpec(depends).matches(other):
                yield each.name.normalized, depends, None if other is None else str(other.version)


# -- reading a list ----------------------------------------------------------------------------------------------------


def _explicit(wanted: dict[str, Any]) -> tuple[list[Entry], dict[str, Any]]:
    from rattler.exceptions import ParseExplicitEnvironmentSpecError
    from rattler.explicit_environment import ExplicitEnvironmentSpec

    lines = list(filter(None, (each.strip() for each in wanted["text"].splitlines())))
    for line in lines:
        if not line.startswith(("#", "@")) and not re.match(r"(?:https?|s3|oci|ftp)://[^/]|file:///", line):
            raise ListError(
                f"`{line}` is not an address",
                "a package of this machine is written `file:///FOLDER/PLATFORM/NAME.conda`",
            )
    try:
        found = ExplicitEnvironmentSpec.from_str("\n".join(lines))
    except ParseExplicitEnvironmentSpecError as error:
        raise ListError("it is no list of packages", *str(error).splitlines()[:2]) from None
    if found.platform is not None and str(found.platform) != wanted["platform"]:
        raise ListError(f"it is a list for {found.platform}, and this is {wanted['platform']}")
    return [_with_hash(each.url) for each in found.packages], {}


def _with_hash(address: str) -> Entry:
    url, mark, said = address.partition("#")
    found = _HASH.fullmatch(said.strip().lower())
    if mark and found is None:
        raise ListError(f"`#{said}` is neither an md5 nor a sha256", url)
    return Entry(url=url, md5=found["md5"] if found else None, sha256=found["sha256"] if found else None)


def _conda_lock(wanted: dict[str, Any]) -> tuple[list[Entry], dict[str, Any]]:
    """conda-lock's v1 (conda_lock/lockfile/v1/models.py); the categories `main` and `dev`, as `conda-lock install` takes them."""
    said = _load(wanted["text"])
    if not isinstance(said, dict) or said.get("version") != 1 or not isinstance(said.get("package"), list):
        version = said.get("version") if isinstance(said, dict) else None
        raise ListError(f"only version 1 of conda-lock's lock file is known, and this is `{version}`")
    platforms = sorted({str(each.get("platform")) for each in said["package"] if isinstance(each, dict)})
    if wanted["platform"] not in platforms:
        raise ListError(f"it has nothing for {wanted['platform']}", *(f"it has {each}" for each in platforms))
    entries, pip, left = [], [], set()
    for each in said["package"]:
        if not isinstance(each, dict):
            raise ListError("a package of it is no table")
        if not all(isinstance(each.get(key), str) for key in ("name", "url", "manager")):
            raise ListError("a package of it has no name, manager or address", *map(str, each))
        if each.get("platform") != wanted["platform"]:
            continue
        if each.get("category", "main") not in ("main", "dev"):
            left.add(str(each["category"]))
        elif each["manager"] == "pip":
            pip.append(f"{each['name']}=={each.get('version')}")
        else:
            said_hash = each.get("hash")
            hashes: dict[str, Any] = said_hash if isinstance(said_hash, dict) else {}
            entries.append(Entry(url=each["url"], md5=hashes.get("md5"), sha256=hashes.get("sha256")))
    return entries, {"pip": pip, "left": sorted(left)}


def _load(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise ListError("it is YAML, and PyYAML isn't installed: `%safepip install pyyaml`") from None
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except Exception as error:  # an odd tag's constructor raises anything
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        said = f"line {mark.line + 1}: {problem}" if mark is not None and problem else str(error)
        raise ListError("it is no plain YAML", *said.splitlines()[:1]) from None


def _of_lock(wanted: dict[str, Any], before: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    from rattler import LockFile

    try:
        lock = LockFile.from_path(Path(wanted["path"]))
    except Exception as error:
        raise ListError("rattler can't read this lock file", *str(error).splitlines()[:3]) from None
    environments = dict(lock.environments())
    name = "default" if "default" in environments else next(iter(environments), "")
    if len(environments) != 1 and name != "default":
        raise ListError("it has several environments, and none is called `default`", *sorted(environments))
    chosen = environments[name]
    platforms = {str(each.subdir): each for each in chosen.platforms()}
    here = platforms.get(wanted["platform"])
    if here is None:
        raise ListError(f"it has nothing for {wanted['platform']}", *(f"it has {each}" for each in sorted(platforms)))
    packages = chosen.packages(here) or []
    sources = [each.name for each in packages if type(each).__name__ == "CondaLockedSourcePackage"]
    if sources:
        raise ListError("packages in it are built from source, which only pixi does", *sources)
    pip = [f"{each.name}=={each.version}" for each in chosen.pypi_packages_for_platform(here) or []]
    records = chosen.conda_repodata_records_for_platform(here) or []
    return [_same(each, before.get(each.name.normalized)) for each in records], {"pip": pip}


def _same(record: Any, there: Any) -> Any:
    """The installed record where it is the same package: nothing has to be linked for it."""
    if there is None or _key(record) != _key(there) or str(record.subdir) != str(there.subdir):
        return record
    hashes = [(each, getattr(there, kind)) for kind in ("sha256", "md5") if (each := getattr(record, kind))]
    compared = [one == other for one, other in hashes if other]
    return there if all(compared) and (compared or not hashes) else record


def _refuse_odd(entries: list[Entry], wanted: dict[str, Any]) -> None:
    if not entries:
        raise ListError("it lists no package")
    for each in entries:
        if not each.name:
            raise ListError("an address in it is no package of conda's: `NAME-VERSION-BUILD.conda`", each.url)
        if each.subdir not in (wanted["platform"], "noarch"):
            is_platform = re.fullmatch(r"(?:linux|osx|win)-\w+", each.subdir)
            where = (
                f"is for {each.subdir}" if is_platform else f"is in a folder `{each.subdir}`, which is no platform's"
            )
            raise ListError(f"`{each.file}` {where}, and this is {wanted['platform']}", each.url)


# -- the record of an entry --------------------------------------------------------------------------------------------


async def _records(
    entries: list[Entry], before: dict[str, Any], gateway: Any, client: Any, *, offline: bool, folder: str
) -> list[Any]:
    """The record of each entry: the installed one, or that of its channel's index, or one made of the package."""
    found: dict[Entry, Any] = {
        each: before[each.name] for each in entries if each.name in before and each.is_met_by(before[each.name])
    }
    by_channel: dict[str, list[Entry]] = {}
    for each in entries:
        if each not in found:
            by_channel.setdefault(each.channel, []).append(each)
    for channel, missing in by_channel.items():
        found |= await _of_index(channel, missing, gateway)
    for each in entries:
        if each not in found:
            if offline and not each.url.startswith("file:"):
                raise ListError(f"`{each.file}` is not in the index as it was downloaded before, and this is offline")
            found[each] = await _of_package(each, client, folder)
    return [found[each] for each in entries]


async def _of_index(channel: str, entries: list[Entry], gateway: Any) -> dict[Entry, Any]:
    """Those that a channel's index has. A channel without an index that can be read has none of them."""
    from rattler.exceptions import FetchRepoDataError, GatewayError

    names = sorted({each.name for each in entries})
    try:
        parts = await gateway.query([channel], sorted({each.subdir for each in entries}), names, recursive=False)
    except (GatewayError, FetchRepoDataError, OSError):
        return {}
    known = {(str(record.subdir), record.file_name): record for part in parts for record in part}
    found = {}
    for each in entries:
        record = known.get((each.subdir, each.file))
        if record is not None:
            if not each.is_comparable(record):
                has = "sha256" if record.sha256 else "md5" if record.md5 else "no hash"
                listed = "sha256" if each.sha256 else "md5"
                raise ListError(f"the hash of `{each.file}` can't be compared", f"listed   {listed}", f"channel  {has}")
            differing = each.contradicted_by(record)
            if differing is not None:
                kind, wanted, there = differing
                raise ListError(
                    f"`{each.file}` has another {kind} in its channel", f"listed   {wanted}", f"channel  {there}"
                )
            found[each] = record
    return found


async def _of_package(entry: Entry, client: Any, folder: str) -> Any:
    """A record made of the package's own metadata, as conda does for a list."""
    from rattler import PackageRecord, RepoDataRecord
    from rattler.package_streaming import PackageArchive

    size = None
    file = Path(folder) / "index.json"
    try:
        if entry.url.startswith("file:"):
            path = urllib.request.url2pathname(urllib.parse.urlsplit(entry.url).path)
            entry, size = _checked(entry, path), os.path.getsize(path)
            archive = await PackageArchive.from_path(path)
        else:
            archive = await PackageArchive.from_url(client, entry.url)
        said = await archive.read_file("info/index.json")
        file.write_bytes(said or b"")
        record = PackageRecord.from_index_json(file, size, entry.sha256, entry.md5)
    except (OSError, ValueError) as error:
        raise ListError(f"`{entry.file}` can't be read", entry.url, *str(error).splitlines()[:1]) from None
    return RepoDataRecord(record, entry.file, entry.url, entry.channel)


def _checked(entry: Entry, path: str) -> Entry:
    """An entry with the hashes of the file on this machine. Raises `ListError` where those that are listed differ."""
    with open(path, "rb") as file:
        data = file.read()
    kinds: dict[str, Callable[[bytes], Any]] = {"md5": hashlib.md5, "sha256": hashlib.sha256}
    there = {kind: make(data).hexdigest() for kind, make in kinds.items()}
    for kind, wanted in (("sha256", entry.sha256), ("md5", entry.md5)):
        if wanted and wanted != there[kind]:
            raise ListError(f"`{entry.file}` has another {kind}", f"listed  {wanted}", f"file    {there[kind]}")
    return Entry(url=entry.url, md5=there["md5"], sha256=there["sha256"])


# -- writing -----------------------------------------------------------------------------------------------------------


def lock(asked: dict[str, Any], public: Callable[[str], str]) -> dict[str, Any]:
    """The records of a prefix as rattler's lock file; ``public`` makes an address one that may be kept."""
    import glob

    from rattler import LockFile, PrefixRecord
    from rattler.lock import LockChannel, LockPlatform

    platform = LockPlatform(asked["platform"])
    found = LockFile([platform])
    found.set_channels("default", [LockChannel(each) for each in asked["channels"]])
    for path in sorted(glob.glob(f"{glob.escape(asked['prefix'])}/conda-meta/*.json")):
        record = PrefixRecord.from_path(path)
        record.url, record.channel = public(record.url), public(record.channel or "")
        found.add_conda_package("default", platform, record)
    file = Path(asked["folder"]) / "rattler.lock"
    found.to_path(file)
    return {"text": file.read_text(encoding="utf-8")}
