"""The kinds of tests: what a test starts, told by the fixtures that it uses, and held against what it really starts.

A test that starts an installer, a kernel or a shell takes the fixture of that name (`tests/conftest.py`), itself or through
another fixture. From these follow its markers, whether `make test` runs it, and which files are started first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # other interpreters import this, too
    import pytest

COSTS = {"peers": 30.0, "workers": 8.0, "faults": 6.0, "server": 3.0, "kernel": 0.7, "installer": 0.7, "shells": 0.5}
"""The kinds, and the seconds that a test of each takes, roughly: enough to start the longest files first."""

LONG = {
    "tests/judge/commands/test_differential.py": 70.0,
    "tests/facts/imports/test_right_answers.py": 35.0,
    "tests/test_secrets_edges.py": 30.0,
    "tests/judge/commands/test_combinations.py": 20.0,
    "tests/facts/distributions/test_damaged.py": 15.0,
    "tests/workers/test_asking.py": 15.0,
    "tests/workers/test_magic.py": 15.0,
    "tests/test_readme.py": 12.0,
    "tests/test_structure.py": 12.0,
    "tests/change/transaction/test_reversal.py": 10.0,
}
"""Files with few tests that take long, and the seconds of each file beyond what its kinds tell."""

SLICE: dict[str, tuple[str, ...]] = {
    "installer": (
        "tests/change/test_pipeline.py::test_what_is_satisfied_starts_nothing",
        "tests/change/commands/test_undo.py::test_undo",
        "tests/change/installers/test_both.py::test_the_same_plan",
        "tests/change/installers/test_both.py::test_the_stage_holds_exactly_the_pins",
        "tests/facts/settings/test_pip_settings.py",
        "tests/facts/shell/test_uv_target.py",
        "tests/test_wheel.py",
    ),
    "kernel": (
        "tests/show/notebook/test_failed_imports.py::test_one_line_comes_below_the_traceback_and_leaves_it_as_it_is",
        "tests/show/notebook/test_progress_display.py",
        "tests/test_safepip_kernel.py::test_a_specifier_needs_no_quotes",
        "tests/test_safepip_kernel.py::test_an_upgrade_of_what_is_loaded_asks_for_a_restart",
    ),
    "server": ("tests/facts/jupyter/test_kernelspec.py",),
    "shells": (
        "tests/judge/commands/test_differential.py::test_each_shell_goes_by_its_own_rules",
        "tests/facts/shell/test_shell.py",
        "tests/show/notebook/test_guard.py",
    ),
    "faults": ("tests/change/test_faults.py::test_killed_with_uv",),
}
"""What `make test` runs of each kind, by file or test: the real things once. Other projects' tests and clusters take too long."""

LATER = (
    "tests/change/transaction/test_reversal.py::test_whatever_is_changed_and_taken_back_the_rest_stands",
    "tests/test_kinds.py::test_the_slice_has_some_of_each_kind",
    "tests/test_kinds.py::test_what_is_left_for_later_is_there",
    "tests/test_secrets_edges.py::test_a_command_shows_no_secret_wherever_it_stands",
)
"""Tests of no kind that `make test` leaves to `make test-all`: they take a minute together, and others like them run."""


def kinds_of(item: pytest.Item) -> list[str]:
    """The kinds of a test."""
    names = getattr(item, "fixturenames", ())
    return [kind for kind in COSTS if kind in names]


def names_of(nodeid: str) -> tuple[str, str]:
    """The file of a test, and the test in it without its parameters."""
    return nodeid.partition("::")[0], nodeid.partition("[")[0]


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests with their kinds, and with `quick` what `make test` runs; put the longest files first.

    A worker that starts the longest file last would be alone with it at the end.
    """
    chosen = {name for names in SLICE.values() for name in names}
    costs: dict[str, float] = dict(LONG)
    for item in items:
        kinds = kinds_of(item)
        for kind in kinds:
            item.add_marker(kind)
        names = names_of(item.nodeid)
        if not chosen.isdisjoint(names) or not (kinds or names[1] in LATER):
            item.add_marker("quick")
        file = item.nodeid.partition("::")[0]
        costs[file] = costs.get(file, 0) + max((COSTS[kind] for kind in kinds), default=0.01)
    items.sort(key=lambda item: -costs[item.nodeid.partition("::")[0]])


def kind_of(argv: Sequence[str]) -> str | None:
    """The kind of a program that is started; None for one that is of no kind."""
    program, line = os.path.basename(argv[0]), " ".join(argv)
    if program in ("sh", "bash", "dash", "zsh", "fish"):
        return "shells"
    if "peers_outcomes" in argv:
        return "peers"
    if re.search(r"\btests[./]faults\b", line):
        return "faults"
    if "ipykernel_launcher" in argv:
        return "kernel"
    if re.search(r" -m (distributed|ipyparallel|ray)\b|\borg\.apache\.spark\b", line):
        return "workers"
    if any(re.match("jupyter[_-]?(server|lab|console|run|kernel)", os.path.basename(word)) for word in argv[:3]):
        return "server"
    if re.fullmatch(r"pip[\d.]*", program) and os.path.exists(os.path.join(os.path.dirname(argv[0]), "python")):
        return "installer"  # without a Python beside it, it is a stand-in
    if program in ("uv", "uvx") or re.search(r" -m pip\b|\bpip\._internal\b|\bchange.driver\b", line):
        return "installer"
    return None


class Starts:
    """What the test that runs has started without the fixture for it."""

    def __init__(self) -> None:
        self.declared: Iterable[str] = COSTS
        self.undeclared: list[tuple[str, str]] = []
        self.is_furnishing = False

    def begin(self, item: pytest.Item) -> None:
        """From now on the test runs, its fixtures first."""
        self.declared, self.undeclared = kinds_of(item), []

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook: a program is started."""
        if event in ("subprocess.Popen", "os.posix_spawn") and not self.is_furnishing:
            words = arguments[1]
            argv = [os.fsdecode(each) for each in ([words] if isinstance(words, str | bytes | os.PathLike) else words)]
        elif event == "os.system":
            argv = ["sh", "-c", os.fsdecode(arguments[0])]
        else:
            return
        kind = kind_of(argv)
        if kind and kind not in self.declared:
            self.undeclared.append((kind, " ".join(argv)))

    def check(self) -> None:
        """A test that starts what no fixture of it tells fails; the first of each kind is named."""
        first = dict(reversed(self.undeclared))
        told = [f"{line!r}: take the fixture `{kind}`" for kind, line in first.items()]
        self.undeclared = []
        assert not told, "\n".join(told)


STARTS = Starts()


@contextmanager
def furnishing() -> Iterator[None]:
    """Meanwhile an environment is made that a test needs: that is not what it tests."""
    before, STARTS.is_furnishing = STARTS.is_furnishing, True
    try:
        yield
    finally:
        STARTS.is_furnishing = before
