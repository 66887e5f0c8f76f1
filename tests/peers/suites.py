"""IPython's and ipykernel's own tests, of the versions that are installed here, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests import environments
from tests.kernels import world

INSIDE = Path(__file__).parent / "inside"

Outcomes = Mapping[str, str]
"""How each test ended, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One project's tests, and what they need beside it.

    ``left_out`` is what takes long and has nothing to do with an extension, ``core`` what a mode of the guard could touch: what
    runs system commands and magics, since the modes differ in what is done about a command alone. Both are names of files without
    `test_` and `.py`.
    """

    project: str
    needs: tuple[str, ...]
    options: tuple[str, ...]
    left_out: tuple[str, ...]
    core: tuple[str, ...]

    @property
    def core_files(self) -> tuple[str, ...]:
        """The files of ``core``."""
        return tuple(f"tests/test_{name}.py" for name in self.core)

    @property
    def source(self) -> Path:
        """Its tests out of its sdist, downloaded now if this is the first use."""

        def make(folder: Path) -> None:
            options = ("--quiet", "--no-deps", "--no-binary", self.project, "--dest", str(folder))
            pip = (sys.executable, "-m", "pip", "download")
            environments.call(*pip, *options, f"{self.project}=={version(self.project)}")
            (archive,) = folder.glob("*.tar.gz")
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            (top,) = (each for each in folder.iterdir() if each.is_dir())
            for name in ("tests", "pyproject.toml", "conftest.py"):
                if (top / name).exists():
                    (top / name).rename(folder / name)
            shutil.rmtree(top)

        return environments.kept_folder(f"suite-{self.project}-{version(self.project)}", (), make)

    @property
    def prefix(self) -> Path:
        """An environment with the project, what its tests need, and this package."""
        pinned = (f"{name}=={version(name)}" for name in ("ipython", "ipykernel"))
        return environments.kept(f"suite-env-{self.project}", [*pinned, *self.needs, "-e", "."], compiled=True)


IPYTHON = Suite(
    project="ipython",
    needs=("pytest>=7", "pytest-asyncio>=1", "testpath", "setuptools"),
    options=(),
    left_out=("debugger", "help", "history", "profile", "tools", "ultratb", "zzz_autoreload"),
    core=(
        *("alias", "capture", "cve", "embed", "hooks", "interactiveshell", "interactivshell", "iplib", "magic"),
        *("magic_terminal", "magics_packaging", "process", "shellapp"),
    ),
)
IPYKERNEL = Suite(
    project="ipykernel",
    needs=("pytest>=7", "pytest-asyncio>=1", "pytest-timeout", "flaky", "ipyparallel", "psutil"),
    # its own limit of 30 s is for a machine that does nothing else
    options=("-o", "asyncio_default_fixture_loop_scope=function", "--timeout=300"),
    left_out=("async", "debugger", "eventloop", "matplotlib_eventloops", "subshells", "subshell_wedge"),
    core=("ipkernel_direct", "kernel", "message_spec", "zmq_shell"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a suite: how its tests ended, and the classes of the shells that the extension was loaded into."""

    outcomes: Outcomes
    shells: tuple[str, ...]
    processes: int


def run(suite: Suite, folder: Path, mode: str | None, files: Collection[str] = ()) -> Run:
    """Run a suite, or some of its ``files``, in a copy of its own, in a new ``folder``.

    ``mode`` None is without the extension.
    """
    folder.mkdir()
    work, outcomes, loaded = folder / "work", folder / "outcomes.json", folder / "loaded"
    shutil.copytree(suite.source, work)
    loaded.touch()
    left_out = [f"--ignore=tests/test_{name}.py" for name in suite.left_out]
    argv = (suite.prefix / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "peers_outcomes")
    environ = world(folder / "home", PYTHONPATH=str(INSIDE), PEERS_OUTCOMES=str(outcomes), PEERS_LOADED=str(loaded))
    environ["PATH"] = f"{suite.prefix / 'bin'}:{environ['PATH']}"
    if mode is not None:
        environ["PEERS_MODE"] = mode
    (folder / "home").mkdir()
    with open(folder / "log", "w", encoding="utf-8") as log:
        done = subprocess.run(
            [*map(str, argv), *suite.options, *(files or [*left_out, "tests"])],
            cwd=work,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    assert done.returncode in (0, 1), f"pytest itself failed: see {folder / 'log'}"
    shells = [line.split() for line in loaded.read_text(encoding="utf-8").splitlines()]
    return Run(
        outcomes=json.loads(outcomes.read_text(encoding="utf-8")),
        shells=tuple(sorted({name for _, name in shells})),
        processes=len({process for process, _ in shells}),
    )
