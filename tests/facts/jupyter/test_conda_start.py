"""Which Python a kernelspec starts through conda: by `conda run`, and as nb_conda_kernels writes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipython_where.facts.jupyter.conda_start import conda_start, is_conda_start
from ipython_where.facts.jupyter.kernelspec import read_kernelspec
from tests import conda_prefix

LAUNCH = ("-m", "ipykernel_launcher", "-f", "{connection_file}")


@pytest.mark.parametrize(
    ("argv", "python"),
    [
        (("conda", "run", "-p", "/e", "--no-capture-output", "python", *LAUNCH), "/e/bin/python"),
        (("/c/bin/conda", "run", "--prefix=/e", "python3", *LAUNCH), "/e/bin/python3"),
        (("micromamba", "run", "-p", "/e", "/e/bin/python", *LAUNCH), "/e/bin/python"),
        (("mamba", "run", "-p", "/e", "--live-stream", "python", *LAUNCH), "/e/bin/python"),
        (("conda", "run", "-n", "e", "python", *LAUNCH), None),
        (("conda", "run", "-p", "/e", "jupyter", "kernel"), None),
        (("conda", "run", "-p", "/e", "--odd", "x", "python", *LAUNCH), None),
        (("conda", "run", "-p", "/none", "python", *LAUNCH), None),
        (("python", "-m", "nb_conda_kernels.runner", "/c", "/e", "/e/bin/python", *LAUNCH), "/e/bin/python"),
        (("python", "-m", "nb_conda_kernels.runner", "/c", "/e", "python", *LAUNCH), "/e/bin/python"),
        (("python", "-m", "nb_conda_kernels.runner", "/c", "/e", "R", "--slave"), None),
        (("python", "-m", "nb_conda_kernels.runner"), None),
    ],
)
def test_the_python_of_a_command(argv: tuple[str, ...], python: str | None) -> None:
    assert is_conda_start(argv)
    assert conda_start(argv, {"/e/bin/python", "/e/bin/python3"}.__contains__) == python


@pytest.mark.parametrize(
    "argv", [("python", *LAUNCH), ("conda", "info"), ("/x/run", "python"), ("uv", "run", "python")]
)
def test_other_commands(argv: tuple[str, ...]) -> None:
    assert not is_conda_start(argv)


def test_a_named_environment_and_base(tmp_path: Path) -> None:
    """Below the installation whose program it is, if it is there."""
    (tmp_path / "envs" / "lab").mkdir(parents=True)
    program = f"{tmp_path}/bin/conda"
    found = {
        name: conda_start((program, "run", "-n", name, "python"), lambda path: True) for name in ("lab", "base", "no")
    }
    assert found == {"lab": f"{tmp_path}/envs/lab/bin/python", "base": f"{tmp_path}/bin/python", "no": None}


@pytest.mark.parametrize("way", ["conda run", "nb_conda_kernels"])
def test_a_kernelspec_starts_this_kernel_through_conda(tmp_path: Path, way: str) -> None:
    """The real prefix is recognised as the one that runs; another one is not."""
    prefix = conda_prefix.kept()
    file = tmp_path / "first" / "kernels" / "lab" / "kernel.json"
    file.parent.mkdir(parents=True)
    argv = ["/c/bin/conda", "run", "-p", str(prefix), "python", *LAUNCH]
    if way == "nb_conda_kernels":
        argv = ["python", "-m", "nb_conda_kernels.runner", "/c", str(prefix), f"{prefix}/bin/python", *LAUNCH]
    file.write_text(json.dumps({"argv": argv, "display_name": "lab"}))
    connection = tmp_path / "kernel-1.json"
    connection.write_text(json.dumps({"kernel_name": "lab"}))
    for executable, same in ((f"{prefix}/bin/python", True), ("/usr/bin/python3", False)):
        found = read_kernelspec(
            connection_file=str(connection),
            executable=executable,
            environ={"JUPYTER_PATH": str(tmp_path / "first"), "HOME": str(tmp_path)},
            launcher_prefix=None,
            kernel_prefix=str(prefix) if same else "/usr",
        )
        assert found is not None
        assert (found.interpreter, found.interpreter_exists, found.starts_this_interpreter) == (
            f"{prefix}/bin/python",
            True,
            same,
        )


def test_a_name_that_nb_conda_kernels_makes_up(tmp_path: Path) -> None:
    connection = tmp_path / "kernel-1.json"
    connection.write_text(json.dumps({"kernel_name": "conda-env-lab-py"}))
    found = read_kernelspec(
        connection_file=str(connection),
        executable="/usr/bin/python3",
        environ={"HOME": str(tmp_path)},
        launcher_prefix=None,
        kernel_prefix="/usr",
    )
    assert found is not None
    assert found.evidence.endswith("; nb_conda_kernels makes kernelspecs with such names, without files")
