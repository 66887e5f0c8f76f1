"""Whether what is loaded is what is installed: proven either way, or unknown."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any
from zipimport import zipimporter

import pytest

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.loaded import is_gone, is_loaded_namespace, read_loaded, read_process_start
from ipython_where.facts.imports.stale import has_recorded_content, judge_stale, sha256_row
from ipython_where.model import Loaded

START = 1000.0


def judge(**changes: Any) -> bool | None:
    facts: dict[str, Any] = {
        "file": "/site/pack/__init__.py",
        "same_file": True,
        "file_changed": START + 5,
        "metadata_changed": START + 5,
        "since": START,
        "installed_version": changes.pop("installed_version", None),
    }
    loaded = changes.pop("loaded", Loaded(file="/site/pack/__init__.py", version="1.0"))
    on_disk, as_recorded = changes.pop("version_on_disk", "2.0"), changes.pop("as_recorded", False)
    return judge_stale(loaded, as_recorded=lambda: as_recorded, version_on_disk=lambda: on_disk, **{**facts, **changes})


def test_another_version_installed_since_the_start_is_stale() -> None:
    assert judge() is True


def test_the_same_version_in_another_spelling_is_not_stale() -> None:
    assert judge(version_on_disk="1.0.0") is False


def test_another_file_than_the_loaded_one_is_stale() -> None:
    assert judge(same_file=False, file_changed=1.0, metadata_changed=1.0) is True


def test_what_has_not_changed_since_the_start_is_not_stale_whatever_it_says_of_itself() -> None:
    assert judge(file_changed=START - 1, metadata_changed=START - 1) is False


def test_a_file_that_only_seems_changed_has_what_an_older_record_says() -> None:
    """As where uv links the same wheel into another environment: the inode's change time moves."""
    assert judge(metadata_changed=START - 1, as_recorded=True) is False
    assert judge(metadata_changed=START - 1, as_recorded=False) is True
    assert judge(metadata_changed=START + 5, as_recorded=True) is True
    assert judge(metadata_changed=None, as_recorded=True) is True


def test_a_version_that_is_the_installed_one_is_never_called_older() -> None:
    """Whatever the source seems to say."""
    assert judge(installed_version="1.0") is None
    assert judge(installed_version="1.5") is True


@pytest.mark.parametrize(
    "unknown",
    [
        {"since": None},
        {"version_on_disk": None},
        {"loaded": Loaded(file="/site/pack/__init__.py", version=None)},
        {"file": None},
    ],
)
def test_what_cannot_be_proven_is_unknown(unknown: dict[str, Any]) -> None:
    assert judge(**unknown) is None


def linked(folder: Path) -> tuple[Path, Path]:
    """An installed module, and the directory of its metadata, as they are after another environment linked the file."""
    file, metadata = folder / "pack.py", folder / "pack-1.dist-info"
    file.write_text("x = 1\n")
    metadata.mkdir()
    (metadata / "RECORD").write_text(f"pack.py,{sha256_row(file.read_bytes()).decode()},{file.stat().st_size}\n")
    for path in (metadata / "RECORD", metadata, file):
        os.utime(path, (START, START))
    (folder / "other").mkdir()
    os.link(file, folder / "other" / "pack.py")
    return file, metadata


def test_a_hard_link_elsewhere_leaves_a_module_what_was_installed(tmp_path: Path) -> None:
    file, metadata = linked(tmp_path)
    assert has_recorded_content(str(file), str(metadata), Distributions()) is True
    file.write_text("x = 2\n")
    assert has_recorded_content(str(file), str(metadata), Distributions()) is False
    assert has_recorded_content(str(tmp_path / "other.py"), str(metadata), Distributions()) is False
    assert has_recorded_content(str(file), None, Distributions()) is False


def test_a_folder_that_became_a_package_is_a_loaded_namespace(tmp_path: Path) -> None:
    (tmp_path / "spaced").mkdir()
    sys.path.insert(0, str(tmp_path))
    try:
        import spaced  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(tmp_path))
        del sys.modules["spaced"]
    swapped = ModuleType("swapped")
    swapped.__path__ = []
    swapped.__spec__ = importlib.util.spec_from_loader("swapped", loader=object())  # type: ignore[arg-type]
    modules = {"spaced": spaced, "swapped": swapped, "plain": ModuleType("plain")}
    assert [name for name in modules if is_loaded_namespace(name, modules)] == ["spaced"]


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


class Version(str):
    """A text with code of its own."""

    def replace(self, *given: Any) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("file", "version", "read"),
    [
        ("/x/odd.py", "1.0", ("/x/odd.py", "1.0")),
        ("", "", (None, "")),
        ("a\0b", "1" * 1_000_000, (None, None)),
        ("/x/\ud800", (1, 0), (None, None)),
        (b"/x/odd.py", Version("1.0"), (None, "1.0")),
    ],
)
def test_what_a_module_says_of_itself_is_read_only_as_far_as_it_can_be_true(
    file: object, version: object, read: tuple[str | None, str | None]
) -> None:
    """A module may set its names to anything."""
    module = ModuleType("odd")
    vars(module).update(__file__=file, __version__=version)
    loaded = read_loaded("odd", {"odd": module})
    assert loaded is not None
    assert (loaded.file, loaded.version) == read
    assert type(loaded.version) in (str, type(None))


def test_a_module_is_gone_once_its_file_is(tmp_path: Path) -> None:
    """Python's own loaders read the file that they name; in an archive, there never was one, and others may name anything."""
    file = tmp_path / "tiny.py"
    file.write_text("")
    spec = importlib.util.spec_from_file_location("tiny", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("zipped.py", "")
    within = zipimporter(str(tmp_path / "a.zip")).find_spec("zipped")
    assert within is not None
    zipped = importlib.util.module_from_spec(within)
    modules = {"tiny": module, "made": ModuleType("made"), "zipped": zipped}
    assert not is_gone("tiny", modules)
    file.unlink()
    assert [name for name in (*modules, "absent") if is_gone(name, modules)] == ["tiny"]
