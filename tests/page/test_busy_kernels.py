"""A kernel that runs a cell is asked all the same, and the cell does not notice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.frontends.home import until

from .extensions import files, package
from .servers import Page, begin, kernel_prefix, old_kernel_prefix, outputs, put

LARGE = 40 << 20


@pytest.fixture(autouse=True)
def all_is_well_afterwards(page: Page) -> Iterator[None]:
    """Whatever happens to a kernel, JupyterLab answers, and nothing half-made is left."""
    yield
    page.check()


@pytest.fixture(params=["new", "old"])
def prefix(request: pytest.FixtureRequest) -> Path:
    """The environment of a kernel with ipykernel 7, and of one with 6.29."""
    return kernel_prefix() if request.param == "new" else old_kernel_prefix()


CELL = """
import threading, time
from IPython import get_ipython
ended = []
get_ipython().events.register("post_execute", lambda: ended.append(threading.current_thread().name))
print("begun", flush=True)
while not __import__("os").path.exists({file!r}):
    time.sleep(0.01)
threading.Thread(target=lambda: print("of a thread", flush=True)).start()
time.sleep(0.2)
print(input("? "), ended)
"the end"
"""


def texts(client: BlockingKernelClient, id: str) -> list[str]:
    """The lines that a cell still prints, and its result."""
    said = (message["content"] for message in outputs(client, id))
    return [each.get("text") or each["data"]["text/plain"] for each in said if "text" in each or "data" in each]


def test_a_cell_that_runs_does_not_notice(page: Page, tmp_path: Path, prefix: Path) -> None:
    """Neither its output, nor that of its threads, nor what it asks for, nor IPython's hooks; and it comes to its end."""
    name = f"beside-{prefix.name}".lower()
    id = page.start_kernel(put(tmp_path, files(package(name))), prefix)
    with page.client(id) as client:
        cell = begin(client, CELL.format(file=str(tmp_path / "go on")))
        start = time.monotonic()
        assert "ready" in page.load(id, name)[-2]
        assert time.monotonic() - start < 20
        (tmp_path / "go on").touch()
        assert texts(client, cell) == ["of a thread\n", "typed []\n", "'the end'"]
        reply = client.execute("len(ended)", reply=True, timeout=60)
        assert reply["content"]["execution_count"] == 2


def test_a_large_extension_of_a_busy_kernel(page: Page, tmp_path: Path, prefix: Path) -> None:
    name = f"large-{prefix.name}".lower()
    path = put(tmp_path, files(package(name), **{"static/large.bin": os.urandom(LARGE)}))
    id = page.start_kernel(path, prefix)
    with page.client(id) as client:
        begin(client, "import time; print('begun', flush=True); time.sleep(600)")
        lines = page.load(id, name)
        client.shutdown()
    assert [next(iter(each)) for each in lines[-2:]] == ["ready", "end"]
    done = [line["done"] for line in lines[:-2]]
    assert done == sorted(done) and len(done) > 30
    assert {line["total"] for line in lines[:-2]} == {done[-1]}
    assert page.status(f"lab/extensions/{name}/static/large.bin") == 200


def test_a_cell_that_fails_meanwhile(page: Page, tmp_path: Path) -> None:
    """It has the requests aborted that wait behind it."""
    id = page.start_kernel(put(tmp_path, files(package("patient"))))
    with page.client(id) as client:
        for _ in range(3):
            begin(client, "import time; print('begun', flush=True); time.sleep(0.5); 1 / 0")
            assert "ready" in page.load(id, "patient")[-2]


def test_a_cell_that_is_stopped_meanwhile(page: Page, tmp_path: Path) -> None:
    id = page.start_kernel(put(tmp_path, files(package("stopped"))))
    with page.client(id) as client:
        cell = begin(client, "import time; print('begun', flush=True); time.sleep(600)")
        with page.loading(id, "stopped") as lines:
            page.server.ask(f"api/kernels/{id}/interrupt", {})
            assert "ready" in [*lines][-2]
        assert [each["content"].get("ename") for each in outputs(client, cell) if "ename" in each["content"]] == [
            "KeyboardInterrupt"
        ]


# -- kernels that go away ----------------------------------------------------------------------------------------------


@pytest.fixture
def large(page: Page, tmp_path: Path) -> str:
    """A kernel with an extension whose copy takes a while: its id, which is in the extension's name."""
    path = tmp_path / "jupyter"
    id = page.start_kernel(path)
    put(path, files(package(f"large-{id}"), **{"static/large.bin": os.urandom(8 << 20)}))
    return id


def process_of(page: Page, id: str) -> int:
    with page.client(id) as client:
        reply = client.execute("", user_expressions={"pid": "__import__('os').getpid()"}, reply=True, timeout=60)
        return int(reply["content"]["user_expressions"]["pid"]["data"]["text/plain"])


def test_a_kernel_that_is_killed_in_the_copy(page: Page, large: str) -> None:
    process = process_of(page, large)
    with page.loading(large, f"large-{large}") as lines:
        assert "copying" in next(lines)
        os.kill(process, signal.SIGKILL)
        start = time.monotonic()
        assert [*lines][-1]["error"] in ("the kernel has died", "the kernel was restarted")
        assert time.monotonic() - start < 20
    assert f"large-{large}" not in page.mirrored()


def test_a_kernel_that_is_restarted_in_the_copy(page: Page, large: str) -> None:
    """It may go on with the new one, whose files are the same; what comes in is whole."""
    with page.loading(large, f"large-{large}") as lines:
        assert "copying" in next(lines)
        restart = threading.Thread(target=page.server.ask, args=(f"api/kernels/{large}/restart", {}))
        restart.start()
        start = time.monotonic()
        *_, last = lines
        assert time.monotonic() - start < 30
        restart.join()
    assert last == {"end": True} or last["error"] in ("the kernel has died", "the kernel was restarted")
    assert (f"large-{large}" in page.mirrored()) == (last == {"end": True})


def test_a_page_that_goes_away_in_the_copy(page: Page, large: str) -> None:
    with page.loading(large, f"large-{large}") as lines:
        assert "copying" in next(lines)
        assert any(each.startswith(".stage-") for each in page.mirrored())
    until(lambda: not any(each.startswith(".stage-") for each in page.mirrored()), 60)
    assert f"large-{large}" not in page.mirrored()
    until(lambda: "the page has cancelled a copy" in page.log(), 60)
    with page.client(large) as client:
        until(lambda: held(client) == "[]", 60)
    assert "ready" in page.load(large, f"large-{large}")[-2]


def test_nothing_stays_of_a_load_that_is_cancelled(page: Page, large: str, tmp_path: Path) -> None:
    """Neither what was copied before it was."""
    small = f"before-{large}"
    put(tmp_path / "jupyter", files(package(small)))
    with page.loading(large, small, f"large-{large}") as lines:
        assert any("ready" in line for line in lines)
        assert small in page.mirrored()
        assert f"large-{large}" in next(lines)["copying"]
    until(lambda: not {small, f"large-{large}"} & {*page.mirrored()}, 60)
    until(lambda: f"{small}, which came from a kernel, is removed: the page has cancelled" in page.log(), 60)


HELD = "[*getattr(__import__('sys').modules.get('_ipython_where_page'), 'archives', {})]"


def held(client: BlockingKernelClient) -> str:
    """The archives that a kernel keeps for a server that takes them."""
    reply = client.execute("", user_expressions={"held": HELD}, reply=True, timeout=60)
    return str(reply["content"]["user_expressions"]["held"]["data"]["text/plain"])


def test_a_page_that_goes_away_leaves_nothing_in_a_kernel_that_got_busy(page: Page, large: str, tmp_path: Path) -> None:
    """Neither what was asked beside the cell, nor what waited behind it, keeps the archive in memory."""
    with page.client(large) as client:
        with page.loading(large, f"large-{large}") as lines:
            assert "copying" in next(lines)
            begin(client, CELL.format(file=str(tmp_path / "go on")).replace("input", "str"))
            assert any("copying" in line for line in lines)
        (tmp_path / "go on").touch()
        until(lambda: held(client) == "[]", 60)


def test_what_could_not_be_copied_is_not_kept_by_the_kernel(page: Page, tmp_path: Path) -> None:
    """Which finds out late that its files are more than the server takes."""
    path = put(tmp_path / "path", files(package("liar"), **{"static/large.bin": os.urandom(4 << 20)}))
    id = page.start_kernel(path)
    with page.client(id) as client:
        with page.loading(id, "liar") as lines:
            assert "copying" in next(lines)
            client.execute(
                f"{HELD}; import sys; sys.modules['_ipython_where_page'].archives.update("
                "{key: (made, archive[:-1]) for key, (made, archive) in "
                "sys.modules['_ipython_where_page'].archives.items()})",
                reply=True,
                timeout=60,
            )
            assert "something else than the files" in [*lines][-1]["error"]
        until(lambda: held(client) == "[]", 60)


def test_two_pages_at_once(page: Page, large: str) -> None:
    """The second one waits for the first one's copy; other extensions of the same kernel don't."""
    found: list[list[dict[str, Any]]] = []
    first, second = (
        threading.Thread(target=lambda: found.append(page.load(large, f"large-{large}"))) for _ in range(2)
    )
    first.start()
    second.start()
    first.join()
    second.join()
    kinds = sorted([[*dict.fromkeys(next(iter(each)) for each in lines)] for lines in found])
    assert kinds == [["copying", "ready", "end"], ["ready", "end"]]
