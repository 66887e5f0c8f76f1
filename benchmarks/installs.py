"""`%safepip` beside bare pip and bare uv: each run in an environment of its own, which is a fresh copy of the same one.

The copies are links, so that a round takes seconds; who installs never writes into a file that is there. pip compiles what
it installs and uv does not, bare as well as through `%safepip`: they are compared as people meet them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter

from tests.environments import KEPT, call, clean_environ, kept, site_packages, uv

from .environments import MANY, Measured, count_of, grown, linked
from .inside import Times
from .turns import INSIDE

INSTALLED = 300
FIVE = ("numpy", "pandas", "matplotlib", "scikit-learn", "seaborn")
LARGEST = ("jupyterlab",)
SMALL = ("itsdangerous",)
SET = ("streamlit", "matplotlib")
"""Together about as many packages and files as a new notebook's first cell asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installing:
    """One way to install ``what``. ``argv`` begins behind the interpreter for a case of `inside`, which tells its times."""

    what: str
    how: str
    argv: tuple[str, ...]
    tells: bool = False
    rounds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installs:
    """Medians in milliseconds, by what was installed and how: ``wall`` and ``cpu``; and how large the set was."""

    times: dict[tuple[str, str], Times]
    packages: int
    files: int
    count: int


def measure_installs(rounds: int) -> Installs:
    """All figures of `%safepip`, from environments and wheels that are fetched at the first use."""
    print("making the environments", file=sys.stderr)
    installed = grown(kept("benchmark-many", MANY), INSTALLED)
    empty = kept("benchmark-kernel", ["ipykernel", "pip"], compiled=True)
    wheels = wheels_in(empty)
    many = Measured(prefix=installed, count=count_of(site_packages(installed)))
    with tempfile.TemporaryDirectory(dir=KEPT) as scratch:
        environ = environ_of(Path(scratch))
        call(many.python, "-m", "compileall", "-qq", many.site / "pip", PYTHONDONTWRITEBYTECODE="")
        cases = [*_proofs(many), *_installs(wheels, empty)]
        times = _take_turns(cases, rounds, empty, Path(scratch), environ)
    done = times["set", "%safepip with uv"]
    return Installs(times=times, packages=int(done["packages"]), files=int(done["files"]), count=many.count)


def wheels_in(environment: Path) -> Path:
    """The folder that everything is installed from, fetched at the first use."""
    folder = KEPT / "benchmark-wheels"
    if not (folder / ".complete").exists():
        options = ("--quiet", "--disable-pip-version-check", "--only-binary=:all:", "--dest", folder)
        call(environment / "bin" / "python", "-m", "pip", "download", *options, *SET)
        (folder / ".complete").touch()
    return folder


def environ_of(home: Path) -> dict[str, str]:
    """The variables of a user who has set nothing. uv's cache is where its links into the environments can lead."""
    steering = ("PIP_", "UV_", "XDG_", "JUPYTER_", "IPYTHON")
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "TMPDIR")
    inherited = {name: value for name, value in clean_environ().items() if not name.startswith((*steering, *dropped))}
    own = {
        "HOME": str(home),
        "XDG_CONFIG_DIRS": str(home / "none"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(KEPT / "benchmark-uv-cache"),
        "UV_PYTHON_DOWNLOADS": "never",
        "PATH": f"{Path(uv()).parent}:/usr/local/bin:/usr/bin:/bin",
    }
    return {**inherited, **own}


def _proofs(many: Measured) -> Iterator[Installing]:
    python = str(many.python)
    for what, names in (("numpy", ("numpy",)), ("five", FIVE), ("largest", LARGEST)):
        told = json.dumps({"line": f"install {' '.join(names)}"})
        yield Installing(what=what, how="%safepip", argv=(python, INSIDE, "proof", told), tells=True)
        yield Installing(what=what, how="pip", argv=(python, "-m", "pip", "install", *names), rounds=3)
        yield Installing(what=what, how="uv", argv=(uv(), "pip", "install", "--python", python, *names))


def _installs(wheels: Path, prefix: Path) -> Iterator[Installing]:
    """``{python}`` stands for the interpreter of the copy that is installed into."""
    source = ("--no-index", "--find-links", str(wheels))
    for what, names, pips in (("small", SMALL, None), ("set", SET, 2)):
        bare = ("pip", "install", *source, *names)
        into = (uv(), *bare, "--python", "{python}")
        yield Installing(what=what, how="uv", argv=into)
        yield Installing(what=what, how="uv, copying", argv=(*into, "--link-mode", "copy"))
        for installer, fewer in (("uv", None), ("pip", pips)):
            line = " ".join(("install", "--with", installer, *source, *names))
            argv = ("{python}", INSIDE, "install", json.dumps({"line": line}))
            yield Installing(what=what, how=f"%safepip with {installer}", argv=argv, tells=True, rounds=fewer)
        yield Installing(what=what, how="pip", argv=("{python}", "-m", *bare), rounds=pips)


def _take_turns(
    cases: Sequence[Installing], rounds: int, empty: Path, scratch: Path, environ: dict[str, str]
) -> dict[tuple[str, str], Times]:
    """The medians of as many rounds, after one that only warms caches and compiles."""
    taken: dict[tuple[str, str], list[Times]] = {}
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for case in cases:
            if number <= (case.rounds or rounds):
                measured = _measured(case, empty, scratch, environ)
                if number:
                    taken.setdefault((case.what, case.how), []).append(measured)
    return {key: {what: median(each[what] for each in found) for what in found[0]} for key, found in taken.items()}


def _measured(case: Installing, empty: Path, scratch: Path, environ: dict[str, str]) -> Times:
    copy = scratch / "environment"
    if "{python}" not in case.argv:
        return _run(case.argv, case.tells, environ, scratch)
    linked(empty, copy)
    os.sync()  # or whoever makes sure that a change is on the disk waits for the copy to get there, too
    try:
        python = str(copy / "bin" / "python")
        return _run([word.replace("{python}", python) for word in case.argv], case.tells, environ, scratch)
    finally:
        shutil.rmtree(copy)


def _run(argv: Sequence[str], tells: bool, environ: dict[str, str], cwd: Path) -> Times:
    begin, before = perf_counter(), getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(argv, env=environ, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    wall, after = perf_counter() - begin, getrusage(RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}\n{done.stderr}")
    if tells:
        return dict(json.loads(done.stdout))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall * 1e3, "cpu": cpu * 1e3}
