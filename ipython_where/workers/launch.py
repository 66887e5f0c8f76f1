"""What a worker's own process does for a change: any Python from 3.6 on can run this, with only its standard library.

It is sent as text and evaluated there (`workers/calls`). It says in which environment the worker runs, starts a leader beside it,
and passes on what is written in the leader's private folder. Each call takes milliseconds, since a worker has other things to do:
the leader is a process of its own, which ends with its environment whole even if the worker is killed.

Tested in `tests/workers/test_rollout.py`.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

FOLDER = "safepip-"  # as `change/installers/private_folder` knows the folders that a killed process left

_BOOT = """\
import json, os, sys
given = json.loads(sys.stdin.buffer.read().decode())
if os.fork():
    os._exit(0)
sys.path[:0] = given["paths"]
from ipython_where.workers.leader import main
main(given, int(sys.argv[1]))
"""
# forked once more, so that whoever ends the worker with its children (as Ray does) leaves it alone, and the worker has no zombie


def look(given):
    """Where this process runs, and what a change has to know of it. Nothing is imported to find out."""
    if os.name != "posix":
        return {"os": os.name, "version": _version(), "executable": sys.executable, "prefix": sys.prefix}
    prefix = os.path.realpath(sys.prefix)
    owner = os.stat(prefix).st_uid
    return {
        "os": os.name,
        "key": _key(prefix),
        "version": _version(),
        "series": list(sys.version_info[:2]),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "host": os.uname().nodename,
        "machine": [_machine(), _mounts()],
        "pid": os.getpid(),
        "user": os.geteuid(),
        "owner": owner,
        "kind": _kind(),
        "holds": _holds(),
        "runs_on": _files_of_modules(given["runs_on"]),
        "carries": _carries(given["digest"]),
    }


def start(given):
    """Start the leader of this environment; its private folder. The job goes through a pipe: it may hold a credential, and nobody
    else need know the folder's name.
    """
    key = _key(os.path.realpath(sys.prefix))
    folder = _folder(given["token"], key)
    return {"folder": folder, "left": _start(given["jobs"][key], folder, given["parcel"])}


def _folder(token, key):
    return os.path.join(tempfile.gettempdir(), FOLDER + token + "-" + key)


def _start(job, folder, parcel):
    os.mkdir(folder, 0o700)
    held = _hold(folder)
    try:
        _write(folder, "asked", "")
        paths = job["paths"] or [_unpack(parcel, folder)]
        if job["goes_on"]:
            _write(folder, "told", "go")
        with open(os.path.join(folder, "said"), "wb") as said:
            process = subprocess.Popen(
                [job["driver"], "-I", "-S", "-B", "-c", _BOOT, str(held)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                cwd=folder,
                pass_fds=(held,),
                start_new_session=True,
            )
            process.communicate(json.dumps(dict(job, cwd=_cwd(), folder=folder, paths=paths)).encode())
    finally:
        os.close(held)
    return process.returncode


def join(given):
    """Before this worker joins: what the others got, in its own environment. Whatever comes of it, it joins."""
    for each in given["jobs"]:
        try:
            failed = _brought(each, given)
        except Exception as error:
            failed = f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"
        if failed is not None:
            sys.stderr.write(f"ipython_where: this worker's environment did not get what the others have: {failed}\n")
    return {}


def _brought(given, more):
    """Let a leader do a job, or wait for one that another worker started here; why it failed, or None.

    Only who started it lets it go. Where that has happened, or where it was killed, nothing is known, and another one is started.
    """
    if sys.version_info < (3, 11):
        return "its Python is older than 3.11"
    job, key = _late_job(given, more), _key(os.path.realpath(sys.prefix))
    killed, is_ours, end = 0, False, time.monotonic() + more["patience"]
    while time.monotonic() < end:
        folder = _folder(given["token"], key) + (f"-{killed}" if killed else "")
        if not is_ours:
            with suppress(FileExistsError):
                _start(job, folder, more["parcel"])
                is_ours = True
        if os.path.lexists(folder) and not _is_own(folder):
            return "something of another user is in the place of its private folder"
        state = _told(folder, None)
        if state["state"] == "done":
            if is_ours:
                _told(folder, "bye")
            if state["outcome"] in ("answered", "not part"):  # the latter: what is to go is not there
                return None
            return state.get("error", {}).get("message", state["outcome"])
        if state["state"] in ("gone", "died") and is_ours:
            return f"its leader {'was killed' if state['state'] == 'died' else 'left no answer'}"
        killed += state["state"] == "died"  # its folder is left to the next sweep
        time.sleep(0.05)
    return f"it took more than {more['patience']:g} seconds"


def _late_job(given, more):
    """A job as a leader takes it: the pins are for who holds the same as the one that they were planned for."""
    seen = look(more)
    plans = [each for each in given["plans"] if each["kind"] == seen["kind"]]
    planned = next((each["pins"] for each in plans if each["holds"] == seen["holds"]), None)
    return {
        "driver": sys.executable,
        "paths": seen["carries"] if given["words"][0] == "install" else None,  # else it may be what goes
        "words": given["words"],
        "files": given["files"],
        "interpreter": sys.executable,
        "rollout": given["rollout"],
        "runs_on": seen["runs_on"],
        "programs": [],
        "patience": more["patience"],
        "planned": planned,
        "limits": [] if planned is not None else sorted({limit for each in plans for limit in each["limits"]}),
        "shares_plan": False,
        "goes_on": True,
    }


def poll(given):
    """What the leader of this environment has written, after it was told something. A leader that is not asked gives up."""
    key = _key(os.path.realpath(sys.prefix))
    return _told(given["folders"][key], given["say"].get(key))


def _is_own(folder):
    """Whether it is a folder of this user's: in a temporary folder, anybody can put anything under any name."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _told(folder, word):
    if not _is_own(folder):
        return {"state": "gone"}
    try:  # it makes no new file, unless there is something to tell: the leader may be removing the folder
        os.utime(os.path.join(folder, "asked"))
        if word is not None:
            _write(folder, "told", word)
    except OSError:
        return {"state": "gone"}
    is_over = _is_over(folder)  # first: what it wrote before its end is there then
    try:
        with open(os.path.join(folder, "state"), "rb") as file:
            state = json.loads(file.read().decode())
    except OSError:
        state = {"state": "starting"}
    if is_over and state["state"] != "done":
        return {"state": "died", "said": _said(folder)}
    return state


def loaded(given):
    """Which of these modules this process has loaded; its import system forgets what it listed."""
    import importlib

    importlib.invalidate_caches()
    names = given["modules"].get(_key(os.path.realpath(sys.prefix)), ())
    return {"loaded": [name for name in names if name in sys.modules]}


def answer(function, given):
    """The answer as JSON. It raises nothing: an engine would log the expression, whole."""
    try:
        found = globals()[function](json.loads(given))
    except Exception as error:
        found = {"failed": f"{type(error).__name__}: {error}"}
    return json.dumps(found)


# -- identity ----------------------------------------------------------------------------------------------------------


def _key(prefix):
    """Two processes have the same one if they see the same folder as their prefix, on one machine, in one tree of mounts."""
    found = os.stat(prefix)
    marks = (_machine(), _mounts(), prefix, found.st_dev, found.st_ino)
    return hashlib.sha256(repr(marks).encode()).hexdigest()[:16]


def _machine():
    """What differs between any two machines, whatever they are called: this start of its kernel, and its identity on disk."""
    machine = _text("/etc/machine-id") or os.uname().nodename
    return f"{_text('/proc/sys/kernel/random/boot_id')} {machine}"


def _mounts():
    try:
        return os.readlink("/proc/self/ns/mnt")
    except OSError:
        return ""


def _text(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def _version():
    return ".".join(map(str, sys.version_info[:3]))


def _kind():
    """What decides which files fit: the interpreter and the platform, but not the build of the operating system."""
    import sysconfig

    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else ""
    kind = (tuple(sys.version_info), sysconfig.get_config_var("SOABI"), sysconfig.get_platform(), sys.maxsize, libc)
    return hashlib.sha256(repr(kind).encode()).hexdigest()[:16]


def _holds():
    """A digest of what is installed, by the names of the metadata: who holds the same needs no plan of its own."""
    import sysconfig

    names = set()  # type: set[str]
    for folder in {sysconfig.get_paths()[each] for each in ("purelib", "platlib")}:
        if os.path.isdir(folder):
            names.update(each for each in os.listdir(folder) if each.endswith((".dist-info", ".egg-info")))
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def _files_of_modules(names):
    """The files of loaded modules, by name."""
    found = ((name, getattr(sys.modules.get(name), "__file__", None)) for name in names)
    return {name: file for name, file in found if isinstance(file, str)}


def _carries(digest):
    """The folders to import the same code from that the kernel has, if this environment has it; else None."""
    from importlib.machinery import PathFinder

    if sys.version_info < (3, 11):
        return None
    folders = []
    for name in ("ipython_where", "packaging", "importlib_metadata", "zipp"):
        spec = PathFinder.find_spec(name)
        if spec is None or not spec.origin:
            return None
        folders.append(os.path.dirname(os.path.dirname(spec.origin)))
    return list(dict.fromkeys(folders)) if _digest_of(os.path.join(folders[0], "ipython_where")) == digest else None


def _digest_of(package):
    return digest(read_files(package, "ipython_where"))


def read_files(package, name):
    """What is carried of a package, by its path in the parcel: no bytecode, and nothing that only a front end needs."""
    found = {}
    for folder, below, files in os.walk(package):
        below[:] = [each for each in below if each not in ("__pycache__", "page", "notebook")]
        for each in files:
            if each.endswith((".py", ".txt", ".json")):
                path = os.path.join(folder, each)
                with open(path, "rb") as file:
                    found[os.path.join(name, os.path.relpath(path, package))] = file.read()
    return found


def digest(files):
    """The same for the same files with the same contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path}\0{len(files[path])}\0".encode())
        total.update(files[path])
    return total.hexdigest()


# -- the private folder ------------------------------------------------------------------------------------------------


def _hold(folder):
    """Lock the folder's mark; under its last name, it is locked from the start. The leader inherits it, and a sweep leaves it."""
    import fcntl

    held = os.open(os.path.join(folder, ".new"), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with suppress(OSError):  # where the file system has no locks, no folder is ever taken for a left one
        fcntl.flock(held, fcntl.LOCK_EX)
        os.rename(os.path.join(folder, ".new"), os.path.join(folder, ".held"))
    return held


def _is_over(folder):
    import fcntl

    with suppress(OSError), open(os.path.join(folder, ".held"), "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _unpack(parcel, folder):
    import base64
    import zlib

    where = os.path.join(folder, "code")
    for path, text in json.loads(zlib.decompress(base64.b64decode(parcel)).decode()).items():
        file = os.path.join(where, path)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as opened:
            opened.write(text.encode())
    return where


def _write(folder, name, text):
    """Whole or not at all: the leader may read at any moment."""
    path = os.path.join(folder, name)
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def _said(folder):
    """The last lines of a leader that ended without an answer."""
    try:
        with open(os.path.join(folder, "said"), "rb") as file:
            return file.read()[-2000:].decode("utf-8", "replace").splitlines()[-3:]
    except OSError:
        return []


def _cwd():
    try:
        return os.getcwd()
    except OSError:
        return "/"
