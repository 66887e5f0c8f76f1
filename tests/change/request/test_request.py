"""What a line asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.change.request.request import Request, is_accepted, parse_request
from ipython_where.change.request.requirement_files import with_files_taken_in
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError
from ipython_where.facts.settings.pip_options import PIP_OPTIONS


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
    ("options", "passed"),
    [
        ("--default-timeout 9", ("--timeout=9",)),
        ("--only-dependencies", ("--only-deps",)),
        ("--all-releases six --only-final=:all:", ("--all-releases=six", "--only-final=:all:")),
        ("--no-require-hashes --use-pep517", ("--no-require-hashes", "--use-pep517")),
        ("--require-venv --debug --no-proxy-env", ("--require-virtualenv", "--debug", "--no-proxy-env")),
        ("--no-python-version-w --check-build", ("--no-python-version-warning", "--check-build-dependencies")),
        ("-y", ()),
    ],
)
def test_what_is_passed_on_has_one_name(options: str, passed: tuple[str, ...]) -> None:
    """pip takes an option under any of its names, or by an unambiguous beginning of one."""
    assert request(f"install {options} six") == Request(command="install", requirements=("six",), passed=passed)


def test_a_line_without_options_asks_for_nothing_more() -> None:
    asked = request("install six")
    fields = {name: getattr(asked, name) for name in Request.__annotations__}
    assert {name for name, value in fields.items() if value} == {
        "command",
        "requirements",
        "installer",
        "raises",
        "words",
        "magic",
    }
    assert (asked.installer, asked.raises, asked.magic) == ("auto", True, "%safepip")


def test_what_is_passed_can_be_asked_for() -> None:
    """By its whole name; of several values the last one counts."""
    asked = request("install --timeout 9 --timeout 10 --timeout=12 --isolated -C a=b -C c=d six")
    assert [asked.has(each) for each in ("--timeout", "--isolated", "--time", "--debug")] == [True, True, False, False]
    assert [asked.value(each) for each in ("--timeout", "--isolated", "--config-settings")] == ["12", None, "c=d"]


def test_a_line_is_accepted_or_not() -> None:
    assert [
        is_accepted(split_line(each)) for each in ("install six", "install", "instal six", "install --target x y")
    ] == [
        True,
        False,
        False,
        False,
    ]


def test_the_word_behind_a_secret_option_is_masked_and_no_other() -> None:
    words = (
        "install",
        "--keyring-provider",
        "hunter2",
        "--password",
        "-q",
        "--no-cache-dir",
        "six",
        "--password=x",
        "rich",
    )
    shown = Request(command="install", words=words).shown()
    assert shown == "%safepip install --keyring-provider **** --password -q --no-cache-dir six --password=**** rich"


def test_the_last_of_two_opposites_counts() -> None:
    """`--no-user` takes `--user` back."""
    assert request("install --user --no-user six").user is False
    assert request("install --no-user --user six").user is True


def test_what_a_plan_has_taken_in_is_not_told_again() -> None:
    """Options that name what is wanted, or leave some of it out, are for the plan: its pins are staged as they are."""
    asked = request("install --group dev --only-deps --requirements-from-script x.py --isolated")
    assert asked.wanting == ("--group=dev", "--requirements-from-script=x.py")
    assert asked.for_plan == ("--group=dev", "--only-deps", "--requirements-from-script=x.py")
    assert asked.throughout == ("--isolated",)


def test_no_option_of_pip_is_unknown() -> None:
    """Each is carried out, passed on, or refused with the reason."""
    wrong = []
    for option in PIP_OPTIONS:
        if not (option.is_of_install or option.name == "--yes"):
            continue
        for name in option.names:
            value = {"--upgrade-strategy": " eager"}.get(option.name, " x=y") if option.takes_value else ""
            try:
                request(f"install {name.word}{value} six")
            except UsageError as error:
                said = error.lines()[0]
                if not said.startswith(f"`%safepip` does not take `{name.word}`: "):
                    wrong.append(said)
    assert wrong == []


@pytest.mark.parametrize(
    ("line", "first", "hint"),
    [
        ("install -pre six", "`%safepip install` has no option `-p`", "did you mean `--pre`?"),
        ("install -xyz six", "`%safepip install` has no option `-x`", "`%safepip install --help`"),
        ("-q install six", "`%safepip` has no command `-q`", "the command comes first: `%safepip install -q …`"),
        ("sync a.txt b.txt", "`%safepip sync` takes one file", "`%safepip sync pylock.toml`"),
        ("sync a.txt -r b.txt", "`%safepip sync` takes one file", "`%safepip sync pylock.toml`"),
        ("undo 1 2", "`%safepip undo` takes at most one argument", "`%safepip undo`"),
        ("lock a b", "`%safepip lock` takes at most one argument", "`%safepip lock`"),
        (
            "install --upgrade-strategy fast six",
            "`--upgrade-strategy` takes one of `only-if-needed`, `eager`, not `fast`",
            None,
        ),
    ],
)
def test_a_line_that_cannot_be_meant(line: str, first: str, hint: str | None) -> None:
    said = refusal(line)
    assert said == [first, *(["", f"hint: {hint}"] if hint else [])]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "install --target x y",
            [
                "`%safepip` does not take `--target`: files would land outside this kernel's environment",
                "",
                "hint: `!pip install --target DIR …` does it, without `%safepip`'s guarantees",
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
                "hint: `!uv pip install --python PATH …` does it, without `%safepip`'s guarantees",
            ],
        ),
        (
            "install --upgarde x",
            ["`%safepip install` has no option `--upgarde`", "", "hint: did you mean `--upgrade`?"],
        ),
        (
            "install --source-dir x y",
            [
                "`%safepip` does not take `--source-dir`: `%safepip` checks out no repositories: clone it, "
                "then `-e ./FOLDER`"
            ],
        ),
        (
            "install --log x y",
            [
                "`%safepip` does not take `--log`: pip would log the staging, not the result",
                "",
                "hint: `-v` shows what the installer says",
            ],
        ),
        (
            "install -V",
            [
                "`%safepip` does not take `-V`: it is for `pip` without a command",
                "",
                "hint: `%safepip show pip` shows the version of pip in this environment",
            ],
        ),
        (
            "uninstall --requirements-from-script x.py",
            ["`%safepip uninstall` takes no `--requirements-from-script`", "", "hint: `%safepip uninstall NAME`"],
        ),
        ("instal x", ["`%safepip` has no command `instal`", "", "hint: `%safepip install x`"]),
        ("install", ["nothing to install was given", "", "hint: `%safepip install NAME`, or `-r requirements.txt`"]),
        ("install -r", ["`-r` needs a value"]),
        ("install --pre=1 x", ["`--pre` takes no value"]),
        ("install x --with", ["`--with` needs a value"]),
        ("list --with", ["`--with` needs a value"]),
        *(
            (f"install {word}", [f"{what} is not a requirement", "", f"hint: {TAKEN}"])
            for word, what in (("-", "`-`"), ("六", "`六`"), ('""', "an empty word"))
        ),
        (
            "uninstall -e ./proj",
            [
                "`%safepip uninstall` has no option `-e`",
                "",
                "hint: `%safepip uninstall NAME` removes an editable install, too",
            ],
        ),
        ("uninstall --group dev", ["`%safepip uninstall` takes no `--group`", "", "hint: `%safepip uninstall NAME`"]),
        ("sync r.txt --group dev", ["`%safepip sync` takes no `--group`", "", "hint: `%safepip sync FILE`"]),
        ("sync --only-deps r.txt", ["`%safepip sync` takes no `--only-deps`", "", "hint: `%safepip sync FILE`"]),
        (
            "lock --dry-run",
            [
                "`%safepip lock` takes no `--dry-run`: it installs nothing, and writes one file",
                "",
                "hint: `%safepip lock FILE`",
            ],
        ),
        ("lock --group dev", ["`%safepip lock` takes no `--group`", "", "hint: `%safepip lock FILE`"]),
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
    assert request("list --no-raise --server --outdated") == Request(
        command="list", raises=False, server=True, arguments=("--outdated",)
    )
    assert request("show -f six --log x").arguments == ("-f", "six", "--log", "x")
    assert request("download -t x --platform y six").arguments == ("-t", "x", "--platform", "y", "six")


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
