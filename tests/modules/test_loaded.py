"""Whether what is loaded is what is installed: proven either way, or unknown."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ipython_where.model import Loaded
from ipython_where.modules.loaded import (
    judge_stale,
    parse_version_literal,
    read_loaded,
    read_process_start,
    read_version_on_disk,
)

START = 1000.0


def judge(**changes: Any) -> bool | None:
    facts: dict[str, Any] = {
        "file": "/site/pack/__init__.py",
        "same_file": True,
        "file_changed": START + 5,
        "metadata_changed": START + 5,
        "version_on_disk": "2.0",
        "started": START,
    }
    loaded = changes.pop("loaded", Loaded(file="/site/pack/__init__.py", version="1.0"))
    return judge_stale(loaded, **{**facts, **changes})


def test_another_version_installed_since_the_start_is_stale() -> None:
    assert judge() is True


def test_the_same_version_in_another_spelling_is_not_stale() -> None:
    assert judge(version_on_disk="1.0.0") is False


def test_another_file_than_the_loaded_one_is_stale() -> None:
    assert judge(same_file=False, file_changed=1.0, metadata_changed=1.0) is True


def test_what_has_not_changed_since_the_start_is_not_stale_whatever_it_says_of_itself() -> None:
    assert judge(file_changed=START - 1, metadata_changed=START - 1) is False


@pytest.mark.parametrize(
    "unknown",
    [
        {"started": None},
        {"version_on_disk": None},
        {"loaded": Loaded(file="/site/pack/__init__.py", version=None)},
        {"file": None},
    ],
)
def test_what_cannot_be_proven_is_unknown(unknown: dict[str, Any]) -> None:
    assert judge(**unknown) is None


def test_a_version_is_a_literal_in_the_source_or_beside_it(tmp_path: Path) -> None:
    init = tmp_path / "__init__.py"
    init.write_text("from ._version import __version__\n")
    (tmp_path / "_version.py").write_text(
        "__version__ = version = '1.2.3'\n__version_tuple__ = version_tuple = (1, 2, 3)\n"
    )
    assert read_version_on_disk(str(init), "9") == "1.2.3"


def test_a_version_asked_of_the_metadata_is_the_installed_one(tmp_path: Path) -> None:
    init = tmp_path / "__init__.py"
    init.write_text("from importlib.metadata import version\n__version__ = version('pack')\n")
    assert read_version_on_disk(str(init), "9") == "9"


def test_a_version_that_reading_does_not_tell_is_unknown(tmp_path: Path) -> None:
    init = tmp_path / "__init__.py"
    init.write_text("from .native import __version__\n")
    assert read_version_on_disk(str(init), "9") is None
    assert parse_version_literal(b"__version__ = '1'\nif x:\n  pass\n__version__ = '2'\n") is None
    assert parse_version_literal(b"version = '3'\n__version__ = version\n") == "3"


def test_reading_a_loaded_module_wakes_nothing_lazy(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text("raise AssertionError('woken')")
    spec = importlib.util.spec_from_file_location("sleeper", tmp_path / "sleeper.py")
    assert spec is not None and spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert read_loaded("sleeper", {"sleeper": module}) == Loaded(file=str(tmp_path / "sleeper.py"), version=None)


def test_what_is_no_module_is_read_without_harm() -> None:
    odd = ModuleType("odd")
    odd.__version__ = (1, 2)  # type: ignore[attr-defined]
    assert read_loaded("odd", {"odd": odd, "none": None}) == Loaded(file=None, version=None)
    assert read_loaded("none", {"none": None}) is None
    assert read_loaded("number", {"number": 5}) == Loaded(file=None, version=None)


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_the_start_of_this_process_is_what_psutil_says() -> None:
    psutil = pytest.importorskip("psutil")
    started = read_process_start()
    assert started is not None
    assert abs(started - psutil.Process().create_time()) < 1.5
    assert started < time.time()
