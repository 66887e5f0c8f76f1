"""``%where`` in a real IPython shell: what it returns, offers and leaves behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import ipython_where
from ipython_where import Answers, EnvironmentAnswer, ModuleAnswer

from .environments import call
from .kernels import kernel_prefix


@pytest.fixture
def bare_shell() -> Iterator[InteractiveShell]:
    """The process's one shell (IPython's own functions ask for it), without the extension."""
    shell = InteractiveShell.instance()
    shell.reset()
    shell.run_line_magic("unload_ext", "ipython_where")  # IPython makes what its magic needs at the first use
    yield shell
    shell.run_line_magic("unload_ext", "ipython_where")


@pytest.fixture
def shell(bare_shell: InteractiveShell) -> InteractiveShell:
    """The shell with the extension loaded."""
    bare_shell.run_line_magic("load_ext", "ipython_where")
    return bare_shell


def run(shell: InteractiveShell, cell: str) -> Any:
    """The value of a cell that must succeed."""
    done = shell.run_cell(cell, store_history=True)
    done.raise_error()
    return done.result


def snapshot(shell: InteractiveShell) -> dict[str, Any]:
    """Everything that an extension could leave in a shell."""
    return {
        "magics": {kind: dict(magics) for kind, magics in shell.magics_manager.magics.items()},
        "user magics": dict(vars(shell.magics_manager.user_magics)),
        "matchers": list(shell.Completer.custom_matchers),
        "hooks": {name: list(getattr(hook, "chain", ())) for name, hook in shell.hooks.items()},
        "commands": dict(shell.strdispatchers),
        "transformers": [*shell.input_transformers_cleanup, *shell.input_transformers_post, *shell.ast_transformers],
        "callbacks": {name: list(calls) for name, calls in shell.events.callbacks.items()},
        "configurables": list(map(type, shell.configurables)),
        "traits": sorted(shell.trait_names()),
        "names": sorted(name for name in shell.user_ns if not name.startswith("_")),
    }


def test_one_name_gives_one_answer_and_none_gives_the_environment(shell: InteractiveShell) -> None:
    assert isinstance(run(shell, "%where json"), ModuleAnswer)
    assert isinstance(run(shell, "%where"), EnvironmentAnswer)


def test_several_names_give_their_answers_in_order(shell: InteractiveShell) -> None:
    answers = run(shell, "%where json ipython no_such_module_here")
    assert isinstance(answers, Answers)
    assert [(each.query, each.found) for each in answers] == [
        ("json", True),
        ("ipython", True),
        ("no_such_module_here", False),
    ]


def test_an_answer_shows_itself_in_a_terminal_as_text(shell: InteractiveShell) -> None:
    for cell in ("%where json", "%where json xml"):
        answer = run(shell, cell)
        assert shell.display_formatter is not None
        shown, _ = shell.display_formatter.format(answer)
        assert shown["text/plain"] == str(answer)
        assert "<table" in shown["text/html"]


def test_an_answer_can_be_kept_in_a_variable(shell: InteractiveShell) -> None:
    import IPython

    assert run(shell, "r = %where IPython\nr.version") == IPython.__version__


def test_a_variable_bound_to_a_module_is_that_module(shell: InteractiveShell) -> None:
    answer = run(shell, "import xml.etree as e\n%where e.ElementTree")
    assert (answer.module, answer.variable.bound_to) == ("xml.etree.ElementTree", "module xml.etree.ElementTree")


def test_any_other_variable_is_answered_by_its_class(shell: InteractiveShell) -> None:
    answer = run(shell, "from fractions import Fraction\nhalf = Fraction(1, 2)\n%where half")
    assert (answer.module, answer.variable.bound_to) == ("fractions", "class fractions.Fraction")


def test_a_module_wins_over_a_variable_that_is_none(shell: InteractiveShell) -> None:
    answer = run(shell, "fractions = 5\n%where fractions")
    assert (answer.module, answer.variable.bound_to) == ("fractions", "class builtins.int")


def test_a_semicolon_shows_nothing(shell: InteractiveShell) -> None:
    assert run(shell, "%where json;") is None


def test_json_is_printed_and_parses(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "%where --json json")
    assert json.loads(capsys.readouterr().out)["query"] == "json"


def test_an_unknown_option_is_one_sentence_and_no_traceback(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    done = shell.run_cell("%where --verbos json")
    assert type(done.error_in_exec).__name__ == "UsageError"
    shown = capsys.readouterr().out
    assert shown == "`%where` has no option `--verbos`\n\nhint: `%where?` lists its options\n"


def test_a_name_that_is_none_is_one_sentence(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%where ../numpy")
    assert capsys.readouterr().out.splitlines()[0] == "`../numpy` is not a valid name of a module or distribution"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%where ipython_wh", {"ipython_where"}),
        ("%where ipython-wh", {"ipython-where"}),
        (
            "r = %where xml.etree.Element",
            {"xml.etree.ElementTree", "xml.etree.ElementPath", "xml.etree.ElementInclude"},
        ),
        ("%where --j", {"--json"}),
        ("%where mine.dec", {"mine.decoder"}),
    ],
)
def test_tab_completes_modules_distributions_options_and_variables(
    shell: InteractiveShell, line: str, expected: set[str]
) -> None:
    run(shell, "import json as mine")
    with provisionalcompleter():
        offered = {each.text for each in shell.Completer.completions(line, len(line))}
    assert offered == expected


def test_tab_elsewhere_is_left_alone(shell: InteractiveShell) -> None:
    line = "where_am_i = 5; where_am"
    run(shell, "where_am_i = 5")
    with provisionalcompleter():
        offered = {each.text for each in shell.Completer.completions(line, len(line))}
    assert offered == {"where_am_i"}


def test_help_has_two_examples_and_every_option(shell: InteractiveShell) -> None:
    text = shell.object_inspect_text("%where")
    for part in ("%where numpy", "r.version", "--verbose", "--json"):
        assert part in text


def test_tab_after_config_offers_the_switch(shell: InteractiveShell) -> None:
    for line, expected in (("%config Hin", {"Hints"}), ("%config Hints.", {"Hints.enabled"})):
        with provisionalcompleter():
            offered = {each.text for each in shell.Completer.completions(line, len(line))}
        assert expected <= offered


def test_unloading_leaves_the_shell_as_it_was(bare_shell: InteractiveShell) -> None:
    before = snapshot(bare_shell)
    for magic in ("load_ext", "reload_ext", "reload_ext"):
        bare_shell.run_line_magic(magic, "ipython_where")
    assert len(bare_shell.Completer.custom_matchers) == len(before["matchers"]) + 1
    bare_shell.run_line_magic("unload_ext", "ipython_where")
    assert snapshot(bare_shell) == before


def test_a_magic_of_the_same_name_is_given_back(bare_shell: InteractiveShell) -> None:
    def where(line: str) -> str:
        return "the other"

    bare_shell.register_magic_function(where, "line", "where")  # type: ignore[arg-type]  # it wraps a method
    before = snapshot(bare_shell)
    bare_shell.run_line_magic("load_ext", "ipython_where")
    bare_shell.run_line_magic("reload_ext", "ipython_where")
    bare_shell.run_line_magic("unload_ext", "ipython_where")
    assert snapshot(bare_shell) == before
    assert bare_shell.run_line_magic("where", "") == "the other"


def test_loading_reads_nothing_and_imports_little() -> None:
    """The import budget of ``%load_ext`` over IPython itself: two modules of this package, nothing else."""
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\nshell.extension_manager.load_extension('ipython_where')\n"
        "print(sorted(set(sys.modules) - before))"
    )
    # an environment without transactions: this process's own may have some, from the tour
    told = call(kernel_prefix() / "bin" / "python", "-c", code).strip()
    assert told == "['ipython_where', 'ipython_where.magics']"


def test_a_finder_that_stops_every_import_leaves_the_traceback_alone(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of ours can be imported then: there is no hint, and no word about one."""
    run(shell, "class Stop:\n    def find_spec(self, *args):\n        raise RuntimeError('stopped')\nimport sys")
    shell.run_cell("1 / 0")
    monkeypatch.delitem(sys.modules, "ipython_where.show.notebook.failed_imports", raising=False)
    monkeypatch.delattr(ipython_where, "hints", raising=False)
    shell.run_cell("sys.meta_path.insert(0, Stop()); import nowhere_at_all")
    del sys.meta_path[0]
    shown = capsys.readouterr()
    assert "stopped" in shown.out + shown.err
    assert "Error in callback" not in shown.out + shown.err


def test_an_error_that_is_no_failed_import_loads_four_small_files() -> None:
    """What explains a failed import is loaded after one, and not before."""
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell.instance()\n"
        "shell.run_cell('%load_ext ipython_where')\nbefore = set(sys.modules)\nshell.run_cell('1 / 0')\n"
        "print(sorted(name for name in set(sys.modules) - before if name.startswith('ipython_where')))"
    )
    loaded = call(kernel_prefix() / "bin" / "python", "-c", code).splitlines()[-1]
    files = [
        "ipython_where.judge",
        "ipython_where.judge.failure",
        "ipython_where.judge.remote_failure",
        "ipython_where.show",
        "ipython_where.show.notebook",
        "ipython_where.show.notebook.failed_imports",
        "ipython_where.value",
    ]
    assert loaded == str(files)  # the three packages hold a docstring each
