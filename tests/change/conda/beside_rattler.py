"""Changes of made-up prefixes through a shadow, beside the same by rattler in place; run by a Python that has py-rattler.

    beside_rattler.py FOLDER SEED STEPS

It makes a channel of packages whose files meet in every way, and takes a prefix from one random set of them to the next: a
copy of it by rattler in place, another through a shadow and the product's transaction. What differs in a path's kind, mode,
content, target or link to the package cache, or in a record, is printed as JSON, a line for each step.

Called by `test_beside_rattler`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipython_where.change.conda.claims import CLOBBERED, read_claims
from ipython_where.change.conda.shadow import (
    difference,
    keep_only,
    made_again,
    make_shadow,
    read_linked,
    unforeseen,
)
from ipython_where.change.transaction.transaction import Store
from ipython_where.facts.conda.records import CondaMeta
from tests.conda_channel import MINOR, PLACEHOLDER, PLATFORM, SITE, Awkward, Content, index, pack

NAMES = "abcdefgh"
VERSIONS = ("1.0", "2.0", "3.0")
PATHS = ("share/x", "share/y", "lib/z", "etc/w", "top", "bin/p", "bin/q", f"{SITE}/mod/m.py", "share/d/e/f")
"""The places that packages meet at. Each can be a file, a link, or a folder with files."""

ATTEMPTS = 100
"""So many pairs of results are compared at most: which of two packages wins a path is a matter of rattler's threads."""


def main() -> None:
    """Print what differs."""
    folder, seed, steps = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    channel = folder / "channel"
    make_channel(channel, chance)
    asyncio.run(index(channel))
    for each in told(folder, chance, steps):
        print(json.dumps(each), flush=True)


# -- the channel -------------------------------------------------------------------------------------------------------


def make_channel(channel: Path, chance: random.Random) -> None:
    """Every package in every version, and a `python` of one file."""
    for sub in (PLATFORM, "noarch"):
        (channel / sub).mkdir(parents=True)
    python = {
        "name": "python",
        "version": f"{MINOR}.1",
        "build": "0",
        "build_number": 0,
        "depends": [],
        "subdir": PLATFORM,
    }
    pack(channel, python, {f"bin/python{MINOR}": b"python"}, None, PLACEHOLDER)
    for name in NAMES:
        kind = chance.choice([None, None, None, "python", "generic"])
        for version in VERSIONS:
            made_up(name, version, kind, chance).pack(channel)


def made_up(name: str, version: str, kind: str | None, chance: random.Random) -> Awkward:
    """A package that has some of `PATHS`, and a file of its own."""
    files: dict[str, Content] = {f"share/own/{name}": version.encode()}
    for path in chance.sample(PATHS, chance.randrange(4)):
        files |= _at(path, f"{name} {version}", chance)
    modes = {path: chance.choice([0o644, 0o600, 0o444, 0o755]) for path in files}
    points = [f"{each} = m:main" for each in ("p", "q", name) if kind == "python" and chance.random() < 0.3]
    taken = {point.split()[0] for point in points}
    files = {path: each for path, each in files.items() if path.removeprefix("bin/") not in taken}
    return Awkward(name, version, files, modes, depends=("python",), noarch=kind, entry_points=tuple(points))


def _at(path: str, said: str, chance: random.Random) -> dict[str, Content]:
    what = chance.choice(["file", "file", "same", "link", "folder", "prefix", "binary"])
    if what == "folder" and not path.startswith("bin/"):
        return {f"{path}/one": said.encode(), f"{path}/two/{said[0]}": said.encode()}
    if what == "link" and not path.startswith("bin/"):  # an entry point would be written through it, into the cache
        return {path: chance.choice(["->own", "->nowhere", "->../share/own"])}
    if what == "prefix":
        return {path: f"#!{PLACEHOLDER}/bin/python\n{said}\n".encode()}
    if what == "binary":
        return {path: b"\x7fELF\0" + PLACEHOLDER.encode() + b"/x\0" + said.encode()}
    return {path: b"same" if what == "same" else said.encode()}


# -- the changes -------------------------------------------------------------------------------------------------------


def told(folder: Path, chance: random.Random, steps: int) -> Iterator[dict[str, Any]]:
    """Take the prefix from set to set; for each step how the shadow's result differs from the most similar of rattler's own."""
    world = World(folder)
    for _ in range(steps):
        change = world.chosen(chance)
        theirs = [world.described() if world.in_place(change) else None for _ in range(2)]
        tried: list[dict[str, Any]] = []
        while len(tried) < ATTEMPTS and {} not in tried:
            passes = world.by_shadow(change)
            ours = world.described() if passes else None
            tried += [differing(ours, each) for each in theirs]
            theirs.append(world.described() if world.in_place(change) else None)
        yield {
            "packages": change.named,
            "again": change.again,
            "passes": passes,
            "differing": min(tried, key=len),
            "tried": len(tried),
        }
        if world.by_shadow(change):
            world.keep(change)


@dataclass(frozen=True)
class Change:
    """The records that a prefix shall have, and the names of those that are linked again."""

    records: list[Any]
    again: list[str]

    @property
    def names(self) -> list[str]:
        """The names of the packages."""
        return sorted(each.name.normalized for each in self.records)

    @property
    def named(self) -> list[str]:
        """The packages with their versions."""
        return sorted(f"{each.name.normalized} {each.version}" for each in self.records)


class World:
    """A prefix, and a copy of it that is changed."""

    def __init__(self, folder: Path) -> None:
        self.channel, self.prefix, self.cache = (folder / each for each in ("channel", "env", "cache"))
        self.copy, self._copies = self.prefix, 0
        (self.prefix / "conda-meta").mkdir(parents=True)
        (self.prefix / "conda-meta" / "history").touch()
        self._now: list[str] = []

    def chosen(self, chance: random.Random) -> Change:
        """A random set of packages."""
        names = chance.sample(NAMES, chance.randrange(len(NAMES)))
        specs = ["python", *(f"{name}={chance.choice(VERSIONS)}" for name in names)]
        again = chance.sample(self._now, min(len(self._now), chance.randrange(2)))
        return Change(asyncio.run(solved(self.channel, specs)), again)

    def in_place(self, change: Change) -> bool:
        """Let rattler change a new copy; whether it could."""
        self._restore()
        return self._linked(change, self.copy)

    def by_shadow(self, change: Change) -> int:
        """The same through a shadow; how often that was made, and 0 if it could not, and changed nothing."""
        self._restore()
        before = self.described()
        store = Store(str(self.copy), site_directories=[str(self.copy / SITE)])
        staging = store.begin("change")
        shadow = make_shadow(str(self.copy), staging.stage, read_claims(CondaMeta(str(self.copy)).records()))
        passes = 0
        while True:
            passes += 1
            if not self._linked(change, Path(shadow.stage)):
                with suppress(OSError):  # rattler's threads go on
                    store.abandon(staging)
                assert self.described() == before
                return 0
            linked = read_linked(shadow)
            more = unforeseen(linked)
            if not more:
                break
            shadow = made_again(shadow, more)
        stems = [f"{each.name.normalized}-{each.version}-{each.build}" for each in change.records]
        brought = difference(linked, [each for each in stems if f"{each}.json" in linked.changed])
        keep_only(shadow, brought)
        assert self.described() == before
        store.commit_files(staging, changes=(), taken_out=brought.taken_out, unchanged=store.snapshot())
        return passes

    def keep(self, change: Change) -> None:
        """Go on from the copy, without what rattler has left in `__clobbers__` for nobody: it would take that for a package's."""
        listed = listed_in(self.described())
        for path in (self.copy / CLOBBERED).rglob("*"):
            if path.relative_to(self.copy).as_posix() not in listed and (path.is_symlink() or path.is_file()):
                path.unlink()
        shutil.rmtree(self.prefix)
        os.rename(self.copy, self.prefix)
        self._now = change.names

    def described(self) -> dict[str, Any]:
        """Every path of the copy with what matters of it."""
        cached = {each.inode() for folder, _, _ in os.walk(self.cache) for each in os.scandir(folder)}
        found: dict[str, Any] = {}
        for path in sorted(self.copy.rglob("*")):
            name = path.relative_to(self.copy).as_posix()
            if not name.startswith(".safepip") and name not in ("CACHEDIR.TAG", "conda-meta/history"):
                found[name] = described(path, cached)
        return {name: each for name, each in found.items() if each is not None}

    def _restore(self) -> None:
        """Make another copy: rattler's threads may go on in one where it failed."""
        self._copies += 1
        self.copy = self.prefix.with_name(f"copy{self._copies}")
        subprocess.run(["cp", "-a", self.prefix, self.copy], check=True)

    def _linked(self, change: Change, target: Path) -> bool:
        from rattler.exceptions import InstallerError

        try:
            asyncio.run(link(change, target, self.prefix, self.cache))
        except InstallerError:  # where a file of one package is a folder of another
            return False
        return True


async def solved(channel: Path, specs: Sequence[str]) -> list[Any]:
    """The records that meet the specs."""
    from rattler import Gateway, MatchSpec, solve

    found: list[Any] = await solve(
        sources=[f"file://{channel}"],
        specs=[MatchSpec(each) for each in specs],
        gateway=Gateway(cache_dir=channel.parent / "index"),
        platforms=[PLATFORM, "noarch"],
    )
    return found


async def link(change: Change, target: Path, named: Path, cache: Path) -> None:
    """Make a target of rattler's; the paths in its files are those of the prefix that is ``named``."""
    from rattler import MatchSpec, install

    await install(
        change.records,
        target_prefix=target,
        alternative_target_prefix=named,
        cache_dir=cache,
        show_progress=False,
        requested_specs=[MatchSpec(each)._match_spec for each in change.names[::2]],
        reinstall_packages=set(change.again),
    )


# -- what came of them -------------------------------------------------------------------------------------------------


def described(path: Path, cached: set[int]) -> Any:
    """Kind, mode, content and link to the package cache; of a record, what it says. None for an empty folder."""
    if path.parent.name == "conda-meta":
        data = json.loads(path.read_text())
        data["files"].sort()
        data["paths_data"]["paths"].sort(key=lambda each: each["_path"])  # in the order in which rattler placed them
        return data
    if path.is_symlink():
        return "link", os.readlink(path)
    if path.is_dir():
        return None
    status = path.stat()
    return oct(status.st_mode), path.read_bytes().decode("latin-1"), status.st_ino in cached


def listed_in(tree: dict[str, Any]) -> Counter[str]:
    """How many records list each path."""
    return Counter(path for name, each in tree.items() if name.startswith("conda-meta/") for path in each["files"])


def differing(ours: dict[str, Any] | None, theirs: dict[str, Any] | None) -> dict[str, Any]:
    """What differs between two prefixes, in path or record.

    Three things count for nothing: what rattler removed although a package that stays lists it, since the shadow's result has it
    still; the content of what two records list, which is that of an entry point or of a file, whichever came last; and what is
    left in `__clobbers__` for nobody.
    """
    if ours is None or theirs is None:
        return {} if ours is theirs else {"": f"only the {'shadow' if ours else 'other'} could be linked"}
    listed = listed_in(theirs)
    left = {path for path, number in listed.items() if number > 1 or path not in theirs}
    left |= {path for path in {*ours, *theirs} if path.startswith(CLOBBERED) and path not in listed}
    pairs = {path: (ours.get(path), theirs.get(path)) for path in sorted({*ours, *theirs} - left)}
    return {path: _parts(*pair) for path, pair in pairs.items() if pair[0] != pair[1]}


def _parts(ours: Any, theirs: Any) -> Any:
    if not (isinstance(ours, dict) and isinstance(theirs, dict)):
        return ours, theirs
    return {key: (ours.get(key), theirs.get(key)) for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}


if __name__ == "__main__":
    main()
