"""A notebook whose kernel runs in a real conda prefix: what it is told, and what it is kept from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import conda_prefix
from tests.faults.wheels import write_wheel
from tests.kernels import Notebook, Reply

pytestmark = pytest.mark.usefixtures("kernel", "installer")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel of conda's `ipykernel`, with this package on its path; what a test changes, it takes back."""
    folder = tmp_path_factory.mktemp("conda")
    prefix = conda_prefix.with_this_package(conda_prefix.prefix_in(folder / "env"))
    opened = Notebook(prefix, folder)
    opened.start()
    try:
        yield opened
    finally:
        opened.close()


def flat(reply: Reply) -> str:
    """What a cell's answer says, in one line."""
    assert reply.status == "ok", reply.error
    return " ".join(reply.result.replace(" · ", " ").split())


def test_where_names_condas_package(book: Notebook) -> None:
    """Its name, and whether it was asked for; in the HTML, too."""
    reply = book.run("%where torch")
    assert "distribution torch 2.1.0 installed by conda conda pytorch 2.1.0 h0_0" in flat(reply)
    assert "pytorch 2.1.0" in reply.html
    assert "pulled in by others" in flat(book.run("%where zipp"))


def test_where_tells_the_environment(book: Notebook) -> None:
    text = flat(book.run("%where"))
    assert "conda without a name" in text
    assert "not activated" in text
    assert "this environment is not activated, so `PROJ_DATA` is not set" in text


def test_nothing_of_condas_is_changed(book: Notebook) -> None:
    """Named, brought by a wheel under another name, or removed; each by a line that changes nothing."""
    wheels = book.folder / "wheels"
    write_wheel(wheels, "innocent", "1.0", {"cv2/__init__.py": "", "plainmod.py": ""})
    assert "conda installed `numpy` and would not know about the change" in book.refused("install numpy==1.0")
    assert "conda installed `saidpip` and would not know" in book.refused("uninstall saidpip")
    told = book.refused(f"install --no-index -f {wheels} innocent")
    assert told.startswith(
        "nothing was changed: `innocent` would overwrite a file of `py-opencv`, which conda installed\n"
    )
    assert "also: `innocent` would overwrite a file of `plainmod`, which conda installed" in told
    before = book.snapshot()
    book.safepip(f"install --no-index -f {wheels} innocent --allow-conda")
    assert book.value("__import__('plainmod').__dict__.get('OWNER')") is None
    text = flat(book.run("%where plainmod"))
    assert "conda plainmod 1.0 h0_0" in text
    book.safepip("undo")
    assert book.snapshot() == before


def test_a_new_project_is_installed_beside_condas(book: Notebook, tmp_path: Path) -> None:
    """As everywhere; its import works, and the undo leaves the prefix as it was."""
    write_wheel(tmp_path, "newcomer", "1.0", requires=["six"])
    before = book.snapshot()
    done = book.safepip(f"install --no-index -f {tmp_path} newcomer")
    assert [each["name"] for each in done["plan"]["changes"]] == ["newcomer"]
    assert book.value("__import__('newcomer').version") == "1.0"
    book.safepip("undo")
    assert book.snapshot() == before


def test_the_guard_answers_in_condas_language(book: Notebook) -> None:
    """A conda that would change its base is answered with the line for this prefix."""
    base = conda_prefix.prefix_in(book.folder / "base", "python")
    program = base / "bin" / "conda"
    program.write_text(f"#!{base}/bin/python\nfrom conda.cli import main\n")
    program.chmod(0o755)
    text = flat(book.run(f"%where !{program} install -n base -y graphviz"))
    assert "`%safeconda install graphviz` installs into this kernel's environment" in text
    assert "%safepip install" not in text
