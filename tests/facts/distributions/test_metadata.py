"""What metadata files say, damaged ones included."""

from __future__ import annotations

import pytest

from ipython_where.facts.distributions.metadata import (
    Metadata,
    editable_root,
    lab_extension_names,
    parse_direct_url,
    parse_identity,
    parse_installer,
    parse_metadata,
    same_version,
    server_extension_names,
    source_folder,
    top_level_names,
    was_requested,
)
from ipython_where.model import Origin


def test_versions_are_the_same_if_they_mean_the_same() -> None:
    """A text that is no version is the same as itself only."""
    assert [same_version("1.0", other) for other in ("1.0", "1.0.0", "v1", "1.1", "odd")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert (same_version("odd", "odd"), same_version("odd", "1.0")) == (True, False)


@pytest.mark.parametrize(
    ("content", "editable", "source"),
    [
        (b'{"url": "file:///my%20src/", "dir_info": {"editable": true}}', "/my src", "/my src"),
        (b'{"url": "file:///src", "dir_info": {"editable": false}}', None, "/src"),
        (b'{"url": "file:///src", "dir_info": {}, "x": "editable"}', None, "/src"),
        (b'{"url": "https://h/x", "dir_info": {"editable": true}}', None, None),
        (b'{"url": "file:///x.whl", "archive_info": {"x": "editable"}}', None, None),
        (b'{"url": 1, "dir_info": {"editable": true}}', None, None),
        (b'["dir_info", "editable"]', None, None),
        (b'{"dir_info": "editable', None, None),
        (b"", None, None),
        (None, None, None),
    ],
)
def test_the_folder_that_a_distribution_comes_from(
    content: bytes | None, editable: str | None, source: str | None
) -> None:
    assert (editable_root(content), source_folder(content)) == (editable, source)


def test_the_headers_are_read_and_the_description_is_not() -> None:
    header = b"Metadata-Version: 2.1\nName: Six\nVersion: 1.16\nRequires-Dist: a>=1\nRequires-Dist: b\n"
    content = header + b"\nVersion: 9\nRequires-Dist: c\n"
    assert parse_metadata(content, "six-1.16.dist-info") == Metadata(name="Six", version="1.16", requires=("a>=1", "b"))


def test_name_and_version_are_found_behind_the_first_lines_too() -> None:
    """Cut within a value or not, they are what all of the headers say."""
    for length in (0, 480, 490, 500, 510, 2_000):
        content = b"Summary: " + b"s" * length + b"\nName: thing\nVersion: 1.2.3\n\nName: other\nVersion: 9\n"
        found = parse_identity(content, "thing-1.2.3.dist-info")
        assert (found.name, found.version, found.problem) == ("thing", "1.2.3", None)
    assert parse_identity(b"Name: thing", "thing-1.2.3.dist-info") == parse_metadata(
        b"Name: thing", "thing-1.2.3.dist-info"
    )
    assert parse_identity(None, "thing-1.2.3.dist-info") == parse_metadata(None, "thing-1.2.3.dist-info")


def test_a_folded_header_and_windows_line_ends_are_one_value() -> None:
    content = b"Name: x\r\nVersion: 1\r\nRequires-Dist: a;\r\n python_version<'3'\r\n\r\nbody"
    assert parse_metadata(content, "x-1.dist-info").requires == ("a; python_version<'3'",)


def test_a_missing_file_leaves_what_the_folder_is_called_and_says_so() -> None:
    expected = Metadata(name="six", version="1.16", problem="it has no METADATA")
    assert parse_metadata(None, "six-1.16.dist-info") == expected


def test_a_missing_header_is_taken_from_the_folder_and_said() -> None:
    expected = Metadata(name="Six", version="1.16", problem="its METADATA has no `Version`")
    assert parse_metadata(b"Name: Six\n", "six-1.16.dist-info") == expected


def test_an_egg_info_folder_name_gives_the_version_without_the_python() -> None:
    found = parse_metadata(None, "docopt-0.6.2-py3.11.egg-info")
    assert (found.name, found.version) == ("docopt", "0.6.2")


def test_a_direct_url_gives_the_origin_with_its_credentials_masked() -> None:
    content = b'{"url": "https://me:secret@host/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'
    origin, problem = parse_direct_url(content)
    assert problem is None and origin is not None
    assert (origin.editable, origin.vcs, origin.commit) == (False, "git", "abc")
    assert "secret" not in origin.url


def test_an_editable_direct_url_names_its_folder() -> None:
    content = b'{"url": "file:///home/me/my%20project", "dir_info": {"editable": true}}'
    assert editable_root(content) == "/home/me/my project"
    assert parse_direct_url(content)[0] == Origin(
        url="file:///home/me/my%20project", editable=True, vcs=None, commit=None
    )


def test_a_header_that_is_there_twice_is_a_problem() -> None:
    """`importlib.metadata` takes the first version, others the last; twice the same one says nothing else."""
    text = b"Name: six\nVersion: 1.16\nVersion: %s\n\nVersion: 9\n"
    found = parse_metadata(text % b"1.17", "six-1.16.dist-info")
    assert (found.version, found.problem) == ("1.16", "its METADATA has several values of `Version`: 1.16, 1.17")
    assert parse_metadata(text % b"1.16", "six-1.16.dist-info").problem is None
    assert parse_metadata(b"Name: six\nName: seven\nVersion: 1\n\n", "six-1.dist-info").problem == (
        "its METADATA has several values of `Name`: six, seven"
    )


def test_a_broken_direct_url_is_a_problem_and_no_origin() -> None:
    origin, problem = parse_direct_url(b"{")
    assert origin is None
    assert problem is not None and problem.startswith("its direct_url.json is broken: JSONDecodeError: ")
    assert parse_direct_url(b"[]")[1] is not None
    assert editable_root(b'{"editable"') is None


def test_requested_is_unknown_where_the_installer_does_not_record_it() -> None:
    assert was_requested(True, None) is True
    assert was_requested(False, "pip") is False
    assert was_requested(False, "conda") is None
    assert parse_installer(b"uv\n") == "uv"
    assert parse_installer(None) is None


def test_top_level_names_come_from_record() -> None:
    record = (
        b"six.py,sha256=x,1\n_cffi.cpython-311-x86_64-linux-gnu.so,,\npack/__init__.py,,\npack/data.txt,,\n"
        b"space/inner/mod.py,,\n../../../bin/tool,,\nsix-1.0.dist-info/RECORD,,\n__pycache__/six.cpython-311.pyc,,\n"
    )
    assert top_level_names(record, b"wrong") == ("six", "_cffi", "pack", "space")


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (b'"six.py","sha256=x","1"\n"pack/__init__.py","sha256=x","1"\n', ("six", "pack")),
        (b"a.pyd,,\nb.pyc,,\nc.so,,\nd.txt,,\n", ("a", "b", "c")),
        (b"a/x.pyd,,\nb/x.so,,\nc/__pycache__/x.pyc,,\nd/x.pyi,,\n", ("a", "b")),
        (b"../bin/x.py,,\na-b/x.py,,\n1.py,,\n", ()),
        (b"_editable_impl_pack.py,,\n__editable___pack_1_finder.py,,\n", ()),
        (b"\xff.py,,\na.py,,\n", ("a",)),
    ],
)
def test_which_rows_of_a_record_are_modules(rows: bytes, names: tuple[str, ...]) -> None:
    """In quotes or not, compiled or not; a name that is no text is not imported."""
    assert top_level_names(rows, None) == names


@pytest.mark.parametrize(
    ("folder", "problem"),
    [
        ("six-1.16.dist-info", None),
        ("Six-1.16.0.dist-info", None),
        ("six.dist-info", None),
        ("other-9.egg-info", None),
        ("other-1.16.dist-info", "its METADATA names `six`, and its folder `other`"),
        ("six-1.15.dist-info", "its METADATA has the version 1.16, and its folder 1.15"),
    ],
)
def test_metadata_and_its_folder_agree_or_the_problem_is_named(folder: str, problem: str | None) -> None:
    """Debian's and setuptools' `.egg-info` are named by other rules."""
    content = b"Metadata-Version: 2.1\nName: six\nVersion: 1.16\n"
    assert parse_metadata(content, folder) == Metadata(name="six", version="1.16", requires=(), problem=problem)


def test_the_files_of_an_editable_installation_are_no_names_of_the_project() -> None:
    record = b"__editable___pack_1_finder.py,,\n__editable__.pack-1.pth,,\npack-1.dist-info/RECORD,,\n"
    assert top_level_names(record, b"pack\n") == ("pack",)


def test_top_level_txt_is_taken_where_there_is_no_record() -> None:
    assert top_level_names(None, b"yaml\n_yaml\nnot-a-module\n") == ("yaml", "_yaml")


def test_front_end_parts_are_read_from_record() -> None:
    record = (
        b"../../../share/jupyter/labextensions/@jupyter-widgets/base/package.json,sha256=x,3\n"
        b"../../../share/jupyter/labextensions/@jupyter-widgets/base/static/1.js,sha256=x,3\n"
        b"../../../share/jupyter/labextensions/plain/package.json,,\n"
        b"../../../etc/jupyter/jupyter_server_config.d/thing.json,,\n"
        b"prefix/etc/jupyter/jupyter_server_config.d/thing.json,,\n"  # solara-ui has it twice
    )
    assert lab_extension_names(record) == (
        "../../../share/jupyter/labextensions/@jupyter-widgets/base/package.json",
        "../../../share/jupyter/labextensions/plain/package.json",
    )
    assert server_extension_names(record) == ("thing",)
