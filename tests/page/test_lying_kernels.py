"""A kernel that lies brings nothing into the page, and breaks nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import liar
from .extensions import files, package
from .servers import Page, kernel_prefix, put

LIAR = Path(__file__).with_name("liar.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the lying kernel has, and which lie it tells."""
    folder = tmp_path_factory.mktemp("liar")
    large = files(package("large"), **{"static/large.bin": os.urandom(3 << 20)})
    put(folder, files(package("honest")), large)
    (folder / "lie").write_text("nothing")
    return folder


@pytest.fixture(scope="module")
def kernel_id(page: Page, folder: Path) -> str:
    """A kernel that lies."""
    argv = [str(kernel_prefix() / "bin" / "python"), str(LIAR), "-f", "{connection_file}"]
    page.write_kernelspec("liar", argv, JUPYTER_PATH=str(folder), LIE=str(folder / "lie"))
    return page.server.start_kernel("liar")


@pytest.fixture(autouse=True)
def all_is_well_afterwards(page: Page, folder: Path) -> Iterator[None]:
    yield
    (folder / "lie").write_text("nothing")
    page.check()
    assert "\x1b" not in page.log()


BELIEVED = ("nothing", "small", "odd size", "needs itself")
"""These do no harm: what comes is what was listed."""


@pytest.mark.parametrize("lie", [each for each in (*liar.LIES, *liar.ANSWERS, "raising") if each not in BELIEVED])
@pytest.mark.parametrize("name", ["honest", "large"])
def test_a_lie_ends_in_a_sentence(page: Page, folder: Path, kernel_id: str, lie: str, name: str) -> None:
    """Of an extension in one part, and of one in several."""
    (folder / "lie").write_text(lie)
    last = page.load(kernel_id, name)
    said = [line.get("error") or line["refused"]["reason"] for line in last if "error" in line or "refused" in line]
    assert len(said) == 1 and said[0].isprintable() and len(said[0]) < 400, last
    assert page.mirrored() == []


@pytest.mark.parametrize("lie", BELIEVED)
def test_what_is_said_wrongly_of_sound_files_does_no_harm(page: Page, folder: Path, kernel_id: str, lie: str) -> None:
    (folder / "lie").write_text(lie)
    assert "ready" in page.load(kernel_id, "honest")[-2]
    assert page.status("ipython-where/api/extensions/honest", "DELETE") == 204


RESTLESS = """
import itertools
with open({file!r}, "r+b", buffering=0) as file:
    for i in itertools.count():
        file.seek(0), file.write(b"%012d" % i)
"""


def test_a_file_that_changes_while_it_is_listed_and_copied(page: Page, tmp_path: Path) -> None:
    """What was judged is what comes in, or nothing does."""
    path = put(tmp_path, files(package("restless"), **{"static/x.txt": b""}))
    id = page.start_kernel(path)
    file = path / "labextensions" / "restless" / "static" / "x.txt"
    with page.client(id) as client:
        client.execute(RESTLESS.format(file=str(file)))
        assert page.load(id, "restless")[-1] == {"error": "the kernel says: `restless` has changed since it was listed"}
    assert page.mirrored() == []


def test_a_file_that_changes_in_the_copy(page: Page, tmp_path: Path) -> None:
    """The archive was made before."""
    content = os.urandom(4 << 20)
    path = put(tmp_path, files(package("changing"), **{"static/x.bin": content}))
    id = page.start_kernel(path)
    with page.loading(id, "changing") as lines:
        assert "copying" in next(lines)
        (path / "labextensions" / "changing" / "static" / "x.bin").write_bytes(bytes(4 << 20))
        assert "ready" in [*lines][-2]
    (root,) = page.mirrors()
    assert (root / "changing" / "static" / "x.bin").read_bytes() == content


BASH = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Bash(Kernel):
    implementation = implementation_version = language_version = banner = "1"
    language = "bash"
    language_info = {"name": "bash", "mimetype": "text/x-sh", "file_extension": ".sh"}


IPKernelApp.launch_instance(kernel_class=Bash)
"""


def test_a_kernel_of_another_language(page: Page) -> None:
    python = str(kernel_prefix() / "bin" / "python")
    page.write_kernelspec("bash", [python, "-c", BASH, "-f", "{connection_file}"])
    id = page.server.start_kernel("bash")
    path = f"ipython-where/api/kernels/{id}/load"
    assert page.status(path, "POST", {"names": ["x"]}) == 502
