"""What is to be pasted in place of `-e git+…`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.change.request.repositories import parse_repository, refuse_repositories
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import split_line, with_variables
from ipython_where.errors import UsageError


@pytest.mark.parametrize(
    ("editable", "clone", "then"),
    [
        ("git+https://host/x.git", "git clone https://host/x.git x", "-e ./x"),
        ("git+https://host/x.git#egg=my.Tool", "git clone https://host/x.git my.Tool", "-e ./my.Tool"),
        (
            "git+https://host/x.git@v1.0#egg=x",
            "git clone https://host/x.git x && git -C x checkout v1.0",
            "-e ./x",
        ),
        (
            "GIT+ssh://git@host/a/x@feature/y#subdirectory=python/lib&egg=x[all,more]",
            "git clone ssh://git@host/a/x x && git -C x checkout feature/y",
            "-e ./x/python/lib[all,more]",
        ),
        ("git+git@host:a/x.git", "git clone git@host:a/x.git x", "-e ./x"),
        ("git+git@host:a/x.git@main", "git clone git@host:a/x.git x && git -C x checkout main", "-e ./x"),
        (
            "x[all] @ git+file:///srv/y.git@main",
            "git clone file:///srv/y.git x && git -C x checkout main",
            "-e ./x[all]",
        ),
        ("git+https://$GH@host/x", "git clone https://$GH@host/x x", "-e ./x"),
        ("git+https://${GH}@host/x@v1", "git clone https://${GH}@host/x x && git -C x checkout v1", "-e ./x"),
        ("git+https://{token}@host/x", "git clone https://{token}@host/x x", "-e ./x"),
        ("git+https://host/x;rm#egg=x", "git clone https://host/x x", "-e ./x"),
        ("git+https://host/x@a&b#egg=x", 'git clone https://host/x x && git -C x checkout "a&b"', "-e ./x"),
        ("git+https://host/..#egg=..", "git clone https://host/.. repository", "-e ./repository"),
        ("git://host/x", "git clone git://host/x x", "-e ./x"),
        ("hg+https://host/x@3", "hg clone -u 3 https://host/x x", "-e ./x"),
        ("svn+https://host/x/trunk@3#egg=x", "svn checkout -r 3 https://host/x/trunk x", "-e ./x"),
        ("bzr+lp:x", "bzr branch lp:x x", "-e ./x"),
    ],
)
def test_the_lines_to_paste(editable: str, clone: str, then: str) -> None:
    """A shell's line that clones it, at its revision, and the option that installs the folder."""
    found = parse_repository(editable)
    assert found is not None
    assert (found.clone, found.editable) == (clone, then)


@pytest.mark.parametrize(
    "editable", [".", "./git", "git", "/srv/git+x", "file:///srv/x", "name @ file:///srv/x", "git-x"]
)
def test_a_folder_is_no_repository(editable: str) -> None:
    """Whatever it is called."""
    assert parse_repository(editable) is None


REFUSED = (
    "`%safepip` does not install a repository with `-e`: pip would check it out into the environment while it plans"
)


def refusal(line: str, folder: Path, **environ: str) -> str:
    """What is said to a line that was typed."""
    words = split_line(line)
    request = parse_request(with_variables(words, environ))
    request = Request(**{**{name: getattr(request, name) for name in Request.__slots__}, "words": words})
    with pytest.raises(UsageError) as error:
        refuse_repositories(request, str(folder), environ)
    return "\n".join(error.value.lines())


def test_a_variable_stays_as_it_was_typed(tmp_path: Path) -> None:
    """In a line and in a file, and its value is not shown; other options go on with the line."""
    (tmp_path / "in ner.txt").write_text("six\n-e git+https://${GH}@host/y#egg=y\n")
    (tmp_path / "r.txt").write_text("-r 'in ner.txt'\n")
    value = "hunter2hunter2"
    assert refusal("install --server -e git+https://$GH@host/x@v1 -r r.txt", tmp_path, GH=value) == (
        f"{REFUSED}\n"
        "  -e git+https://$GH@host/x@v1\n"
        "  -e git+https://${GH}@host/y#egg=y\n"
        "\n"
        "hint: `!git clone https://$GH@host/x x && git -C x checkout v1`, `!git clone https://${GH}@host/y y`, "
        "then `%safepip install --server -e ./x` and write `-e ./y` in the file instead"
    )


def test_a_credential_is_not_shown(tmp_path: Path) -> None:
    """It says what to write for it."""
    assert refusal("install -e git+https://me:hunter2@host/x", tmp_path) == (
        f"{REFUSED}\n"
        "  -e git+https://****@host/x\n"
        "\n"
        "hint: `!git clone https://****@host/x x`, then `%safepip install -e ./x`"
        "; put the credential into an environment variable, and write `$NAME` for `****`"
    )


def test_a_variable_that_is_a_repository(tmp_path: Path) -> None:
    """What it stands for is told where the variable alone was typed."""
    (tmp_path / "r.txt").write_text("-e ${WHICH}\n")
    for line in ("install -r r.txt", "sync r.txt"):
        assert refusal(line, tmp_path, WHICH="git+https://host/x") == (
            f"{REFUSED}\n"
            "  -e git+https://host/x\n"
            "\n"
            "hint: `!git clone https://host/x x`, then write `-e ./x` in the file instead"
        )


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("--user -e git+https://host/x", "then `%safepip install --user -e ./x`"),
        ("$NAME -e git+https://host/x", "then `%safepip install -e ./x`"),
        ("-r r.txt", "then write `-e ./x` in the file instead"),
    ],
)
def test_what_comes_after_the_clone(typed: str, then: str, tmp_path: Path) -> None:
    """For the same place; whatever else is a variable, also where one is the whole line of a file."""
    (tmp_path / "r.txt").write_text("${LINE}\n")
    said = refusal(f"install {typed}", tmp_path, NAME="six", LINE="-e git+https://host/x")
    assert said == f"{REFUSED}\n  -e git+https://host/x\n\nhint: `!git clone https://host/x x`, {then}"


@pytest.mark.parametrize("line", ["install git+https://host/x", "install -e ./x", "sync pylock.toml"])
def test_what_is_taken(line: str, tmp_path: Path) -> None:
    """A repository without `-e` goes through a stage as any other does."""
    refuse_repositories(parse_request(split_line(line)), str(tmp_path), {})
