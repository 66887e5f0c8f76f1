"""What a server has of the parts that are asked about: from its own directories, in its own order."""

from __future__ import annotations

from pathlib import Path

from ipython_where.facts.jupyter.front_end import read_served, site_directories
from ipython_where.model import LabExtension


def extension(folder: Path, name: str, package: str) -> str:
    file = folder / "labextensions" / name / "package.json"
    file.parent.mkdir(parents=True)
    file.write_text(package)
    return str(file)


def test_the_first_directory_of_the_path_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "user", tmp_path / "env"
    one = extension(first, "@scope/one", '{"version": "2.0.0"}')
    extension(second, "@scope/one", '{"version": "1.0.0"}')
    two = extension(second, "two", '{"version": "1.0.0"}')
    found = read_served(["@scope/one", "two", "none"], [], directories=[str(first), str(second)], prefix=str(tmp_path))
    assert found.lab_extensions == (
        (LabExtension(name="@scope/one", version="2.0.0"), one),
        (LabExtension(name="two", version="1.0.0"), two),
    )


def test_a_package_that_cannot_be_read_is_there_without_a_version(tmp_path: Path) -> None:
    for name, package in {"a": "{", "b": "[]", "c": '{"version": 3}', "d": "[" * 100_000}.items():
        extension(tmp_path, name, package)
        found = read_served([name], [], directories=[str(tmp_path)], prefix=str(tmp_path)).lab_extensions
        assert [each for each, _ in found] == [LabExtension(name=name, version=None)]


def test_server_extensions_are_those_that_the_prefix_switches_on(tmp_path: Path) -> None:
    file = tmp_path / "etc" / "jupyter" / "jupyter_server_config.d" / "git.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    found = read_served([], ["git", "other"], directories=[], prefix=str(tmp_path))
    assert found.server_extensions == (("git", str(file)),)


def test_the_site_of_another_environment(tmp_path: Path) -> None:
    (tmp_path / "lib" / "python3.12").mkdir(parents=True)
    (tmp_path / "lib" / "python3").mkdir()
    assert site_directories(str(tmp_path))[0] == str(tmp_path / "lib" / "python3.12" / "site-packages")
    assert site_directories(str(tmp_path / "none")) == (str(tmp_path / "none" / "Lib" / "site-packages"),)


def test_what_the_settings_switch_off_of_what_is_there(tmp_path: Path) -> None:
    for name in ("one", "two"):
        extension(tmp_path / "data", name, "{}")
    settings = tmp_path / "etc" / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"disabledExtensions": {"two": true, "three": true}}')
    directories = [str(tmp_path / "data")]
    found = read_served(
        ["one", "two", "three"], [], directories=directories, prefix=str(tmp_path), settings=[str(tmp_path / "etc")]
    )
    assert {name: (off.names, off.file) for name, off in found.disabled.items()} == {"two": (("two",), str(settings))}
