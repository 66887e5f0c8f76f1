"""``%safepip`` in a real kernel: what `%pip` gets wrong, what the kernel can import afterwards, and what each error says."""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import re
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest

from ipython_where.change.transaction.locks import locked
from ipython_where.change.transaction.transaction import Store

from . import environments
from .change.installers import local
from .change.transaction.worlds import install as lay_out_distribution
from .kernels import Notebook, copy_of, kernel_prefix, notebook
from .processes import BUSY, until

pytestmark = [
    pytest.mark.usefixtures("kernel"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what is left running is read from /proc"),
]

INSTALLERS = pytest.mark.parametrize("installer", ["uv", "pip"])


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """The notebook that most tests share; each installs projects of its own."""
    with notebook(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest.fixture
def note(kernel: Notebook, tmp_path: Path) -> Iterator[Notebook]:
    """The shared notebook in a working directory of the test's own, its variables put back afterwards."""
    kernel.cwd = tmp_path / "work"
    kernel.cwd.mkdir()
    kernel.run(f"import os; os.chdir({str(kernel.cwd)!r}); _environ = dict(os.environ)")
    yield kernel
    kernel.run("os.environ.clear(); os.environ.update(_environ)")
    assert kernel.leftovers() == []


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """An empty folder for wheels."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


def offline(wheels: Path) -> str:
    """The options that make a folder of wheels all that there is."""
    return f"--no-index -f {wheels}"


def pack(folder: Path, name: str, version: str, files: Mapping[str, str | bytes], *metadata: str) -> None:
    """A wheel with these files."""
    info = f"{name}-{version}.dist-info/"
    head = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *metadata]
    tags = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    full = {**files, info + "METADATA": "\n".join(head) + "\n", info + "WHEEL": tags}
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        record = ""
        for path, content in full.items():
            raw = content.encode() if isinstance(content, str) else content
            archive.writestr(path, raw)
            digest = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(raw)}\n"
        archive.writestr(info + "RECORD", f"{record}{info}RECORD,,\n")


# -- what `%pip` gets wrong --------------------------------------------------------------------------------------------


def test_a_specifier_needs_no_quotes(note: Notebook, wheels: Path) -> None:
    """`<2` is a constraint and not a redirection: no file appears, and the constraint counts."""
    for version in ("1.0", "2.0"):
        local.wheel(wheels, "unquoted", version)
    done = note.safepip(f"install {offline(wheels)} unquoted>=0.5,<2")
    assert [(each["name"], each["new"]) for each in done["plan"]["changes"]] == [("unquoted", "1.0")]
    assert list(note.cwd.iterdir()) == []


def test_extras_are_no_glob(note: Notebook, wheels: Path) -> None:
    """A file that a shell would put in the place of `globbed[extra]` changes nothing."""
    (note.cwd / "globbede").touch()
    local.wheel(wheels, "globbed", "1.0", ['globextra; extra == "extra"'], ["extra"])
    local.wheel(wheels, "globextra", "1.0")
    done = note.safepip(f"install {offline(wheels)} globbed[extra]")
    assert sorted(each["name"] for each in done["plan"]["changes"]) == ["globbed", "globextra"]


NO_SHELL = "hint: no shell is involved: `;`, `&&`, `>` and `*` are plain text here"
LEFT_OUT = " in a shell, but no shell reads this line\n\nhint: leave it out: `%safepip install six`"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "list; echo X",
            "the text after `;` is not an environment marker: `echo X`\n\n"
            f'{NO_SHELL}; a marker looks like `; python_version < "3.12"`',
        ),
        ("install six # why", f"`# why` is a comment{LEFT_OUT}"),
        ("install six && touch X", f"`&&` joins two commands{LEFT_OUT}; put what follows on a line of its own"),
        ("install six | tee X", f"`|` pipes into another program{LEFT_OUT}; put what follows on a line of its own"),
        (
            "install six > X",
            "`> X` is a shell redirection, but no shell reads this line\n\nhint: leave it out: `%safepip install six`",
        ),
        ("install *", f"`*` is not a requirement\n\n{NO_SHELL}"),
        ("install `touch X`", f"``touch` is not a requirement\n\n{NO_SHELL}"),
        ("install $line", f"`$line` is not a requirement\n\n{NO_SHELL}"),
    ],
)
def test_what_a_shell_would_take_is_plain_text(note: Notebook, line: str, said: str) -> None:
    """Nothing is run, nothing is written, and the message says why; `$line` does not leak the magic's own variable."""
    assert note.refused(line) == said
    assert list(note.cwd.iterdir()) == []


def test_variables_expand_once(note: Notebook, wheels: Path) -> None:
    """`{x}` and `$x` are the notebook's variables; what they hold is not expanded again, nor are doubled braces."""
    local.wheel(wheels, "expanded", "1.0")
    note.run("name, again = 'expanded', '{name}'")
    for spelled in ("{name}", "$name"):
        done = note.safepip(f"install --dry-run {offline(wheels)} {spelled}")
        assert [each["name"] for each in done["plan"]["changes"]] == ["expanded"]
    for spelled in ("{again}", "{{name}}"):
        assert note.refused(f"install {spelled}") == f"`{{name}}` is not a requirement\n\n{NO_SHELL}"


MISSING = {
    "uv": "nothing was changed: uv could not resolve this\n"
    "  error: No solution found when resolving dependencies\n"
    "  cause: Because nowhere was not found in the provided package locations and you require nowhere, "
    "we can conclude that your requirements are unsatisfiable.\n\n"
    "hint: `-v` shows its whole output",
    "pip": "nothing was changed: pip could not resolve this\n"
    "  ERROR: Could not find a version that satisfies the requirement nowhere (from versions: none)\n"
    "  ERROR: No matching distribution found for nowhere\n\n"
    "hint: `-v` shows its whole output",
}


@INSTALLERS
def test_a_project_that_does_not_exist_stops_run_all(note: Notebook, wheels: Path, installer: str) -> None:
    """The cell's status is an error of a few lines, later cells do not run, and nothing changed."""
    before = note.snapshot()
    first = note.begin(f"%safepip install --with {installer} {offline(wheels)} nowhere")
    second = note.begin("print('went on')")
    failed, after = note.finish(first), note.finish(second)
    assert (failed.status, failed.ename) == ("error", "InstallError")
    assert failed.evalue == f"nothing was changed: {installer} could not resolve this"
    assert "\n".join(failed.error) == MISSING[installer]
    assert (after.status, after.stdout) == ("aborted", "")
    assert note.snapshot() == before


def test_reading_prints_what_the_installer_says_and_no_more(note: Notebook) -> None:
    """No note about restarting after `list` and `show`."""
    listed = note.run("%safepip list")
    assert (listed.status, listed.stderr, listed.result) == ("ok", "", "")
    assert listed.stdout.startswith("Package")
    assert "ipykernel" in listed.stdout
    assert "restart" not in listed.stdout
    shown = note.run("%safepip show ipykernel")
    assert shown.stdout.startswith("Name: ipykernel\nVersion: ")
    assert "restart" not in shown.stdout
    assert note.refused("--version") == (
        "`%safepip` has no command `--version`\n\nhint: `%safepip show pip` shows the version of pip in this environment"
    )


def test_an_environment_without_pip(tmp_path: Path, wheels: Path) -> None:
    """One that uv made is served by uv, and without uv by the base interpreter's pip; pip is not left behind."""
    local.wheel(wheels, "byuv", "1.0")
    local.wheel(wheels, "bybase", "1.0")
    with notebook(tmp_path / "note", without=["pip", "uv"]) as note:
        assert note.version("pip") is None
        assert note.safepip(f"install {offline(wheels)} byuv")["plan"]["installer"] == "uv"
        note.run("import os; os.environ['PATH'] = '/nowhere'")
        done = note.safepip(f"install {offline(wheels)} bybase")
        assert done["plan"]["installer"] == "pip"
        assert done["plan"]["installer_reason"].startswith("there is no uv; ")
        assert (note.version("byuv"), note.version("bybase"), note.version("pip")) == ("1.0", "1.0", None)
        assert note.run("import byuv, bybase").status == "ok"


def test_uninstall_never_asks(note: Notebook, wheels: Path) -> None:
    """It takes the project out at once; what is not there is said."""
    local.wheel(wheels, "leaving", "1.0")
    note.safepip(f"install {offline(wheels)} leaving")
    reply = note.run("%safepip uninstall leaving never_there", timeout=300)
    assert note.version("leaving") is None
    lines = [line for line in reply.result.splitlines() if "undo" not in line and "installer" not in line]
    assert lines == ["1 distribution removed", "  removed    - leaving==1.0", "", "`never_there` is not installed"]
    assert note.refused("uninstall leaving") == "`leaving` is not installed"


SLOW = """
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(os.path.join(folder, INFO))
    open(os.path.join(folder, INFO, "METADATA"), "w").write(META)
    return INFO
def build_wheel(folder, config_settings=None, metadata_directory=None):
    import subprocess, sys
    open({marker!r}, "w").close()
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"])
"""


def assert_stops(note: Notebook, cell: str) -> None:
    """Interrupt the cell: it ends at once, says so, and leaves neither a change nor a process."""
    started = time.monotonic()
    note.manager.interrupt_kernel()
    reply = note.finish(cell)
    assert time.monotonic() - started < BUSY
    assert (reply.status, reply.ename) == ("error", "Interrupted")
    assert note.plain("\n".join(reply.error)) == "interrupted: nothing was changed in PREFIX"
    until(lambda: note.leftovers() == [])


STOP = """
import sys
class Stop:
    def find_spec(self, name, path=None, target=None):
        if name == "ipython_where.show.notebook.safepip":
            sys.meta_path.remove(self)
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop())
del sys.modules["ipython_where.show.notebook.safepip"]
"""


def test_an_interrupt_of_the_first_imports_shows_no_traceback(note: Notebook) -> None:
    """It came before anything could be done; the next line works."""
    assert note.run("%safepip install --help").status == "ok"
    assert note.run(STOP).status == "ok"
    reply = note.run("%safepip install six")
    assert (reply.ename, reply.error) == ("Interrupted", ["interrupted: nothing was changed"])
    assert note.run("%safepip history").status == "ok"


def test_an_error_spells_paths_as_answers_do(note: Notebook) -> None:
    """Home is `~`."""
    assert note.refused("sync ~/none.txt") == "there is no readable file `~/none.txt`\n  ~/none.txt"


@INSTALLERS
def test_an_interrupt_while_an_index_is_waited_for(note: Notebook, installer: str) -> None:
    """An index that takes the question and never answers."""
    before = note.snapshot()
    with socket.create_server(("127.0.0.1", 0)) as index:
        url = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        cell = note.begin(f"%safepip install --with {installer} -i {url} silent")
        asked, _ = index.accept()
        with asked:
            assert_stops(note, cell)
    assert note.snapshot() == before


@INSTALLERS
def test_an_interrupt_in_the_middle_of_a_build(note: Notebook, tmp_path: Path, installer: str) -> None:
    """The plan is made and the stage is being filled: a backend, and the program that it started, are ended too."""
    marker = tmp_path / "building"
    project = local.project(tmp_path / "slow", "slow")
    with (project / "backend.py").open("a") as backend:
        backend.write(SLOW.format(marker=str(marker)).replace("INFO", '"slow-0.1.dist-info"'))
    before = note.snapshot()
    cell = note.begin(f"%safepip install --with {installer} {project}")
    until(marker.exists)
    assert_stops(note, cell)
    assert note.snapshot() == before


def test_a_file_named_like_pip_is_not_run(note: Notebook, wheels: Path) -> None:
    """`pip.py` beside the notebook is the user's own."""
    (note.cwd / "pip.py").write_text("open('HIJACKED', 'w').close()\nraise SystemExit(1)\n")
    local.wheel(wheels, "beside", "1.0")
    assert note.safepip(f"install --with pip {offline(wheels)} beside")["plan"]["installer"] == "pip"
    assert sorted(each.name for each in note.cwd.iterdir()) == ["pip.py"]


@pytest.mark.parametrize("shell", ["'/usr/sbin/nologin'", "'/missing/shell'", None])
def test_the_login_shell_does_not_matter(note: Notebook, wheels: Path, shell: str | None) -> None:
    """No shell is started, so none can fail."""
    name = f"shell{'' if shell is None else len(shell)}"
    local.wheel(wheels, name, "1.0")
    note.run("os.environ.pop('SHELL', None)" if shell is None else f"os.environ['SHELL'] = {shell}")
    note.safepip(f"install {offline(wheels)} {name}")
    assert note.version(name) == "1.0"


DIVERTING = {
    "PIP_TARGET": "{elsewhere}",
    "PIP_PREFIX": "{elsewhere}",
    "PIP_PYTHON": "/usr/bin/python3",
    "PIP_USER": "1",
    "PIP_DRY_RUN": "1",
    "UV_PYTHON": "/usr/bin/python3",
    "UV_SYSTEM_PYTHON": "1",
}


@INSTALLERS
def test_variables_that_divert_are_named_and_do_not(
    note: Notebook, wheels: Path, tmp_path: Path, installer: str
) -> None:
    """Each would have led the install elsewhere, or made it none: it lands here, and the answer says which were left out."""
    name = f"straight{installer}"
    local.wheel(wheels, name, "1.0")
    variables = {key: value.format(elsewhere=tmp_path / "elsewhere") for key, value in DIVERTING.items()}
    note.run(f"os.environ.update({variables!r})")
    done = note.safepip(f"install --with {installer} {offline(wheels)} {name}")
    assert sorted(done["plan"]["neutralised"]) == sorted(DIVERTING)
    assert note.version(name) == "1.0"
    assert not (tmp_path / "elsewhere").exists()
    assert not list(note.home.glob(".local/lib"))


@INSTALLERS
def test_an_editable_install_is_importable_at_once(note: Notebook, installer: str) -> None:
    """A new `.pth` is made to count in the kernel that runs."""
    name = f"edited{installer}"
    local.project(note.cwd / name, name)
    done = note.safepip(f"install --with {installer} -e ./{name}")
    assert [(each["name"], each["editable"]) for each in done["plan"]["changes"]] == [(name, True)]
    assert done["verdict"]["importable"] == [name]
    assert note.value(f"__import__({name!r}).__version__") == "0.1"


def test_the_first_user_install_is_importable_at_once(tmp_path: Path, wheels: Path) -> None:
    """A user site that is born with the install is put on the path; the environment itself stays as it is.

    What a crash leaves there is taken back at the next loading, as in the environment.
    """
    local.wheel(wheels, "foruser", "1.0")
    prefix = copy_of(kernel_prefix(), tmp_path / "env")
    settings = prefix / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace("site-packages = false", "site-packages = true"))
    note = Notebook(prefix, tmp_path)
    note.start()
    try:
        before = note.snapshot()
        note.safepip(f"install --dry-run --user {offline(wheels)} foruser")
        assert not (note.home / ".local").exists()
        done = note.safepip(f"install --user {offline(wheels)} foruser")
        assert done["verdict"]["importable"] == ["foruser"]
        assert note.value("__import__('foruser').__file__").startswith(str(note.home / ".local"))
        assert note.snapshot() == before
        (user_site,) = note.home.glob(".local/lib/python3*/site-packages")
        note.safepip("undo --user")
        assert not list(note.home.glob(".local/lib/python3*/site-packages/foruser*"))
        site = os.path.relpath(user_site, note.home / ".local")
        lay_out_distribution(note.home / ".local", "doomed", "1", {f"{site}/doomed.py": "V = 1"}, site=site)
        crash(note.home / ".local", site)
        assert (user_site / "doomed.py").read_text() == "V = 2"
        note.restart()
        assert note.loaded.stdout == TAKEN_BACK
        assert (user_site / "doomed.py").read_text() == "V = 1"
    finally:
        note.close()


def test_what_says_no_user_site(note: Notebook) -> None:
    """A virtual environment that does not look into it."""
    assert note.refused("install --user six") == ("this kernel does not use the user site\n\nhint: leave out `--user`")


# -- the verdict -------------------------------------------------------------------------------------------------------


def native_module() -> tuple[str, bytes]:
    """An extension module of the standard library: its name, and its file's content."""
    folder = Path(sysconfig.get_path("stdlib")) / "lib-dynload"
    file = next(iter(sorted(folder.glob("_bisect*.so"))), None)
    if file is None:
        pytest.skip("this Python has no extension module of its own to pack")
    return file.name, file.read_bytes()


def test_an_upgrade_of_what_is_loaded_asks_for_a_restart(note: Notebook, wheels: Path) -> None:
    """It names the loaded modules, submodules and the native ones, and reloads nothing."""
    name, native = native_module()
    for version in ("1.0", "2.0"):
        files: dict[str, str | bytes] = {
            "stale/__init__.py": f"V = {version!r}\n",
            "stale/sub.py": "",
            "stale/other.py": "",
            f"stale/{name}": native,
        }
        pack(wheels, "stale", version, files)
    note.safepip(f"install {offline(wheels)} stale==1.0")
    note.run("import stale.sub, stale._bisect")
    done = note.safepip(f"install {offline(wheels)} -U stale")
    assert done["restart_needed"] is True
    assert [(each["name"], each["extension"]) for each in done["verdict"]["restart"]] == [
        ("stale", False),
        ("stale._bisect", True),
        ("stale.sub", False),
    ]
    assert done["verdict"]["importable"] == []
    assert note.value("[stale.V, __import__('importlib.metadata').metadata.version('stale')]") == ["1.0", "2.0"]
    shown = note.run("r").result.splitlines()
    assert shown[0] == "restart the kernel: 3 loaded modules changed (stale)"


def test_namespace_packages_belong_to_nobody(note: Notebook, wheels: Path) -> None:
    """Only the part that changed is stale, and only its own modules."""
    for version in ("1.0", "2.0"):
        pack(wheels, "spacea", version, {"space/a.py": f"V = {version!r}\n"})
    pack(wheels, "spaceb", "1.0", {"space/b.py": ""})
    note.safepip(f"install {offline(wheels)} spacea==1.0 spaceb")
    note.run("import space.a, space.b")
    done = note.safepip(f"install {offline(wheels)} -U spacea")
    assert [each["name"] for each in done["verdict"]["restart"]] == ["space.a"]


def test_a_file_of_the_notebooks_folder_in_the_way(note: Notebook, wheels: Path) -> None:
    """What is installed and cannot be imported is said to be so, and which file is found before it."""
    (note.cwd / "hiding.py").write_text("")
    local.wheel(wheels, "hiding", "1.0")
    done = note.safepip(f"install {offline(wheels)} hiding")
    assert done["verdict"] == {
        "importable": [],
        "restart": [],
        "invisible": [
            {
                "name": "hiding",
                "reason": f"`{note.cwd}/hiding.py` is found before it",
                "hint": f"rename `{note.cwd}/hiding.py`, then import `hiding`",
            }
        ],
    }
    assert note.run("r").result.splitlines()[0] == "hiding is not visible to this kernel"


def test_a_pth_file_is_processed_once(note: Notebook, wheels: Path) -> None:
    """Its lines run, those of others do not run again."""
    note.run("import builtins; builtins.ran = []")
    for name in ("firstpth", "secondpth"):
        code = f"import builtins; getattr(builtins, 'ran', []).append({name!r})\n"
        pack(wheels, name, "1.0", {f"{name}.pth": code, f"{name}.py": ""})
        note.safepip(f"install {offline(wheels)} {name}")
    assert note.value("builtins.ran") == ["firstpth", "secondpth"]


# -- the magic ---------------------------------------------------------------------------------------------------------


def test_a_cell_is_a_requirements_file(note: Notebook, wheels: Path) -> None:
    """Comments, options and markers as a file has them."""
    local.wheel(wheels, "celled", "1.0")
    local.wheel(wheels, "celledtoo", "1.0")
    text = f"--no-index\n-f {wheels}\ncelled>=1  # a comment\ncelledtoo; python_version > '3'\nnot_here; python_version < '3'"
    reply = note.run(f"%%safepip\n{text}")
    assert reply.status == "ok", reply.error
    assert reply.result.splitlines()[0] == "celled 1.0 and celledtoo 1.0 can be imported now"
    again = note.run("%%safepip install --no-index\ncelled\ncelledtoo")
    assert (
        again.result == "nothing to do: celled 1.0, celledtoo 1.0 are installed\n"
        "  satisfied  celled by celled 1.0\n"
        "             celledtoo by celledtoo 1.0"
    )
    assert note.plain("\n".join(note.run("%%safepip list\ncelled").error)) == (
        "a `%%safepip` cell holds a requirements file\n\nhint: `%%safepip install` installs from it"
    )


def test_what_fits_together_is_added_to_a_cell(note: Notebook, wheels: Path) -> None:
    """No line could name its file."""
    for version in ("1.0", "2.0"):
        local.wheel(wheels, "cellbase", version)
        local.wheel(wheels, "celltop", version, [f"cellbase=={version}"])
    note.safepip(f"install {offline(wheels)} celltop")
    cell = f"%%safepip install --with uv {offline(wheels)}\ncellbase<2"
    said = note.plain("\n".join(note.run(cell).error)).splitlines()
    assert said[0] == "nothing was changed: `celltop` would no longer have what it needs"
    assert said[-1] == "hint: adding `celltop<2` to the cell changes these together; `--allow-conflicts` allows it"
    assert note.run(f"{cell}\ncelltop<2").status == "ok"


@INSTALLERS
@pytest.mark.parametrize("folder", ["plain", "C# ü"])
def test_a_cell_names_files_beside_the_notebook(note: Notebook, wheels: Path, installer: str, folder: str) -> None:
    """Also one that is named as the file that the cell is written to might be; constraints count."""
    name = f"beside{installer}{folder[0].lower()}"
    for version in ("1.0", "2.0"):
        local.wheel(wheels, name, version)
    there = note.cwd / folder
    there.mkdir()
    note.run(f"os.chdir({str(there)!r})")
    (there / "requirements.txt").write_text(f"{name}\n")
    (there / "my c.txt").write_text(f"{name}<2\n")
    reply = note.run(f"%%safepip install --with {installer} {offline(wheels)}\n-r requirements.txt\n-c 'my c.txt'\n")
    assert reply.status == "ok", reply.error
    assert f"added + {name}==1.0 " in f"{' '.join(reply.result.split())} "


@INSTALLERS
def test_a_cell_brings_no_python_into_the_environment(note: Notebook, wheels: Path, installer: str) -> None:
    """A dry run says it, too; whichever way the wheel brings it."""
    points = "[console_scripts]\npython3 = bad:main\n"
    pack(wheels, "bad", "1.0", {"bad.py": "", "bad-1.0.dist-info/entry_points.txt": points})
    pack(wheels, "bad", "2.0", {"bad.py": "", "bad-2.0.data/data/bin/python": "#!python\n"})
    for version, name in (("1.0", "python3"), ("2.0", "python")):
        for option in ("--dry-run", ""):
            before = note.snapshot()
            reply = note.run(f"%%safepip install --with {installer} {offline(wheels)} {option}\nbad=={version}")
            said = note.plain("\n".join(reply.error))
            own = said.startswith("nothing was changed: `bad` contains files that belong to the environment itself\n")
            assert own or (installer == "uv" and not option and f"reserved name `{name}`" in said), said
            assert note.snapshot() == before


@pytest.mark.parametrize("module", ["IPython", "ipykernel", "ipython_where"])
def test_a_cell_brings_no_part_of_the_kernel(note: Notebook, wheels: Path, module: str) -> None:
    pack(wheels, "worse", "1.0", {"worse.py": "", f"{module}/__init__.py": ""})
    for option in ("--dry-run", ""):
        before = note.snapshot()
        reply = note.run(f"%%safepip install {offline(wheels)} {option}\nworse")
        assert "\n".join(reply.error).startswith("nothing was changed: `worse` contains files"), reply.error
        assert note.snapshot() == before


def test_an_error_can_be_returned(note: Notebook, wheels: Path) -> None:
    """`--no-raise` gives it as the cell's value, shown as it would have been."""
    reply = note.run(f"%safepip install --no-raise --with uv {offline(wheels)} nowhere")
    assert (reply.status, reply.result) == ("ok", MISSING["uv"])
    assert "<b>nothing was changed: uv could not resolve this</b>" in reply.html


def test_the_text_of_an_answer_is_a_kernels(note: Notebook) -> None:
    """Also where code asks for it, and not the notebook."""
    note.run("from ipython_where.console import plain_console")
    assert note.run("print(plain_console())").stdout == "Console(color=False, is_kernel=True, width=None)\n"


def words_of(html: str) -> str:
    """What a page shows of it, its lines apart."""
    words = re.sub("<style>.*?</style>", "", html, flags=re.DOTALL)
    return unescape("\n".join(filter(None, re.sub("<[^>]*>", "", re.sub("</div>", "\n", words)).splitlines())))


def test_an_error_is_a_box_below_its_text(note: Notebook) -> None:
    """HTML and nothing else, so that whatever shows no HTML says everything once; `Run All` stops all the same."""
    failed = note.run("%safepip undo tx-99")
    assert (failed.status, failed.ename) == ("error", "WhereError")
    assert failed.error == ["there is no transaction `tx-99`", "", "hint: `%safepip history` lists the transactions"]
    assert [kind for kind in failed.order if kind in ("error", "display_data")] == ["error", "display_data"]
    [shown] = failed.shown
    assert list(shown) == ["text/html"]
    box = "■\xa0there is no transaction tx-99\nhint: %safepip history lists the transactions"
    assert words_of(shown["text/html"]) == box


@pytest.mark.parametrize(
    "cell",
    [
        "try:\n    %safepip undo tx-99\nexcept Exception:\n    pass",
        "%%capture\n%safepip undo tx-99",
        "import nowhere_at_all",
    ],
)
def test_nothing_else_is_a_box(note: Notebook, cell: str) -> None:
    """An error that the cell handled, one whose displays are collected, and one that is not ours."""
    note.run("%safepip undo tx-99")
    assert "ipw-error" not in str(note.run(cell).shown)


def test_a_semicolon_shows_nothing(note: Notebook, wheels: Path) -> None:
    """The install is made, and the output stays empty."""
    local.wheel(wheels, "quietly", "1.0")
    reply = note.run(f"%safepip install {offline(wheels)} quietly;")
    assert (reply.status, reply.result, note.version("quietly")) == ("ok", "", "1.0")


def test_the_answer_is_a_value(note: Notebook, wheels: Path) -> None:
    """Its attributes, in the notebook's own code."""
    local.wheel(wheels, "valued", "1.0")
    note.safepip(f"install {offline(wheels)} valued")
    assert note.value("[r.changes[0].name, r.installer, r.restart_needed, r.dry_run]") == ["valued", "uv", False, False]
    assert note.value("r.transaction.id") == note.value("r.to_dict()['transaction']['id']")
    assert note.version("valued") == "1.0"
    note.safepip(f"undo {note.value('r.transaction.id')}")
    assert note.version("valued") is None


def offered(note: Notebook, code: str) -> list[str]:
    """What Tab offers at the end of ``code``."""
    reply = note.client.complete(code, reply=True, timeout=300)
    return list(reply["content"]["matches"])


def test_tab(note: Notebook, wheels: Path) -> None:
    """Commands, options, installed names and transactions."""
    local.wheel(wheels, "tabbed", "1.0")
    number = note.safepip(f"install {offline(wheels)} tabbed")["transaction"]["id"]
    assert offered(note, "%safepip un") == ["undo", "uninstall"]
    assert offered(note, "%safepip install --dr") == ["--dry-run"]
    assert offered(note, "%safepip uninstall tabb") == ["tabbed"]
    local.wheel(wheels, "tabbed", "2.0")
    newer = note.safepip(f"install {offline(wheels)} -U tabbed")["transaction"]["id"]
    assert offered(note, "%safepip undo ")[:2] == [newer, number]


def test_tab_leaves_ipython_its_own(note: Notebook, wheels: Path) -> None:
    """Where nothing of ours fits, files and variables are completed as after any magic."""
    (wheels / "some_file.rst").touch()
    note.run(f"some_variable = 1\n%cd -q {wheels}")
    assert offered(note, "%safepip history some_f") == ["some_file.rst"]
    assert offered(note, "%where !cat some_f") == ["some_file.rst"]
    assert offered(note, "print(some_v") == ["some_variable"]


def test_help(note: Notebook) -> None:
    """`%safepip?` opens the pager, `%safepip` prints the same; and each command is explained by itself."""
    id = note.client.execute("%safepip?")
    content = note.client.get_shell_msg(timeout=300)["content"]
    note.finish_output(id)
    assert "%safepip install [OPTION ...] REQUIREMENT ..." in content["payload"][0]["data"]["text/plain"]
    for line in ("%safepip", "%safepip help", "%safepip --help"):
        assert "%safepip uninstall NAME ..." in note.run(line).stdout
    for line in ("%safepip lock --help", "%safepip help lock", "%safepip --help lock"):
        assert note.run(line).stdout.startswith(
            "%safepip lock [OPTION ...] [FILE]\n\nWrite what is installed to a lock file"
        )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("instal six", "`%safepip` has no command `instal`\n\nhint: `%safepip install six`"),
        ("install", "nothing to install was given\n\nhint: `%safepip install NAME`, or `-r requirements.txt`"),
        ("install --upgrad-e x", "`%safepip install` has no option `--upgrad-e`\n\nhint: did you mean `--upgrade`?"),
        (
            "install -t x six",
            "`%safepip` does not take `-t`: files would land outside this kernel's environment\n\n"
            "hint: `!pip install --target DIR …` does it, without `%safepip`'s guarantees",
        ),
        (
            "install --with conda six",
            "`--with conda` names no installer: there are `pip`, `uv`\n\n"
            "hint: leave it out: `%safepip` takes the fastest that gives the same answer",
        ),
        ("undo tx-999", "there is no transaction `tx-999`\n\nhint: `%safepip history` lists the transactions"),
    ],
)
def test_what_is_not_understood(note: Notebook, line: str, said: str) -> None:
    assert note.refused(line) == said


def test_a_dry_run_changes_nothing(note: Notebook, wheels: Path) -> None:
    """It tells the plan."""
    local.wheel(wheels, "planned", "1.0")
    before = note.snapshot()
    reply = note.run(f"%safepip install --dry-run {offline(wheels)} planned")
    assert reply.result.splitlines()[:2] == ["would install 1 distribution", "  add        + planned==1.0"]
    assert note.snapshot() == before


def test_the_kernels_own_packages_are_guarded(note: Notebook, wheels: Path) -> None:
    """A plan that would take the kernel what it runs on is refused, with the option that allows it."""
    local.wheel(wheels, "traitlets", "5.0")
    said = note.refused(f"install {offline(wheels)} traitlets==5.0").splitlines()
    assert said[0] == "nothing was changed: this kernel cannot run with `traitlets` 5.0"
    assert said[-1] == "hint: `--allow-kernel` allows it"
    said = note.refused("uninstall tornado").splitlines()
    assert said[0] == "nothing was changed: this kernel runs on `tornado`, which would be removed"
    assert said[-1] == "hint: `--allow-kernel` allows it"
    done = note.safepip("uninstall --dry-run --allow-kernel --allow-conflicts tornado")
    assert {each["id"] for each in done["plan"]["findings"]} >= {"kernel-package"}


def test_a_conflict_that_would_be_left(note: Notebook, wheels: Path) -> None:
    """It is refused, and made when it is allowed by name."""
    for version in ("1.0", "2.0"):
        local.wheel(wheels, "lower", version)
    local.wheel(wheels, "upper", "1.0", ["lower<2"])
    note.safepip(f"install {offline(wheels)} upper")
    said = note.plain(note.refused(f"install --no-deps {offline(wheels)} lower==2.0"))
    assert re.sub(r"(?<=\S)  +", "  ", said) == (  # the columns are as wide as the prefix
        "nothing was changed: `upper` would no longer have what it needs\n"
        f"  kernel  PREFIX/bin/python  ({platform.python_version()})\n"
        "  upper 1.0  requires lower<2  (2.0 would be installed)\n\n"
        "hint: `--allow-conflicts` allows it"
    )
    note.safepip(f"install --no-deps --allow-conflicts {offline(wheels)} lower==2.0")
    assert note.version("lower") == "2.0"


def test_a_downgrade_of_what_was_asked_for_is_said(note: Notebook, wheels: Path) -> None:
    """Another project's requirement takes it down: the install is made, with a warning."""
    for version in ("1.0", "2.0"):
        local.wheel(wheels, "wantedone", version)
    local.wheel(wheels, "holdsback", "1.0", ["wantedone<2"])
    note.safepip(f"install {offline(wheels)} wantedone")
    done = note.safepip(f"install {offline(wheels)} holdsback")
    assert [(each["id"], each["message"]) for each in done["plan"]["findings"]] == [
        ("downgrade", "`wantedone` was installed by name, and would be downgraded")
    ]


def test_what_is_satisfied_needs_no_process(note: Notebook, wheels: Path) -> None:
    """Proven in the kernel: no program is started to say so."""
    local.wheel(wheels, "already", "1.0")
    note.safepip(f"install {offline(wheels)} already")
    note.run(
        "import sys\nstarted = []\n"
        "sys.addaudithook(lambda event, args: started.append(event) if event in"
        " ('subprocess.Popen', 'os.posix_spawn', 'os.fork', 'os.system', 'os.exec', 'pty.spawn') else None)"
    )
    reply = note.run("%safepip install already>=0.5")
    assert reply.result == "nothing to do: already>=0.5 is satisfied by already 1.0"
    assert note.value("started") == []
    note.safepip(f"install --dry-run -U {offline(wheels)} already")
    assert note.value("started") != []


def test_a_new_kernel_sees_what_the_old_one_could_not(tmp_path: Path, wheels: Path) -> None:
    """A change that a crash left half-made is taken back when the extension is loaded, and that is said."""
    with notebook(tmp_path / "note") as note:
        site = os.path.relpath(note.site, note.prefix)
        lay_out_distribution(note.prefix, "doomed", "1", {f"{site}/doomed.py": "V = 1"}, site=site)
        before = note.snapshot()
        crash(note.prefix, site)
        assert note.snapshot() != before
        note.restart()
        assert note.snapshot() == before
        assert note.loaded.stdout == TAKEN_BACK
        note.restart()
        assert note.loaded.stdout == ""


def test_what_another_kernel_left_is_taken_back_before_anything_is_proven(tmp_path: Path) -> None:
    """A kernel that runs on says what it took back, and answers for the environment as it is then."""
    with notebook(tmp_path / "note") as note:
        site = os.path.relpath(note.site, note.prefix)
        lay_out_distribution(note.prefix, "doomed", "1", {f"{site}/doomed.py": "V = 1"}, site=site)
        before = note.snapshot()
        for line in ("install doomed", "uninstall --dry-run doomed"):
            crash(note.prefix, site)
            assert note.snapshot() != before
            reply = note.run(f"%safepip {line}")
            assert reply.stdout == TAKEN_BACK
            assert reply.result is not None
            assert "doomed 1" in reply.result.replace("==", " ")
            assert note.snapshot() == before


def test_loading_is_as_cheap_where_all_is_finished(tmp_path: Path, wheels: Path) -> None:
    """In an environment with transactions, one small file more is imported, with its packages: it looks at names alone."""
    local.wheel(wheels, "finished", "1.0")
    with notebook(tmp_path / "note") as note:
        note.safepip(f"install {offline(wheels)} finished")
        note.restart()
        loaded = note.value("sorted(n for n in __import__('sys').modules if n.startswith('ipython_where'))")
        own = ["change", "change.transaction", "change.transaction.unfinished", "magics"]
        assert loaded == ["ipython_where", *(f"ipython_where.{name}" for name in own)]


def test_loading_beside_a_change_that_is_under_way(tmp_path: Path) -> None:
    """What another kernel is at is no crash: it is neither touched nor waited for."""
    with notebook(tmp_path / "note") as note:
        store = Store(str(note.prefix), site_directories=[str(note.site)])
        with locked(store.lock_path, command="%safepip install slow"):
            staging = store.begin("%safepip install slow")
            note.restart()
            assert (note.loaded.stdout, os.path.isdir(staging.stage)) == ("", True)
        note.restart()  # its kernel has gone, and left it
        assert (note.loaded.stdout, os.path.isdir(staging.folder)) == ("", False)


CRASH = """
import sys
from pathlib import Path
from tests.change.transaction import worlds
from ipython_where.change.transaction.transaction import Store
from ipython_where.change.values import Change
root, site = Path(sys.argv[1]), sys.argv[2]
class Deadly(worlds.QuickDisk):
    def rename(self, source, target):
        super().rename(source, target)
        if target == str(root / site / "doomed.py"):
            worlds.kill()
store = Store(str(root), site_directories=[str(root / site)], disk=Deadly())
staging = store.begin("%safepip install -U doomed")
worlds.install(Path(staging.stage), "doomed", "2", {f"{site}/doomed.py": "V = 2"}, site=site)
change = Change(name="doomed", kind="upgraded", old="1", new="2", asked_for=True)
replaced = [str(root / site / "doomed-1.dist-info")]
store.commit(staging, changes=[change], replaced=replaced, expected={"doomed": "2"})
"""


TAKEN_BACK = (
    "`%safepip install -U doomed` did not finish: it was rolled back, and the environment is as it was before\n"
)


def crash(prefix: Path, site: str) -> None:
    """An upgrade whose process is killed right after the new module was put into its place."""
    done = subprocess.run([sys.executable, "-c", CRASH, str(prefix), site], cwd=environments.ROOT, capture_output=True)
    assert done.returncode == -9, done.stderr.decode()
