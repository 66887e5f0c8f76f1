"""What a kernel tells a page: asked as the page asks it, of real Pythons, environments and kernels."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where import lab_probe
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.interpreters.scripts import NamedInterpreter, NeighbourInterpreter, Script
from ipython_where.facts.jupyter.front_end import read_carried
from ipython_where.project_names import canonical_name, normalized

from . import environments
from .environments import ROOT, clean_environ, pyenv_pythons
from .facts.interpreters.test_scripts import MORE, SCRIPTS
from .kernels import Notebook
from .users import ALONE_AS_ROOT, as_somebody

SOURCE = (ROOT / "ipython_where" / "lab_probe.py").read_text(encoding="utf-8")
PAGE: dict[str, Any] = {
    "client": "one",
    "application": "JupyterLab",
    "version": "4.4.0",
    "server": None,
    "extensions": [],
    "verdicts": [],
}
PYTHON = environments.base_python()
"""Has no extensions of its own."""


def version_of(python: Path) -> tuple[int, ...]:
    """A pyenv interpreter's version, by its folder."""
    return tuple(int(part) for part in python.parent.parent.name.split(".")[:2])


PYTHONS = sorted((each for each in pyenv_pythons("3.*.*") if version_of(each) >= (3, 8)), key=version_of)


class Answer(NamedTuple):
    """An answer's parts."""

    said: dict[str, Any]
    data: bytes

    @property
    def ok(self) -> Any:
        """Its value; it has to be one."""
        assert list(self.said) == ["ok"], self.said
        return self.said["ok"]

    @property
    def error(self) -> str:
        """Why there is none."""
        assert list(self.said) == ["error"], self.said
        return str(self.said["error"])


def expression(call: object) -> str:
    """What `kernel.js` has a kernel evaluate."""
    names = '{"__name__": "ipython_where_kernel_extensions"}'
    asked = json.dumps(json.dumps(call))
    return f'(lambda ns: (exec({json.dumps(SOURCE)}, ns), ns["answer"]({asked}))[1])({names})'


def parsed(text: str) -> Answer:
    """An answer as `kernel.js` reads it."""
    line, _, data = base64.b64decode(text, validate=True).partition(b"\n")
    return Answer(json.loads(line.decode("ascii"), parse_constant=pytest.fail), data)


def run(code: str, *, python: str | Path = PYTHON, cwd: Path, **environ: str) -> str:
    """What a program prints; an argument could not be as long as it is."""
    done = subprocess.run(
        [str(python)],
        input=code,
        env=clean_environ(**{"HOME": str(cwd), **environ}),
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def ask(*calls: object, before: str = "", **more: Any) -> list[Answer]:
    """The answers of a Python, each to a call."""
    code = f"{before}\nfor each in {[expression(each) for each in calls]!r}: print(eval(each))"
    return [parsed(each) for each in run(code, **more).split()]


class Extensions:
    """A Jupyter data folder with extensions in it, and a folder of distributions that carry them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data, self.site = folder / "share" / "jupyter", folder / "lib" / "site-packages"
        for each in (self.data, self.site):
            each.mkdir(parents=True)

    def add(self, name: str, version: str = "1.0.0", *, files: dict[str, bytes] | None = None, **about: Any) -> Path:
        """A prebuilt extension; ``about`` is what its `package.json` says more."""
        target = self.data / "labextensions" / name
        target.mkdir(parents=True)
        (target / "package.json").write_text(json.dumps({"name": name, "version": version, **about}))
        for file, content in (files or {}).items():
            path = target / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return target

    def install(self, name: str, *files: str, requires: Sequence[str] = (), version: str = "1.0") -> None:
        """A distribution that lists these files below the environment's `share/jupyter` and `etc/jupyter`."""
        metadata = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        required = "".join(f"Requires-Dist: {each}\n" for each in requires)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}\n")
        (metadata / "RECORD").write_text("".join(f"../../{each},,\n" for each in files))

    def ask(self, *calls: object, **more: Any) -> list[Answer]:
        """What a Python says that has them."""
        return ask(*calls, cwd=self.folder, JUPYTER_PATH=str(self.data), PYTHONPATH=str(self.site), **more)

    def meet(self, **more: Any) -> dict[str, Any]:
        """What it says to a page, with the extensions by name."""
        (answer,) = self.ask({"do": "meet", "page": PAGE}, **more)
        place: dict[str, Any] = answer.ok
        return {**place, "extensions": {each["name"]: each for each in place["extensions"]}}


@pytest.fixture
def extensions(tmp_path: Path) -> Extensions:
    return Extensions(tmp_path)


def lab(name: str) -> str:
    """The line of a RECORD for an extension."""
    return f"share/jupyter/labextensions/{name}/package.json"


def server(name: str) -> str:
    """The line of a RECORD for a server extension."""
    return f"etc/jupyter/jupyter_server_config.d/{name}.json"


# -- where the kernel runs ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not PYTHONS, reason="no pyenv versions here")
@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parent.parent.name)
def test_any_python_from_3_8_says_where_it_runs(python: Path, extensions: Extensions) -> None:
    extensions.add("some-widget", files={"static/a.js": b"12345"})
    place = extensions.meet(python=python)
    code = (
        "import json, platform, socket, sys\n"
        "print(json.dumps([socket.gethostname(), sys.executable, sys.prefix, platform.python_version()]))"
    )
    own = json.loads(subprocess.run([python, "-c", code], env=clean_environ(), capture_output=True, check=True).stdout)
    assert [place["host"], place["executable"], place["prefix"], place["version"]] == own
    assert list(place["extensions"]) == ["some-widget"]
    assert place["problems"] == []


@ALONE_AS_ROOT
def test_a_user_that_no_list_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run as any number, without a home."""
    monkeypatch.delenv("HOME", raising=False)
    call = json.dumps({"do": "meet", "page": PAGE})
    said = as_somebody(lambda: lab_probe.answer(call), user=54321)
    assert parsed(said).ok["home"] is None


@pytest.fixture(scope="module")
def two_environments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two virtual environments of one Python, with pip."""
    folder = tmp_path_factory.mktemp("two environments")
    one, other = folder / "one", folder / "other"
    for each in (one, other):
        environments.make_in(each, maker="virtualenv")
    return one, other


def found_pip(python: Path, cwd: Path, *path: Path) -> tuple[str | None, bool | None]:
    (answer,) = ask({"do": "list", "names": []}, python=python, cwd=cwd, PATH=os.pathsep.join(map(str, path)))
    return answer.ok["pip"], answer.ok["pip_is_here"]


def test_whose_pip_a_shell_finds(two_environments: tuple[Path, Path], tmp_path: Path) -> None:
    """Its first lines say so: here they are those of a path with a blank."""
    one, other = (each / "bin" for each in two_environments)
    python, base = one / "python", Path(environments.base_python())
    none = tmp_path / "none"
    assert found_pip(python, tmp_path, none, one, other) == (str(one / "pip"), True)
    assert found_pip(python, tmp_path, other, one) == (str(other / "pip"), False)
    assert found_pip(python, tmp_path, base.parent) == (str(base.parent / "pip"), False)
    assert found_pip(base, tmp_path, base.parent) == (str(base.parent / "pip"), True)
    assert found_pip(base, tmp_path, one) == (str(one / "pip"), False)
    assert found_pip(python, tmp_path, none) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#!{python}\n", True),
        ("#!{python} -I\n", True),
        ("#!{other}\n", False),
        ("#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n", True),
        ("#!/usr/bin/env python3\n", None),
        ("#!/bin/bash\nexec pyenv exec pip\n", None),
        ("#!{folder}/gone/bin/python\n", None),
        ("#!/bin/sh\n", None),
        ("#!\n", None),
        ("\x7fELF", None),
    ],
)
def test_what_a_script_proves(text: str, expected: bool | None, tmp_path: Path) -> None:
    """A script in a folder of no environment; what it doesn't say is unknown."""
    one, other = (environments.make_in(tmp_path / each) for each in ("one", "other"))
    pip = tmp_path / "bin" / "pip"
    pip.parent.mkdir()
    pip.write_text(text.format(python=one / "bin" / "python", other=other / "bin" / "python", folder=tmp_path))
    pip.chmod(0o755)
    assert found_pip(one / "bin" / "python", tmp_path, pip.parent) == (str(pip), expected)


def test_a_copied_environment_has_the_scripts_of_the_first(tmp_path: Path) -> None:
    """They run the first one's Python, wherever they are."""
    first = environments.make_in(tmp_path / "first", maker="virtualenv")
    second = tmp_path / "second"
    subprocess.run(["cp", "-a", first, second], check=True)
    assert found_pip(second / "bin" / "python", tmp_path, second / "bin") == (str(second / "bin" / "pip"), False)


@pytest.mark.parametrize(("text", "expected"), [*SCRIPTS, *MORE])
def test_a_script_is_read_as_where_reads_it(text: str, expected: Script | None) -> None:
    """Of all that `%where` can follow, the path of a Python."""
    found = lab_probe.python_of(text.encode(), "/some/bin/pip")
    if isinstance(expected, NamedInterpreter):
        assert found == expected.path
    elif isinstance(expected, NeighbourInterpreter):
        assert found == f"/some/bin/{expected.name}"
    else:
        assert found is None


def test_a_working_directory_that_is_gone(extensions: Extensions) -> None:
    """Nothing depends on it; an entry of PATH that does is passed over."""
    extensions.add("some", files={"a.js": b"1"})
    gone = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"
    meet, listed = extensions.ask(
        {"do": "meet", "page": PAGE}, {"do": "list", "names": ["some"]}, before=gone, PATH=f".{os.pathsep}"
    )
    assert [each["name"] for each in (*meet.ok["extensions"], *listed.ok["extensions"])] == ["some", "some"]
    assert [meet.ok["pip"], meet.ok["problems"]] == [None, []]


# -- extensions --------------------------------------------------------------------------------------------------------


def test_what_a_page_hears_of_an_extension(extensions: Extensions) -> None:
    folder = extensions.add("@scope/some-widget", "2.1.0", files={"static/a.js": b"12345"})
    extensions.install("some_widget", lab("@scope/some-widget"), version="0.3")
    assert extensions.meet()["extensions"]["@scope/some-widget"] == {
        "name": "@scope/some-widget",
        "version": "2.1.0",
        "bytes": (folder / "package.json").stat().st_size + 5,
        "distribution": "some_widget",
        "distribution_version": "0.3",
        "server_distribution": None,
        "server": [],
        "switches_off": False,
        "needs": [],
    }


def test_an_extension_that_disables_others_says_so(extensions: Extensions) -> None:
    """Or it would be offered, copied, and only then refused."""
    extensions.add("quiet", jupyterlab={"disabledExtensions": []})
    extensions.add("switch", jupyterlab={"disabledExtensions": ["@jupyterlab/other"]})
    found = extensions.meet()["extensions"]
    assert {name: each["switches_off"] for name, each in found.items()} == {"quiet": False, "switch": True}


def halves(extensions: Extensions) -> dict[str, list[object]]:
    """The distribution with the server's half of each extension that has one, and the half's names."""
    found = extensions.meet()["extensions"]
    return {name: [each["server_distribution"], each["server"]] for name, each in found.items() if each["server"]}


def test_whose_server_half_an_extension_has(extensions: Extensions) -> None:
    """Its own distribution's; that of the project it announces, or that its own one requires."""
    for name in ("own", "client", "other"):
        extensions.add(name)
    extensions.add("announcing", jupyterlab={"discovery": {"server": {"base": {"name": "An_Nounced"}}}})
    extensions.install("own", lab("own"), server("own_server"), f"odd/{server('own_server')}")
    extensions.install("announcing", lab("announcing"))
    extensions.install("an-nounced", server("an"))
    extensions.install("client", lab("client"), requires=("jupyter_lsp", "engine (>=2)", "own"))
    extensions.install("jupyter-lsp", server("lsp"))
    extensions.install("engine", server("engine-2"))
    extensions.install("other", lab("other"), requires=("own", "jupyterlab"))
    extensions.install("jupyterlab", server("jupyterlab"), requires=("other",))
    assert halves(extensions) == {
        "own": ["own", ["own_server"]],
        "announcing": ["an-nounced", ["an"]],
        "client": ["engine", ["engine-2"]],
    }


def test_a_server_half_of_nearly_the_same_name(extensions: Extensions) -> None:
    """It requires the extension's distribution, or one more does so with both. An application that requires it is no half."""
    for name in ("git", "shared", "widget", "dashboard"):
        extensions.add(name)
    extensions.install("lab-git-core", lab("git"))
    extensions.install("lab_git", server("git"), requires=("lab-git-core[all]>=1",))
    extensions.install("sharing-ui", lab("shared"))
    extensions.install("sharing-server", server("ydoc"))
    extensions.install("sharing", requires=("sharing_ui<2", "sharing.server<2", "jupyterlab"))
    extensions.install("widget", lab("widget"))
    extensions.install("application", server("app"), requires=("widget",))
    extensions.install("widget-dashboard", lab("dashboard"), server("dashboard"), requires=("widget",))
    assert halves(extensions) == {
        "git": ["lab_git", ["git"]],
        "shared": ["sharing-server", ["ydoc"]],
        "dashboard": ["widget-dashboard", ["dashboard"]],
    }


def test_the_server_half_of_code_that_an_extension_uses(extensions: Extensions) -> None:
    """Without it, the code that another extension shares would not work either."""
    extensions.add("shares", dependencies={"charts": "1"})
    extensions.add("uses", jupyterlab={"sharedPackages": {"charts": {"bundled": False}, "yjs": {"bundled": False}}})
    extensions.add("requires")
    extensions.install("shares", lab("shares"), server("charts"))
    extensions.install("requires", lab("requires"), requires=("shares",))
    assert halves(extensions) == {"shares": ["shares", ["charts"]], "uses": ["shares", ["charts"]]}
    assert extensions.meet()["extensions"]["requires"]["needs"] == ["shares"]


def test_a_licence_with_blank_lines(extensions: Extensions) -> None:
    """They have blanks in them: the headers go on."""
    for name in ("some", "more"):
        extensions.add(name)
        extensions.install(name, lab(name))
    (metadata,) = extensions.site.glob("some-*/METADATA")
    licence = "License: One\r\n        \r\n        Name: \x0c two\r\n"
    text = f"Name: some\r\nVersion: 2\r\n{licence}Requires-Dist: more\r\n\r\nName: no\n"
    metadata.write_text(text, newline="")
    found = extensions.meet()["extensions"]["some"]
    assert [found["distribution"], found["distribution_version"], found["needs"]] == ["some", "2", ["more"]]


def test_what_an_extension_needs_first(extensions: Extensions) -> None:
    """Extensions whose packages it uses, and those of what its distribution requires; not what any server has."""
    lacks = {"sharedPackages": {"@jupyter-widgets/base": {"bundled": False, "singleton": True}}}
    extensions.add("@jupyter-widgets/jupyterlab-manager", dependencies={"@jupyter-widgets/base": "^6"})
    extensions.add("by-package", dependencies={"@jupyter-widgets/base": "^6"}, jupyterlab=lacks)
    extensions.add("by-name", jupyterlab={"sharedPackages": {"by-package": {"bundled": False}, "x": {"bundled": True}}})
    extensions.add(
        "of-the-page", jupyterlab={"sharedPackages": {"@jupyterlab/lsp": {"bundled": False}, "yjs": {"bundled": False}}}
    )
    extensions.add("with-lsp", dependencies={"@jupyterlab/lsp": "^4", "yjs": "^13"})
    for name in ("by-requirement", "by-extra", "alone", "pygments"):
        extensions.add(name)
    extensions.install("jupyterlab_widgets", lab("@jupyter-widgets/jupyterlab-manager"))
    extensions.install("ipywidgets", requires=("jupyterlab_widgets~=3.0", "ipywidgets"))
    extensions.install("by_requirement", lab("by-requirement"), requires=("IPyWidgets[x] (>=8) ; python_version>'3'",))
    extensions.install("by_extra", lab("by-extra"), requires=('ipywidgets ; extra == "widgets"', "nothing"))
    extensions.install("alone", lab("alone"), requires=("jupyterlab",))
    extensions.install("jupyterlab", requires=("jupyterlab_pygments",))
    extensions.install("jupyterlab_pygments", lab("pygments"))
    found = {name: each["needs"] for name, each in extensions.meet()["extensions"].items() if each["needs"]}
    assert found == {
        "by-package": ["@jupyter-widgets/jupyterlab-manager"],
        "by-name": ["by-package"],
        "by-requirement": ["@jupyter-widgets/jupyterlab-manager"],
    }


def test_a_package_that_several_extensions_bring(extensions: Extensions) -> None:
    """The one that the distribution requires is meant, or the one that is named alike; else nobody can say."""
    for name in ("one", "two", "charts-widget"):
        extensions.add(name, dependencies={"charts": "^1", "maps": "^1"})
    for name, package in {"requires": "charts", "trusts": "charts", "guesses": "maps"}.items():
        extensions.add(name, jupyterlab={"sharedPackages": {package: {"bundled": False}}})
    extensions.install("one", lab("one"))
    extensions.install("requires", lab("requires"), requires=("one",))
    found = extensions.meet()["extensions"]
    needs = {name: found[name]["needs"] for name in ("requires", "trusts", "guesses")}
    assert needs == {"requires": ["one"], "trusts": ["charts-widget"], "guesses": []}


def test_whose_an_extension_is(extensions: Extensions) -> None:
    """RECORD lists it; or it says so itself, as one in development; or nobody knows."""
    for name in ("listed", "developed", "boasting", "unknown"):
        extensions.add(name, files={"install.json": json.dumps({"packageName": f"{name}_dist"}).encode()})
    (extensions.data / "labextensions" / "unknown" / "install.json").unlink()
    checkout = extensions.folder / "checkout"
    (extensions.data / "labextensions" / "developed").rename(checkout)
    (extensions.data / "labextensions" / "developed").symlink_to(checkout)
    extensions.install("carrier", lab("listed"))
    egg = extensions.site / "developed_dist.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 1.2\nName: developed-dist\nVersion: 2.dev0\n\nText: no\n")
    (egg / "requires.txt").write_text("carrier>=1\n\n[extra]\nother\n")
    found = extensions.meet()["extensions"]
    assert {
        name: [each["distribution"], each["distribution_version"], each["needs"]] for name, each in found.items()
    } == {
        "listed": ["carrier", "1.0", []],
        "developed": ["developed-dist", "2.dev0", ["listed"]],
        "boasting": [None, None, []],
        "unknown": [None, None, []],
    }


def test_a_server_half_that_no_record_lists(extensions: Extensions) -> None:
    """It is beside the extension and has its name; or the extension announces it, and it is not installed here."""
    extensions.add("@scope/some")
    extensions.add("gone", jupyterlab={"discovery": {"server": {"base": {"name": "gone-server"}}}})
    extensions.add("itself", jupyterlab={"discovery": {"server": {"base": {"name": "it_self"}}}})
    extensions.add("odd", jupyterlab={"discovery": {"server": {"base": {"name": "x" * 1000}}}})
    extensions.install("it-self", lab("itself"))
    for name in ("scope_some", "other"):
        file = extensions.folder / server(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    found = extensions.meet()["extensions"]
    assert {name: [each["server_distribution"], each["server"]] for name, each in found.items()} == {
        "@scope/some": [None, ["scope_some"]],
        "gone": [None, ["gone-server"]],
        "itself": [None, []],
        "odd": [None, []],
    }


@given(st.from_regex(r"[aB1]([aB1._-]*[aB1])?", fullmatch=True))
def test_a_projects_name_is_normalized_as_everywhere(name: str) -> None:
    assert lab_probe.normalized(name) == canonical_name(name)


def test_broken_extensions_are_problems(extensions: Extensions) -> None:
    folders = {
        name: extensions.add(name)
        for name in ("a-broken", "b-list", "c-deep", "d-other", "e-fifo", "f-large", "g-link")
    }
    (folders["a-broken"] / "package.json").write_text("{")
    (folders["b-list"] / "package.json").write_text("[]")
    (folders["c-deep"] / "package.json").write_text("[" * 100_000)
    (folders["d-other"] / "package.json").write_text('{"name": "good"}')
    (folders["f-large"] / "package.json").write_text(" " * (1 << 20) + "{}")
    for name in ("e-fifo", "g-link"):
        (folders[name] / "package.json").unlink()
    os.mkfifo(folders["e-fifo"] / "package.json")
    (folders["g-link"] / "package.json").symlink_to("/etc/passwd")
    extensions.add("good", version="")
    extensions.add("h-no-version", version=[1])  # type: ignore[arg-type]
    os.mkdir(os.fsencode(extensions.data / "labextensions") + b"/\xff")
    with open(os.fsencode(extensions.data / "labextensions") + b"/\xff/package.json", "w") as file:
        file.write('{"name": "\\udcff"}')
    place = extensions.meet()
    assert {name: each["version"] for name, each in place["extensions"].items()} == {"good": "", "h-no-version": None}
    root = extensions.data / "labextensions"
    said = {each.partition(": ")[0].replace(f"{root}/", ""): each.partition(": ")[2] for each in place["problems"]}
    deep = said.pop("`c-deep` is not a prebuilt extension")
    assert "recursion" in deep.lower() or "nest" in deep.lower() or "Stack" in deep
    assert said == {
        "`a-broken` is not a prebuilt extension": "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        "`b-list` is not a prebuilt extension": "its package.json holds no object",
        "`d-other` is not a prebuilt extension": "its package.json names another extension",
        "`e-fifo` is not a prebuilt extension": f"`{root}/e-fifo/package.json` is not a file",
        "`f-large` is not a prebuilt extension": f"`{root}/f-large/package.json` is too large",
        "`g-link` is not a prebuilt extension": "its package.json is a link that leads elsewhere",
        "`?` is not a prebuilt extension": "its name is not valid text",
        "`h-no-version` has no version": "",
    }


def test_the_first_extension_of_a_name_counts(extensions: Extensions, tmp_path: Path) -> None:
    """As in JupyterLab, also if it is broken: the page would get its files."""
    second = Extensions(tmp_path / "second")
    (extensions.add("broken") / "package.json").write_text("")
    extensions.add("some", "1.0.0")
    for each in ("broken", "some", "more"):
        second.add(each, "2.0.0")
    path = f"{extensions.data}{os.pathsep}{second.data}"
    (answer,) = ask({"do": "meet", "page": PAGE}, cwd=tmp_path, JUPYTER_PATH=path)
    assert {each["name"]: each["version"] for each in answer.ok["extensions"]} == {"some": "1.0.0", "more": "2.0.0"}


def test_what_belongs_to_a_page_is_not_offered_to_another(extensions: Extensions) -> None:
    for name in ("ipython-where", "@jupyter-notebook/lab-extension", ".hidden", "some"):
        extensions.add(name)
    assert list(extensions.meet()["extensions"]) == ["some"]


def test_jupyter_looks_where_it_says(tmp_path: Path) -> None:
    """Without `jupyter_core` loaded, the same folders in the same order."""
    python = kernel_prefix() / "bin" / "python"
    code = (
        "\nimport json; from ipython_where.lab_probe import labextensions_path; print(json.dumps(labextensions_path()))"
    )
    for environ in ({}, {"JUPYTER_PATH": "/one:/two"}, {"XDG_DATA_HOME": "/data"}, {"JUPYTER_DATA_DIR": "/data"}):
        told = {**environ, "PYTHONPATH": str(ROOT)}
        own = json.loads(run(code, python=python, cwd=tmp_path, **told))
        assert own == json.loads(run(f"import jupyter_core.paths{code}", python=python, cwd=tmp_path, **told))
        assert str(python.parent.parent / "share" / "jupyter" / "labextensions") in own


@pytest.fixture(scope="module")
def many() -> Path:
    """An environment with extensions of every kind, and the JupyterLab that some of them require."""
    names = "ipywidgets anywidget ipympl jupyterlab-git jupyter-resource-usage nbdime jupyterlab-lsp jupyterlab-geojson"
    return environments.kept("kernel-extensions", ["ipykernel", *names.split(), "jupyterlab_execute_time"])


def test_an_environment_has_what_where_says(many: Path, tmp_path: Path) -> None:
    """`%where` reads what each distribution carries, and knows of no other extensions and no other server halves."""
    (answer,) = ask({"do": "meet", "page": PAGE}, python=many / "bin" / "python", cwd=tmp_path)
    told = {each["name"]: each for each in answer.ok["extensions"]}
    read = Distributions()
    listed = [read_carried(str(each), read) for each in environments.site_packages(many).glob("*.dist-info")]
    halves = {
        normalized(each.name): (each.name, sorted(each.server_extensions)) for each in listed if each.server_extensions
    }
    expected: dict[str, Any] = {}
    for each in listed:
        names = [normalized(name) for name in (each.name, *each.announced)]
        server: tuple[str | None, list[str]] = next((halves[name] for name in names if name in halves), (None, []))
        for extension in each.lab_extensions:
            expected[extension.name] = (extension.version, each.name, each.version, *server)
    keys = ("version", "distribution", "distribution_version", "server_distribution", "server")
    assert {name: tuple(each[key] for key in keys) for name, each in told.items()} == expected
    assert {name: each["needs"] for name, each in told.items() if each["needs"]} == {
        "@jupyterlab/git": ["nbdime-jupyterlab"],
        "anywidget": ["@jupyter-widgets/jupyterlab-manager"],
        "jupyter-matplotlib": ["@jupyter-widgets/jupyterlab-manager"],
    }
    assert answer.ok["problems"] == []


def test_an_environment_has_what_its_jupyterlab_would_serve(many: Path, tmp_path: Path) -> None:
    (answer,) = ask({"do": "list", "names": []}, python=many / "bin" / "python", cwd=tmp_path)
    assert answer.ok["extensions"] == []
    (answer,) = ask({"do": "meet", "page": PAGE}, python=many / "bin" / "python", cwd=tmp_path)
    code = (
        "import json; from jupyter_core.paths import jupyter_path\n"
        "from jupyterlab_server.config import get_federated_extensions\n"
        "found = get_federated_extensions(jupyter_path('labextensions'))\n"
        "print(json.dumps({name: each['version'] for name, each in found.items()}))"
    )
    served = json.loads(run(code, python=many / "bin" / "python", cwd=tmp_path))
    assert {each["name"]: each["version"] for each in answer.ok["extensions"]} == served


# -- files -------------------------------------------------------------------------------------------------------------


def taken(extensions: Extensions, name: str, size: int) -> bytes:
    """An extension's archive, taken in pieces as the server takes it, all from one process."""
    (listed,) = extensions.ask({"do": "list", "names": [name]})
    (one,) = listed.ok["extensions"]
    chunk = {"do": "chunk", "name": name, "sha256": one["sha256"], "size": size}
    (first,) = extensions.ask({**chunk, "offset": 0})
    calls = [{**chunk, "offset": offset} for offset in range(0, first.ok["total"], size)]
    answers = extensions.ask(*calls)
    assert [each.ok["offset"] for each in answers] == [each["offset"] for each in calls]
    assert {each.ok["total"] for each in answers} == {first.ok["total"]}
    return b"".join(each.data for each in answers)


def test_the_archive_has_the_files_that_were_listed(extensions: Extensions) -> None:
    content = {"static/a.js": os.urandom(70_000), "static/b.css": b"", "schemas/some/plugin.json": b"{}"}
    folder = extensions.add("@scope/some", files=content)
    content["package.json"] = (folder / "package.json").read_bytes()
    (listed,) = extensions.ask({"do": "list", "names": ["@scope/some"]})
    (one,) = listed.ok["extensions"]
    lines = (f"{name}\0{hashlib.sha256(content[name]).hexdigest()}\n" for name in sorted(content))
    assert one["sha256"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert (one["files"], one["bytes"]) == (4, sum(map(len, content.values())))
    with zipfile.ZipFile(io.BytesIO(taken(extensions, "@scope/some", 30_000))) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == content


def test_what_changed_after_it_was_listed_is_not_sent(extensions: Extensions) -> None:
    folder = extensions.add("some", files={"a.js": b"1"})
    (listed,) = extensions.ask({"do": "list", "names": ["some"]})
    (folder / "a.js").write_bytes(b"2")
    hashed = listed.ok["extensions"][0]["sha256"]
    (answer,) = extensions.ask({"do": "chunk", "name": "some", "sha256": hashed, "offset": 0, "size": 1000})
    assert answer.error == "`some` has changed since it was listed"


def listed(extensions: Extensions, name: str) -> tuple[list[str], list[str]]:
    """The names of the files that are taken, and the problems."""
    (answer,) = extensions.ask({"do": "list", "names": [name]})
    with zipfile.ZipFile(io.BytesIO(taken(extensions, name, 1 << 20))) as archive:
        return archive.namelist(), answer.ok["problems"]


def test_links_lead_nowhere_else(extensions: Extensions, tmp_path: Path) -> None:
    """Neither to this user's other files nor around in a circle. What is left out is told."""
    folder = extensions.add("some", files={"static/a.js": b"1"})
    cached = tmp_path / "cache" / "labextensions" / "some" / "static" / "b.js"
    cached.parent.mkdir(parents=True)
    cached.write_text("2")
    for name, target in {
        "inside.js": "static/a.js",
        "static/b.js": str(cached),
        "static/c.js": str(cached),
        "passwd": "/etc/passwd",
        "up": "..",
        "loop": "loop",
        "again": "static",
        "nowhere": "static/gone",
    }.items():
        (folder / name).symlink_to(target)
    names, problems = listed(extensions, "some")
    assert names == ["inside.js", "package.json", "static/a.js", "static/b.js"]
    assert sorted(problems) == [
        "`some`: left out `again`, a link to a folder",
        "`some`: left out `loop` and 4 more, a link that leads elsewhere",
    ]


def test_what_is_no_file_is_not_opened(extensions: Extensions, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = extensions.add("some", files={"with blank é.js": b"1"})
    os.mkfifo(folder / "fifo")
    (folder / "to-fifo").symlink_to("fifo")
    for name in (b"a\\b", b"a\x1bb", b"\xff"):
        with open(os.fsencode(folder) + b"/" + name, "w"):
            pass
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # a socket's path has to be short
        listening.bind("socket")
        names, problems = listed(extensions, "some")
    assert names == ["package.json", "with blank é.js"]
    assert sorted(problems) == [
        "`some`: left out `a\\x1bb` and 2 more, whose name other systems can't have",
        "`some`: left out `fifo` and 2 more, not a file",
    ]


def test_an_extension_of_too_many_files(extensions: Extensions) -> None:
    """10,000 names can be read; of one with more, the page hears only that."""
    folder = extensions.add("some", files={f"{number}.js": b"" for number in range(10_000)})
    meet, chunk = extensions.ask(
        {"do": "meet", "page": PAGE}, {"do": "chunk", "name": "some", "sha256": "0" * 64, "offset": 0, "size": 1}
    )
    assert meet.ok["extensions"] == []
    assert meet.ok["problems"] == ["`some` can't be read: it has more than 10000 files"]
    assert chunk.error == "it has more than 10000 files"
    (folder / "0.js").unlink()
    (answer,) = extensions.ask({"do": "list", "names": ["some"]})
    assert answer.ok["extensions"][0]["files"] == 10_000


def test_files_that_come_and_go_meanwhile(extensions: Extensions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is one of before or after, or says that it could not read them."""
    folder = extensions.add("some", files={f"{number}.js": b"1" * 1000 for number in range(50)})
    monkeypatch.setenv("JUPYTER_PATH", str(extensions.data))
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for number in range(50):
                (folder / f"{number}.js").unlink(missing_ok=True)
            for number in range(50):
                (folder / f"{number}.js").write_bytes(b"2" * number)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(100):
            place = parsed(lab_probe.answer('{"do": "list", "names": ["some"]}')).ok
            assert len(place["extensions"]) + len(place["problems"]) == 1, place
            assert all("`some` can't be read: " in each for each in place["problems"])
            hashed = place["extensions"][0]["sha256"] if place["extensions"] else "0"
            call = {"do": "chunk", "name": "some", "sha256": hashed, "offset": 0, "size": 1 << 20}
            answer = parsed(lab_probe.answer(json.dumps(call)))
            if "ok" in answer.said:
                with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
                    assert archive.testzip() is None
    finally:
        stop.set()
        changing.join()


def test_only_what_a_server_takes_is_kept(extensions: Extensions) -> None:
    """Each archive until its last part is taken, or the server forgets it; one that is gone is made again."""
    for name in "abcdef":
        extensions.add(name, files={"a.js": os.urandom(1000)})
    (listed,) = extensions.ask({"do": "list", "names": [*"abcdef"]})
    chunks = {
        each["name"]: {"do": "chunk", "name": each["name"], "sha256": each["sha256"], "offset": 0, "size": 600}
        for each in listed.ok["extensions"]
    }
    calls = [chunks["a"], chunks["b"], *({**chunks["a"], "offset": offset} for offset in (600, 1200)), chunks["c"]]
    calls += [{**chunks["b"], "do": "forget"}, {**chunks["a"], "do": "forget"}, *(chunks[each] for each in "defa")]
    shown = f"print(*(name for name, _ in sys.modules[{lab_probe.HELD!r}].archives), sep='', end=' . ')"
    code = f"import sys\nfor each in {[expression(each) for each in calls]!r}: eval(each); {shown}"
    held = run(code, cwd=extensions.folder, JUPYTER_PATH=str(extensions.data)).split(" . ")
    assert held[:-1] == ["a", "ab", "ba", "b", "bc", "c", "c", "cd", "cde", "cdef", "defa"]


def test_what_a_server_left_is_dropped_later(extensions: Extensions) -> None:
    """By the next call, whatever it is for."""
    extensions.add("some", files={"a.js": os.urandom(1000)})
    (listed,) = extensions.ask({"do": "list", "names": ["some"]})
    digest = listed.ok["extensions"][0]["sha256"]
    chunk = {"do": "chunk", "name": "some", "sha256": digest, "offset": 0, "size": 600}
    held = f"sys.modules[{lab_probe.HELD!r}]"
    old = f"{held}.archives = {{key: (made - 601, archive) for key, (made, archive) in {held}.archives.items()}}"
    asked = {"do": "list", "names": []}
    code = f"import sys; eval({expression(chunk)!r}); {old}; eval({expression(asked)!r}); print({held}.archives)"
    assert run(code, cwd=extensions.folder, JUPYTER_PATH=str(extensions.data)).strip() == "{}"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": 1}, "`name` is not a string"),
        ({"name": "../some"}, "`../some` is not an extension of this environment"),
        ({"sha256": None}, "`sha256` is not a string"),
        ({"offset": -1}, "`offset` is not a number from 0 to 1099511627776"),
        ({"offset": True}, "`offset` is not a number from 0 to 1099511627776"),
        ({"size": 0}, "`size` is not a number from 1 to 8388608"),
        ({"size": 1e3}, "`size` is not a number from 1 to 8388608"),
        ({}, "`some` has changed since it was listed"),
    ],
)
def test_a_chunk_that_is_none(wrong: dict[str, object], why: str, extensions: Extensions) -> None:
    extensions.add("some")
    call = {"do": "chunk", "name": "some", "sha256": "0" * 64, "offset": 0, "size": 1000}
    (answer,) = extensions.ask({**call, **wrong})
    assert answer.error == why


# -- the server's machine ----------------------------------------------------------------------------------------------


def test_a_word_proves_that_both_have_one_file(tmp_path: Path) -> None:
    file = tmp_path / "proof"
    file.write_text("first ")
    (answer,) = ask({"do": "prove", "file": str(file), "word": "second"}, cwd=tmp_path)
    assert (answer.ok, file.read_text()) == (None, "first second")


def test_a_word_is_written_before_extensions_are_listed(extensions: Extensions) -> None:
    """What can't be proven is said beside them."""
    file = extensions.folder / "proof"
    file.touch()
    asked = {"do": "list", "names": []}
    proofs: list[object] = [{"file": str(file), "word": "x"}, {"file": "file", "word": "x"}, 1]
    (given, elsewhere, none) = extensions.ask(*({**asked, "prove": each} for each in proofs))
    assert (given.ok["unproven"], file.read_text(), given.ok["extensions"]) == (None, "x", [])
    assert (elsewhere.ok["unproven"], none.ok["unproven"]) == (
        "`file` is not an absolute path",
        "`file` is not a string",
    )


def test_nothing_but_a_file_of_this_user_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    names = ("link", "folder", "fifo", "missing", "fi\0le")
    answers = ask(*({"do": "prove", "file": str(tmp_path / each), "word": "x"} for each in names), cwd=tmp_path)
    not_regular = "`file` is not a regular file"
    missing = f"FileNotFoundError: [Errno 2] No such file or directory: '{tmp_path}/missing'"
    not_absolute = "`file` is not an absolute path"
    assert [each.error for each in answers] == [not_regular, not_regular, not_regular, missing, not_absolute]
    (answer,) = ask({"do": "prove", "file": "file", "word": "x"}, cwd=tmp_path)
    assert answer.error == not_absolute
    assert (tmp_path / "file").read_bytes() == b""
    assert not (tmp_path / "missing").exists()


# -- pages -------------------------------------------------------------------------------------------------------------


def test_the_pages_that_told_of_themselves_are_kept_the_newest_first(tmp_path: Path) -> None:
    told = [{"do": "note", "page": {"client": str(number), "version": "4"}} for number in range(20)]
    told.append({"do": "note", "page": {"client": "10", "version": "4.1"}})
    shown = "from ipython_where.lab_probe import pages; print(json.dumps(pages()))"
    code = f"import json\nfor each in {[expression(each) for each in told]!r}: eval(each)\n{shown}"
    found = json.loads(run(code, cwd=tmp_path, PYTHONPATH=str(ROOT)))
    assert [each["client"] for each in found] == ["10", *(str(n) for n in range(19, 3, -1) if n != 10)]
    assert [found[0]["version"], found[1]["version"]] == ["4.1", "4"]
    assert [each["arrived"] for each in found] == sorted((each["arrived"] for each in found), reverse=True)


def test_a_page_that_is_none_is_refused(tmp_path: Path) -> None:
    wrong: list[object] = [None, [], {}, {"client": 1}, {"client": "x", "more": "x" * (1 << 20)}]
    answers = ask(*({"do": "note", "page": each} for each in wrong), cwd=tmp_path)
    assert [each.error for each in answers] == [
        *["`page` is not an object with a string `client`"] * 4,
        "a call is JSON of at most 1 MiB",
    ]


def test_a_call_that_is_no_json(tmp_path: Path) -> None:
    """Some parsers take `NaN`; a page could not read it back."""
    said = {
        call: parsed(lab_probe.answer(call)).error
        for call in ('{"do": "note", "page": {"client": "x", "y": NaN}}', "[]")
    }
    assert [*said.values()] == [
        "`NaN` is not JSON",
        "a call's `do` is one of `meet`, `note`, `list`, `chunk`, `forget`, `prove`",
    ]


def test_an_interrupt_gets_through() -> None:
    class Interrupted(str):
        def __len__(self) -> int:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab_probe.answer(Interrupted("{}"))


# -- beside the user's files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("python", PYTHONS or [Path(PYTHON)], ids=lambda path: path.parent.parent.name)
def test_no_file_beside_the_notebook_is_run(python: Path, extensions: Extensions) -> None:
    """Each module of the standard library has a namesake there, and so has `jupyter_core`. IPython has loaded `__future__`."""
    extensions.add("some", files={"a.js": b"1"})
    beside = extensions.folder / "beside"
    beside.mkdir()
    for name in (*sys.stdlib_module_names, "jupyter_core"):
        (beside / f"{name}.py").write_text(f"raise SystemExit('ran {name}')")
    hashed = hashlib.sha256(f"package.json\0{'0' * 64}\n".encode()).hexdigest()
    chunk = {"do": "chunk", "name": "some", "sha256": hashed, "offset": 0, "size": 1000}
    asked = [expression(each) for each in ({"do": "meet", "page": PAGE}, chunk)]
    code = f"import sys; sys.path.remove(''); import __future__; sys.path.insert(0, '')\nfor each in {asked!r}: print(eval(each))"
    environ = {"JUPYTER_PATH": str(extensions.data), "HOME": str(extensions.folder)}
    meet, chunked = (parsed(each) for each in run(code, python=python, cwd=beside, **environ).split())
    assert [each["name"] for each in meet.ok["extensions"]] == ["some"]
    assert chunked.error == "`some` has changed since it was listed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["page", "names", "prove", "name", "sha256", "offset", "size", "file", "word"])


@given(st.text() | JSON.map(json.dumps) | st.binary() | st.none())
def test_a_call_that_is_none_has_an_answer(call: Any) -> None:
    assert parsed(lab_probe.answer(call)).error


@given(st.sampled_from(["note", "list", "chunk", "forget", "prove"]), st.dictionaries(KEYS, JSON))
def test_every_call_has_an_answer(does: str, rest: dict[str, object]) -> None:
    answer = parsed(lab_probe.answer(json.dumps({**rest, "do": does})))
    assert list(answer.said) in (["ok"], ["error"])


# -- a real kernel -----------------------------------------------------------------------------------------------------


def kernel_prefix(python: str | None = None, name: str = "bare-kernel") -> Path:
    """An environment without this package, for a kernel."""
    return environments.kept(name, ["ipykernel", "ipywidgets"], python=python)


@contextmanager
def started(prefix: Path, folder: Path) -> Iterator[Notebook]:
    opened = Notebook(prefix, folder)
    opened.start_bare()
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, kernel: None) -> Iterator[Notebook]:
    """A kernel with nothing of this package."""
    with started(kernel_prefix(), tmp_path_factory.mktemp("notebook")) as opened:
        yield opened


def request(asked: str) -> dict[str, Any]:
    """What a page sends to ask for the value of an expression."""
    return {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"where": asked},
        "allow_stdin": False,
        "stop_on_error": False,
    }


def evaluated(notebook: Notebook, asked: str, *, channel: str = "shell", **header: str) -> str:
    """The value of an expression in a kernel, without a cell."""
    client = notebook.client
    message = client.session.msg("execute_request", request(asked))
    message["header"].update(header)
    getattr(client, f"{channel}_channel").send(message)
    content = reply_to(notebook, message, channel)
    value = content["user_expressions"]["where"]
    assert value["status"] == "ok", value
    return str(value["data"]["text/plain"])


def reply_to(notebook: Notebook, message: dict[str, Any], channel: str) -> dict[str, Any]:
    while True:
        reply: dict[str, Any] = getattr(notebook.client, f"get_{channel}_msg")(timeout=60)
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            content: dict[str, Any] = reply["content"]
            return content


def silently(notebook: Notebook, call: object, **by: str) -> Answer:
    """What a kernel says to a page."""
    return parsed(evaluated(notebook, expression(call), **by)[1:-1])


def test_a_question_leaves_no_trace_in_a_kernel(notebook: Notebook) -> None:
    """Neither in the namespace nor in the history nor in the count of its cells."""
    notebook.run("import os, sys, threading, warnings\nx = 1\nx")
    state = (
        "[sorted(globals()), In, Out, get_ipython().execution_count, [*get_ipython().history_manager.get_range()], sys.path,"
        " sys.meta_path, warnings.filters, os.getcwd(), threading.active_count()]"
    )
    modules = "' '.join(sys.modules)"
    before, loaded = evaluated(notebook, state), evaluated(notebook, modules)
    for call in ({"do": "meet", "page": PAGE}, {"do": "list", "names": ["@jupyter-widgets/jupyterlab-manager"]}):
        place = silently(notebook, call).ok
        assert [each["name"] for each in place["extensions"]] == ["@jupyter-widgets/jupyterlab-manager"]
        assert (place["prefix"], place["problems"]) == (str(notebook.prefix), [])
    assert evaluated(notebook, state) == before
    new = set(evaluated(notebook, modules)[1:-1].split()) - set(loaded[1:-1].split())
    assert new - set(sys.builtin_module_names) == {lab_probe.HELD}


MANAGER = "@jupyter-widgets/jupyterlab-manager"


def copied(notebook: Notebook, **by: str) -> dict[str, bytes]:
    """The widget manager's files as a kernel hands them over."""
    (one,) = silently(notebook, {"do": "list", "names": [MANAGER]}, **by).ok["extensions"]
    data, total = b"", 1
    while len(data) < total:
        call = {"do": "chunk", "name": MANAGER, "sha256": one["sha256"], "offset": len(data), "size": 100_000}
        answer = silently(notebook, call, **by)
        data, total = data + answer.data, answer.ok["total"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    assert (len(files), sum(map(len, files.values()))) == (one["files"], one["bytes"])
    return files


def files_of(prefix: Path, name: str) -> dict[str, bytes]:
    """An extension's files on the disk."""
    folder = prefix / "share" / "jupyter" / "labextensions" / name
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


EXTREMES = [*dict.fromkeys([PYTHONS[0], PYTHONS[-1]])] if PYTHONS else []


@pytest.mark.skipif(not EXTREMES, reason="no pyenv versions here")
@pytest.mark.parametrize("python", EXTREMES, ids=lambda path: path.parent.parent.name)
def test_a_kernel_of_another_python_hands_over_its_extension(python: Path, tmp_path: Path, kernel: None) -> None:
    """The oldest and the newest that is here, each with the ipykernel that it gets."""
    prefix = kernel_prefix(str(python), f"bare-kernel-{python.parent.parent.name}")
    with started(prefix, tmp_path) as notebook:
        assert silently(notebook, {"do": "meet", "page": PAGE}).ok["prefix"] == str(prefix)
        assert copied(notebook) == files_of(prefix, MANAGER)


def test_a_kernel_answers_while_it_runs_a_cell(notebook: Notebook) -> None:
    """In another thread of it: that of its control channel, and that of a subshell. The cell doesn't notice."""
    running = notebook.begin("import threading; gate = threading.Event(); print('runs'); gate.wait(); 6 * 7")
    while notebook.client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    expected = files_of(notebook.prefix, MANAGER)
    assert copied(notebook, channel="control") == expected
    message = notebook.client.session.msg("create_subshell_request", {})
    notebook.client.control_channel.send(message)
    subshell = reply_to(notebook, message, "control")["subshell_id"]
    assert copied(notebook, subshell_id=subshell) == expected
    evaluated(notebook, "gate.set()", channel="control")
    assert notebook.finish(running).result == "42"
