"""Where a repository stands, read from its files: as git itself says, and not proven where that is not plain."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ipython_where.install.git_checkout import is_at

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def git(folder: Path, *words: str) -> str:
    """Run git in a folder."""
    start = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(folder)]
    return subprocess.run([*start, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a repository with two commits."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "-q")
    for _ in range(2):
        git(origin, "commit", "-qm", "x", "--allow-empty")
    git(tmp_path, "clone", "-q", origin.as_uri(), "clone")
    return tmp_path / "clone"


def url(clone: Path, commit: str) -> str:
    """What `-e` says of it."""
    return f"git+{(clone.parent / 'origin').as_uri()}@{commit}#egg=x"


def detach(clone: Path) -> None:
    """As pip does for a commit that is no branch's last."""
    git(clone, "checkout", "-q", "HEAD~1")


def pack(clone: Path) -> None:
    """As git does by itself now and then."""
    git(clone, "pack-refs", "--all")
    assert not any(path.is_file() for path in (clone / ".git" / "refs" / "heads").rglob("*"))


@pytest.mark.parametrize("change", [lambda clone: None, detach, pack])
def test_a_clone_is_where_git_says_that_it_is(clone: Path, change: Callable[[Path], None]) -> None:
    """On a branch, on a packed one, and on none."""
    change(clone)
    for revision in ("HEAD", "HEAD~1"):
        try:
            commit = git(clone, "rev-parse", revision)
        except subprocess.CalledProcessError:  # the first has none before it
            continue
        assert is_at(str(clone), url(clone, commit)) is (revision == "HEAD")
    branch = git(clone, "branch", "--list", "--format=%(refname:short)").split()[-1]
    assert not is_at(str(clone), url(clone, branch))
    assert not is_at(str(clone), url(clone, commit[:12]))
    assert not is_at(str(clone), url(clone, "").replace("@", ""))


@pytest.mark.parametrize(
    "words",
    [
        ("remote", "set-url", "origin", "https://h.example/other"),
        ("remote", "set-url", "--add", "origin", "https://h.example/other"),
        ("remote", "rename", "origin", "upstream"),
        ("config", "include.path", "/elsewhere"),
    ],
)
def test_what_may_come_from_elsewhere_is_not_proven(clone: Path, words: tuple[str, ...]) -> None:
    """Another origin, more than one, none, or a configuration that is not all in one file."""
    commit = git(clone, "rev-parse", "HEAD")
    assert is_at(str(clone), url(clone, commit))
    git(clone, *words)
    assert not is_at(str(clone), url(clone, commit))


def test_a_folder_that_is_no_clone(clone: Path, tmp_path: Path) -> None:
    """None, or the second tree of one, whose files are elsewhere."""
    commit = git(clone, "rev-parse", "HEAD")
    git(clone, "worktree", "add", "-q", "--detach", str(tmp_path / "second"))
    assert not is_at(str(tmp_path / "second"), url(clone, commit))
    assert not is_at(str(tmp_path / "nothing"), url(clone, commit))
