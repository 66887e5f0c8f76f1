"""The guard in IPython on a real terminal: a session looks as it does without the guard, in every mode."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect", reason="IPython brings it where there are terminals of this kind")

from . import environments  # noqa: E402 - only where there is pexpect
from .change.installers import local  # noqa: E402
from .kernels import copy_of, kernel_prefix, tools, world  # noqa: E402

pytestmark = pytest.mark.usefixtures("kernel")

SIMPLE = ("--simple-prompt", "--InteractiveShell.separate_in=")
MODES = ("warn", "redirect", "block", "off")


class Terminal:
    """An IPython that reads from a pty, and what it has written there."""

    def __init__(self, prefix: Path, folder: Path, *options: str, colors: str = "NoColor", **environ: str) -> None:
        folder.mkdir(exist_ok=True)
        self.count = 0
        argv = ["-m", "IPython", "--no-banner", "--no-confirm-exit", f"--colors={colors}", "--no-term-title", *options]
        self.process = pexpect.spawn(
            f"{prefix}/bin/python",
            argv,
            env=world(folder, **{"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **environ}),
            cwd=str(folder),
            encoding="utf-8",
            codec_errors="backslashreplace",
            echo=False,
            timeout=300,
            dimensions=(60, 500),
        )

    def run(self, cell: str) -> str:
        """What a cell writes."""
        self.type(cell)
        return self.finish()

    def type(self, cell: str) -> None:
        """Write a cell, and the empty lines that end it."""
        lines = cell.split("\n")
        for line in (*lines, *([""] * (len(lines) > 1)), *([""] * cell.startswith("%%"))):
            self.process.sendline(line)

    def finish(self) -> str:
        """What was written since the last time, without prompts."""
        self.count += 1
        self.process.sendline(f"print('end', 'of', {self.count})")
        self.process.expect(rf"end of {self.count}\r\nIn \[\d+\]: ")
        return re.sub(r"In \[\d+\]: | *\.\.\.: ", "", str(self.process.before)).replace("\r\n", "\n")

    def close(self) -> None:
        """End IPython."""
        self.process.sendline("exit")
        self.process.expect(pexpect.EOF)
        self.process.close()


@dataclass(frozen=True)
class Pair:
    """Two sessions of one environment, of which one has the extension."""

    bare: Terminal
    guarded: Terminal
    other: Path
    """An environment with a pip that comes first on PATH."""

    def same(self, cell: str) -> None:
        """Run a cell in both: they write the same."""
        self.shown(self.bare.run(cell), cell)

    def shown(self, bare: str, cell: str, before: str = "") -> None:
        """Run a cell in the guarded session: it writes what the bare one wrote, and ``before`` that what is given."""
        assert plain(self.guarded.run(cell)) == before + plain(bare)

    def mode(self, mode: str) -> None:
        """Choose the guard's mode."""
        assert self.guarded.run(f"%config PipGuard.mode = {mode!r}") == ""

    @property
    def elsewhere(self) -> str:
        """A command that installs into the other environment, where all is there already, and then goes on."""
        return f"uv pip install -q --offline --python {self.other}/bin/python pip && echo done"

    @property
    def warning(self) -> str:
        """What is said before that command."""
        version = sys.version.split()[0]
        kernel, target = f"{kernel_prefix()}/bin/python", f"{self.other}/bin/python"
        width = max(len(kernel), len(target))
        return (
            f"`{self.elsewhere.partition(' &&')[0][:77]}…` would install into a different environment than this session's\n"
            f"  session  {kernel:{width}}  ({version})\n"
            f"  command  {target:{width}}  ({version})\n"
            "  because  --python\n"
            "\n"
            "hint: `%safepip install pip` installs into this session's environment\n"
        )


def plain(text: str) -> str:
    """Text without the numbers of cells and processes."""
    return re.sub(r"(In|Out) ?\[\d+\]", "[…]", text)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The two sessions that the tests share."""
    other = environments.kept("guard-other", ["pip"], compiled=True)
    folder = tmp_path_factory.mktemp("terminal")
    path = f"{other}/bin:{tools()}:/usr/bin:/bin"
    bare, guarded = (Terminal(kernel_prefix(), folder / name, *SIMPLE, PATH=path) for name in "ab")
    for each in (bare, guarded):
        assert each.run(f"%cd -q {folder}") == ""
    assert guarded.run("%load_ext ipython_where") == ""
    yield Pair(bare, guarded, other)
    guarded.close()
    bare.close()


WAYS = {
    "!": "!CMD",
    "!!": "!!CMD",
    "assigned": "x = !CMD\nx",
    "%sx": "%sx CMD",
    "%system": "%system CMD",
    "%%sx": "%%sx\nCMD",
    "%%bash": "%%bash\nCMD",
    "%%sh": "%%sh\nCMD",
    "%%script bash": "%%script bash\nCMD",
    "loop": "for i in range(2):\n    !CMD",
    "function": "def way():\n    !CMD\n    return 1\n\nway()",
}
"""Ways from a cell to a shell; CMD is the command."""


@pytest.mark.parametrize("way", WAYS)
def test_a_command_that_changes_nothing_elsewhere_is_left_alone(pair: Pair, way: str) -> None:
    """In every mode: the word `pip`, an exit code, reading elsewhere, installing into the kernel's own."""
    own = f"{kernel_prefix()}/bin/python"
    command = f"echo pip é ✓; uv pip show --python {pair.other}/bin/python pip; "
    cell = WAYS[way].replace("CMD", f"{command} uv pip install --python {own} pip --offline -q; exit 3")
    bare, code = pair.bare.run(cell), pair.bare.run("_exit_code")
    assert "pip é ✓" in bare
    for mode in MODES:
        pair.mode(mode)
        pair.shown(bare, cell)
        pair.shown(code, "_exit_code")


@pytest.mark.parametrize("way", WAYS)
def test_a_command_that_installs_elsewhere_is_named_and_runs(pair: Pair, way: str) -> None:
    """The warning comes before what the command prints; once in a loop; and where it is blocked it is all that is shown."""
    cell = WAYS[way].replace("CMD", pair.elsewhere)
    bare = pair.bare.run(cell)
    assert "done" in bare
    for mode, before in (("warn", pair.warning), ("redirect", pair.warning), ("off", "")):
        pair.mode(mode)
        pair.shown(bare, cell, before)
    pair.mode("block")
    blocked = pair.guarded.run(cell)
    expected = ["not", "run:", *pair.warning.split()]
    assert blocked.split()[: len(expected)] == expected
    assert "\ndone\n" not in blocked


@pytest.mark.parametrize(
    "cell",
    [
        "%pip --version",
        "%pip install -q pip",
        "!pip --version",
        "!pip; # nothing asked",
        "!echo 'ünï → 漢字 🎉 pip'",
        r"!printf 'pip \377\376 \303\n'",
        "x = 'pip \\udcff'\n!echo {x}",
        "!seq 10000 # pip",
        "x = !seq 10000 # pip\nlen(x), x[-1]",
        "!exit 7 # pip",
        "_exit_code",
        "!sh -c 'kill -9 $$' # pip",
        "_exit_code",
        "!no-such-pip",
        "!echo 'an open quote pip",
        "!sleep 0.1 & # pip &",
        "_exit_code",
        "!test -t 0 && test -t 1 && echo 'pip: a terminal'",
        '!IFS= read -r line; echo "pip $line"\ntyped',
        "def f():\n    x = 'local'\n    !echo pip {x} $x {undefined} {{x}}\n    return !echo pip {x}\n\nf()",
        "def f(x):\n    def g():\n        y = 'inner'\n        !echo pip {x} {y}\n    g()\n\nf('outer')",
        "get_ipython().system_raise_on_error = True",
        "!exit 7 # pip",
        "x = !exit 7 # pip",
        "get_ipython().system_raise_on_error = False",
    ],
)
def test_output_exit_codes_and_errors_are_the_same(pair: Pair, cell: str) -> None:
    """Character for character, with the whole traceback; what is typed reaches the command."""
    pair.mode("warn")
    pair.same(cell)


@pytest.mark.parametrize(
    "cell", ["!echo pip; sleep 60", "x = !echo pip > /dev/tty; sleep 60", "%%bash\necho pip; exec sleep 60"]
)
def test_an_interrupt_ends_the_command_as_it_did(pair: Pair, cell: str) -> None:
    """Ctrl-C: the same output, the same error, the same `_exit_code`.

    What IPython shows depends on the moment: in the middle of `Popen`, or while asyncio looks after its children, it is
    another traceback. A difference that the extension makes is there each time.
    """
    for _ in range(5):
        outputs = [interrupted(each, cell) for each in (pair.bare, pair.guarded)]
        if outputs[0] == outputs[1]:
            break
    assert outputs[0] == outputs[1]
    pair.same("_exit_code")


def interrupted(terminal: Terminal, cell: str) -> str:
    """What a cell leaves that is interrupted when its command has printed."""
    terminal.type(cell)
    terminal.process.expect("pip")
    terminal.process.sendintr()
    # IPython says how a script ended if it ended within 0.1 s: not always on a busy machine
    return plain(re.sub(r"Process was \w+\.\n", "", terminal.finish()))


def test_in_the_full_screen_editor_the_warning_comes_before_the_output(pair: Pair, tmp_path: Path) -> None:
    """IPython as people start it, with prompt_toolkit."""
    full = Terminal(kernel_prefix(), tmp_path, PATH=f"{pair.other}/bin:/usr/bin:/bin")
    full.process.expect_exact("In [1]:")
    full.process.send("%load_ext ipython_where\r")
    full.process.expect_exact("In [2]:")
    full.process.send("!pip install pip\r")
    full.process.expect_exact("`pip install pip` would install into a different environment than this session's")
    full.process.expect_exact("hint: `%safepip install pip` installs into this session's environment")
    full.process.expect_exact("Requirement already satisfied: pip in ")
    full.process.expect_exact("In [3]:")
    full.process.send("exit\r")
    full.process.expect(pexpect.EOF)
    full.process.close()


def test_redirect_installs_into_this_environment(pair: Pair, tmp_path: Path) -> None:
    """Said in one line, then `%safepip`'s own result; the name can be imported at once."""
    prefix = copy_of(kernel_prefix(), tmp_path / "env")
    local.wheel(tmp_path / "wheels", "redirected", "1.0")
    session = Terminal(prefix, tmp_path, *SIMPLE, PATH=f"{pair.other}/bin:{tools()}:/usr/bin:/bin")
    session.run("%load_ext ipython_where")
    session.run("%config PipGuard.mode = 'redirect'")
    line = "pip install --no-index -f wheels redirected"
    told = session.run(f"!{line}")
    assert (
        told.splitlines()[0]
        == f"`{line}` would have changed a different environment: running `%safepip {line.removeprefix('pip ')}` instead"
    )
    assert "redirected 1.0 can be imported now" in told
    assert session.run("import redirected; redirected.__version__").endswith("'1.0'\n")
    assert session.run("_exit_code").endswith("0\n")
    session.close()
