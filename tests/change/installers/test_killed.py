"""What is said of an installer that a signal ended."""

from __future__ import annotations

import signal

import pytest

from ipython_where.change.installers.killed import killed_error, memory_hint, read_memory_kills

FREE = "free some memory (other kernels hold most of it), then run this again"


def lines(number: int, *, memory: bool = False) -> list[str]:
    return killed_error("/e/bin/uv", -number, ran_out_of_memory=memory).lines()


def test_memory_that_is_proven() -> None:
    """The kernel counts what it kills for want of memory."""
    assert lines(signal.SIGKILL, memory=True) == [
        "the installer was killed (SIGKILL), before anything was changed",
        "  program  /e/bin/uv",
        "  memory   the machine ran out of memory and killed a process",
        "",
        f"hint: {FREE}",
    ]
    assert read_memory_kills() >= 0


@pytest.mark.parametrize(
    ("number", "first", "hint"),
    [
        (signal.SIGKILL, "was killed (SIGKILL)", f"too little memory is the usual cause: {FREE}"),
        (signal.SIGILL, "crashed (SIGILL)", "`--with pip` or `--with uv` selects the other installer"),
        (signal.SIGXCPU, "was killed (SIGXCPU)", "the process reached a resource limit: `!ulimit -a` lists them"),
        (signal.SIGHUP, "was killed (SIGHUP)", "something on this machine killed it; run this again"),
        (63, "was killed (signal 63)", "something on this machine killed it; run this again"),
    ],
)
def test_the_signal_is_named(number: int, first: str, hint: str) -> None:
    """With what helps against it."""
    said = lines(number)
    assert said[0] == f"the installer {first}, before anything was changed"
    assert said[-1] == f"hint: {hint}"


@pytest.mark.parametrize(
    "output",
    [
        "  Building wheel for x (pyproject.toml) did not run successfully.\n  │ exit code: -9",
        "  ╰─▶ The build backend returned an error\n  Call to `backend.build_wheel` failed (signal: 9 (SIGKILL))",
        "c++: fatal error: Killed signal terminated program cc1plus",
        "g++: internal compiler error: Killed: signal: 9",
        "MemoryError",
        "virtual memory exhausted: Cannot allocate memory",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "subprocess.CalledProcessError: died with <Signals.SIGKILL: 9>.",
    ],
)
def test_a_build_that_got_no_memory(output: str) -> None:
    """As pip, uv, compilers and Python say it."""
    assert memory_hint(output) is not None


@pytest.mark.parametrize("output", ["exit code: 1", "error: exit code: -11", "exit-code: -91", "no killer app", ""])
def test_another_failure_is_none_of_memory(output: str) -> None:
    """Nothing is guessed."""
    assert memory_hint(output) is None
