"""In a real kernel: what was typed for a secret is kept in every hint, works when it is pasted, and its value never shows."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from . import environments
from .change.installers.local import standard_wheels
from .kernels import Notebook, Reply, notebook

pytestmark = [
    pytest.mark.usefixtures("kernel"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what a kernel runs is read from /proc"),
]

SECRET, OTHER = "Zq7CanaryK3yX9w2", "Zq8CanaryK3yX9w3"
FROM = "--no-index --no-deps --find-links"


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook with a secret in a variable of its own and another in one of its environment; another pip is first on PATH."""
    folder = tmp_path_factory.mktemp("kernel")
    pip = environments.kept("pip-venv", maker="venv") / "bin"
    standard_wheels(folder / "wheels")
    with notebook(folder, PATH=f"{pip}:/usr/bin:/bin", GH=OTHER, UV_HTTP_RETRIES="0") as opened:
        opened.run(f"token = '{SECRET}'\nurl = 'https://me:{SECRET}@h.example/simple'")
        yield opened


def everything(done: Reply) -> str:
    """All that the page and the terminal got."""
    return "\n".join(map(str, (done.stdout, done.stderr, done.result, done.html, done.evalue, done.error, done.shown)))


def asked(note: Notebook, mode: str, cell: str) -> str:
    """What a cell shows in a mode of the guard: never a secret."""
    note.run(f"%config PipGuard.mode = {mode!r}")
    shown = everything(note.run(cell))
    assert SECRET not in shown and OTHER not in shown
    return shown


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("git+https://{token}@h.example/x", "git+https://{token}@h.example/x"),
        ("git+https://$token@h.example/x", "git+https://$token@h.example/x"),
        ("git+https://$GH@h.example/x", "git+https://$GH@h.example/x"),
        ("{url}", "{url}"),
    ],
)
def test_a_hint_keeps_what_was_typed(note: Notebook, typed: str, kept: str) -> None:
    for mode, cell in (
        ("block", f"!pip install {typed}"),
        ("block", f"%where !pip install {typed}"),
        ("block", f"%where --json !pip install {typed}"),
    ):
        assert f"install {kept}" in asked(note, mode, cell)


def test_a_cell_for_a_shell_keeps_the_shells_variable(note: Notebook) -> None:
    assert "install git+https://$GH@h.example/x" in asked(
        note, "block", "%%bash\npip install git+https://$GH@h.example/x"
    )


def test_what_is_done_instead_has_the_value_and_shows_what_was_typed(note: Notebook) -> None:
    wheels = note.folder / "wheels"
    for typed in ("https://{token}@h.example/simple", "https://me:$GH@h.example/simple"):
        shown = asked(note, "redirect", f"!pip install {FROM} {wheels} --extra-index-url {typed} beta")
        assert f"--extra-index-url {typed}" in shown.replace("'", "")
        assert "beta" in shown and "can be imported now" in shown
        asked(note, "warn", "%safepip undo")


def test_a_folder_named_by_a_secret_is_found(note: Notebook) -> None:
    """The redirected line has the value: with a mask in its place, there would be no such folder."""
    (note.cwd / f"token={SECRET}").mkdir()
    standard_wheels(note.cwd / f"token={SECRET}" / "wheels")
    shown = asked(note, "redirect", "!pip install " + FROM + " ./token={token}/wheels beta")
    assert "can be imported now" in shown
    asked(note, "warn", "%safepip undo")


def test_a_line_of_safepip_takes_a_variable_of_the_environment(note: Notebook) -> None:
    """So the line that a hint proposes works, and nothing of it is kept."""
    wheels = note.folder / "wheels"
    line = f"%safepip install {FROM} {wheels} --extra-index-url https://$GH@h.example/simple beta"
    shown = asked(note, "warn", f"r = {line}\ndisplay(r)\nprint(r.command)")
    assert "can be imported now" in shown and line in shown
    asked(note, "warn", "r = %safepip history\nr.to_dict()")
    asked(note, "warn", "%safepip undo")


def test_a_cell_of_requirements_shows_no_secret(note: Notebook) -> None:
    text = f"https://me:{SECRET}@127.0.0.1:1/x-1.0-py3-none-any.whl"
    for line in ("%%safepip install --no-index", "%%safepip uninstall", "%%safepip install --with uv --dry-run"):
        asked(note, "warn", f"{line}\n{text}\n--index-url https://{SECRET}@h.example\n")


def test_nothing_of_it_is_on_the_disk(note: Notebook) -> None:
    """In the store or the user's home, but for IPython's own history of what was typed."""
    folders = (note.prefix / ".safepip", note.home)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and "ipython" not in path.parts]
    kept = [str(path) for path in files if SECRET.encode() in path.read_bytes() or OTHER.encode() in path.read_bytes()]
    assert kept == []
