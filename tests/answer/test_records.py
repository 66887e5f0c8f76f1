"""What a name's distributions claim is compared with the disk, and what is not so is told with what mends it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest

from ipython_where import probe
from ipython_where.answer.broken_module import read_broken
from ipython_where.answer.name import where
from ipython_where.answer.records import record_findings
from ipython_where.answer.world import World
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.finding import ImportSystem
from ipython_where.judge.diagnose.broken_module import diagnose_broken
from ipython_where.judge.failure import FailedImport
from ipython_where.model import ModuleAnswer
from tests.change.transaction.worlds import install
from tests.recorded import recorded


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site directory with `tiny` 1.0 in it: a package with a module, data, stubs and tests."""
    files = ("__init__.py", "a.py", "native.abi3.so", "data/text.txt", "a.pyi", "tests/test_a.py")
    install(tmp_path, "tiny", "1.0", {f"site/tiny/{each}": each for each in files}, site="site")
    return tmp_path / "site"


def world_of(site: Path, prefix: Path | None = None) -> World:
    """An interpreter that has nothing but ``site`` on its path."""
    system = ImportSystem(
        path=[str(site)],
        meta_path=[PathFinder],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules={},
        cwd=str(site.parent),
    )
    return replace(
        World.here(),
        system=system,
        environ={"PATH": "/nowhere", "HOME": str(site.parent)},
        home=str(site.parent),
        distributions=Distributions(),
        interpreter={**probe.identity(), "prefix": str(prefix or site.parent / "none")},
    )


def look(site: Path, name: str, *, prefix: Path | None = None) -> ModuleAnswer:
    """Its answer about a name."""
    return where(name, world_of(site, prefix))


def told(answer: ModuleAnswer) -> list[str]:
    return [each.id for each in answer.findings]


def test_what_is_whole_has_no_finding(site: Path) -> None:
    for name in ("tiny", "tiny.a", "tiny.native"):
        answer = look(site, name)
        assert (answer.found, answer.owners, answer.findings) == (True, ("tiny",), ())


@pytest.mark.parametrize("name", ["tiny", "Tiny", "tiny.a", "tiny.native"])
def test_what_is_recorded_and_gone_is_not_found(site: Path, name: str) -> None:
    """It says how many of its files are gone, which come first, and the line that brings them back."""
    shutil.rmtree(site / "tiny")
    answer = look(site, name)
    assert (answer.found, answer.file, answer.version) == (False, None, "1.0")
    (finding,) = answer.findings
    assert finding.message == "`tiny` 1.0 lists files that are gone"
    assert [(each.label, each.value) for each in finding.evidence] == [
        ("record", str(site / "tiny-1.0.dist-info")),
        ("gone", "4 of 4 files"),
        ("file", "tiny/__init__.py"),
        ("file", "tiny/a.py"),
        ("file", "tiny/native.abi3.so"),
        ("file", "tiny/data/text.txt"),
    ]
    assert finding.hint == "`%safepip install --force-reinstall --no-deps tiny==1.0` restores them"


@pytest.mark.parametrize("file", ["__init__.py", "a.py", "native.abi3.so", "data/text.txt"])
def test_what_is_partly_gone_is_found_as_far_as_it_is_there(site: Path, file: str) -> None:
    (site / "tiny" / file).unlink()
    answer = look(site, "tiny")
    assert (answer.found, answer.kind) == (True, "namespace" if file == "__init__.py" else "package")
    (finding,) = answer.findings
    assert [each.value for each in finding.evidence[1:]] == ["1 of 4 files", f"tiny/{file}"]
    if file in ("a.py", "native.abi3.so"):
        below = look(site, f"tiny.{file.partition('.')[0]}")
        assert (below.found, told(below), below.version) == (False, ["files-gone"], "1.0")


@pytest.mark.parametrize("name", ["a.pyi", "tests", "__pycache__", "../../bin/tiny"])
def test_what_no_import_misses_is_not_said_to_be_gone(tmp_path: Path, site: Path, name: str) -> None:
    """Stubs, tests, bytecode, and scripts, which `pip install --target` puts where its RECORD does not say."""
    shutil.rmtree(site)
    files = ("tiny/__init__.py", "tiny/a.pyi", "tiny/tests/b.py", "tiny/__pycache__/a.cpython-311.pyc", "../bin/tiny")
    install(tmp_path, "tiny", "1.0", {f"site/{each}": "" for each in files}, site="site")
    gone = site / "tiny" / name
    (shutil.rmtree if gone.is_dir() else Path.unlink)(gone)
    assert look(site, "tiny").findings == ()


def test_a_distribution_with_several_modules_is_found_where_one_is(tmp_path: Path, site: Path) -> None:
    install(tmp_path, "many", "1", {"site/one.py": "", "site/two.py": ""}, site="site")
    (site / "one.py").unlink()
    assert (look(site, "many").found, told(look(site, "many"))) == (True, ["files-gone"])
    (site / "two.py").unlink()
    assert (look(site, "many").found, told(look(site, "many"))) == (False, ["files-gone"])


def test_a_distribution_without_modules_is_found_while_its_record_is_true(tmp_path: Path, site: Path) -> None:
    """Data, stubs, scripts alone: there is nothing to import, and nothing that would be missed."""
    install(tmp_path, "types_tiny", "1", {"site/tiny-stubs/a.pyi": "", "bin/tool": ""}, site="site")
    assert (look(site, "types-tiny").found, look(site, "types-tiny").findings) == (True, ())


def test_each_owner_of_a_file_is_told(tmp_path: Path, site: Path) -> None:
    """Also where one has the module's name and the very content: as polars and polars-lts-cpu have."""
    install(tmp_path, "tiny_lts", "1.0", {"site/tiny/__init__.py": "__init__.py", "site/tiny/more.py": ""}, site="site")
    answer = look(site, "tiny")
    assert answer.owners == ("tiny", "tiny_lts")
    (finding,) = answer.findings
    assert [each.value for each in finding.evidence] == ["tiny", "tiny_lts"]
    assert finding.hint == (
        "uninstalling one also deletes the files of the others: to keep `tiny`, run `%safepip uninstall tiny_lts`, "
        "then `%safepip install --force-reinstall --no-deps tiny`"
    )


RECORDS: dict[str, Callable[[str, Path], bytes]] = {
    "quotes": lambda text, site: "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in text.splitlines()
    ).encode(),
    "a dot": lambda text, site: "".join(f"./{line}\n" for line in text.splitlines()).encode(),
    "backslashes": lambda text, site: text.replace("/", "\\").encode(),
    "absolute": lambda text, site: "".join(f"{site}/{line}\n" for line in text.splitlines()).encode(),
    "a mark": lambda text, site: b"\xef\xbb\xbf" + text.encode(),
}


@pytest.mark.parametrize("spell", RECORDS.values(), ids=RECORDS)
def test_an_owner_is_read_from_any_spelling_of_record(site: Path, spell: Callable[[str, Path], bytes]) -> None:
    record = site / "tiny-1.0.dist-info" / "RECORD"
    lines = [line for line in record.read_text().splitlines() if "sha256=" in line and "/" in line and "=," not in line]
    plain = "".join(f"{line.partition(',')[0]},sha256=abc,{line.rpartition(',')[2]}\n" for line in lines)
    record.write_bytes(spell(plain, site))
    answer = look(site, "tiny")
    assert (answer.owners, answer.version, answer.findings) == (("tiny",), "1.0", ())
    (site / "tiny/a.py").unlink()
    assert told(look(site, "tiny")) == ["files-gone"]


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b'"tiny/__init__.py,,\n', None])
def test_an_owner_that_cannot_be_read_is_unknown(site: Path, content: bytes | None) -> None:
    """None, never "nobody": and the record that cannot be read is named. A text without the name in it lists it nowhere."""
    record = site / "tiny-1.0.dist-info" / "RECORD"
    record.unlink() if content is None else record.write_bytes(content)
    answer = look(site, "tiny")
    assert (answer.found, answer.owners, answer.distribution) == (True, None, None)
    assert answer.to_dict()["owners"] is None
    assert told(answer) == ["broken-metadata"]
    (site / "mine.py").touch()
    assert look(site, "mine").owners == (() if content is not None and content.startswith(b'"') else None)


def test_a_metadata_directory_with_nothing_but_a_mark(site: Path) -> None:
    """What a cut-off uninstall leaves: with the module the distribution is unknown, without it there is nothing."""
    metadata = site / "tiny-1.0.dist-info"
    shutil.rmtree(metadata)
    metadata.mkdir()
    (metadata / "REQUESTED").touch()
    answer = look(site, "tiny")
    assert (answer.found, answer.owners, told(answer)) == (True, None, ["broken-metadata"])
    shutil.rmtree(site / "tiny")
    answer = look(site, "tiny")
    assert (answer.found, told(answer)) == (False, ["broken-metadata"])
    assert answer.findings[0].hint == "`%safepip install --force-reinstall --no-deps tiny==1.0` rewrites it"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n", "its METADATA names `other`, and its folder `tiny`"),
        ("Metadata-Version: 2.1\nName: Tiny\nVersion: 1.1\n", "its METADATA has the version 1.1, and its folder 1.0"),
        ("", "its METADATA has no `Name`"),
    ],
)
def test_metadata_that_is_not_its_folders_is_told(site: Path, text: str, reason: str) -> None:
    (site / "tiny-1.0.dist-info" / "METADATA").write_text(text)
    (finding,) = look(site, "tiny").findings
    assert (finding.id, finding.evidence[-1].value) == ("broken-metadata", reason)


def second(root: Path, spelled: str) -> None:
    """A second record of `tiny`, as a cut-off upgrade leaves it."""
    folder = root / "site" / spelled
    folder.mkdir()
    name = "PKG-INFO" if spelled.endswith(".egg-info") else "METADATA"
    (folder / name).write_text(f"Metadata-Version: 2.1\nName: {spelled.partition('-')[0]}\nVersion: 0.9\n")
    if name == "METADATA":
        (folder / "RECORD").write_text("tiny/__init__.py,,\ntiny/a.py,,\ntiny/before.py,,\n")


@pytest.mark.parametrize("spelled", ["tiny-0.9.dist-info", "Tiny-0.9.dist-info", "tiny-0.9-py3.11.egg-info"])
def test_two_records_of_one_project_are_told(tmp_path: Path, site: Path, spelled: str) -> None:
    """And which of them `importlib.metadata` takes; the line installs the one again whose files are there. However each spells
    its name, they are no two owners of a file.
    """
    second(tmp_path, spelled)
    (finding,) = look(site, "tiny").findings
    for name in ("tiny", "tiny.a"):
        answer = look(site, name)
        assert len(answer.owners or ()) == 1 and [each.id for each in answer.findings] == ["two-versions"]
    assert finding.message == ("`tiny` is recorded 2 times in one directory: an interrupted install can cause this")
    (first,) = [each.value for each in finding.evidence if each.note]
    (theirs, *_) = recorded(site, "tiny")
    assert first == str(theirs._path)  # type: ignore[attr-defined]
    assert sorted(each.value for each in finding.evidence) == sorted(
        [str(site / spelled), str(site / "tiny-1.0.dist-info")]
    )
    assert finding.hint == "`%safepip install --force-reinstall --no-deps tiny==1.0` replaces them all with one"
    assert list(record_findings(world_of(site))) == [finding]
    broken = diagnose_broken(read_broken(FailedImport(source="tiny", names=("newer",)), world_of(site)))
    assert broken is not None
    assert broken.hint == "`%safepip install --force-reinstall --no-deps tiny`, then restart the kernel"


def test_an_egg_info_of_the_same_version_is_no_second_record(tmp_path: Path, site: Path) -> None:
    """Debian's `python3-cryptography` has both."""
    (site / "tiny.egg-info").mkdir()
    (site / "tiny.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    (site / "tiny.egg-info" / "top_level.txt").write_text("tiny\n")
    assert look(site, "tiny").findings == ()
    assert list(record_findings(world_of(site))) == []
    assert read_broken(FailedImport(source="tiny", names=("newer",)), world_of(site)).twice is None


def conda(prefix: Path, name: str, version: str, *files: str) -> Path:
    """A record of conda's: of a package with metadata and these files, or of one that has nothing for Python."""
    record = prefix / "conda-meta" / f"{name}-{version}-py311h0_0.json"
    record.parent.mkdir(exist_ok=True)
    listed = [*files, *([f"site/{name}-{version}.dist-info/METADATA"] if files else ["lib/x.so"])]
    record.write_text(json.dumps({"name": name, "version": version, "files": listed}))
    return record


def test_an_environment_tells_that_its_own_pip_is_damaged(tmp_path: Path, site: Path) -> None:
    """No other question asks for it, and an install says only that it failed. One that is gone as a whole is told once."""
    files = {f"site/pip/{each}": each for each in ("__init__.py", "__main__.py", "_internal/cli.py")}
    install(tmp_path, "pip", "24.0", files, site="site")

    def found() -> list[tuple[str, str | None]]:
        world = world_of(site)
        here = replace(world, interpreter={**world.interpreter, "site_directories": [str(site)]})
        return [(each.message, each.hint) for each in record_findings(here)]

    assert found() == []
    line = "`%safepip install --force-reinstall --no-deps pip==24.0` restores"
    (site / "pip" / "_internal" / "cli.py").unlink()
    assert found() == [("`pip` 24.0 lists files that are gone", f"{line} them")]
    shutil.rmtree(site / "pip")
    assert found() == [("a distribution is recorded as installed, but its files are gone", f"{line} it")]


def test_what_conda_records_and_pip_installed_over_it_is_told(tmp_path: Path, site: Path) -> None:
    record = conda(tmp_path, "tiny", "0.9", "site/tiny/a.py")
    conda(tmp_path, "tiny-extra", "3")
    (finding,) = look(site, "tiny", prefix=tmp_path).findings
    assert finding.message == "conda records `tiny` 0.9, but pip installed 1.0 over it"
    assert [(each.value, each.note) for each in finding.evidence] == [
        (str(record), "0.9"),
        (str(site / "tiny-1.0.dist-info"), "1.0"),
    ]
    assert finding.hint == "`%safeconda install --force-reinstall tiny` gives it back to conda"


@pytest.mark.parametrize("version", ["1.0", "1.0.0"])
def test_a_conda_record_that_agrees_is_no_finding(tmp_path: Path, site: Path, version: str) -> None:
    conda(tmp_path, "tiny", version, "site/tiny/a.py")
    assert look(site, "tiny", prefix=tmp_path).findings == ()


def test_another_package_of_that_name_is_no_finding(tmp_path: Path, site: Path) -> None:
    """conda's `graphviz` is a C program, PyPI's another project: no file of the one is the other's."""
    conda(tmp_path, "tiny", "9.0")
    assert look(site, "tiny", prefix=tmp_path).findings == ()
    assert list(record_findings(world_of(site, tmp_path))) == []


def test_what_pip_removed_of_condas_is_told(tmp_path: Path, site: Path) -> None:
    """Its metadata is gone, and nothing has come in its place."""
    conda(tmp_path, "gone_one", "2.0", "site/gone.py")
    (finding,) = record_findings(world_of(site, tmp_path))
    assert (finding.id, finding.message) == ("conda-lost", "conda records `gone-one`, but another installer removed it")
    assert finding.hint == "`%safeconda install --force-reinstall gone_one` brings it back"


def test_what_conda_installed_comes_back_from_conda(tmp_path: Path, site: Path) -> None:
    (site / "tiny-1.0.dist-info" / "INSTALLER").write_text("conda")
    (site / "tiny/a.py").unlink()
    (finding,) = look(site, "tiny", prefix=tmp_path).findings
    assert finding.hint == "`%safeconda install --force-reinstall tiny` restores them"
    (site / "tiny-1.0.dist-info" / "INSTALLER").write_text("rpm")
    (finding,) = look(site, "tiny").findings
    assert finding.hint == "reinstall it with `rpm`, which installed it"


def test_what_debian_installed_without_a_list_is_undamaged(site: Path) -> None:
    metadata = site / "tiny-1.0.dist-info"
    for name in ("RECORD", "INSTALLER", "REQUESTED"):
        (metadata / name).unlink()
    (metadata / "top_level.txt").write_text("tiny\n")
    answer = look(site, "tiny")
    assert (answer.owners, answer.findings) == (("tiny",), ())


def editable(site: Path, folder: Path) -> None:
    shutil.rmtree(site / "tiny")
    metadata = site / "tiny-1.0.dist-info"
    (site / "__editable__.tiny-1.0.pth").write_text(f"{folder}\n")
    (metadata / "RECORD").write_text("__editable__.tiny-1.0.pth,,\ntiny-1.0.dist-info/METADATA,,\n")
    (metadata / "direct_url.json").write_text(json.dumps({"url": folder.as_uri(), "dir_info": {"editable": True}}))


def test_modules_that_are_named_alone_are_gone_where_none_is_there(tmp_path: Path, site: Path) -> None:
    """`setup.py develop` leaves an egg-info in the project's folder, whose list is `top_level.txt`."""
    (site / "old.egg-info").mkdir()
    (site / "old.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
    (site / "old.egg-info" / "top_level.txt").write_text("older\nold\n")
    (site / "old.py").touch()
    assert (look(site, "old").found, look(site, "old").findings) == (True, ())
    (site / "old.py").unlink()
    answer = look(site, "old")
    assert (answer.found, told(answer), answer.version) == (False, ["files-gone"], "1.0")
    assert answer.findings[0].hint == f"`%safepip install --force-reinstall --no-deps -e {site}` restores them"


def test_an_editable_installation_whose_folder_is_gone_is_not_found(tmp_path: Path, site: Path) -> None:
    editable(site, tmp_path / "source")
    answer = look(site, "tiny")
    assert (answer.found, told(answer)) == (False, ["files-gone"])
    assert answer.findings[0].message == f"`tiny` 1.0 is installed from `{tmp_path}/source`, which does not exist"
    (tmp_path / "source").mkdir()
    assert look(site, "tiny").findings == ()
    (site / "__editable__.tiny-1.0.pth").unlink()
    (finding,) = look(site, "tiny").findings
    assert finding.hint == (f"`%safepip install --force-reinstall --no-deps -e {tmp_path}/source` restores them")


@pytest.mark.parametrize("aside", ["~iny", "~-ny", "~~ny", "~.~y", "~tiny", "~0tiny"])
def test_what_an_interrupted_pip_put_aside_is_no_name_and_no_owner(site: Path, aside: str) -> None:
    """It is told where it may be what was asked for, with the line that removes it."""
    (site / "tiny").rename(site / aside)
    metadata = (site / "tiny-1.0.dist-info").rename(site / f"{aside}-1.0.dist-info")
    answer = look(site, "tiny")
    assert (answer.found, answer.near, answer.owners, answer.distribution) == (False, (), (), None)
    (finding,) = [each for each in answer.findings if each.id == "leftovers"]
    assert {each.value for each in finding.evidence} == {str(site / aside), str(metadata)}
    assert finding.hint is not None
    scope: dict[str, Any] = {}
    exec(finding.hint.partition("`")[2].partition("`")[0], scope)
    assert [each.name for each in site.iterdir()] == []
    assert told(look(site, "tiny")) == []


def test_what_pip_put_aside_of_others_is_not_told_with_a_name(site: Path) -> None:
    (site / "~umpy-1.0.dist-info").mkdir()
    (site / "~n").mkdir()
    assert [told(look(site, name)) for name in ("tiny", "tin", "pondas")] == [[], [], []]
    assert told(look(site, "numpy"))[-1:] == ["leftovers"]
    assert look(site, "umpy").near == ()


def test_an_environment_tells_what_is_gone_put_aside_or_conda_takes_for_another(tmp_path: Path, site: Path) -> None:
    """Without a look at each file: what is there under its own name is not read."""
    install(tmp_path, "py_other", "2.0", {"site/other/__init__.py": "", "site/other/a.py": ""}, site="site")
    install(tmp_path, "scripts", "1", {"bin/tool": "", "site/tool-stubs/a.pyi": ""}, site="site")
    install(tmp_path, "older", "1.0", {"site/older.py": ""}, site="site")
    assert list(record_findings(world_of(site, tmp_path))) == []
    shutil.rmtree(site / "tiny")
    shutil.rmtree(site / "other")
    shutil.rmtree(site / "tool-stubs")
    (site / "~umpy-1.0.dist-info").mkdir()
    conda(tmp_path, "older", "0.9", "site/older.py")
    conda(tmp_path, "libolder", "3")
    gone, disagrees, aside = record_findings(world_of(site, tmp_path))
    assert gone.message == "2 distributions are recorded as installed, but their files are gone"
    assert {each.label for each in gone.evidence} == {"tiny", "py_other"}
    words = (gone.hint or "").partition("`")[2].partition("`")[0].split()
    assert words[:4] == ["%safepip", "install", "--force-reinstall", "--no-deps"]
    assert sorted(words[4:]) == ["py_other==2.0", "tiny==1.0"]
    assert disagrees.message == "conda records `older` 0.9, but pip installed 1.0 over it"
    assert [each.value for each in aside.evidence] == [str(site / "~umpy-1.0.dist-info")]


def test_an_editable_installation_that_lost_its_link_is_not_replaced_by_what_an_index_has(
    tmp_path: Path, site: Path
) -> None:
    """A stranger may have published that name: it comes back from its own folder."""
    editable(site, tmp_path / "source")
    (tmp_path / "source").mkdir()
    assert list(record_findings(world_of(site))) == []
    (site / "__editable__.tiny-1.0.pth").unlink()
    (gone,) = record_findings(world_of(site))
    assert gone.message == "a distribution is recorded as installed, but its files are gone"
    assert gone.hint == f"`%safepip install --force-reinstall --no-deps -e {tmp_path}/source` restores it"


MACHINE = Path(sys.executable).read_bytes()[18:20]
ELF = (
    b"\x7fELF\x02\x01"
    + bytes(12)
    + MACHINE
    + bytes(20)
    + (9000).to_bytes(8, "little")
    + bytes(10)
    + b"\x40\x00\x02\x00"
    + bytes(2)
)
"""The header of a shared library for this processor, whose table of sections ends at 9,128 bytes."""


def compiled(tmp_path: Path, name: str) -> Path:
    """A distribution with a compiled module, as big as its header says."""
    install(
        tmp_path,
        name,
        "1.0",
        {f"site/{name}/__init__.py": "x = 1\n", f"site/{name}/native.so": "-" * 9128},
        site="site",
    )
    native = tmp_path / "site" / name / "native.so"
    native.write_bytes(ELF.ljust(9128, b"-"))
    return native


@pytest.mark.parametrize(
    "left", [b"", b"\x7fE", ELF, ELF.ljust(9127, b"-"), b"version https://git-lfs.github.com/spec/v1\n"]
)
def test_a_compiled_file_that_is_cut_off_is_told(tmp_path: Path, left: bytes) -> None:
    native = compiled(tmp_path, "fast")
    assert look(tmp_path / "site", "fast").findings == ()
    native.write_bytes(left)
    (finding,) = look(tmp_path / "site", "fast.native").findings
    assert finding.message == "`fast` 1.0 has truncated files: part of their content is missing"
    assert [(each.label, each.value) for each in finding.evidence] == [
        ("record", str(tmp_path / "site" / "fast-1.0.dist-info")),
        ("file", "fast/native.so"),
    ]
    assert finding.hint == "`%safepip install --force-reinstall --no-deps fast==1.0` restores them"


def test_a_compiled_file_that_another_tool_made_smaller_is_whole(tmp_path: Path) -> None:
    """`strip` and `patchelf` write the header anew: the file ends where it says."""
    native = compiled(tmp_path, "fast")
    native.write_bytes(ELF.replace((9000).to_bytes(8, "little"), (900).to_bytes(8, "little")).ljust(1028, b"-"))
    assert look(tmp_path / "site", "fast").findings == ()


def test_a_source_that_was_emptied_is_cut_off_and_one_that_was_changed_is_changed(site: Path) -> None:
    """A patch in place is somebody's own: it is told, and nothing takes it away."""
    code = site / "tiny" / "__init__.py"
    code.write_text("print('mine')\n")
    (finding,) = look(site, "tiny").findings
    assert (finding.id, finding.severity, finding.hint) == ("changed", "note", None)
    assert finding.message == "the file of `tiny` was changed since `tiny` was installed"
    assert [(each.label, each.value, each.note) for each in finding.evidence] == [
        ("file", str(code), "14 bytes"),
        ("recorded", "11 bytes", None),
    ]
    code.write_text("")
    assert told(look(site, "tiny")) == ["files-cut-off"]
    (site / "tiny-1.0.dist-info" / "INSTALLER").write_text("conda\n")
    code.write_text("print('mine')\n")
    assert look(site, "tiny").findings == ()


def test_source_that_is_zeros_and_a_submodule_that_was_emptied_are_cut_off(site: Path) -> None:
    """What a power that went leaves: zeros in a package's own file, and no byte in any."""
    (site / "tiny" / "a.py").write_text("")
    assert told(look(site, "tiny")) == told(look(site, "tiny.a")) == ["files-cut-off"]
    (site / "tiny" / "__init__.py").write_bytes(bytes(11))
    (finding,) = look(site, "tiny").findings
    assert [each.value for each in finding.evidence[1:]] == ["tiny/__init__.py", "tiny/a.py"]


@pytest.mark.parametrize(
    ("name", "listed", "left"),
    [("six", "six.py", "six/__init__.py"), ("tiny.late", "tiny/late.py", "tiny/late.abi3.so")],
)
def test_a_file_of_nobodys_that_hides_what_was_installed_is_told(
    tmp_path: Path, site: Path, name: str, listed: str, left: str
) -> None:
    """An older version's, in the same folder: a package goes before a module, and compiled code before source."""
    install(tmp_path, "brings", "1.0", {f"site/{listed}": "x = 1\n"}, site="site")
    assert look(site, name).findings == ()
    (site / left).parent.mkdir(exist_ok=True)
    (site / left).write_text("")
    (finding,) = look(site, name).findings
    assert finding.message == f"`import {name}` finds a different module than the one of `brings`"
    assert [each.value for each in finding.evidence] == [str(site / left), str(site)]
    assert finding.hint == "no distribution lists that file: remove it"


def test_an_editable_installation_whose_path_leads_nowhere_is_not_found(tmp_path: Path, site: Path) -> None:
    """The project is there, and moved its code."""
    source = tmp_path / "source"
    editable(site, source)
    source.mkdir()
    (site / "__editable__.tiny-1.0.pth").write_text(f"{source}/lib\n")
    answer = look(site, "tiny")
    assert (answer.found, told(answer)) == (False, ["files-gone"])
    assert answer.findings[0].message == f"`tiny` 1.0 is installed from `{source}/lib`, which does not exist"
    assert answer.findings[0].hint == f"`%safepip install --force-reinstall --no-deps -e {source}` links it again"
