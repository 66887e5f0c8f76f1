"""Jupyter's directories are those that the real `jupyter_core` returns, for every kind of interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.jupyter import jupyter_paths
from tests import environments

ASK_JUPYTER = (
    "import json, jupyter_core.paths as p; "
    "print(json.dumps([p.jupyter_path(), p.jupyter_runtime_dir(), p.jupyter_config_path()]))"
)


SETTINGS: dict[str, dict[str, str]] = {
    "nothing set": {},
    "JUPYTER_PATH": {"JUPYTER_PATH": "/one/:/two"},
    "data directory": {"JUPYTER_DATA_DIR": "/data"},
    "runtime directory": {"JUPYTER_RUNTIME_DIR": "/running"},
    "XDG_DATA_HOME": {"XDG_DATA_HOME": "/xdg"},
    "empty XDG_DATA_HOME": {"XDG_DATA_HOME": "", "JUPYTER_PATH": ""},
    "JUPYTER_CONFIG_PATH": {"JUPYTER_CONFIG_PATH": "/one/:/two"},
    "configuration directory": {"JUPYTER_CONFIG_DIR": "/settings", "XDG_CONFIG_HOME": "/xdg"},
    "environment preferred": {"JUPYTER_PREFER_ENV_PATH": "1"},
    "user preferred": {"JUPYTER_PREFER_ENV_PATH": "No"},
    "platform directories": {
        "JUPYTER_PLATFORM_DIRS": "1",
        "XDG_DATA_DIRS": "/opt/share:/srv/share",
        "XDG_CONFIG_DIRS": "/opt/etc:/srv/etc",
    },
    "platform directories, no XDG": {"JUPYTER_PLATFORM_DIRS": "yes"},
    "user base": {"PYTHONUSERBASE": "/my/base"},
    "no user site": {"PYTHONNOUSERSITE": "1", "PYTHONUSERBASE": "/my/base"},
    "conda": {"CONDA_PREFIX": "{prefix}", "CONDA_DEFAULT_ENV": "work"},
    "conda base": {"CONDA_PREFIX": "{prefix}", "CONDA_DEFAULT_ENV": "base"},
}


@pytest.fixture(scope="module")
def interpreters(server_prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Interpreter and PYTHONPATH by kind: venvs (one sees the system's packages, one is another user's), their base."""
    packages = str(environments.site_packages(server_prefix))
    base = environments.base_python()
    open_venv = tmp_path_factory.mktemp("open") / "venv"
    environments.call(base, "-m", "venv", "--without-pip", "--system-site-packages", open_venv)
    foreign = open_venv.parent / "foreign"
    environments.call(base, "-m", "venv", "--without-pip", foreign)
    if os.geteuid() == 0:
        os.chown(foreign, 65534, 65534)
    return {
        "foreign venv": (str(foreign / "bin" / "python"), packages),
        "venv": (str(server_prefix / "bin" / "python"), ""),
        "base": (base, packages),
        "open venv": (str(open_venv / "bin" / "python"), packages),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the paths in the settings are POSIX ones")
@pytest.mark.parametrize("kind", ["venv", "base", "open venv", "foreign venv"])
@pytest.mark.usefixtures("server")
def test_jupyter_path_is_what_jupyter_core_returns(
    kind: str, interpreters: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    """In every setting, for every kind of interpreter, the directories and their order are Jupyter's own."""
    if kind == "foreign venv" and os.geteuid() != 0:
        pytest.skip("only root can give a directory to another user")
    python, packages = interpreters[kind]
    prefix = environments.call(python, "-c", "import sys; print(sys.prefix)").strip()
    home = tmp_path / "real home"
    home.mkdir()
    (tmp_path / "home").symlink_to(home)
    ours, theirs = {}, {}
    for name, setting in SETTINGS.items():
        given = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        environ = given | {key: value.format(prefix=prefix) for key, value in setting.items()}
        theirs[name] = ask_jupyter(python, environ | {"PYTHONPATH": packages})
        ours[name] = [
            list(jupyter_paths.jupyter_path(prefix=prefix, environ=environ)),
            jupyter_paths.runtime_directory(environ=environ),
            list(jupyter_paths.config_path(prefix=prefix, environ=environ)),
        ]
    assert ours == theirs


def ask_jupyter(python: str, environ: dict[str, str]) -> Any:
    done = subprocess.run([python, "-c", ASK_JUPYTER], env=environ, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_macos_has_its_own_data_directory() -> None:
    """On macOS the user's data stands in ~/Library/Jupyter, with the system's directories after it."""
    environ = {"HOME": "/Users/ada", "PYTHONNOUSERSITE": "1"}
    assert jupyter_paths.jupyter_path(prefix="/opt/py", environ=environ, platform="darwin") == (
        "/Users/ada/Library/Jupyter",
        "/opt/py/share/jupyter",
        "/usr/local/share/jupyter",
        "/usr/share/jupyter",
    )
