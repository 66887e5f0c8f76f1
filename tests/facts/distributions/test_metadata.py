"""What metadata files say, damaged ones included."""

from __future__ import annotations

from ipython_where.facts.distributions.metadata import (
    Metadata,
    editable_root,
    lab_extension_names,
    parse_direct_url,
    parse_identity,
    parse_installer,
    parse_metadata,
    server_extension_names,
    top_level_names,
    was_requested,
)
from ipython_where.model import Origin


def test_the_headers_are_read_and_the_description_is_not() -> None:
    header = b"Metadata-Version: 2.1\nName: Six\nVersion: 1.16\nRequires-Dist: a>=1\nRequires-Dist: b\n"
    content = header + b"\nVersion: 9\nRequires-Dist: c\n"
    assert parse_metadata(content, "six-1.16.dist-info") == Metadata(name="Six", version="1.16", requires=("a>=1", "b"))


def test_name_and_version_are_found_behind_the_first_lines_too() -> None:
    """Cut within a value or not, they are what all of the headers say."""
    for length in (0, 480, 490, 500, 510, 2_000):
        content = b"Summary: " + b"s" * length + b"\nName: thing\nVersion: 1.2.3\nName: other\n\nVersion: 9\n"
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
    )
    assert lab_extension_names(record) == (
        "../../../share/jupyter/labextensions/@jupyter-widgets/base/package.json",
        "../../../share/jupyter/labextensions/plain/package.json",
    )
    assert server_extension_names(record) == ("thing",)
