"""The help of each command, held to the parser of its lines and to the help of the magic."""

from __future__ import annotations

import re

import pytest

from ipython_where.change.commands.dispatch import safepip
from ipython_where.change.request.command_help import COMMANDS as EXPLAINED
from ipython_where.change.request.command_help import WIDTH, help_of, overview
from ipython_where.change.request.command_options import options_of
from ipython_where.change.request.request import COMMANDS, Request, parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError
from ipython_where.magics import safepip as magic

DOCSTRING = magic.__doc__ or ""


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_explained(command: str) -> None:
    """With every option that its lines may have, in lines of a usual width, and with an example that is understood."""
    text = help_of(command)
    for option in options_of(command):
        for name in option.names:
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text), name
    known = {name for option in options_of(command) for name in option.names}
    said = {*re.findall(r"(?m)(?<=[ ,])--?[a-zA-Z][\w-]*", text.partition("Options:")[2])}
    assert said - known <= {"--server"}  # which the text of another option names
    assert all(len(line) <= WIDTH + 8 for line in text.splitlines())
    example = EXPLAINED[command][2]
    assert f"\n    %safepip {example}\n" in f"{text}\n"
    assert parse_request(split_line(example)).command in (command, "undo")


def test_every_command_is_listed() -> None:
    """In the overview, and in the help of the magic, with the options that are `%safepip`'s own."""
    assert list(EXPLAINED) and {*EXPLAINED} == {*COMMANDS}
    usage = DOCSTRING.partition("Usage::")[2].partition("It takes what")[0]
    for command in COMMANDS:
        assert f"\n  {command} " in overview()
        assert re.search(rf"\b{command}\b", usage), command
    for option in options_of("install"):
        if option.text is not None and option.name != "--user":
            assert f" {option.text}\n" in DOCSTRING, option


def test_undo() -> None:
    """A whole one."""
    assert (
        help_of("undo")
        == """\
%safepip undo [OPTION ...] [ID]

Undo the last change, or the one that `%safepip history` calls ID: the files that it replaced come
back, and those that it brought go.

    %safepip undo --dry-run

Options:
  --dry-run          show what would change
  --server           mean the Jupyter server's environment, where that is proven to be on this
                     machine
  --on CLIENT        mean the environments of the workers of a cluster, by the variable that holds
                     its client
  --and-here         change this kernel's environment, too, with `--on`
  --user             mean the user's packages (`~/.local`)
  --allow-kernel     let the kernel's own packages change, though they would leave what it accepts
  --allow-server     the same for the server's own packages, with `--server`
  --allow-workers    the same for the workers' own packages, with `--on`
  --allow-conda      change what conda or pixi installed
  --allow-frozen     change an environment that is frozen (`conda-meta/frozen`)
  --allow-conflicts  leave requirements of other distributions unmet, or overwrite their files
  --no-raise         return an error instead of raising it"""
    )


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_help_of_a_command_fits_the_terminal(width: int) -> None:
    """Sentences break between words, below the place where they begin."""
    lines = help_of("undo", width=width).splitlines()
    assert all(len(line) <= max(width, 45) for line in lines)
    words = " ".join(help_of("undo", width=width).split())
    assert words == " ".join(help_of("undo").split())


@pytest.mark.parametrize("line", ["help sync", "--help sync", "-h sync", "sync --help", "sync x.toml -h"])
def test_help_is_asked_for_in_any_way(line: str) -> None:
    """And nothing of the line is carried out."""
    assert safepip(line) == help_of("sync")


@pytest.mark.parametrize("line", ["list --help", "show -h", "download --help", "tree --help", "install --help"])
def test_commands_that_are_passed_on_are_explained_too(line: str) -> None:
    """No installer is asked."""
    assert safepip(line) == help_of(line.split()[0])


@pytest.mark.parametrize("line", ["", "help", "--help", "-h"])
def test_without_a_command_all_are_listed(line: str) -> None:
    """One a line."""
    assert parse_request(split_line(line)) == Request(command="help", help=True)
    assert safepip(line) == overview()


def test_an_unknown_command_has_no_help() -> None:
    """The nearest one is named, and the hint explains it: it carries nothing out."""
    with pytest.raises(UsageError) as failure:
        parse_request(("help", "snyc"))
    assert failure.value.shown() == ["`%safepip` has no command `snyc`", "", "hint: `%safepip help sync`"]
