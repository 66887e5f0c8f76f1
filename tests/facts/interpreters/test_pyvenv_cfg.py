"""What stands in an environment's folder is found where its makers put it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.facts.interpreters.pyvenv_cfg import is_python_name, python_in, read_pyvenv_cfg
from ipython_where.judge.pyvenv_cfg import parse_pyvenv_cfg


def test_pyvenv_cfg_is_read_as_site_reads_it(tmp_path: Path) -> None:
    """Keys without regard to case, lines without an equals sign passed over."""
    text = "Home = /usr/bin\njunk\n include-system-site-packages=true \n"
    keys = {"home": "/usr/bin", "include-system-site-packages": "true"}
    assert (parse_pyvenv_cfg(text), parse_pyvenv_cfg(None)) == (keys, None)
    assert read_pyvenv_cfg(str(tmp_path)) is None
    (tmp_path / "pyvenv.cfg").write_text(text)
    assert read_pyvenv_cfg(str(tmp_path)) == keys


def test_the_python_of_a_prefix_is_a_path_in_it(tmp_path: Path) -> None:
    """A link is not followed, and `bin/python` counts before `bin/python3`; a link that leads nowhere is none."""
    (tmp_path / "bin").mkdir()
    python, python3 = tmp_path / "bin/python", tmp_path / "bin/python3"
    python.symlink_to("gone")
    assert python_in(str(tmp_path)) is None
    python3.symlink_to("/bin/sh")
    assert python_in(str(tmp_path)) == str(python3)
    python.unlink()
    python.symlink_to("/bin/sh")
    assert python_in(str(tmp_path)) == str(python)


@pytest.mark.parametrize(
    ("name", "is_python"),
    [
        *((name, True) for name in ("python", "python3.13t", "pypy3.10", "Python.exe", "pythonw.exe")),
        *((name, False) for name in ("python-config", "ipython", "bash", "")),
    ],
)
def test_the_names_that_interpreters_have(name: str, is_python: bool) -> None:
    assert is_python_name(name) == is_python
