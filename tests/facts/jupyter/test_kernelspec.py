"""The kernelspec of a kernel is what Jupyter itself, run by the launcher's interpreter, would find and start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.jupyter.kernelspec import read_kernelspec
from ipython_where.model import Kernelspec
from tests import environments


@pytest.fixture
def world(tmp_path: Path) -> dict[str, str]:
    """Variables with a home of their own, where only ``JUPYTER_PATH`` holds kernelspecs."""
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "PATH": os.environ["PATH"], "JUPYTER_PATH": str(tmp_path / "first")}


def write_spec(directory: Path, name: str, content: Any) -> str:
    file = directory / "kernels" / name / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def spec(argv0: str, display_name: str = "Shown") -> dict[str, Any]:
    argv = [argv0, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return {"argv": argv, "display_name": display_name, "language": "python"}


def connection_file(tmp_path: Path, content: Any = None, **keys: Any) -> str:
    file = tmp_path / "kernel-1b2c.json"
    file.write_text(content if content is not None else json.dumps(keys))
    return str(file)


def run_python(python: str, code: str, environ: dict[str, str]) -> str:
    return subprocess.run([python, "-c", code], env=environ, capture_output=True, text=True, check=True).stdout


def read(file: str | None, environ: dict[str, str], launcher: Path | None, kernel: Path) -> Kernelspec | None:
    return read_kernelspec(
        connection_file=file,
        executable=str(kernel / "bin" / "python"),
        environ=environ,
        launcher_prefix=str(launcher) if launcher else None,
        kernel_prefix=str(kernel),
    )


@pytest.mark.usefixtures("server")
def test_the_kernelspec_that_starts_this_interpreter(
    server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """The first of its name on the path is the one; later ones of the name are shadowed by it."""
    python = str(kernel_prefix / "bin" / "python")
    file = write_spec(tmp_path / "first", "mine", spec(python, "My kernel"))
    hidden = write_spec(tmp_path / "home" / ".local" / "share" / "jupyter", "mine", spec("/elsewhere/python"))
    assert read(connection_file(tmp_path, kernel_name="mine"), world, server_prefix, kernel_prefix) == Kernelspec(
        name="mine",
        file=file,
        exists=True,
        display_name="My kernel",
        argv=(python, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
        interpreter=python,
        interpreter_exists=True,
        starts_this_interpreter=True,
        shadowed=(hidden,),
        evidence="the first `mine` on its launcher's Jupyter path",
    )


def facts(answer: Kernelspec | None) -> tuple[Any, ...]:
    assert answer is not None
    return answer.interpreter, answer.interpreter_exists, answer.starts_this_interpreter


def test_another_name_of_the_same_interpreter_is_this_interpreter(
    server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """`bin/python3` and `bin/python` of one environment are one interpreter."""
    python3 = str(kernel_prefix / "bin" / "python3")
    write_spec(tmp_path / "first", "mine", spec(python3))
    answer = read(connection_file(tmp_path, kernel_name="mine"), world, server_prefix, kernel_prefix)
    assert facts(answer) == (python3, True, True)


def test_another_environment_on_the_same_base_is_another_interpreter(
    server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """Two virtual environments whose `python` is a symlink to one base are told apart."""
    python = str(server_prefix / "bin" / "python")
    write_spec(tmp_path / "first", "mine", spec(python))
    answer = read(connection_file(tmp_path, kernel_name="mine"), world, server_prefix, kernel_prefix)
    assert facts(answer) == (python, True, False)


def test_a_missing_interpreter(server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path) -> None:
    """An interpreter that is gone is said to be gone, and whether it was this one stays open."""
    write_spec(tmp_path / "first", "mine", spec("/gone/bin/python"))
    answer = read(connection_file(tmp_path, kernel_name="mine"), world, server_prefix, kernel_prefix)
    assert facts(answer) == ("/gone/bin/python", False, None)


@pytest.mark.parametrize("argv0", ["bash", "/usr/bin/conda", "./python", "{prefix}/{unknown}/python", "~nobody-x/run"])
def test_a_wrapper_tells_no_interpreter(
    argv0: str, server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """What a wrapper will start cannot be read from the kernelspec."""
    write_spec(tmp_path / "first", "mine", spec(argv0))
    answer = read(connection_file(tmp_path, kernel_name="mine"), world, server_prefix, kernel_prefix)
    assert facts(answer) == (None, None, None)


@pytest.mark.parametrize("argv0", ["python", "python3", f"python3.{sys.version_info.minor}", "{prefix}/bin/python"])
def test_a_bare_python_is_the_launchers(
    argv0: str, server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """Jupyter puts its own interpreter in the place of a bare `python`, whatever PATH says."""
    write_spec(tmp_path / "first", "mine", spec(argv0))
    file = connection_file(tmp_path, kernel_name="mine")
    python = str(server_prefix / "bin" / "python")
    assert facts(read(file, world, server_prefix, kernel_prefix)) == (python, True, False)
    assert facts(read(file, world, server_prefix, server_prefix)) == (python, True, True)
    assert facts(read(file, world, None, kernel_prefix)) == (None, None, None)


def test_a_bare_python_of_another_version_is_looked_up_on_path(
    server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """Jupyter replaces only the names that fit its own version; others are found on PATH."""
    program = tmp_path / "bin" / "python2.7"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    write_spec(tmp_path / "first", "mine", spec("python2.7"))
    answer = read(
        connection_file(tmp_path, kernel_name="mine"),
        world | {"PATH": str(program.parent)},
        server_prefix,
        kernel_prefix,
    )
    assert facts(answer) == (str(program), True, None)


def test_an_unknown_launcher_is_said(kernel_prefix: Path, world: dict[str, str], tmp_path: Path) -> None:
    """Without the launcher's prefix the kernel's own path is searched, and the evidence owns to it."""
    write_spec(tmp_path / "first", "mine", spec(str(kernel_prefix / "bin" / "python")))
    answer = read(connection_file(tmp_path, kernel_name="mine"), world, None, kernel_prefix)
    assert answer is not None
    assert answer.evidence == "the first `mine` on this kernel's own Jupyter path (its launcher is unknown)"


def test_a_name_without_a_file(server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path) -> None:
    """A kernelspec that has been removed, or that only a plug-in knows, does not exist as a file."""
    answer = read(connection_file(tmp_path, kernel_name="conda-env-x-py"), world, server_prefix, kernel_prefix)
    assert answer is not None
    assert (answer.file, answer.exists, answer.argv) == (None, False, ())
    assert answer.evidence == (
        "no kernel.json named `conda-env-x-py` on its launcher's Jupyter path; "
        "nb_conda_kernels makes kernelspecs with such names, without files"
    )


@pytest.mark.usefixtures("server")
def test_python3_without_a_file_is_the_servers_own(kernel_prefix: Path, world: dict[str, str], tmp_path: Path) -> None:
    """Where no kernel.json named `python3`, Jupyter starts the ipykernel of its own interpreter."""
    server = environments.make_in(tmp_path / "server", ["ipykernel"])
    shutil.rmtree(server / "share")
    listed = json.loads(
        run_python(str(server / "bin" / "python"), f"import sys; sys.argv = {LIST!r}; {RUN_LIST}", world)
    )
    assert listed["kernelspecs"]["python3"]["spec"]["argv"][0] == str(server / "bin" / "python")
    answer = read(connection_file(tmp_path, kernel_name="python3"), world, server, kernel_prefix)
    assert answer == Kernelspec(
        name="python3",
        file=None,
        exists=True,
        display_name=None,
        argv=(),
        interpreter=str(server / "bin" / "python"),
        interpreter_exists=True,
        starts_this_interpreter=False,
        shadowed=(),
        evidence="no kernel.json named `python3` on its launcher's Jupyter path: "
        "it is the one built into ipykernel, which starts the launcher's Python",
    )


def test_python3_without_a_file_and_without_ipykernel_is_unknown(
    kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """A server that has no ipykernel cannot have started its own."""
    bare = environments.make_in(tmp_path / "bare")
    answer = read(connection_file(tmp_path, kernel_name="python3"), world, bare, kernel_prefix)
    assert answer is not None
    assert (answer.exists, *facts(answer)) == (False, None, None, None)


def test_a_directory_listed_twice_shadows_nothing(
    server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """One file reached by two ways is one kernelspec."""
    write_spec(tmp_path / "first", "mine", spec("python"))
    (tmp_path / "again").symlink_to(tmp_path / "first")
    environ = world | {"JUPYTER_PATH": f"{tmp_path}/first:{tmp_path}/first/:{tmp_path}/again"}
    answer = read(connection_file(tmp_path, kernel_name="mine"), environ, server_prefix, kernel_prefix)
    assert answer is not None
    assert answer.shadowed == ()


def test_a_relative_directory_is_not_searched(
    server_prefix: Path,
    kernel_prefix: Path,
    world: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A relative entry of `JUPYTER_PATH` means the launcher's working directory, which is not the kernel's."""
    write_spec(tmp_path / "here", "mine", spec("python"))
    monkeypatch.chdir(tmp_path / "here")
    answer = read(
        connection_file(tmp_path, kernel_name="mine"), world | {"JUPYTER_PATH": ".:"}, server_prefix, kernel_prefix
    )
    assert answer is not None
    assert answer.exists is False


def test_two_versions_in_one_prefix_are_two_interpreters(world: dict[str, str], tmp_path: Path) -> None:
    """`/usr/local/bin/python3.12` is not `/usr/local/bin/python3.11`, though they share their prefix."""
    for version in ("3.11", "3.12"):
        for name, content in {
            f"bin/python{version}": "\x7fELF",
            f"lib/python{version}/os.py": "",
            f"include/python{version}/patchlevel.h": f'#define PY_VERSION "{version}.4"\n',
        }.items():
            file = tmp_path / "local" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            file.chmod(0o755)
    for version in ("3.11", "3.12"):
        write_spec(tmp_path / "first", version, spec(f"{tmp_path}/local/bin/python{version}"))
    started = []
    for version in ("3.11", "3.12"):
        answer = read_kernelspec(
            connection_file=connection_file(tmp_path, kernel_name=version),
            executable=f"{tmp_path}/local/bin/./python3.11",
            environ=world,
            launcher_prefix=None,
            kernel_prefix=f"{tmp_path}/local",
        )
        assert answer is not None
        started.append(answer.starts_this_interpreter)
    assert started == [True, False]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ("{", "is not a JSON object"),
        ("[" * 100_000, "is not a JSON object"),
        ("[]", "is not a JSON object"),
        ("\x00\xff", "is not a JSON object"),
        ("{}", "has no `argv` that is a list of strings"),
        ('{"argv": "python -m ipykernel"}', "has no `argv` that is a list of strings"),
        ('{"argv": [1]}', "has no `argv` that is a list of strings"),
        ('{"argv": []}', "has no `argv` that is a list of strings"),
    ],
    ids=str,
)
def test_a_broken_kernel_json_is_named(
    content: str, trouble: str, server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """A damaged file costs its facts, not the answer."""
    file = write_spec(tmp_path / "first", "mine", content)
    assert read(connection_file(tmp_path, kernel_name="mine"), world, server_prefix, kernel_prefix) == Kernelspec(
        name="mine",
        file=file,
        exists=True,
        display_name=None,
        argv=(),
        interpreter=None,
        interpreter_exists=None,
        starts_this_interpreter=None,
        shadowed=(),
        evidence=f"`{file}` {trouble}",
    )


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"kernel_name": ""}', '{"kernel_name": 3}'])
def test_a_connection_file_that_names_none(
    content: str, server_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """A connection file without a kernelspec's name gives no kernelspec."""
    assert read(connection_file(tmp_path, content), world, server_prefix, server_prefix) is None


def test_outside_a_kernel_there_is_none(server_prefix: Path, world: dict[str, str]) -> None:
    """Terminal IPython has no connection file, and no kernelspec."""
    assert read(None, world, None, server_prefix) is None


def test_a_name_is_never_taken_for_a_path(
    server_prefix: Path, kernel_prefix: Path, world: dict[str, str], tmp_path: Path
) -> None:
    """A connection file cannot lead the search out of Jupyter's directories."""
    write_spec(tmp_path, "outside", spec("python"))
    (tmp_path / "first" / "kernels").mkdir(parents=True)
    answer = read(connection_file(tmp_path, kernel_name="../../kernels/outside"), world, server_prefix, kernel_prefix)
    assert answer is not None
    assert answer.exists is False


@pytest.mark.usefixtures("server")
def test_finds_what_jupyter_kernelspec_list_finds(server_prefix: Path, world: dict[str, str], tmp_path: Path) -> None:
    """For each name that `jupyter kernelspec list` shows, the same directory wins, whatever the case of its letters."""
    python = server_prefix / "bin" / "python"
    for directory, name in (
        (tmp_path / "first", "Mixed.Case"),
        (tmp_path / "second", "mixed.case"),
        (tmp_path / "second", "other"),
        (tmp_path / "home" / ".local" / "share" / "jupyter", "mine"),
        (tmp_path / "home" / ".local" / "share" / "jupyter", "other"),
        (tmp_path / "home" / ".ipython", "oldest"),
    ):
        write_spec(directory, name, spec("python"))
    (tmp_path / "first" / "kernels" / "empty").mkdir()
    environ = world | {"JUPYTER_PATH": f"{tmp_path / 'first'}:{tmp_path / 'second'}"}
    listed = json.loads(run_python(str(python), f"import sys; sys.argv = {LIST!r}; {RUN_LIST}", environ))["kernelspecs"]
    found = {}
    for name in listed:
        answer = read(connection_file(tmp_path, kernel_name=name), environ, server_prefix, server_prefix)
        assert answer is not None
        found[name] = os.path.dirname(answer.file or "")
    assert set(found) >= {"mixed.case", "other", "mine", "oldest", "python3"}
    assert found == {name: said["resource_dir"] for name, said in listed.items()}


LIST = ["jupyter-kernelspec", "list", "--json"]
RUN_LIST = "from jupyter_client.kernelspecapp import KernelSpecApp as a; a.launch_instance()"
