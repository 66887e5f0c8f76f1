"""What a worker of a cluster knows about itself and of some modules: Python 3.6 and its standard library are enough.

This file is sent as text, together with `probe.py`, whose names come as a dictionary. Nothing that is asked for is imported, and
no code of a third party's finder is run. The answer is three lines of JSON, so that what many workers have in common is parsed
once: the process, its machine, and what was asked. The last one is equal in workers that are equal: the working directory is
spelled `$CWD` there, because Spark unpacks an archive into each executor's own.

Tested in `tests/workers/test_asking.py`.
"""

import json
import os
import sys
import time
from abc import ABCMeta
from importlib import machinery
from types import FunctionType, ModuleType

PROTOCOL = 1
HEADERS = 8192
HASHED = 4194304
MOST_OWNERS = 1000
SETTLED = 2  # seconds after which a change of a folder shows in its time, whatever its file system's clock
_known = {}  # type: dict[tuple[object, ...], object]
_owners = {}  # type: dict[str, tuple[tuple[float, float], tuple[str, object]]]
_FIELDS = tuple("found kind file locations passed reason standard distribution version owners loaded stale".split())
_METADATA = (".dist-info", ".egg-info")


def tell(probe, question, names=()):
    """Answer `modules`, `environment` or `listing`. ``names`` are pairs of a module and a project, of which one may be None."""
    cwd = probe["_working_directory"]()
    what = {"protocol": PROTOCOL, "python": _python(probe)}
    if question == "modules":
        what["modules"] = [_guarded(_about, probe, module, project) for module, project in names]
    else:
        projects = _projects()
        what["projects"] = projects if question == "listing" else len(projects)
        what["digest"] = digest(projects)
    machine = {"host": _host(probe), "prefix": _guarded(_place, sys.prefix)}
    lines = {"pid": os.getpid(), "cwd": cwd}, machine, _spelled(what, cwd)
    return "\n".join(json.dumps(each, sort_keys=True) for each in lines)


def digest(projects):
    """What is equal where the same versions of the same projects are installed."""
    import hashlib

    lines = "\n".join("%s==%s" % each for each in sorted(projects.items()))
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()


def _guarded(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:  # somebody else's files may be in any state
        return {"error": "%s: %s" % (type(error).__name__, error)}


def _python(probe):
    markers = probe["markers"]()
    return {
        "version": markers["python_full_version"],
        "implementation": markers["platform_python_implementation"],
        "platform": "-".join((sys.platform, markers["platform_machine"])),
        "executable": sys.executable or None,
        "prefix": sys.prefix,
    }


def _spelled(value, cwd):
    """The value with the working directory as `$CWD` in every text that is a path in it."""
    if isinstance(value, str):
        inside = value == cwd or value.startswith(cwd + os.sep)
        return "$CWD" + value[len(cwd) :] if inside and len(cwd) > 1 else value
    if isinstance(value, (list, tuple)):
        return [_spelled(each, cwd) for each in value]
    if isinstance(value, dict):
        return {key: _spelled(each, cwd) for key, each in value.items()}
    return value


# -- the machine -------------------------------------------------------------------------------------------------------


def _host(probe):
    """What tells machines apart: a boot has an id of its own, a mount namespace a number; names may be given twice."""
    return {
        "name": probe["_host"](),
        "boot": _lasting(_line, "/proc/sys/kernel/random/boot_id"),
        "machine": _lasting(_line, "/etc/machine-id"),
        "namespace": _link("/proc/self/ns/mnt"),
        "container": probe["_container"](),
    }


def _lasting(function, *arguments):
    """What does not change while this process runs."""
    key = (function, os.getpid(), *arguments)  # a fork may be moved to another container
    if key not in _known:
        _known[key] = function(*arguments)
    return _known[key]


def _line(path):
    text = (_read(path, 200) or b"").decode("ascii", "replace").strip()
    return text or None


def _link(path):
    try:
        return os.readlink(path)
    except (OSError, AttributeError):
        return None


def _place(path):
    """Which directory it is: the same numbers on one machine, or the same source of a mount on several, mean the same one."""
    seen = os.stat(path)
    marks = seen.st_dev, seen.st_ino, _link("/proc/self/ns/mnt")
    return {"device": seen.st_dev, "inode": seen.st_ino, "mount": _lasting(_mount_of, path, marks)}


def _mount_of(path, marks):
    """The mount of a path, which is another one where its marks are."""
    return _mount(os.path.realpath(path))


def _mount(path):
    """The type and the source of the mount that holds a path, and the path inside of it; see proc(5), `mountinfo`."""
    found, inside = (b"", b""), os.fsencode(path) + b"/"
    for line in (_read("/proc/self/mountinfo", -1) or b"").splitlines():
        fields = line.split(b" ", 5)
        point = fields[4].replace(b"\\040", b" ").rstrip(b"/") + b"/" if len(fields) == 6 else b""
        if point and inside.startswith(point) and len(point) >= len(found[0]):
            found = point, line
    point, line = map(os.fsdecode, found)
    left, _, right = line.partition(" - ")
    if not right:
        return None
    kind, source = right.split(" ")[:2]
    return [kind, source, os.path.normpath(left.split(" ")[3] + "/" + path[len(point) - 1 :])]


# -- a module ----------------------------------------------------------------------------------------------------------


def _about(probe, name, project):
    """A module as an import would find it here, its distribution, and what is loaded of it; or a distribution alone."""
    told = dict.fromkeys(_FIELDS)  # type: dict[str, object]
    metadata = None
    if name is not None:
        told.update(_find(probe, name))
        root = _root(told["file"], name, told["locations"]) if told["file"] else None
        told["standard"] = told["kind"] in ("builtin", "frozen") or (root is not None and _is_standard(root))
        told["loaded"] = _loaded(name)
        if root is not None and not told["standard"]:
            metadata, told["owners"] = _owner(told["file"], root)
    if metadata is None and project is not None and (name is None or told["found"] is False):
        metadata = _installed(project)
        told["owners"] = []
        told["found"] = metadata is not None if name is None else told["found"]
    if metadata is not None:
        told["distribution"], told["version"] = _identity(metadata)
    if told["loaded"] is None:
        told["stale"] = False
    elif told["file"] is not None:
        told["stale"] = _stale(told["loaded"], told["file"], metadata, told["version"])
    return told


def _find(probe, name):
    path, spec = None, None
    passed = []  # type: list[object]
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        whole = ".".join(parts[:count])
        if whole in sys.modules and sys.modules[whole] is None:
            return {"found": False, "passed": passed, "reason": "`sys.modules` has None for it"}
        spec = _spec(probe, whole, path, passed)
        if spec is None:
            return {"found": False, "passed": passed}
        path = spec["locations"]
        if path is None and count < len(parts):
            return {"found": None, "passed": passed, "reason": "`%s` is not a package" % whole}
    return dict(spec or {}, found=True, passed=passed)


def _spec(probe, name, path, passed):
    """What the first finder has that is Python's own, or lists what it has; every other one before it goes to ``passed``."""
    for finder in list(sys.meta_path):
        if finder in (machinery.BuiltinImporter, machinery.FrozenImporter, machinery.PathFinder):
            spec = finder.find_spec(name, path)
            if spec is not None:
                return _described(spec)
            continue
        listed = _editable(finder, name)
        if listed is not None:
            return listed
        if not _finds_nothing(finder):
            passed.append(dict(probe["_finder"](finder), without=_without(finder, name)))
    return None


def _finds_nothing(finder):
    """Whether its code can only return None, as that of `importlib_metadata`'s, which finds nothing but distributions."""
    cls = finder if isinstance(finder, type) else type(finder)
    function = next((vars(each)["find_spec"] for each in cls.__mro__ if "find_spec" in vars(each)), None)
    function = getattr(function, "__func__", function)
    own = {} if cls is finder else getattr(finder, "__dict__", {})
    if (
        type(function) is not FunctionType
        or type(cls) not in (type, ABCMeta)
        or "find_spec" in own
        or function.__code__.co_names
    ):
        return False
    import dis

    constants = {each for each in function.__code__.co_consts if each is not None and each != function.__doc__}
    names = {each.opname for each in dis.get_instructions(function.__code__)}
    return not constants and names <= {"RETURN_VALUE", "RETURN_CONST", "LOAD_CONST", "RESUME", "NOP", "CACHE"}


def _without(finder, name):
    """What lists a finder's modules and has neither the name nor a package around it: six's, meson-python's, setuptools'."""
    cls = finder if isinstance(finder, type) else type(finder)
    inside = {} if cls is finder else dict(getattr(finder, "__dict__", {}))
    if cls.__module__.startswith("__editable__"):
        inside["MAPPING"] = vars(sys.modules.get(cls.__module__, cls)).get("MAPPING")
    parts = name.split(".")
    wanted = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    lists = {key: value for key, value in inside.items() if type(value) in (dict, set, frozenset, list, tuple)}
    return sorted(key for key, value in lists.items() if not any(each in value for each in wanted))


def _described(spec):
    loader = spec.loader if isinstance(spec.loader, type) else type(spec.loader)
    locations = spec.submodule_search_locations
    kind = {
        "BuiltinImporter": "builtin",
        "FrozenImporter": "frozen",
        "ExtensionFileLoader": "extension",
        "SourcelessFileLoader": "bytecode",
        "NoneType": "namespace",
        "NamespaceLoader": "namespace",
        "_NamespaceLoader": "namespace",
    }.get(loader.__name__, "source")
    if kind in ("source", "bytecode") and locations is not None:
        kind = "package"
    is_file = kind not in ("builtin", "frozen", "namespace")
    file = os.path.abspath(spec.origin) if is_file and spec.origin else None
    return {"kind": kind, "file": file, "locations": None if locations is None else list(locations)}


def _editable(finder, name):
    """What the finders of editable installs list: setuptools' maps a name to a folder or a module without its suffix."""
    cls = finder if isinstance(finder, type) else type(finder)
    if cls.__name__ == "_EditableFinder" and cls.__module__.startswith("__editable___"):
        mapping = vars(sys.modules.get(cls.__module__, cls)).get("MAPPING")
        target = mapping.get(name) if isinstance(mapping, dict) else None
        if isinstance(target, str):
            package = os.path.join(target, "__init__.py")
            if os.path.isfile(package):
                return {"kind": "package", "file": package, "locations": [target]}
            if os.path.isfile(target + ".py"):
                return {"kind": "source", "file": target + ".py", "locations": None}
    if cls.__name__ == "RedirectingFinder" and cls.__module__ == "editables.redirector":
        target = vars(cls).get("_redirections", {}).get(name)
        if isinstance(target, str):
            is_package = os.path.basename(target) == "__init__.py"
            locations = [os.path.dirname(target)] if is_package else None
            return {"kind": "package" if is_package else "source", "file": target, "locations": locations}
    return None


def _loaded(name):
    module = sys.modules.get(name)
    if not isinstance(module, ModuleType):
        return None
    inside = object.__getattribute__(module, "__dict__")  # a lazy module's `__getattr__` would import
    file, version = inside.get("__file__"), inside.get("__version__")
    return {
        "file": os.path.abspath(str.__str__(file)) if isinstance(file, str) else None,
        "version": str.__str__(version)[:200] if isinstance(version, str) else None,
    }


# -- whose it is -------------------------------------------------------------------------------------------------------


def _root(file, name, locations):
    """The folder that a module's dotted name starts from."""
    root = os.path.dirname(file)
    for _ in range(name.count(".") + (locations is not None)):
        root = os.path.dirname(root)
    return root


def _is_standard(root):
    library = os.path.dirname(os.__file__)
    return root in (library, os.path.join(library, "lib-dynload"))


def _owner(file, root):
    """The metadata directory that lists the file, and the names of all that do: None if one lists nothing and may own it.

    It is kept until the folder changes, because reading every RECORD takes most of an answer's time.
    """
    try:
        seen = os.stat(root)
    except OSError:
        return _read_owner(file, root)
    stamp = seen.st_mtime, seen.st_ctime  # the first alone may be set back, as by what copies folders with their times
    known = _owners.get(file)
    if known is None or known[0] != stamp:
        known = stamp, _read_owner(file, root)
        is_there = known[1][0] is not None and os.path.dirname(known[1][0]) == root  # what is elsewhere changes unseen
        if is_there and len(_owners) < MOST_OWNERS and time.time() - max(stamp) > SETTLED:
            _owners[file] = known
    return known[1]


def _read_owner(file, root):
    relative = os.path.relpath(file, root).replace(os.sep, "/")
    owners, silent = [], False
    for entry in _listdir(root):
        if not entry.endswith(_METADATA):
            continue
        row = _row(os.path.join(root, entry), relative)
        silent = silent or row is None
        if row:
            owners.append((os.path.join(root, entry), row))
    if not owners:
        linked = _linked(file)
        return (linked, [_identity(linked)[0]]) if linked else (None, None if silent else [])
    names = sorted(_identity(path)[0] or os.path.basename(path) for path, _ in owners)
    if (
        len(owners) > 1
    ):  # pip installs over another distribution's file without a word: the content there is the later one's
        owners = [each for each in owners if _is_recorded(file, each[1])]
    return owners[0][0] if len(owners) == 1 else None, names


def _row(metadata, relative):
    """The line of a list of files that has one: empty if none has, None if there is no such list."""
    recorded = _read(os.path.join(metadata, "RECORD"), 1 << 26)
    if recorded is not None:
        wanted = (b"\n" + relative.encode("utf-8", "surrogateescape") + b",", b'\n"' + relative.encode() + b'",')
        recorded = b"\n" + recorded
        at = max(recorded.find(each) for each in wanted)
        return recorded[at + 1 :].partition(b"\n")[0].strip() if at >= 0 else b""
    listed = _read(os.path.join(metadata, "installed-files.txt"), 1 << 26)
    if listed is None:
        return None
    return b"listed" if ("../" + relative).encode("utf-8", "surrogateescape") in listed.split() else b""


def _is_recorded(file, row):
    """Whether the file's content has the hash of its row in RECORD."""
    import base64
    import hashlib

    content = _read(file, HASHED + 1)
    if content is None or len(content) > HASHED:
        return False
    value = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return b",sha256=" + value + b"," in row


def _linked(file):
    """The metadata directory of the editable install whose folder has the file (PEP 660)."""
    for entry in sys.path:
        for name in _listdir(entry or os.curdir) if isinstance(entry, str) else ():
            if not name.endswith(".dist-info"):
                continue
            metadata = os.path.join(entry or os.curdir, name)
            if not os.path.isfile(os.path.join(metadata, "direct_url.json")):
                continue
            folder = _edited(metadata)
            if folder and file.startswith(folder.rstrip(os.sep) + os.sep):
                return metadata
    return None


def _edited(metadata):
    from urllib.parse import unquote

    try:
        origin = json.loads((_read(os.path.join(metadata, "direct_url.json"), HEADERS) or b"").decode("utf-8"))
        url = origin["url"] if origin["dir_info"]["editable"] is True else ""
        return os.path.abspath(unquote(url[len("file://") :])) if url.startswith("file://") else None
    except (ValueError, KeyError, TypeError):
        return None


def _installed(project):
    """The first metadata directory on the path that is called like a project."""
    wanted = _canonical(project)
    for entry in sys.path:
        for name in _listdir(entry or os.curdir) if isinstance(entry, str) else ():
            if name.endswith(_METADATA) and _canonical(name.rpartition(".")[0].partition("-")[0]) == wanted:
                return os.path.join(entry or os.curdir, name)
    return None


def _identity(metadata):
    """The name and the version that a distribution gives itself."""
    known = {}  # type: dict[str, str]
    for line in (_headers(metadata) or b"").decode("utf-8", "replace").splitlines():
        if not line or len(known) == 2:
            break
        key, colon, value = line.partition(":")
        if colon and key.lower() in ("name", "version"):
            known.setdefault(key.lower(), value.strip())
    return known.get("name"), known.get("version")


def _headers(metadata):
    for name in ("METADATA", "PKG-INFO"):
        found = _read(os.path.join(metadata, name), HEADERS)
        if found is not None:
            return found
    return _read(metadata, HEADERS) if metadata.endswith(".egg-info") else None


# -- whether what is loaded is what is installed -------------------------------------------------------------------------


def _stale(loaded, file, metadata, installed):
    """Whether an import would load something else than what is loaded; None if neither is proven."""
    if loaded["file"] is not None and not _same(loaded["file"], file):
        return True
    since = _started()
    changed, installed_at = _changed(file), _changed(metadata)
    if since is None or changed is None:
        return None
    is_older = installed_at is None or installed_at < since
    # a hard link in another environment changes the time of the file, and nothing else
    if is_older and (changed < since or (metadata is not None and _is_recorded(file, _recorded(file, metadata)))):
        return False
    version = _version_in(file, 0)
    if version is None or loaded["version"] is None:
        return None
    if version == loaded["version"]:
        return False
    return None if installed == loaded["version"] else True


def _recorded(file, metadata):
    relative = os.path.relpath(file, os.path.dirname(metadata)).replace(os.sep, "/")
    return _row(metadata, relative) or b""


def _same(one, other):
    try:
        return one == other or os.path.samefile(one, other)
    except OSError:
        return False


def _changed(path):
    """Seconds since the epoch; of a metadata directory, the later of its own time and its RECORD's."""
    times = []
    for each in (path, os.path.join(path, "RECORD")) if path else ():
        try:
            seen = os.stat(each)
            times += [seen.st_mtime, seen.st_ctime]
        except OSError:
            pass
    return max(times) if times else None


def _started():
    """When this process started, in seconds since the epoch: the twenty-second field of proc(5)'s `stat` counts from the boot."""
    try:
        ticks = int((_read("/proc/self/stat", HEADERS) or b"").rpartition(b")")[2].split()[19])
        booted = float((_read("/proc/uptime", HEADERS) or b"").split()[0])
        return time.time() - (booted - ticks / os.sysconf("SC_CLK_TCK"))
    except (AttributeError, IndexError, ValueError, OSError):
        return None


def _version_in(file, depth, name="__version__"):
    """The version that a module's source sets, where it is a literal there, or in the module beside it that it comes from."""
    import re

    if not file.endswith(".py") or depth > 3:
        return None
    source = (_read(file, 1 << 20) or b"").decode("utf-8", "replace")
    bound = re.findall(r"^%s\b[^=\n]*=\s*(.*)$" % name, source, re.M)
    if len(bound) == 1:
        literal = re.match(r"[\"']([^\"'\\]*)[\"']\s*(?:#.*)?$", bound[0])
        if literal:
            return literal.group(1)
        other = re.match(r"(\w+)\s*(?:#.*)?$", bound[0])
        return _version_in(file, depth + 1, other.group(1)) if other else None
    package = os.path.basename(os.path.dirname(file))
    found = re.findall(r"^from (?:\.|%s\.)(\w+) import [^\n]*\b%s\b(?! as)" % (re.escape(package), name), source, re.M)
    beside = os.path.join(os.path.dirname(file), found[0] + ".py") if len(found) == 1 and not bound else ""
    return _version_in(beside, depth + 1, name) if os.path.isfile(beside) else None


# -- the whole environment ---------------------------------------------------------------------------------------------


def _projects():
    """The installed projects and their versions, from the names of their metadata directories: the first on the path counts."""
    found = {}  # type: dict[str, str]
    for entry in sys.path:
        for name in sorted(_listdir(entry or os.curdir)) if isinstance(entry, str) else ():
            stem, suffix = os.path.splitext(name)
            if suffix not in _METADATA or name.startswith("~"):
                continue
            project, _, rest = stem.partition("-")
            metadata = os.path.join(entry or os.curdir, name)
            if suffix == ".dist-info" and not os.path.isfile(os.path.join(metadata, "METADATA")):
                continue
            version = rest if suffix == ".dist-info" else rest.partition("-")[0]
            found.setdefault(_canonical(project), version or _identity(metadata)[1] or "")
    return found


def _canonical(project):
    """A project's name as PEP 503 normalises it."""
    import re

    return re.sub(r"[-_.]+", "-", project).lower()


def _listdir(path):
    try:
        return os.listdir(path)
    except (OSError, ValueError):  # ValueError: a path with a null character
        return []


def _read(path, most):
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except (OSError, ValueError):
        return None
