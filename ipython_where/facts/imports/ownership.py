"""Which distribution owns a found module, proven by the files that distributions list.

Tested in `tests/facts/imports/test_right_answers.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.metadata import editable_root
from ipython_where.facts.files import Content, read_file
from ipython_where.value import dataclass

from .finding import Found, ImportSystem, absolute, find, installed_path, namespace_of
from .path_entries import PathRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The metadata directories of a module's owners, and ``sole``, the one it really came from.

    ``sole`` is None if no distribution or more than one has proof: a namespace package with several contributors, or
    two distributions that list the same file with the same content. ``all`` is None if no distribution lists the
    module, but one that does not list its files may own it.
    """

    sole: str | None
    all: tuple[str, ...] | None = ()
    editable: bool = False


HASHED = 4 << 20
"""Maximum bytes to hash: for a bigger file, hashing takes longer than reading every RECORD."""

NOBODY = Ownership(sole=None)


def read_owner(found: Found, system: ImportSystem, rules: PathRules, distributions: Distributions) -> Ownership:
    """The owners of a found module. Standard library modules have none."""
    if found.kind == "namespace":
        return _namespace(found, system, rules, distributions)
    if found.file is None:
        return NOBODY
    locations = list(_locations(found, system))
    if locations and locations[0] in rules.standard_library:
        return NOBODY
    for location in locations:
        owners = distributions.owners(found.file, location=location)
        if owners:
            linked = _linked(owners, found, location, system, rules, distributions)
            return linked or _listed(owners, found.file, location, rules, distributions)
    return _unlisted(found, locations, system, rules, distributions)


def read_owners(
    found: Sequence[Found], system: ImportSystem, rules: PathRules, distributions: Distributions
) -> tuple[Ownership, ...]:
    """The same as `read_owner` of each, which reads every RECORD once for all of them."""
    path = installed_path(system)
    files = {each.file: root_of(each) for each in found if each.file is not None and each.kind != "namespace"}
    listed = {
        location: distributions.owners_of(files, location=location)
        for location in dict.fromkeys((*path, *files.values()))
    }

    def owner_of(each: Found) -> Ownership:
        root = files.get(each.file or "")
        if each.file is None or root is None or root in rules.standard_library:
            return read_owner(each, system, rules, distributions)
        location = next((location for location in (root, *path) if each.file in listed[location]), None)
        if location is None:
            return _unlisted(each, list(_locations(each, system)), system, rules, distributions)
        owners = listed[location][each.file]
        linked = _linked(owners, each, location, system, rules, distributions)
        return linked or _listed(owners, each.file, location, rules, distributions)

    return tuple(map(owner_of, found))


def _linked(
    owners: tuple[str, ...],
    found: Found,
    location: str,
    system: ImportSystem,
    rules: PathRules,
    distributions: Distributions,
) -> Ownership | None:
    """The editable installation of a project in whose folder a build has left an egg-info."""
    if not all(each.endswith(".egg-info") for each in owners):
        return None
    editable = _editable(found, [location], system, rules, distributions)
    if editable is None or editable in owners:  # the latter: `setup.py develop`, which installs no other metadata
        return None
    return Ownership(sole=editable, all=(editable,), editable=True)


def _listed(
    owners: tuple[str, ...], file: str, location: str, rules: PathRules, distributions: Distributions
) -> Ownership:
    sole = owners[0] if len(owners) == 1 else _writer(owners, file, location, distributions)
    return Ownership(sole=sole, all=owners, editable=_is_linked(sole, location, rules, distributions))


def _unlisted(
    found: Found, locations: list[str], system: ImportSystem, rules: PathRules, distributions: Distributions
) -> Ownership:
    editable = _editable(found, locations, system, rules, distributions)
    if editable:
        return Ownership(sole=editable, all=(editable,), editable=True)
    egg = _egg(locations)
    is_unknown = egg is NOBODY and locations and distributions.silent(found.file or "", location=locations[0])
    return Ownership(sole=None, all=None) if is_unknown else egg


def read_first_owner(found: Found, system: ImportSystem, rules: PathRules, distributions: Distributions) -> str | None:
    """The first distribution that lists a found module's file. Faster than `read_owner`, which finds them all."""
    if found.file is None or found.kind == "namespace":
        return None
    for location in _locations(found, system):
        if location in rules.standard_library:
            return None
        owner = distributions.owner(found.file, module=found.name, location=location)
        if owner is not None:
            linked = _linked((owner,), found, location, system, rules, distributions)
            return linked.sole if linked is not None else owner
    return None


def _locations(found: Found, system: ImportSystem) -> Iterator[str]:
    """The directories whose metadata may list the file: first its top package's folder, then the rest of the path."""
    seen = set()
    if found.file is not None:
        root = root_of(found)
        seen.add(root)
        yield root
    for entry in system.path:
        path = absolute(entry, system.cwd) if isinstance(entry, str) else None
        if path and path not in seen and found.file is not None:
            seen.add(path)
            yield path


def root_of(found: Found) -> str:
    """The directory that a module's dotted name starts from: its folder without the parts of the name."""
    portions = found.locations if found.kind == "namespace" else None
    root = portions[0] if portions else os.path.dirname(found.file or "")
    for _ in range(found.name.count(".") + (1 if found.locations is not None else 0)):
        root = os.path.dirname(root)
    return root


def _writer(owners: Iterable[str], file: str, location: str, distributions: Distributions) -> str | None:
    """Of several distributions that list a file, the one whose RECORD hash matches it; None unless exactly one does."""
    import base64
    import hashlib

    # pip installs over another distribution's file without a word: the content there is the later one's
    content = read_file(file, HASHED)
    if not isinstance(content, Content):
        return None
    value = b"sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content.data).digest()).rstrip(b"=")
    having = [each for each in owners if (distributions.row(each, file, location) or b"").startswith(value + b",")]
    return having[0] if len(having) == 1 else None


def _namespace(found: Found, system: ImportSystem, rules: PathRules, distributions: Distributions) -> Ownership:
    owners: dict[str, None] = {}
    for portion in found.locations or ():
        location = root_of(replace(found, locations=(portion,)))
        listing = distributions.owners_below(portion, location=location)
        if not listing:
            editable = _by_portion(found.name, portion, system, distributions) or _by_pth(
                location, rules, distributions
            )
            listing = (editable,) if editable else ()
        owners.update(dict.fromkeys(listing))
    if not owners and found.finder_module:
        hook = _by_hook(found.finder_module, system, distributions)
        owners = {hook: None} if hook else {}
    return Ownership(sole=next(iter(owners)) if len(owners) == 1 else None, all=tuple(owners))


def _editable(
    found: Found, locations: list[str], system: ImportSystem, rules: PathRules, distributions: Distributions
) -> str | None:
    """The distribution whose editable installation provides a module, through its hook, ``.pth`` file or egg-link."""
    if found.finder_module:
        by_hook = _by_hook(found.finder_module, system, distributions)
        return by_hook or _by_folder(found.file, system, distributions)
    by_pth = _by_pth(locations[0], rules, distributions) if locations else None
    return by_pth or _by_top(found, system, distributions)


def _by_pth(root: str, rules: PathRules, distributions: Distributions) -> str | None:
    """The editable distribution whose ``.pth`` file or egg-link put ``root`` on the path."""
    pth = rules.pth_lines.get(root)
    if pth is None:
        return None
    for metadata in distributions.owners(pth, location=os.path.dirname(pth)):
        folder = editable_root(distributions.content(metadata, "direct_url.json"))
        if folder is not None and _is_below(root, folder):
            return metadata
    return _by_egg_link(root, os.path.dirname(pth), distributions)


def _by_top(found: Found, system: ImportSystem, distributions: Distributions) -> str | None:
    """The editable distribution whose hook provides the top-level package around a submodule's file."""
    name = found.name.partition(".")[0]
    top = find(name, system).found if name != found.name else None
    for location in (top.locations or ()) if top else ():
        if top is None or found.file is None or not _is_below(found.file, location):
            continue
        if top.finder_module:
            return _by_hook(top.finder_module, system, distributions) or _by_folder(found.file, system, distributions)
        return _by_portion(name, location, system, distributions)
    return None


def _by_portion(name: str, portion: str, system: ImportSystem, distributions: Distributions) -> str | None:
    """The distribution whose setuptools hook adds ``portion`` to a namespace, by a placeholder on ``sys.path``."""
    for hook, module in list(system.modules.items()):
        if hook.startswith("__editable___"):
            spaces = namespace_of(module).get("NAMESPACES")
            if isinstance(spaces, Mapping) and portion in spaces.get(name, ()):
                return _by_hook(hook, system, distributions)
    return None


def _is_linked(metadata: str | None, location: str, rules: PathRules, distributions: Distributions) -> bool:
    """Whether an egg-info in a project's own folder is installed through an egg-link."""
    pth = rules.pth_lines.get(location)
    return (
        metadata is not None
        and pth is not None
        and metadata == _by_egg_link(location, os.path.dirname(pth), distributions)
    )


def _by_hook(module: str, system: ImportSystem, distributions: Distributions) -> str | None:
    """The distribution that lists an editable hook's own module (``__editable___x_finder``)."""
    file = namespace_of(system.modules.get(module)).get("__file__")
    if not isinstance(file, str):
        return None
    location = os.path.dirname(file)
    owners = [
        each
        for each in distributions.owners(file, location=location)
        if editable_root(distributions.content(each, "direct_url.json")) is not None
    ]
    return owners[0] if len(owners) == 1 else None


def _by_folder(file: str | None, system: ImportSystem, distributions: Distributions) -> str | None:
    """The only editable distribution whose project folder holds a file that a shared hook (`editables`) finds."""
    holders = []
    for metadata in distributions.all(entry for entry in system.path if isinstance(entry, str) and entry):
        folder = editable_root(distributions.content(metadata, "direct_url.json"))
        if folder is not None and file is not None and _is_below(file, folder):
            holders.append(metadata)
    return holders[0] if len(holders) == 1 else None


def _by_egg_link(root: str, directory: str, distributions: Distributions) -> str | None:
    """The egg-info of a ``setup.py develop`` install: an egg-link in the site directory names its project folder."""
    listing = distributions.directory(directory)
    for name in listing.names if listing else ():
        if not name.endswith(".egg-link"):
            continue
        lines = (distributions.content(directory, name) or b"").decode("utf-8", "replace").splitlines()
        if lines and os.path.abspath(lines[0].strip()) == root:
            found = distributions.find(name[: -len(".egg-link")], [root])
            return found[0] if found else None
    return None


def _egg(locations: list[str]) -> Ownership:
    """The owner of a module in an egg on the path: the egg is one distribution, with its metadata in ``EGG-INFO``."""
    root = locations[0] if locations else ""
    metadata = os.path.join(root, "EGG-INFO")
    return Ownership(sole=metadata, all=(metadata,)) if root.endswith(".egg") and os.path.isdir(metadata) else NOBODY


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
