"""Installers of third parties: found through entry points, used as ours are, and in nobody's way where they fail."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from ipython_where.change.installers.interface import Installer, Surroundings
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.registry import OURS, find_available, read_entries
from ipython_where.change.installers.uv import Uv
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.entry_points import EntryPoint
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.model import Finding
from ipython_where.model import PackageManager as Program
from tests import environments
from tests.change.sessions import clean_world, make_environment, session, versions
from tests.change.transaction.worlds import snapshot
from tests.faults.wheels import write_wheel

EXAMPLE = re.findall(r"```python\n(.*?)```", (environments.ROOT / "docs" / "installers.md").read_text(), re.DOTALL)[0]
"""What the page about it has as a whole installer."""


def installer_wheel(folder: Path, name: str, source: str, *lines: str) -> Path:
    """A wheel with one module and the entry points of these lines."""
    declared = "\n".join(["[ipython_where.installers]", *lines, ""])
    files = {f"{name}.py": source, f"{name}-1.0.dist-info/entry_points.txt": declared}
    return write_wheel(folder, name, "1.0", files, package=False)


@pytest.mark.usefixtures("installer")
def test_a_third_partys_installer_is_used(tmp_path: Path) -> None:
    """Installed by pip from a wheel, it serves what it has, staged and undone as ever; one that is broken is named."""
    prefix = make_environment(tmp_path / "env")
    wheels = [
        installer_wheel(tmp_path, "shelf_installer", EXAMPLE, "shelf = shelf_installer:find"),
        installer_wheel(tmp_path, "broken_installer", "raise OSError('no licence')", "broken = broken_installer:find"),
    ]
    python = prefix / "bin" / "python"
    environments.call(python, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", *wheels)
    write_wheel(tmp_path / "shelf", "treasure", "2.0")
    write_wheel(tmp_path / "elsewhere", "other", "1.0")
    before = snapshot(prefix)
    with session(prefix, clean_world(tmp_path / "home", SHELF=str(tmp_path / "shelf")), tmp_path) as run:
        done = run("install treasure")
        assert done["error"] is None
        plan = done["answer"]["plan"]
        assert (plan["installer"], plan["installer_reason"]) == ("shelf", "the shelf has it")
        script = str(environments.site_packages(prefix) / "shelf_installer.py")
        assert [argv[2:4] for argv in done["started"]] == [[script, "plan"], [script, "stage"]]
        assert versions(prefix)["treasure"] == "2.0"
        assert done["answer"]["verdict"]["importable"] == ["treasure"]
        told = [each for each in plan["findings"] if each["id"] == "unusable-installer"]
        assert told == [
            {
                "id": "unusable-installer",
                "severity": "warning",
                "message": "the installer `broken` cannot be used, the others can",
                "evidence": [
                    {"label": "entry point", "value": "broken = broken_installer:find", "note": None},
                    {
                        "label": "declared in",
                        "value": str(environments.site_packages(prefix) / "broken_installer-1.0.dist-info"),
                        "note": None,
                    },
                    {"label": "reason", "value": "OSError: no licence", "note": None},
                ],
                "hint": "`%safepip uninstall broken_installer` removes what declares it",
            }
        ]
        run.changed("undo")
        assert snapshot(prefix) == before
        other = run.changed(f"install --no-index --find-links {tmp_path / 'elsewhere'} other")
        assert other["plan"]["installer"] == "uv"
        around = run.changed(f"install --with pip --no-index --find-links {tmp_path / 'shelf'} treasure")
        assert around["plan"]["installer"] == "pip"
        run.changed("undo")
        named = run.changed("install --with shelf treasure")
        assert (named["plan"]["installer"], named["plan"]["installer_reason"]) == ("shelf", "asked for")
        assert run("install --with shelf nothing")["error"].splitlines() == [
            "the shelf does not have all of it, so it cannot be used here",
            "",
            "hint: leave out `--with shelf`",
        ]
        for line in ("install --with shell treasure", "list --with shell"):
            assert run(line)["error"] == (
                "`--with shell` names no installer: there are `broken`, `pip`, `shelf`, `uv`\n\nhint: `--with shelf`"
            )
        assert run("install --with broken treasure")["error"].splitlines() == [
            "the installer `broken` cannot be used",
            "  entry point  broken = broken_installer:find",
            f"  declared in  {environments.site_packages(prefix) / 'broken_installer-1.0.dist-info'}",
            "  reason       OSError: no licence",
            "",
            "hint: leave out `--with broken`; `%safepip uninstall broken_installer` removes what declares it",
        ]


def surroundings(site: Path) -> Surroundings:
    """An environment with uv, and with nothing in it."""
    return Surroundings(
        executable="/env/bin/python",
        installed=InstalledDistributions(Distributions(), [str(site)]),
        found=(Program(name="uv", path="/bin/uv", version=None),),
        base_executable=None,
        standard_library="/nowhere",
        site_directory="/env/lib/python3.12/site-packages",
    )


def found(
    site: Path, source: str, *lines: str, path: Sequence[Path] | None = None
) -> tuple[list[str], tuple[Finding, ...]]:
    """The names of the installers that are found, and the findings, where a site has a module with such entry points."""
    info = site / "third_party-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(
        "\n".join(["[console_scripts]", "x = y:z", f"[{GROUP}]", *lines, "[more]", "a = b"])
    )
    (site / "third_party_module.py").write_text(source)
    entries = read_entries(Distributions(), [str(site)])
    places = [str(each) for each in path or [site]]
    installers, findings = find_available(entries, surroundings(site), path=places)
    return [each.name for each in installers if isinstance(each, Uv) or not isinstance(each, Pip)], findings


GROUP = "ipython_where.installers"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site directory on this process's path."""
    monkeypatch.delitem(sys.modules, "third_party_module", raising=False)
    folder = tmp_path / "site"
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("raise SystemExit(3)", "it = third_party_module:find", "SystemExit: 3"),
        ("", "it = third_party_module:find", "AttributeError: module 'third_party_module' has no attribute 'find'"),
        ("find = 3", "it = third_party_module:find", "`third_party_module:find` cannot be called"),
        ("", "it = third_party_gone:find", "ModuleNotFoundError: No module named 'third_party_gone'"),
        ("def find(it): return None", "it = third_party_module:find", "TypeError: 'NoneType' object is not iterable"),
        (
            "def find(it): return ['pip']",
            "it = third_party_module:find",
            "`str` is not an installer: it has no `because`",
        ),
        ("find = None", "uv = third_party_module:find", "`uv` is taken by `ipython_where` itself"),
    ],
)
def test_what_cannot_be_used_is_named(site: Path, source: str, line: str, reason: str) -> None:
    """Whatever it raises or is: the others go on."""
    names, (finding,) = found(site, source, line)
    assert names == ["uv"]
    assert finding.evidence[-1].value == reason


def test_the_notebooks_folder_hides_nothing(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file there that is called as an installed installer is would be imported in its place: nothing is."""
    notebook = tmp_path / "notebook"
    notebook.mkdir()
    (notebook / "third_party_module.py").write_text("raise KeyboardInterrupt")
    monkeypatch.syspath_prepend(str(notebook))
    names, (finding,) = found(site, "", "it = third_party_module:find")
    assert names == ["uv"]
    assert finding.evidence[-1].value == f"`{notebook}/third_party_module.py` hides its module `third_party_module`"


def test_ours_are_entry_points_too() -> None:
    """What is declared is what is used where there is no metadata: the same names, the same functions."""
    project = tomllib.loads((environments.ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["ipython_where.installers"] == OURS
    assert read_entries(Distributions(), []) == tuple(
        EntryPoint(name=name, value=value) for name, value in OURS.items()
    )


def test_ours_fit_the_protocol() -> None:
    """Held by the type checker."""
    _: tuple[Installer, ...] = (Pip(start=("python",), how="here"), Uv(path="/bin/uv", how="here"))


MISBEHAVES = (
    EXAMPLE.partition('\n\nif __name__ == "__main__":')[0].replace('"SHELF" in os.environ', "True")
    + """


class Misbehaves(Shelf):
    def __init__(self):
        self.wrong, _, self.how = os.environ["WRONG"].partition(" ")

    def serves(self, request, circumstances):
        return self._maybe("serves", None)

    def plan(self, request, site):
        return self._maybe("plan", Command(argv=(site.executable, "-c", ""), env=site.environ, cwd=site.cwd))

    def parse_plan(self, done, request, site):
        return self._maybe("parse_plan", (Pin(name="treasure", version="2.0"),))

    def detail(self, pins, request, site):
        return self._maybe("detail", None)

    def stage(self, pins, stage, request, site):
        return self._maybe("stage", (Command(argv=(site.executable, "-c", ""), env=site.environ, cwd=site.cwd),))

    def _maybe(self, method, value):
        if self.wrong != method:
            return value
        if self.how == "returns":
            return [3]
        raise SystemExit(3) if self.how == "exits" else KeyError("out of shelf")


def find(surroundings):
    return [Misbehaves()]
"""
)


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("plan raises", "`plan` raised KeyError: 'out of shelf'"),
        ("plan returns", "`plan` returned a `list`"),
        ("parse_plan raises", "`parse_plan` raised KeyError: 'out of shelf'"),
        ("parse_plan returns", "`parse_plan` returned a `int`"),
        ("detail raises", "`detail` raised KeyError: 'out of shelf'"),
        ("stage exits", "`stage` raised SystemExit: 3"),
        ("stage returns", "`stage` returned a `int`"),
    ],
)
def test_one_that_breaks_its_contract_is_named(tmp_path: Path, wrong: str, reason: str) -> None:
    """Whichever method it is: an error with its distribution, and nothing is changed."""
    prefix = make_environment(tmp_path / "env")
    wheel = installer_wheel(tmp_path, "shelf_installer", MISBEHAVES, "shelf = shelf_installer:find")
    python = prefix / "bin" / "python"
    environments.call(python, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", wheel)
    before = snapshot(prefix)
    with session(prefix, clean_world(tmp_path / "home", WRONG=wrong), tmp_path) as run:
        done = run("install treasure")
    assert done["error"].splitlines() == [
        "nothing was changed: the installer `shelf` of `shelf_installer` failed",
        f"  reason       {reason}",
        f"  declared in  {environments.site_packages(prefix) / 'shelf_installer-1.0.dist-info'}",
        "",
        "hint: `--with pip` or `--with uv` goes around it, `%safepip uninstall shelf_installer` removes it",
    ]
    assert snapshot(prefix) == before


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize("wrong", ["serves raises", "serves exits", "serves returns"])
def test_one_that_cannot_say_whether_it_serves_is_passed_over(tmp_path: Path, wrong: str) -> None:
    """The next one installs."""
    prefix = make_environment(tmp_path / "env")
    wheel = installer_wheel(tmp_path, "shelf_installer", MISBEHAVES, "shelf = shelf_installer:find")
    python = prefix / "bin" / "python"
    environments.call(python, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", wheel)
    write_wheel(tmp_path / "wheels", "treasure", "2.0")
    with session(prefix, clean_world(tmp_path / "home", WRONG=wrong), tmp_path) as run:
        done = run.changed("install --no-index --find-links wheels treasure")
    assert done["plan"]["installer"] == "uv"
