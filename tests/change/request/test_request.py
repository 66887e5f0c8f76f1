"""What a line asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.change.request.line import split_line
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.requirement_files import with_files_taken_in
from ipython_where.errors import UsageError


def request(line: str) -> Request:
    """The request of a line."""
    return parse_request(split_line(line))


def refusal(line: str) -> list[str]:
    """The error of a line, as it is shown."""
    with pytest.raises(UsageError) as error:
        request(line)
    return error.value.lines()


TAKEN = "a requirement is a name (`six`, `six>=1.16`), a path (`./folder`) or a URL"


def test_install_options() -> None:
    """Long, short, run together, with `=` and after `--`."""
    assert request(
        "install -qU numpy --pre -rreq.txt -c=c.txt --only-binary=:all: --with uv --no-raise --allow-kernel "
        "--no-cache-dir -C a=b --upgrade-strategy eager -e . -- six"
    ) == Request(
        command="install",
        requirements=("numpy", "six"),
        requirement_files=("req.txt",),
        constraint_files=("c.txt",),
        editables=(".",),
        upgrade=True,
        upgrade_strategy="eager",
        pre=True,
        only_binary=(":all:",),
        installer="uv",
        quiet=1,
        allow=("kernel",),
        raises=False,
        passed=("--no-cache-dir", "--config-settings=a=b"),
    )


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "install --target x y",
            [
                "`%safepip` does not take `--target`: files would land outside this kernel's environment",
                "",
                "hint: `!pip install --target DIR …` does it, outside this kernel's care",
            ],
        ),
        (
            "install --root=x y",
            ["`%safepip` does not take `--root`: files would land outside this kernel's environment"],
        ),
        (
            "list --python x",
            [
                "`%safepip` does not take `--python`: it would change another interpreter's environment",
                "",
                "hint: `!uv pip install --python PATH …` does it, outside this kernel's care",
            ],
        ),
        (
            "install --upgarde x",
            ["`%safepip install` has no option `--upgarde`", "", "hint: did you mean `--upgrade`?"],
        ),
        ("instal x", ["`%safepip` has no command `instal`", "", "hint: `%safepip install`"]),
        ("install", ["nothing to install is named", "", "hint: `%safepip install NAME`, or `-r requirements.txt`"]),
        ("install -r", ["`-r` needs a value"]),
        ("install --pre=1 x", ["`--pre` takes no value"]),
        ("install --with conda x", ["`--with` takes one of `auto`, `pip`, `uv`, not `conda`"]),
        *(
            (f"install {word}", [f"{what} is no requirement", "", f"hint: {TAKEN}"])
            for word, what in (("-", "`-`"), ("六", "`六`"), ('""', "an empty word"))
        ),
        ("uninstall --group dev", ["`%safepip uninstall` takes no `--group`", "", "hint: `%safepip uninstall NAME`"]),
        (
            "install numpy && ls",
            [
                "`&&` joins two commands in a shell, but no shell reads this line",
                "",
                "hint: leave it out: `%safepip install numpy`; put what follows on a line of its own",
            ],
        ),
        (
            "install numpy > log.txt",
            [
                "`> log.txt` is a shell redirection, but no shell reads this line",
                "",
                "hint: leave it out: `%safepip install numpy`",
            ],
        ),
    ],
)
def test_refused(line: str, shown: list[str]) -> None:
    """What is refused says why, and what to do."""
    assert refusal(line) == shown


def test_credentials_are_never_shown() -> None:
    """Neither as the command line nor as the value's text."""
    asked = request(
        "install -i https://me:pw1@h.example/s --extra-index-url=https://t:pw2@h.example "
        "x@https://a:pw3@h.example/x.zip --proxy http://u:pw4@p"
    )
    assert asked.index_url == "https://me:pw1@h.example/s"
    for text in (asked.shown(), repr(asked)):
        assert "pw" not in text
    assert asked.shown() == (
        "%safepip install -i https://****@h.example/s --extra-index-url=https://****@h.example "
        "x@https://****@h.example/x.zip --proxy http://****@p"
    )


def test_reading_commands_are_passed_on() -> None:
    """Their words are the installer's own."""
    assert request("list --outdated --format json --with uv") == Request(
        command="list", installer="uv", arguments=("--outdated", "--format", "json")
    )


def test_plain_requirements_files_are_taken_in() -> None:
    """Comments, continued lines and nested files; a file with hashes, options or variables stays a file.

    Its options are taken in, too: the staging reads no file.
    """
    files = {
        "/nb/a.txt": "numpy>=1  # why\n\n-r sub/b.txt\n-e ./proj\n",
        "/nb/sub/b.txt": "tomli>=1; \\\n  python_version<'3.11'\n",
        "/nb/hashed.txt": "six==1 --hash=sha256:00\n",
        "/nb/options.txt": "--index-url https://h.example\nsix\n",
        "/nb/variable.txt": "x @ https://${TOKEN}@h.example/x.zip\n",
    }
    taken_in = with_files_taken_in(request("install rich -r a.txt"), "/nb", files.get)
    assert (taken_in.requirements, taken_in.editables, taken_in.requirement_files) == (
        ("rich", "numpy>=1", "tomli>=1 ; python_version<'3.11'"),
        ("./proj",),
        (),
    )
    for name in ("hashed", "variable", "missing"):
        asked = request(f"install -r {name}.txt")
        assert with_files_taken_in(asked, "/nb", files.get) == asked
    many = with_files_taken_in(request("install -r many.txt"), "/nb", {"/nb/many.txt": "six\nrich\n" * 10_000}.get)
    assert many.requirements == ("six", "rich")  # pip takes minutes for all of them
    asked = request("install -r options.txt")
    assert with_files_taken_in(asked, "/nb", files.get) == replace(asked, index_url="https://h.example")
