"""Which installer, and why."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.change.installers.interface import Surroundings
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.registry import find_available, read_entries
from ipython_where.change.installers.uv import Uv
from ipython_where.change.installers.uv_options import uv_variables
from ipython_where.change.plan.choose import choose
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.model import PackageManager, Setting
from tests import environments

PIP = Pip(start=("/env/bin/python", "-P", "-m", "pip"), how="pip in the environment")
UV = Uv(path="/bin/uv", how="`/bin/uv`")


def chosen(
    line: str, *settings: Setting, pip: dict[str, str] | None = None, available: tuple[Pip | Uv, ...] = (PIP, UV)
) -> tuple[str, str]:
    """The name of the one chosen, and the reason."""
    installer, reason = choose(parse_request(split_line(line)), settings, available, pip=pip or {})
    return installer.name, reason


def setting(name: str, source: str = "environment", *, diverts: bool = False) -> Setting:
    """A setting."""
    return Setting(name=name, value="x", source=source, diverts=diverts)


FASTEST = ("uv", "the fastest that gives the same answer")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("install numpy", FASTEST),
        ("install -U numpy --pre --no-cache-dir -i https://h.example", FASTEST),
        ("install --no-index -f wheels numpy", FASTEST),
        ("install ./proj -e ./other", ("pip", "only pip always takes a folder as it is now")),
        (
            "install --dry-run numpy",
            ("pip", "a dry run stages nothing, so uv's answer cannot be checked"),
        ),
        ("sync --dry-run pylock.toml", FASTEST),
        ("install -c c.txt numpy", FASTEST),
        (
            "install --no-binary x --only-binary x x",
            ("pip", "pip and uv combine `--no-binary` with `--only-binary` differently"),
        ),
        (
            "install --no-index -f https://h.example x",
            ("pip", "pip and uv combine `--find-links` with an index differently"),
        ),
        ("uninstall numpy", FASTEST),
        (
            "install --extra-index-url https://h.example numpy",
            ("pip", "pip compares the versions of all indexes, uv takes the first that has the project"),
        ),
        (
            "install -r hashed.txt",
            ("pip", "the requirements file holds options or hashes, which uv may read differently"),
        ),
        ("install --require-hashes numpy", ("pip", "uv checks `--require-hashes` later than pip")),
        ("install --force-reinstall --no-deps -U numpy", FASTEST),
        ("install -e git+https://h.example/x", ("pip", "uv cannot install a repository with `-e`")),
        ("install --user numpy", ("pip", "uv cannot install into the user site")),
        ("install --prefer-binary numpy", ("pip", "uv has no equivalent of `--prefer-binary`")),
        ("install --with pip numpy", ("pip", "asked for")),
        ("install --with uv --extra-index-url https://h.example numpy", ("uv", "asked for")),
        ("download numpy", ("pip", "uv has no `download`")),
    ],
)
def test_by_request(line: str, expected: tuple[str, str]) -> None:
    """uv, unless an option is pip's alone."""
    assert chosen(line) == expected


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        (("numpy<2", "scipy==1.16.0 ; python_version >= '3.9'"), FASTEST),
        (None, ("pip", "the constraints file holds more than names and versions, which uv may read differently")),
        (("numpy>=2.0rc1",), ("pip", "`numpy>=2.0rc1` lets in pre-releases for pip, but not for uv")),
        (("numpy===2.0",), ("pip", "only pip compares `numpy===2.0` as text")),
    ],
)
def test_by_constraints(constraints: tuple[str, ...] | None, expected: tuple[str, str]) -> None:
    """Names with versions are read alike by both."""
    request = parse_request(split_line("install -c c.txt numpy"))
    installer, reason = choose(request, (), (PIP, UV), pip={}, constraints=constraints)
    assert (installer.name, reason) == expected


def test_by_pips_settings() -> None:
    """One index can be told to uv; several, constraints and links cannot for certain."""
    assert chosen("install x", pip={"index-url": "https://h.example", "cert": "/c.pem", "timeout": "9"}) == FASTEST
    assert chosen("install x", pip={"extra-index-url": "https://h.example"}) == (
        "pip",
        "pip is configured with several indexes, which uv reads differently",
    )
    assert chosen("install x", pip={"constraint": "c.txt"}) == (
        "pip",
        "pip is configured with a constraints file, which uv reads differently",
    )
    assert chosen("install x", pip={"find-links": "/w"}) == (
        "pip",
        "pip is configured with `find-links`, which uv reads differently",
    )


def test_by_uvs_settings() -> None:
    """What uv would resolve otherwise, or send elsewhere, is left to pip; a cache is nobody's business."""
    assert chosen("install x", setting("UV_RESOLUTION")) == (
        "pip",
        "uv's setting `UV_RESOLUTION` has no equivalent in pip",
    )
    assert chosen("install x", setting("UV_CACHE_DIR"), setting("UV_PYTHON", diverts=True)) == FASTEST
    assert chosen("install x", setting("pip.target", "/nb/uv.toml", diverts=True)) == (
        "pip",
        "uv's setting `pip.target` would install elsewhere",
    )
    assert chosen("install x", setting("UV_DEFAULT_INDEX")) == FASTEST
    both = chosen("install x", setting("UV_INDEX"), pip={"index-url": "https://h.example"})
    assert both == ("pip", "uv's setting `UV_INDEX` has no equivalent in pip")


UV_PLAN = """
build-constraint build-constraint-dependencies constraint constraint-dependencies exclude exclude-newer exclude-newer-package
excludes exclude-dependencies fork-strategy index-strategy no-binary no-binary-package no-build no-build-package no-deps
no-editable no-index no-sources no-sources-package no-verify-hashes offline override override-dependencies prerelease reinstall
require-hashes resolution torch-backend upgrade
""".split()
"""What uv's reference of its settings says of the choice of versions and of files."""

UV_OTHERS = """
break-system-packages cache-dir compile-bytecode config-file default-index extra-index-url find-links index index-url
insecure-host keyring-provider link-mode managed-python no-build-isolation no-cache no-config no-managed-python no-progress
project python python-downloads system-certs system-python working-dir
""".split()
"""Where files come from and go, how they are fetched, and what is shown: judged by other rules, or of no effect on a plan."""


@pytest.mark.parametrize("key", UV_PLAN)
def test_a_setting_of_uvs_plan_is_left_to_pip(key: str) -> None:
    """As a variable, and as a key of either file."""
    variable = "UV_" + key.upper().replace("-", "_")
    for name, source in ((variable, "environment"), (key, "/nb/uv.toml"), (f"tool.uv.{key}", "/nb/pyproject.toml")):
        assert chosen("install x", setting(name, source)) == ("pip", f"uv's setting `{name}` has no equivalent in pip")
    assert chosen("install x", setting(key, "/nb/other.toml")) == FASTEST


@pytest.mark.usefixtures("installer")
def test_every_variable_of_uv_is_known() -> None:
    """Those that the uv of the tests tells of in its help: a new one is judged before it is let by."""
    told = subprocess.run([environments.uv(), "pip", "install", "--help"], capture_output=True, text=True, check=True)
    variables = set(re.findall(r"\[env:\s*`?UV_(\w+)`?=", told.stdout))
    assert len(variables) > 30
    assert {each.lower().replace("_", "-") for each in variables} - {*UV_PLAN, *UV_OTHERS} == set()


@pytest.mark.parametrize(
    "key",
    "no-proxy-env trusted-host keyring-provider no-index no-binary only-binary pre no-deps require-hashes requirement "
    "uploaded-prior-to unheard-of".split(),
)
def test_a_setting_of_pips_that_uv_cannot_be_told(key: str) -> None:
    """It may change where files come from, how, or which are taken."""
    assert chosen("install x", pip={key: "1"}) == ("pip", f"pip is configured with `{key}`, which uv reads differently")


def test_what_is_not_there() -> None:
    """One alone serves; none is an error with a way out."""
    assert chosen("install x", available=(UV,)) == ("uv", "there is no pip")
    assert chosen("install x", available=(PIP,)) == ("pip", "there is no uv")
    with pytest.raises(WhereError) as error:
        chosen("install x", available=())
    assert error.value.lines() == ["neither pip nor uv was found", "", "hint: `python -m ensurepip` installs pip"]
    with pytest.raises(WhereError) as error:
        chosen("install --with uv x", available=(PIP,))
    assert error.value.lines() == ["`--with uv` was given, but no uv was found"]
    with pytest.raises(WhereError) as error:
        chosen("install --user x", available=(UV,))
    assert error.value.message == "pip is needed, but was not found"


def test_by_a_path_that_uv_cannot_be_told() -> None:
    """pip takes it; uv refuses it before anything is started."""
    asked = parse_request(("install", "/C#/p"))
    chosen, reason = choose(asked, (), (PIP, UV), pip={})
    assert (chosen.name, reason) == ("pip", "uv does not read the `#` in `/C#/p`")
    with pytest.raises(WhereError) as error:
        choose(replace(asked, installer="uv"), (), (PIP, UV), pip={})
    assert error.value.lines() == [
        "uv does not read the `#` in `/C#/p`, so it cannot be used here",
        "",
        "hint: leave out `--with uv`",
    ]
    assert choose(replace(asked, installer="pip"), (), (PIP, UV), pip={}) == (PIP, "asked for")


def test_without_pip_uv_does_what_it_understands() -> None:
    """Its answer is the only one there is then, and that is said."""
    for line in ("install ./p", "install --dry-run x", "install x===1", "install 'x>=1rc1'", "install -e ./p"):
        assert chosen(line, available=(UV,)) == ("uv", "there is no pip")
    with pytest.raises(WhereError) as error:
        chosen("install -r r.txt", available=(UV,))
    assert error.value.lines()[-1] == "hint: `%safepip install --with uv …`"


def test_by_what_is_something_else_for_uv() -> None:
    """What counts as installed would be installed again, say; who asks for uv gets it."""
    for line in ("install x", "sync r.txt"):
        request = parse_request(line.split())
        chosen, reason = choose(request, (), (PIP, UV), pip={}, unlike="because")
        assert (chosen.name, reason) == ("pip", "because")
        assert choose(replace(request, installer="uv"), (), (PIP, UV), pip={}, unlike="because") == (UV, "asked for")


def test_reading() -> None:
    """Names, versions and commits are told as pip does, as long as there is one."""
    for line in ("list", "show x", "freeze", "check"):
        assert chosen(line) == ("pip", "uv prints what is installed differently than pip")
        assert chosen(line, available=(UV,)) == ("uv", "there is no pip")


@pytest.mark.parametrize(
    "requirement", ["./p", "name @ ./p", "name @ file:///p", "file:///p", "p.whl", "-e ./p", "name===1", "name>=1rc1"]
)
def test_by_requirement(requirement: str) -> None:
    """Folders are built anew, pre-releases let in, and `===` means the text, by pip alone."""
    assert chosen(f"install '{requirement}'" if "-e" not in requirement else f"install {requirement}")[0] == "pip"


@pytest.mark.parametrize(
    "bound", [">=1.0rc1", ">1.dev0", "<=2.0b3,>1", "<2.0a1", ">=1.0.post1.dev2", ">= 1!2.0-beta.1", "<2.0_pre1"]
)
def test_by_bounds_that_are_pre_releases(bound: str) -> None:
    """All of PEP 440's spellings; a final release is none, nor is one that is pinned, nor what `--pre` says anyway."""
    assert chosen(f"install 'x{bound}'") == ("pip", f"`x{bound}` lets in pre-releases for pip, but not for uv")
    assert chosen(f"install --pre 'x{bound}'") == FASTEST
    for plain in ("x>=1.0", "x==1.0rc1", "x~=1.0rc1", "x!=1.0rc1", "x>=1.0.post1", "x<2"):
        assert chosen(f"install '{plain}'") == FASTEST


def test_pips_settings_in_uvs_words() -> None:
    """Index, certificates and proxy."""
    assert uv_variables({"index-url": "https://h.example", "cert": "/c.pem", "proxy": "http://p"}) == {
        "UV_DEFAULT_INDEX": "https://h.example",
        "SSL_CERT_FILE": "/c.pem",
        "HTTP_PROXY": "http://p",
        "HTTPS_PROXY": "http://p",
        "ALL_PROXY": "http://p",
    }
    assert uv_variables({"trusted-host": "h.example"}) is None


def test_available_in_order(tmp_path: Path) -> None:
    """The environment's own pip if it is young enough, the base's pip, the bundled wheel; and uv."""
    site, library = tmp_path / "site", tmp_path / "lib"
    for folder, version in ((site, "21.0"), (library / "site-packages", "24.0")):
        info = folder / f"pip-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: pip\nVersion: {version}\n\n")
    bundled = library / "ensurepip" / "_bundled"
    bundled.mkdir(parents=True)
    (bundled / "pip-23.2.1-py3-none-any.whl").touch()
    programs = (
        PackageManager(name="uv", path="/bin/uv", version="0.9"),
        PackageManager(name="conda", path="/bin/conda", version=None),
    )
    surroundings = Surroundings(
        executable="/env/bin/python",
        installed=InstalledDistributions(Distributions(), [str(site)]),
        found=programs,
        base_executable="/usr/bin/python3",
        standard_library=str(library),
        site_directory="/env/lib/python3.12/site-packages",
    )
    found, findings = find_available(read_entries(Distributions(), [str(site)]), surroundings, path=[str(site)])
    assert findings == ()
    assert found == (
        Pip(
            start=("/usr/bin/python3", "-P", "-m", "pip"),
            how="pip of `/usr/bin/python3`",
            version="24.0",
            needs_python=True,
        ),
        Pip(
            start=("/env/bin/python", str(bundled / "pip-23.2.1-py3-none-any.whl" / "pip")),
            how="the pip that Python bundles",
            version="23.2.1",
        ),
        Uv(path="/bin/uv", how="`/bin/uv`", version="0.9"),
    )


def test_where_uv_cannot_stage_it_only_reads() -> None:
    """Debian's Python keeps its packages elsewhere below the prefix than uv would put them."""
    reason = "uv does not know Debian's layout of `dist-packages`"
    debian = (PIP, replace(UV, stages=False))
    assert chosen("install numpy", available=debian) == ("pip", reason)
    assert chosen("list", available=debian[1:]) == ("uv", "there is no pip")
    for line, available in (("install --with uv numpy", debian), ("install numpy", debian[1:])):
        with pytest.raises(WhereError) as raised:
            chosen(line, available=available)
        assert reason in "\n".join(raised.value.lines())
