"""Packages with a part in the kernel's environment and one in the server's: real ones, a real JupyterLab, two environments."""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from . import environments, test_page_kernel, test_running_server
from .claims import CARRIED, carries, sentences
from .kernels import Notebook, copy_of, kernel_prefix
from .lab import Lab, Served, lab, network_environ
from .page import test_mirror, test_policy

pytestmark = [
    pytest.mark.usefixtures("server", "kernel", "installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the server is told from /proc here"),
]

MANAGER = "@jupyter-widgets/jupyterlab-manager"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab in one environment, a kernelspec for another; each test takes back what it changes."""
    with lab(tmp_path_factory.mktemp("lab"), environ=network_environ()) as server:
        yield server


@pytest.fixture
def notebook(running: Lab) -> Iterator[Served]:
    with running.notebook() as opened, taken_back(opened):
        yield opened


@contextmanager
def taken_back(notebook: Served) -> Iterator[None]:
    """Both environments as they were before."""
    yield
    for option in ("", "--server"):
        while any(each["undoable"] and not each["undoes"] for each in history(notebook, option)):
            notebook.safepip(f"undo --allow-conflicts {option}")


def history(notebook: Served, option: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = notebook.safepip(f"history {option}")["transactions"]
    return found


def pasted(finding: dict[str, Any]) -> str:
    """The `%safepip` line of a hint."""
    found = re.search(r"`%safepip ([^`]+)`", finding["hint"])
    assert found is not None, finding
    return found[1]


def parts(notebook: Served, name: str) -> dict[str, tuple[str, str | None, str | None]]:
    """What `%where` says of a package's parts: verdict, version in the kernel's environment, version in the server's."""
    answer = notebook.value(f"__import__('ipython_where').where({name!r}).to_dict()")
    return {
        each["name"]: (each["verdict"], each["in_kernel"], each["in_server"]) for each in answer["front_end"]["parts"]
    }


def findings(notebook: Served, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = notebook.value(f"__import__('ipython_where').where({name!r}).to_dict()['findings']")
    return found


def offered(notebook: Served, code: str) -> list[str]:
    """What Tab offers at the end of ``code``."""
    return list(notebook.client.complete(code, reply=True, timeout=300)["content"]["matches"])


def version(prefix: Path, project: str) -> str:
    (found,) = environments.site_packages(prefix).glob(f"{project}-*.dist-info")
    return found.name.split("-")[1].removesuffix(".dist")


@carries(
    "A widget library has a part on each side: `%safepip install NAME` and `%where NAME` give the line "
    "that installs the second one.",
    "A JupyterLab extension goes into the server's environment: `%safepip install --server NAME`.",
    "The page gets the JupyterLab extensions that are installed when you open or reload it.",
    "No `%safepip` line without `--server` changes the server's environment.",
    "It never leaves an install half done, even if the kernel is killed, and `%safepip undo --server` undoes it.",
)
def test_a_widget_library_comes_to_both_sides(running: Lab, notebook: Served) -> None:
    """The install says what the server lacks, its line brings that, the server serves it, and an undo takes it away."""
    before, served = running.files(), running.served()
    installed = notebook.safepip("install ipympl")
    (finding,) = installed["plan"]["findings"]
    ours, widgets = version(running.kernel, "ipympl"), version(running.kernel, "jupyterlab_widgets")
    assert (finding["message"], finding["hint"]) == (
        "the JupyterLab part of `ipympl` is not in the server's environment: the page cannot load it",
        f"`%safepip install --server ipympl=={ours} jupyterlab_widgets=={widgets}` installs them there; then reload the page",
    )
    assert running.files() == before
    assert findings(notebook, "ipympl") == [finding]
    assert {name: each[0] for name, each in parts(notebook, "ipympl").items()} == {
        "jupyter-matplotlib": "missing",
        MANAGER: "missing",
    }

    kernel_files = notebook.snapshot()
    brought = notebook.safepip(pasted(finding))
    assert (brought["place"], brought["kernel"], brought["verdict"]) == (
        "server",
        str(running.prefix / "bin" / "python"),
        None,
    )
    assert {each["name"] for each in brought["page"]["lab_extensions"]} == {"jupyter-matplotlib", MANAGER}
    assert (brought["page"]["step"], brought["page"]["server_extensions"]) == ("reload", [])
    assert notebook.snapshot() == kernel_files
    assert version(running.prefix, "ipympl") == ours
    assert running.served() == sorted({*served, "jupyter-matplotlib", MANAGER})
    for verdict, in_kernel, in_server in parts(notebook, "ipympl").values():
        assert (verdict, in_kernel) == ("fits", in_server)
    assert findings(notebook, "ipympl") == []
    shown = notebook.run("%where ipympl").result
    assert "reload it, if it was opened before that was installed" in shown

    switches = running.prefix / "etc" / "jupyter" / "labconfig" / "page_config.json"
    switches.parent.mkdir(parents=True, exist_ok=True)
    switches.write_text(json.dumps({"disabledExtensions": {MANAGER: True}}))
    (disabled,) = findings(notebook, "ipympl")
    assert (disabled["id"], disabled["evidence"][1]["value"]) == ("lab-part-disabled", str(switches))
    switches.unlink()
    switches.parent.rmdir()

    assert offered(notebook, "%safepip undo --server ") == [brought["transaction"]["id"]]
    assert offered(notebook, "%safepip show --server jupyterlab_s") == ["jupyterlab_server"]
    undone = notebook.safepip("undo --server")
    assert undone["page"]["step"] == "reload"
    assert set(undone["page"]["gone"]) == {"jupyter-matplotlib", MANAGER}
    assert running.files() == before
    assert running.served() == served


def test_what_the_answer_shows(notebook: Served) -> None:
    """The title says what was done where, and what the page needs; the lines to paste mean the server."""
    reply = notebook.run("%safepip install --server jupyterlab_widgets")
    assert reply.result.splitlines()[0].endswith(" is installed in the server's environment: reload the page")
    (done,) = [each for each in history(notebook, "--server") if each["undoable"] and not each["undoes"]]
    assert f"`%safepip undo --server {done['id']}`" in reply.result
    assert notebook.refused("undo --server tx-99") == (
        "there is no transaction `tx-99`\n\nhint: `%safepip history --server` lists the transactions"
    )
    assert "jupyterlab_widgets" in notebook.run("%safepip list --server").stdout
    assert "jupyterlab_widgets" not in notebook.run("%safepip list").stdout
    assert notebook.run("%safepip tree --server jupyterlab_widgets").stdout.startswith("jupyterlab_widgets ")
    assert notebook.run("%safepip check --server").stdout == "No broken requirements found.\n"


@carries(
    "The server imports its extensions when it starts, so without `ipython-where` in its environment a new one needs a restart.",
)
def test_a_server_part_needs_a_restart(running: Lab, notebook: Served) -> None:
    """In the kernel's environment it does nothing; in the server's, the page has its half at once, the server its own later."""
    installed = notebook.safepip("install jupyterlab-git")
    (finding,) = installed["plan"]["findings"]
    assert finding["message"] == (
        "the JupyterLab and the server part of `jupyterlab_git` are not in the server's environment: "
        "the page cannot load them"
    )
    assert finding["hint"].endswith(" installs them there; then restart the server and open the page again")
    brought = notebook.safepip(pasted(finding))
    assert brought["page"]["step"] == "restart"
    assert "jupyterlab_git" in brought["page"]["server_extensions"]
    assert "@jupyterlab/git" in running.served()
    assert "jupyterlab_git" not in running.server_extensions()
    (older,) = findings(notebook, "jupyterlab_git")
    assert (older["id"], older["hint"]) == ("server-older", "restart the server, then open the page again")
    running.restart()
    assert "jupyterlab_git" in running.server_extensions()
    notebook.start()
    assert findings(notebook, "jupyterlab_git") == []
    removed = notebook.safepip("uninstall --server jupyterlab_git")
    assert (removed["page"]["step"], removed["page"]["gone"]) == ("restart", ["jupyterlab_git"])


@carries(
    "`%where NAME` compares the server's version with the one that the kernel's side requires: "
    "ipywidgets 8 needs `jupyterlab_widgets` 3.",
)
def test_versions_that_do_not_fit(running: Lab, notebook: Served) -> None:
    """ipywidgets 8 needs jupyterlab_widgets 3, and the server has 1; anywidget's own range is held, too."""
    notebook.safepip("install --server jupyterlab_widgets<2 anywidget<0.10")
    old, older = version(running.prefix, "jupyterlab_widgets"), version(running.prefix, "anywidget")
    assert old.startswith("1.") and older.startswith("0.9.")
    (finding,) = notebook.safepip("install anywidget")["plan"]["findings"]
    assert finding["message"] == (
        "the server's environment has the JupyterLab part that `anywidget` needs in a version that does not fit"
    )
    assert [(each["label"], each["note"]) for each in finding["evidence"]] == [
        ("part", "needs ~" + ".".join(version(running.kernel, "anywidget").split(".")[:2]) + ".*"),
        ("part", "needs ^5.0.0"),
        ("server", None),
    ]
    line = pasted(finding)
    assert "ipywidgets==8" in line  # the ipywidgets 7 that came there with it allows no other manager
    notebook.safepip(line)
    assert {each[0] for each in parts(notebook, "anywidget").values()} == {"fits"}
    assert version(running.prefix, "jupyterlab_widgets") == version(running.kernel, "jupyterlab_widgets")


@carries(
    "If a package's part comes from another distribution, the answer names that one: `jupyterlab_widgets` for ipywidgets.",
)
def test_a_kernel_only_package_whose_part_is_carried_by_another(running: Lab, notebook: Served) -> None:
    """ipywidgets has no part of its own, and without `jupyterlab_widgets` beside it the right one is still named."""
    (finding,) = notebook.safepip("install --no-deps --allow-conflicts ipywidgets>=8")["plan"]["findings"][-1:]
    assert pasted(finding) == "install --server jupyterlab_widgets~=3.0"
    notebook.safepip(pasted(finding))
    assert MANAGER in running.served()
    assert parts(notebook, "ipywidgets")[MANAGER][0] == "fits"


@carries(
    "It never removes or breaks the packages that the server runs on: it refuses such a plan.",
)
def test_what_the_server_runs_on_is_protected(running: Lab, notebook: Served) -> None:
    """By what is installed there: its programs, and all that they need."""
    before = running.files()
    assert notebook.refused("uninstall --server jupyterlab") == (
        "nothing was changed: the server runs on `jupyterlab`, which would be removed\n"
        f"  server      FOLDER/server/bin/python  ({sys.version.split()[0]})\n"
        f"  jupyterlab  {version(running.prefix, 'jupyterlab')} → none\n\n"
        "hint: `--allow-server` allows it"
    )
    said = notebook.refused("install --server tornado<6")
    assert said.startswith("nothing was changed: the server cannot run with `tornado` 5."), said
    assert running.files() == before
    notebook.safepip("uninstall --dry-run --server --allow-server jupyterlab")


@carries(
    "So does a change to the packages that the server runs on.",
)
def test_an_update_of_what_the_server_runs_on_needs_a_restart(notebook: Served) -> None:
    """It is not loaded anew by a page."""
    done = notebook.safepip("install --server --force-reinstall --no-deps tornado")
    assert (done["plan"]["changes"][0]["kind"], done["page"]["step"]) == ("rebuilt", "restart")
    library = notebook.safepip("install --server iniconfig")
    assert (library["page"]["step"], library["page"]["lab_extensions"]) == ("nothing", [])


@carries(
    "If both are the same environment, `--server` makes no difference, and the install says at once what the page needs.",
    "By itself, the page doesn't load an extension that is installed only in the kernel's environment.",
)
def test_a_kernel_of_the_servers_own_environment(running: Lab) -> None:
    """There is one place: the install says at once what the page needs, and `--server` means the same."""
    environments.call(
        environments.uv(), "pip", "install", "-q", "--no-deps", "--python", running.prefix / "bin/python", "-e", "."
    )
    try:
        with running.notebook("same") as notebook:
            done = notebook.safepip("install jupyterlab_widgets")
            assert (done["place"], done["page"]["step"]) == ("kernel", "reload")
            assert [each["name"] for each in done["page"]["lab_extensions"]] == [MANAGER]
            assert done["verdict"]["invisible"] == []
            notebook.safepip("undo --server")
            assert MANAGER not in running.served()
            assert "libraries and JupyterLab extensions go into " in notebook.run("%where").result
    finally:
        environments.call(
            environments.uv(), "pip", "uninstall", "-q", "--python", running.prefix / "bin/python", "ipython-where"
        )


@carries(
    "It doesn't touch another user's environment.",
)
def test_an_environment_of_another_user_is_left_alone(running: Lab, notebook: Served) -> None:
    """Root may write everywhere, and would leave files that their owner cannot change."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    before = running.files()
    os.chown(running.prefix, 12345, -1)
    try:
        said = notebook.refused("install --server iniconfig")
    finally:
        os.chown(running.prefix, 0, -1)
    assert said == (
        "nothing was changed: the server's environment belongs to another user\n"
        "  server  FOLDER/server/bin/python\n"
        "  prefix  FOLDER/server  (user 12345, and you are 0)\n\n"
        "hint: ask whoever runs the server to run `FOLDER/server/bin/python -m pip install NAME`"
    )
    assert running.files() == before


DIE = """
import os, signal
from dataclasses import replace
from ipython_where.change.commands.dispatch import carry_out_in
from ipython_where.change.server_environment import server_place
from ipython_where.change.transaction.disk import RealDisk
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.installers.progress import Silent
from ipython_where.change.request.request import parse_request
from ipython_where.session import current_world

class Dying(RealDisk):
    def rename(self, source, target):
        if "/stage/" in source:
            self.left = getattr(self, "left", 1) - 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        super().rename(source, target)

place = replace(server_place(current_world(), Silent()), disk=Dying())
carry_out_in(place, parse_request(split_line("install --server jupyterlab_widgets")))
"""


@carries(
    "It never leaves an install half done, even if the kernel is killed, and `%safepip undo --server` undoes it.",
)
def test_a_kernel_that_is_killed_in_the_swap(running: Lab) -> None:
    """The next `%load_ext` of that environment takes back what was left in the server's."""
    with running.notebook() as notebook, taken_back(notebook):
        before = running.files()
        pid = notebook.value("__import__('os').getpid()")
        notebook.client.execute(DIE)
        running.until(lambda: not os.path.exists(f"/proc/{pid}"))
        assert running.files() != before
        notebook.close()
        notebook.start()
        assert notebook.loaded.stdout == (
            "`%safepip install --server jupyterlab_widgets` did not finish: "
            "it was rolled back, and the environment is as it was before\n"
        )
        assert running.files() == before


@carries(
    "If it can't prove that the server runs on this machine, `%where` says that its environment is unknown.",
    "`--server` then refuses, changes nothing, and says what to type on the server's machine.",
    "A library still goes into the kernel's environment, on the kernel's machine.",
    "After you install a widget library, a note names what to install on the server's machine.",
)
def test_without_a_server_nothing_is_guessed(tmp_path: Path) -> None:
    """A kernel that something else started: the server is unknown, and so is what it has."""
    with Unserved(copy_of(kernel_prefix(), tmp_path / "env"), tmp_path, **network_environ()) as notebook:
        said = notebook.refused("install --server ipympl")
        assert said.splitlines()[0] == (
            "this kernel's Jupyter server is not proven to be on this machine, so nothing is installed there from here"
        )
        assert said.splitlines()[-1] == (
            "hint: in a terminal where the server runs, run `python -m pip install NAME` with its Python, then reload the page"
        )
        for command in ("history", "undo", "list", "uninstall six"):
            assert notebook.refused(f"{command} --server").splitlines()[0] == said.splitlines()[0]
        assert "JupyterLab extensions into an unknown environment" in notebook.run("%where").result
        installed = notebook.safepip("install jupyterlab_widgets")
        assert installed["verdict"]["importable"] == ["jupyterlab_widgets"]
        brought = f"jupyterlab_widgets=={version(notebook.prefix, 'jupyterlab_widgets')}"
        (note,) = installed["plan"]["findings"]
        assert (note["id"], note["severity"]) == ("server-unknown", "note")
        assert note["hint"] == f"where the server runs: `python -m pip install {brought}`, then reload the page"
        assert notebook.run("import jupyterlab_widgets").status == "ok"


@carries("A kernel started by a kernel gateway can't see the server behind the gateway by itself.")
def test_behind_a_gateway(tmp_path: Path) -> None:
    """The gateway says so by a variable: the kernel's launcher is it, and no server's."""
    with Unserved(kernel_prefix(), tmp_path, KERNEL_GATEWAY="1") as notebook:
        said = notebook.refused("install --server ipympl")
        assert "the server behind it is not visible from here" in said
        assert "a kernel gateway started this kernel" in " ".join(notebook.run("%where").result.split())


@carries(
    "If a widget's source doesn't spell out its version range, the range is unknown, "
    "and only the same version counts as compatible.",
)
def test_a_range_that_is_not_spelled_out(running: Lab, notebook: Served, tmp_path: Path) -> None:
    """Two packages of our own with a widget and an extension, whose version is computed."""
    for release in ("1.0.0", "2.0.0"):
        computed_widget(tmp_path, release)
    options = f"--no-index -f {tmp_path}"
    notebook.safepip(f"install --server {options} computed==1.0.0")
    assert notebook.safepip(f"install {options} computed==2.0.0")["plan"]["findings"] == []
    assert parts(notebook, "computed") == {"computed-js": ("unknown", "2.0.0", "1.0.0")}
    notebook.safepip(f"install {options} computed==1.0.0")
    assert parts(notebook, "computed") == {"computed-js": ("fits", "1.0.0", "1.0.0")}


def computed_widget(folder: Path, release: str) -> None:
    """A wheel with a widget class and an extension that no page could load: nobody loads it here."""
    name = f"computed-{release}"
    files = {
        "computed.py": "class W:\n    _model_module = 'computed-js'\n    _model_module_version = compute()\n",
        f"{name}.data/data/share/jupyter/labextensions/computed-js/package.json": json.dumps(
            {"name": "computed-js", "version": release, "jupyterlab": {"_build": {"load": "static/none.js"}}}
        ),
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: computed\nVersion: {release}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{name}.dist-info/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for path, text in {**files, f"{name}.dist-info/RECORD": record}.items():
            wheel.writestr(path, text)


@carries(
    "A library goes into the kernel's environment: `%safepip install NAME`.",
    "A kernel can't import a library that is installed only in the server's environment.",
    "By itself, the page doesn't load an extension that is installed only in the kernel's environment.",
)
def test_each_environment_is_for_itself(running: Lab, notebook: Served) -> None:
    """What is in the wrong one is of no use, and nothing warns a person but the answer."""
    served, before = running.served(), running.files()
    notebook.safepip("install iniconfig jupyterlab_widgets")
    assert notebook.run("import iniconfig").status == "ok"
    assert running.files() == before
    assert running.served() == served
    notebook.safepip("install --server toml")
    assert notebook.run("import toml").ename == "ModuleNotFoundError"
    shown = notebook.run("%where").result
    assert f"libraries go into {running.kernel}" in shown
    assert f"JupyterLab extensions into {running.prefix}" in shown


def test_each_sentence_of_the_page_is_carried_by_a_test() -> None:
    """And no test carries one that is not there any more."""
    assert sorted(sentences()) == sorted(CARRIED)
    assert len(sentences()) > 15
    modules = (sys.modules[__name__], test_page_kernel, test_running_server, test_mirror, test_policy)
    known = {name for module in modules for name, each in vars(module).items() if callable(each)}
    assert {name for names in CARRIED.values() for name in names} <= known


class Unserved(Notebook):
    """A kernel that this test started, and no server."""

    def __enter__(self) -> Unserved:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@carries(
    "It doesn't support `sync`, `lock`, `download`, `wheel` or `--user`.",
)
@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "wheel --server six",
            "`%safepip wheel` does not take `--server`: it writes into a folder, not into an environment",
        ),
        ("lock --server", "`%safepip lock` does not take `--server`: it locks this kernel's environment"),
        (
            "sync --server r.txt",
            "`%safepip sync` does not take `--server`: it would remove what the file does not list from the server's environment",
        ),
        (
            "download --server six",
            "`%safepip download` does not take `--server`: it writes into a folder, not into an environment",
        ),
        ("install --server --user six", "`--server` and `--user` select different environments"),
    ],
)
def test_what_the_server_is_not_asked_for(line: str, says: str) -> None:
    from ipython_where.change.request.request import parse_request
    from ipython_where.change.request.safepip_line import split_line
    from ipython_where.errors import UsageError

    with pytest.raises(UsageError) as error:
        parse_request(split_line(line))
    assert error.value.message == says
