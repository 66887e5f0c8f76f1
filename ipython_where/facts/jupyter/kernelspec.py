"""Which ``kernel.json`` started this kernel, searched on Jupyter's path as the launcher sees it.

Jupyter's rules are reimplemented: importing `jupyter_client` would exceed the time for the whole answer, and it would
search the path of the kernel's interpreter, not of the one that launched it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from ipython_where.facts.files import JSON_LIMIT, list_directory, parse_json, read_text, same_file
from ipython_where.facts.home import expand_user
from ipython_where.facts.interpreters.executables import read_interpreter
from ipython_where.facts.interpreters.pyvenv_cfg import is_python_name, python_in
from ipython_where.model import Kernelspec

from .jupyter_paths import kernel_directories

NATIVE = "python3"
"""The name that needs no kernelspec file in jupyter_client: its own interpreter's ipykernel."""


def read_kernelspec(
    *,
    connection_file: str | None,
    executable: str | None,
    environ: Mapping[str, str],
    launcher_prefix: str | None,
    kernel_prefix: str,
    launcher_executable: str | None = None,
) -> Kernelspec | None:
    """The kernelspec that started this kernel; None outside a kernel, or if the connection file names none.

    ``launcher_prefix`` and ``launcher_executable`` belong to the process that started the kernel, which under a
    kernel gateway is not the server. If unknown, this kernel's own path is searched, and ``evidence`` says so.
    """
    name = kernel_name(connection_file) if connection_file else None
    if not name:
        return None
    directories = kernel_directories(prefix=launcher_prefix or kernel_prefix, environ=environ)
    files = tuple(_files_named(name, directories))
    path = (
        "its launcher's Jupyter path" if launcher_prefix else "this kernel's own Jupyter path (its launcher is unknown)"
    )
    launcher = launcher_executable or (python_in(launcher_prefix) if launcher_prefix else None)
    if not files:
        native = name.lower() == NATIVE and launcher_prefix is not None and _has_ipykernel(launcher_prefix)
        return _without_file(name, path, launcher if native else None, executable, kernel_prefix, environ)
    display_name, argv, trouble = parse_spec(read_text(files[0], JSON_LIMIT))
    interpreter = _interpreter(argv, files[0], launcher_prefix, launcher, environ)
    return Kernelspec(
        name=name,
        file=files[0],
        exists=True,
        display_name=display_name,
        argv=argv,
        interpreter=interpreter,
        interpreter_exists=os.path.exists(interpreter) if interpreter else None,
        starts_this_interpreter=_starts(interpreter, executable, kernel_prefix, environ),
        shadowed=files[1:],
        evidence=f"`{files[0]}` {trouble}" if trouble else f"the first `{name}` on {path}",
    )


def kernel_name(connection_file: str) -> str | None:
    """The kernelspec name that the launcher wrote into the connection file, if it did."""
    content = parse_json(read_text(connection_file, JSON_LIMIT))
    name = content.get("kernel_name") if isinstance(content, dict) else None
    return name if isinstance(name, str) and name else None


def _without_file(
    name: str, path: str, native: str | None, executable: str | None, kernel_prefix: str, environ: Mapping[str, str]
) -> Kernelspec:
    """A kernelspec without a kernel.json: the launcher's own, whose interpreter is ``native``, or none."""
    missing = f"no kernel.json named `{name}` on {path}"
    if name.startswith("conda-"):
        missing += "; nb_conda_kernels makes kernelspecs with such names, without files"
    return Kernelspec(
        name=name,
        file=None,
        exists=native is not None,
        display_name=None,
        argv=(),
        interpreter=native,
        interpreter_exists=os.path.exists(native) if native else None,
        starts_this_interpreter=_starts(native, executable, kernel_prefix, environ),
        shadowed=(),
        evidence=f"{missing}: it is the one built into ipykernel, which starts the launcher's Python"
        if native
        else missing,
    )


def _has_ipykernel(prefix: str) -> bool:
    """Whether the Python in ``prefix`` has the ipykernel that Jupyter falls back on."""
    libraries = [("lib", name) for name in list_directory(os.path.join(prefix, "lib"))]
    packages = ("site-packages", "dist-packages")
    ways = (("Lib", "site-packages"), *((*library, name) for library in libraries for name in packages))
    return any(os.path.isdir(os.path.join(prefix, *way, "ipykernel")) for way in ways)


# -- what a kernel.json says -------------------------------------------------------------------------------------------


def parse_spec(text: str | None) -> tuple[str | None, tuple[str, ...], str | None]:
    """Display name, argv, and the file's problem, if it has one."""
    if text is None:
        return None, (), "cannot be read"
    content = parse_json(text)
    if not isinstance(content, dict):
        return None, (), "is not a JSON object"
    argv, display_name = content.get("argv"), content.get("display_name")
    if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
        return None, (), "has no `argv` that is a list of strings"
    return display_name if isinstance(display_name, str) else None, tuple(argv), None


def _interpreter(
    argv: tuple[str, ...], file: str, launcher_prefix: str | None, launcher: str | None, environ: Mapping[str, str]
) -> str | None:
    """The Python that ``argv`` starts, following jupyter_client's ``format_kernel_cmd``; None for a wrapper such as `bash`."""
    if not argv:
        return None
    if "run" in argv or "nb_conda_kernels.runner" in argv:
        from .conda_start import conda_start, is_conda_start

        if is_conda_start(argv):
            return conda_start(argv, os.path.isfile)
    program = argv[0].replace("{resource_dir}", os.path.dirname(file))
    if launcher_prefix:
        program = program.replace("{prefix}", launcher_prefix)
    if program.startswith("~"):
        program = expand_user(program, environ)
    if "{" in program or not is_python_name(os.path.basename(program)):
        return None
    if os.path.isabs(program):
        return program
    if os.path.dirname(program):
        return None  # relative to a working directory that the launcher chose
    return _bare(program, launcher, environ)


def _bare(program: str, launcher: str | None, environ: Mapping[str, str]) -> str | None:
    """A bare `python`: the launcher's own if the version fits, else the first on the PATH given to the kernel."""
    version = _version(launcher, environ) if launcher else None
    if program in ("python", "python3") or (version and program == "python" + ".".join(version.split(".")[:2])):
        return launcher
    if version is None:
        return None
    import shutil

    return shutil.which(program, path=environ.get("PATH", os.defpath))


def _version(executable: str, environ: Mapping[str, str]) -> str | None:
    found = read_interpreter(executable, environ=environ)
    return found.version if found else None


def _starts(
    interpreter: str | None, executable: str | None, kernel_prefix: str, environ: Mapping[str, str]
) -> bool | None:
    """Whether ``interpreter`` is the running one: the same unresolved path, or the same prefix and version."""
    if interpreter is None:
        return None
    if executable and os.path.normpath(interpreter) == os.path.normpath(executable):
        return True
    named = read_interpreter(interpreter, environ=environ)
    if named is None:
        return None
    same = same_file(named.prefix, kernel_prefix)
    if not same or executable is None:
        return same
    running = _version(executable, environ)
    # /usr and /usr/local can each hold several Pythons
    return not (named.version and running) or named.version.split(".")[:2] == running.split(".")[:2]


# -- the search -----------------------------------------------------------------------------------------------------------


def _files_named(name: str, directories: tuple[str, ...]) -> Iterator[str]:
    """The kernel.json files of that name, highest precedence first; like Jupyter, it ignores case."""
    seen = set()
    for directory in directories:
        if not os.path.isabs(directory):
            continue  # relative to the launcher's working directory
        for entry in list_directory(directory):
            file = os.path.join(directory, entry, "kernel.json")
            if entry.lower() == name.lower() and os.path.isfile(file):
                real = os.path.realpath(file)
                if real not in seen:
                    seen.add(real)
                    yield file
                break
