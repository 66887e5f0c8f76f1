"""One real environment with everything that makes a module hard to find: made once, kept in `.envs/`, never changed by a test.

About 200 distributions from wheels, and beside them what only time brings into an environment: editable installations of
five build backends, an egg-link, eggs, archives on the path, namespace packages in several places, modules that hide others.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import py_compile
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from .environments import KEPT, ROOT, base_python, call, make_in, site_packages, uv

PACKAGES = (
    "azure-common",
    "azure-core",
    "azure-identity",
    "backports.tarfile",
    "beautifulsoup4",
    "boltons",
    "cffi",
    "click",
    "cryptography",
    "docutils",
    "editables",
    "fastapi",
    "flit_core",
    "gitpython",
    "google-auth",
    "google-cloud-core",
    "google-cloud-storage",
    "hatchling",
    "html5lib",
    "ipykernel",
    "ipython",
    "ipywidgets",
    "importlib_metadata",
    "jaraco.classes",
    "jaraco.functools",
    "jaraco.text",
    "jupyterlab",
    "keyring",
    "meson-python",
    "mock",
    "ninja",
    "numpy",
    "opencv-python-headless",
    "packaging",
    "passlib",
    "pbr",
    "pillow",
    "pip",
    "protobuf",
    "psutil",
    "pyparsing",
    "pytest",
    "python-dateutil",
    "python-dotenv",
    "pytz",
    "PyYAML",
    "requests",
    "rich",
    "ruamel.yaml",
    "ruamel.yaml.clib",
    "setuptools==79.0.1",  # the last line whose `setup.py develop` and `install` still make egg-links and eggs by themselves
    "simplejson",
    "sphinxcontrib-applehelp",
    "sphinxcontrib-devhelp",
    "sphinxcontrib-jsmath",
    "tabulate",
    "toml",
    "tqdm",
    "ujson",
    "websocket-client",
    "wheel",
    "wrapt",
    "xlrd",
    "zope.component",
    "zope.event==5.0",  # the last one with a `-nspkg.pth` file
    "zope.interface",
)


EDITABLE = (
    "by_finder",
    "by_mapping",
    "by_space",
    "by_module",
    "by_src",
    "by_hatch",
    "by_exact",
    "by_flit",
    "by_meson",
    "by_link",
)
"""The import names of the editable installations; no listing of the path has most of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BigEnvironment:
    """The environment, and how its interpreter is to be started: in which directory, with which variables."""

    prefix: Path
    cwd: Path
    variables: dict[str, str]

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    def run(self, *arguments: str | Path) -> str:
        """What its interpreter prints for ``arguments``."""
        return call(self.python, *arguments, cwd=self.cwd, **self.variables)


def big_environment() -> BigEnvironment:
    """The kept environment, made now if this is the first use."""
    recipe = Path(__file__).read_text() + base_python()
    prefix = KEPT / f"big-{hashlib.sha256(recipe.encode()).hexdigest()[:10]}"
    made = BigEnvironment(
        prefix=prefix,
        cwd=prefix / "work",
        variables={
            "PYTHONPATH": f"{prefix / 'pythonpath'}{os.pathsep}{prefix / 'archives' / 'plain.zip'}",
            "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONDONTWRITEBYTECODE": "",  # else every process compiles all that it imports
        },
    )
    KEPT.mkdir(exist_ok=True)
    with open(f"{prefix}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (prefix / ".complete").exists():
            shutil.rmtree(prefix, ignore_errors=True)
            _make(made)
            (prefix / ".complete").touch()
    return made


def _make(environment: BigEnvironment) -> None:
    prefix = environment.prefix
    make_in(prefix, PACKAGES)
    # its import takes three seconds, and ten others import it where it is there
    call(uv(), "pip", "uninstall", "--quiet", "--no-config", "--python", environment.python, "rfc3987-syntax")
    site = site_packages(prefix)
    _editables(prefix)
    _eggs(environment.python, prefix / "old")
    _archives(prefix / "archives")
    _namespaces(site, prefix / "pythonpath", prefix / "more")
    _single_modules(site, prefix)
    _shadows(environment.cwd)
    write(prefix / "pythonpath" / "from_pythonpath.py")
    (prefix / "checkout").mkdir()
    (prefix / "checkout" / "ipython_where").symlink_to(ROOT / "ipython_where")
    lines = [
        "# what a person adds by hand",
        "",
        str(prefix / "more"),
        "import sys",
        str(prefix / "checkout"),
        "missing",
    ]
    write(site / "zz_more.pth", "\n".join([*lines, *map(str, sorted((prefix / "archives").glob("z*"))), ""]))


def write(file: Path, content: str = "") -> Path:
    """A file with its folders."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dedent(content))
    return file


def _project(folder: Path, backend: str, more: str = "", *, requires: str = "") -> Path:
    name = folder.name.replace("_", "-")
    text = f"""\
        [build-system]
        requires = [{requires}]
        build-backend = "{backend}"
        [project]
        name = "{name}"
        version = "1.0"
        description = "{name}"
        """
    write(folder / "pyproject.toml", dedent(text) + dedent(more))
    return folder


def _editables(prefix: Path) -> None:
    """Editable installations, each with the kind of link that its backend makes."""
    home = prefix / "projects"
    setuptools, hatchling = "setuptools.build_meta", "hatchling.build"
    made = [
        _project(home / "by_finder", setuptools, '[tool.setuptools]\npackages = ["by_finder", "by_finder.sub"]\n'),
        _project(
            home / "by_mapping",
            setuptools,
            '[tool.setuptools]\npackages = ["by_mapping"]\npackage-dir = {by_mapping = "lib/other_name"}\n',
        ),
        _project(
            home / "by_space",
            setuptools,
            '[tool.setuptools.packages.find]\ninclude = ["by_space*"]\nnamespaces = true\n',
        ),
        _project(home / "by_module", setuptools, '[tool.setuptools]\npy-modules = ["by_module"]\n'),
        _project(home / "by_src", setuptools, '[tool.setuptools.packages.find]\nwhere = ["src"]\n'),
        _project(home / "by_hatch", hatchling, '[tool.hatch.build.targets.wheel]\npackages = ["src/by_hatch"]\n'),
        _project(
            home / "by_exact",
            hatchling,
            '[tool.hatch.build.targets.wheel]\npackages = ["src/by_exact"]\n[tool.hatch.build]\ndev-mode-exact = true\n',
        ),
        _project(home / "by_flit", "flit_core.buildapi"),
        _project(home / "by_meson", "mesonpy"),
    ]
    for package in (
        "by_finder/by_finder",
        "by_finder/by_finder/sub",
        "by_mapping/lib/other_name",
        "by_space/by_space/part",
    ):
        write(home / package / "__init__.py")
        write(home / package / "leaf.py")
    for package in (
        "by_src/src/by_src",
        "by_hatch/src/by_hatch",
        "by_exact/src/by_exact",
        "by_flit/by_flit",
        "by_meson/by_meson",
    ):
        write(home / package / "__init__.py")
        write(home / package / "leaf.py")
    write(home / "by_module" / "by_module.py")
    write(
        home / "by_meson" / "meson.build",
        """\
        project('by-meson', version: '1.0')
        py = import('python').find_installation(pure: true)
        py.install_sources(['by_meson/__init__.py', 'by_meson/leaf.py'], subdir: 'by_meson')
        """,
    )
    options = [word for folder in made for word in ("--editable", folder)]
    python = prefix / "bin" / "python"
    path = f"{prefix / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # ninja's and meson's programs
    call(
        *(uv(), "pip", "install", "--quiet", "--no-config", "--no-build-isolation", "--no-deps", "--offline"),
        *("--python", python, *options),
        PATH=path,
    )


def _eggs(python: Path, old: Path) -> None:
    """What ``setup.py develop`` and ``setup.py install`` make: an egg-link, an egg that is a folder, one that is an archive."""
    for name, command, zip_safe in (
        ("by_link", "develop", True),
        ("egg_folder", "install", False),
        ("egg_file", "install", True),
    ):
        folder = old / name
        write(folder / name / "__init__.py", "__version__ = '0.5'\n")
        write(folder / name / "leaf.py")
        write(
            folder / "setup.py",
            f"from setuptools import setup\nsetup(name={name!r}, version='0.5', packages=[{name!r}], zip_safe={zip_safe})\n",
        )
        call(python, "-W", "ignore", "setup.py", "--quiet", command, cwd=folder)


def _archives(folder: Path) -> None:
    """A plain archive for ``PYTHONPATH``, and one that is a wheel, which a ``.pth`` file names."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "plain.zip", "w") as archive:
        archive.writestr("zipped_module.py", "")
        archive.writestr("zipped_package/__init__.py", "")
        archive.writestr("zipped_package/leaf.py", "")
        archive.writestr("spread/in_archive.py", "")
    with zipfile.ZipFile(folder / "zipped_wheel-3.0-py3-none-any.whl", "w") as archive:
        archive.writestr("zipped_wheel/__init__.py", "")
        archive.writestr(
            "zipped_wheel-3.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped-wheel\nVersion: 3.0\n"
        )
        archive.writestr("zipped_wheel-3.0.dist-info/RECORD", "zipped_wheel/__init__.py,,\n")


def _namespaces(site: Path, *others: Path) -> None:
    """Namespace packages with portions in several entries of the path, one of them of a real project, and a hidden one."""
    for number, entry in enumerate((site, *others)):
        write(entry / "spread" / f"part_{number}.py")
        write(entry / "spread" / "deep" / f"leaf_{number}" / "__init__.py")
    write(others[0] / "google" / "from_pythonpath.py")
    write(others[1] / "google" / "cloud" / "from_pth.py")
    write(others[0] / "tabulate" / "no_package.py")  # a folder without __init__ loses to a later package
    write(others[1] / "only_folder" / "data.txt")


def _single_modules(site: Path, prefix: Path) -> None:
    """A module that is only bytecode, a copy of an installed one later on the path, and a project recorded by hand."""
    source = write(prefix / "build" / "only_bytecode.py")
    py_compile.compile(str(source), str(site / "only_bytecode.pyc"), doraise=True)
    write(site / "unrecorded.py")
    write(prefix / "more" / "toml" / "__init__.py", "__version__ = '0.1'\n")
    write(prefix / "more" / "toml-0.1.dist-info" / "METADATA", "Metadata-Version: 2.1\nName: toml\nVersion: 0.1\n")
    write(prefix / "more" / "toml-0.1.dist-info" / "RECORD", "toml/__init__.py,,\n")
    for name in ("first_claim", "second_claim"):
        info = site / f"{name}-1.0.dist-info"
        write(info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        write(info / "RECORD", f'claimed.py,,\n"comma, in path/x.py",,\n{info.name}/METADATA,,\n')
    write(site / "claimed.py")
    write(site / "comma, in path" / "x.py")


def _shadows(cwd: Path) -> None:
    """A working directory with modules that hide the standard library's and installed ones, and some that do not."""
    for name in ("this", "antigravity", "xlrd", "pytz", "sys", "os", "zipimport", "only_here"):
        write(cwd / f"{name}.py")
    write(cwd / "passlib" / "__init__.py")
    write(cwd / "passlib" / "hash.py")
    write(cwd / "requests" / "notes.txt")  # no package, so it hides nothing
