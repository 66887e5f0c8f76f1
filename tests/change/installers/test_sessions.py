"""Programs that are started once: each command as if it were the first, and nobody left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ipython_where.change.installers.interface import Command
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.sessions import Children
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import CommandError
from ipython_where.facts.files import read_utf8
from ipython_where.runner import Completed
from tests import environments
from tests.faults.trees import read_tree, without_compiled
from tests.processes import BUSY, until_gone
from tests.processes import until as wait_until

from . import local

pytestmark = pytest.mark.skipif(os.name != "posix", reason="children of other systems inherit no descriptors")

PROGRAM = """
import json, os, signal, sys, time
words = sys.argv[1:]
print(json.dumps({
    "pid": os.getpid(), "words": words, "name": __name__, "session": os.getsid(0), "cwd": os.getcwd(),
    "mark": os.environ.get("MARK"), "path": sys.path[:1], "open": os.listdir("/proc/self/fd"), "in": sys.stdin.read(),
}))
print("beside", file=sys.stderr)
os.environ["MARK"] = "left"
os.chdir("/")
if "die" in words:
    os.kill(os.getpid(), signal.SIGKILL)
if "raise" in words:
    raise RuntimeError("broken")
if "hang" in words:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("hanging", flush=True)
    time.sleep(600)
sys.exit(int(words[0]) if words[0].isdigit() else "no number")
"""


@pytest.fixture
def program(tmp_path: Path) -> Command:
    """A program that may stay, without its words, in a folder that lies in wait for imports."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "runpy.py").write_text("raise SystemExit('hijacked')\n")
    start = (sys.executable, "-P", str(tmp_path / "program.py"))
    return Command(argv=start, start=start, env=environments.clean_environ(), cwd=str(tmp_path))


def run(children: Children, program: Command, *words: str, data: bool = False) -> tuple[Completed, dict[str, Any]]:
    """A command of the program, and what it says of itself."""
    shown: list[str] = []
    done = children(replace(program, argv=(*program.start, *words)), show=shown.append, data=data)
    assert sorted(shown) == sorted([*([] if data else done.stdout.splitlines()), *done.stderr.splitlines()])
    return done, json.loads(done.stdout.splitlines()[0])


def test_each_command_finds_the_process_as_the_first_did(program: Command) -> None:
    """One process, with its own session, no input, and the variables and the folder that it was started with."""
    with Children() as children:
        first, one = run(children, program, "0")
        second, two = run(children, program, "7", "a b", data=True)
    assert (first.returncode, second.returncode) == (0, 7)
    assert (one["words"], two["words"]) == (["0"], ["7", "a b"])
    assert one["pid"] == two["pid"] == one["session"] != os.getsid(0)
    assert {key: one[key] for key in ("mark", "cwd", "in", "name")} == {
        "mark": None,
        "cwd": program.cwd,
        "in": "",
        "name": "__main__",
    }
    assert {**one, "words": two["words"]} == two
    assert (first.stderr, second.stderr) == ("beside", "beside")


def test_an_end_that_is_no_number_is_a_failure_as_python_has_it(program: Command) -> None:
    """A message for `sys.exit`, and an exception; the process goes on."""
    with Children() as children:
        named, one = run(children, program, "what")
        broken, two = run(children, program, "raise")
    assert (named.returncode, named.stderr) == (1, "beside\nno number")
    assert (broken.returncode, broken.stderr.splitlines()[-1]) == (1, "RuntimeError: broken")
    assert one["pid"] == two["pid"]


def test_a_program_that_was_killed_is_started_again(program: Command) -> None:
    """Its signal is its exit status."""
    with Children() as children:
        run(children, program, "0")
        shown: list[str] = []
        died = children(replace(program, argv=(*program.start, "die")), show=shown.append)
        again, _ = run(children, program, "0")
    assert (died.returncode, again.returncode) == (-signal.SIGKILL, 0)


def test_an_error_meanwhile_ends_the_process(program: Command) -> None:
    """It may be in the middle of a command: the next one gets another."""

    def refuse() -> None:
        raise ValueError("refused")

    with Children() as children:
        _, one = run(children, program, "0")
        with pytest.raises(ValueError, match="refused"):
            children(replace(program, argv=(*program.start, "hang")), show=print, meanwhile=refuse)
        assert not Path(f"/proc/{one['pid']}").exists()
        done, two = run(children, program, "0")
    assert (done.returncode, one["pid"] == two["pid"]) == (0, False)


def test_another_world_is_another_process(program: Command) -> None:
    """Variables are those of the command, never of an earlier one."""
    with Children() as children:
        _, one = run(children, program, "0")
        _, two = run(children, replace(program, env={**program.env, "MARK": "mine"}), "0")
    assert (one["mark"], two["mark"]) == (None, "mine")
    assert one["pid"] != two["pid"]
    assert not Path(f"/proc/{one['pid']}").exists()


def test_the_process_holds_what_it_is_given_and_ends_with_the_block(program: Command, tmp_path: Path) -> None:
    """A lock is held by it; afterwards nobody is there."""
    with open(tmp_path / "lock", "w") as lock:
        with Children(keep=(lock.fileno(),)) as children:
            _, told = run(children, program, "0")
        assert str(lock.fileno()) in told["open"]
    assert not Path(f"/proc/{told['pid']}").exists()


PARENT = """
import os, sys
from ipython_where.change.installers.sessions import Children
from ipython_where.change.installers.interface import Command
start = (sys.executable, "-P", sys.argv[1])
def show(line):
    print(line, flush=True)
with Children() as children:
    command = Command(argv=(*start, "0"), start=start, env=dict(os.environ), cwd="/", kept=sys.argv[2])
    children(command, show=show)
    print("waiting", flush=True)
    try:
        children(Command(argv=(*start, "hang"), start=start, env=command.env, cwd="/"), show=show)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.fixture
def parent(program: Command) -> Iterator[subprocess.Popen[str]]:
    """A process that has run the program once, and then a second time, which does not end."""
    argv = [sys.executable, "-c", PARENT, program.start[-1], ""]
    environ = environments.clean_environ()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environ, cwd=environments.ROOT) as process:
        yield process
        process.kill()


def until(process: subprocess.Popen[str], line: str) -> dict[str, Any]:
    """Read up to a line; what the program said of itself before it."""
    assert process.stdout is not None
    told: dict[str, Any] = {}
    for each in process.stdout:
        if each.startswith("{"):
            told = json.loads(each)
        if each == f"{line}\n":
            return told
    raise AssertionError(f"it ended before `{line}`")


def test_an_interrupt_ends_a_stubborn_command(parent: subprocess.Popen[str]) -> None:
    """It is asked, then killed."""
    pid = until(parent, "hanging")["pid"]
    begin = time.monotonic()
    parent.send_signal(signal.SIGINT)
    until(parent, "interrupted")
    assert time.monotonic() - begin < BUSY
    assert parent.wait(300) == 0
    until_gone(pid)


def test_a_program_that_waits_ends_with_its_parent(program: Command, tmp_path: Path) -> None:
    """Whoever was to say what comes next was killed: the lock must not be held for ever, nor what was downloaded stay."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "lib-1.0-py3-none-any.whl").write_bytes(b"")
    idle = PARENT.replace("    try:\n", "    sys.stdin.read()\n    try:\n")
    argv = [sys.executable, "-c", idle, program.start[-1], str(kept)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(argv, **pipes, env=environments.clean_environ(), cwd=environments.ROOT) as process:
        pid = until(process, "waiting")["pid"]
        assert kept.exists()
        process.kill()
        process.wait()
    until_gone(pid)
    assert not kept.exists()


def test_what_was_kept_stays_for_the_next_process(program: Command, tmp_path: Path) -> None:
    """One that is told to end leaves it: another world is another process, and needs it."""
    kept = tmp_path / "kept"
    kept.mkdir()
    with Children() as children:
        run(children, replace(program, kept=str(kept)), "0")
        run(children, replace(program, env={**program.env, "MARK": "mine"}), "0")
    assert kept.exists()


@pytest.mark.parametrize("version", ["22.2.2", "24.1", None])
@pytest.mark.usefixtures("installer")
def test_a_pip_that_stays_stages_what_a_new_one_would(version: str | None, tmp_path: Path) -> None:
    """The oldest that has a report, one that has lines for a bar, and today's: files, modes, plan and all."""
    wheels = local.standard_wheels(tmp_path / "wheels")
    prefix = environments.kept("pip-that-stays", [f"pip=={version}" if version else "pip>=26"])
    site = local.site_for(prefix, tmp_path / "private", tmp_path)
    pip = Pip(start=(site.executable, "-P", "-m", "pip"), how="", version=version or "26.1")
    asked = parse_request(split_line(f"install --no-index -f {wheels} alpha[more]"))
    started: list[tuple[str, ...]] = []

    def staged(run: Any, folder: Path) -> Path:
        plan = pip.plan(asked, site)
        done = run(plan)
        pins = pip.parse_plan(done, asked, site)
        assert sorted((pin.name, pin.requested) for pin in pins) == [("alpha", True), ("beta", False), ("gamma", False)]
        for command in pip.stage(pins, str(folder), asked, site):
            assert run(command).returncode == 0
            started.append(command.start)
        return folder

    with Children() as children:

        def once_more(command: Command) -> Completed:
            for path, text in command.files:
                Path(path).write_text(text)
            done = children(command, show=lambda line: None)
            return done if command.answer is None else replace(done, stdout=read_utf8(command.answer) or "")

        stayed = read_tree(staged(once_more, tmp_path / "stayed"))
    fresh = read_tree(staged(local.carry_out, tmp_path / "fresh"))
    assert len(fresh) > 10
    assert without_compiled(stayed) == without_compiled(fresh)
    assert all(started)


@pytest.fixture
def waiting(program: Command) -> Command:
    """The program where it reads its input: it can be started before that is known."""
    return replace(program, argv=(*program.start, "0"), start=(), input="")


def said_by(children: Children, command: Command) -> dict[str, Any]:
    done = children(command, show=lambda line: None)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    return said


def started_for(command: Command) -> int:
    """The one process that runs the command as this process's child: other tests may have left children of theirs."""

    def running() -> list[int]:
        listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        return [int(each) for each in listed if has_arguments(each)]

    def has_arguments(pid: str) -> bool:
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return arguments == [os.fsencode(each) for each in command.argv]

    wait_until(lambda: len(running()) == 1)
    return running()[0]


def test_what_was_started_ahead_gets_its_input(waiting: Command) -> None:
    """It is the same process; the next one is another."""
    text = "many pins\n" * 20_000  # more than a pipe holds
    with Children() as children:
        children.start_ahead(waiting)
        ahead = started_for(waiting)
        first, second = (said_by(children, replace(waiting, input=each)) for each in (text, "few"))
    assert first["pid"] == ahead != second["pid"]
    assert (first["in"], second["in"]) == (text, "few")


@pytest.mark.parametrize("change", [{"argv": ("1",)}, {"cwd": "/"}, {"env": {"MARK": "other"}}])
def test_another_command_is_started_by_itself(waiting: Command, change: dict[str, Any]) -> None:
    """What waits for another one ends with the block, without its input."""
    other = replace(waiting, **change) if "argv" not in change else replace(waiting, argv=(*waiting.argv, "1"))
    with Children() as children:
        children.start_ahead(waiting)
        ahead = started_for(waiting)
        assert said_by(children, replace(other, input="pins"))["pid"] != ahead
        assert Path(f"/proc/{ahead}").exists()
    until_gone(ahead)


def test_what_cannot_be_started_ahead_says_so_when_it_is_run(waiting: Command) -> None:
    """As if nothing had been tried before."""
    missing = replace(waiting, argv=("/no/such/program",))
    with Children() as children:
        children.start_ahead(missing)
        with pytest.raises(CommandError, match="cannot be started"):
            children(missing, show=print)
