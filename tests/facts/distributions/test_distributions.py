"""Owners, requirers and listings, and that a kept answer is never older than the directory that it came from."""

from __future__ import annotations

import importlib.metadata
import os
import sysconfig
from pathlib import Path

import pytest

from ipython_where.facts.distributions.distributions import Directory, Distributions, project_of
from ipython_where.facts.distributions.stat_cache import SETTLED_NS
from ipython_where.project_names import normalized


def install(site: Path, name: str, version: str, record: str, *, requires: tuple[str, ...] = ()) -> Path:
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    headers = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in requires)]
    (folder / "METADATA").write_text("\n".join(headers) + "\n\nRequires-Dist: body\n")
    (folder / "RECORD").write_text(record)
    return folder


@pytest.fixture
def installed() -> Distributions:
    """A reader whose clock is far ahead, so that every listing counts as settled."""
    return Distributions(clock=lambda: 1 << 62)


def test_the_owner_is_the_distribution_whose_record_lists_the_file(tmp_path: Path, installed: Distributions) -> None:
    install(tmp_path, "decoy", "1.0", "cv2_extra/__init__.py,,\n")
    real = install(tmp_path, "opencv_python", "4.10", "cv2/__init__.py,sha256=x,1\n")
    file = str(tmp_path / "cv2" / "__init__.py")
    assert installed.owner(file, module="cv2", location=str(tmp_path)) == str(real)


def test_a_file_that_no_record_lists_has_no_owner(tmp_path: Path, installed: Distributions) -> None:
    install(tmp_path, "cv2", "1.0", "other.py,,\ncv2/__init__.py.bak,,\n")
    assert installed.owner(str(tmp_path / "cv2" / "__init__.py"), module="cv2", location=str(tmp_path)) is None


def test_every_distribution_that_lists_a_file_is_an_owner(tmp_path: Path, installed: Distributions) -> None:
    both = [install(tmp_path, name, "1", "shared.py,,\n") for name in ("one", "two")]
    install(tmp_path, "three", "1", "not_shared.py,,\n")
    assert installed.owners(str(tmp_path / "shared.py"), location=str(tmp_path)) == tuple(map(str, both))


def test_a_path_with_a_comma_is_quoted_in_record(tmp_path: Path, installed: Distributions) -> None:
    real = install(tmp_path, "comma", "1", '"a,b/__init__.py",,\n')
    assert installed.owners(str(tmp_path / "a,b" / "__init__.py"), location=str(tmp_path)) == (str(real),)


def test_a_file_outside_its_location_is_found_by_its_relative_path(tmp_path: Path, installed: Distributions) -> None:
    real = install(tmp_path / "purelib", "split", "1", "../platlib/native.so,,\n")
    file = str(tmp_path / "platlib" / "native.so")
    assert installed.owners(file, location=str(tmp_path / "purelib")) == (str(real),)


def test_who_lists_any_of_some_files(tmp_path: Path, installed: Distributions) -> None:
    """Also with a comma, outside of the location, and in the lists of older installers."""
    site = tmp_path / "site"
    one = install(site, "one", "1", "shared/x.py,,\n../bin/tool,,\n")
    two = install(site, "two", "1", '"apart/a,b.txt",,\n')
    install(site, "three", "1", "shared/y.py,,\nshared/x.pyi,,\n")
    old = site / "old-1.egg-info"
    old.mkdir()
    (old / "installed-files.txt").write_text("../shared/x.py\nPKG-INFO\n")
    asked = [str(site / each) for each in ("shared/x.py", "apart/a,b.txt", "shared/z.py")] + [f"{tmp_path}/bin/tool"]
    assert installed.listing_any(asked, location=str(site)) == {
        str(one): (asked[0], asked[3]),
        str(two): (asked[1],),
        str(old): (asked[0],),
    }
    assert installed.listing_any([], location=str(site)) == {}


def test_the_owners_of_many_files_are_those_of_each_alone(tmp_path: Path, installed: Distributions) -> None:
    """Two of one file, a comma, an accent that is spelled in two ways, a rewritten path, only a top_level.txt, and none."""
    site = tmp_path / "site"
    install(site, "one", "1", "shared/x.py,,\nr\u00e9sum\u00e9.py,,\n../lib/native.so,,\n")
    install(site, "two", "1", 'shared/x.py,,\n"apart/a,b.py",,\n"../lib/a,b.so",,\n')
    install(site, "three", "1", "./dotted.py,,\nshared/y.py,,\n")
    install(site, "wrecked", "1", "no list")
    old = site / "worn-1.egg-info"
    old.mkdir()
    (old / "top_level.txt").write_text("shared\n")
    names = (
        *("shared/x.py", "apart/a,b.py", "re\u0301sume\u0301.py", "dotted.py", "shared/y.py", "nobody.py"),
        *("../lib/native.so", "../lib/a,b.so", "../lib/nobody.so"),
    )
    files = [os.path.normpath(site / name) for name in names]
    alone = {file: owners for file in files if (owners := installed.owners(file, location=str(site)))}
    assert installed.owners_of(files, location=str(site)) == alone
    assert [len(alone.get(file, ())) for file in files] == [3, 1, 1, 1, 2, 0, 1, 1, 0]
    assert installed.owners_of(files, location=str(tmp_path)) == installed.owners_of([], location=str(site)) == {}


def test_the_owners_of_many_files_are_read_again_when_one_is_installed(
    tmp_path: Path, installed: Distributions
) -> None:
    x, y = str(tmp_path / "x.py"), str(tmp_path / "y.py")
    one = str(install(tmp_path, "one", "1", "x.py,,\ny.py,,\n"))
    for files in ([x], [x], [x, y], [y, x]):
        assert installed.owners_of(files, location=str(tmp_path)) == dict.fromkeys(files, (one,))
    two = str(install(tmp_path, "two", "1", "x.py,,\n"))
    os.utime(tmp_path, ns=(0, 1))  # a clock may not have moved on since the last change
    assert installed.owners_of([x, y], location=str(tmp_path)) == {x: (one, two), y: (one,)}


def test_who_lists_any_of_some_files_is_what_importlib_metadata_says(installed: Distributions) -> None:
    """For the files of each distribution that these tests run with."""
    location = sysconfig.get_path("purelib")
    lists = {
        str(each.locate_file("")) + f"/{name}": {os.path.join(location, file) for file in each.files or ()}
        for each in importlib.metadata.distributions(path=[location])
        if (name := next(str(file.parts[0]) for file in each.files or () if file.name == "RECORD"))
    }
    assert len(lists) > 50
    for files in lists.values():
        found = installed.listing_any(files, location=location)
        assert {each: set(listed) for each, listed in found.items()} == {
            each: files & other for each, other in lists.items() if files & other
        }


def test_a_namespace_has_the_distributions_with_files_below_it(tmp_path: Path, installed: Distributions) -> None:
    first = install(tmp_path, "g_one", "1", "google/one/__init__.py,,\n")
    second = install(tmp_path, "g_two", "1", "x.py,,\ngoogle/two.py,,\n")
    install(tmp_path, "g_three", "1", "googles/three.py,,\n")
    assert installed.owners_below(str(tmp_path / "google"), location=str(tmp_path)) == (str(first), str(second))


def test_an_egg_info_folder_owns_what_installed_files_or_top_level_names(
    tmp_path: Path, installed: Distributions
) -> None:
    listed = tmp_path / "six-1.16-py3.11.egg-info"
    listed.mkdir()
    (listed / "installed-files.txt").write_text("../six.py\n./PKG-INFO\n")
    sharer = tmp_path / "zope.event-5.egg-info"
    sharer.mkdir()
    (sharer / "top_level.txt").write_text("zope\n")
    (sharer / "namespace_packages.txt").write_text("zope\n")
    named = tmp_path / "docopt-0.6.egg-info"
    named.mkdir()
    (named / "top_level.txt").write_text("docopt\n")
    assert installed.owners(str(tmp_path / "six.py"), location=str(tmp_path)) == (str(listed),)
    assert installed.owners(str(tmp_path / "docopt.py"), location=str(tmp_path)) == (str(named),)
    assert installed.owners(str(tmp_path / "zope" / "interface.py"), location=str(tmp_path)) == ()


def test_requirers_are_named_and_those_of_an_extra_are_not(tmp_path: Path, installed: Distributions) -> None:
    install(tmp_path, "zope.interface", "5", "")
    install(tmp_path, "Web", "1", "", requires=("zope-interface>=5", "other"))
    install(tmp_path, "maybe", "1", "", requires=('zope.interface; extra == "zope"',))
    install(tmp_path, "longer", "1", "", requires=("zope.interface.more",))
    assert installed.required_by("zope.interface", [str(tmp_path)]) == ("Web",)


def test_a_project_is_found_under_any_spelling(tmp_path: Path, installed: Distributions) -> None:
    folder = install(tmp_path, "Scikit_Learn", "1.5", "")
    install(tmp_path, "scikit_learn_extra", "0.3", "")
    for spelling in ("scikit-learn", "Scikit.Learn", "SCIKIT__learn"):
        assert installed.find(spelling, [str(tmp_path / "missing"), str(tmp_path)]) == (str(folder),)
    assert normalized("A-_.b") == "a_b"
    assert project_of("six-1.16-py3.11.egg-info") == "six"


def test_a_listing_tells_how_its_names_begin_and_end() -> None:
    """Upper or lower case, in its own order, each once, with characters that have another length in lower case too."""
    names = ["NumPy-1.dist-info", "İ.pth", "numpy", "_x-1.dist-info", "x.PTH", "anumpy", ".pth"]
    listing = Directory("/site", 0, names, settled=True)
    assert list(listing.beginning("numpy")) == ["NumPy-1.dist-info", "numpy"]
    assert list(listing.ending(".pth")) == ["İ.pth", "x.PTH", ".pth"]
    assert listing.pth_files == ["İ.pth"]
    assert listing.named_like("_x") == ["_x-1.dist-info"]
    empty = Directory("/empty", 0, [], settled=True)
    assert (list(empty.beginning("a")), list(empty.ending("a")), empty.named_like("_a")) == ([], [], [])


def test_a_requirement_is_found_in_any_spelling_and_behind_any_header(tmp_path: Path, installed: Distributions) -> None:
    """A licence in the header may be longer than what is read of most files; a description is no header."""
    metadata = {
        "shouts": "NAME: Shouts\nVersion: 1\nREQUIRES-DIST: Zope.Interface>=5\n\n",
        "long": "Name: long\nVersion: 1\nLicense: " + "text\n        " * 2_000 + "\nRequires-Dist: zope_interface\n\n",
        "describes": "Name: describes\nVersion: 1\n\nRequires-Dist: zope-interface\n",
        "similar": "Name: similar\nVersion: 1\nRequires-Dist: zope-interface-extra\n\n",
    }
    for name, text in metadata.items():
        (install(tmp_path, name, "1", "") / "METADATA").write_text(text)
    assert installed.required_by("zope.interface", [str(tmp_path)]) == ("long", "Shouts")


def test_who_requires_is_told_from_every_shape_of_metadata(tmp_path: Path, installed: Distributions) -> None:
    """With line ends of Windows, folded, in PKG-INFO, in the file that distutils left; and the text after it says nothing."""
    ours = "Name: {}\nVersion: 1\n{}\n\nRequires-Dist: text\n"
    (install(tmp_path, "ends", "1", "") / "METADATA").write_bytes(
        ours.format("Ends", "Requires-Dist: Zope.Interface").replace("\n", "\r\n").encode()
    )
    (install(tmp_path, "folds", "1", "") / "METADATA").write_text(
        ours.format("Folds", "Requires-Dist:\n  zope-interface>1")
    )
    (install(tmp_path, "blank", "1", "") / "METADATA").write_text(
        ours.format("Blank", "Requires-Dist : zope_interface")
    )
    (install(tmp_path, "bare", "1", "") / "METADATA").write_text(
        "Name: bare\nVersion: 1\nRequires-Dist: zope-interface"
    )
    (tmp_path / "My_Egg-1-py3.11.egg-info").mkdir()
    (tmp_path / "My_Egg-1-py3.11.egg-info" / "PKG-INFO").write_text(
        ours.format("My-Egg", "Requires-Dist: zope.interface")
    )
    (tmp_path / "Old_File-1.egg-info").write_text(
        ours.format("Old-File", "Requires-Dist: zope.interface; os_name == 'x'")
    )
    path = [str(tmp_path)]
    assert installed.required_by("zope_interface", path) == ("bare", "Blank", "Ends", "Folds", "My-Egg", "Old-File")
    assert installed.required_by("text", path) == ()
    assert {
        os.path.basename(metadata) for metadata, _ in installed.requirements_of(["text", "zope.interface"], path)
    } == {
        *(f"{name}-1.dist-info" for name in ("bare", "blank", "ends", "folds")),
        "My_Egg-1-py3.11.egg-info",
        "Old_File-1.egg-info",
    }


def test_an_answer_is_read_again_after_the_directory_changed(tmp_path: Path, installed: Distributions) -> None:
    install(tmp_path, "mod", "1.0", "mod.py,,\n")
    file = str(tmp_path / "mod.py")
    first = installed.owner(file, module="mod", location=str(tmp_path))
    (tmp_path / "mod-1.0.dist-info").rename(tmp_path / "mod-2.0.dist-info")
    os.utime(tmp_path, ns=(1, 1))
    assert first == str(tmp_path / "mod-1.0.dist-info")
    assert installed.owner(file, module="mod", location=str(tmp_path)) == str(tmp_path / "mod-2.0.dist-info")


def test_metadata_is_read_again_after_the_file_changed(tmp_path: Path, installed: Distributions) -> None:
    """The directory above keeps its time then."""
    folder = install(tmp_path, "mod", "1.0", "mod.py,,\n")
    os.utime(tmp_path, ns=(1, 1))
    assert installed.metadata(str(folder)).problem is None
    (folder / "METADATA").unlink()
    assert installed.metadata(str(folder)).problem == "it has no METADATA"


def test_a_listing_younger_than_the_clock_of_the_file_system_is_not_kept(tmp_path: Path) -> None:
    now = tmp_path.stat().st_mtime_ns + SETTLED_NS // 2
    reader = Distributions(clock=lambda: now)
    assert reader.find("mod", [str(tmp_path)]) == ()
    stamp = tmp_path.stat()
    folder = install(tmp_path, "mod", "1.0", "mod.py,,\n")
    os.utime(tmp_path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # a change within the same tick
    assert reader.find("mod", [str(tmp_path)]) == (str(folder),)


def test_a_directory_that_cannot_be_read_has_nothing(tmp_path: Path, installed: Distributions) -> None:
    (tmp_path / "file").write_text("")
    for entry in ("file", "missing"):
        assert installed.directory(str(tmp_path / entry)) is None
        assert installed.owners(str(tmp_path / entry / "x.py"), location=str(tmp_path / entry)) == ()
