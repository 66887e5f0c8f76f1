"""What an interpreter knows about itself: any Python from 3.6 on can run this, with only its standard library.

``describe()`` returns plain JSON types and decides nothing. The kernel calls it in its own process; another
interpreter runs this file as a script, ``python probe.py OUTPUT``, and writes the same answer as JSON to the file OUTPUT,
never to standard output, where a ``sitecustomize`` may print. So two answers can be compared field by field.
"""

import os
import site
import sys
from importlib.machinery import EXTENSION_SUFFIXES, FrozenImporter
from types import FunctionType

PROTOCOL = 2
_FLAGS = ("ignore_environment", "isolated", "no_site", "no_user_site", "safe_path")


def identity():
    """What never changes in a process and costs almost nothing: ``sysconfig`` would load a module of all build variables."""
    return {
        "protocol": PROTOCOL,
        "executable": None
        if sys.platform == "emscripten"
        else sys.executable or None,  # there, a file of the page or of Node
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
    """PEP 508's variables, as in ``packaging``; avoids importing ``platform`` if ``os`` has the value."""
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
    """Everything that is read here, as plain JSON types. A missing file raises nothing."""
    prefix, paths = sys.prefix, _paths()
    described = identity()
    described.update(
        version=sys.version.split()[0],  # with the `rc1` that `version_info` spells in another way
        implementation=_implementation(),
        base_executable=getattr(sys, "_base_executable", None),
        purelib=paths["purelib"],
        platlib=paths["platlib"],
        stdlib=paths["stdlib"],
        scripts=paths["scripts"],
        user_base=getattr(site, "USER_BASE", None),
        sys_path=[entry for entry in sys.path if isinstance(entry, str)],
        flags={name: int(getattr(sys.flags, name, 0)) for name in _FLAGS},
        platform=sys.platform,
        host=_host(),
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


def _paths():
    """The scheme's folders; each call of ``sysconfig`` would go through all build variables."""
    key = sys.prefix, sys.exec_prefix, sys.base_prefix
    if key not in _kept:
        import sysconfig

        _kept.clear()
        _kept[key] = sysconfig.get_paths()
    return _kept[key]


_kept = {}  # type: dict[tuple[str, ...], dict[str, str]]

# `platform` takes 5 ms, most of them for the patterns by which it takes `sys.version` apart
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}


def _implementation():
    known = _IMPLEMENTATIONS.get(sys.implementation.name)
    if known is None:
        import platform

        known = platform.python_implementation()
    return known


def _host():
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform

    return platform.node()


def tell():
    """The description, and how imports are found here: what another process needs to answer questions about this one."""
    told = describe()
    told.update(
        fresh=__name__ == "__main__",
        cwd=_working_directory(),
        standard_library=_standard_library(),
        builtin_modules=sorted(sys.builtin_module_names),
        frozen_modules=_frozen(),
        meta_path=[_finder(each) for each in sys.meta_path],
        path_hooks=[_hook(each) for each in sys.path_hooks],
    )
    return told


def _frozen():
    """The standard library's frozen modules, each with its file and, if it is a package, its folder."""
    found = {}
    for name in _standard_library():
        spec = FrozenImporter.find_spec(name)
        if spec is not None:
            file = getattr(getattr(spec, "loader_state", None), "filename", None)
            found[name] = [file, next(iter(spec.submodule_search_locations or ()), None)]
    return found


def _finder(finder):
    """A finder's class and the names that its code refers to; none of it is run."""
    cls = finder if issubclass(type(finder), type) else type(finder)
    methods = {}
    for base in reversed(type.__dict__["__mro__"].__get__(cls)):
        for name, value in type.__dict__["__dict__"].__get__(base).items():
            function = value.__func__ if type(value) in (classmethod, staticmethod) else value
            if type(function) is FunctionType:
                methods[name] = function
    own = {} if cls is finder else getattr(finder, "__dict__", {}) if type(cls) is type else {}
    find_spec = methods.get("find_spec")
    hooks = {"__getattr__", "__getattribute__"} & set(methods)
    is_plain = (
        type(cls) is type
        and not hooks
        and not set(own) & set(methods)
        and find_spec is not None
        and find_spec.__globals__.get(cls.__name__) is cls
        and all(each.__globals__ is find_spec.__globals__ for each in methods.values())
    )
    return {
        "module": type.__dict__["__module__"].__get__(cls),
        "name": type.__dict__["__qualname__"].__get__(cls),
        "is_plain": is_plain,
        "methods": {name: _globals_of(function) for name, function in methods.items()},
    }


def _globals_of(function):
    """The names in a function's code, each with the module of the global it refers to, or None."""
    names = {}  # type: dict[str, str | None]
    codes = [function.__code__]
    for code in codes:
        codes += [each for each in code.co_consts if isinstance(each, type(code))]
        for name in code.co_names:
            found = function.__globals__.get(name)
            if isinstance(found, type(sys)):
                names[name] = found.__name__
            elif found is None:
                names[name] = None
            else:
                module = getattr(
                    found if isinstance(found, (type, FunctionType, type(len))) else type(found), "__module__", ""
                )
                names[name] = module if isinstance(module, str) else ""
    return names


def _hook(hook):
    """A path hook's module and name; for the standard library's, also its loaders and their suffixes."""
    if isinstance(hook, type):
        return {"module": hook.__module__, "name": hook.__qualname__}
    if type(hook) is not FunctionType:
        bound = getattr(hook, "__self__", hook)
        cls = bound if isinstance(bound, type) else type(bound)
        return {"module": cls.__module__, "name": cls.__qualname__}
    cells = [cell.cell_contents for cell in hook.__closure__ or ()]
    held = dict(zip(hook.__code__.co_freevars, cells)).get("loader_details", ())  # noqa: B905, new in 3.10
    loaders = [[each.__module__, each.__qualname__, list(suffixes)] for each, suffixes in held]
    return {"module": hook.__module__, "name": hook.__qualname__, "loaders": loaders}


def _text(path):
    """A file's text, or None if it can't be read or would never end."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1000000)
    except OSError:
        return None


def _working_directory():
    """Empty if it was removed: the import system then skips it too."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _standard_library():
    """The top-level names of its modules; before Python 3.10, those found on disk."""
    names = set(getattr(sys, "stdlib_module_names", ()))
    if not names:
        names.update(sys.builtin_module_names)
        library = os.path.dirname(os.__file__)
        for folder in (library, os.path.join(library, "lib-dynload")):
            found = os.listdir(folder) if os.path.isdir(folder) else []
            names.update(name.partition(".")[0] for name in found)
    return sorted(name for name in names if name.isidentifier())


def _site_directories():
    getter = getattr(site, "getsitepackages", None)  # virtualenv before 20 shipped its own site.py without it
    return [entry for entry in getter() if os.path.isdir(entry)] if getter else []


def _user_site():
    """The user site's directory, whether or not it exists; ``site`` must not raise on a missing home."""
    try:
        return site.getusersitepackages()
    except (AttributeError, TypeError, KeyError, OSError):
        return None


def _writable(directory):
    """Whether files can be created in ``directory``, or in its nearest existing parent if it does not exist yet."""
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
    """The kind of container that this process runs in, if it leaves a trace, or None."""
    for mark, kind in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
        if os.path.exists(mark):
            return kind
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    return os.environ.get("container") or None  # noqa: SIM112, systemd spells it so


def main(arguments):
    """Write the description to the file named by the only argument."""
    if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]  # only there because this file is run as a script
    import json

    with open(arguments[0], "w", encoding="utf-8") as output:
        json.dump(tell(), output)


if __name__ == "__main__":
    main(sys.argv[1:])
