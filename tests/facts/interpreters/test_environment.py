"""What an environment is: real ones of each maker, and the marks of those that cannot be made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipython_where import probe
from ipython_where.facts.interpreters.environment import judge_environment
from tests.environments import ROOT, Maker, call, kept


def describe(prefix: Path, output: Path) -> dict[str, Any]:
    call(prefix / "bin" / "python", ROOT / "ipython_where" / "probe.py", output, cwd=output.parent)
    described = json.loads(output.read_text())
    assert isinstance(described, dict)
    return described


@pytest.mark.parametrize(
    ("maker", "made_by"), [("venv", "python -m venv"), ("uv", "uv "), ("virtualenv", "virtualenv ")]
)
def test_a_virtual_environment_tells_its_maker(maker: Maker, made_by: str, tmp_path: Path) -> None:
    prefix = kept(f"plain-{maker}", maker=maker)
    environment = judge_environment(describe(prefix, tmp_path / "out.json"), ())
    assert environment.kind == maker
    assert environment.made_by is not None and environment.made_by.startswith(made_by)
    assert environment.executable == str(prefix / "bin" / "python")
    assert environment.prefix == str(prefix)
    assert environment.base_prefix != environment.prefix
    assert (environment.writable, environment.externally_managed) == (True, False)
    assert (environment.system_site_packages, environment.user_site_in_use) == (False, False)


def judged(**marks: Any) -> tuple[str, str | None, bool]:
    base = {**probe.describe(), "pyvenv_cfg": None, "prefix": "/opt/python", "conda_history": False}
    base["externally_managed"] = None  # the Python that runs this may be Debian's
    environment = judge_environment({**base, **marks}, ())
    return environment.kind, environment.made_by, environment.externally_managed


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({"conda_history": True}, ("conda", "conda", False)),
        ({"pyvenv_cfg": "home = /usr/bin\n", "pipx_metadata": True}, ("pipx", "pipx", False)),
        ({"pyvenv_cfg": "home = /usr/bin\n", "uv_receipt": True}, ("uv", "uv tool install", False)),
        ({"prefix": "/home/me/.pyenv/versions/3.12.1"}, ("pyenv", "pyenv", False)),
        ({"prefix": "/usr", "externally_managed": "[externally-managed]"}, ("system", None, True)),
        (
            {"pyvenv_cfg": "home = /usr/bin\n", "externally_managed": "[externally-managed]"},
            ("venv", "python -m venv", False),
        ),
        ({"prefix": "/home/me/.local/share/uv/python/cpython-3.12"}, ("standalone", "uv python install", False)),
        ({}, ("standalone", None, False)),
        ({"executable": None}, ("embedded", None, False)),
    ],
)
def test_each_kind_is_told_by_its_mark(marks: dict[str, Any], expected: tuple[str, str | None, bool]) -> None:
    assert judged(**marks) == expected
