"""In which order extensions are taken, and what gives way. That they are, and from whom: `tests/page/test_server.py`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ipython_where.page.archive import FilesRefused, ReadyExtension
from ipython_where.page.loading import Loading, check_served, files_below, in_order
from ipython_where.page.mirror import Mirror
from ipython_where.page.offered import KernelExtension
from ipython_where.page.policy import Present, TakenFrom
from ipython_where.page.settings import KernelExtensions

from .extensions import SCRIPT, files, package, write


def found(**needs: str) -> dict[str, KernelExtension]:
    """Extensions, each with those that it needs."""
    return {
        name: KernelExtension(name=name, version="1", size=1, needs=tuple(words.split()))
        for name, words in needs.items()
    }


@pytest.mark.parametrize(
    ("wanted", "needs", "expected"),
    [
        ("a", {"a": ""}, "a"),
        ("a", {"a": "b", "b": "c", "c": ""}, "c b a"),
        ("a b", {"a": "b", "b": ""}, "b a"),
        ("a b", {"a": "c", "b": "c", "c": ""}, "c a b"),
        ("a", {"a": "b", "b": "a"}, "b a"),
        ("a", {"a": "a"}, "a"),
        ("a", {"a": "gone"}, "a"),
        ("gone", {"a": ""}, ""),
    ],
)
def test_what_is_needed_comes_first(wanted: str, needs: dict[str, str], expected: str) -> None:
    assert [each.name for each in in_order(wanted.split(), found(**needs))] == expected.split()


def test_a_long_chain_of_needs_is_put_in_order() -> None:
    """A kernel may name as many as it likes."""
    chain = found(**{f"a{i}": f"a{i + 1}" for i in range(2_000)})
    assert len(in_order(["a0"], chain)) == 2_000


def test_the_files_of_an_extension_are_paths_in_it(tmp_path: Path) -> None:
    write(tmp_path, files())
    assert files_below(str(tmp_path)) == {"package.json", "static/remoteEntry.js"}


@pytest.mark.parametrize(
    "described",
    [
        package(repository="https://example.org/curl"),
        {"name": "sound"},
        package("other"),
        package(dependencies={"x": float("inf")}),
    ],
)
def test_what_jupyterlabs_own_reader_falls_over_is_refused(tmp_path: Path, described: dict[str, Any]) -> None:
    """Whatever the checks of the files let through."""
    write(tmp_path / "sound", files(described))
    with pytest.raises(FilesRefused):
        check_served(str(tmp_path), "sound")
    write(tmp_path / "sound", files())
    check_served(str(tmp_path), "sound")


@contextmanager
def loading_of(
    folder: Path, *taken: str, served: dict[str, tuple[Present, str]] | None = None
) -> Iterator[tuple[Loading, KernelExtensions]]:
    """What came from a kernel that is not proven to be here, beside what the server has, and the server's settings."""
    mirror, settings = Mirror.make(str(folder)), KernelExtensions(allowed=["*"])
    for name in taken:
        with mirror.stage() as stage:
            filled = write(Path(stage) / "filled", files(package(name)))
            ready = ReadyExtension(name=name, version="1.0.0", load=SCRIPT)
            mirror.place(str(filled), ready, TakenFrom(is_local=False, digest="a" * 64))
    log = logging.getLogger(__name__)
    made = Loading(mirror, settings, None, served=lambda: served or {}, proof_directory=mirror.root, log=log)
    yield made, settings
    mirror.close()


def test_what_the_servers_environment_gets_takes_the_place_of_a_kernels(tmp_path: Path) -> None:
    served = {"sound": (Present(name="sound", version="2.0.0", source="server"), str(tmp_path))}
    with loading_of(tmp_path, "sound", "other", served=served) as (loading, _):
        present = {name: (each.version, each.source) for name, each in loading.present().items()}
    assert present == {"sound": ("2.0.0", "server"), "other": ("1.0.0", "kernel")}


def test_what_the_settings_do_not_allow_any_more_goes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the next look, with a line in the log."""
    with loading_of(tmp_path, "sound", "@scope/other") as (loading, settings), caplog.at_level(logging.INFO):
        assert set(loading.present()) == {"sound", "@scope/other"}
        settings.allowed = ["@scope/*"]
        assert set(loading.present()) == {"@scope/other"}
    assert caplog.messages == [
        "ipython_where: sound, which came from a kernel, is removed: this kernel is not proven to run on the server's "
        "machine as its user, and the server's settings don't allow it"
    ]
