"""Where something is wrong with the environment, the disk, the network or a package: a clear error, nothing changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import environments
from tests.faults.strikes import can_mount, small_disk
from tests.faults.trees import differences, read_tree
from tests.faults.upgrade import Tool, Upgrade, small_upgrade
from tests.faults.wheels import write_wheel

pytestmark = pytest.mark.usefixtures("faults", "installer")

needs_mount = pytest.mark.skipif(not can_mount(), reason="only root can mount a file system")

VERSION = ".".join(map(str, sys.version_info[:3]))
WAY_OUT = [
    "  installed by  uv",
    "",
    "hint: `%safepip install --force-reinstall --no-deps one==1.0` writes a new one; then run this again",
]
LIB = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(scope="module")
def kept() -> Iterator[Upgrade]:
    """An environment in memory, with younger wheels beside it."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield small_upgrade(folder / "bad", files=10)
    shutil.rmtree(folder)


@pytest.fixture
def place(kept: Upgrade) -> Upgrade:
    """The same, as it was."""
    kept.restore()
    return kept


def site(place: Upgrade) -> Path:
    """Its site-packages."""
    return environments.site_packages(place.prefix)


def refused(place: Upgrade, line: str) -> list[str]:
    """The lines of the error that a `%safepip` line ends with; the tree is as before."""
    before = read_tree(place.prefix)
    done = place.run(place.safepip(line))
    assert (done.returncode, done.stdout) == (1, ""), done
    assert differences(read_tree(place.prefix), before) == []
    return done.stderr.splitlines()


def carried_out(place: Upgrade, line: str) -> None:
    """Carry out a line that ends well and says nothing."""
    done = place.run(place.safepip(line))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_network(place: Upgrade) -> None:
    """Nobody answers at the index: the address and the reason. pip, which would try for longer, is not asked then."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        tries = [refused(place, f"install {by} --index-url {index} one==2.0") for by in ("--with uv --retries 0", "")]
    last = [line for line in tries[1] if "Request failed after" not in line]
    assert last[0] == tries[0][0] and last[2:] == tries[0][2:]
    assert tries[0] == [
        "nothing was changed: uv could not resolve this",
        f"  error: Failed to fetch: {index}/one/",
        f"  cause: error sending request for url ({index}/one/)",
        "  cause: client error (Connect)",
        "  cause: tcp connect error",
        "  cause: Connection refused (os error 111)",
        "",
        "hint: `-v` shows its whole output",
    ]


def test_hash_mismatch(place: Upgrade) -> None:
    """The wheel is not the one whose hash was given: both are named."""
    wheel = place.wheels / "two-2.0-py3-none-any.whl"
    wanted, found = "0" * 64, hashlib.sha256(wheel.read_bytes()).hexdigest()
    requirements = place.folder / "requirements.txt"
    requirements.write_text(f"two==2.0 --hash=sha256:{wanted}\n")
    options = f"--no-index --find-links {place.wheels} --no-deps -r {requirements}"
    by_pip = refused(place, f"install --with pip {options}")
    assert (by_pip[0], len(by_pip)) == ("nothing was changed: pip could not resolve this", 7)
    assert [line.split() for line in by_pip[3:5]] == [["Expected", "sha256", wanted], ["Got", found]]
    assert by_pip[5:] == ["", "hint: `-v` shows its whole output"]
    assert refused(place, f"install --with uv {options}") == [
        "nothing was changed: no file of `two` 2.0 has a hash that the requirements file demands: "
        "it was rebuilt, or is not the intended one",
        f"  demanded  sha256:{wanted}",
        f"  found     sha256:{found}",
    ]


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_failing_build(place: Upgrade, tool: Tool) -> None:
    """The error of the build's own is among the lines."""
    folder = place.folder / "sad-1.0"
    folder.mkdir(exist_ok=True)
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.2\nName: sad\nVersion: 1.0\n")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "sad"\nversion = "1.0"\n'
    )
    (folder / "backend.py").write_text("def build_wheel(*a, **k):\n    raise RuntimeError('no compiler here')\n")
    with tarfile.open(place.wheels / "sad-1.0.tar.gz", "w:gz") as archive:
        archive.add(folder, folder.name)
    lines = refused(place, place.install_line(tool, "sad"))
    failed = "pip could not resolve this" if tool == "pip" else "uv could not install this"
    assert lines[0] == f"nothing was changed: {failed}"
    assert "RuntimeError: no compiler here" in map(str.strip, lines)
    assert lines[-1] == "hint: `-v` shows its whole output"
    assert len(lines) <= 12


def test_wheel_that_leads_outside(place: Upgrade) -> None:
    """A wheel with `../` in its paths: pip refuses it, uv leaves these files out; nothing is written outside."""
    wheel = write_wheel(place.wheels, "evil", "1.0", {"../../../../../outside.py": "evil = True\n"})
    lines = refused(place, place.install_line("pip", "evil"))
    target = place.prefix / ".safepip" / "tx-1" / "stage" / LIB / "site-packages"
    assert lines == [
        "nothing was changed: pip could not install this",
        f"  ERROR: For req: evil==1.0. The wheel '{wheel}' has a file '{target}/../../../../../outside.py' "
        f"trying to install outside the target directory '{target}'",
        "",
        "hint: `-v` shows its whole output",
    ]
    carried_out(place, place.install_line("uv", "evil"))
    assert list(place.folder.parent.rglob("outside.py")) == []


def test_wheel_that_brings_compiled_files(place: Upgrade) -> None:
    """A `.pyc` that a wheel brings is written anew by pip, and not as RECORD says: numpy's wheels have some."""
    tag = sys.implementation.cache_tag
    write_wheel(place.wheels, "two", "3.0", {f"two/__pycache__/__init__.{tag}.pyc": "old"})
    write_wheel(place.wheels, "two", "4.0", {f"two/__pycache__/__init__.{tag}.pyc": "older"})
    carried_out(place, place.install_line("pip", "two==3.0"))
    before = read_tree(place.prefix)
    carried_out(place, place.install_line("pip", "two==4.0"))
    carried_out(place, "undo")
    assert differences(read_tree(place.prefix), before) == []
    for each in ("3.0", "4.0"):
        (place.wheels / f"two-{each}-py3-none-any.whl").unlink()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"one/__init__.py,sha256=abc,12,13,14\n", "line 1: one/__init__.py,sha256=abc,12,13,14"),
        (b"one/\0x.py,,\n", "it contains a NUL character"),
        (b"\xff\xfe,,\n", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b'"one/__init__.py,,\n', 'line 1: "one/__init__.py,,'),
        (b'"' + b"x" * 200_000 + b'",,\n', 'line 1: "' + "x" * 199),
    ],
    ids=["empty", "columns", "nul", "encoding", "quote", "endless"],
)
def test_broken_record(place: Upgrade, content: bytes, reason: str) -> None:
    """The RECORD of what would be replaced cannot be understood."""
    (site(place) / "one-1.0.dist-info" / "RECORD").write_bytes(content)
    assert refused(place, place.install_line("uv", "one==2.0")) == [
        f"nothing was changed: `{LIB}/site-packages/one-1.0.dist-info/RECORD` is broken, so its files can't be determined",
        f"  {reason}",
        *WAY_OUT,
    ]


@pytest.mark.parametrize("line", ["install --no-index --find-links {wheels} --with uv one==2.0", "uninstall one"])
def test_no_record(place: Upgrade, line: str) -> None:
    """What would be replaced or removed has no RECORD."""
    (site(place) / "one-1.0.dist-info" / "RECORD").unlink()
    lines = refused(place, line.format(wheels=place.wheels) + (" --allow-conflicts" if "uninstall" in line else ""))
    assert lines == [
        "nothing was changed: `one-1.0.dist-info` has no RECORD, so its files can't be determined",
        f"  in            {LIB}/site-packages",
        *WAY_OUT,
    ]


def test_site_packages_is_a_link(place: Upgrade) -> None:
    """An install goes through the link, the link stays, and an undo leaves the tree as it was."""
    real = place.folder / "elsewhere"
    link = site(place)
    link.rename(real)
    link.symlink_to(real)
    before = read_tree(place.prefix), read_tree(real)
    carried_out(place, place.install_line("uv", "one==2.0"))
    assert (real / "one-2.0.dist-info").is_dir()
    assert os.readlink(link) == str(real)
    carried_out(place, "undo")
    assert (read_tree(place.prefix), read_tree(real)) == before
    shutil.rmtree(real)


@needs_mount
def test_site_packages_is_on_another_disk(place: Upgrade) -> None:
    """Nothing can be renamed from one file system to another: said, and nothing changed."""
    link, real = site(place), place.folder / "elsewhere"
    with small_disk(real, 200_000):
        subprocess.run(["cp", "-a", f"{link}/.", real], check=True)
        shutil.rmtree(link)
        link.symlink_to(real)
        before = read_tree(real)
        lines = refused(place, place.install_line("uv", "one==2.0"))
        assert (
            lines[0]
            == f"nothing was changed: `{place.prefix}` spans several file systems, so it cannot be changed in one step"
        )
        assert lines[1].startswith("  [Errno 18] Invalid cross-device link: ")
        assert lines[2:] == []
        assert differences(read_tree(real), before) == []


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """A folder that nobody can write to, root included."""
    subprocess.run(["mount", "--bind", path, path], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", path], check=True)
        yield
    finally:
        subprocess.run(["umount", path], check=True)


@needs_mount
def test_read_only_environment(place: Upgrade) -> None:
    """An environment on a read-only file system."""
    with read_only(place.prefix):
        assert refused(place, place.install_line("uv", "one==2.0")) == [
            "this kernel's environment is not writable",
            f"  kernel  {place.python}  ({VERSION})",
            f"  prefix  {place.prefix}",
            "",
            "hint: `%where` shows who owns it; `python -m venv` creates one of your own",
        ]
        assert refused(place, "undo") == [
            f"nothing was changed: `{place.prefix}/.safepip/lock` cannot be opened, so the environment cannot be changed safely",
            f"  [Errno 30] Read-only file system: '{place.prefix}/.safepip'",
        ]
        carried_out(place, "recover")


@needs_mount
def test_full_disk(place: Upgrade) -> None:
    """No byte is left."""
    used = int(subprocess.check_output(["du", "-s", "-k", place.folder / "pristine"]).split()[0])
    with small_disk(place.prefix, used + 400):
        subprocess.run(["cp", "-a", f"{place.folder}/pristine/.", place.prefix], check=True)
        with pytest.raises(OSError, match="No space left"), open(place.prefix / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)
        assert refused(place, "uninstall three") == [
            f"nothing was changed: the disk of `{place.prefix}` is full",
            "  [Errno 28] No space left on device",
        ]
        assert refused(place, place.install_line("pip", "three==2.0")) == [
            "nothing was changed: pip could not install this",
            "  ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "",
            "hint: `-v` shows its whole output",
        ]


def test_pth_with_code(place: Upgrade) -> None:
    """The code in a `.pth` that was installed runs once in this process: not while it is staged, not twice."""
    log = place.folder / "log"
    write_wheel(place.wheels, "hook", "1.0", {"hook.pth": f"import os; open({str(log)!r}, 'a').write('ran\\n')\n"})
    carried_out(place, place.install_line("uv", "hook"))
    assert log.read_text() == "ran\n"


@needs_mount
def test_overlay(place: Upgrade) -> None:
    """In a container the environment lies in a lower layer, whose directories cannot be renamed: file by file, then."""
    folders = [place.folder / each for each in ("upper", "work")]
    for each in folders:
        each.mkdir()
    after, _ = place.whole(place.safepip(place.install_line("uv")))
    shutil.rmtree(place.prefix)
    place.prefix.mkdir()
    layers = f"lowerdir={place.folder}/pristine,upperdir={folders[0]},workdir={folders[1]}"
    mounted = subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", place.prefix], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no overlay can be mounted here: {mounted.stderr!r}")
    try:
        carried_out(place, place.install_line("uv"))
        assert differences(read_tree(place.prefix), after) == []
        carried_out(place, "undo")
        assert differences(read_tree(place.prefix), place.before) == []
    finally:
        subprocess.run(["umount", place.prefix], check=True)
        for each in folders:
            shutil.rmtree(each)
