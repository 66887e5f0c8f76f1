"""What an interpreter knows of itself: run by any Python from 3.6 on, with nothing but its standard library.

``describe()`` returns plain JSON types and decides nothing: it reads. The kernel calls it in its own process; another
interpreter runs this file as a script, ``python probe.py OUTPUT``, and writes the same answer as JSON to the file OUTPUT,
never to standard output, where a ``sitecustomize`` may print. So two answers can be compared field by field.
"""

import os
import site
import sys
from importlib.machinery import EXTENSION_SUFFIXES

PROTOCOL = 2
_FLAGS = ("ignore_environment", "isolated", "no_site", "no_user_site", "safe_path")


def identity():
    """What stays as long as the process, and costs next to nothing: ``sysconfig`` loads a module of all build variables."""
    return {
        "protocol": PROTOCOL,
        "executable": sys.executable or None,
        "version": ".".join(map(str, sys.version_info[:3])),
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "base_prefix", sys.prefix),
        "library": os.path.dirname(os.__file__),
        "site_directories": _site_directories(),
        "user_site": _user_site(),
        "user_site_enabled": bool(getattr(site, "ENABLE_USER_SITE", False)),
        "extension_suffixes": list(EXTENSION_SUFFIXES),
        "markers": markers(),
    }


def markers():
    """PEP 508's variables, as ``packaging`` has them; without importing ``platform`` where ``os`` knows."""
    if os.name == "posix":
        machine = os.uname()
        names = machine.machine, machine.release, machine.sysname, machine.version
    else:
        import platform

        names = platform.machine(), platform.release(), platform.system(), platform.version()
    implementation = sys.implementation
    return {
        "implementation_name": implementation.name,
        "implementation_version": _full_version(implementation.version),
        "os_name": os.name,
        "platform_machine": names[0],
        "platform_python_implementation": {"cpython": "CPython", "pypy": "PyPy"}.get(
            implementation.name, implementation.name
        ),
        "platform_release": names[1],
        "platform_system": names[2],
        "platform_version": names[3],
        "python_full_version": _full_version(sys.version_info),
        "python_version": ".".join(map(str, sys.version_info[:2])),
        "sys_platform": sys.platform,
    }


def _full_version(version):
    release = ".".join(map(str, version[:3]))
    return release if version[3] == "final" else release + version[3][0] + str(version[4])


def describe():
    """Everything that is read here, as a dictionary of plain JSON types. Nothing is raised for a file that is missing."""
    import platform
    import sysconfig

    prefix = sys.prefix
    paths = sysconfig.get_paths()
    described = identity()
    described.update(
        version=platform.python_version(),
        implementation=platform.python_implementation(),
        base_executable=getattr(sys, "_base_executable", None),
        purelib=paths["purelib"],
        platlib=paths["platlib"],
        stdlib=paths["stdlib"],
        scripts=paths["scripts"],
        user_base=getattr(site, "USER_BASE", None),
        sys_path=[entry for entry in sys.path if isinstance(entry, str)],
        fresh=__name__ == "__main__",
        cwd=_working_directory(),
        standard_library=_standard_library(),
        flags={name: int(getattr(sys.flags, name, 0)) for name in _FLAGS},
        platform=sys.platform,
        host=platform.node(),
        pyvenv_cfg=_text(os.path.join(prefix, "pyvenv.cfg")),
        externally_managed=_text(os.path.join(paths["stdlib"], "EXTERNALLY-MANAGED")),
        conda_history=os.path.isfile(os.path.join(prefix, "conda-meta", "history")),
        pipx_metadata=os.path.isfile(os.path.join(prefix, "pipx_metadata.json")),
        uv_receipt=os.path.isfile(os.path.join(prefix, "uv-receipt.toml")),
        writable=_writable(paths["purelib"]),
        pip=_pip(sys.path),
        container=_container(),
    )
    return described


def _text(path):
    """A file's text, or None where there is none to read, or what would be read without end."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1000000)
    except OSError:
        return None


def _working_directory():
    """Empty where that was removed: the import system then skips it too."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _standard_library():
    """The top-level names of its modules; before Python 3.10, those that are there."""
    names = set(getattr(sys, "stdlib_module_names", ()))
    if not names:
        names.update(sys.builtin_module_names)
        library = os.path.dirname(os.__file__)
        for folder in (library, os.path.join(library, "lib-dynload")):
            found = os.listdir(folder) if os.path.isdir(folder) else []
            names.update(name.partition(".")[0] for name in found)
    return sorted(name for name in names if name.isidentifier())


def _site_directories():
    getter = getattr(site, "getsitepackages", None)  # virtualenv before 20 had its own site.py without it
    return [entry for entry in getter() if os.path.isdir(entry)] if getter else []


def _user_site():
    """The user site's directory whether or not it exists, without making ``site`` raise on a missing home."""
    try:
        return site.getusersitepackages()
    except (AttributeError, TypeError, KeyError, OSError):
        return None


def _writable(directory):
    """Whether files can be made in ``directory``, or in its nearest parent where it does not exist yet."""
    while not os.path.isdir(directory):
        parent = os.path.dirname(directory)
        if parent == directory:
            return False
        directory = parent
    return os.access(directory, os.W_OK | os.X_OK)


def _pip(entries):
    """The version of pip that ``python -m pip`` would run, from the name of its metadata directory, or None."""
    for entry in entries:
        try:
            names = os.listdir(entry or os.curdir)
        except OSError:
            continue
        for name in names:
            is_metadata = name.startswith("pip-") and name.endswith((".dist-info", ".egg-info"))
            if is_metadata and os.path.isfile(os.path.join(entry, "pip", "__main__.py")):
                return name[len("pip-") :].rsplit(".", 1)[0]
    return None


def _container():
    """The kind of container that this process runs in, where it leaves a mark, or None."""
    for mark, kind in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
        if os.path.exists(mark):
            return kind
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    return os.environ.get("container") or None  # noqa: SIM112, systemd spells it so


def main(arguments):
    """Write the description to the file that the one argument names."""
    if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]  # only there because this file runs as a script
    import json

    with open(arguments[0], "w", encoding="utf-8") as output:
        json.dump(describe(), output)


if __name__ == "__main__":
    main(sys.argv[1:])
