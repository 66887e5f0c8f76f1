"""Which listed files must be there, and whether they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.integrity import Gone, by_folder, has_its_sizes, look_at
from tests.change.transaction.worlds import install

FILES = b"""pkg/__init__.py,sha256=a,1
pkg/__init__.pyi,,
pkg/__pycache__/__init__.cpython-311.pyc,,
pkg/data/x.txt,,
"pkg/data/a,b ""c"".txt",,
pkg/tests/test_pkg.py,,
pkg/sub/test/more.txt,,
tests/top.py,,
data_alone/x.txt,,
libs/y.so,,
pkg.libs/libz-0a1b.so.1.2,,
top.py,,
pkg.pth,,
../../../bin/pkg,,
../share/x.txt,,
pkg-1.dist-info/METADATA,,
pkg-1.dist-info/licenses/LICENSE,,
"""


def test_what_an_import_would_miss_is_counted() -> None:
    """Modules, what is beside and below them, and what is at the top; neither what Python writes nor what is moved about."""
    assert by_folder(FILES, "pkg-1.dist-info") == {
        b"pkg/": [b"__init__.py"],
        b"pkg/data/": [b"x.txt", b'a,b "c".txt'],
        b"tests/": [b"top.py"],
        b"libs/": [b"y.so"],
        b"pkg.libs/": [b"libz-0a1b.so.1.2"],
        b"": [b"top.py", b"pkg.pth"],
    }


@pytest.fixture
def metadata(tmp_path: Path) -> str:
    """A distribution with more files in a folder than are looked at one by one."""
    files = {f"site/pkg/m{number}.py": str(number) for number in range(8)}
    return str(install(tmp_path, "pkg", "1", {"site/pkg/__init__.py": "", **files}, site="site"))


def gone(metadata: str) -> tuple[str, ...]:
    look = Distributions().gone(metadata)
    return look.files if look is not None else ()


def test_what_is_gone_is_found_in_big_folders_and_small(tmp_path: Path, metadata: str) -> None:
    package = tmp_path / "site" / "pkg"
    assert gone(metadata) == ()
    (package / "m3.py").unlink()
    (package / "m4.py").unlink()
    (package / "m4.py").mkdir()
    (package / "m5.py").unlink()
    (package / "m5.py").symlink_to("nowhere.py")
    (package / "m6.py").rename(package / "elsewhere.py")
    (package / "m6.py").symlink_to("elsewhere.py")
    (package / "m7.py").unlink()
    (package / "m7.py").symlink_to("m7.py")
    assert gone(metadata) == tuple(f"pkg/m{number}.py" for number in (3, 4, 5, 7))
    shutil.rmtree(package)
    package.write_text("")
    assert Distributions().gone(metadata) == Gone(
        listed=9, files=("pkg/__init__.py", *(f"pkg/m{number}.py" for number in range(8)))
    )


def test_what_cannot_be_looked_at_is_not_said_to_be_gone(tmp_path: Path, metadata: str) -> None:
    package = tmp_path / "site" / "pkg"
    package.chmod(0)
    try:
        if os.access(package, os.X_OK):
            pytest.skip("root may look everywhere")
        assert gone(metadata) == ()
    finally:
        package.chmod(0o755)


def test_a_look_is_kept_while_the_folders_stand_and_no_link_leads_away(tmp_path: Path, metadata: str) -> None:
    for path in (tmp_path / "site" / "pkg", Path(metadata) / "RECORD"):
        os.utime(path, ns=(1, 1))
    distributions = Distributions()
    assert distributions.gone(metadata) is None
    look = look_at(os.path.dirname(metadata), distributions.files(metadata) or b"", record=metadata)
    assert (look.gone, look.folders, look.has_links) == (None, (f"{tmp_path}/site/pkg/",), False)
    (tmp_path / "site" / "pkg" / "m1.py").unlink()
    assert distributions.gone(metadata) == Gone(listed=9, files=("pkg/m1.py",))
    target = tmp_path / "m1.py"
    target.touch()
    (tmp_path / "site" / "pkg" / "m1.py").symlink_to(target)
    os.utime(tmp_path / "site" / "pkg", ns=(1, 1))
    assert distributions.gone(metadata) is None
    target.unlink()  # the folder's time stands
    assert distributions.gone(metadata) == Gone(listed=9, files=("pkg/m1.py",))


def test_sizes_tell_one_version_from_another(tmp_path: Path, metadata: str) -> None:
    files = Distributions().files(metadata) or b""
    assert has_its_sizes(os.path.dirname(metadata), files, record=metadata)
    (tmp_path / "site" / "pkg" / "m1.py").write_text("another")
    assert not has_its_sizes(os.path.dirname(metadata), files, record=metadata)
    assert not has_its_sizes(os.path.dirname(metadata), b"pkg/nothing.py,,\n", record=metadata)
    assert has_its_sizes(
        os.path.dirname(metadata), b"pkg/nothing.pyc,,\n../bin/x,,1\npkg-1.dist-info/x,,1\n", record=metadata
    )


def test_code_without_a_byte_is_cut_off_wherever_it_is(tmp_path: Path, metadata: str) -> None:
    """Not what was empty when it was installed, nor what somebody made shorter, nor a test."""
    files = {
        "site/two/__init__.py": "#",
        "site/two/sub/m.py": "m",
        "site/two/sub/__init__.py": "",
        "site/two/tests/t.py": "t",
    }
    other = str(install(tmp_path, "two", "1", files, site="site"))
    assert Distributions().cut_off(metadata) == Distributions().cut_off(other) == ()
    for name in ("pkg/m1.py", "two/sub/m.py", "two/tests/t.py"):
        (tmp_path / "site" / name).write_text("")
    assert Distributions().cut_off(metadata) == ("pkg/m1.py",)
    assert Distributions().cut_off(other) == ("two/sub/m.py",)
    (tmp_path / "site/two/sub/m.py").write_text("mine, and longer")
    assert Distributions().cut_off(other) == ()
