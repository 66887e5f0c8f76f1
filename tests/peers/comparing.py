"""Whether another project's own tests end with the extension as they do without it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import environments

from .suites import Outcomes, Suite, run

SHELLS = {
    "ipython": {"InteractiveShellEmbed", "TerminalInteractiveShell"},
    "ipykernel": {"ZMQInteractiveShell"},
}
"""The shells that each suite makes, at the least."""


def without(suite: Suite) -> Outcomes:
    """How the suite ends without the extension, kept beside what it was run with."""

    def make(folder: Path) -> None:
        (folder / "kept.json").write_text(json.dumps(dict(run(suite, folder, None).outcomes)))

    recipe = (suite.source.name, suite.prefix.name, suite.options, suite.left_out)
    kept = environments.kept_folder(f"suite-without-{suite.project}", recipe, make)
    outcomes: Outcomes = json.loads((kept / "kept.json").read_text())
    return outcomes


def differences(before: Outcomes, after: Outcomes) -> dict[str, tuple[str | None, str | None]]:
    """The tests that ended otherwise, or that only one of the two has, in the files that were run afterwards."""
    files = {file_of(name) for name in after}
    names = {*after, *(name for name in before if file_of(name) in files)}
    ends = {name: (before.get(name), after.get(name)) for name in sorted(names)}
    return {name: pair for name, pair in ends.items() if pair[0] != pair[1]}


def file_of(test: str) -> str:
    """The file of a test."""
    return test.partition("::")[0]


def compare(suite: Suite, mode: str, tmp_path: Path) -> None:
    """Test by test: passed, failed or skipped; each shell of theirs, in their child processes too, has the extension.

    The default mode runs all that does not take long, the others what a mode could touch.
    """
    files = () if mode == "warn" else suite.core_files
    with ThreadPoolExecutor(1) as beside:  # both wait for kernels most of the time
        kept = beside.submit(without, suite)
        after = run(suite, tmp_path / "first", mode, files)
        before = kept.result()
    assert {file_of(name) for name in after.outcomes} >= set(files)
    assert set(after.shells) >= SHELLS[suite.project] and after.processes > 1
    passed = sum(end == "passed" for end in after.outcomes.values())
    print(f"{suite.project}, {mode}: {passed} of {len(after.outcomes)} passed, {after.processes} processes with shells")
    found = differences(before, after.outcomes)
    if found:  # some of their tests measure time, and the machine may be busy: what is no accident is seen again
        again = sorted(set(map(file_of, found)))
        before = run(suite, tmp_path / "without", None, again).outcomes
        found = differences(before, run(suite, tmp_path / "again", mode, again).outcomes)
    assert not found, "\n".join(f"{name}: {without}, but {loaded}" for name, (without, loaded) in found.items())
