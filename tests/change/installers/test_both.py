"""pip and uv, really run: the same plan, the same stage, and nowhere else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from ipython_where.change.installers.interface import Installer, Pin, Site
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.uv import unreadable
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.requirement_files import with_files_taken_in
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import CommandError
from ipython_where.facts.settings.configuration import SettingsContext
from ipython_where.facts.settings.pip_config import judge_pip_config
from ipython_where.facts.settings.pip_settings import read_pip_entries
from tests import environments

from . import local

BOTH = ("pip", "uv")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standard wheels."""
    return local.standard_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """An environment with pip, `alpha` 1.0 and `beta` 1.0."""
    prefix = environments.make_in(tmp_path_factory.mktemp("template") / "env", ["pip"], compiled=True)
    local.install(prefix, "--no-index", "--find-links", str(wheels), "alpha==1.0", "beta==1.0")
    return prefix


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Site:
    """The environment, with a notebook's folder in which a `pip.py` lies in wait."""
    notebook = tmp_path / "notebook"
    notebook.mkdir()
    (notebook / "pip.py").write_text("raise SystemExit('hijacked')\n")
    return local.site_for(template, tmp_path / "private", notebook)


def installer(name: str, site: Site) -> Installer:
    """The installer of that name for a site."""
    return local.own_uv() if name == "uv" else local.own_pip(Path(site.executable).parent.parent)


def request(line: str) -> Request:
    """The request of a line."""
    return parse_request(split_line(line))


def brief(pins: tuple[Pin, ...]) -> dict[str, str | None]:
    """Names and versions."""
    return {pin.name: pin.version for pin in pins}


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("wanted", "pins"),
    [
        ("alpha", {}),
        ("alpha>=1.5", {"alpha": "2.0"}),
        ("-U alpha", {"alpha": "2.0"}),
        ("-U --upgrade-strategy eager alpha", {"alpha": "2.0", "beta": "2.0"}),
        ("--no-deps beta==2.0", {"beta": "2.0"}),
        ("-U --pre beta", {"beta": "3.0rc1"}),
        ("alpha[more]==2.0", {"alpha": "2.0", "gamma": "1.0"}),
        ("gamma; python_version<'3'", {}),
        ("--force-reinstall --no-deps beta==1.0", {"beta": "1.0"}),
    ],
)
@pytest.mark.usefixtures("installer")
def test_the_same_plan(name: str, wanted: str, pins: dict[str, str], site: Site, wheels: Path) -> None:
    """Both take what is installed as it is, and bring the same versions."""
    asked = request(f"install --no-index -f {wheels} {wanted}")
    assert brief(local.resolve(installer(name, site), asked, site)) == pins


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_pins_say_who_was_asked_for_and_carry_hashes(name: str, site: Site, wheels: Path) -> None:
    """The hash is that of the wheel in the folder."""
    import hashlib

    asked = request(f"install --no-index -f {wheels} alpha[more]==2.0")
    alpha, gamma = local.resolve(installer(name, site), asked, site)
    digests = [
        hashlib.sha256((wheels / f"{n}-py3-none-any.whl").read_bytes()).hexdigest() for n in ("alpha-2.0", "gamma-1.0")
    ]
    assert (alpha.hashes, gamma.hashes) == ((f"sha256:{digests[0]}",), (f"sha256:{digests[1]}",))
    assert (alpha.requested, gamma.requested, alpha.url) == (True, False, None)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_the_stage_holds_exactly_the_pins(name: str, site: Site, wheels: Path, tmp_path: Path) -> None:
    """And the environment is left alone."""
    before = sorted(environments.site_packages(Path(site.executable).parent.parent).rglob("*.dist-info"))
    asked = request(f"install --no-index -f {wheels} -U --upgrade-strategy eager alpha")
    worker = installer(name, site)
    staged = local.stage(worker, local.resolve(worker, asked, site), tmp_path / "stage", asked, site)
    assert sorted(path.name for path in staged.glob("*.dist-info")) == ["alpha-2.0.dist-info", "beta-2.0.dist-info"]
    assert not list(staged.glob("*.dist-info/direct_url.json"))
    assert sorted(environments.site_packages(Path(site.executable).parent.parent).rglob("*.dist-info")) == before


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_a_file_that_changed_after_the_plan_is_not_staged(name: str, site: Site, wheels: Path, tmp_path: Path) -> None:
    """What was planned is what is installed, or nothing."""
    mine = tmp_path / "mine"
    shutil.copytree(wheels, mine)
    asked = request(f"install --no-index -f {mine} -U alpha")
    worker = installer(name, site)
    pins = local.resolve(worker, asked, site)
    local.wheel(mine, "alpha", "2.0", ["beta>=1", "evil"], ["more"])
    with pytest.raises(CommandError) as error:
        local.stage(worker, pins, tmp_path / "stage", asked, site)
    assert "alpha" in "\n".join(error.value.lines())


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_an_editable_project_below_the_notebook(name: str, site: Site, tmp_path: Path) -> None:
    """Relative to the notebook's folder, also from a requirements file; the staged `.pth` and RECORD are right where
    they go.
    """
    folder = local.project(Path(site.cwd) / "proj", "delta")
    (Path(site.cwd) / "req.txt").write_text("-e ./proj\n")
    asked = with_files_taken_in(request("install -r req.txt"), site.cwd)
    worker = installer(name, site)
    pins = local.resolve(worker, asked, site)
    assert [(pin.name, pin.editable, pin.source, pin.requested) for pin in pins] == [("delta", True, str(folder), True)]
    staged = local.stage(worker, pins, tmp_path / "stage", asked, site)
    assert (staged / "__editable__.delta.pth").read_text() == f"{folder}\n"
    (info,) = staged.glob("*.dist-info")
    assert json.loads((info / "direct_url.json").read_text()) == {
        "url": folder.as_uri(),
        "dir_info": {"editable": True},
    }
    rows = [line.split(",")[0] for line in (info / "RECORD").read_text().splitlines()]
    assert [row for row in rows if not (staged / row).exists()] == []


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("option", ["-e ", ""])
@pytest.mark.usefixtures("installer")
def test_settings_for_a_build_reach_what_is_built(name: str, option: str, site: Site, tmp_path: Path) -> None:
    """setuptools makes a strict editable installation by one: without it, files would come that nobody asked for."""
    folder = local.project(Path(site.cwd) / "proj", "delta")
    backend = folder / "backend.py"
    noting = 'open("told.txt", "w").write(repr(config_settings)); '
    backend.write_text(backend.read_text().replace("    return _build(", f"    {noting}return _build("))
    asked = request(f"install --config-settings mode=strict {option}./proj")
    worker = installer(name, site)
    pins = local.resolve(worker, asked, site)
    local.stage(worker, pins, tmp_path / "stage", asked, site)
    assert (folder / "told.txt").read_text() == "{'mode': 'strict'}"


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_folders_and_wheels_beside_the_notebook(name: str, site: Site, wheels: Path, tmp_path: Path) -> None:
    """Relative paths mean the notebook's folder; hashed and unhashed pins are staged together."""
    local.project(Path(site.cwd) / "proj", "delta", "0.4")
    shutil.copy(wheels / "beta-2.0-py3-none-any.whl", site.cwd)
    asked = request(f"install --no-index -f {wheels} ./proj ./beta-2.0-py3-none-any.whl gamma --no-deps")
    worker = installer(name, site)
    pins = local.resolve(worker, asked, site)
    assert sorted(pin.name for pin in pins) == ["beta", "delta", "gamma"]
    staged = local.stage(worker, pins, tmp_path / "stage", asked, site)
    assert sorted(path.name for path in staged.glob("*.dist-info")) == [
        "beta-2.0.dist-info",
        "delta-0.4.dist-info",
        "gamma-1.0.dist-info",
    ]


@pytest.fixture(params=["C#", "wo rk #ü", "wo rk ü[y]"])
def awkward(request: pytest.FixtureRequest, site: Site, wheels: Path, tmp_path: Path) -> Site:
    """The environment, with a notebook's folder whose name means more to an installer than to the file system."""
    folder = tmp_path / str(request.param) / "ab"
    shutil.copytree(wheels, folder / "whl s")
    shutil.copy(wheels / "gamma-1.0-py3-none-any.whl", folder)
    local.project(folder / "proj", "delta")
    local.project(folder / "pr oj %23", "epsilon")
    (folder / "c #1.txt").write_text("alpha<2\n")
    (folder / "r #1.txt").write_text("--pre\nalpha>=2\n")
    return replace(site, cwd=str(folder))


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(
    ("wanted", "pins"),
    [
        ("-U alpha", {"alpha": "2.0"}),
        ("-U alpha beta -c 'c #1.txt'", {"beta": "2.0"}),
        ("-r 'r #1.txt'", {"alpha": "2.0"}),
        ("--no-deps ./gamma-1.0-py3-none-any.whl", {"gamma": "1.0"}),
    ],
)
@pytest.mark.usefixtures("installer")
def test_any_name_of_the_notebooks_folder(
    name: str, wanted: str, pins: dict[str, str], awkward: Site, tmp_path: Path
) -> None:
    """Links, constraints, files and wheels in it are found."""
    asked = request(f"install --no-index -f 'whl s' {wanted}")
    found = local.resolve(installer(name, awkward), asked, awkward)
    assert brief(found) == pins
    assert local.stage(installer(name, awkward), found, tmp_path / "stage", asked, awkward) is not None


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("option", ["", "-e "])
@pytest.mark.parametrize(("path", "folder"), [("./proj", "proj"), ("'./pr oj %23[x]'", "pr oj %23")])
@pytest.mark.usefixtures("installer")
def test_projects_in_any_folder(name: str, option: str, path: str, folder: str, awkward: Site, tmp_path: Path) -> None:
    """They are found, shown as the file system has them, and remembered by a URL of their folder."""
    asked = request(f"install {option}{path}")
    pins = local.resolve(installer(name, awkward), asked, awkward)
    whole = Path(awkward.cwd) / folder
    assert [(pin.source, pin.editable, pin.requested) for pin in pins] == [(str(whole), bool(option), True)]
    staged = local.stage(installer(name, awkward), pins, tmp_path / "stage", asked, awkward)
    (info,) = staged.glob("*.dist-info")
    remembered = json.loads((info / "direct_url.json").read_text())
    assert remembered["dir_info"] == ({"editable": True} if option else {})
    assert unquote(remembered["url"]) == f"file://{whole}"


def test_what_uv_cannot_be_told(awkward: Site) -> None:
    """Below a folder with a `#` in its name it finds by name and URL alone: of a folder that tells no name, it finds none."""
    (Path(awkward.cwd) / "unnamed").mkdir()
    path = f"{awkward.cwd}/unnamed"
    expected = path if "#" in path else None
    for wanted in ("./unnamed", "-e unnamed", "alpha ./unnamed[x]", Path(path).as_uri()):
        assert unreadable(request(f"install {wanted}"), awkward.cwd) == expected
    for wanted in ("./proj", "-e proj", "./gamma-1.0-py3-none-any.whl", "alpha", f"x@{Path(path).as_uri()}"):
        assert unreadable(request(f"install {wanted}"), awkward.cwd) is None


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_a_repository(name: str, site: Site, tmp_path: Path) -> None:
    """It is pinned to the commit of the plan."""
    if shutil.which("git") is None:
        pytest.skip("no git here")
    folder = local.project(tmp_path / "repository", "epsilon", "0.2")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(folder)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    asked = request(f"install epsilon@git+{folder.as_uri()}")
    worker = installer(name, site)
    pins = local.resolve(worker, asked, site)
    assert [pin.url for pin in pins] == [f"git+{folder.as_uri()}@{commit}"]
    staged = local.stage(worker, pins, tmp_path / "stage", asked, site)
    (info,) = staged.glob("*.dist-info")
    assert json.loads((info / "direct_url.json").read_text())["vcs_info"]["commit_id"] == commit


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_what_does_not_exist_is_an_error_with_the_installers_words(name: str, site: Site, wheels: Path) -> None:
    """No pins, and no traceback."""
    asked = request(f"install --no-index -f {wheels} nothere")
    with pytest.raises(CommandError) as error:
        local.resolve(installer(name, site), asked, site)
    assert error.value.message == f"{name} could not resolve this"
    assert "nothere" in "\n".join(error.value.lines())


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_diverting_variables_do_not_divert(name: str, site: Site, wheels: Path, tmp_path: Path) -> None:
    """Nor do they make the plan another one."""
    elsewhere = str(tmp_path / "elsewhere")
    names = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "UV_PYTHON", "VIRTUAL_ENV")
    more = {**dict.fromkeys(names, elsewhere), "PIP_USER": "1", "PIP_DRY_RUN": "1", "PIP_VERBOSE": "3"}
    diverted = replace(site, environ={**site.environ, **more})
    asked = request(f"install --no-index -f {wheels} -U alpha")
    worker = installer(name, site)
    pins = local.resolve(worker, asked, diverted)
    staged = local.stage(worker, pins, tmp_path / "stage", asked, diverted)
    assert [path.name for path in staged.glob("*.dist-info")] == ["alpha-2.0.dist-info"]
    assert not os.path.exists(elsewhere)


@pytest.mark.usefixtures("installer")
def test_a_diverting_pip_conf_keeps_its_other_settings(site: Site, wheels: Path, tmp_path: Path) -> None:
    """`target` and `prefix` are left out; `find-links` and `no-index` still count, also where pip starts another."""
    file = tmp_path / "pip.conf"
    file.write_text(
        f"[global]\ntarget = {tmp_path}/e1\nroot = {tmp_path}/e2\nuser = yes\n"
        f"[install]\nno-index = yes\nfind-links =\n    {wheels}\n"
    )
    environ = {**site.environ, "PIP_CONFIG_FILE": str(file)}
    world = SettingsContext(environ=environ, cwd="/", prefix=str(tmp_path), home=str(tmp_path), platform="linux")
    config = judge_pip_config(each for each in read_pip_entries(world)[0] if each.source == str(file))
    assert (config.values, config.files_divert) == ({"no-index": "yes", "find-links": f"\n{wheels}"}, True)
    diverted = replace(site, environ=environ, pip=config.values, pip_files_divert=True)
    asked = request("install -U alpha")
    worker = installer("pip", site)
    pins = local.resolve(worker, asked, diverted)
    staged = local.stage(worker, pins, tmp_path / "stage", asked, diverted)
    assert [path.name for path in staged.glob("*.dist-info")] == ["alpha-2.0.dist-info"]
    assert not (tmp_path / "e1").exists() and not (tmp_path / "e2").exists()


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_credentials_stand_in_no_argument(name: str, site: Site, wheels: Path, tmp_path: Path) -> None:
    """Indexes, links and requirements with a password go by variable or by a file, and work."""
    with local.index(wheels, tmp_path / "served", user="me:Zqsecret") as url:
        secret = url.replace("http://", "http://me:Zqsecret@")
        link = f"{secret}/beta/beta-2.0-py3-none-any.whl"
        asked = request(f"install -i {secret} --extra-index-url {secret} beta@{link} -U alpha")
        worker = installer(name, site)
        pins = local.resolve(worker, asked, site)
        assert brief(pins) == {"alpha": "2.0", "beta": "2.0"}
        assert [pin.source for pin in pins if pin.url] == [link.replace("me:Zqsecret", "****")]
        commands = (worker.plan(asked, site), *worker.stage(pins, str(tmp_path / "stage"), asked, site))
        for command in commands:
            assert "Zqsecret" not in repr(command)
            assert "Zqsecret" not in " ".join(command.argv)
        staged = local.stage(worker, pins, tmp_path / "stage", asked, site)
    assert sorted(path.name for path in staged.glob("*.dist-info")) == ["alpha-2.0.dist-info", "beta-2.0.dist-info"]
    assert "Zqsecret" not in repr(pins)


@pytest.mark.parametrize("start", ["base", "bundled"])
@pytest.mark.usefixtures("installer")
def test_an_environment_without_pip(start: str, wheels: Path, tmp_path: Path) -> None:
    """Another pip, or the one that Python bundles, serves it and leaves no pip behind."""
    prefix = environments.make_in(tmp_path / "bare")
    python = environments.base_python()
    site = local.site_for(prefix, tmp_path / "private", tmp_path)
    if start == "base":
        worker = Pip(
            start=(environments.call(python, "-c", "import sys; print(sys.executable)").strip(), "-P", "-m", "pip"),
            how="",
            needs_python=True,
        )
    else:
        code = (
            "import ensurepip, glob, os; print(*glob.glob(os.path.dirname(ensurepip.__file__) + '/_bundled/pip-*.whl'))"
        )
        bundled = environments.call(python, "-c", code).split()
        if not bundled:
            pytest.skip("this Python bundles no pip")
        worker = Pip(start=(site.executable, f"{bundled[0]}/pip"), how="")
    asked = request(f"install --no-index -f {wheels} alpha")
    pins = local.resolve(worker, asked, site)
    assert brief(pins) == {"alpha": "2.0", "beta": "2.0"}
    staged = local.stage(worker, pins, tmp_path / "stage", asked, site)
    assert sorted(path.name for path in staged.glob("*.dist-info")) == ["alpha-2.0.dist-info", "beta-2.0.dist-info"]
    assert list(environments.site_packages(prefix).glob("pip*")) == []


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.usefixtures("installer")
def test_reading_commands(name: str, site: Site) -> None:
    """They speak of this environment."""
    done = local.carry_out(installer(name, site).run(request("list --format json"), site))
    assert {"name": "alpha", "version": "1.0"}.items() <= next(
        each for each in json.loads(done.stdout) if each["name"] == "alpha"
    ).items()
