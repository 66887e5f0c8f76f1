"""`python -m ipython_where undo`, `history` and `recover`, where no kernel starts any more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipython_where.change.transaction.transaction import Store
from ipython_where.change.values import Change
from ipython_where.errors import WhereError

from . import environments
from .change.sessions import clean_world, make_environment, session
from .change.steps.test_file_clashes import KERNEL, make_kernel
from .change.transaction.worlds import Fault, FaultyDisk, broken_disk, install, snapshot
from .faults.wheels import write_wheel

BROKEN = (
    "IPython",
    "ipykernel",
    "packaging",
    "tree_sitter",
    "tree_sitter_bash",
    "importlib_metadata",
    "psutil",
    "tomli_w",
    "traitlets",
)


def terminal(prefix: Path, folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """What a command in a terminal prints, with its exit status."""
    argv = [str(prefix / "bin/python"), "-m", "ipython_where", *words]
    world = {**clean_world(folder / "home"), **environ}
    return subprocess.run(argv, cwd=folder, env=world, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Path]:
    """An environment whose kernel was broken by a package that was allowed to, and all that this package may import too."""
    prefix = make_environment(tmp_path / "env")
    make_kernel(tmp_path / "wheels")
    write_wheel(tmp_path / "wheels", "bad", "1.0", {"IPython/__init__.py": "raise SystemExit('broken')\n"})
    line = (environments.uv(), "pip", "install", "-q", "--no-config", "--no-index", "-f", tmp_path / "wheels")
    environments.call(*line, "ipykernel==1.0", "--python", prefix / "bin" / "python")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path, start=KERNEL) as run:
        (finding,) = run.changed("install --no-index -f wheels bad --allow-kernel")["plan"]["findings"][:1]
    assert finding["message"].endswith("which this kernel runs on: allowed by `--allow-kernel`")
    command = f"{prefix}/bin/python -m ipython_where undo tx-1"
    assert finding["hint"] == f"if no kernel starts any more, run `{command}` in a terminal to undo it"
    yield prefix


@pytest.mark.usefixtures("installer")
def test_what_broke_the_kernel_is_told_and_taken_back(broken: Path, tmp_path: Path) -> None:
    site = environments.site_packages(broken)
    for name in BROKEN:
        if not (site / name).exists():
            (site / f"{name}.py").write_text("raise SystemExit('broken')\n")
    (site / "packaging" / "__init__.py").write_text("raise SystemExit('broken')\n")
    (site / "ipykernel" / "__init__.py").write_text("raise SystemExit('broken')\n")
    told = terminal(broken, tmp_path, "history")
    assert (told.returncode, told.stderr) == (0, "")
    assert "bad 1.0 added · can be undone" in told.stdout
    assert json.loads(terminal(broken, tmp_path, "history", "--json").stdout)["transactions"][0]["id"] == "tx-1"
    done = terminal(broken, tmp_path, "undo")
    assert (done.returncode, done.stderr) == (0, "")
    assert (site / "IPython/__init__.py").read_text() == ""
    again = terminal(broken, tmp_path, "undo")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == (
        f"there is nothing to undo\n\nhint: `{broken}/bin/python -m ipython_where history` shows what was done\n"
    )


@pytest.mark.usefixtures("installer")
def test_an_undo_does_not_need_what_it_is_judged_by(broken: Path, tmp_path: Path) -> None:
    """Nothing of this package's requirements is there, and something installed has a requirement that needs them."""
    site = environments.site_packages(broken)
    (site / "packaging" / "__init__.py").write_text("raise ValueError('broken')\n")
    requires = "Requires-Dist: zmq ~=1.0, !=1.5.*; python_version not in '2.7, 3.0'\n"
    with open(site / "sixty-1.0.dist-info" / "METADATA", "a") as file:
        file.write(requires + "Requires-Dist: bad (>=0.5.dev1) ; extra == 'x' or python_full_version > '3.0'\n")
    done = terminal(broken, tmp_path, "undo", "tx-1")
    assert done.returncode == 0, done.stderr
    assert "not checked" in done.stdout
    assert (site / "IPython/__init__.py").read_text() == ""


def test_what_a_crash_left_is_taken_back(tmp_path: Path) -> None:
    """A disk that fails in the middle of a swap, and of its undoing."""
    prefix = make_environment(tmp_path / "env")
    nothing = terminal(prefix, tmp_path, "recover")
    assert (nothing.returncode, nothing.stdout) == (0, "there is nothing to roll back: no change was left unfinished\n")
    site = str(environments.site_packages(prefix).relative_to(prefix))
    old = install(prefix, "one", "1", {f"{site}/one.py": "1"}, site=site)
    before = snapshot(prefix)
    swap(prefix, site, counting := FaultyDisk(), old)
    store(prefix, site, FaultyDisk()).undo("tx-1", command="undo")
    last = next(number for number, line in enumerate(counting.log) if line.endswith("one-2.dist-info"))
    with pytest.raises(WhereError, match="could not be fully rolled back yet"):
        swap(prefix, site, FaultyDisk(Fault(at=last, strike=broken_disk, again=True)), old)
    assert snapshot(prefix) != before
    first = tmp_path / "first"
    first.mkdir()
    for name in BROKEN:
        (first / f"{name}.py").write_text("raise SystemExit('broken')\n")
    done = terminal(prefix, tmp_path, "recover", PYTHONPATH=f"{first}{os.pathsep}{environments.ROOT}")
    assert done.stderr == ""
    assert (done.returncode, done.stdout) == (
        0, "`%safepip install one` did not finish: it was rolled back, and the environment is as it was before\n"
    )  # fmt: skip
    assert snapshot(prefix) == before


def store(prefix: Path, site: str, disk: FaultyDisk) -> Store:
    return Store(str(prefix), site_directories=[str(prefix / site)], disk=disk)


def swap(prefix: Path, site: str, disk: FaultyDisk, old: Path) -> None:
    """A newer version of a distribution."""
    mine = store(prefix, site, disk)
    staging = mine.begin("%safepip install one")
    install(Path(staging.stage), "one", "2", {f"{site}/one.py": "2"}, site=site)
    change = Change(name="one", kind="upgraded", old="1", new="2", asked_for=True)
    mine.commit(staging, changes=(change,), replaced=[str(old)], expected={"one": "2"})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("undo", "--help"),
            "python -m ipython_where undo [OPTION ...] [ID]\n\nUndo the last change, or the one that ",
        ),
        (("history", "-h"), "python -m ipython_where history [OPTION ...]\n\nWhat changed this environment, "),
        (("recover", "--help"), "python -m ipython_where recover\n\nRoll back what a crash left unfinished "),
    ],
)
def test_each_command_is_explained(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """Without the options that only a kernel has."""
    line = (sys.executable, "-m", "ipython_where", *words)
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(said)
    assert "--server" not in done.stdout and "%safepip" not in done.stdout
