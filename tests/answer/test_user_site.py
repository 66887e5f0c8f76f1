"""The user site in every way of being on and off, as real Pythons have it; and what a real pip does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.environments import base_python, clean_environ, site_packages
from tests.test_safepip_kernel import pack

pytestmark = pytest.mark.usefixtures("installer")

ASK = """
import json, sys
sys.path.append(ROOT)
sys.path.append(LIBRARY)
from ipython_where.answer.command import judge_command
from ipython_where.answer.environment import environment
from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.judge.failure import FailedImport
world = World.here()
hint = explain_failure(FailedImport(missing="user_only", asked="user_only"), world)
judged = judge_command(f"{sys.executable} -m pip install --user x", world).invocations
print(json.dumps({
    "findings": {each.id: each.message for each in environment(world).findings},
    "elsewhere": [each.why for each in where("user_only", world).elsewhere],
    "hint": [[each.label, each.note] for each in hint.evidence] if hint else None,
    "user": [each.same_environment for each in judged],
}))
"""
OFF = {
    "findings": "this kernel does not search the user site, which holds 1 distribution",
    "elsewhere": ["user site, disabled in this kernel"],
    "hint": [["user site, disabled in this kernel", "user_only 1.0"]],
    "user": [False],
}
ON = {"findings": None, "elsewhere": [], "hint": None, "user": [True]}


def ask(python: str, home: Path, *options: str, **environ: str) -> dict[str, object]:
    script = ASK.replace("ROOT", repr(str(environments.ROOT))).replace("LIBRARY", repr(site_of_tests()))
    argv = [python, *options, "-c", script]
    told = json.loads(
        subprocess.run(
            argv, env=clean_environ(HOME=str(home), **environ), cwd=home, check=True, capture_output=True, text=True
        ).stdout
    )
    told["findings"] = told["findings"].get("user-site-off")
    return dict(told)


def site_of_tests() -> str:
    """Where tree-sitter is: the Pythons that are asked have only their standard library."""
    return str(site_packages(Path(sys.prefix)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose user site has one package, installed by pip. Tests only ask about it."""
    place, wheels = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("wheels")
    pack(wheels, "user_only", "1.0", {"user_only.py": ""})
    environ = clean_environ(HOME=str(place), PIP_BREAK_SYSTEM_PACKAGES="1")
    argv = [base_python(), "-m", "pip", "install", "-q", "--user", "--no-index", "-f", str(wheels), "user_only"]
    subprocess.run(argv, check=True, env=environ, cwd=place)
    return place


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    pack(folder, "user_only", "1.0", {"user_only.py": ""})
    return folder


@pytest.mark.parametrize(
    ("options", "environ", "expected"),
    [
        ((), {}, ON),
        (("-s",), {}, OFF),
        (("-I",), {}, OFF),
        ((), {"PYTHONNOUSERSITE": "1"}, OFF),
    ],
)
def test_what_is_known_of_it(home: Path, options: tuple[str, ...], environ: dict[str, str], expected: object) -> None:
    """`%where`, `%where NAME`, the hint, and the guard's judgement of `pip install --user`."""
    assert ask(base_python(), home, *options, **environ) == expected


def test_a_user_base_of_the_command_alone_is_none_that_this_kernel_looks_into(home: Path) -> None:
    script = (
        f"import sys; sys.path += [{str(environments.ROOT)!r}, {site_of_tests()!r}]\n"
        "from ipython_where.answer.command import judge_command\n"
        "from ipython_where.answer.world import World\n"
        "command = f'PYTHONUSERBASE=/elsewhere {sys.executable} -m pip install --user x'\n"
        "print([each.same_environment for each in judge_command(command, World.here()).invocations])"
    )
    argv = [base_python(), "-c", script]
    environ = clean_environ(HOME=str(home))
    done = subprocess.run(argv, env=environ, cwd=home, check=True, capture_output=True, text=True)
    assert done.stdout == "[False]\n"


# -- an environment that cannot be written to ---------------------------------------------------------------------------

AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
"""Root without the right to write where the permissions forbid it."""


def bound() -> list[str]:
    """What a command is started with, so that permissions count."""
    return AS_ANYBODY if os.geteuid() == 0 else []


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """A virtual environment with pip, whose site-packages may not be written to."""
    prefix = environments.make_in(tmp_path / "fixed", maker="venv")
    site = site_packages(prefix)
    site.chmod(0o555)
    asked = [*bound(), str(prefix / "bin" / "python"), "-c", f"import os; print(os.access({str(site)!r}, os.W_OK))"]
    if bound() and shutil.which(AS_ANYBODY[0]) is None:
        pytest.skip("root may write everywhere, and there is no setpriv")
    if subprocess.run(asked, capture_output=True, text=True).stdout != "False\n":
        pytest.skip("nothing takes root's right to write everywhere away here")
    yield prefix
    site.chmod(0o755)


@pytest.mark.parametrize("system_site", [False, True])
def test_what_pip_does_is_what_is_said(unwritable: Path, wheels: Path, tmp_path: Path, system_site: bool) -> None:
    """In a virtual environment it fails, as there is no user site; where it sees the system's packages, it has one."""
    configuration = unwritable / "pyvenv.cfg"
    if system_site:
        configuration.write_text(configuration.read_text().replace("packages = false", "packages = true"))
    environ = clean_environ(HOME=str(tmp_path))
    start = bound()
    python = str(unwritable / "bin" / "python")
    pip = [*start, python, "-m", "pip", "install", "-q", "--no-index", "-f", str(wheels), "user_only"]
    done = subprocess.run(pip, env=environ, cwd=tmp_path, capture_output=True, text=True)
    script = (
        f"import sys; sys.path += [{str(environments.ROOT)!r}]\n"
        "from ipython_where.answer.environment import environment\n"
        "print(*[each.message for each in environment().findings if each.id == 'not-writable'])"
    )
    said = subprocess.run([*start, python, "-c", script], env=environ, cwd=tmp_path, capture_output=True, text=True)
    does = "pip would install into the user site instead" if system_site else "pip would fail"
    assert said.stdout == f"this kernel's environment is not writable: {does}\n", said.stderr
    assert done.returncode == (0 if system_site else 1), done.stderr
    assert any(tmp_path.glob(".local/lib/python*/site-packages/user_only.py")) is system_site
