"""Nothing that a kernel sends is trusted: what isn't a sound extension leaves nothing that JupyterLab could see."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipython_where.page.archive import FilesRefused, ReadyExtension, unpack

from .extensions import SCRIPT, Entry, files, offer, pack, package

MOST = 1 << 20


def take(folder: Path, entries: list[Entry], **changes: Any) -> ReadyExtension:
    return unpack(pack(entries), str(folder), replace(offer(entries), **changes), max_bytes=MOST)


def test_a_sound_extension_is_written_as_it_is(tmp_path: Path) -> None:
    schema = json.dumps(
        {"type": "object", "properties": {"x": {"$ref": "#/definitions/y"}}, "definitions": {"y": {}}}
    ).encode()
    entries = [
        *files(),
        ("schemas/sound/plugin.json", schema),
        ("schemas/sound/package.json.orig", b"{}"),
        ("install.json", b"{}"),
    ]
    assert take(tmp_path, entries) == ReadyExtension(
        name="sound", version="1.0.0", load=SCRIPT, extension="./extension"
    )
    written = {
        file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    }
    assert written == {str(path): content for path, content in entries if path != "install.json"}


BAD_PATHS = [
    "../x",
    "a/../../x",
    "/etc/x",
    "..\\x",
    "C:x",
    "a//b",
    "./x",
    "a/",
    "a\nb",
    "x. ",
    "x.",
    "a/\x7f",
    "d/" * 40 + "x",
    "x" * 600,
]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "filled"
    folder.mkdir()
    with pytest.raises(FilesRefused):
        take(folder, [*files(), (path, b"1")])
    assert [file.name for file in tmp_path.iterdir()] == ["filled"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFSOCK])
def test_an_entry_that_is_no_file_is_refused(tmp_path: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (kind | 0o777) << 16
    with pytest.raises(FilesRefused, match="no ordinary file"):
        take(tmp_path, [*files(), (entry, b"/etc/passwd")])
    assert not (tmp_path / "link").exists()


@pytest.mark.parametrize("second", ["PACKAGE.json", "package.json/x", "Static/REMOTEENTRY.js"])
def test_two_names_of_one_file_are_refused(tmp_path: Path, second: str) -> None:
    with pytest.raises(FilesRefused):
        take(tmp_path, [*files(), (second, b"1")])


def test_other_bytes_than_those_that_were_listed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FilesRefused, match="hash differs"):
        take(tmp_path, files(), digest="0" * 64)
    with pytest.raises(FilesRefused, match="hash differs"):
        take(tmp_path / "other", files(), digest=None)


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(FilesRefused, match="larger"):
        take(tmp_path, [*files(), ("zeros", bytes(8 * MOST))])
    assert not any(tmp_path.iterdir())


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """Both the central directory and the local header say 10 bytes; 8 MiB come out."""
    entries = [*files(), ("zeros", bytes(8 * MOST))]
    said = struct.pack("<L", 8 * MOST)
    lying = pack(entries).getvalue().replace(said, struct.pack("<L", 10))
    with pytest.raises(FilesRefused):
        unpack(io.BytesIO(lying), str(tmp_path), offer(entries), max_bytes=MOST)
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) <= MOST


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FilesRefused, match="10002 files"):
        take(tmp_path, [*files(), *((f"chunk{number}.js", b"") for number in range(10_000))])
    assert not any(tmp_path.iterdir())


DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
BAD_PACKAGES = [
    b"",
    b"[]",
    b"null",
    b"\xff\xfe{}",
    b"{" * 100_000,
    DEEP,
    b'{"name": "sound", "version": NaN}',
    json.dumps(package()).encode()[:-1] + b', "x": 1e999}',
    b" " * (2 << 20) + b"{}",
    *(
        json.dumps(each).encode()
        for each in (
            {},
            {"name": "sound"},
            package("other"),
            package(version="2"),
            package() | {"version": None},
            package(jupyterlab=None),
            package(jupyterlab={"extension": True}),
            package(jupyterlab={"_build": {}}),
            package(jupyterlab={"_build": {"load": "static/missing.js"}}),
            package(jupyterlab={"_build": {"load": "../../other/x.js"}}),
            package(jupyterlab={"_build": {"load": "https://example.org/x.js"}}),
            package(jupyterlab={"_build": {"load": SCRIPT, "extension": "x"}}),
            package(jupyterlab={"_build": {"load": SCRIPT, "style": ["./style"]}}),
            package(
                jupyterlab={"_build": {"load": SCRIPT}, "disabledExtensions": ["@jupyterlab/docmanager-extension"]}
            ),
            package(repository={"url": 1}),
            package(dependencies=[]),
            package(dependencies={"x": 1}),
            package(homepage={}),
            package(repository="https://example.org/curl"),
            package(jupyterlab={"_build": {"load": SCRIPT, "entrypoints": [1]}}),
        )
    ),
]


@pytest.mark.parametrize("content", BAD_PACKAGES)
def test_a_package_that_jupyterlab_would_fall_over_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FilesRefused):
        take(tmp_path, [("package.json", content), (SCRIPT, b"")])


BAD_SCHEMAS = {
    "schemas/@jupyterlab/notebook-extension/tracker.json": b'{"type": "object"}',
    "schemas/sound/schemas/x.json": b'{"type": "object"}',
    "static/schemas/sound/x.json": b'{"type": "object"}',
    "static/schemas/x.json": b'{"type": "object"}',
    "Schemas/sound/x.json": b'{"type": "object"}',
    "schemas/plugin.json": b'{"type": "object"}',
    "schemas/sound/deeper/plugin.json": b'{"type": "object"}',
    "schemas/sound/text.json": b"{",
    "schemas/sound/list.json": b"[]",
    "schemas/sound/deep.json": DEEP,
    "schemas/sound/infinite.json": b'{"properties": {"x": {"default": -1e999}}}',
    "schemas/sound/wrong.json": b'{"type": "nonsense"}',
    "schemas/sound/elsewhere.json": b'{"properties": {"x": {"$ref": "http://127.0.0.1:1/x.json"}}}',
    "schemas/sound/file.json": b'{"$ref": "file:///etc/passwd"}',
    "schemas/sound/other-draft.json": b'{"$schema": "http://127.0.0.1:1/schema"}',
}


@pytest.mark.parametrize("path", BAD_SCHEMAS)
def test_a_schema_that_breaks_the_settings_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(FilesRefused):
        take(tmp_path, [*files(), (path, BAD_SCHEMAS[path])])


@pytest.mark.parametrize(
    "path",
    [
        "themes/@jupyterlab/theme-light-extension/index.css",
        "themes/index.css",
        "themes/sound.css",
        "static/themes/other/index.css",
        "themes/sound/themes/other/index.css",
        "Themes/other/index.css",
    ],
)
def test_a_theme_in_the_place_of_another_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(FilesRefused, match="theme"):
        take(tmp_path, [*files(), (path, b"")])


def test_a_theme_of_its_own_is_written(tmp_path: Path) -> None:
    take(tmp_path, [*files(), ("themes/sound/index.css", b"")])
    assert (tmp_path / "themes" / "sound" / "index.css").is_file()


def test_an_extension_that_is_named_like_a_folder_of_schemas_is_refused(tmp_path: Path) -> None:
    """JupyterLab cuts a schema's path at `schemas/`, and fails for all settings where that is in it twice."""
    entries = [*files(package("my-schemas")), ("schemas/my-schemas/plugin.json", b'{"type": "object"}')]
    with pytest.raises(FilesRefused, match="schema"):
        unpack(pack(entries), str(tmp_path), offer(entries, "my-schemas"), max_bytes=MOST)


@given(st.binary(max_size=2_000))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_an_archive_or_refused(content: bytes) -> None:
    with pytest.raises(FilesRefused):
        unpack(io.BytesIO(content), "/nonexistent", offer(files()), max_bytes=MOST)


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_is_refused_or_whole(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever bytes are changed: what comes through is what was listed."""
    content = bytearray(pack(files()).getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("damaged")
    try:
        unpack(io.BytesIO(bytes(content)), str(folder), offer(files()), max_bytes=MOST)
    except FilesRefused:
        return
    assert {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.js*")} == dict(files())


def test_only_what_python_unpacks_piece_by_piece_is_unpacked(tmp_path: Path) -> None:
    """Of other methods it unpacks all at once, however little is asked for."""
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        entry = zipfile.ZipInfo("zeros")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            for path, content in files():
                opened.writestr(str(path), content)
            opened.writestr(entry, bytes(MOST // 2), compress_type=method)
        with pytest.raises(FilesRefused, match="no kernel uses"):
            unpack(archive, str(tmp_path), offer(files()), max_bytes=MOST)


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    entries = files()
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 10, 10, 5 << 20, 0, 0)
    for content in (end, b"", pack(entries).getvalue() + b"more", pack(entries).getvalue()[:-22] + end):
        with pytest.raises(FilesRefused):
            unpack(io.BytesIO(content), str(tmp_path), offer(entries), max_bytes=MOST)


@pytest.mark.parametrize("path", ["a\x9b2J/x.js", "a\u202ex.js", "a\x85b.js"])
def test_a_path_that_would_deceive_the_readers_of_a_log_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(FilesRefused):
        take(tmp_path, [*files(), (path, b"")])
