"""What is foretold of a command line is what happens when the shell runs it: the same starts, or it is called unknown."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.facts.shell.shells import BASH, DASH, SYSTEM_PATH

from . import corpus, manuals, rules, ways
from .predictions import foretell, is_decided, mistakes
from .recorders import PATHS, Machine
from .recorders import machine as kept_machine
from .starts import furnish, run_line

ZSH = shutil.which("zsh", path=SYSTEM_PATH) or ""
SHELLS = [
    pytest.param(shell, id=name, marks=pytest.mark.skipif(not shell, reason=f"needs {name}"))
    for name, shell in {"bash": BASH, "dash": DASH, "zsh": ZSH}.items()
]
GROUPS = {
    name.lower(): [each for each in text.strip("\n").split("\n\n" if name == "CELLS" else "\n") if each]
    for name, text in vars(corpus).items()
    if name.isupper()
}
Kind = Literal["decided", "unknown", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A line in one run: how it was foretold, whether it started anything, and what was wrong."""

    group: str
    line: str
    kind: Kind
    started: bool
    complaints: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def machine() -> Machine:
    return kept_machine()


def test_the_corpus_is_large_and_has_no_line_twice() -> None:
    lines = [line for group in GROUPS.values() for line in group]
    assert len(lines) >= 350
    assert [line for line, times in Counter(lines).items() if times > 1] == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.usefixtures("shells")
def test_what_is_foretold_happens(
    shell: str, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = list(_trials(shell, machine, tmp_path))
    wrong = [trial for trial in trials if trial.kind == "wrong"]
    with capsys.disabled():
        print("\n" + _table(Path(shell).name, trials))
    assert not wrong, "\n\n".join("\n  ".join([f"{each.group}: {each.line}", *each.complaints]) for each in wrong)
    assert _share(trials) >= 0.95


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.usefixtures("shells")
def test_each_shell_goes_by_its_own_rules(
    shell: str, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every line in every shell, as what is an error in one is none in another, and what lasts in one ends in another."""
    lines = rules.RULES.strip().splitlines()
    assert len(lines) == len(set(lines)) > 500
    trials = [
        _try("rules", line, shell, machine, "quick", tmp_path / str(number), failing=number % 5 == 0)
        for number, line in enumerate(lines)
    ]
    wrong = [trial for trial in trials if trial.kind == "wrong"]
    with capsys.disabled():
        print(f"\n{Path(shell).name}: {len(trials)} lines of rules, {_share(trials):.1%} decided, {len(wrong)} wrong")
    assert not wrong, "\n\n".join("\n  ".join([each.line, *each.complaints]) for each in wrong)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.usefixtures("shells")
def test_what_the_manuals_say_is_foretold(
    shell: str, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = Path(shell).name.upper()
    lines = [*vars(manuals)[name].strip("\n").split("\n"), *vars(manuals)[f"{name}_CELLS"].strip("\n").split("\n\n")]
    assert len(lines) == len(set(lines))
    trials = []
    for number, line in enumerate(lines):
        path = "conda" if CONDA.search(line) else "quick"
        for failing in (False, True) if STATUS_DECIDES.search(line) else (False,):
            trials.append(
                _try("manuals", line, shell, machine, path, tmp_path / f"{number}-{failing}", failing=failing)
            )
    wrong = [trial for trial in trials if trial.kind == "wrong"]
    with capsys.disabled():
        print(f"\n{name.lower()}: {len(lines)} lines of manuals, {_share(trials):.1%} decided, {len(wrong)} wrong")
    assert not wrong, "\n\n".join("\n  ".join([each.line, *each.complaints]) for each in wrong)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.usefixtures("shells")
def test_each_way_to_a_manager_is_foretold(
    shell: str, machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was wrong once in every shell, and a third of the others in each."""
    groups = {name: text.strip("\n").split("\n") for name, text in vars(ways).items() if name.isupper()}
    others = [line for name, lines in groups.items() if name != "MENDED" for line in lines]
    lines = [*groups["MENDED"], *others[[BASH, DASH, ZSH].index(shell) :: 3]]
    assert len({*groups["MENDED"], *others}) == len(groups["MENDED"]) + len(others) > 1000
    trials = []
    for number, line in enumerate(lines):
        text, path = line.replace("␤", "\n"), "conda" if CONDA.search(line) else "quick"
        both = STATUS_DECIDES.search(line) and line in groups["MENDED"]
        for failing in (False, True) if both else (number % 4 == 0,):
            trials.append(_try("ways", text, shell, machine, path, tmp_path / f"{number}-{failing}", failing=failing))
    wrong = [trial for trial in trials if trial.kind == "wrong"]
    with capsys.disabled():
        print(f"\n{Path(shell).name}: {len(lines)} lines of ways, {_share(trials):.1%} decided, {len(wrong)} wrong")
    assert not wrong, "\n\n".join("\n  ".join([each.line, *each.complaints]) for each in wrong)


def _share(trials: list[Trial]) -> float:
    """How much is decided of what can be."""
    kinds = [trial.kind for trial in trials if trial.group != "undecidable"]
    return kinds.count("decided") / len(kinds)


def _trials(shell: str, machine: Machine, tmp_path: Path) -> Iterator[Trial]:
    """Each line with one PATH, the programs with every one; those in which a status decides with failing managers, too.

    A shell more changes nothing of who is meant: all but bash have the PATH that answers quickly.
    """
    names = [name for name in PATHS if name != "quick"] if shell == BASH else ["quick"]
    numbered = enumerate((group, line) for group, lines in GROUPS.items() for line in lines)
    for number, (group, line) in numbered:
        paths = names if group == "programs" else ["conda"] if CONDA.search(line) else [names[number % len(names)]]
        for path in paths:
            yield _try(group, line, shell, machine, path, tmp_path / f"{number}-{path}", failing=False)
        if STATUS_DECIDES.search(line):
            yield _try(group, line, shell, machine, "quick", tmp_path / f"{number}-failing", failing=True)


CONDA = re.compile("conda|mamba")
STATUS_DECIDES = re.compile(r"&&|\|\||\b(if|while|until)\b|set -|!")


def _try(group: str, line: str, shell: str, machine: Machine, path: str, cwd: Path, *, failing: bool) -> Trial:
    text = machine.fill(line)
    environ = machine.environ(path, shell)
    cwd.mkdir()
    furnish(cwd, machine.root)
    invocations = foretell(text, machine, shell, environ, cwd)
    starts = run_line(text, shell, environ, cwd, failing=failing)
    complaints = mistakes(text, invocations, starts, str(machine.root / "venv"))
    kind: Kind = "wrong" if complaints else "decided" if is_decided(invocations) else "unknown"
    where = f"with the PATH {path!r}, managers that {'fail' if failing else 'succeed'}"
    return Trial(
        group=group, line=line, kind=kind, started=bool(starts), complaints=(where, *complaints) if complaints else ()
    )


def _table(shell: str, trials: list[Trial]) -> str:
    rows = [f"{shell:14}{'runs':>8}{'decided':>9}{'unknown':>9}{'wrong':>7}"]
    for group in (*GROUPS, "all"):
        kinds = [trial.kind for trial in trials if group in (trial.group, "all")]
        counts = [kinds.count("decided"), kinds.count("unknown"), kinds.count("wrong")]
        rows.append(f"{group:14}{len(kinds):8}{counts[0]:9}{counts[1]:9}{counts[2]:7}")
    return "\n".join([*rows, f"{_share(trials):.1%} decided, without the undecidable"])
