"""Where text is shown, in real terminals: IPython's colours and words, `NO_COLOR`, a dumb terminal, and a command."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from ipython_where.console import Console, folded, painted, said
from ipython_where.errors import WhereError
from ipython_where.model import Evidence
from ipython_where.show.faces import text

pexpect = pytest.importorskip("pexpect", reason="IPython brings it where there are terminals of this kind")

from .kernels import kernel_prefix, world  # noqa: E402 - only where there is pexpect
from .show import samples  # noqa: E402
from .test_guard_terminal import SIMPLE, Terminal  # noqa: E402

SESSION = Console(color=False, is_kernel=False)
COLOR = Console(color=True, is_kernel=False)
CODES = re.compile(r"\x1b\[[\d;]*m")


@pytest.mark.parametrize(
    ("spelled", "words"),
    [
        (
            "this kernel's environment has no pip; restart the kernel",
            "this session's environment has no pip; restart this session",
        ),
        ("a different environment than the kernel's", "a different environment than this session's"),
        ("This kernel runs Python 3.11", "This session runs Python 3.11"),
        ("kernel", "session"),
        ("`%config this kernel` and --allow-kernel", "`%config this kernel` and --allow-kernel"),
        ("the kernelspec names a different interpreter", "the kernelspec names a different interpreter"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_what_is_no_kernel_is_called_a_session(spelled: str, words: str) -> None:
    """Commands and names stay as they are."""
    assert said(spelled, SESSION) == words
    assert said(spelled, Console(color=True, is_kernel=True)) == spelled


def test_the_text_of_an_answer_says_what_runs_here() -> None:
    """A script is no kernel, whoever asks for its text."""
    words = "`!pip` in {} is not {}'s pip"
    assert words.format("this session", "this session") in str(samples.TROUBLED)
    assert words.format("this kernel", "this kernel") in text(samples.TROUBLED)


def test_colour_stands_in_for_backticks() -> None:
    """Only where they are paired, and never in a path."""
    assert painted("`x` is missing", "error", COLOR) == "\x1b[35mx\x1b[0m\x1b[1;31m is missing\x1b[0m"
    assert painted("a ` alone", "plain", COLOR) == "a ` alone"
    assert painted("/odd/`name`", "path", COLOR) == "/odd/`name`"
    assert painted("`x`", "error", SESSION) == "`x`"


def test_a_sentence_breaks_between_words_and_never_in_a_command() -> None:
    """A command that is longer than a line is left to the terminal, which copies it as one."""
    hint = "`%safepip install 'numpy<2' 'pandas<3.1.1'` changes these together; `--allow-conflicts` allows it"
    narrow = SESSION._replace(width=40)
    assert folded(hint, narrow, 2) == [
        "`%safepip install 'numpy<2' 'pandas<3.1.1'`",
        "  changes these together;",
        "  `--allow-conflicts` allows it",
    ]
    assert folded("`a` bb", COLOR._replace(width=4)) == ["`a` bb"]  # its backticks are not shown
    assert folded("`a` bb", SESSION._replace(width=4)) == ["`a`", "bb"]
    assert folded(hint, SESSION) == [hint]


def test_an_error_fits_the_terminal() -> None:
    """Its message, a note beside evidence, and its hint; what can be copied stays in one piece."""
    seen = [Evidence(label="session", value="~/envs/analysis/bin/python"), Evidence(label="pandas", value="numpy>=2")]
    noted = Evidence(label="numpy", value="requires nothing", note="1.26.4 would be installed")
    error = WhereError(
        "nothing was changed: `pandas` would miss what it needs", evidence=[*seen, noted], hint="`x` or y"
    )
    assert error.shown(SESSION._replace(width=40)) == [
        "nothing was changed: `pandas` would miss",
        "what it needs",
        "  session  ~/envs/analysis/bin/python",
        "  pandas   numpy>=2",
        "  numpy    requires nothing",
        "           (1.26.4 would be installed)",
        "",
        "hint: `x` or y",
    ]


CELLS = ("%where sklearn", "%where --nonsense", "import sklearn")


def written(folder: Path, *, colors: str = "NoColor", **environ: str) -> list[str]:
    """What an answer, an error and a hint look like in IPython."""
    terminal = Terminal(kernel_prefix(), folder, *SIMPLE, colors=colors, **environ)
    try:
        terminal.process.expect(r"In \[\d+\]: ")
        terminal.run("%load_ext ipython_where")
        return [terminal.run(cell) for cell in CELLS]
    finally:
        terminal.close()


@pytest.mark.usefixtures("kernel")
def test_ipython_in_a_terminal_colours_and_says_session(tmp_path: Path) -> None:
    """With a theme; the words are those without one, but for the backticks."""
    answer, error, hint = written(tmp_path / "colour", colors="linux")
    plain = written(tmp_path / "plain")
    assert "\x1b[1msklearn\x1b[0m" in answer and "\x1b[1;31m" in error and "\x1b[35m%where?\x1b[0m" in error
    assert not any("\x1b[" in each for each in plain)
    for colourful, without in zip((answer, error), plain, strict=False):
        assert CODES.sub("", colourful) == without.replace("`", "")
    for each in (answer, hint, *plain):
        assert "this kernel" not in each
    assert "is not installed in this session's environment" in plain[0]


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_is_respected(tmp_path: Path, environ: dict[str, str]) -> None:
    """Whatever the theme says: of ours, nothing is coloured, and backticks are there."""
    answer, error, _ = written(tmp_path / "note", colors="linux", **environ)
    assert not CODES.search(answer + error) and "`%where?`" in error


@pytest.mark.usefixtures("kernel")
def test_a_command_colours_in_a_terminal_alone(tmp_path: Path) -> None:
    """`python -m ipython_where` in a pty, and with its output kept."""
    argv = ["-m", "ipython_where", "no_such_name"]
    shown, status = pexpect.run(
        f"{kernel_prefix()}/bin/python {' '.join(argv)}",
        env=world(tmp_path, TERM="xterm"),
        withexitstatus=True,
        encoding="utf-8",
    )
    assert (status, bool(CODES.search(shown)), "this kernel" in shown) == (1, True, False)


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize("words", ["--nonsense", "undo tx-nonsense"])
def test_an_error_is_coloured_where_it_goes(tmp_path: Path, words: str) -> None:
    """It goes to standard error: a log gets no codes though the answers are on a terminal, and the other way round."""
    command = f"{kernel_prefix()}/bin/python -m ipython_where {words}"
    log = tmp_path / "log"
    environ = world(tmp_path, TERM="xterm")
    assert pexpect.run(f"/bin/sh -c '{command} 2>{log}'", env=environ, encoding="utf-8") == ""
    assert "nonsense`" in log.read_text() and not CODES.search(log.read_text())
    assert CODES.search(pexpect.run(f"/bin/sh -c '{command} >{log}'", env=environ, encoding="utf-8"))


@pytest.mark.usefixtures("kernel")
def test_what_only_writes_is_no_terminal(tmp_path: Path) -> None:
    """A cell may put anything in the place of standard output, or close it: answers and errors stay what they are."""
    terminal = Terminal(kernel_prefix(), tmp_path / "odd", *SIMPLE, colors="linux")
    try:
        terminal.process.expect(r"In \[\d+\]: ")
        terminal.run("%load_ext ipython_where")
        terminal.run(
            "import sys, types; out = sys.stdout; odd = types.SimpleNamespace(write=out.write, flush=out.flush)"
        )
        error = terminal.run("sys.stdout = odd; get_ipython().run_line_magic('where', '--nonsense')")
        answer = terminal.run("get_ipython().run_line_magic('where', 'sklearn')")
    finally:
        terminal.close()
    assert error == "`%where` has no option `--nonsense`\n\nhint: `%where?` lists its options\n"
    assert "`scikit-learn` is not installed in this session's environment" in answer


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(("words", "status"), [("packaging", 0), ("--nonsense", 2)])
def test_a_command_without_standard_output(tmp_path: Path, words: str, status: int) -> None:
    """As a service has it, closed."""
    command = f"{kernel_prefix()}/bin/python -m ipython_where {words} >&- 2>{tmp_path / 'log'}"
    _, ended = pexpect.run(f"/bin/sh -c '{command}'", env=world(tmp_path), withexitstatus=True)
    assert (ended, "Traceback" in (tmp_path / "log").read_text()) == (status, False)


if sys.platform == "win32":
    pytest.skip("there are no terminals of this kind", allow_module_level=True)
