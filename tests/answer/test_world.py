"""The world of another interpreter, made of its probe's answer, against what that interpreter says inside itself.

What it is held against is the standard library's and packaging's own word, in a real kernel or process of that environment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from ipython_where.answer.environment import environment
from ipython_where.answer.known_names import known_names
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.facts.interpreters.executables import ask_interpreter
from ipython_where.runner import execute
from tests.environments import ROOT, base_python, clean_environ, kept, make_in, pyenv_pythons, site_packages
from tests.kernels import Notebook

OTHERS = [str(each) for series in ("3.8", "3.9", "3.10", "3.12", "3.13") for each in pyenv_pythons(f"{series}.*")]
NEWEST = OTHERS[-1] if OTHERS else base_python()
PACKAGES = ("ipykernel", "numpy", "setuptools", "packaging", "zope.interface", "jupyterlab_widgets")
NAMES = (
    "os json sys itertools ctypes numpy numpy.linalg setuptools packaging.markers zope zope.interface ipykernel no_such_name"
    " jupyterlab_widgets"
).split()

TOLD = """
import importlib.machinery, importlib.util, json, os, platform, site, sys, sysconfig

def finds(name):
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    if spec is None:
        return None
    module = importlib.import_module(name)
    return [getattr(module, "__file__", None), sorted(spec.submodule_search_locations or ())]

def tell(names):
    from importlib import metadata
    try:
        from packaging.markers import default_environment as markers
    except ImportError:
        from pip._vendor.packaging.markers import default_environment as markers
    return {
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "sites": [each for each in site.getsitepackages() if os.path.isdir(each)],  # Debian's Python names more
        "user_site": [site.getusersitepackages(), bool(site.ENABLE_USER_SITE)],
        "paths": {key: sysconfig.get_paths()[key] for key in ("purelib", "platlib", "stdlib", "scripts")},
        "markers": markers(),
        "suffixes": importlib.machinery.EXTENSION_SUFFIXES,
        "standard_library": sorted(getattr(sys, "stdlib_module_names", ())),
        "home": os.path.expanduser("~"),
        "path": [os.path.normpath(each) for each in sys.path if each and each != os.getcwd()],
        "versions": {each.metadata["Name"]: each.version for each in metadata.distributions() if each.metadata["Name"]},
        "finds": {name: finds(name) for name in names},
    }
"""


def world_of(prefix: Path, environ: dict[str, str], cwd: Path) -> World:
    """The world of an environment's interpreter, by its probe alone."""
    described = ask_interpreter(str(prefix / "bin" / "python"), environ=environ, run=execute)
    return World.of(described, environ=environ, home=environ["HOME"], cwd=str(cwd))


def as_told(world: World) -> dict[str, Any]:
    """The same facts by the fields of a world."""
    told = world.interpreter
    return {
        "executable": told["executable"],
        "prefix": told["prefix"],
        "base_prefix": told["base_prefix"],
        "python": told["version"],
        "implementation": world.description["implementation"],
        "sites": told["site_directories"],
        "user_site": [told["user_site"], told["user_site_enabled"]],
        "paths": {key: world.description[key] for key in ("purelib", "platlib", "stdlib", "scripts")},
        "markers": told["markers"],
        "suffixes": told["extension_suffixes"],
        "standard_library": sorted(world.standard_library),
        "home": world.home,
        "path": list(world.path),
    }


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A real kernel of an environment with another Python than this one, where there is one."""
    opened = Notebook(kept("world", PACKAGES, python=NEWEST, compiled=True), tmp_path_factory.mktemp("kernel"))
    opened.start_bare()
    yield opened
    opened.close()


def test_a_kernel_of_another_environment_says_the_same_of_itself(kernel: Notebook) -> None:
    """Every fact, and where each of many modules comes from: standard, compiled, of a namespace, missing."""
    assert kernel.run(TOLD).status == "ok"
    said = kernel.value(f"tell({NAMES!r})")
    world = world_of(kernel.prefix, kernel.environ, kernel.cwd)
    found, versions = said.pop("finds"), said.pop("versions")
    said["markers"] = {key: value for key, value in said["markers"].items() if key != "extra"}
    assert as_told(world) == said
    told = {name: where(name, world) for name in NAMES}
    assert {name: answer.found for name, answer in told.items()} == {name: found[name] is not None for name in NAMES}
    assert {name: answer.file for name, answer in told.items() if answer.file} == {
        name: at[0] for name, at in found.items() if at and at[0]
    }
    assert list(told["zope"].portions) == found["zope"][1]
    assert where("distutils", world).found is None  # setuptools' finder has it, until somebody imports pip
    of_packages = {answer.distribution.name: answer.version for answer in told.values() if answer.distribution}
    assert of_packages == {name: versions[name] for name in of_packages}
    assert {*of_packages} >= {"numpy", "setuptools", "packaging", "zope.interface", "ipykernel"}
    assert {each.replace("-", "_").lower() for each in known_names(world)} >= {
        each.replace("-", "_").replace(".", "_").lower() for each in versions
    }


def test_what_it_says_of_the_environment_is_what_it_says_in_it(kernel: Notebook) -> None:
    """The whole answer about the environment, asked from outside and from inside."""
    world = replace(world_of(kernel.prefix, kernel.environ, kernel.cwd), cells={})
    script = (
        f"import sys; sys.path.append({str(ROOT)!r})\nfrom ipython_where.answer.environment import environment\n"
        "print(__import__('json').dumps(environment().to_dict()['kernel']))"
    )
    argv = [str(kernel.prefix / "bin" / "python"), "-P", "-c", script]
    done = subprocess.run(argv, env=kernel.environ, cwd=kernel.cwd, capture_output=True, text=True)
    assert environment(world).to_dict()["kernel"] == json.loads(done.stdout or repr(done.stderr))


@pytest.mark.parametrize(
    ("python", "maker"),
    [*zip(OTHERS or [base_python()] * 3, ("venv", "virtualenv", "uv", "virtualenv", "venv"), strict=False)],
)
@pytest.mark.usefixtures("installer")
def test_each_maker_and_each_python(python: str, maker: Any, tmp_path: Path) -> None:
    """Their start-up finders differ: virtualenv's and uv's have one of their own, which passes everything on."""
    prefix = make_in(tmp_path / "env", ["pip"] if maker == "uv" else [], maker=maker, python=python)
    environ = clean_environ(HOME=str(tmp_path), PYTHONPATH=str(tmp_path / "extra"))
    (site_packages(prefix) / "own.pth").write_text(f"{tmp_path}/linked\n")
    for folder in ("extra", "linked"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"of_{folder}.py").write_text("")
    names = ["os", "json", "pip", "pip._internal", "of_extra", "of_linked", "no_such_name", "math", "_ctypes"]
    argv = [str(prefix / "bin" / "python"), "-c", f"{TOLD}\nprint(json.dumps(tell({names!r})))"]
    done = subprocess.run(argv, env=environ, cwd=tmp_path, capture_output=True, text=True)
    said = json.loads(done.stdout or repr(done.stderr))
    world = world_of(prefix, environ, tmp_path)
    found = said.pop("finds")
    del said["versions"]
    said["markers"].pop("extra", None)
    mine = as_told(world)
    if not said["standard_library"]:
        del said["standard_library"], mine["standard_library"]
    assert mine == said
    assert {name: where(name, world).file for name in names} == {name: at and at[0] for name, at in found.items()}
    assert world.pythonpath == environ["PYTHONPATH"]
    reasons = {name: where(name, world).path_entry for name in ("os", "of_extra", "of_linked", "pip")}
    assert {name: entry.reason for name, entry in reasons.items() if entry} == {
        "os": "standard library",
        "of_extra": "PYTHONPATH",
        "of_linked": ".pth file",
        "pip": "site-packages",
    }


def test_a_finder_that_only_asking_could_tell_leaves_it_undecided(tmp_path: Path) -> None:
    """An editable hook at the end has nothing to say of what was found before it, and may have what was not."""
    prefix = make_in(tmp_path / "env")
    site = site_packages(prefix)
    (site / "mine.py").write_text("")
    (site / "hook.py").write_text(
        "import sys\nclass Finder:\n    @staticmethod\n    def find_spec(name, *more): return name and None\n"
        "sys.meta_path.append(Finder)\n"
    )
    (site / "hook.pth").write_text("import hook\n")
    world = world_of(prefix, clean_environ(HOME=str(tmp_path)), tmp_path)
    missing = where("no_such_name", world)
    assert (where("mine", world).file, missing.found) == (str(site / "mine.py"), None)
    reasons = [evidence.value for finding in missing.findings for evidence in finding.evidence]
    assert "the finder `hook.Finder` of that interpreter would have to be called" in reasons, missing.findings


def test_what_nobody_told_is_unknown(tmp_path: Path) -> None:
    """Nothing is loaded, no variable is bound, and since no start is known, nothing is stale; this process's own is not told."""
    world = world_of(make_in(tmp_path / "env"), clean_environ(HOME=str(tmp_path)), tmp_path)
    assert (
        world.started,
        world.since("json"),
        world.connection_file,
        dict(world.namespace),
        dict(world.system.modules),
    ) == (
        None,
        None,
        None,
        {},
        {},
    )
    answer = where("json", world)
    assert (answer.loaded, answer.stale) == (None, None)
    assert where("pytest", world).found is False
    assert "pytest" in sys.modules


def test_it_is_a_value() -> None:
    """One that is replaced in a field is another, which answers by that field alone."""
    here = World.here()
    assert {each.name for each in fields(here)} >= {
        "interpreter",
        "describe",
        "started",
        "pythonpath",
        "standard_library",
    }
    moved = replace(here, interpreter={**here.interpreter, "executable": "/elsewhere/python"})
    assert (where("json", moved).kernel, where("json", here).kernel) == ("/elsewhere/python", sys.executable)
