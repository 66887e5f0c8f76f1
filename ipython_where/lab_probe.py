"""What a kernel says to a JupyterLab page and its server: where it runs, and which JupyterLab extensions its environment has.

This is a single file with nothing but the standard library in it. The page and the server send it as text; a kernel of any
Python from 3.8 on runs it in names of its own and evaluates ``answer(call)``. Nothing is printed or left in the user's
namespace. It may run in a second thread while the user's code runs, so it changes nothing that the process shares.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from _thread import allocate_lock, get_ident

TYPE_CHECKING = False  # `typing` knows it as a constant, too, but would have to be imported
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType
    from typing import Any

HELD = "_ipython_where_page"
"""The module that holds what outlives a call: each call runs this file anew."""

_MOST_PAGES = 16
_LONGEST_CALL = 1 << 20  # characters
_LARGEST_CHUNK = 8 << 20
_LARGEST_JSON = 1 << 20
_LARGEST_METADATA = 64 << 20
_LARGEST_EXTENSION = 256 << 20
_MOST_EXTENSIONS = 1_000
_MOST_FILES = 10_000  # of an extension, with its folders
_MOST_PROBLEMS = 100
_LONGEST_WORD = 200  # a version, a project's name
_KEPT_SECONDS = 600.0
_MOST_ARCHIVES = 4
"""Held at once: two windows may take two extensions, and each part of one would make the other's archive again."""


class _Refusal(Exception):
    """Why a call is not answered, as a sentence."""


# -- what is asked -----------------------------------------------------------------------------------------------------


def answer(call: str) -> str:
    """Answer a call, as base64 of a line of JSON, ``{"ok": VALUE}`` or ``{"error": SENTENCE}``, and the bytes after it.

    Only an interrupt gets through as an exception.
    """
    data = b""
    try:
        value, data = _answered(call)
        line = _line({"ok": value})
    except _Refusal as error:
        line = _line({"error": str(error)})
    except Exception as error:
        line = _line({"error": f"{type(error).__name__}: {error}"})
    encoded: str = _library("base64").b64encode(line + data).decode("ascii")
    return encoded


def pages() -> list[dict[str, Any]]:
    """The pages that have told this kernel of themselves, the newest first, each with the time when it did (`arrived`)."""
    held = getattr(sys.modules.get(HELD), "pages", {})
    return [{**_library("json").loads(text), "arrived": arrived} for arrived, text in reversed([*held.values()])]


def _answered(call: str) -> tuple[Any, bytes]:
    if not isinstance(call, str) or len(call) > _LONGEST_CALL:
        raise _Refusal("a call is JSON of at most 1 MiB")
    asked = _library("json").loads(call, parse_constant=_no_constant)
    does = asked.get("do") if isinstance(asked, dict) else None
    if not isinstance(does, str) or does not in _DOES:
        raise _Refusal(f"a call's `do` is one of {', '.join(f'`{each}`' for each in _DOES)}")
    _forget_old()
    return _DOES[does](asked)


def _no_constant(name: str) -> None:
    raise _Refusal(f"`{name}` is not JSON")


def _meet(asked: dict[str, Any]) -> tuple[Any, bytes]:
    _keep_page(asked.get("page"))
    return _place(), b""


def _note(asked: dict[str, Any]) -> tuple[Any, bytes]:
    _keep_page(asked.get("page"))
    return None, b""


def _list(asked: dict[str, Any]) -> tuple[Any, bytes]:
    """The named extensions; with ``prove``, that is done first, and ``unproven`` says why it can't be."""
    names, proof = asked.get("names"), asked.get("prove")
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise _Refusal("`names` is a list of names")
    if proof is None:
        return _place(names), b""
    unproven = None
    try:
        _prove(proof if isinstance(proof, dict) else {})
    except (OSError, ValueError, _Refusal) as error:
        unproven = f"{error}"
    return {**_place(names), "unproven": unproven}, b""


def _chunk(asked: dict[str, Any]) -> tuple[Any, bytes]:
    """A part of an extension's archive. What isn't held any more is made again: the same files make the same archive."""
    key = _archived(asked)
    offset, size = _number(asked, "offset", 0, 1 << 40), _number(asked, "size", 1, _LARGEST_CHUNK)
    made, archive = _archives().get(key, (0.0, b""))
    if not made or offset == 0:
        _keep_archive(key, None)  # or there would be two of them while it is made
        made, archive = time.monotonic(), _archive(*key)
    is_end = offset + size >= len(archive)
    _keep_archive(key, None if is_end else (made, archive))
    return {"total": len(archive), "offset": offset}, archive[offset : offset + size]


def _forget(asked: dict[str, Any]) -> tuple[Any, bytes]:
    """A server takes no more of an extension's archive."""
    _keep_archive(_archived(asked), None)
    return None, b""


def _archived(asked: dict[str, Any]) -> tuple[str, str]:
    return _text(asked, "name"), _text(asked, "sha256")


def _prove(asked: dict[str, Any]) -> tuple[Any, bytes]:
    """Append a word to a file that a server made for it: whoever can do so runs as its user, where its files are."""
    path, word = _text(asked, "file"), _text(asked, "word")
    if not os.path.isabs(path) or "\0" in path:
        raise _Refusal("`file` is not an absolute path")
    if len(word) > 1000:
        raise _Refusal("`word` is too long")
    _check_own_file(os.lstat(path))
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    try:
        _check_own_file(os.fstat(file))
        os.write(file, word.encode())
    finally:
        os.close(file)
    return None, b""


def _check_own_file(state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise _Refusal("`file` is not a regular file")
    if hasattr(os, "geteuid") and state.st_uid != os.geteuid():
        raise _Refusal("`file` belongs to another user")


_DOES: dict[str, Callable[[dict[str, Any]], tuple[Any, bytes]]] = {
    "meet": _meet,
    "note": _note,
    "list": _list,
    "chunk": _chunk,
    "forget": _forget,
    "prove": _prove,
}


def _text(asked: dict[str, Any], key: str) -> str:
    found = asked.get(key)
    if not isinstance(found, str):
        raise _Refusal(f"`{key}` is not a string")
    return found


def _number(asked: dict[str, Any], key: str, least: int, most: int) -> int:
    found = asked.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise _Refusal(f"`{key}` is not a number from {least} to {most}")
    return found


def _line(value: object) -> bytes:
    """A line of strict JSON in ASCII; half a surrogate pair is no character, and becomes the one for that."""
    text: str = _library("json").dumps(_characters(value), allow_nan=False)
    return text.encode("ascii") + b"\n"


def _characters(value: Any) -> Any:
    if isinstance(value, str):
        return value if _is_text(value) else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _characters(each) for key, each in value.items()}
    return [_characters(each) for each in value] if isinstance(value, list) else value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


# -- what outlives a call ----------------------------------------------------------------------------------------------


def _held() -> ModuleType:
    return sys.modules.setdefault(HELD, type(sys)(HELD, "What JupyterLab pages told this kernel."))


def _keep_page(page: object) -> None:
    if not isinstance(page, dict) or not isinstance(page.get("client"), str):
        raise _Refusal("`page` is not an object with a string `client`")
    text = _library("json").dumps(page, allow_nan=False)
    names = _held().__dict__
    with names.setdefault("lock", allocate_lock()):
        held = dict(names.get("pages", {}))
        held.pop(page["client"], None)
        held[page["client"]] = (time.time(), text)
        names["pages"] = dict([*held.items()][-_MOST_PAGES:])


def _archives() -> dict[tuple[str, str], tuple[float, bytes]]:
    """The archives that servers have taken a part of, each with when it was made, by the extension's name and its hash."""
    found: dict[tuple[str, str], tuple[float, bytes]] = getattr(sys.modules.get(HELD), "archives", {})
    return found


def _keep_archive(key: tuple[str, str], made: tuple[float, bytes] | None) -> None:
    """Hold an archive until its rest is asked for, or let go of it; and of those that a server left."""
    names = _held().__dict__
    with names.setdefault("lock", allocate_lock()):
        oldest = time.monotonic() - _KEPT_SECONDS
        held = {each: of for each, of in _archives().items() if each != key and of[0] > oldest}
        if made is not None:
            held[key] = made
        names["archives"] = dict([*held.items()][-_MOST_ARCHIVES:])


def _forget_old() -> None:
    if _archives():
        _keep_archive(("", ""), None)


def describe() -> dict[str, Any]:
    """The kernel's side of a page: where it runs, and its environment's extensions."""
    return _place()


# -- the place ---------------------------------------------------------------------------------------------------------


def _place(names: list[str] | None = None) -> dict[str, Any]:
    """The kernel's side of a page; with ``names``, of the extensions only these, with the hashes of their files."""
    problems: list[str] = []
    pip = _pip()
    environment = _Environment(find_extensions(labextensions_path(), problems), list(sys.path))
    return {
        "host": os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", ""),
        "prefix": sys.prefix,
        "executable": sys.executable or "",
        "version": sys.version.split()[0],
        "home": _home(),
        "pip": pip,
        "pip_is_here": pip and _is_here(pip),
        "extensions": environment.tell(names, problems),
        "problems": problems[:_MOST_PROBLEMS],
    }


def _home() -> str | None:
    """The folder that people write as `~`; None if the user has none."""
    home = os.path.expanduser("~").rstrip("/\\")
    return home if os.path.isabs(home) else None


def _pip() -> str | None:
    """What a shell would run as `pip`."""
    name = "pip.exe" if os.name == "nt" else "pip"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder or os.curdir, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.abspath(path)
    return None


def _is_here(pip: str) -> bool | None:
    """Whether a `pip` is this environment's, by the Python in its first lines; None if they don't tell."""
    try:
        begun = _read_head(pip, 2048)
    except (OSError, _Refusal):
        return None
    if not begun.startswith(b"#!"):
        scripts = os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin")
        return True if _same(os.path.dirname(pip), scripts) else None
    python = python_of(begun, pip)
    if python is None or not os.path.isfile(python):
        return None
    environment = _virtual_environment(python)
    if environment is not None:
        return _same(environment, sys.prefix)
    if sys.prefix != sys.base_prefix:
        return False  # an interpreter outside of any virtual environment
    if not sys.executable:
        return None
    if _same(python, sys.executable):
        return True
    return None if _same(os.path.dirname(python), os.path.dirname(sys.executable)) else False


def python_of(begun: bytes, script: str) -> str | None:
    """The Python that a script's first lines name by its path; None if they don't."""
    first, _, rest = os.fsdecode(begun).partition("\n")
    words = first[2:].split() if first.startswith("#!") else []
    path = words[0] if words else ""
    if os.path.basename(path) in ("sh", "dash", "bash") and rest.startswith(_TRAMPOLINE):
        path = _by_trampoline(rest.partition("\n")[0].rstrip(), script)
    is_python = os.path.basename(path).lower().startswith(("python", "pypy"))
    return path if os.path.isabs(path) and is_python else None


_TRAMPOLINE, _ARGUMENTS = "'''exec' ", ' "$0" "$@"'
_BESIDE = '"$(dirname -- "$(realpath -- "$0")")"/'


def _by_trampoline(line: str, script: str) -> str:
    """The path in a line that a shell reads as `exec`: installers write it where a shebang would be too long or have a blank."""
    if not line.endswith(_ARGUMENTS):
        return ""
    named, folder = line[len(_TRAMPOLINE) : -len(_ARGUMENTS)], ""
    if named.startswith(_BESIDE):
        named, folder = named[len(_BESIDE) :], os.path.dirname(os.path.realpath(script))
    is_quoted = len(named) > 2 and named[0] == named[-1] and named[0] in "\"'"
    named = named[1:-1] if is_quoted else named
    return "" if set(named) & set("\"'$`" if is_quoted else "\"'$` ") else os.path.join(folder, named)


def _virtual_environment(python: str) -> str | None:
    """The virtual environment that a Python's path is in: Python itself looks for `pyvenv.cfg` there."""
    folder = os.path.dirname(python)
    near = (folder, os.path.dirname(folder))
    return next((each for each in near if os.path.isfile(os.path.join(each, "pyvenv.cfg"))), None)


def _same(one: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


# -- extensions --------------------------------------------------------------------------------------------------------

_NOT_FOR_OTHERS = ("ipython-where", "@jupyter-notebook/lab-extension")
"""They are part of the page that loads them."""

_PAGE_SCOPES = ("@jupyterlab/", "@lumino/", "@codemirror/", "@lezer/", "@microsoft/fast-")
_PAGE_PACKAGES = frozenset(
    (
        *("@jupyter/react-components", "@jupyter/web-components", "@jupyter/ydoc"),
        *("lib0", "react", "react-dom", "y-protocols", "yjs"),
    )
)
"""What JupyterLab itself shares: the `singletonPackages` of its `package.json`, and what those bring."""


class LabExtensionFolder:
    """A prebuilt extension: its name, its folder, and what its `package.json` says."""

    def __init__(self, name: str, folder: str, package: dict[str, Any]) -> None:
        self.name, self.folder, self.package = name, folder, package

    @property
    def _about(self) -> dict[str, Any]:
        found = self.package.get("jupyterlab")
        return found if isinstance(found, dict) else {}

    @property
    def version(self) -> str | None:
        found = self.package.get("version")
        return found if isinstance(found, str) and _is_text(found) and len(found) <= _LONGEST_WORD else None

    @property
    def announced(self) -> str:
        """The project that it names as its server part, normalized; empty if it names none."""
        found = announced(self.package)
        return normalized(found) if found.isascii() and len(found) <= _LONGEST_WORD else ""

    @property
    def lacks(self) -> list[str]:
        """The packages that it uses and something else has to bring."""
        shared = self._about.get("sharedPackages")
        found = shared.items() if isinstance(shared, dict) else ()
        return [name for name, each in found if isinstance(each, dict) and each.get("bundled") is False]

    @property
    def switches_off(self) -> bool:
        """Whether JupyterLab disables other extensions where it serves this one."""
        return bool(self._about.get("disabledExtensions"))

    def brings(self, package: str) -> bool:
        """Whether it shares a package with others: each that it has bundled is shared. JupyterLab's own need no other."""
        if package.startswith(_PAGE_SCOPES) or package in _PAGE_PACKAGES:
            return False
        depends = self.package.get("dependencies")
        return isinstance(depends, dict) and package in depends and package not in self.lacks


def announced(package: dict[str, Any]) -> str:
    """The project that a ``package.json`` names as the extension's server part; empty if it names none."""
    found: Any = package
    for key in ("jupyterlab", "discovery", "server", "base", "name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def labextensions_path() -> list[str]:
    """Where this interpreter's Jupyter has its prebuilt extensions: as `jupyter_core` says, if it is loaded.

    It isn't imported here: the notebook's folder may have a file of that name.
    """
    ask = getattr(sys.modules.get("jupyter_core.paths"), "jupyter_path", _jupyter_path)
    try:
        found = ask()
    except Exception:  # it looks for a home, which a user may lack
        found = _jupyter_path()
    return [os.path.join(each, "labextensions") for each in found if os.path.isabs(each)]


def _jupyter_path() -> list[str]:
    """The order of ``jupyter_core.paths.jupyter_path()``: a virtual environment's own before the user's."""
    own = [os.path.join(sys.prefix, "share", "jupyter")]
    user = [os.environ.get("JUPYTER_DATA_DIR") or _user_data()]
    site = sys.modules.get("site")
    if getattr(site, "ENABLE_USER_SITE", False) and getattr(site, "USER_BASE", None):
        user.append(os.path.join(site.USER_BASE, "share", "jupyter"))  # type: ignore[union-attr]
    given = [each for each in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if each]
    in_order = own + user if sys.prefix != sys.base_prefix else user + own
    system = [] if os.name == "nt" else ["/usr/local/share/jupyter", "/usr/share/jupyter"]
    return list(dict.fromkeys(given + in_order + system))


def _user_data() -> str:
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Jupyter")
    if os.name == "nt":
        return os.path.join(os.environ.get("APPDATA") or home, "jupyter")
    return os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share"), "jupyter")


def find_extensions(roots: Iterable[str], problems: list[str]) -> dict[str, LabExtensionFolder]:
    """The prebuilt extensions in these folders, by name; the first one of a name counts, also if it is broken."""
    seen: set[str] = set(_NOT_FOR_OTHERS)
    found: dict[str, LabExtensionFolder] = {}
    for name, folder in (each for root in roots for each in _candidates(root)):
        if name in seen or not os.path.lexists(os.path.join(folder, "package.json")):
            continue
        seen.add(name)
        if len(seen) > _MOST_EXTENSIONS:
            problems.append(f"there are more than {_MOST_EXTENSIONS} prebuilt extensions, the others are left out")
            break
        try:
            found[name] = _read_extension(name, folder)
        except (OSError, ValueError, RecursionError, _Refusal) as error:
            problems.append(f"`{folder}` is not a prebuilt extension: {error}")
    return found


def _candidates(root: str) -> Iterator[tuple[str, str]]:
    for name in _names_in(root):
        if not name.startswith("@"):
            yield name, os.path.join(root, name)
            continue
        for inner in _names_in(os.path.join(root, name)):
            yield f"{name}/{inner}", os.path.join(root, name, inner)


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(each for each in os.listdir(folder) if not each.startswith("."))
    except OSError:
        return []


def _read_extension(name: str, folder: str) -> LabExtensionFolder:
    package = _read_json(folder, name, "package.json")
    if package.get("name") != name:
        raise _Refusal("its package.json names another extension")
    if not _is_text(name):
        raise _Refusal("its name is not valid text")
    return LabExtensionFolder(name, folder, package)


def _read_json(folder: str, name: str, file: str) -> dict[str, Any]:
    path = os.path.join(folder, file)
    target = _target(path, os.path.realpath(folder), name, file)
    if target is None:
        raise _Refusal(f"its {file} is a link that leads elsewhere")
    found = _library("json").loads(_read(target, _LARGEST_JSON).decode("utf-8"))
    if not isinstance(found, dict):
        raise _Refusal(f"its {file} holds no object")
    return found


class _Environment:
    """The extensions of an environment, and the distributions that carry them."""

    def __init__(self, extensions: dict[str, LabExtensionFolder], path: Iterable[str]) -> None:
        self._extensions = extensions
        self._installed = installed = _Installed(path if extensions else ())
        self._owners = {name: installed.owner_of(each) for name, each in extensions.items()}

    def tell(self, names: Iterable[str] | None, problems: list[str]) -> list[dict[str, Any]]:
        """What a page hears of each extension, or a server of those that it names; one that can't be read is left out."""
        told = []
        for name in sorted(self._extensions if names is None else set(names)):
            extension = self._extensions.get(name)
            if extension is None:
                problems.append(f"`{name}` is not an extension of this environment")
                continue
            if extension.version is None:
                problems.append(f"`{name}` has no version")
            try:
                files = list_files(extension, problems)
                measured = {"bytes": sum(each.size for each in files)} if names is None else _hashed(files)
            except (OSError, _Refusal) as error:
                problems.append(f"`{name}` can't be read: {error}")
                continue
            told.append({**self._about(extension), **measured})
        return told

    def _about(self, extension: LabExtensionFolder) -> dict[str, Any]:
        installed, owner = self._installed, self._owners[extension.name]
        required = self._required(extension)
        brought = {each for package in extension.lacks for each in self._bringing(package, required)}
        code = (extension, *(self._extensions[each] for each in sorted(brought)))
        parts = [installed.server_part(each, self._owners[each.name]) for each in code]
        server_distribution, server = next((each for each in parts if each[1]), parts[0])
        return {
            "name": extension.name,
            "version": extension.version,
            "distribution": owner and installed.name(owner),
            "distribution_version": owner and installed.version(owner),
            "server_distribution": server_distribution,
            "server": server,
            "switches_off": extension.switches_off,
            "needs": sorted((required | brought) - {extension.name}),
        }

    def _required(self, extension: LabExtensionFolder) -> set[str]:
        """The extensions that a distribution's requirements bring."""
        owner = self._owners[extension.name]
        found = set() if owner is None else set(self._installed.closure(owner))
        return {name for name, each in self._owners.items() if each in found}

    def _bringing(self, package: str, required: set[str]) -> set[str]:
        """The extension that brings a package: a required one, or else one that is named alike; of several, nobody can say."""
        found = {package} & set(self._extensions)
        found = found or {each.name for each in self._extensions.values() if each.brings(package)}
        alike = {each for each in found if each.startswith(package.partition("/")[0])}
        return found & required or next((some for some in (alike, found) if len(some) == 1), set())


# -- distributions -----------------------------------------------------------------------------------------------------

_SERVERS_OWN = frozenset(
    (
        "jupyter-lsp",
        "jupyter-server",
        "jupyter-server-terminals",
        "jupyterlab",
        "jupyterlab-pygments",
        "jupyterlab-server",
        "nbclassic",
        "nbconvert",
        "notebook",
        "notebook-shim",
    )
)
"""A server with JupyterLab has them, so that nobody needs those of another environment."""

_LAB, _SERVER = "share/jupyter/labextensions/", "etc/jupyter/jupyter_server_config.d/"


class _Installed:
    """The distributions on a path, by normalized name: what they carry for a server, and what they require."""

    def __init__(self, path: Iterable[str]) -> None:
        self._folders: dict[str, str] = {}
        for entry in path:
            if not isinstance(entry, str) or not os.path.isabs(entry):
                continue  # the notebook's folder
            for each in _names_in(entry):
                stem, kind = os.path.splitext(each)
                if kind in (".dist-info", ".egg-info"):
                    name = stem.rpartition("-")[0] if kind == ".dist-info" else stem.partition("-")[0]
                    self._folders.setdefault(normalized(name or stem), os.path.join(entry, each))
        self._headers: dict[str, dict[str, list[str]]] = {}
        self._carriers: dict[str, str] = {}
        self._servers: dict[str, list[str]] = {}
        for project, folder in self._folders.items():
            self._read_record(project, folder)

    def _read_record(self, project: str, folder: str) -> None:
        record = _read_if_there(os.path.join(folder, "RECORD"))
        if b"jupyter/" not in record:
            return
        for line in record.decode("utf-8", "surrogateescape").splitlines():
            path = line.rsplit(",", 2)[0].strip('"').replace("\\", "/")
            if _LAB in path and path.endswith("/package.json"):
                carried = os.path.join(os.path.dirname(folder), os.path.dirname(path))
                self._carriers.setdefault(os.path.realpath(carried), project)
            elif _SERVER in path and path.endswith(".json"):
                self._servers.setdefault(project, []).append(path.rpartition("/")[2][: -len(".json")])

    def owner_of(self, extension: LabExtensionFolder) -> str | None:
        """The distribution that carries an extension, by its RECORD or else by what the extension says; or None."""
        found = self._carriers.get(os.path.realpath(extension.folder))
        if found is not None:
            return found
        try:
            said = _read_json(extension.folder, extension.name, "install.json").get("packageName")
        except (OSError, ValueError, RecursionError, _Refusal):
            return None
        return normalized(said) if isinstance(said, str) and normalized(said) in self._folders else None

    def server_part(self, extension: LabExtensionFolder, owner: str | None) -> tuple[str | None, list[str]]:
        """The distribution with the server's half of an extension, and the names of that half."""
        for project in self._halves(owner, extension.announced):
            if project in self._servers:
                return self.name(project), sorted(set(self._servers[project]))
        unlisted = self._unlisted(extension, owner)
        if unlisted:
            return (self.name(owner) if owner is not None else None), unlisted
        is_elsewhere = extension.announced not in ("", owner) and extension.announced not in self._folders
        return None, [announced(extension.package)] if is_elsewhere else []

    def _halves(self, owner: str | None, said: str) -> Iterator[str]:
        """The distributions that may have the server's half: the extension's own, the one that it announces, and near ones.

        A near one carries no extension itself. Either the extension's own distribution requires it, or it has nearly the same
        name (`jupyterlab-git-core` and `jupyterlab-git`, which requires it), or one of nearly the same name requires both
        (`jupyter-collaboration`). Any other that requires an extension may be an application of its own.
        """
        if owner is None:
            yield said
            return
        yield from (owner, said)
        carriers = set(self._carriers.values()) | _SERVERS_OWN
        yield from (each for each in self.requires(owner) if each not in carriers)
        alike = [each for each in self._folders if owner.startswith(f"{each}-") or each.startswith(f"{owner}-")]
        for project in alike:
            required = self.requires(project)
            if owner in required and project not in carriers:
                yield from (each for each in (project, *required) if each not in carriers)

    def _unlisted(self, extension: LabExtensionFolder, owner: str | None) -> list[str]:
        """The server extensions beside an extension that have its name and that no RECORD lists: by hand, or in development."""
        prefix = extension.folder[: -len(os.path.join("labextensions", extension.name))] + os.path.join("..", "..")
        names = (os.path.splitext(each) for each in _names_in(os.path.join(prefix, *_SERVER.split("/"))))
        listed = {each for found in self._servers.values() for each in found}
        own = {owner, extension.announced, normalized(extension.name.lstrip("@").replace("/", "-"))}
        return [name for name, kind in names if kind == ".json" and name not in listed and normalized(name) in own]

    def closure(self, project: str) -> Iterator[str]:
        """What a distribution requires, without extras, whatever else the markers say."""
        seen, pending = {project}, [project]
        while pending:
            for each in self.requires(pending.pop()):
                if each not in seen and each in self._folders and each not in _SERVERS_OWN:
                    seen.add(each)
                    pending.append(each)
                    yield each

    def name(self, project: str) -> str:
        return next(iter(self._header(project, "name")), project)

    def version(self, project: str) -> str | None:
        return next(iter(self._header(project, "version")), None)

    def requires(self, project: str) -> list[str]:
        required = (each.partition(";") for each in self._header(project, "requires-dist"))
        return [normalized(project_of(named)) for named, _, marker in required if not asks_for_an_extra(marker)]

    def _header(self, project: str, key: str) -> list[str]:
        if project not in self._headers:
            self._headers[project] = _metadata(self._folders[project])
        return self._headers[project].get(key, [])


def _metadata(folder: str) -> dict[str, list[str]]:
    """The headers of a distribution's metadata, by lower-case name."""
    name = "METADATA" if folder.endswith(".dist-info") else "PKG-INFO"
    file = os.path.join(folder, name) if os.path.isdir(folder) else folder
    found: dict[str, list[str]] = {}
    for line in _read_if_there(file).decode("utf-8", "replace").split("\n"):
        if not line.rstrip("\r"):
            break  # a line of blanks belongs to a licence
        key, colon, value = line.partition(":")
        if colon and line[0] not in " \t":
            found.setdefault(key.lower(), []).append(value.strip())
    if name == "PKG-INFO" and "requires-dist" not in found:
        lines = _read_if_there(os.path.join(folder, "requires.txt")).decode("utf-8", "replace").partition("[")[0]
        found["requires-dist"] = lines.split("\n")
    return found


def normalized(name: str) -> str:
    """A project's name as PEP 503 compares it."""
    return "-".join(each for each in name.lower().replace("_", "-").replace(".", "-").split("-") if each)


def project_of(requirement: str) -> str:
    """The name that a requirement begins with."""
    name = requirement.strip()
    for mark in " \t[(<>=!~@,":
        name = name.partition(mark)[0]
    return name


def asks_for_an_extra(marker: str) -> bool:
    """Whether it plainly requires an extra; a marker with an `or` may hold without it."""
    plain = marker.replace(" ", "").replace("(", "")
    return "or" not in plain and (plain.startswith("extra==") or "andextra==" in plain)


# -- files -------------------------------------------------------------------------------------------------------------


class _File:
    """A file of an extension: its name in it, where its content is, and how much that was."""

    def __init__(self, name: str, path: str, size: int) -> None:
        self.name, self.path, self.size = name, path, size


def list_files(extension: LabExtensionFolder, problems: list[str]) -> list[_File]:
    """The files of an extension, by name. What is left out is a problem; special files are never opened."""
    real = os.path.realpath(extension.folder)
    found: list[_File] = []
    left_out: dict[str, list[str]] = {}
    pending, count = [""], 0
    while pending:
        inside = pending.pop()
        names = os.listdir(os.path.join(real, inside))
        count += len(names)
        if count > _MOST_FILES:
            raise _Refusal(f"it has more than {_MOST_FILES} files")
        for name in (f"{inside}/{each}" if inside else each for each in names):
            why = _why_left_out(extension.name, real, name, found, pending)
            if why is not None:
                left_out.setdefault(why, []).append(name)
    for why, names in left_out.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        problems.append(f"`{extension.name}`: left out `{repr(min(names))[1:-1]}`{more}, {why}")
    return sorted(found, key=lambda each: each.name)


def _why_left_out(extension: str, real: str, name: str, found: list[_File], pending: list[str]) -> str | None:
    """Why an entry of an extension's folder is no part of it; otherwise it joins ``found`` or ``pending``."""
    if not _is_text(name) or "\\" in name or any(each < " " or each == "\x7f" for each in name):
        return "whose name other systems can't have"
    path = os.path.join(real, name)
    state = os.lstat(path)
    if stat.S_ISDIR(state.st_mode):
        pending.append(name)
        return None
    target = _target(path, real, extension, name)
    if target is None:
        return "a link that leads elsewhere"
    state = os.stat(target)
    if stat.S_ISDIR(state.st_mode):
        return "a link to a folder"
    if not stat.S_ISREG(state.st_mode):
        return "not a file"
    found.append(_File(name, target, state.st_size))
    return None


def _target(path: str, real: str, extension: str, name: str) -> str | None:
    """Where a file's content is. None if it is a link that leads out of the extension's real folder.

    An installer that links instead of copying links to the same file of the same extension in its cache.
    """
    if not os.path.islink(path):
        return path
    target = os.path.realpath(path)
    same = os.path.join("labextensions", *extension.split("/"), *name.split("/"))
    is_own = target.startswith(real + os.sep) or target.endswith(os.sep + same)
    return target if is_own and os.path.exists(target) else None


def _hashed(files: list[_File]) -> dict[str, Any]:
    """The hash of files' names and contents, and the sum of their sizes."""
    lines, size = _library("hashlib").sha256(), 0
    for each, content in _contents(files):
        size += len(content)
        lines.update(_hash_line(each.name, content))
    return {"bytes": size, "sha256": lines.hexdigest(), "files": len(files)}


def _hash_line(name: str, content: bytes) -> bytes:
    return f"{name}\0{_library('hashlib').sha256(content).hexdigest()}\n".encode()


def _contents(files: Iterable[_File]) -> Iterator[tuple[_File, bytes]]:
    left = _LARGEST_EXTENSION
    for each in files:
        content = _read(each.path, left)
        left -= len(content)
        yield each, content


def _archive(name: str, wanted: str) -> bytes:
    """A zip file of an extension's files, which have to be those of the tree hash ``wanted``."""
    extension = find_extensions(labextensions_path(), []).get(name)
    if extension is None:
        raise _Refusal(f"`{name}` is not an extension of this environment")
    zipfile, lines = _library("zipfile"), _library("hashlib").sha256()
    made = _library("io").BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each, content in _contents(list_files(extension, [])):
            lines.update(_hash_line(each.name, content))
            archive.writestr(zipfile.ZipInfo(each.name), content, zipfile.ZIP_DEFLATED, 1)
    if lines.hexdigest() != wanted:
        raise _Refusal(f"`{name}` has changed since it was listed")
    content_of_all: bytes = made.getvalue()
    return content_of_all


def _read_if_there(path: str) -> bytes:
    try:
        return _read(path, _LARGEST_METADATA)
    except (OSError, _Refusal):
        return b""


def _read(path: str, limit: int) -> bytes:
    """A regular file's content."""
    content = _read_head(path, limit + 1)
    if len(content) > limit:
        raise _Refusal(f"`{path}` is too large")
    return content


def _read_head(path: str, most: int) -> bytes:
    """How a regular file begins; nothing else is opened, and nothing is waited for."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise _Refusal(f"`{path}` is not a file")
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _Refusal(f"`{path}` is not a file")
        return file.read(most)


# -- the standard library ----------------------------------------------------------------------------------------------


def _library(name: str) -> Any:
    """A module of the standard library; IPython has loaded all that are used here.

    If it isn't loaded, a file of its name beside the notebook is not taken for it.
    """
    if name not in sys.modules:
        finder: Any = _LibraryFinder()
        sys.meta_path.insert(0, finder)
        try:
            __import__(name)
        finally:
            sys.meta_path.remove(finder)
    return sys.modules[name]


class _LibraryFinder:
    """Finds modules in the standard library's own folders, for the thread that made it; the others don't notice."""

    def __init__(self) -> None:
        library = os.path.dirname(os.__file__)
        bases = tuple({sys.base_prefix + os.sep, sys.base_exec_prefix + os.sep})
        names = ("lib-dynload", "DLLs")
        built = [each for each in sys.path if each.startswith(bases) and os.path.basename(each) in names]
        self._folders, self._thread = [library, *built], get_ident()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if path is not None or get_ident() != self._thread or name in sys.builtin_module_names:
            return None
        found = sys.modules["_frozen_importlib_external"].PathFinder.find_spec(name, self._folders)
        if found is None:  # `shutil` tries modules of other systems
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return found
