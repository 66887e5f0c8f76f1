"""The oldest IPython that is promised and the newest, in each Python of this machine that is promised."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import environments
from tests.change.installers import local

CELLS = """\
import warnings
warnings.filterwarnings("error", module=r"ipython_where\\b")
%load_ext ipython_where
where = %where
print(where.kernel.executable)
found = %where packaging
print(found.found, found.version)
done = %safepip install {wheel}
print([(each.name, each.new) for each in done.plan.changes])
import parcel
print(parcel.__version__)
undone = %safepip undo
print([(each.name, each.old, each.new) for each in undone.plan.changes])
%unload_ext ipython_where
print(get_ipython().find_line_magic("where"), get_ipython().find_line_magic("safepip"))
"""


def python(version: str) -> str:
    """The Python of this version that uv or pyenv has here; without one the test is skipped."""
    find = (environments.uv(), "python", "find", "--no-config", "--no-project", "--system", version)
    found = subprocess.run(find, env=environments.clean_environ(), capture_output=True, text=True, cwd="/")
    if found.returncode == 0:
        return found.stdout.strip()
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    made = sorted(versions.glob(f"{version}.*/bin/python"))
    if not made:
        pytest.skip(f"no Python {version} on this machine")
    return str(made[-1])


@pytest.mark.parametrize("ipython", ["ipython==8.20.0", "ipython"])
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_load_ask_install_undo_unload(version: str, ipython: str, tmp_path: Path) -> None:
    """Everything from a load to an unload, each warning an error."""
    prefix = environments.make_in(tmp_path / "env", [ipython, "pip", "-e", "."], python=python(version))
    wheel = local.wheel(tmp_path / "wheels", "parcel", "1.0")
    script = tmp_path / "cells.ipy"
    script.write_text(CELLS.format(wheel=wheel))
    executable = prefix / "bin" / "python"
    said = environments.call(
        executable,
        "-m",
        "IPython",
        "--quick",
        script,
        cwd=tmp_path,
        HOME=str(tmp_path),
        IPYTHONDIR=str(tmp_path / "ipython"),
        PIP_CONFIG_FILE="/dev/null",
    )
    (packaging,) = environments.site_packages(prefix).glob("packaging-*.dist-info")
    assert said.splitlines() == [
        str(executable),
        f"True {packaging.name.removeprefix('packaging-').removesuffix('.dist-info')}",
        "[('parcel', '1.0')]",
        "1.0",
        "[('parcel', '1.0', None)]",
        "None None",
    ]
    assert not list(environments.site_packages(prefix).glob("parcel*"))
