"""The proof agrees with pip, and what it cannot prove it leaves open."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ipython_where.change.plan.satisfied import Satisfied, satisfied
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.installed import (
    Altered,
    Installed,
    InstalledDistributions,
    closure,
    conflicts,
    kernel_roots,
    wanted,
)
from ipython_where.facts.distributions.requirement import Markers, parse_requirement
from ipython_where.model import Setting
from ipython_where.probe import markers
from ipython_where.runner import execute
from tests import environments
from tests.change.installers import local
from tests.kinds import furnishing

MARKERS = Markers(markers())


def environment(prefix: Path) -> InstalledDistributions:
    """What is installed in a prefix."""
    return InstalledDistributions(Distributions(), [str(environments.site_packages(prefix))])


def proof(line: str, prefix: Path, settings: tuple[Setting, ...] = ()) -> tuple[Satisfied, ...] | None:
    """The proof for a line."""
    return satisfied(parse_request(split_line(f"install {line}")), environment(prefix), MARKERS, settings=settings)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`alpha` 2.0, `beta` 1.0, `gamma` 1.0, `lost` whose need is not there, `pre` at a pre-release, and pip."""
    wheels = local.standard_wheels(tmp_path_factory.mktemp("wheels"))
    local.wheel(wheels, "lost", "1.0", ["nothere>=1", 'beta; python_version < "3"'])
    local.wheel(wheels, "pre", "2.0rc1", ["alpha[more]"])
    local.wheel(wheels, "local", "1.0+cpu")
    found = environments.make_in(tmp_path_factory.mktemp("env") / "env", maker="virtualenv")
    names = ("alpha==2.0", "beta==1.0", "gamma", "lost", "pre==2.0rc1", "local")
    with furnishing():
        local.install(found, "--no-deps", "--no-index", "--find-links", str(wheels), *names)
    (found / "wheels").symlink_to(wheels)
    return found


PROVEN = {
    "alpha": True,
    "Alpha>=1,<3": True,
    "alpha==2.*": True,
    "alpha~=2.0": True,
    "alpha!=2.0": False,
    "alpha>2": False,
    "alpha==2": True,
    "alpha===2.0": True,
    "alpha[more]": True,
    "alpha beta gamma": True,
    "alpha delta": False,
    "lost": False,
    "lost --no-deps": True,
    "lost==1.0; python_version<'3'": True,
    "pre": True,
    "pre>=2.0rc1": True,
    "pre>=2.0": False,
    "local==1.0": True,
    "local==1.0+cpu": True,
    "local==1.0+gpu": False,
    "beta<2": True,
    "gamma; os_name=='posix' and (python_version>'3' or sys_platform=='x')": True,
}


@pytest.mark.parametrize(("line", "proven"), PROVEN.items())
@pytest.mark.usefixtures("installer")
def test_proof(line: str, proven: bool, prefix: Path) -> None:
    """By name, specifier, extra, marker and need."""
    assert (proof(line, prefix) is not None) is proven


@pytest.mark.usefixtures("installer")
def test_pip_agrees_with_every_proof(prefix: Path, tmp_path: Path) -> None:
    """What is proven, pip would not touch; what is refused here, pip would change or cannot do."""
    site = local.site_for(prefix, tmp_path / "private", tmp_path)
    pip = local.own_pip(prefix)
    together = " ".join(line for line, proven in PROVEN.items() if proven and "--" not in line)
    for line in (together, "lost --no-deps", *(line for line, proven in PROVEN.items() if not proven)):
        asked = parse_request(split_line(f"install --no-index -f {prefix / 'wheels'} {line}"))
        done = local.carry_out(pip.plan(asked, site))
        changes = done.returncode != 0 or bool(pip.parse_plan(done, asked, site))
        assert changes is not PROVEN.get(line, True), line


def test_the_evidence_is_what_is_installed(prefix: Path) -> None:
    """And a marker that does not hold asks for nothing."""
    assert proof("ALPHA>1 beta;python_version<'3'", prefix) == (
        Satisfied(requirement="ALPHA>1", name="alpha", version="2.0"),
        Satisfied(requirement="beta ; python_version<'3'", name="beta", version=None),
    )


@pytest.mark.parametrize(
    "line",
    [
        "-U alpha",
        "--force-reinstall alpha",
        "-c c.txt alpha",
        "-e .",
        "-r r.txt",
        "--user alpha",
        "./alpha",
        "--require-hashes alpha",
        "--group dev alpha",
        "alpha @ https://h.example/alpha-2.0-py3-none-any.whl",
        "https://h.example/x.whl",
    ],
)
def test_nothing_is_proven_where_more_is_asked(line: str, prefix: Path) -> None:
    """Newer versions, files, folders, URLs of unknown content."""
    assert proof(line, prefix) is None


def test_settings_that_change_the_plan_forbid_a_proof(prefix: Path) -> None:
    """Constraints do; where an index is does not."""
    constraint = Setting(name="PIP_CONSTRAINT", value="c.txt", source="environment", diverts=False)
    index = Setting(name="global.index-url", value="https://h.example", source="/etc/pip.conf", diverts=False)
    assert proof("alpha", prefix, (constraint,)) is None
    assert proof("alpha", prefix, (index,)) is not None


def test_a_direct_url_is_proven_by_its_hash_or_commit(tmp_path: Path) -> None:
    """direct_url.json says both; another hash, branch or address proves nothing."""
    local_site = tmp_path / "lib" / "python3.11" / "site-packages"
    commit = "a" * 40
    for name, content in (
        ("archive", '{"url": "https://h.example/archive-1.zip", "archive_info": {"hashes": {"sha256": "00ff"}}}'),
        ("repository", f'{{"url": "https://h.example/r", "vcs_info": {{"vcs": "git", "commit_id": "{commit}"}}}}'),
    ):
        info = local_site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n")
        (info / "direct_url.json").write_text(content)
    for line, proven in {
        "archive": True,
        "archive@https://h.example/archive-1.zip#sha256=00ff": True,
        "archive@https://me:pw@h.example/archive-1.zip#sha256=00ff": True,
        "archive@https://h.example/archive-1.zip#sha256=0000": False,
        "archive@https://h.example/archive-1.zip": False,
        "archive@https://h.example/archive-2.zip#sha256=00ff": False,
        f"repository@git+https://h.example/r@{commit}": True,
        "repository@git+https://h.example/r@main": False,
        "repository@git+https://h.example/r": False,
    }.items():
        assert (proof(line, tmp_path) is not None) is proven, line


def test_broken_metadata_proves_nothing(tmp_path: Path) -> None:
    """It is left to the installer."""
    info = tmp_path / "lib" / "python3.11" / "site-packages" / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    assert proof("broken", tmp_path) is None
    (info / "METADATA").write_text("Name: broken\nVersion: 1.0\nRequires-Dist: <<<\n\n")
    assert proof("broken", tmp_path) is None


@pytest.mark.usefixtures("installer")
def test_conflicts_are_pip_checks_own(prefix: Path) -> None:
    """The same distributions, with the same needs."""
    here = environment(prefix)
    found = conflicts(here.all().values(), here, MARKERS)
    said = execute(
        [str(prefix / "bin" / "python"), "-m", "pip", "check"], env=local.world(), cwd=str(prefix), timeout=300
    ).stdout.splitlines()
    assert [(each.name, each.requirement, each.found) for each in found] == [("lost", "nothere>=1", None)]
    assert said == ["lost 1.0 requires nothere, which is not installed."]


def test_who_requires_what_is_what_every_requirement_says() -> None:
    """Told from the text of the headers, for each project that is named anywhere in this process's environment."""
    here = InstalledDistributions(Distributions(), [entry for entry in sys.path if Path(entry).is_dir()])
    said: dict[str, set[str]] = {}
    for each in here.all().values():
        for text in each.requires:
            requirement = parse_requirement(text)
            assert requirement is not None, text
            said.setdefault(requirement.name, set()).add(each.project)
    assert len(said) > 100
    for project, requiring in said.items():
        assert {each.project for each in here.requiring([project])} == requiring, project
    together = {each.project for each in here.requiring(["numpy", "traitlets", "nothing-of-this-name"])}
    assert together == said.get("numpy", set()) | said["traitlets"]
    assert list(here.requiring([])) == []


def test_a_hidden_copy_requires_nothing(tmp_path: Path) -> None:
    """Of two along the path the first counts, and what the other would need is nobody's need."""
    for folder, need in (("first", "other"), ("second", "beta")):
        info = tmp_path / folder / "alpha-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: alpha\nVersion: 1.0\nRequires-Dist: {need}\n\n")
    here = InstalledDistributions(Distributions(), [str(tmp_path / "first"), str(tmp_path / "second")])
    assert [each.project for each in here.requiring(["other"])] == ["alpha"]
    assert list(here.requiring(["beta"])) == []


def test_an_environment_as_it_would_be(prefix: Path) -> None:
    """What is brought counts instead of what is there, and what is removed does not; the rest stays."""
    here = environment(prefix)
    alpha = here.get("alpha")
    assert alpha is not None
    new = Installed(name="alpha", project="alpha", version="99", requires=("pre",))
    altered = Altered(here, brought={"alpha": new}, removed=["lost"])
    assert (altered.get("alpha"), altered.get("lost"), altered.get("pre")) == (new, None, here.get("pre"))
    assert [each.version for each in altered.requiring(["pre"]) if each.project == "alpha"] == ["99"]
    assert [each.project for each in here.requiring(["nothere"])] == ["lost"]
    assert [each.project for each in altered.requiring(["nothere"])] == ["alpha"]


def test_the_kernels_own_distributions() -> None:
    """All that ipykernel and IPython need, and nothing more, found from the loaded modules."""
    import ipykernel
    import IPython

    here = InstalledDistributions(Distributions(), [str(Path(IPython.__file__).parent.parent)])
    roots = kernel_roots({"ipykernel": ipykernel, "IPython": IPython, "sys": sys}, here)
    assert roots == ("ipykernel", "ipython")
    found = set(closure(roots, here, MARKERS))
    assert {"ipykernel", "ipython", "traitlets", "tornado", "pyzmq", "jupyter_client", "comm", "debugpy"} <= found
    assert not {"pytest", "jupyterlab", "uv"} & found


@pytest.mark.parametrize(
    ("need", "is_wanted"),
    [
        ('tensor; extra == "x"', False),
        ("tensor>1 ; python_version > '3' and extra=='dev'", False),
        ("tensor; (extra == 'x')", False),
        ('tensor; extra == "vector"', False),
        ('tensor; platform_system != "none" and extra == "x"', False),
        ('tensor; extra == "x" or os_name != "none"', True),
        ('tensor; (extra == "x")or(os_name != "none")', True),
        ('tensor; os_name != "extra" and os_name != "x"', True),
        ("extra", True),
        ("tensor[extra]; python_version > '3'", True),
        ('tensor; no_extra == "x"', None),
    ],
)
def test_what_an_extra_alone_needs_is_left_out(need: str, is_wanted: bool | None) -> None:
    """By a look at the line where that is enough; a marker that is none leaves it open."""
    installed = Installed(name="a", project="a", version="1", requires=(need,))
    found = [None if each is None else each.text for each in wanted(installed, MARKERS)]
    assert found == {True: [need], False: [], None: [None]}[is_wanted]
