"""What keeps an environment's programs from starting, and a project that an old setuptools could not read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.environment import environment
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.model import Finding

from .test_name import install, site, world, write

__all__ = ["site", "world"]  # fixtures


def told(world: World, id: str) -> list[Finding]:
    return [each for each in environment(world).findings if each.id == id]


@pytest.mark.parametrize("has_folder", [True, False])
def test_a_project_without_a_name(world: World, site: Path, tmp_path: Path, has_folder: bool) -> None:
    metadata = install(site, "UNKNOWN", "0.0.0", "UNKNOWN-0.0.0.dist-info/top_level.txt")
    folder = tmp_path / "my project"
    write(metadata / "direct_url.json", json.dumps({"url": folder.as_uri(), "dir_info": {}}))
    hint = "`%safepip uninstall UNKNOWN` removes it"
    if has_folder:
        folder.mkdir()
        hint += f", then `%safepip install '{folder}'` with setuptools 61 or newer"
    message = "`UNKNOWN` 0.0.0 is a project that an old `setuptools` could not read: none of its modules is installed"
    (finding,) = told(world, "unnamed")
    assert (finding.message, finding.hint) == (message, hint)
    assert finding in where("UNKNOWN", world).findings
    write(metadata / "RECORD", "tiny/__init__.py,,\n")
    assert told(world, "unnamed") == []


def test_a_pip_whose_interpreter_is_gone(world: World, tmp_path: Path) -> None:
    """As in an environment that was moved: its scripts name the old place."""
    script = write(tmp_path / "bin" / "pip", "#!/gone/bin/python\nfrom pip._internal.cli.main import main\n")
    script.chmod(0o755)
    here = replace(world, environ={**world.environ, "PATH": str(tmp_path / "bin")})
    (finding,) = told(here, "script-lost-python")
    assert finding.message == "`!pip` cannot start: its first line names an interpreter that does not exist"
    assert [(each.label, each.value) for each in finding.evidence[:2]] == [
        ("!pip", str(script)),
        ("names", "/gone/bin/python"),
    ]
    assert told(world, "script-lost-python") == []


def test_a_python_home_without_a_standard_library(world: World, tmp_path: Path) -> None:
    here = replace(world, environ={**world.environ, "PYTHONHOME": str(tmp_path)})
    (finding,) = told(here, "python-home-lost")
    assert finding.message == (
        "`PYTHONHOME` names a folder without a standard library: every Python that this kernel starts fails at once"
    )
    assert finding.hint == "`import os; del os.environ['PYTHONHOME']` unsets it in this kernel"
    library = Path(world.description["library"]).name
    write(tmp_path / "lib" / library / "os.py")
    assert told(here, "python-home-lost") == told(world, "python-home-lost") == []
