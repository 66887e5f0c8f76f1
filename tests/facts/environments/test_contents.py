"""Another environment is looked into as its own interpreter would."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ipython_where.facts.environments.candidates import Candidate
from ipython_where.facts.environments.contents import look_in
from ipython_where.model import Elsewhere
from tests import environments

from .laid_out import bare

PACKAGES = ("six", "PyYAML", "python-dateutil", "zope.interface")
ASK = """
import importlib.util, json, sys
try:
    from importlib.metadata import version
except ImportError:
    version = None
answer = {}
for module, project in json.loads(sys.argv[1]):
    try:
        spec = importlib.util.find_spec(module)
    except ImportError:
        spec = None
    place = spec and spec.origin
    if spec and place in (None, "namespace"):
        place = list(spec.submodule_search_locations)[0]
    try:
        found = version(project)
    except Exception:
        found = None
    answer[module] = [place, found]
print(json.dumps(answer))
"""
QUESTIONS = (
    ("six", "six"),
    ("yaml", "PyYAML"),
    ("yaml._yaml", "PyYAML"),
    ("yaml.nodes", "PyYAML"),
    ("dateutil.tz", "python-dateutil"),
    ("zope.interface", "zope.interface"),
    ("zope", "zope.interface"),
    ("_cffi_backend", "cffi"),
    ("pip", "pip"),
    ("pip._vendor.rich", "pip"),
    ("pkg_resources", "setuptools"),
    ("numpy", "numpy"),
    ("numpy.linalg._umath_linalg", "numpy"),
    ("no_such_module", "no-such-project"),
    ("yaml.no_such", "PyYAML"),
)


def candidate(prefix: Path, why: str = "test") -> Candidate:
    return Candidate(prefix=str(prefix), interpreter=str(prefix / "bin" / "python"), why=why)


def interpreters() -> list[Path]:
    system = [Path("/usr/bin/python3")] if Path("/usr/bin/python3").exists() else []
    return [*system, *environments.pyenv_pythons()]


@pytest.mark.parametrize("interpreter", interpreters() or [None], ids=str)
def test_installed_pythons_agree(interpreter: Path | None) -> None:
    """For each Python of this machine, file and version are those that its own import system and metadata give."""
    if interpreter is None:
        pytest.skip("no pyenv and no system Python here")
    agree(interpreter)


@pytest.mark.parametrize("kind", ["plain", "system site packages"])
@pytest.mark.usefixtures("installer")
def test_virtual_environments_agree(kind: str, tmp_path: Path) -> None:
    """A package, an extension, a namespace, a `.pth` path; and what is visible through the base."""
    if kind == "plain":
        prefix = environments.kept("others", PACKAGES)
    else:
        prefix = tmp_path / "env"
        environments.call(
            environments.uv(),
            "venv",
            "-q",
            "--no-config",
            "--system-site-packages",
            "-p",
            environments.base_python(),
            prefix,
        )
    agree(prefix / "bin" / "python")


def agree(interpreter: Path) -> None:
    prefix = interpreter.parent.parent
    one = Candidate(prefix=str(prefix), interpreter=str(interpreter), why="test")
    real = json.loads(environments.call(interpreter, "-I", "-c", ASK, json.dumps(QUESTIONS)))
    assert len(real) == len(QUESTIONS)
    for module, project in QUESTIONS:
        place, version = real[module]
        ours = look_in(one, module, (project,))
        assert (ours and ours.file) == place, module
        if ours and ours.version and has_metadata(interpreter):
            assert ours.version == version, module
        if place and version and has_metadata(interpreter) and not place.startswith("/usr/lib"):
            assert ours and ours.version, module


def has_metadata(interpreter: Path) -> bool:
    return "3.6" not in str(interpreter) and "3.7" not in str(interpreter)


def test_a_whole_answer() -> None:
    """Prefix, interpreter and why are the candidate's; the name is spelt as the distribution spells it."""
    prefix = environments.kept("others", PACKAGES)
    answer = look_in(candidate(prefix, "kernelspec x"), "yaml", ("pyyaml",))
    site = environments.site_packages(prefix)
    (info,) = site.glob("*yaml-*.dist-info")
    assert answer == Elsewhere(
        prefix=str(prefix),
        interpreter=str(prefix / "bin" / "python"),
        why="kernelspec x",
        file=str(site / "yaml" / "__init__.py"),
        distribution="PyYAML",
        version=info.name.removesuffix(".dist-info").partition("-")[2],
    )


def test_a_project_name_alone_is_found() -> None:
    """`python-dateutil` is no import name, and installed all the same."""
    prefix = environments.kept("others", PACKAGES)
    answer = look_in(candidate(prefix), "python-dateutil", ("Python_Dateutil",))
    assert answer is not None
    assert (answer.file, answer.distribution) == (None, "python-dateutil")


def install(prefix: Path, name: str, version: str, record: str = "", **files: str) -> Path:
    site = prefix / "lib/python3.11/site-packages"
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 9\n")
    (info / "RECORD").write_text(record)
    for file, text in files.items():
        (info / file.replace("_json", ".json")).write_text(text)
    return site


def test_a_distribution_is_told_only_when_it_claims_the_file(tmp_path: Path) -> None:
    """A module beside a distribution of the same name belongs to it only if RECORD says so."""
    prefix = bare(tmp_path / "env")
    site = install(prefix, "thing", "1.0", record="thing/__init__.py,,\n")
    (site / "thing.py").touch()
    answer = look_in(candidate(prefix), "thing", ("thing",))
    assert answer and (answer.file, answer.distribution, answer.version) == (f"{site}/thing.py", None, None)
    (site / "thing").mkdir()
    (site / "thing/__init__.py").touch()
    answer = look_in(candidate(prefix), "thing", ("thing",))
    assert answer and (answer.file, answer.distribution, answer.version) == (
        f"{site}/thing/__init__.py",
        "thing",
        "1.0",
    )


def test_two_versions_of_a_distribution_are_no_version(tmp_path: Path) -> None:
    """Both claim the file: the name is certain, the version is not."""
    prefix = bare(tmp_path / "env")
    install(prefix, "thing", "1.0", record="thing.py,,\n")
    site = install(prefix, "thing", "2.0", record="thing.py,,\n")
    (site / "thing.py").touch()
    answer = look_in(candidate(prefix), "thing", ("thing",))
    assert answer and (answer.distribution, answer.version) == ("thing", None)


def test_an_editable_install_is_followed(tmp_path: Path) -> None:
    """Through its `.pth` path, and known by its `direct_url.json`."""
    source = tmp_path / "a project"
    (source / "src").mkdir(parents=True)
    (source / "src/thing.py").touch()
    prefix = bare(tmp_path / "env")
    direct = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    site = install(prefix, "thing", "1.0", direct_url_json=direct)
    (site / "_thing.pth").write_text(f"# comment\nimport sys\n{source}/src\n/gone\n")
    answer = look_in(candidate(prefix), "thing", ("thing",))
    assert answer and (answer.file, answer.distribution, answer.version) == (f"{source}/src/thing.py", "thing", "1.0")


def test_an_extension_for_another_python_is_not_there(tmp_path: Path) -> None:
    """A `cpython-312` file is no module for 3.11."""
    prefix = bare(tmp_path / "env")
    site = prefix / "lib/python3.11/site-packages"
    (site / "fast.cpython-312-x86_64-linux-gnu.so").touch()
    assert look_in(candidate(prefix), "fast", ()) is None
    (site / "fast.cpython-311-x86_64-linux-gnu.so").touch()
    answer = look_in(candidate(prefix), "fast", ())
    assert answer and answer.file == f"{site}/fast.cpython-311-x86_64-linux-gnu.so"


@pytest.mark.parametrize("module", ["", ".", "..", "a..b", "../bin/python", "a/b", "\0", "x" * 5000])
def test_names_that_are_no_modules(tmp_path: Path, module: str) -> None:
    """Nothing is found, and nothing outside the environment is looked at."""
    assert look_in(candidate(bare(tmp_path / "env")), module, ()) is None


def test_broken_metadata_is_passed_over(tmp_path: Path) -> None:
    """Files where folders should be, bytes that are no text, a missing METADATA, a loop of links."""
    prefix = bare(tmp_path / "env")
    site = prefix / "lib/python3.11/site-packages"
    (site / "thing.py").touch()
    (site / "thing-1.0.dist-info").touch()
    (site / "Thing-2.0.egg-info").mkdir()
    (site / "Thing-2.0.egg-info/top_level.txt").write_bytes(b"\xff\nthing\n")
    (site / "loop").symlink_to("loop")
    (site / "bad.pth").write_bytes(b"\xff\0\n")
    answer = look_in(candidate(prefix), "thing", ("thing",))
    assert answer and (answer.file, answer.distribution, answer.version) == (f"{site}/thing.py", "Thing", "2.0")
    assert look_in(candidate(prefix), "loop", ()) is None


def test_an_environment_that_is_gone(tmp_path: Path) -> None:
    """It is found by nothing and has nothing."""
    assert look_in(candidate(tmp_path / "gone"), "six", ("six",)) is None


def test_a_change_on_disk_is_seen(tmp_path: Path) -> None:
    """What was listed before is looked at again once its directory has changed."""
    prefix = bare(tmp_path / "env")
    site = prefix / "lib/python3.11/site-packages"
    os.utime(site, ns=(0, 0))
    assert look_in(candidate(prefix), "thing", ()) is None
    (site / "thing.py").touch()
    answer = look_in(candidate(prefix), "thing", ())
    assert answer and answer.file == f"{site}/thing.py"
    (site / "thing.py").unlink()
    assert look_in(candidate(prefix), "thing", ()) is None
