"""The installer's process: its lines, its session, and that an interrupt ends it with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ipython_where.change.installers.interface import Command
from ipython_where.change.installers.process import run_child
from ipython_where.errors import CommandError
from tests.environments import ROOT, clean_environ
from tests.processes import BUSY, until, until_gone

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sessions and signals of POSIX")


def run(code: str, shown: list[str] | None = None) -> tuple[int, str, str]:
    lines: list[str] = [] if shown is None else shown
    done = run_child(Command(argv=(sys.executable, "-c", code), env=clean_environ(), cwd="/"), show=lines.append)
    return done.returncode, done.stdout, done.stderr


def test_lines_are_shown_as_they_come_and_kept_apart() -> None:
    shown: list[str] = []
    code = "import sys\nprint('one', flush=True)\nprint('two', file=sys.stderr, flush=True)\nprint('three', end='')\nsys.exit(3)"
    assert run(code, shown) == (3, "one\nthree", "two")
    assert sorted(shown) == ["one", "three", "two"]


def test_a_bar_that_returns_to_the_start_of_its_line_gives_lines() -> None:
    assert run("print('10%\\r50%\\r100%')")[1] == "10%\n50%\n100%"


def test_there_is_no_standard_input_and_the_session_is_its_own() -> None:
    assert run("import os, sys; print(repr(sys.stdin.read()), os.getsid(0) == os.getpid())")[1] == "'' True"


def test_a_program_that_cannot_be_started_is_a_clear_error() -> None:
    with pytest.raises(CommandError, match="`/no/such/program` cannot be started"):
        run_child(Command(argv=("/no/such/program",), env={}, cwd="/"), show=print)


def test_more_output_than_a_pipe_holds_is_read_whole() -> None:
    code, output, errors = run("import sys\nfor i in range(20000): print(i); print(i, file=sys.stderr)")
    assert (code, output.count("\n"), errors.count("\n")) == (0, 19999, 19999)


def test_what_is_done_meanwhile_does_not_wait_for_the_child_nor_lose_its_lines(tmp_path: Path) -> None:
    """The child goes on as far as its pipes hold what it writes; nothing of that is shown before."""
    started, go_on = tmp_path / "started", tmp_path / "go on"
    code = (
        f"import os, sys, time\nprint('first', flush=True)\nopen({str(started)!r}, 'w').close()\n"
        f"end = time.monotonic() + 300\n"
        f"while not os.path.exists({str(go_on)!r}): assert time.monotonic() < end\n"
        "for i in range(20000): print(i); print(i, file=sys.stderr)"
    )
    shown: list[str] = []
    seen: list[list[str]] = []

    def meanwhile() -> None:
        until(started.exists)
        seen.append(list(shown))
        go_on.touch()

    command = Command(argv=(sys.executable, "-c", code), env=clean_environ(), cwd="/")
    done = run_child(command, show=shown.append, meanwhile=meanwhile)
    assert seen == [[]]
    assert (done.returncode, done.stdout.count("\n"), done.stderr.count("\n")) == (0, 20000, 19999)
    assert len(shown) == 40001


@pytest.mark.parametrize("error", [KeyboardInterrupt, CommandError("this may not be")])
def test_an_error_meanwhile_ends_the_child(error: BaseException | type[BaseException], tmp_path: Path) -> None:
    """A plan that is refused while an installer still answers, or an interrupt."""
    started = tmp_path / "started"
    code = f"import os, time\nos.symlink(str(os.getpid()), {str(started)!r})\ntime.sleep(600)"

    def meanwhile() -> None:
        until(lambda: os.path.lexists(started))
        raise error

    begin = time.monotonic()
    with pytest.raises(error if isinstance(error, type) else type(error)):
        run_child(
            Command(argv=(sys.executable, "-c", code), env=clean_environ(), cwd="/"), show=print, meanwhile=meanwhile
        )
    assert time.monotonic() - begin < BUSY
    with pytest.raises(ProcessLookupError):
        os.kill(int(os.readlink(started)), 0)


def test_an_interrupt_ends_the_child_and_its_child(tmp_path: Path) -> None:
    """A stubborn installer, which ignores SIGTERM, and its own child: both are gone after one interrupt."""
    script = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"sub = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'new')!r}, 'w').write(f'{{os.getpid()}} {{sub.pid}}')\n"
        f"os.rename({str(tmp_path / 'new')!r}, {str(tmp_path / 'pids')!r})\n"
        "time.sleep(600)\n"
    )
    parent = (
        "import sys, os\nfrom ipython_where.change.installers.process import run_child\n"
        "from ipython_where.change.installers.interface import Command\n"
        f"command = Command(argv=(sys.executable, '-c', {script!r}), env=dict(os.environ), cwd='/')\n"
        "try:\n    run_child(command, show=print)\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, env=clean_environ(), cwd=ROOT
    ) as kernel:
        until(lambda: kernel.poll() is not None or (tmp_path / "pids").exists())
        started = time.monotonic()
        kernel.send_signal(signal.SIGINT)
        output, _ = kernel.communicate(timeout=300)
        took = time.monotonic() - started
    assert output == "interrupted\n"
    assert took < BUSY
    for pid in (tmp_path / "pids").read_text().split():
        until_gone(int(pid))
