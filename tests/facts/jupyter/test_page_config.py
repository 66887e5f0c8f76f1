"""What a server's settings switch off, judged by JupyterLab itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyterlab.commands import _is_disabled  # type: ignore[import-untyped]
from jupyterlab_server.config import get_page_config

from ipython_where.facts.jupyter.jupyter_paths import config_path
from ipython_where.facts.jupyter.page_config import disabled_of, read_switches

NAMES = ("one", "one-more", "@scope/two", "three")


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of a Jupyter: extensions in `data`, settings in `first` and `user`."""
    for name in NAMES:
        package = tmp_path / "data/labextensions" / name / "package.json"
        package.parent.mkdir(parents=True)
        build = {"_build": {"load": "static/x.js", "extension": "./extension"}}
        package.write_text(json.dumps({"name": name, "version": "1.0.0", "jupyterlab": build}))
    for variable, folder in (
        ("JUPYTER_CONFIG_PATH", "first"),
        ("JUPYTER_CONFIG_DIR", "user"),
        ("JUPYTER_PATH", "data"),
        ("HOME", "home"),
    ):
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    return tmp_path


def write(file: Path, disabled: object, **more: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"disabledExtensions": disabled, **more}))


def switched_off(top: Path) -> dict[str, str]:
    """The extensions that are disabled, with the file that does it."""
    environ = dict(os.environ)
    switches = read_switches(config_path(prefix=sys.prefix, environ=environ), [str(top / "data")], str(top / "prefix"))
    found = {name: disabled_of(name, switches) for name in NAMES}
    return {
        name: os.path.relpath(off.file, top) for name, off in found.items() if off is not None and name in off.names
    }


USER, FIRST, PIECE = (
    "user/labconfig/page_config.json",
    "first/labconfig/page_config.json",
    "user/labconfig/page_config.d/p.json",
)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {}),
        ({USER: {"one": True}}, {"one": USER, "one-more": USER}),
        ({USER: {"@scope/two": True, "three": False}}, {"@scope/two": USER}),
        ({USER: {"three": True}, FIRST: {"three": False}}, {}),
        ({USER: {"three": False}, FIRST: {"three": True}}, {"three": FIRST}),
        ({USER: {"three": True}, FIRST: {"@scope/two": True}}, {"three": USER, "@scope/two": FIRST}),
        ({USER: {"three": True}, FIRST: {"three": None}}, {"three": USER}),
        ({PIECE: {"three": True}, USER: {"three": None}}, {}),
        ({PIECE: {"three": True}}, {"three": PIECE}),
        ({PIECE: {"three": True}, USER: {"three": False}}, {}),
        ({USER: {"three:plugin": True}}, {}),
        ({USER: {".*ree": True}}, {"three": USER}),
        ({USER: {"gone": True}}, {}),
    ],
)
def test_the_settings_are_merged_as_jupyterlab_merges_them(
    top: Path, files: dict[str, Any], expected: dict[str, str]
) -> None:
    for file, disabled in files.items():
        write(top / file, disabled)
    assert switched_off(top) == expected
    page = get_page_config([str(top / "data/labextensions")])["disabledExtensions"]
    judged = {name for name in NAMES if _is_disabled(name, dict.fromkeys(page, True))}
    assert judged == set(expected)


def test_an_extension_that_switches_off_another(top: Path) -> None:
    """As a replacement of a part of JupyterLab does; not where it is itself switched off."""
    package = top / "data/labextensions/one/package.json"
    text = json.loads(package.read_text())
    text["jupyterlab"]["disabledExtensions"] = ["three"]
    package.write_text(json.dumps(text))
    for disabled, expected in (({}, {"three"}), ({"one": True}, {"one", "one-more"}), ({"three": False}, set())):
        write(top / USER, disabled)
        page = get_page_config([str(top / "data/labextensions")])["disabledExtensions"]
        judged = {name for name in NAMES if _is_disabled(name, dict.fromkeys(page, True))}
        assert (set(switched_off(top)), judged) == (expected, expected)


def test_an_applications_settings_may_be_a_list(top: Path) -> None:
    write(top / "prefix/share/jupyter/lab/settings/page_config.json", ["three"])
    assert switched_off(top) == {"three": "prefix/share/jupyter/lab/settings/page_config.json"}
    page = get_page_config([], str(top / "prefix/share/jupyter/lab/settings"))["disabledExtensions"]
    assert page == ["three"]


def test_plugins_and_locks(top: Path) -> None:
    write(top / USER, {"three:a": True, "three:b": False, "threefold:c": True}, lockedExtensions={"three": True})
    switches = read_switches([str(top / "user")], [], str(top))
    found = disabled_of("three", switches)
    assert found is not None
    assert (found.names, found.file, found.locked) == (("three:a",), str(top / USER), str(top / USER))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"disabledExtensions": 3}', '{"disabledExtensions": {"(": true}}'])
def test_broken_settings_switch_nothing_off(top: Path, text: str) -> None:
    (top / USER).parent.mkdir(parents=True)
    (top / USER).write_text(text)
    assert switched_off(top) == {}
