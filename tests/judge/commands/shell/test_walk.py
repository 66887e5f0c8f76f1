"""Every program that a script starts is told, with what it is started in, and whether it is reached for certain."""

from __future__ import annotations

from contextlib import suppress
from time import process_time

import pytest

from ipython_where.judge.commands.shell.launch import Launch
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.shell.walk import launches
from ipython_where.judge.commands.shell.word_syntax import NotUnderstood
from tests.judge.commands.files import ENVIRON, Files

Told = tuple[tuple[str | None, ...], bool | None]


def walked(text: str, files: Files | None = None) -> tuple[Launch, ...]:
    return launches(text, initial_state(ENVIRON, "/here"), files or Files())


def told(text: str, files: Files | None = None) -> list[Told]:
    return [(tuple(field.text for field in each.fields), each.runs) for each in walked(text, files)]


def test_what_is_joined_by_and_runs_if_what_stands_before_it_succeeds() -> None:
    assert told("make && pip list || pip check") == [
        (("make",), True),
        (("pip", "list"), None),
        (("pip", "check"), None),
    ]
    assert told("true && pip list") == [(("pip", "list"), True)]
    assert told("false && pip list; pip check") == [(("pip", "list"), False), (("pip", "check"), True)]


def test_a_pipe_belongs_to_the_last_command_of_a_chain_with_a_redirection() -> None:
    """The grammar of the parser has it the other way round."""
    first, last = ("pip", "list"), ("pip", "show")
    assert told("false && pip list > x | pip show") == [(first, False), (last, False)]
    assert told("true || ! pip list > x | pip show") == [(first, False), (last, False)]
    assert told("false || pip list > /dev/null | pip show") == [(first, True), (last, True)]


def test_a_command_in_backquotes_in_a_here_document_is_not_followed() -> None:
    """The grammar has it for text; where it is quoted, it is."""
    with pytest.raises(NotUnderstood):
        walked("cat <<X\na `pip list`\nX\npip show")
    with pytest.raises(NotUnderstood):
        walked("cat <<-X\n\t${A:=six} `pip list`\n\tX\npip show")
    for text in ("cat <<'X'\na `pip list`\nX\npip show", "cat <<X\na \\`pip list\\`\nX\npip show"):
        assert told(text) == [(("cat",), True), (("pip", "show"), True)]


def test_a_directory_that_is_not_there_ends_the_chain() -> None:
    assert told("cd nowhere && pip list") == [(("pip", "list"), False)]
    (launch,) = walked("cd inner && pip list")
    assert (launch.state.cwd, launch.runs) == ("/here/inner", True)


def test_a_directory_that_may_have_been_made_is_gone_into_perhaps() -> None:
    launch = walked("mkdir nowhere && cd nowhere && pip list")[-1]
    assert (launch.state.cwd, launch.runs) == ("/here/nowhere", None)
    launch = walked("mkdir nowhere; cd nowhere; pip list")[-1]
    assert (launch.state.cwd, launch.runs) == (None, True)


def test_a_subshell_keeps_its_changes_to_itself() -> None:
    inside, after = walked("(cd inner; pip list); pip check")
    assert (inside.state.cwd, after.state.cwd) == ("/here/inner", "/here")


def test_a_loop_over_known_words_is_followed_round_by_round() -> None:
    assert told("for p in a b; do pip install $p; done") == [
        (("pip", "install", "a"), True),
        (("pip", "install", "b"), True),
    ]
    assert told("for p in $(ls); do pip install $p; done")[-1] == (("pip", "install", None), None)


def test_a_loop_that_changes_what_it_runs_in_is_not_decided() -> None:
    launch = walked("while read x; do pip list; cd $x; done")[0]
    assert (launch.state.cwd, launch.runs) == (None, None)


def test_functions_are_run_where_they_are_called() -> None:
    assert told('f() { pip install "$1" $2; }; f "a b"') == [(("pip", "install", "a b"), True)]


def test_wrappers_are_taken_off() -> None:
    for wrapper in ("env", "nohup", "command", "exec", "time -p", "timeout -k 1 5", "env -u HOME"):
        assert told(f"{wrapper} pip list") == [(("pip", "list"), True)], wrapper
    (launch,) = walked("env -i -C inner A=1 pip list")
    assert ({name: each.value for name, each in launch.state.variables.items()}, launch.state.cwd) == (
        {"A": "1"},
        "/here/inner",
    )


def test_sudo_has_a_path_that_only_its_configuration_knows() -> None:
    (launch,) = walked("sudo -H pip list")
    assert launch.state.variables["PATH"].value is None


def test_a_wrapper_that_is_not_there_starts_nothing() -> None:
    (launch,) = walked("setsid pip list")
    assert launch.missing == "setsid"


def test_a_text_for_a_shell_is_followed() -> None:
    assert told("sh -c 'cd inner && pip list'") == [(("pip", "list"), True)]
    assert told("eval 'pip list'") == [(("pip", "list"), True)]
    launch = walked('eval "$(conda shell.bash hook)"; pip list')[-1]
    assert launch.state.is_lost


def test_exit_and_exec_end_it() -> None:
    assert told("exit 1; pip list") == []
    assert told("exec pip list; pip check") == [(("pip", "list"), True)]


def test_what_follows_a_possible_exit_may_not_be_reached() -> None:
    assert told("make && exit 1; pip list") == [(("make",), True), (("pip", "list"), None)]
    assert told("f() { make && exit; }; f; pip list")[-1] == (("pip", "list"), None)
    assert told("(make && exit); pip list")[-1] == (("pip", "list"), True)
    assert told("f() { make && return; pip check; }; f; pip list") == [
        (("make",), True),
        (("pip", "check"), None),
        (("pip", "list"), True),
    ]
    assert told("for x in a b; do make && break; pip install $x; done; pip list") == [
        (("make",), True),
        (("pip", "install", "a"), None),
        (("make",), None),
        (("pip", "install", "b"), None),
        (("pip", "list"), True),
    ]


def test_what_is_assigned_for_a_builtin_alone_is_gone_after_it() -> None:
    launch = walked("PATH=/x cd inner; X=1 read y; pip list")[-1]
    assert (launch.state.value("PATH"), launch.state.value("X"), launch.state.value("y")) == (
        "/other/bin:/usr/bin",
        "",
        None,
    )
    assert walked("export PATH=/env/bin; pip list")[-1].state.value("PATH") == "/env/bin"


def test_a_script_that_ends_on_errors_may_not_get_further() -> None:
    assert told("set -e\nmake\npip list") == [(("make",), True), (("pip", "list"), None)]


def test_activation_puts_the_environment_first() -> None:
    (launch,) = walked("source /env/bin/activate && pip list")
    assert launch.state.value("PATH") == "/env/bin:/other/bin:/usr/bin"
    assert launch.state.value("VIRTUAL_ENV") == "/env"
    launch = walked("source /env/bin/activate; deactivate; pip list")[-1]
    assert (launch.state.value("PATH"), launch.state.value("VIRTUAL_ENV")) == ("/other/bin:/usr/bin", "")


def test_an_environment_that_is_made_before_is_activated_if_that_succeeds() -> None:
    launch = walked("python -m venv new && . new/bin/activate && pip list")[-1]
    assert (launch.state.value("PATH"), launch.runs) == ("/here/new/bin:/other/bin:/usr/bin", None)
    launch = walked("python -m venv new; . new/bin/activate; pip list")[-1]
    assert launch.state.value("PATH") is None


def test_a_sourced_file_is_followed_unless_something_ran_that_may_change_it() -> None:
    files = Files(texts={"/here/settings": "PATH=/x"})
    (launch,) = walked("source ./settings; pip list", files)
    assert launch.state.value("PATH") == "/x"
    sourced, launch = walked("make; source ./settings; pip list", files)[1:]
    assert (sourced.name, sourced.is_lost, launch.state.is_lost) == (None, True, True)


def test_dash_knows_no_source_and_ends_when_a_dot_finds_nothing() -> None:
    assert told("source /env/bin/activate && pip list", Files(kind="dash"))[-1][1] is False
    assert told(". ./nothing; pip list", Files(kind="dash")) == []
    assert told(". ./nothing; pip list") == [(("pip", "list"), True)]


def test_a_program_that_is_not_there_fails() -> None:
    assert told("nothing && pip list || pip check") == [
        (("nothing",), True),
        (("pip", "list"), False),
        (("pip", "check"), True),
    ]


def test_conda_activate_fails_when_it_is_a_program() -> None:
    assert told("conda activate x && pip list") == [(("conda", "activate", "x"), True), (("pip", "list"), False)]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("pip install $HOME/x ~/y", ("pip", "install", "/home/ada/x", "/home/ada/y")),
        ("X='a b'; pip install $X \"$X\"", ("pip", "install", "a", "b", "a b")),
        ("pip install $NOTHING x", ("pip", "install", "x")),
        ("pip install '$HOME' \"\"", ("pip", "install", "$HOME", "")),
        ("pip install ${WHAT:-numpy}", ("pip", "install", "numpy")),
        ("$(which pip) install x", ("/other/bin/pip", "install", "x")),
        ("pip install six[extra]", ("pip", "install", "six[extra]")),
    ],
)
def test_words_are_expanded_as_the_shell_does(text: str, fields: tuple[str, ...]) -> None:
    assert told(text)[-1][0] == fields


def test_a_file_of_that_name_takes_the_place_of_a_pattern() -> None:
    files = Files(texts={"/here/sixe": ""})
    (launch,) = walked("pip install six[extra]", files)
    assert launch.fields[-1] == ("sixe", "", False, "six[extra]")


def test_only_its_own_words_start_a_program_plainly() -> None:
    """Not a wrapper, a function, or a text that is evaluated."""
    plain = {
        text: walked(text)[-1].is_plain
        for text in ("pip list", "env pip list", "f() { pip list; }; f", "eval pip list")
    }
    assert plain == {"pip list": True, "env pip list": False, "f() { pip list; }; f": False, "eval pip list": False}


WORDS = " ".join(f"w{number}" for number in range(10))
LONG = {
    "loops in loops": "".join(f"for a{at} in {WORDS}; do " for at in range(8)) + "pip list" + "; done" * 8,
    "commands": ":;" * 10_000,
    "a chain": "true && " * 10_000 + "pip list",
    "subshells": "( " * 2_000 + "pip list" + " )" * 2_000,
    "outputs": "echo " + "$(echo " * 500 + "x" + ")" * 500,
    "conditions": "if ls; then " * 1_000 + "pip list;" + " fi;" * 1_000,
    "a here-document": "cat <<X\n" + "pip install\n" * 90_000 + "X\n",
    "words": "pip install " + "x " * 100_000,
    "arms": "case x in " + " ".join(f"{number}) pip;;" for number in range(5_000)) + " esac",
    "braces": "pip install " + "{a,b}" * 1_000,
    "functions": "f() { f; f; }; f",
    "texts": 'x=\'eval "$x$x"\'; eval "$x$x"',
    "values": "x=a; " + 'x="$x$x"; ' * 60 + "pip install $x",
    "parameters": "set -- a b; " + 'set -- "$@" "$@"; ' * 40 + 'pip install "$@"',
    "assignments": " ".join(f"A{number}=1" for number in range(9_000)) + " pip list",
    "empty lines": "\n" * 90_000 + "pip list",
    "rounds": "while ls; do " * 30 + "pip list;" + " done;" * 30,
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("shell", ["bash", "dash", "zsh"])
def test_a_line_of_any_length_is_judged_at_once(kind: str, shell: str) -> None:
    """Processor time, so that others on the machine do not count."""
    before = process_time()
    with suppress(NotUnderstood):
        walked(LONG[kind], Files(kind=shell))
    assert process_time() - before < 1
