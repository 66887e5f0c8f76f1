"""How an installation's progress is shown, in a real kernel and on a real terminal, and that nothing of it stays."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, TextIO

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

from ipython_where.change.installers.progress import Silent
from ipython_where.show.notebook.progress_display import Moment, TerminalProgress, notebook_html, progress_for
from tests.environments import clean_environ
from tests.kernels import kernel_manager

STEPS = """
import os, time
FIRST = False
from ipython_where.show.notebook.progress_display import progress_for

def until(file):
    while not os.path.exists(file):
        time.sleep(0.01)

progress = progress_for(get_ipython(), is_first=FIRST)
try:
    progress.step("resolving")
    until("resolving.seen")
    progress.step("installing")
    progress.amount(1, 4)
    progress.line("a <b>numpy</b> wheel")
    until("installing.seen")
finally:
    progress.close()
"done"
"""
"""A cell that goes on when the test has seen what it shows."""

FIRST = STEPS.replace("FIRST = False", "FIRST = True")
"""The same, where it is known that nothing was shown before."""

EMPTY = {"text/html": "", "text/plain": ""}


# -- in a kernel -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A kernel of this interpreter; the tests change its directory to their own."""
    with tempfile.TemporaryDirectory() as sockets:
        manager = kernel_manager(tmp_path_factory.mktemp("kernel"), sockets)
        manager.start_kernel(env=clean_environ())
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=300)
            yield manager, client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


Messages = list[tuple[str, dict[str, Any]]]


def run(
    client: BlockingKernelClient, code: str, seen: Callable[[dict[str, Any]], None] = lambda data: None
) -> Messages:
    """What a cell sends to the page; ``seen`` is told of each display as it comes."""
    messages: Messages = []

    def collect(message: dict[str, Any]) -> None:
        if message["msg_type"] in (
            "display_data",
            "update_display_data",
            "execute_result",
            "stream",
            "error",
            "clear_output",
        ):
            messages.append((message["msg_type"], message["content"]))
        if "display_data" in message["msg_type"]:
            seen(message["content"]["data"])

    client.execute_interactive(code, output_hook=collect, timeout=300)
    return messages


def touching(folder: Path) -> Callable[[dict[str, Any]], None]:
    """Leaves the file that `STEPS` waits for."""

    def seen(data: dict[str, Any]) -> None:
        for step in ("resolving", "installing"):
            if data.get("text/plain", "").rpartition("\n")[2].startswith(step):
                (folder / f"{step}.seen").touch()

    return seen


def test_one_display_updates_in_place_and_is_empty_at_the_end(
    kernel: tuple[KernelManager, BlockingKernelClient], tmp_path: Path
) -> None:
    """One output is made, and changed under its own id; the result comes when it is empty."""
    _, client = kernel
    run(client, f"import os; os.chdir({str(tmp_path)!r})")
    first, *updates, last, result = run(client, STEPS, touching(tmp_path))
    assert (first[0], {kind for kind, _ in (*updates, last)}) == ("display_data", {"update_display_data"})
    assert len({content["transient"]["display_id"] for _, content in (first, *updates, last)}) == 1
    assert re.fullmatch(r"resolving · \d+ s", first[1]["data"]["text/plain"])
    assert updates[-1][1]["data"]["text/plain"].endswith(" s · 25 % · a <b>numpy</b> wheel")
    assert '<progress max="100" value="25"' in updates[-1][1]["data"]["text/html"]
    assert last[1]["data"] == EMPTY
    assert (result[0], result[1]["data"]["text/plain"]) == ("execute_result", "'done'")


def test_below_a_note_only_the_note_is_left(kernel: tuple[KernelManager, BlockingKernelClient], tmp_path: Path) -> None:
    """The note's own output shows the progress, and then what it showed before: no output of its own is begun."""
    _, client = kernel
    run(client, f"import os; os.chdir({str(tmp_path)!r})")
    note = """
from ipython_where.show.notebook.progress_display import Note
note = Note("here", {"text/html": "<b>said</b>", "text/plain": "said"})
display(note.faces, raw=True, display_id=note.id)
"""
    shown = run(client, note + STEPS.replace("is_first=FIRST", "note=note"), touching(tmp_path))
    kinds = [kind for kind, _ in shown]
    assert kinds == ["display_data", *["update_display_data"] * (len(kinds) - 2), "execute_result"]
    first, *updates, last = (content["data"] for _, content in shown[:-1])
    assert first == last == {"text/html": "<b>said</b>", "text/plain": "said"}
    assert all(each["text/plain"].startswith("said\n") for each in updates) and len(updates) > 1
    assert all(re.match("<b>said</b>.*<progress", each["text/html"], re.DOTALL) for each in updates)


def test_an_interrupt_passes_through_and_the_display_goes(
    kernel: tuple[KernelManager, BlockingKernelClient], tmp_path: Path
) -> None:
    """The stop button ends the cell, and leaves the error alone."""
    manager, client = kernel
    run(client, f"import os; os.chdir({str(tmp_path)!r})")
    interrupted: list[dict[str, Any]] = []

    def interrupt_once(data: dict[str, Any]) -> None:
        if not interrupted:
            manager.interrupt_kernel()
        interrupted.append(data)

    messages = run(client, STEPS, interrupt_once)
    assert (messages[0][0], messages[-2][0], messages[-1][0]) == ("display_data", "update_display_data", "error")
    assert messages[-2][1]["data"] == EMPTY
    assert messages[-1][1]["ename"] == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("p.step('resolving'); p.amount(1, 2); p.close(); p.close()", "NotebookProgress"),
        ("p.close(); p.step('resolving')", "NotebookProgress"),
    ],
)
def test_what_is_over_at_once_is_never_shown(
    kernel: tuple[KernelManager, BlockingKernelClient], code: str, shown: str
) -> None:
    """No output flickers for an answer that takes no time."""
    make = "from ipython_where.show.notebook.progress_display import progress_for; p = progress_for(get_ipython())"
    assert run(kernel[1], f"{make}; {code}; print(type(p).__name__)") == [
        ("stream", {"name": "stdout", "text": f"{shown}\n"})
    ]


def test_a_captured_cell_shows_no_progress(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    """`%%capture` keeps what a cell shows: of an install that is the result."""
    code = """
        from IPython.utils.capture import capture_output
        from ipython_where.show.notebook.progress_display import progress_for
        with capture_output():
            p = progress_for(get_ipython())
        print(type(p).__name__)
    """
    assert run(kernel[1], code) == [("stream", {"name": "stdout", "text": "Silent\n"})]


class Watching(NotebookClient):
    """Runs a notebook as nbconvert and papermill do, and tells the cell that its display was seen."""

    folder: Path

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        touching(self.folder)(msg["content"].get("data", {}))
        return super().process_message(msg, cell, cell_index)


def test_a_display_that_is_alone_is_cleared(kernel: tuple[KernelManager, BlockingKernelClient], tmp_path: Path) -> None:
    """No output of it is left, and none of anything else was there."""
    _, client = kernel
    run(client, f"import os; os.chdir({str(tmp_path)!r})")
    first, *_, last, result = run(client, FIRST, touching(tmp_path))
    assert [first[0], last, result[0]] == ["display_data", ("clear_output", {"wait": False}), "execute_result"]


def test_what_was_told_meanwhile_is_not_cleared_with_it(
    kernel: tuple[KernelManager, BlockingKernelClient], tmp_path: Path
) -> None:
    """A recovery is told as it happens, and has to stay."""
    _, client = kernel
    run(client, f"import os; os.chdir({str(tmp_path)!r})")
    told = FIRST.replace('progress.line("a', 'progress.tell("it was taken back"); progress.line("a')
    messages = run(client, told, touching(tmp_path))
    assert ("stream", {"name": "stdout", "text": "it was taken back\n"}) in messages
    assert (messages[-2][0], messages[-2][1]["data"]) == ("update_display_data", EMPTY)


@pytest.mark.parametrize(
    ("before", "is_blank"),
    [
        ("", True),
        ("x = 1", True),
        ("print(1)", False),
        ("print(end='')", True),
        ("import sys; print(1, file=sys.stderr)", False),
        ("display(1)", False),
    ],
)
def test_it_is_known_whether_a_cell_has_shown_anything(
    kernel: tuple[KernelManager, BlockingKernelClient], before: str, is_blank: bool
) -> None:
    """Nothing of the user's may be cleared: what is not certain counts as shown."""
    _, client = kernel
    run(client, "%load_ext ipython_where")
    run(client, f"from ipython_where import magics; import sys; out = sys.stdout\n{before}\nblank = magics.is_blank()")
    assert run(client, "sys.stdout = out; blank")[-1][1]["data"]["text/plain"] == str(is_blank)


def test_of_the_cell_that_loads_the_extension_it_is_not_known(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    """What it has shown before was seen by nobody."""
    _, client = kernel
    run(client, "%load_ext ipython_where")
    cell = "display(1)\n%reload_ext ipython_where\nfrom ipython_where import magics\nmagics.is_blank()"
    assert run(client, cell)[-1][1]["data"]["text/plain"] == "False"


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("cell", "left"),
    [(FIRST, [("execute_result", "'done'")]), (STEPS, [("display_data", ""), ("execute_result", "'done'")])],
)
def test_a_notebook_that_was_run_by_a_program_has_the_result_alone(
    cell: str, left: list[tuple[str, str]], tmp_path: Path
) -> None:
    """What was shown for the while is in neither the saved notebook nor what it is converted to."""
    v4: Any = nbformat.v4
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell)])
    client = Watching(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.folder = tmp_path
    client.execute()
    saved = notebook.cells[0].outputs
    nbformat.validate(notebook)
    assert [(o.output_type, o.data.get("text/plain")) for o in saved] == left
    assert "resolving" not in str(saved)
    body, _ = MarkdownExporter().from_notebook_node(notebook)
    assert body.rpartition("```")[2].split() == ["'done'"]


# -- its words ---------------------------------------------------------------------------------------------------------


def test_a_bar_without_an_amount_has_no_value() -> None:
    """Then the browser moves it by itself."""
    assert "<progress style=" in notebook_html(Moment(step="resolving", seconds=3, percent=None, line=""))


def test_what_is_done_the_bytes_and_their_rate_are_said() -> None:
    """The same words for pip and uv."""
    moment = Moment(
        "installing with pip", 3, 45, "", before=("resolving with pip",), received=12_345_678, rate=4_100_000
    )
    drawn = notebook_html(moment)
    assert '<div style="opacity:.7">✓ resolving with pip</div>' in drawn
    assert "installing with pip · 3 s · 45 % · 12.3 MB · 4.1 MB/s</div>" in drawn


def test_markup_in_a_step_or_a_line_is_written_out() -> None:
    """An installer's line may hold anything."""
    drawn = notebook_html(Moment(step="<i>", seconds=0, percent=None, line='<script>"&'))
    assert "&lt;i&gt; · 0 s" in drawn
    assert "&lt;script&gt;&quot;&amp;" in drawn
    assert "<script>" not in drawn


# -- on a terminal -----------------------------------------------------------------------------------------------------


class Screen:
    """A terminal of one line: what stands on it, and all that was written to it."""

    def __init__(self, columns: int) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, columns))
        self.stream: TextIO = open(slave, "w", encoding="utf-8")  # noqa: SIM115
        self.written = ""

    def until(self, words: str) -> None:
        """Read what is written until ``words`` are on the line."""
        end = time.monotonic() + 300
        while words not in self.line[0]:
            assert time.monotonic() < end, f"{words!r} never came: {self.written!r}"
            self.written += os.read(self.master, 65536).decode()

    def rest(self) -> None:
        """Read what is left."""
        self.stream.close()
        try:
            while part := os.read(self.master, 65536):
                self.written += part.decode()
        except OSError:  # Linux has EIO for an end
            pass

    @property
    def line(self) -> tuple[str, int]:
        """The line as it looks, and the column of the cursor."""
        cells: dict[int, str] = {}
        at = 0
        for character in self.written:
            if character == "\r":
                at = 0
                continue
            cells[at] = character
            at += 1
        return "".join(cells.get(n, " ") for n in range(max(cells, default=-1) + 1)).rstrip(), at


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A terminal of 40 columns."""
    screen = Screen(40)
    yield screen
    screen.stream.close()
    os.close(screen.master)


def test_a_terminal_shows_one_line_and_clears_it(screen: Screen) -> None:
    """The shorter line hides all of the longer one, none is longer than the terminal, and none stays."""
    progress = TerminalProgress(screen.stream)
    progress.step("installing")
    progress.amount(3, 4)
    progress.line("Downloading\ta-very-long-name-of-a-wheel.whl\x1b[2J")
    screen.until("75 %")
    line, cursor = screen.line
    assert re.fullmatch(r"installing · \d s · 75 % · Downloading a", line)
    assert cursor == 39
    progress.step("verifying")
    screen.until("verifying")
    assert re.fullmatch(r"verifying · \d s", screen.line[0])
    progress.close()
    screen.rest()
    assert screen.line == ("", 0)
    assert "\n" not in screen.written


def test_what_is_told_stands_on_a_line_of_its_own(screen: Screen) -> None:
    """The line goes, what stays is written, and the line comes again below it."""
    progress = TerminalProgress(screen.stream)
    progress.step("waiting")
    screen.until("waiting")
    with redirect_stdout(screen.stream):
        progress.tell("it was taken back")
        screen.stream.flush()
    progress.step("resolving")
    screen.until("resolving")
    progress.close()
    assert re.search(r"waiting[^\r]*\r +\rit was taken back\r\n\rresolving", screen.written)


def test_wide_characters_do_not_run_over_the_line(screen: Screen) -> None:
    """Each takes two columns, a combining mark none."""
    progress = TerminalProgress(screen.stream)
    progress.step("研究" * 30)
    screen.until("研")
    progress.close()
    assert screen.line[0] == ("研究" * 30)[:19]


def test_seconds_pass_while_nothing_is_reported(screen: Screen) -> None:
    """A long silence is seen to go on."""
    progress = TerminalProgress(screen.stream)
    progress.step("resolving")
    screen.until("0 s")
    screen.until("1 s")
    progress.close()


def test_thousands_of_lines_are_a_few_updates(screen: Screen) -> None:
    """Ten a second at most."""
    progress = TerminalProgress(screen.stream)
    begin = time.monotonic()
    progress.step("installing")
    number = 0
    while number <= 1000 or time.monotonic() < begin + 0.5:
        number += 1
        progress.line(f"line {number}")
    progress.close()
    took = time.monotonic() - begin
    screen.rest()
    assert 1 <= screen.written.count("installing") <= took * 10


def test_a_terminal_that_is_gone_stops_nothing(screen: Screen) -> None:
    """Progress never fails: the installation goes on."""
    screen.stream.close()
    progress = TerminalProgress(screen.stream)
    progress.step("resolving")
    progress.amount(1, 0)
    progress.close()


# -- which one ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("term", "chosen"), [("xterm", "TerminalProgress"), ("dumb", "Silent")])
def test_a_terminal_gets_a_line_if_it_can_go_back_on_it(screen: Screen, term: str, chosen: str) -> None:
    """Standard error decides: standard output may be on its way into a file."""
    code = "from ipython_where.show.notebook.progress_display import progress_for; print(type(progress_for(None)).__name__)"
    argv = [sys.executable, "-c", code]
    env = clean_environ(TERM=term)
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=screen.stream, env=env, text=True, check=True)
    assert done.stdout == f"{chosen}\n"


def test_without_a_terminal_nothing_is_shown() -> None:
    """A log file or a pipe gets the result alone."""
    code = "from ipython_where.show.notebook.progress_display import progress_for; print(type(progress_for(None)).__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean_environ(), check=True)
    assert (done.stdout, done.stderr) == (f"{Silent.__name__}\n", "")


def test_without_standard_error_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without a console has none (`pythonw`)."""
    monkeypatch.setattr(sys, "stderr", None)
    assert isinstance(progress_for(None), Silent)
