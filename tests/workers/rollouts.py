"""Rollouts in tests: environments to change, workers in them, and a kernel that types lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ipython_where.change.installers.progress import Silent
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.transaction.unfinished import STORE
from ipython_where.change.values import RolloutAnswer
from ipython_where.errors import WhereError
from ipython_where.workers.asking import Client
from ipython_where.workers.engine import Reply
from ipython_where.workers.rollout import RolloutError, roll_out
from tests import environments
from tests.change.sessions import clean_world
from tests.change.transaction.worlds import Snapshot, snapshot
from tests.faults.wheels import write_wheel

from .processes import Interpreters, Workers, workers_of

OLD = "3.9"
OTHER = "3.13"


def python_of(series: str) -> str:
    """A Python of that series; where there is none, the test is about nothing."""
    found = environments.pyenv_pythons(f"{series}*")
    if not found:
        pytest.skip(f"there is no Python {series}")
    return str(found[-1])


def make_wheels(folder: Path) -> Path:
    """An index of three distributions."""
    write_wheel(folder, "leaf", "1.0")
    write_wheel(folder, "leaf", "2.0")
    write_wheel(folder, "tree", "1.0", requires=["leaf>=1"])
    return folder


def world(tmp_path: Path, **more: str) -> dict[str, str]:
    """A worker's variables: nothing of this project is on its path."""
    found = {**clean_world(tmp_path / "home"), **more}
    del found["PYTHONPATH"]
    return found


def make(tmp_path: Path, **series: str | None) -> dict[str, Path]:
    """Environments made by uv, which leaves out pip, by name; None is the Python of this test run."""
    return {
        name: environments.make_in(tmp_path / name, python=each and python_of(each)) for name, each in series.items()
    }


def python_in(prefix: Path) -> Path:
    return prefix / "bin" / "python"


class Recorded(Silent):
    """A progress that calls back at each step."""

    def __init__(self, at: Callable[[str], object] = lambda name: None) -> None:
        self.at = at

    def step(self, name: str) -> None:
        self.at(name)


class Kernel:
    """Who types the lines."""

    def __init__(self, workers: Workers, options: str = "") -> None:
        self.engine = Interpreters()
        self.workers = workers
        self.options = options

    def __call__(
        self, line: str, *, at: Callable[[str], object] = lambda name: None, patience: float = 60.0
    ) -> RolloutAnswer:
        """Carry out a line, on `client`."""
        command, _, rest = line.partition(" ")
        options = self.options if command == "install" else ""
        request = parse_request(split_line(f"{command} {options} {rest} --on client"))
        client = Client(engine=self.engine, client=self.workers, name="client")
        return roll_out(request, client, Recorded(at), patience=patience)

    def refused(self, line: str, **more: Any) -> RolloutError | WhereError:
        """Carry out a line that must be refused."""
        with pytest.raises(WhereError) as raised:
            self(line, **more)
        return raised.value


@contextmanager
def kernel(
    tmp_path: Path,
    pythons: Mapping[str, Path],
    wheels: Path,
    *,
    start: Mapping[str, Sequence[str]] | None = None,
    variables: Mapping[str, str] | None = None,
    kills: bool = False,
) -> Iterator[Kernel]:
    """A kernel with workers by name, which leave nothing in their temporary folder.

    ``kills``: leaders are killed; their folders wait for the next sweep, and nobody may hold them.
    """
    environ = world(tmp_path, **(variables or {}))
    with workers_of(pythons, environ, tmp_path, start=start or {}) as workers:
        yield Kernel(workers, f"--no-index -f {wheels}")
    if kills:
        until(
            lambda: not any(f"{environ['TMPDIR']}/safepip-" in file for file in held_files()), "nobody holds a folder"
        )
    else:
        until(lambda: left_in(environ["TMPDIR"]) == [], "all private folders are gone")


def joining(run: Kernel, prefix: Path, tmp_path: Path, **variables: str) -> subprocess.Popen[str]:
    """A worker that joins, in this environment."""
    process = subprocess.Popen(
        [python_in(prefix), "-c", "import sys; print(eval(sys.stdin.read()))"],
        env=world(tmp_path, **variables),
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(run.engine.later["safepip"])
    process.stdin.close()
    process.stdin = None
    return process


def joined(run: Kernel, prefix: Path, tmp_path: Path, **variables: str) -> str:
    """What a worker says that has joined."""
    out, said = joining(run, prefix, tmp_path, **variables).communicate()
    assert out == "{}\n"
    return said


@contextmanager
def late(
    tmp_path: Path, wheels: Path, line: str = "install tree", *, kills: bool = False
) -> Iterator[tuple[Kernel, Path]]:
    """After this line, there is an environment for a late worker, with the same content."""
    prefixes = make(tmp_path, a=None, late=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels, kills=kills) as run:
        run(line)
        yield run, prefixes["late"]


@contextmanager
def _asked_by(run: Kernel, asking: Callable[..., Mapping[str, Reply]]) -> Iterator[None]:
    ask = run.engine.run_everywhere
    run.engine.run_everywhere = asking  # type: ignore[method-assign]
    try:
        yield
    finally:
        run.engine.run_everywhere = ask  # type: ignore[method-assign]


@contextmanager
def striking(run: Kernel, worker: str, prefix: Path, strike: Callable[[], object]) -> Iterator[None]:
    """Meanwhile, strike once: as soon as the leader that this worker started holds its environment's lock.

    It keeps the lock until it is told to go on, and the kernel cannot have told it before it has asked for the first time.
    """
    ask = run.engine.run_everywhere
    started: list[bool] = []

    def asking(client: Any, expression: str, **more: Any) -> Mapping[str, Reply]:
        if started and "('poll', " in expression:
            run.engine.run_everywhere = ask  # type: ignore[method-assign]
            until(lambda: bool(leaders_of(prefix)), "the leader is at work")
            strike()
        replies = ask(client, expression, **more)
        if "('start', " in expression and worker in more["workers"]:
            started.append(True)
        return replies

    with _asked_by(run, asking):
        yield


@contextmanager
def at_the_word_to_go(
    run: Kernel, *, before: Callable[[], object] = lambda: None, after: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Meanwhile, do something before and after the leaders are told to go, once."""
    ask = run.engine.run_everywhere

    def asking(client: Any, expression: str, **more: Any) -> Mapping[str, Reply]:
        if ': "go"' not in expression:
            return ask(client, expression, **more)
        run.engine.run_everywhere = ask  # type: ignore[method-assign]
        before()
        replies = ask(client, expression, **more)
        after()
        return replies

    with _asked_by(run, asking):
        yield


def interrupt() -> None:
    """What the stop button does."""
    raise KeyboardInterrupt


def states_in(folder: str) -> list[dict[str, Any]]:
    """What the leaders have said last whose private folders are in it."""
    found: list[dict[str, Any]] = []
    for each in left_in(folder):
        with suppress(OSError), open(f"{folder}/{each}/state", encoding="utf-8") as file:
            found.append(json.load(file))
    return found


def left_in(folder: str) -> list[str]:
    return [each for each in os.listdir(folder) if each.startswith("safepip-")]


def until(holds: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


def installed(prefix: Path) -> dict[str, str]:
    """What is installed, by name."""
    names = (path.name.removesuffix(".dist-info") for path in environments.site_packages(prefix).glob("*.dist-info"))
    return dict(sorted(name.rsplit("-", 1) for name in names))


def files(prefix: Path) -> Snapshot:
    """All that an environment has, but what is kept for an undo."""
    return snapshot(prefix)


def outcomes(answer: RolloutAnswer) -> dict[str, str]:
    """What came of each environment, by its folder's name."""
    return {os.path.basename(each.prefix): each.outcome for each in answer.parts}


def leaders_of(prefix: Path) -> list[int]:
    """The leaders that change an environment, by what they hold: the processes of its lock's file."""
    return [pid for pid in processes() if f"{prefix}/{STORE}/lock" in open_files(pid)]


def kill_leaders(prefix: Path) -> list[int]:
    """Kill them; they are dead then, and hold no lock any more."""
    killed = leaders_of(prefix)
    for pid in killed:
        with suppress(ProcessLookupError):  # a program that a leader had started ended by itself
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(runs, killed)), "they are dead")
    return killed


def runs(pid: int) -> bool:
    """Whether there is a process that is no zombie, or a thread of it that has not ended."""
    try:
        is_zombie = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return not is_zombie or len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


def held_files() -> list[str]:
    """All files that any process has open."""
    return [file for pid in processes() for file in open_files(pid)]


def processes() -> list[int]:
    return [int(each) for each in os.listdir("/proc") if each.isdigit()]


def open_files(pid: int) -> list[str]:
    """What a process has open. A file that it closes meanwhile says nothing of the others."""
    found: list[str] = []
    with suppress(OSError):  # the process has ended
        for each in os.listdir(f"/proc/{pid}/fd"):
            with suppress(FileNotFoundError):
                found.append(os.readlink(f"/proc/{pid}/fd/{each}"))
    return found
