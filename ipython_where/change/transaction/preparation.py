"""Reads an environment and a stage, and plans a journal that is ready to be carried out.

Tested in `tests/change/transaction/test_transaction.py`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from ipython_where.facts.distributions.distributions import Distributions, project_of
from ipython_where.facts.distributions.listing import Tree, read_all, read_around
from ipython_where.facts.distributions.metadata import parse_installer, same_version
from ipython_where.facts.distributions.record import UnreadableRecord, plain
from ipython_where.model import Evidence
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

from .journal import Journal
from .listed_paths import RecordError, RecordRow, UnlistedError, mended, no_list, parse_installed_files, parse_record
from .reversal import plan_reversal
from .swap import Roots, SwapError, in_trash
from .swap_plan import (
    In,
    MakeDirectory,
    Manifest,
    Operation,
    edited_files,
    file_by_file,
    manifest_of,
    owned_files,
    plan_swap,
    source_of,
    touched,
)

Snapshot = tuple[tuple[str, int, int], ...]
"""The installed metadata directories, and conda's records: path, inode, modification time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The directories of an environment: its ``sites``, relative to the root, and ``aliases`` of its top directories.

    An alias is a link such as `lib64` to `lib`: one directory with two names.
    """

    places: Roots
    sites: tuple[str, ...]
    aliases: Mapping[str, str]

    def canonical(self, path: str) -> str:
        """A path relative to the root, with an alias of its top directory resolved."""
        top, slash, rest = path.partition("/")
        return self.aliases.get(top, top) + slash + rest

    def relative(self, path: str) -> str:
        """An absolute path of the environment, relative to the root. Raises `RecordError` for one outside."""
        found = os.path.relpath(path, self.places.root)
        if found.split(os.sep)[0] in ("..", "."):
            raise RecordError(
                f"`{path}` is not in this environment",
                evidence=(Evidence(label="environment", value=self.places.root),),
                unchanged=True,
            )
        return self.canonical(found)

    def fixed(self, paths: Iterable[str]) -> set[str]:
        """The directories that all distributions share: the top ones, the sites, and their parents."""
        found = {path.partition("/")[0] for path in paths}
        for site in self.sites:
            while site:
                found.add(site)
                site = posixpath.dirname(site)
        return found


def read_layout(places: Roots, site_directories: Sequence[str]) -> Layout:
    """The layout of an environment. ``site_directories`` are absolute; those outside it are ignored."""
    real = os.path.realpath(places.root)
    aliases = {}
    with os.scandir(places.root) as found:
        for each in found:
            target = os.path.realpath(each.path) if each.is_symlink() else ""
            if target and os.path.dirname(target) == real and os.path.isdir(target):
                aliases[each.name] = os.path.basename(target)
    layout = Layout(places=places, sites=(), aliases=aliases)
    inside = [each for each in site_directories if f"{each}/".startswith(f"{places.root}/")]
    return replace(layout, sites=tuple(dict.fromkeys(layout.relative(each) for each in inside)))


def read_stage(stage: str) -> Tree:
    """What was staged, without uv's `.lock` and our own links at the top."""
    tree = read_all(stage)
    own = {path for path in tree.children("") if path == ".lock" or os.path.islink(os.path.join(stage, path))}
    return Tree({path: entry for path, entry in tree.entries.items() if path not in own})


def read_snapshot(site_directories: Sequence[str], *, conda_meta: str) -> Snapshot:
    """The distributions that are installed in these directories, and conda's records: conda itself takes no lock."""
    names = dict.fromkeys(site_directories, (".dist-info", ".egg-info", ".egg-link"))
    found = []
    for folder, ends in {**names, conda_meta: (".json", "history")}.items():
        if os.path.isdir(folder):
            with os.scandir(folder) as entries:
                for each in entries:
                    if each.name.endswith(ends):
                        # a reinstall in the same version keeps the name, but its folder is new: another inode
                        status = each.stat(follow_symlinks=False)
                        found.append((each.path, status.st_ino, status.st_mtime_ns))
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A journal that can be carried out, with the size and time of each file that it moves."""

    journal: Journal
    manifest: Manifest


def plan_commit(
    layout: Layout,
    journal: Journal,
    *,
    staged: Tree,
    replaced: Sequence[str],
    kept: Collection[str] = (),
    linked: Collection[str] = (),
) -> Ready:
    """Complete ``journal`` with the operations that replace the distributions ``replaced`` (metadata directories) by ``staged``.

    ``kept`` are files that stay although these list them; ``linked`` are links that stand in for their folders, and go.
    """
    metadata = [layout.relative(path) for path in replaced]
    rows = {each: _read_rows(layout, each, metadata, staged, f"{journal.id}/stage") for each in metadata}
    every = [row for own in rows.values() for row in own]
    around = {*(row.path for row in every), *staged.entries}
    fixed = layout.fixed({*around, *metadata})
    live = read_around(layout.places.root, around, whole=metadata, fixed=fixed)
    _refuse_links(layout, staged, live)
    owned = {path for path in owned_files(every, metadata, live) if path not in kept and source_of(path) not in kept}
    owned.update(linked)
    swap = plan_swap(
        staged=staged, live=live, owned=owned, fixed=fixed, stage=f"{journal.id}/stage", trash=f"{journal.id}/trash"
    )
    edited = [path for each in metadata for path in _edited(layout, each, rows[each], live)]
    manifest = manifest_of(swap.operations, live=live, staged=staged)
    return Ready(
        journal=replace(
            journal,
            operations=swap.operations,
            edited=tuple(sorted({*edited, *linked})),
            in_the_way=swap.in_the_way,
            size=_own_size(manifest, live),
        ),
        manifest=manifest,
    )


def plan_files(layout: Layout, journal: Journal, *, staged: Tree, taken_out: Collection[str]) -> Ready:
    """Complete ``journal`` with the operations that take exactly these files away and bring ``staged`` in.

    A file in the place of a new one that is not among them is in the way, and is kept.
    """
    owned = {layout.canonical(path) for path in taken_out}
    around = {*owned, *staged.entries}
    fixed = layout.fixed(("conda-meta",))  # any other folder goes with its last file, as conda has it
    live = read_around(layout.places.root, around, fixed=fixed)
    _refuse_links(layout, staged, live, leaving=owned)
    swap = plan_swap(
        staged=staged, live=live, owned=owned, fixed=fixed, stage=f"{journal.id}/stage", trash=f"{journal.id}/trash"
    )
    manifest = manifest_of(swap.operations, live=live, staged=staged)
    size = _own_size(manifest, live)
    return Ready(
        journal=replace(journal, operations=swap.operations, in_the_way=swap.in_the_way, size=size), manifest=manifest
    )


def _read_rows(
    layout: Layout, metadata: str, replaced: Sequence[str], staged: Tree, stage: str
) -> tuple[RecordRow, ...]:
    """The files of a replaced distribution. If it has no RECORD, only the staged RECORD of the same version can stand in for
    it: any other would leave files behind. Beside a valid record of the same project, it is a leftover and owns nothing.
    """
    root = layout.places.root
    try:
        return read_own_rows(layout, metadata, root)
    except UnlistedError as error:
        read, path = Distributions(), os.path.join(root, metadata)
        facts, installer = read.metadata(path), parse_installer(read.content(path, "INSTALLER"))
        project = facts.name or project_of(posixpath.basename(metadata))
        again = [each for each in staged.entries if _is_of(each, layout.sites, project, facts.version)]
        if again and installer in ("pip", "uv", None):
            return read_own_rows(layout, again[0], layout.places.kept(stage))
        twins = [each for each in replaced if project_of(posixpath.basename(each)) == normalized(project)]
        if len(twins) > 1 and read.true_one([os.path.join(root, each) for each in twins]) is not None:
            return ()
        raise mended(error, project=project, version=facts.version, installer=installer) from None


def _is_of(path: str, sites: Sequence[str], project: str, version: str | None) -> bool:
    """Whether a path is the metadata directory of a project, and of this version if that is known."""
    site, name = posixpath.split(path)
    if site not in sites or not name.endswith(".dist-info") or project_of(name) != normalized(project):
        return False
    return version is None or same_version(name.removesuffix(".dist-info").partition("-")[2], version)


def read_own_rows(layout: Layout, metadata: str, root: str) -> tuple[RecordRow, ...]:
    """The rows of a metadata directory below ``root``. Raises `RecordError` if its list of files is missing or wrong."""
    for name, parse in (("RECORD", _parse_record), ("installed-files.txt", parse_installed_files)):
        try:
            with open(os.path.join(root, metadata, name), "rb") as file:
                rows = parse(file.read(), metadata=metadata, root=root)
        except (FileNotFoundError, NotADirectoryError):
            continue
        return tuple(
            replace(row, path=path) if (path := layout.canonical(row.path)) != row.path else row for row in rows
        )
    raise no_list(metadata)


def _parse_record(content: bytes, *, metadata: str, root: str) -> tuple[RecordRow, ...]:
    """The rows of a RECORD that somebody else wrote, in whatever spelling."""
    with suppress(UnreadableRecord):  # what is wrong with it is said by the stricter reader
        content = plain(content, os.path.join(root, posixpath.dirname(metadata)))
    return parse_record(content, metadata=metadata, root=root)


def _refuse_links(layout: Layout, staged: Tree, live: Tree, *, leaving: Collection[str] = ()) -> None:
    """Refuse to replace a link to a data directory (`share/jupyter`): everything behind it would disappear with it.

    ``leaving`` are links that go in any case, with the package that brought them.
    """
    for path, entry in staged.entries.items():
        old = live.get(path) if path not in leaving else None
        if not entry.directory or old is None or old.directory or path.startswith(tuple(f"{s}/" for s in layout.sites)):
            continue
        link = layout.places.live(path)
        if os.path.isdir(link):
            raise SwapError(
                f"`{link}` is a link to a directory, and files would be installed through it",
                evidence=(Evidence(label="it points to", value=os.path.realpath(link)),),
                hint="replace the link with a directory, or remove it",
                unchanged=True,
            )


def _edited(layout: Layout, metadata: str, rows: Sequence[RecordRow], live: Tree) -> tuple[str, ...]:
    record = live.get(f"{metadata}/RECORD")
    if record is None:
        return ()

    def digest(path: str) -> str:
        with open(layout.places.live(path), "rb") as file:
            found = hashlib.file_digest(file, "sha256").digest()
        return "sha256=" + base64.urlsafe_b64encode(found).rstrip(b"=").decode()

    known = [row for row in rows if row.digest is None or row.digest.startswith("sha256=")]
    return edited_files(known, live, since=record.mtime_ns, digest=digest)


def _own_size(manifest: Manifest, live: Tree) -> int:
    """The bytes that only the trash will hold: a file with another hard link, as in uv's cache, costs nothing."""
    return sum(size for path, (size, _) in manifest.taken_out.items() if live.entries[path].links == 1)


def finer(ready: Ready, places: Roots) -> Ready:
    """The same change, without renaming any directory."""
    operations = file_by_file(
        ready.journal.operations,
        live=lambda path: read_all(places.root, path),
        kept=lambda path: read_all(places.store, path),
    )
    return replace(ready, journal=replace(ready.journal, operations=operations))


def plan_undo(
    layout: Layout, journal: Journal, target: Ready, *, leftovers: Mapping[str, int], modes: Mapping[str, int]
) -> Ready:
    """Complete ``journal`` with the operations that undo ``target``.

    ``leftovers`` are folders that earlier undos could not remove because they held other files; ``modes`` are the modes of
    removed folders. Raises `SwapError` if a file has changed since, or is in the way.
    """
    done = target.journal.operations
    manifest = Manifest(taken_out=target.manifest.brought_in, brought_in=target.manifest.taken_out)
    paths = touched(done)
    # what came by itself is shared with nobody: a link at the top that a conda package brought is that link
    live = read_around(layout.places.root, paths, whole=paths, fixed=layout.fixed(paths) - paths)
    strangers = [path for path in live.files() if path not in manifest.taken_out]
    others = _listed(layout, strangers, manifest.taken_out)
    came = [each.path for each in done if isinstance(each, In | MakeDirectory)]
    plan = plan_reversal(
        done,
        live=live,
        kept=lambda path: read_all(layout.places.store, path),
        others=others,
        compiled=_compiled_since(manifest.taken_out, live, done),
        leftovers=leftovers,
        modes=modes,
        trash=f"{journal.id}/trash",
    )
    changed = [
        *_changed(manifest.taken_out, live),
        *_strangers({*manifest.taken_out, *others}, live, came),
        *_changed_in_trash(layout.places, target),
        *(Evidence(label="in the way", value=path) for path in plan.in_the_way),
    ]
    if changed:
        raise SwapError(
            f"`{target.journal.id}` cannot be undone: its files have changed since",
            evidence=(*changed[:10], *([f"and {len(changed) - 10} more"] if len(changed) > 10 else [])),
            hint="move these files away, or install the versions that you want instead",
            unchanged=True,
        )
    size = _own_size(manifest, live)
    return Ready(
        journal=replace(journal, operations=plan.operations, left=tuple(sorted(plan.left.items())), size=size),
        manifest=manifest,
    )


def _listed(layout: Layout, paths: Sequence[str], leaving: Collection[str]) -> set[str]:
    """Those of ``paths`` that belong to a distribution which stays installed, with their ``.pyc`` files."""
    wanted = {source_of(path) or path for path in paths} - set(leaving)
    absolute = [layout.places.live(path) for path in wanted]
    read, found = Distributions(), set[str]()
    for site in layout.sites:
        for metadata, files in read.listing_any(absolute, location=layout.places.live(site)).items():
            if f"{site}/{os.path.basename(metadata)}/RECORD" not in leaving:
                found.update(layout.relative(each) for each in files)
    return {path for path in paths if (source_of(path) or path) in found}


def _changed(marks: Mapping[str, tuple[int, int]], live: Tree) -> list[Evidence]:
    found = []
    for path, mark in marks.items():
        entry = live.get(path)
        if entry is None or entry.directory:
            found.append(Evidence(label="gone", value=path))
        elif entry.mark != mark:
            found.append(Evidence(label="changed", value=path))
    return found


def _strangers(known: Collection[str], live: Tree, directories: Iterable[str]) -> list[Evidence]:
    files = {file for directory in directories for file in live.files(directory)}
    return [
        Evidence(label="new", value=file) for file in sorted(files) if file not in known and source_of(file) is None
    ]


def _changed_in_trash(places: Roots, target: Ready) -> list[Evidence]:
    """The saved files that are no longer intact: one with another hard link can be changed through that link."""
    found = []
    marks = target.manifest.taken_out
    kept = in_trash(target.journal.operations, marks)
    for path, mark in marks.items():
        try:
            status = os.lstat(places.kept(kept[path]))
        except OSError:
            found.append(Evidence(label="missing from the saved files", value=path))
            continue
        if (status.st_size, status.st_mtime_ns) != mark:
            found.append(Evidence(label="changed in the saved files", value=path))
    return found


def _compiled_since(marks: Mapping[str, tuple[int, int]], live: Tree, done: Sequence[Operation]) -> list[str]:
    """The ``.pyc`` files that Python has compiled from files that came in one by one."""
    moved = {each.path for each in done if isinstance(each, In)}
    return [p for p in live.files() if source_of(p) in marks and p not in marks and not _is_within(p, moved)]


def _is_within(path: str, directories: set[str]) -> bool:
    while path and path not in directories:
        path = posixpath.dirname(path)
    return bool(path)
