"""Files that Python reads at its start and that lead nowhere are told, with a line that mends them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.name import where
from ipython_where.answer.start_up import read_lost_sites, read_lost_starts
from ipython_where.answer.world import World
from ipython_where.judge.diagnose.start_up import lost_site, start_findings
from ipython_where.judge.failure import FailedImport
from ipython_where.model import Finding

from .test_name import install, site, write
from .test_name import world as world_

__all__ = ["site", "world_"]  # fixtures

DISTUTILS = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack'); \n"
)
NAMESPACE = (
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);"
    "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('shared', 'part'));"
    "importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');"
    "m = has_mfs and sys.modules.setdefault('shared.part', importlib.util.module_from_spec("
    "importlib.machinery.PathFinder.find_spec('shared.part', [os.path.dirname(p)])));"
    "m = m or sys.modules.setdefault('shared.part', types.ModuleType('shared.part'));"
    "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)\n"
)


@pytest.fixture
def world(world_: World, site: Path) -> World:
    """The interpreter with ``site`` as its site-packages."""
    interpreter = {**world_.interpreter, "site_directories": [str(site)], "user_site_enabled": False}
    return replace(world_, interpreter=interpreter)


def told(world: World) -> list[Finding]:
    return list(start_findings(read_lost_starts(world)))


def said(world: World) -> list[tuple[str, str, str | None]]:
    return [(each.id, each.message, each.hint) for each in told(world)]


def pasted(finding: Finding) -> None:
    """Run the line in a finding's hint."""
    assert finding.hint is not None
    exec(finding.hint.split("`")[1])


def start(site: Path) -> str:
    """What a Python that reads these files prints as errors at its start."""
    code = f"import site; site.addsitedir({str(site)!r})"
    return subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True).stderr


def test_files_that_lead_somewhere_are_not_told(world: World, site: Path) -> None:
    write(site / "project" / "tiny.py")
    write(site / "hack.py")
    write(site / "good.pth", f"# a comment\n{site / 'project'}\nproject\n\nimport os, sys; import hack\n")
    write(site / "tiny.egg-link", f"{site / 'project'}\n../")
    write(site / "quoted.pth", "import os; exec('import gone; gone.x'); x = \"; import gone\"\n")
    write(site / "asked.pth", "import os; os.environ.get('COVERAGE') and __import__('gone')\n")
    assert said(world) == []


def test_folders_that_are_gone_are_told_once_and_the_line_takes_them_out(world: World, site: Path) -> None:
    kept = write(site / "easy-install.pth", f"{site}\n/gone/one\n/gone/two  \n")
    write(site / "mine.pth", "# mine\n/gone/three\n")
    write(site / "one.egg-link", "/gone/one\n.")
    (finding,) = told(world)
    assert (finding.id, finding.severity) == ("path-gone", "note")
    assert finding.message == "3 files lead this kernel's Python to 3 folders that do not exist"
    assert [(each.label, each.value) for each in finding.evidence] == [
        ("file", str(kept)),
        ("gone", "/gone/one"),
        ("gone", "/gone/two"),
        ("file", str(site / "mine.pth")),
        ("gone", "/gone/three"),
        ("file", str(site / "one.egg-link")),
        ("gone", "/gone/one"),
    ]
    pasted(finding)
    assert (sorted(os.listdir(site)), kept.read_text()) == (["easy-install.pth"], f"{site}\n")
    assert told(world) == []


def test_one_folder_that_is_gone(world: World, site: Path) -> None:
    file = write(site / "mine.pth", "/gone/three\n")
    line = f"`import os, pathlib; [os.remove(each) for each in ['{file}']]` removes it"
    assert said(world) == [("path-gone", "`mine.pth` leads this kernel's Python to a folder that does not exist", line)]


def test_an_editable_project_that_was_moved_is_told_by_its_name(world: World, site: Path) -> None:
    metadata = install(site, "tiny", "1.0", "__editable__.tiny-1.0.pth")
    write(site / "__editable__.tiny-1.0.pth", "/gone/tiny/src\n")
    write(metadata / "direct_url.json", json.dumps({"url": "file:///gone/tiny", "dir_info": {"editable": True}}))
    message = "`tiny` 1.0 is installed from `/gone/tiny`, which does not exist"
    assert said(world) == [("files-gone", message, "`%safepip uninstall tiny` removes its record")]


@pytest.mark.parametrize(
    ("name", "text", "module"),
    [
        ("distutils-precedence.pth", DISTUTILS, "_distutils_hack"),
        (
            "__editable__.tiny-1.0.pth",
            "import __editable___tiny_1_0_finder; __editable___tiny_1_0_finder.install()\n",
            "__editable___tiny_1_0_finder",
        ),
        ("_tiny.pth", "import _tiny_editable\n", "_tiny_editable"),
        ("two.pth", "import os, gone.sub\n", "gone"),
    ],
)
def test_code_that_imports_what_is_gone_fails_at_each_start(
    world: World, site: Path, name: str, text: str, module: str
) -> None:
    file = write(site / name, text)
    assert f"No module named '{module}'" in start(site)
    (finding,) = told(world)
    assert (finding.id, finding.severity) == ("start-up-fails", "warning")
    message = f"`{name}` imports `{module}`, which is gone: Python prints an error whenever it starts"
    assert (finding.message, finding.hint) == (message, f"`import os; os.remove('{file}')` removes it")
    pasted(finding)
    assert (start(site), told(world)) == ("", [])


def test_only_the_lines_that_fail_are_taken_out_of_a_file(world: World, site: Path) -> None:
    """The other ones are somebody's, who needs them."""
    write(site / "needed" / "tiny.py")
    write(site / "hack.py")
    kept = f"# mine\n{site / 'needed'}\nimport hack\n"
    file = write(site / "mine.pth", f"{kept}import os, gone.sub\nimport lost; lost.x\n/gone/three\n")
    assert "No module named 'gone'" in start(site)
    code, folders = told(world)
    assert (folders.id, code.id) == ("path-gone", "start-up-fails")
    assert code.message == "`mine.pth` imports `gone`, which is gone: Python prints an error whenever it starts"
    pasted(code)
    assert (start(site), file.read_text()) == ("", f"{kept}/gone/three\n")
    pasted(folders)
    assert (file.read_text(), told(world)) == (kept, [])


def test_setuptools_hook_that_is_switched_off_does_not_fail(world: World, site: Path) -> None:
    write(site / "distutils-precedence.pth", DISTUTILS)
    assert told(replace(world, environ={**world.environ, "SETUPTOOLS_USE_DISTUTILS": "stdlib"})) == []


def test_a_file_that_a_distribution_lists_comes_back_with_it(world: World, site: Path) -> None:
    install(
        site, "setuptools", "80.0", "setuptools/__init__.py", "_distutils_hack/__init__.py", "distutils-precedence.pth"
    )
    write(site / "distutils-precedence.pth", DISTUTILS)
    assert told(world) == []
    os.remove(site / "_distutils_hack/__init__.py")
    os.rmdir(site / "_distutils_hack")
    ((_, _, hint),) = said(world)
    assert hint == "`%safepip install --force-reinstall --no-deps setuptools==80.0` restores them"


def test_a_namespace_without_its_folder(world: World, site: Path) -> None:
    write(site / "shared" / "part" / "one.py")
    file = write(site / "shared.part.one-1.0-py3.11-nspkg.pth", NAMESPACE)
    assert told(world) == []
    os.remove(site / "shared" / "part" / "one.py")
    os.rmdir(site / "shared" / "part")
    assert "AttributeError" in start(site)
    assert said(world) == [
        (
            "start-up-fails",
            f"`{file.name}` declares the namespace package `shared.part`, whose folder is gone: "
            "Python prints an error whenever it starts",
            f"`import os; os.remove('{file}')` removes it",
        )
    ]


@pytest.mark.parametrize("name", ["old-proj.egg-link", "__editable__.old_proj-1.0.pth"])
def test_a_name_that_was_linked_to_what_is_gone(world: World, site: Path, name: str) -> None:
    """In `%where NAME` and in the hint after its import, where no record is left to say so."""
    file = write(site / name, "/gone/old\n")
    message = f"`{name}` leads this kernel's Python to a folder that does not exist"
    hint = f"`import os, pathlib; [os.remove(each) for each in ['{file}']]` removes it"
    answer = where("old_proj", world)
    assert (answer.found, [(each.message, each.hint) for each in answer.findings]) == (False, [(message, hint)])
    finding = explain_failure(FailedImport(missing="old_proj", asked="old_proj"), world)
    assert finding is not None
    assert (finding.message, finding.hint) == (message, hint)
    assert where("other", world).findings == ()


def started(*code: str, prefix: Path, **environ: str) -> list[str]:
    """What `%where` says of the start of a process of the environment at ``prefix``."""
    argv = (str(prefix / "bin/python"), *code, "-m", "ipython_where", "--json")
    outside = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(argv, capture_output=True, text=True, env={**outside, **environ}, cwd=prefix, check=True)
    return [
        f"{each['message']} | {each['evidence'][0]['value']}"
        for each in json.loads(done.stdout)["findings"]
        if each["id"] in ("start-up-fails", "path-gone")
    ]


def until_told(**asked: Any) -> list[str]:
    """The same, once a process starts certainly after the file was written: the kernel counts its start in hundredths."""
    deadline = time.monotonic() + 30
    while not (found := started(**asked)):
        assert time.monotonic() < deadline
    return found


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """An environment of its own that can import this package."""
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")), check=True)
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    packages = [str(Path(each).resolve()) for each in sys.path if each.endswith("site-packages")]
    (site / "packages.pth").write_text("\n".join([str(Path(__file__).parents[2]), *packages]))
    return tmp_path / "env"


def test_a_sitecustomize_that_raises_is_told(fresh: Path, tmp_path: Path) -> None:
    """Python goes on without it, and a kernel's user never sees the error; one that works and one that came later are silent."""
    (site,) = fresh.glob("lib/python*/site-packages")
    file = site / "sitecustomize.py"
    # Debian's standard library has a `sitecustomize` of its own, and comes before this folder
    first = {"PYTHONPATH": str(site)} if Path(os.__file__).with_name("sitecustomize.py").exists() else {}
    file.write_text("ready = True")
    assert started(prefix=fresh, **first) == []
    file.write_text("raise RuntimeError('no licence server')")
    message = (
        "Python imports `sitecustomize` when it starts, but it is not loaded: it raised an error, or removed itself"
    )
    assert until_told(prefix=fresh, **first) == [f"{message} | {file}"]
    file.unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sitecustomize.py").write_text("1/0")
    assert until_told(prefix=fresh, PYTHONPATH=str(elsewhere)) == [f"{message} | {elsewhere}/sitecustomize.py"]
    later = f"import runpy, sys; sys.path.append({str(elsewhere)!r}); sys.argv = ['x', '--json']"
    code = f"{later}; runpy.run_module('ipython_where', run_name='__main__')"
    done = subprocess.run((str(fresh / "bin/python"), "-c", code), capture_output=True, text=True, check=True)
    assert "start-up-fails" not in done.stdout


def test_a_folder_of_packages_that_is_a_broken_link_is_told(world: World, tmp_path: Path) -> None:
    """A disk that is not mounted: nothing in it is found, and nothing else says so."""
    link, gone = tmp_path / "linked" / "site-packages", tmp_path / "disk" / "site-packages"
    link.parent.mkdir()
    gone.mkdir(parents=True)
    link.symlink_to("../disk/site-packages")
    here = replace(world, interpreter={**world.interpreter, "site_directories": [str(link)]})
    assert list(read_lost_sites(here)) == []
    gone.rmdir()
    assert list(read_lost_sites(here)) == [(str(link), str(link.parent / "../disk/site-packages"))]
    finding = lost_site(str(link), str(gone))
    assert finding.message == (
        "a folder of this kernel's packages is a link to a folder that does not exist: nothing in it is found"
    )
    assert [each.value for each in finding.evidence] == [str(link), str(gone)]
