"""The words of a `%safeconda` line: what is understood, what is refused and why, what is shown, and the help."""

from __future__ import annotations

import pytest

from ipython_where.change.conda.conda_help import OVERVIEW, conda_help
from ipython_where.change.conda.conda_request import (
    ALIASES,
    COMMANDS,
    CondaRequest,
    options_of,
    parse_conda_request,
    split_conda_line,
)
from ipython_where.errors import UsageError


def parsed(line: str) -> CondaRequest:
    return parse_conda_request(split_conda_line(line))


def refused(line: str) -> str:
    """The message of a line that is not understood, with its hint."""
    with pytest.raises(UsageError) as raised:
        parsed(line)
    return "\n".join(raised.value.shown())


def test_a_line_with_every_kind_of_word() -> None:
    """Specs and options in any order; a list grows, a value may stand behind `=` or right behind its letter."""
    request = parsed('install -c conda-forge "numpy >=2,<3" --channel=bioconda six=1.16=pyh_0 -d')
    assert request == CondaRequest(
        command="install",
        specs=("numpy >=2,<3", "six=1.16=pyh_0"),
        channels=("conda-forge", "bioconda"),
        dry_run=True,
    )
    assert parsed("install -cbioconda x").channels == ("bioconda",)


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("--override-channels", "override_channels"),
        ("--freeze-installed", "frozen"),
        ("--no-update-deps", "frozen"),
        ("--no-pin", "no_pin"),
        ("--strict-channel-priority", "strict"),
        ("--no-channel-priority", "no_priority"),
        ("--offline", "offline"),
        ("--dry-run", "dry_run"),
        ("-d", "dry_run"),
        ("--allow-kernel", "allow_kernel"),
        ("--allow-conflicts", "allow_conflicts"),
        ("--allow-frozen", "allow_frozen"),
        ("--override-frozen", "allow_frozen"),
        ("--no-raise", "no_raise"),
        ("--verbose", "verbose"),
        ("-v", "verbose"),
    ],
)
def test_an_option(option: str, field: str) -> None:
    """It sets its own field and no other."""
    assert parsed(f"install six {option}") == CondaRequest(command="install", specs=("six",), **{field: True})  # type: ignore[arg-type]


@pytest.mark.parametrize("option", ["-y", "--yes", "-q", "--quiet", "--update-specs", "-S", "--satisfied-skip-solve"])
def test_an_option_that_changes_nothing_here(option: str) -> None:
    """What people add out of habit is accepted."""
    assert parsed(f"install {option} six") == CondaRequest(command="install", specs=("six",))


def test_the_other_commands() -> None:
    """Their words are no specs."""
    assert parsed("undo tx-3 --dry-run") == CondaRequest(command="undo", arguments=("tx-3",), dry_run=True)
    assert parsed("list num py") == CondaRequest(command="list", arguments=("num", "py"))
    assert parsed("history -v") == CondaRequest(command="history", verbose=True)
    assert parsed("update --all") == CondaRequest(command="update", all=True)
    assert parsed("sync --prune e.yml -c a") == CondaRequest(
        command="sync", files=("e.yml",), prune=True, channels=("a",)
    )
    assert parsed("sync -f e.yml") == parsed("sync --file=e.yml") == CondaRequest(command="sync", files=("e.yml",))
    assert parsed("export -y --no-build --format=explicit x") == CondaRequest(
        command="export", files=("x",), yes=True, no_builds=True, format="explicit"
    )


@pytest.mark.parametrize(("alias", "command"), ALIASES.items())
def test_an_alias(alias: str, command: str) -> None:
    """conda's other word for a command, which is shown by its own name."""
    request = parsed(f"{alias} six")
    assert (request.command, request.shown()) == (command, f"%safeconda {command} six")


@pytest.mark.parametrize("line", ["", "help", "--help", "-h", "install --help", "remove -h"])
def test_a_line_that_asks_for_help(line: str) -> None:
    """Then nothing else has to be there."""
    request = parsed(line)
    assert request.help or request.command == "help"


@pytest.mark.parametrize("word", ["&&", "||", "|", ";", ">", "<", "&", ";rm", "|tail"])
def test_a_word_that_a_shell_would_read(word: str) -> None:
    """No shell reads this line."""
    assert refused(f"install six '{word}' x") == (
        f"`{word}` is a shell's, but no shell reads this line\n\n"
        'hint: leave it out; a version is quoted or joined: `%safeconda install "numpy<2"`'
    )


@pytest.mark.parametrize(
    ("line", "word"),
    [("install numpy >= 2", ">="), ("install numpy >=2", ">=2"), ("remove six =1", "=1"), ("install x ~=2", "~=2")],
)
def test_a_version_that_lost_its_name(line: str, word: str) -> None:
    """A blank before a version makes it a word of its own."""
    assert refused(line) == f"`{word}` names no package\n\nhint: join name and version: `numpy>=2`, `numpy=2.1`"


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("-n", "it always means this kernel's environment"),
        ("--name", "it always means this kernel's environment"),
        ("--prefix", "it always means this kernel's environment"),
        ("-p", "it always means this kernel's environment"),
        ("--copy", "a package is linked as its files allow"),
        ("--use-local", "name the folder: `-c file:///…/conda-bld`"),
        ("--force-remove", "`--allow-conflicts` leaves what needs it without it"),
        ("--no-deps", "an environment without what its packages need is broken"),
        ("--only-deps", "an environment without what its packages need is broken"),
        ("--json", "the answer is a value: `r = %safeconda …`, then `r.to_dict()`"),
    ],
)
def test_an_option_of_conda_that_has_no_place_here(option: str, why: str) -> None:
    """It is refused with its reason, before anything happens."""
    for command in ("install", "update", "remove"):
        assert refused(f"{command} six {option}") == f"`%safeconda {command}` takes no `{option}`\n\nhint: {why}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("instal six", "`%safeconda` has no command `instal`\n\nhint: `%safeconda install`"),
        (
            "frobnicate six",
            "`%safeconda` has no command `frobnicate`\n\nhint: the commands are "
            "`install`, `update`, `remove`, `sync`, `export`, `undo`, `history`, `list`, `help`",
        ),
        (
            "create -n x",
            "`%safeconda` has no command `create`\n\n"
            "hint: it changes this kernel's environment only; in a terminal, conda does that",
        ),
        ("install --chanel a six", "`%safeconda install` has no option `--chanel`\n\nhint: `--channel`"),
        (
            "remove --channel a six",
            "`%safeconda remove` has no option `--channel`\n\nhint: `%safeconda remove --help` lists them",
        ),
        ("list --dry-run", "`%safeconda list` has no option `--dry-run`\n\nhint: `%safeconda list --help` lists them"),
        ("install six -c", "`-c` needs a value"),
        ("install six --offline=no", "`--offline` takes no value: `--offline=no`"),
        (
            "env update -f my/environment.yml --prune",
            "`%safeconda` has no command `env`\n\nhint: `%safeconda sync my/environment.yml --prune` does that here",
        ),
        ("env update", "`%safeconda` has no command `env`\n\nhint: `%safeconda sync` does that here"),
        (
            "env export --file=e.yml",
            "`%safeconda` has no command `env`\n\nhint: `%safeconda export e.yml` does that here",
        ),
        (
            "env list",
            "`%safeconda` has no command `env`\n\n"
            "hint: it changes this kernel's environment only; in a terminal, conda does that",
        ),
        (
            "install --file 'my list.txt'",
            "`%safeconda install` takes no `--file`\n\nhint: `%safeconda sync 'my list.txt'` follows a file",
        ),
        (
            "install --file=x.txt",
            "`%safeconda install` takes no `--file`\n\nhint: `%safeconda sync x.txt` follows a file",
        ),
        ("-U six", "the command comes before `-U`\n\nhint: `%safeconda update six`"),
        ("-y install six", "the command comes before `-y`\n\nhint: `%safeconda install six -y`"),
        ("--channel", "the command comes before `--channel`\n\nhint: `%safeconda install NAME`"),
        ("install -U six", "`%safeconda install` takes no `-U`\n\nhint: `%safeconda update six` updates"),
        ("install --upgrade six", "`%safeconda install` takes no `--upgrade`\n\nhint: `%safeconda update six` updates"),
        ("sync a.yml b.yml", "`%safeconda sync` takes one file: `a.yml` `b.yml`"),
        ("export -f a.yml b.yml", "`%safeconda export` takes one file: `a.yml` `b.yml`"),
        (
            "sync --force-reinstall",
            "`%safeconda sync` has no option `--force-reinstall`\n\nhint: `%safeconda sync --help` lists them",
        ),
        (
            "export --dry-run",
            "`%safeconda export` has no option `--dry-run`\n\nhint: `%safeconda export --help` lists them",
        ),
        ("install", "name what to install: `%safeconda install NAME`"),
        ("uninstall", "name what to remove: `%safeconda remove NAME`"),
        ("update", "name what to update, or say `--all`"),
        ("update --all six", "`--all` updates everything: leave out the names, or `--all`"),
        ('install "six', 'unclosed quote: `install "six`\n\nhint: No closing quotation'),
    ],
)
def test_a_line_that_is_not_understood(line: str, message: str) -> None:
    """What is wrong, and the word that was probably meant."""
    assert refused(line) == message


SECRETS = ("tk-4711-secret", "hunter2secret", "tk-0815-other")


@pytest.mark.parametrize(
    "line",
    [
        "install -c https://conda.example/t/tk-4711-secret/chan six",
        "install --channel=https://conda.example/t/tk-4711-secret/chan six",
        "install -chttps://me:hunter2secret@conda.example/chan six",
        "update -c https://me:hunter2secret@conda.example/t/tk-0815-other/chan --all",
        "install https://me:hunter2secret@conda.example/t/tk-4711-secret/six-1.16-0.conda",
        "install https://conda.example/t/tk-4711-secret/chan::six",
    ],
)
def test_a_secret_in_a_channel_is_never_shown(line: str) -> None:
    """Not in what is kept of the line, and not in a request's own text; the channel keeps it."""
    request = parsed(line)
    for shown in (request.shown(), repr(request), str(request), repr(request.as_safepip)):
        assert [each for each in SECRETS if each in shown] == []
    assert "conda.example" in request.shown()
    assert any(each in "".join((*request.channels, *request.specs)) for each in SECRETS)


@pytest.mark.parametrize(
    "line",
    [
        'install -c "https://conda.example/t/tk-4711-secret/chan six',
        "install --nothing=https://me:hunter2secret@conda.example six",
        "https://me:hunter2secret@conda.example/chan",
        "install --offline=https://conda.example/t/tk-4711-secret/x six",
        "install six ;https://me:hunter2secret@conda.example",
        "install =https://conda.example/t/tk-4711-secret",
    ],
)
def test_a_secret_in_a_line_that_is_refused_is_not_shown(line: str) -> None:
    """An error shows the word that is wrong, without what is secret in it."""
    assert [each for each in SECRETS if each in refused(line)] == []


def test_what_the_common_steps_are_told() -> None:
    """conda's own files are not protected from conda; what is allowed beyond that is the line's own."""
    request = parsed("update --all --allow-kernel --dry-run -v").as_safepip
    assert (request.command, request.allow, request.dry_run, request.verbose) == (
        "install",
        ("conda", "kernel"),
        True,
        1,
    )
    assert parsed("remove six --allow-conflicts").as_safepip.command == "uninstall"
    assert parsed("remove six --allow-conflicts").as_safepip.allow == ("conda", "conflicts")


@pytest.mark.parametrize("command", sorted({*COMMANDS, *ALIASES} - {"help"}))
def test_the_help_of_a_command(command: str) -> None:
    """Its line of the overview, and each of its options that does something, each with a text."""
    first, *rest = conda_help(command).splitlines()
    assert first in OVERVIEW.splitlines()
    assert first.startswith(f"%safeconda {ALIASES.get(command, command)} ")
    shown = [line.split()[0] for line in rest if line]
    ignored = {"--update-specs", "--satisfied-skip-solve", "--yes", "--quiet", "--help"}
    assert shown == [each for each in options_of(ALIASES.get(command, command)) if each not in ignored]
    assert all(len(line.split()) > 2 for line in rest if line)


def test_the_help_without_a_command_is_the_overview() -> None:
    """It has a line for each command that does something."""
    assert conda_help("help") == conda_help("no-command") == OVERVIEW
    assert all(f"%safeconda {command} " in OVERVIEW for command in COMMANDS if command != "help")
