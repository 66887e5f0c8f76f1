"""A machine on which every package manager only notes that it was started.

It is made once and kept in `.envs/`: real environments with the real scripts of pip, in which the package `pip` is
replaced, and scripts under the names of the other package managers. A recorder writes what it was started as to the file
descriptor `RECORDS`: no `env -i` takes that away, and it is closed when the last process of a command line has ended.
It fails where the descriptor `FAILING` is open. What else a line may start is a harmless tool, or a stand-in
(`apt-get`, `git`): nothing reaches the network, or the machine that the tests run on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.environments import KEPT, base_python, call, make_in, site_packages, uv
from tests.facts.shell.shells import SYSTEM_PATH, script
from tests.kinds import furnishing

X_Y = f"{sys.version_info[0]}.{sys.version_info[1]}"
PIP_X_Y = f"pip{X_Y}"
RECORDS, FAILING = 200, 201
FIELD, END = "\x1f", "\x1e"

MANAGERS = "uv uvx micromamba pixi pipx poetry pdm hatch".split()
STAND_INS = (
    "apt apt-get brew yum npm yarn node java docker wget curl make cmake gcc nvidia-smi jupyter gdown kaggle unzip tar systemctl"
    " ssh"
).split()
TOOLS = (
    "awk basename bash cat chmod cp cut dash date dirname echo env false find grep head id ionice ls mkdir mktemp mv nice"
    " nohup printf pwd readlink realpath rm sed seq setsid sh sort stdbuf tail tee test time timeout tr true uname uniq wc"
    " which xargs yes zsh flock taskset chrt prlimit setarch linux64 unshare script watch busybox touch ln diff comm cmp"
    " column paste fold rev tac shuf split expr kill ps pgrep sync logger getopt numactl"
).split()


PATHS = {
    "venv": ("venv/bin",),
    "uv venv": ("uv/bin",),
    "no pip beside python": ("bare/bin", "uv/bin"),
    "relocatable": ("moving/bin",),
    "a space": ("with space/bin",),
    "symlinks": ("linked/bin", "uv/bin"),
    "pyenv": ("pyenv/shims",),
    "conda": ("conda/bin",),
    "system": ("system/bin",),
    "quick": ("quick/bin",),
}
"""The directories that come first on PATH, by what is special in them."""

PLACE = re.compile("@([A-Za-z. ]+)@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where everything is; ``@name@`` in a command line stands for the path ``name`` below ``root``."""

    root: Path

    @property
    def kernel(self) -> Path:
        """The interpreter of the kernel that the lines are typed in."""
        return self.root / "venv" / "bin" / "python"

    @property
    def home(self) -> Path:
        return self.root / "home"

    def path(self, name: str) -> str:
        """The PATH of this name in `PATHS`."""
        return ":".join(str(self.root / each) for each in (*PATHS[name], "managers", "stand-ins", "tools"))

    def environ(self, name: str, shell: str) -> dict[str, str]:
        """The variables of a shell with the PATH of this name."""
        base = {"PATH": self.path(name), "HOME": str(self.home), "SHELL": shell, "LANG": "C.UTF-8"}
        conda = {"CONDA_PREFIX": str(self.root / "conda"), "CONDA_DEFAULT_ENV": "base", "CONDA_SHLVL": "1"}
        conda["MAMBA_ROOT_PREFIX"] = conda["CONDA_PREFIX"]
        return {**base, "PYTHONDONTWRITEBYTECODE": "1", **(conda if name == "conda" else {})}

    def fill(self, line: str) -> str:
        """The line with the machine's paths in place of their names."""
        return PLACE.sub(
            lambda found: {"X.Y": X_Y, "kernel": str(self.kernel)}.get(found[1], str(self.root / found[1])), line
        )


# Found by every Python of an environment, also by one started with -I or -E.
RECORDING = f'''
"""Tells as what this process was started, in place of a package manager."""
import os, re, sys

WORDS = sys.orig_argv[1:]


def module():
    """The module that -m names, or None."""
    words = iter(WORDS)
    for word in words:
        if word in ("-X", "-W", "--check-hash-based-pycs"):
            next(words)
        elif re.fullmatch("-[a-zA-Z]*m", word):
            return next(words, None)
        elif word.startswith("-m"):
            return word[2:]
        elif word == "-c" or not word.startswith("-"):
            return None


def script():
    """The script and its arguments; None where there is none."""
    words = list(WORDS)
    while words and words[0].startswith("-"):
        if words[0] == "-c":
            return None
        del words[: 2 if words[0] in ("-X", "-W", "--check-hash-based-pycs") else 1]
    return words or None


def is_failing():
    try:
        os.fstat({FAILING})
    except OSError:
        return False
    return True


def record(tool, status=None):
    """Note the start, and end with a status: that which the test wants, where none is given."""
    started = [sys.executable, *WORDS] if module() else script()
    if started is None:  # `python -c "import pip"` starts nothing
        return
    fields = [tool, str(os.getpid()), started[0], sys.executable, sys.prefix, os.getcwd(), *started[1:]]
    os.write({RECORDS}, os.fsencode("".join(each + "{FIELD}" for each in fields) + "{END}"))
    if "freeze" in started or "list" in started:
        try:
            os.write(1, b"six==1.16.0\\n")
        except OSError:  # nobody reads it
            pass
    os._exit(is_failing() if status is None else status)
'''

SITECUSTOMIZE = """
import os, sys
import recording
name = recording.module()
if name in ("venv", "virtualenv"):  # an environment in no time: a link to one that is there
    os.symlink(%(made)r, sys.orig_argv[-1])
    os._exit(0)
if name == "ensurepip":
    os._exit(0)
"""
AT_ONCE = """
script = recording.script()
if name == "pip" or script and os.path.basename(script[0]).startswith("pip"):
    recording.record("pip")
"""

NOTE = f"""printf '%s{FIELD}' {{tool}} $$ "$0" '' '' "$(pwd -P)" "$@" '{END}' > /dev/fd/{RECORDS}"""
ENDING = f"[ ! -e /dev/fd/{FAILING} ]"


def machine() -> Machine:
    """The kept machine, made now if this is the first use."""
    recipe = Path(__file__).read_bytes() + base_python().encode()
    root = KEPT / f"commands-{hashlib.sha256(recipe).hexdigest()[:10]}"
    KEPT.mkdir(exist_ok=True)
    with open(f"{root}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / ".complete").exists():
            shutil.rmtree(root, ignore_errors=True)
            with furnishing():
                _make(root)
            (root / ".complete").touch()
    return Machine(root=root)


def _make(root: Path) -> None:
    _make_environments(root)
    _make_pyenv(root / "pyenv")
    _make_conda(root)
    for name in MANAGERS:
        activation = ['[ "$1" != activate ] || exit 1'] if name == "micromamba" else []
        script(root / "managers" / name, "#!/bin/sh", NOTE.format(tool=name), *activation, ENDING)
    for name in STAND_INS:
        script(root / "stand-ins" / name, "#!/bin/sh", ENDING)
    script(root / "stand-ins" / "git", "#!/bin/sh", *GIT, ENDING)
    script(root / "stand-ins" / "sudo", "#!/bin/sh", *SUDO.format(root=root).splitlines())
    script(root / "stand-ins" / "virtualenv", "#!/bin/sh", f"for last; do :; done; ln -s '{root}/uv' \"$last\"")
    (root / "tools").mkdir()
    for name in TOOLS:
        found = shutil.which(name, path=SYSTEM_PATH)
        if found:
            (root / "tools" / name).symlink_to(found)


def _make_environments(root: Path) -> None:
    make_in(root / "venv", maker="venv")
    make_in(root / "with space", maker="venv")
    make_in(root / "bare")
    for name in ("uv", "quick"):
        make_in(root / name, ["pip"])
    call(uv(), "venv", "--quiet", "--no-config", "--relocatable", "--python", base_python(), root / "moving")
    call(uv(), "pip", "install", "--quiet", "--no-config", "--python", root / "moving" / "bin" / "python", "pip")
    replace_pip(root / "quick", root / "uv", AT_ONCE)
    for name in ("venv", "with space", "uv", "moving", "bare"):
        replace_pip(root / name, root / "uv")
    (root / "linked" / "bin").mkdir(parents=True)
    for name, target in {"pip": PIP_X_Y, "pip3": PIP_X_Y, PIP_X_Y: "../../venv/bin/pip3"}.items():
        (root / "linked" / "bin" / name).symlink_to(target)
    _make_system(root / "system")
    replace_pip(root / "system", root / "uv")


def _make_system(prefix: Path) -> None:
    """A Python that is no virtual environment, Debian's where there is one: its program and library, and a pip as Debian's.

    Nothing of what is installed into that Python is in it, and nothing is written into that one: its folders for packages,
    `dist-packages` where they are Debian's, stay out.
    """
    source = Path("/usr/bin/python3" if os.path.exists("/usr/bin/pip") else base_python()).resolve()
    library = source.parent.parent / "lib"
    (stdlib,) = library.glob(f"{source.name}/os.py")
    own = prefix / "lib" / source.name
    own.mkdir(parents=True)
    left_out = ("site-packages", "dist-packages", "sitecustomize.py", "EXTERNALLY-MANAGED", "__pycache__")
    for file in (*library.glob("libpython*"), *stdlib.parent.iterdir()):
        if file.name not in left_out:
            (own if file.parent == stdlib.parent else prefix / "lib").joinpath(file.name).symlink_to(file)
    program = script(prefix / "bin" / source.name)
    shutil.copyfile(source, program)
    (prefix / "bin" / "python3").symlink_to(source.name)
    packages = Path(call(program, "-c", "import site; print(site.getsitepackages()[-1])").strip())
    (packages / "pip").mkdir(parents=True)
    if packages.name != "site-packages":
        (own / "site-packages").symlink_to(packages)
    for name in ("pip", "pip3", f"pip{source.name.removeprefix('python')}"):
        script(prefix / "bin" / name, f"#!{prefix}/bin/python3", *DEBIAN_PIP.strip().splitlines())


def replace_pip(prefix: Path, made: Path, more: str = "") -> None:
    """Put recorders where an environment has pip and may have others; its scripts stay as they are."""
    site = site_packages(prefix)
    script(site / "recording.py", RECORDING)
    script(site / "sitecustomize.py", SITECUSTOMIZE % {"made": str(made)} + more)
    if (site / "pip").exists():
        shutil.rmtree(site / "pip")
        script(site / "pip" / "__init__.py", "from recording import record", "__version__ = '26.0'", "record('pip')")
        script(site / "pip" / "__main__.py")
    for name in ("uv", "pipx", "poetry", "easy_install", "pdm", "hatch"):
        script(site / f"{name}.py", "from recording import record", f"record('{name}')")
    shutil.rmtree(site / "setuptools", ignore_errors=True)
    script(site / "setuptools" / "__init__.py")
    script(
        site / "setuptools" / "command" / "easy_install.py", "from recording import record", "record('easy_install')"
    )
    if " " not in str(prefix):  # no shebang holds one
        program = f"#!{prefix}/bin/python3"
        script(prefix / "bin" / "easy_install", program, "from setuptools.command.easy_install import main", "main()")
    call(prefix / "bin" / "python3", "-m", "compileall", "-q", site, PYTHONDONTWRITEBYTECODE="")


DEBIAN_PIP = """
# -*- coding: utf-8 -*-
import re
import sys
from pip._internal.cli.main import main
if __name__ == "__main__":
    sys.argv[0] = re.sub(r"(-script\\.pyw|\\.exe)?$", "", sys.argv[0])
    sys.exit(main())
"""


# -- others ------------------------------------------------------------------------------------------------------------

GIT = """
[ "$1" = clone ] || exit 0
for last; do :; done
case "$last" in *://*|git@*) last="$(basename "$last" .git)";; esac
mkdir -p "$last"
""".strip().splitlines()

# As Debian's /etc/sudoers has it: another PATH, and few variables.
SUDO = """
while :; do
    case "$1" in
        -u|-g) shift 2;;
        -H|-E|-n|-S|-i|-s) shift;;
        --) shift; break;;
        *) break;;
    esac
done
exec env -i HOME=/root PATH="{root}/uv/bin:{root}/managers:{root}/stand-ins:{root}/tools" "$@"
"""

PYENV_PROGRAM = """
root={root}
while [ "$1" = exec ]; do shift; done
name="$1"; shift
versions="$PYENV_VERSION"
dir="$PWD"
while [ -z "$versions" ] && [ -n "$dir" ]; do
    [ ! -f "$dir/.python-version" ] || read -r versions < "$dir/.python-version"
    dir="${{dir%/*}}"
done
[ -n "$versions" ] || read -r versions < "$root/version"
file="$root/versions/$versions/bin/$name"
[ -x "$file" ] || {{ echo "pyenv: $name: command not found" >&2; exit 127; }}
export PYENV_VERSION="$versions" PATH="$root/versions/$versions/bin:$PATH"
exec "$file" "$@"
"""


def _make_pyenv(root: Path) -> None:
    """Shims as pyenv writes them, and a pyenv that knows versions alone."""
    for version in ("3.98.1", "3.99.1"):
        make_in(root / "versions" / version, ["pip"])
        replace_pip(root / "versions" / version, root.parent / "uv")
    script(root / "version", "3.98.1")
    script(root / "libexec" / "pyenv", "#!/bin/sh", *PYENV_PROGRAM.format(root=root).strip().splitlines())
    for name in ("pip", "pip3", PIP_X_Y, "python", "python3", f"python{X_Y}"):
        shim = ["#!/usr/bin/env bash", "set -e", 'program="${0##*/}"', f'export PYENV_ROOT="{root}"']
        script(
            root / "shims" / name, *shim, NOTE.format(tool="shim"), f'exec "{root}/libexec/pyenv" exec "$program" "$@"'
        )


CONDA_RECORDER = """
import os, sys
from pathlib import Path

def activated(prefix):
    \"\"\"What `conda shell.posix activate` prints, as conda's `activate.py` has it.\"\"\"
    depth, old = int(os.environ.get("CONDA_SHLVL") or 0), os.environ.get("CONDA_PREFIX")
    path = os.environ["PATH"].split(":")
    at = path.index(f"{old}/bin") if depth and f"{old}/bin" in path else None
    if at is not None:
        del path[at]
    if prefix:
        path.insert(at or 0, f"{prefix}/bin")
        yield f"export CONDA_PREFIX='{prefix}'"
        yield f"export CONDA_DEFAULT_ENV='{os.path.basename(prefix)}'"
    yield f"export PATH='{':'.join(path)}'"
    yield f"export CONDA_SHLVL='{depth + 1 if prefix else 0}'"

def shell(command, *names):
    if command == "deactivate":
        print(*activated(None), sep="\\n")
    elif command == "activate":
        name = names[0] if names else "base"
        prefix = sys.prefix if name == "base" else name if "/" in name else os.path.join(sys.prefix, "envs", name)
        if len(names) > 1 or not os.path.isdir(os.path.join(prefix, "conda-meta")):
            sys.exit(1)
        print(*activated(prefix), sep="\\n")

def main():
    if sys.argv[1:2] == ["shell.posix"]:
        shell(*sys.argv[2:])
        sys.exit()
    import recording
    if sys.argv[1:] == ["shell.bash", "hook"] and not recording.is_failing():
        print(Path(sys.prefix, "etc", "profile.d", "conda.sh").read_text(), "conda activate 'base'", sep="\\n", flush=True)
    # as where no shell was set up for it
    recording.record(os.path.basename(sys.argv[0]), 1 if sys.argv[1:2] == ["activate"] else None)
"""

CONDA_SH = """
export CONDA_EXE='{root}/conda/bin/conda'
export _CE_M=''
export _CE_CONDA=''
export CONDA_PYTHON_EXE='{root}/conda/bin/python'
__conda_exe() (
    "$CONDA_EXE" "$@"
)
__conda_activate() {{
    ask_conda="$(PS1="${{PS1:-}}" __conda_exe shell.posix "$@")" || \\return
    \\eval "$ask_conda"
    \\hash -r
}}
conda() {{
    cmd="${{1-__missing__}}"
    case "$cmd" in
        activate|deactivate)
            __conda_activate "$@"
            ;;
        install|update|upgrade|remove|uninstall)
            __conda_exe "$@" || \\return
            __conda_activate reactivate
            ;;
        *)
            __conda_exe "$@"
            ;;
    esac
}}
if [ -z "${{CONDA_SHLVL+x}}" ]; then
    \\export CONDA_SHLVL=0
    PATH="{root}/conda/condabin:$PATH"
    \\export PATH
fi
"""


def _make_conda(root: Path) -> None:
    """A base environment with conda as a script of its Python, one more environment, and what `conda init` sources."""
    base = root / "conda"
    for prefix in (base, base / "envs" / "work"):
        make_in(prefix, ["pip"])
        replace_pip(prefix, root / "uv")
        script(prefix / "conda-meta" / "history")
    script(site_packages(base) / "conda" / "__init__.py")
    script(site_packages(base) / "conda" / "cli.py", CONDA_RECORDER)
    for name in ("conda", "mamba"):
        script(
            base / "bin" / name, f"#!{base}/bin/python", "import sys", "from conda.cli import main", "sys.exit(main())"
        )
    script(base / "etc" / "profile.d" / "conda.sh", CONDA_SH.format(root=root))
    (root / "home").mkdir()
    (root / "home" / "miniconda3").symlink_to(base)
    (root / "home" / "myenv").symlink_to(root / "venv")
