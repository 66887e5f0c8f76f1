"""The files that a wheel brings: the kernel's, the environment's, those of others; told before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.actions.sessions import Session, clean_world, make_environment, session
from tests.faults.wheels import write_wheel
from tests.install.worlds import snapshot

KERNEL = ("-c", "import ipykernel, IPython; from tests.actions.driver import main; main()")

OF_THE_KERNEL = {
    "a module of IPython": {"IPython/__init__.py": "raise SystemExit\n"},
    "a module of ipykernel": {"ipykernel/kernelapp.py": "raise SystemExit\n"},
    "a new file in its package": {"ipykernel/more.py": ""},
    "a new package in its package": {"IPython/core/__init__.py": ""},
    "a package in front of a module": {"sixty/__init__.py": ""},
    "an extension in front of a module": {"sixty.abi3.so": ""},
    "by the data of a wheel": {"bad-1.0.data/purelib/zmq/__init__.py": "broken\n"},
    "by its platform's data": {"bad-1.0.data/platlib/zmq/__init__.py": "broken\n"},
    "a folder named like a file": {"sixty.py/__init__.py": ""},
    "the kernel's description": {"bad-1.0.data/data/share/jupyter/kernels/python3/kernel.json": "{}"},
}

NEVER = {
    "this package": {"ipython_where/__init__.py": ""},
    "a new file in this package": {"ipython_where/more.py": ""},
    "the interpreter": {"bad-1.0.data/scripts/python": "#!python\n"},
    "the interpreter by its version": {"bad-1.0.data/scripts/python3.11": "#!python\n"},
    "the interpreter of a version that is not there": {"bad-1.0.data/scripts/python3.99": "#!python\n"},
    "the interpreter as data": {"bad-1.0.data/data/bin/python3": "#!python\n"},
    "its activation": {"bad-1.0.data/scripts/activate": "exit\n"},
    "what makes it an environment": {"bad-1.0.data/data/pyvenv.cfg": "home = /nowhere\n"},
}


def make_kernel(wheels: Path) -> None:
    """The distributions that run a kernel, as small as can be."""
    needs = ["ipython", "sixty", "zmq"]
    files = {"ipykernel/kernelapp.py": "", "ipykernel-1.0.data/data/share/jupyter/kernels/python3/kernel.json": "{}\n"}
    write_wheel(wheels, "ipykernel", "1.0", files, requires=needs)
    write_wheel(wheels, "ipykernel", "1.1", {"ipykernel/kernelapp.py": "new\n"}, requires=needs)
    write_wheel(wheels, "ipython", "1.0", {"IPython/__init__.py": "", "IPython/core.py": ""})
    write_wheel(wheels, "zmq", "1.0", {"ns_of_many/zmq_part.py": ""})
    write_wheel(wheels, "sixty", "1.0", {"sixty.py": ""}, package=False)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A process that is a kernel by what it has loaded; each test installs projects of its own."""
    folder = tmp_path_factory.mktemp("kernel")
    prefix = make_environment(folder / "env")
    make_kernel(folder / "wheels")
    line = (
        environments.uv(),
        "pip",
        "install",
        "-q",
        "--no-config",
        "--no-index",
        "-f",
        folder / "wheels",
        "ipykernel==1.0",
    )
    environments.call(*line, "--python", prefix / "bin" / "python")
    with session(prefix, clean_world(folder / "home"), folder, start=KERNEL) as run:
        yield run


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


def refused(run: Session, line: str) -> str:
    """What is said of a line that changes nothing."""
    before = snapshot(run.prefix)
    said: str | None = run(line)["error"]
    assert said is not None, f"{line} was carried out"
    assert snapshot(run.prefix) == before
    return said


@pytest.mark.parametrize("what", OF_THE_KERNEL)
def test_files_of_the_kernel_are_refused(kernel: Session, wheels: Path, what: str) -> None:
    write_wheel(wheels, "bad", "1.0", OF_THE_KERNEL[what])
    line = f"install --with uv --no-index -f {wheels} bad"
    for each in (f"{line} --dry-run", line):
        said = refused(kernel, each).splitlines()
        assert said[0].startswith("nothing was changed: `bad` brings files of `"), said
        assert said[0].endswith("`, which this kernel runs on")
        assert said[-1] == "hint: `--allow-kernel` allows it"


@pytest.mark.parametrize("what", NEVER)
def test_files_of_the_environment_are_refused_and_no_option_allows_them(
    kernel: Session, wheels: Path, what: str
) -> None:
    """uv would install no `python` either, but it is not the one to be asked."""
    write_wheel(wheels, "bad", "1.0", NEVER[what])
    tool = "pip" if "interpreter" in what else "uv"
    line = f"install --with {tool} --no-index -f {wheels} bad --allow-kernel --allow-conflicts"
    for each in (f"{line} --dry-run", line):
        said = refused(kernel, each).splitlines()
        assert said[0].startswith("nothing was changed: `bad` brings files "), said
        assert "no option allows it" in said[-1]
