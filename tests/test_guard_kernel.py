"""The guard in a real kernel: what a command prints, returns and leaves is what it is without the guard, in every mode."""

from __future__ import annotations

import dataclasses
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import environments
from .change.installers import local
from .kernels import Notebook, Reply, copy_of, kernel_prefix, notebook, tools

pytestmark = [
    pytest.mark.usefixtures("kernel"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what a kernel runs is read from /proc"),
]

MODES = ("warn", "redirect", "block", "off")

WAYS = {
    "!": "!CMD",
    "!!": "!!CMD",
    "assigned": "x = !CMD\nx",
    "%sx": "%sx CMD",
    "assigned %sx": "x = %sx CMD\nx",
    "%sc": "%sc -l x=CMD\nx",
    "%system": "%system CMD",
    "%%sx": "%%sx\nCMD",
    "%%!": "%%!\nCMD",
    "%%system": "%%system\nCMD",
    "%%bash": "%%bash\nCMD",
    "%%sh": "%%sh\nCMD",
    "%%script bash": "%%script bash\nCMD",
    "%%script with options": "%%script --no-raise-error sh -u\nCMD",
    "%%bash into variables": "%%bash --out x --err y\nCMD",
    "alias": "%alias way CMD\n%way",
    "loop": "for i in range(2):\n    !CMD",
    "function": "def way():\n    !CMD\nway()",
    "assigned in a function": "def way():\n    x = !CMD\n    return x\nway()",
    "method": "get_ipython().system('''CMD''')",
    "method that returns": "get_ipython().getoutput('''CMD''')",
    "cell in a cell": "get_ipython().run_cell('''!CMD''').raise_error()",
}
"""Every way from a cell to a shell; CMD is the command."""

LEFT = ("_exit_code", "x", "y")
"""The variables that cells leave here."""


@dataclass(frozen=True)
class Pair:
    """Two kernels of one environment, of which one has the extension."""

    bare: Notebook
    guarded: Notebook
    other: Path
    """An environment with a pip that comes first on PATH."""

    def mode(self, mode: str) -> None:
        """Choose the guard's mode."""
        assert self.guarded.run(f"%config PipGuard.mode = {mode!r}").status == "ok"

    def same(self, cell: str) -> list[str]:
        """Run a cell in both: all that comes of it is the same, but for the displays that are returned as text."""
        return self.shown(self.bare.run(cell, names=LEFT), cell)

    def shown(self, bare: Reply, cell: str) -> list[str]:
        """What is displayed in the guarded kernel beside what the bare one answered."""
        guarded = self.guarded.run(cell, names=LEFT)
        assert plain(guarded) == plain(bare)
        assert bare.shown == []
        return [each["text/plain"] for each in guarded.shown]

    @property
    def elsewhere(self) -> str:
        """A command that installs into the other environment, where all is there already, and then goes on."""
        return f"uv pip install -q --offline --python {self.other}/bin/python pip && touch ran && echo done"

    def warning(self, command: str) -> str:
        """What is said before a command that changes the other environment by its own pip."""
        version = sys.version.split()[0]
        kernel, target = f"{self.guarded.prefix}/bin/python", f"{self.other}/bin/python"
        width = max(len(kernel), len(target))
        return (
            f"`{command}` would install into a different environment than this kernel's\n"
            f"  kernel   {kernel:{width}}  ({version})\n"
            f"  command  {target:{width}}  ({version})\n"
            f"  because  shebang of {self.other}/bin/pip\n"
            "\n"
            "hint: `%safepip install pip` installs into this kernel's environment"
        )


def plain(reply: Reply) -> Reply:
    """A reply without what was displayed, and without the number of the cell in a traceback."""
    error = [re.sub(r"In\[\d+\]", "In[…]", line) for line in reply.error]
    return dataclasses.replace(reply, shown=[], order=[], error=error)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The two kernels that the tests share, with one home and one working directory."""
    other = environments.kept("guard-other", ["pip"], compiled=True)
    folder = tmp_path_factory.mktemp("guard")
    path = f"{other}/bin:{tools()}:/usr/bin:/bin"
    bare, guarded = (Notebook(kernel_prefix(), folder / name, PATH=path) for name in ("bare", "guarded"))
    guarded.home, guarded.cwd, guarded.environ = bare.home, bare.cwd, bare.environ
    bare.start_bare()
    guarded.start_bare()
    assert guarded.run("%load_ext ipython_where").status == "ok"
    yield Pair(bare, guarded, other)
    guarded.close()
    bare.close()


@pytest.fixture
def pair(kernels: Pair, tmp_path: Path) -> Pair:
    """The two kernels in an empty working directory, in the mode `warn`, without variables."""
    kernels.mode("warn")
    for each in (kernels.bare, kernels.guarded):
        # the folder first: that of the test before is gone, and IPython's %reset reads where it is
        assert each.run(f"import os\nos.chdir({str(tmp_path)!r})\n%reset -f\nimport os").status == "ok"
        each.cwd = tmp_path
    return kernels


# -- what is not the guard's business ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_command_that_changes_nothing_elsewhere_is_left_alone(pair: Pair, way: str) -> None:
    """In every mode and by every way: the word `pip`, an exit code, reading elsewhere, installing into the kernel's own."""
    cell = WAYS[way].replace(
        "CMD",
        f"echo pip é ✓; uv pip show --python {pair.other}/bin/python pip; "
        f"uv pip install --python {pair.guarded.python} pip --offline -q; echo error >&2; exit 3",
    )
    bare = pair.bare.run(cell, names=LEFT)
    for mode in MODES:
        pair.mode(mode)
        assert pair.shown(bare, cell) == []


def test_the_magic_for_the_kernels_own_pip_is_left_alone(pair: Pair) -> None:
    """`%pip` runs the kernel's own interpreter."""
    bare = pair.bare.run("%pip install pip", names=LEFT)
    for mode in MODES:
        pair.mode(mode)
        assert pair.shown(bare, "%pip install pip") == []


EXPANDED = """
def shown():
    x = 'local'
    !echo pip {x} $x {x.upper()} $$x {{x}} {undefined} {1/0} $undefined
    y = !echo pip {x} $x
    return y
shown()
---
def outer():
    x = 'outer'
    def inner():
        !echo pip {x} $x
    def reader():
        x
        !echo pip {x} $x
    inner()
    reader()
outer()
---
[get_ipython().getoutput('echo pip {each} $x') for each in range(2)]
---
def many(x):
    return [get_ipython().getoutput('echo pip {each} $x') for each in range(2)]
many('argument')
---
(lambda x: get_ipython().getoutput('echo pip {x}'))('argument')
---
list(get_ipython().getoutput('echo pip {x} {each}') for each in 'ab')
---
class Body:
    x = 'body'
    !echo pip {x}
    y = !echo pip $x
Body.y
---
async def later():
    x = 'awaited'
    !echo pip {x}
await later()
---
def again(x):
    !echo pip {x}
    if x:
        again(x - 1)
again(2)
---
def line(x):
    y = %sx echo pip {x} $x
    z = %system echo pip {x}
    return y, z
line('argument')
---
%%bash -s {x} $x
echo pip "$1" "$2" {x} $x
---
%%script bash -s {x}
echo pip "$1" $x
---
def cell(x):
    get_ipython().run_cell_magic('bash', '-s {x}', 'echo pip "$1"')
cell('argument')
---
def at(x):
    return get_ipython().getoutput('echo pip {x}', depth=1), get_ipython().getoutput('echo pip {x}', split=False)
def called(x):
    return at('inner')
called('outer')
---
def expanded(x):
    return get_ipython().var_expand('pip {x}'), get_ipython().var_expand('pip {x}', depth=1)
expanded('argument')
---
def system(x):
    return get_ipython().var_expand('pip {x}')
system('argument')
---
%alias told echo pip %s %s
def aliased(x):
    %told {x} $x
aliased('argument')
---
import threading
def threaded(x):
    threading.current_thread().y = get_ipython().getoutput('echo pip {x}')
thread = threading.Thread(target=threaded, args=['argument'])
thread.start()
thread.join()
thread.y
---
class Counted:
    count = 0
    def __format__(self, how):
        self.count += 1
        return f'{self.count}-th'
    __str__ = lambda self: format(self)
counted = Counted()
!echo pip {counted} $counted
y = !echo pip {counted}
y, counted.count
---
class Broken:
    def __format__(self, how):
        raise RuntimeError('no')
broken = Broken()
!echo pip {broken} {x}
---
pip, self, cmd, depth, text, caller, name = 'a', 'b', 'c', 'd', 'e', 'f', 'g'
!echo $pip $self {cmd} {depth} {text} {caller} {name} {rest} {options}
""".strip().split("\n---\n")
"""Cells whose commands hold variables of many scopes; `x` is a global."""


@pytest.mark.parametrize("cell", EXPANDED, ids=lambda cell: cell.split("\n")[0])
def test_variables_are_those_of_the_scope_of_the_command(pair: Pair, cell: str) -> None:
    """`{x}` and `$x` are looked up where the command stands, once, with none of the guard's own names among them."""
    for each in (pair.bare, pair.guarded):
        each.run("x = 'global'")
    assert pair.same(cell) == []


@pytest.mark.parametrize(
    "cell",
    [
        "!echo 'ünï → 漢字 🎉 pip'",
        "x = !echo 'ünï → 漢字 🎉 pip'\nx",
        "%%bash\necho 'ünï → 漢字 🎉 pip'",
        r"!printf 'pip \377\376 \303\n'",
        r"x = !printf 'pip \377\376 \303\n'" + "\nx",
        "x = 'pip \\udcff'\n!echo {x}",
        "!echo pip \\\n  continued",
        "%%sx\necho pip\necho 'second line'",
        "!seq 10000 # pip",
        "x = !seq 10000 # pip\nlen(x), x[-1]",
        "%%bash\nseq 10000 # pip",
        "%%bash --out x\nseq 10000 # pip",
        "!head -c 1000000 /dev/zero | tr '\\0' 'x' # pip",
        "!printf 'pip 10%%\\rpip 20%%\\r\\n'",
        "!exit 7 # pip",
        "x = !exit 7 # pip",
        "!sh -c 'kill -9 $$' # pip",
        "!no-such-pip",
        "x = !no-such-pip\nx",
        "!echo 'an open quote pip",
        "%%bash\necho 'an open quote pip",
        "! ",
        "!pip; # nothing asked",
        "!test -t 0 && test -t 1 && echo 'pip: a terminal'",
        "x = !test -t 1 || echo 'pip: no terminal'\nx",
        "!sleep 60 & # pip &",
        "x = !sleep 60 & # pip &",
        "%%script no-such-pip-shell\npip",
        "%%bash -c\npip",
        "%%bash 'an open quote\npip",
        "%%bash --bg\necho pip",
        "%%python3\nprint('pip install pip')",
        "get_ipython().system_raise_on_error = True\n!exit 7 # pip",
        "x = !exit 7 # pip",
        "!pip --no-such-option",
        "get_ipython().system_raise_on_error = False\n!exit 7 # pip",
        "get_ipython().system(7)",
        "get_ipython().getoutput(None)",
        "get_ipython().system(b'echo pip')",
    ],
)
def test_output_exit_codes_and_errors_are_the_same(pair: Pair, cell: str) -> None:
    """Byte for byte, with the whole traceback: whatever the command does, and when it is none."""
    assert pair.same(cell) == []


@pytest.mark.parametrize(
    "cell",
    [
        "!echo pip; sleep 60",
        "import sys\nsys.stdout.write('pip\\n')\nx = !echo pip; sleep 60",
        "%%bash\necho pip; exec sleep 60",
        "get_ipython().system_raise_on_error = True\n!echo pip; sleep 60",
    ],
)
def test_an_interrupt_ends_the_command_as_it_did(pair: Pair, cell: str) -> None:
    """The stop button: the same output, the same error, the same `_exit_code`; nothing is left running."""
    for _ in range(5):  # another moment is another traceback of IPython's; a difference of ours is there each time
        pair.same("get_ipython().system_raise_on_error = False\n_exit_code = None")
        bare, guarded = (plain(interrupted(each, cell)) for each in (pair.bare, pair.guarded))
        if bare == guarded:
            break
    assert bare == guarded
    assert pair.same("_exit_code") == []
    pair.same("get_ipython().system_raise_on_error = False")


def interrupted(notebook: Notebook, cell: str) -> Reply:
    """A cell's reply, interrupted when it has printed something and the command waits."""
    reply, id = Reply(), notebook.begin(cell)
    is_interrupted = False
    while True:
        message = notebook.client.get_iopub_msg(timeout=300)
        if message["parent_header"].get("msg_id") != id:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
        reply.take(message)
        if "pip" in reply.stdout and not is_interrupted:
            until_sleeping(notebook)
            notebook.manager.interrupt_kernel()
            is_interrupted = True
    notebook.client.get_shell_msg(timeout=300)
    # IPython says how a script ended if it ended within 0.1 s: not always on a busy machine
    reply.stdout = re.sub(r"Process was \w+\.\n", "", reply.stdout)
    return reply


def until_sleeping(notebook: Notebook) -> None:
    """Wait for the `sleep` of this kernel's command."""
    while not any(each.startswith("sleep") for each in notebook.leftovers()):
        time.sleep(0.01)


# -- what is -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_command_that_installs_elsewhere_is_named_and_runs(pair: Pair, way: str) -> None:
    """Before it runs, and once where one line runs it more than once; `redirect` leaves a chain of commands as it is."""
    cell = WAYS[way].replace("CMD", pair.elsewhere)
    bare, ran = pair.bare.run(cell, names=LEFT), pair.guarded.cwd / "ran"
    assert "done" in bare.stdout + bare.result + str(bare.left["x"])
    for mode in ("warn", "redirect", "off"):
        pair.mode(mode)
        ran.unlink()
        told = pair.shown(bare, cell)
        assert ran.exists()
        if mode == "off":
            assert told == []
            continue
        assert told[0].startswith("`uv pip install -q --offline --python ")
        assert told[0].splitlines()[1].split() == ["kernel", pair.guarded.python, f"({sys.version.split()[0]})"]
        assert len(told) == 1


def test_the_warning_has_both_interpreters_and_the_line_to_type(pair: Pair) -> None:
    """And it comes before what the command prints."""
    assert pair.same("!pip install pip") == [pair.warning("pip install pip")]
    order = pair.guarded.run("!pip install pip").order
    assert order.index("display_data") < order.index("stream")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "python -m pip install --no-index sklearn",
            "`sklearn` is only a placeholder on PyPI: the project is `scikit-learn`",
        ),
        ("{sys.executable} -m pip list", "`{sys.executable}`"),
    ],
)
def test_a_slip_is_told_though_the_command_is_this_kernels(pair: Pair, command: str, said: str) -> None:
    """Nothing is redirected for it: what was typed runs as it was typed."""
    own = command.replace("python -m", f"{pair.guarded.prefix}/bin/python -m")
    for mode in ("warn", "redirect"):
        pair.mode(mode)
        shown = pair.guarded.run(f"!{own}").shown
        assert [said in each["text/plain"] for each in shown] == [True], shown


def test_the_guard_starts_no_program(pair: Pair, tmp_path: Path) -> None:
    """Not even one that the user's own folder has: only what was typed runs, once."""
    started = tmp_path / "started"
    wrapper = pair.guarded.home / "pip"
    wrapper.write_text(f"#!/bin/sh\necho once >> {started}\n")
    wrapper.chmod(0o755)
    for mode in ("warn", "redirect"):
        pair.mode(mode)
        started.unlink(missing_ok=True)
        pair.guarded.run(f"!PATH={wrapper.parent}:$PATH; pip install pip")
        pair.guarded.run(f"!{wrapper} install pip")
        assert started.read_text() == "once\nonce\n"
    wrapper.unlink()


@pytest.mark.parametrize("command", ["bash setup.sh", ". ./setup.sh"])
def test_a_script_is_read(pair: Pair, command: str) -> None:
    """The command itself has no word of a package manager's; `redirect` leaves what more the script does."""
    (pair.guarded.cwd / "setup.sh").write_text("pip install pip\necho done\n")
    for mode in ("warn", "redirect"):
        pair.mode(mode)
        assert pair.same(f"!{command}") == [pair.warning("pip install pip")]


@pytest.mark.parametrize("magic", ["%%bash -e", "%%script sh -ue", "%%sh --no-raise-error -e"])
def test_a_shell_that_ends_at_the_first_error_reaches_no_install(pair: Pair, magic: str) -> None:
    assert pair.same(f"{magic}\nfalse\npip install pip") == []


@pytest.mark.parametrize(
    "magic", ["%%bash -s pip", "%%script sh -s {'pip'} -x", "%%script --out x --err y bash -es -- pip"]
)
def test_the_words_behind_a_shell_are_those_of_its_script(pair: Pair, magic: str) -> None:
    assert pair.same(f'{magic}\npip install "$1"') == [pair.warning('pip install "$1"')]


def test_a_cell_that_is_only_what_a_script_reads_is_no_command(pair: Pair) -> None:
    """The shell is given a file."""
    (pair.guarded.cwd / "told.sh").write_text("cat\n")
    assert pair.same("%%bash told.sh\npip install pip") == []


@pytest.mark.parametrize("way", WAYS)
def test_block_runs_nothing(pair: Pair, way: str) -> None:
    """An error that says what would have been changed; what follows is not run."""
    pair.mode("block")
    after = "" if way.startswith("%%") else "\nopen('after', 'w')"
    reply = pair.guarded.run(WAYS[way].replace("CMD", pair.elsewhere) + after)
    assert (reply.ename, reply.stdout) == ("BlockedError", "")
    assert ["ipw-error" in shown["text/html"] for shown in reply.shown] == [True]  # the error, and no warning besides
    assert reply.error[0].startswith("not run: `uv pip install -q --offline --python ")
    assert list(pair.guarded.cwd.iterdir()) == []


def test_block_shows_both_interpreters_and_the_line_to_type(pair: Pair) -> None:
    pair.mode("block")
    reply = pair.guarded.run("!pip install pip")
    assert "\n".join(reply.error).split() == ["not", "run:", *pair.warning("pip install pip").split()]


def test_unloaded_the_guard_is_gone(pair: Pair) -> None:
    """And loaded again it is back."""
    pair.guarded.run("%unload_ext ipython_where")
    assert pair.same(f"!{pair.elsewhere}") == []
    pair.guarded.run("%load_ext ipython_where")
    assert len(pair.same(f"!{pair.elsewhere}")) == 1


def test_what_is_captured_is_captured_with_the_warning(pair: Pair) -> None:
    """`%%capture` keeps what the command prints, and the warning among the cell's other displays."""
    assert pair.same(f"%%capture kept\n!{pair.elsewhere}") == []
    assert pair.guarded.value("[kept.stdout, len(kept.outputs)]") == ["done\r\n", 1]


# -- what `redirect` does ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def changing(kernels: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook in an environment of its own, where the other environment's pip comes first; in the mode `redirect`."""
    folder = tmp_path_factory.mktemp("redirect")
    other = copy_of(kernels.other, folder / "other")
    (other / "bin" / "pip").write_text(
        (kernels.other / "bin" / "pip").read_text().replace(str(kernels.other), str(other))
    )
    for name in ("redirected", "followed"):
        local.wheel(folder / "wheels", name, "1.0")
    local.wheel(folder / "wheels", "tooled", "1.0", commands=["tooled"])
    with notebook(
        folder, PATH=f"{other}/bin:{tools()}:/usr/bin:/bin", PIP_NO_INDEX="1", PIP_FIND_LINKS="wheels"
    ) as note:
        note.run(f"%config PipGuard.mode = 'redirect'\nimport os\nos.chdir({str(folder)!r})")
        yield note


def names_of(prefix: Path) -> set[str]:
    """The projects of an environment."""
    return {each.name for each in environments.site_packages(prefix).glob("*.dist-info")}


def test_redirect_installs_into_the_kernel_and_removes_from_it(changing: Notebook) -> None:
    """One line says so, `%safepip`'s own result follows, and the cell goes on: the other environment is as it was."""
    other = names_of(changing.folder / "other")
    for command in ("!pip install redirected", "!pip3 install -q redirected", "!python -m pip install redirected"):
        words = command.partition("pip")[2].lstrip("3 ").split()
        line = command.removeprefix("!")
        done = changing.run(f"_exit_code = None\n{command}\nimport redirected\nredirected.__version__")
        said = f"`{line}` would have changed a different environment: running `%safepip {' '.join(words)}` instead"
        assert (done.stdout, done.stderr, done.result) == ("", "", "'1.0'"), done
        assert done.shown[0]["text/plain"] == said and "class=ipw" in done.shown[0]["text/html"]
        assert done.shown[-1]["text/plain"].startswith("redirected 1.0 can be imported now"), done.shown
        assert changing.version("redirected") == "1.0"
        removed = changing.run("!pip uninstall -y redirected")
        assert "redirected" in removed.shown[-1]["text/plain"], removed
        assert changing.version("redirected") is None
    assert names_of(changing.folder / "other") == other


@pytest.mark.parametrize(
    "cell",
    [
        "!pip install --target t redirected",
        "!pip install redirected && tooled",
        "!PIP_NO_CACHE_DIR=1 pip install redirected",
        "!pip install redirected > log",
        "!pip install redirected | tee log",
        "!pip install redirected || (echo failed)",
        "!pip install redirected; pip uninstall -y redirected",
        "%%bash\npip install redirected\necho $?",
        "%%bash\npip install redirected\ncat\necho done",
        "!pip install redirected; exit",
        "!pip install redirected; test -d other/bin && test -e other/lib; ls other/lib",
        "%%bash\npip install redirected && pip install followed",
        "%%bash -e\npip install redirected",
        "%%sh --out x\npip install redirected",
        "%%script bash\npip install redirected",
    ],
)
def test_redirect_leaves_what_safepip_could_not_do_the_same(changing: Notebook, cell: str) -> None:
    """It runs as it is written, in the other environment, with the warning."""
    before = changing.snapshot()
    done = changing.run(cell)
    assert done.status == "ok"
    assert done.shown[0]["text/plain"].startswith("`"), done
    assert "%safepip" not in done.stdout
    assert changing.snapshot() == before
    changing.run("!other/bin/python -m pip uninstall -qy redirected followed; rm -rf t log")


@pytest.mark.parametrize(
    ("cell", "command", "line"),
    [
        ("!pip list | tail -n 1", "pip list", "list"),
        ("x = !python -m pip freeze --all\nx", "python -m pip freeze --all", "freeze"),
        ("!pip -q show -f pip >&2; pip check", "pip -q show -f pip >&2", "show pip"),
        ("%%bash\npip check", "pip check", "check"),
    ],
)
def test_a_note_says_whose_packages_a_line_describes(pair: Pair, cell: str, command: str, line: str) -> None:
    """Once a line, in `warn` and `redirect`; the output is the same. `block` is about changes alone."""
    note = (
        f"`{command}` describes the environment of {pair.other}/bin/python, not this kernel's\n"
        "\n"
        f"hint: `%safepip {line}` describes this kernel's"
    )
    for mode, said in (("warn", [note]), ("redirect", [note]), ("block", []), ("off", [])):
        pair.mode(mode)
        assert pair.same(cell) == said


def test_no_note_where_the_line_names_what_it_describes(pair: Pair) -> None:
    assert (
        pair.same(f"!{pair.other}/bin/pip list; pip --python {pair.other} check; pip --version; pip list --path .")
        == []
    )


ONE, TWO = "`%safepip install redirected`", "`%safepip install followed`"


@pytest.mark.parametrize(
    ("cell", "command", "lines"),
    [
        ("!pip -q install redirected", None, "`%safepip install -q redirected`"),
        ("!pip install redirected > /dev/null", None, ONE),
        ("!pip install redirected | tail -n 1", None, ONE),
        ("!pip install redirected 2>&1 | grep -v already | cat", None, ONE),
        ("!pip install redirected || true", None, ONE),
        ("!pip install redirected && pip install followed", None, f"{ONE}, then {TWO}"),
        ("!pip install redirected && pip install followed | tail -1 || :", None, f"{ONE}, then {TWO}"),
        ("%%bash\npip install redirected", "pip install redirected", ONE),
        ("%%sh\n\npip install redirected | tail -1\n", "pip install redirected | tail -1", ONE),
        ("%%bash\npip install \\\n  redirected  # why\n:\n", "pip install redirected", ONE),
    ],
)
def test_redirect_follows_what_certainly_means_the_same(
    changing: Notebook, cell: str, command: str | None, lines: str
) -> None:
    """Options before the command, a filter behind it, `|| true`, one install after the other, a cell with one alone."""
    other = names_of(changing.folder / "other")
    done = changing.run(cell)
    command = command or cell.removeprefix("!")
    said = f"`{command}` would have changed a different environment: running {lines} instead"
    assert (done.status, done.stdout, done.stderr) == ("ok", "", ""), done
    assert done.shown[0]["text/plain"] == said
    wanted = [name for name in ("redirected", "followed") if f" {name}`" in lines]
    assert [each["text/plain"].splitlines()[0] for each in done.shown if "imported now" in each["text/plain"]] == [
        f"{name} 1.0 can be imported now" for name in wanted
    ]
    assert [changing.version(name) for name in wanted] == ["1.0"] * len(wanted)
    assert names_of(changing.folder / "other") == other
    changing.run("%safepip uninstall -y redirected followed --no-raise")


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("!pip -q install redirected && echo done", "done"),
        ("!pip install -q redirected && echo one && echo two || true", "one two"),
        ("!pip install redirected | tail -1; echo $((1 + 1))", "2"),
        ("!pip install redirected || echo failed", ""),
        (
            "!pip install redirected && {sys.executable} -c 'import redirected; print(redirected.__name__)'",
            "redirected",
        ),
        ("%%bash\npip -q install redirected\necho done '  and more'", "done and more"),
        ("%%bash\npip -q install redirected && cat && echo done", "done"),
    ],
)
def test_after_a_redirect_the_shell_runs_what_the_line_has_behind_it(
    changing: Notebook, cell: str, printed: str
) -> None:
    """`-q` or not, whatever joins them."""
    changing.run("import sys")
    other = names_of(changing.folder / "other")
    done = changing.run(cell)
    assert (done.status, " ".join(done.stdout.split()), done.stderr) == ("ok", printed, ""), done
    assert changing.version("redirected") == "1.0", done
    assert names_of(changing.folder / "other") == other
    changing.run("%safepip uninstall -y redirected --no-raise")


@pytest.mark.parametrize(("joint", "printed"), [("||", "failed"), (";", "failed"), ("|| true;", "failed")])
def test_after_a_redirected_failure_the_shell_goes_on_as_the_line_says(
    changing: Notebook, joint: str, printed: str
) -> None:
    before = changing.snapshot()
    done = changing.run(f"!pip install nowhere {joint} echo failed\n'after'")
    assert (done.status, done.stdout.strip(), done.result) == ("ok", printed, "'after'"), done
    left = "true; echo failed" if "true" in joint else "echo failed"
    said = f"`%safepip install nowhere` failed, and the line goes on with `{left}`"
    assert done.shown[1]["text/plain"] == said
    assert done.shown[-1]["text/plain"].splitlines()[0] == "nothing was changed: pip could not resolve this", done.shown
    assert changing.snapshot() == before


def test_where_the_rest_of_a_line_checks_the_other_environment_nothing_is_redirected(changing: Notebook) -> None:
    """It would find nothing of what was installed."""
    before = changing.snapshot()
    done = changing.run("!pip install redirected && python -c 'import redirected'")
    assert "would install into a different environment" in done.shown[0]["text/plain"], done.shown
    assert changing.snapshot() == before


@pytest.mark.parametrize("way", ["!!", "assigned", "%sx", "assigned %sx", "%sc", "%%sx", "%%!", "method that returns"])
def test_redirect_leaves_an_install_whose_output_is_a_value(pair: Pair, way: str) -> None:
    """`x = !pip install y` is for `x`: it runs as it is written, with the warning, and `x` is what it would be."""
    pair.mode("redirect")
    assert pair.same(WAYS[way].replace("CMD", "pip install pip")) == [pair.warning("pip install pip")]


def test_after_a_redirect_the_commands_that_it_brought_are_found_or_said_to_be_elsewhere(changing: Notebook) -> None:
    """Once a program, through pipes and variables, as typed; the hint about PATH once; nothing before the first redirect."""
    own, other = f"{changing.prefix}/bin", f"{changing.folder}/other/bin"
    changing.run("%unload_ext ipython_where")
    changing.run("%load_ext ipython_where")
    changing.run("%config PipGuard.mode = 'redirect'")
    assert changing.run("!python -c 'pass'").shown == []
    hint = "hint: `%config PipGuard.path = True` puts this environment first on the shell's PATH"
    brought = f"`tooled` is in {own}, which is not on this shell's PATH"
    assert changing.run("!pip install tooled").shown[-1]["text/plain"] == f"{brought}\n\n{hint}"
    assert changing.run("!pip install tooled").shown[-1]["text/plain"] == brought
    done = changing.run("!cd . && A=led; true | too$A x")
    assert [each["text/plain"] for each in done.shown] == [
        "`too$A x` finds no `tooled`, because this kernel's environment is not on the shell's PATH\n"
        f"  kernel  {own}/tooled\n\n{hint}"
    ]
    assert changing.run("!tooled x").shown == []
    (changing.folder / "script.py").write_text("print('ran')")
    done = changing.run("password = 'sesame'\nx = !ls > /dev/null && python script.py {password}\nx")
    assert ([each["text/plain"] for each in done.shown], done.result) == (
        [
            "`python script.py {password}` starts a different `python` than the one in this kernel's environment\n"
            f"  kernel   {own}/python\n"
            f"  command  {other}/python\n\n{hint}"
        ],
        "['ran']",
    )
    assert changing.run("!python script.py; ls; pip --version").shown == []
    changing.run("%config PipGuard.path = True")
    assert changing.run("!python3 script.py; command -v tooled").shown == []
    changing.run("%config PipGuard.path = False")
    changing.run("%safepip uninstall -y tooled")


def test_a_redirected_failure_that_the_line_allows_for_is_told(changing: Notebook) -> None:
    """`|| true`: the cell goes on; what `&&` would not have reached is not run."""
    before = changing.snapshot()
    command = "pip install nowhere && pip install redirected || true"
    done = changing.run(f"!{command}\n'after'")
    said = [
        f"`{command}` would have changed a different environment: running `%safepip install nowhere`, then {ONE} instead",
        "`%safepip install nowhere` failed, and the cell goes on because of `|| true`",
    ]
    assert (done.status, done.stdout, done.result) == ("ok", "", "'after'"), done
    assert [each["text/plain"] for each in done.shown[:2]] == said
    assert done.shown[-1]["text/plain"].splitlines()[0] == "nothing was changed: pip could not resolve this", done.shown
    assert changing.snapshot() == before


def test_after_a_redirected_failure_the_next_install_does_not_run(changing: Notebook) -> None:
    before = changing.snapshot()
    done = changing.run("!pip install nowhere && pip install redirected")
    assert (done.status, done.ename) == ("error", "InstallError")
    assert changing.snapshot() == before


def test_a_redirected_install_that_fails_is_an_error(changing: Notebook) -> None:
    """As `%safepip` has it: nothing was changed, and what follows is not run."""
    before = changing.snapshot()
    done = changing.run("!pip install nowhere\nopen('after', 'w')")
    assert done.status == "error"
    assert "nothing was changed: " in done.error[0], done.error
    assert not (changing.folder / "after").exists()
    assert changing.snapshot() == before


# -- when something is wrong -------------------------------------------------------------------------------------------

ODD = {
    "a deleted working directory": "os.makedirs('gone', exist_ok=True); os.chdir('gone'); os.rmdir('../gone')",
    "no HOME": "del os.environ['HOME']",
    "no PATH": "del os.environ['PATH']",
    "no variables": "os.environ.clear()",
    "a shell that is missing": "os.environ['SHELL'] = '/no/such/shell'",
    "a shell that is none": "os.environ['SHELL'] = '/bin/false'",
    "a variable that is no text": "os.environb[b'X'] = b'\\xff'; os.environb[b'PATH'] += b':/\\xff'",
    "a pip that cannot be read": "os.makedirs('bin', exist_ok=True); open('bin/pip', 'wb').write(bytes(range(256))); "
    "os.chmod('bin/pip', 0o100); os.environ['PATH'] = os.path.abspath('bin') + ':' + os.environ['PATH']",
    "a pip that runs itself": "os.makedirs('bin', exist_ok=True); open('bin/pip', 'w').write('#!' + os.path.abspath('bin/pip')); "
    "os.chmod('bin/pip', 0o755); os.environ['PATH'] = os.path.abspath('bin') + ':' + os.environ['PATH']",
    "an odd path of imports": "sys.path[:] = [None, 7, b'x', '/no/such', *sys.path]",
    "an interpreter without a name": "sys.executable = ''",
    "variables that hide builtins": "print = str = len = open = sorted = None",
    "a namespace without builtins": "__builtins__ = {}",
}
"""Worlds that a notebook can bring itself into."""


@pytest.mark.parametrize("odd", ODD)
def test_in_an_odd_world_the_command_runs_as_it_would(pair: Pair, odd: str) -> None:
    """The same output and the same error; if the guard itself fails there, it says so in one line."""
    assert pair.same("import os, sys\n_kept = dict(os.environ), list(sys.path), sys.executable, os.getcwd()") == []
    assert pair.same(ODD[odd]) == []
    for command in ("!echo pip", "x = !echo pip", "!pip --version", "!pip install pip; true", "%%bash\necho pip"):
        bare, guarded = (each.run(command, names=LEFT) for each in (pair.bare, pair.guarded))
        if guarded.stderr != bare.stderr:
            assert is_one_line_of_the_guard(guarded.stderr.removesuffix(bare.stderr))
            guarded.stderr = bare.stderr
        assert plain(guarded) == plain(bare)
    for each in (pair.bare, pair.guarded):
        each.run("del __builtins__")  # Python puts its own back
        each.run("os.environ.clear(); os.environ.update(_kept[0]); sys.path[:] = _kept[1]; sys.executable = _kept[2]")
        each.run("os.chdir(_kept[3])")


def is_one_line_of_the_guard(text: str) -> bool:
    """Whether it is the line that is left by a guard that failed."""
    return (
        text.startswith("the guard of `ipython_where` failed (") and text.count("\n") == 1 and text.endswith(" runs\n")
    )


def test_a_guard_that_cannot_be_loaded_says_so_and_the_command_runs(kernels: Pair, tmp_path: Path) -> None:
    """This package was uninstalled after the extension was loaded: each command runs, in every mode."""
    with notebook(tmp_path, PATH=kernels.bare.environ["PATH"]) as note:
        note.run("import ipython_where\nkept = list(ipython_where.__path__)\nipython_where.__path__.clear()")
        for cell in ("!echo pip", "%%bash\necho pip"):
            done = note.run(cell)
            assert (done.status, done.stdout.strip(), done.shown) == ("ok", "pip", [])
            assert "ModuleNotFoundError: No module named 'ipython_where.show'" in done.stderr
            assert is_one_line_of_the_guard(done.stderr)


@pytest.mark.parametrize("without", ["tree_sitter", "tree_sitter_bash"])
def test_without_a_grammar_the_guard_says_so_once_and_every_command_runs(
    kernels: Pair, tmp_path: Path, without: str
) -> None:
    """In every mode; `%where !COMMAND` says it too, and `%safepip`, `%where` and hints work."""
    missing = "`tree-sitter` or `tree-sitter-bash` cannot be loaded"
    with notebook(tmp_path, without=(without,), PATH=kernels.bare.environ["PATH"]) as note:
        said = [f"the guard of `ipython_where` understands no command: {missing}\n", *[""] * 5]
        for mode in ("warn", "redirect", "block"):
            note.run(f"%config PipGuard.mode = '{mode}'")
            for cell in ("!echo pip", "%%bash\necho pip"):
                done = note.run(cell)
                assert (done.status, done.stdout.strip(), done.shown, done.stderr) == ("ok", "pip", [], said.pop(0))
        assert note.run("%where !pip install six").result == (
            "pip install six\n"
            "  does     unknown\n"
            "  runs     depends on the command before it\n"
            f"  because  not understood: {missing}"
        )
        assert [note.run(cell).status for cell in ("%where", "%where packaging", "%safepip list")] == ["ok"] * 3
        local.wheel(tmp_path / "wheels", "alone", "1.0")
        note.safepip(f"install --no-index --find-links {tmp_path / 'wheels'} alone")
        assert note.version("alone") == "1.0"
        (hint,) = note.run("import yaml").shown
        assert hint["text/plain"].endswith("hint: `%safepip install PyYAML`")


@pytest.mark.parametrize(
    "shown",
    [
        "class Page(type(shell.display_pub)):\n    def publish(self, *args, **more):\n"
        "        raise OSError('no page:\\nclosed')\nshell.display_pub.__class__ = Page",
        "from traitlets.config import Configurable\nclass PipGuard(Configurable):\n    @property\n    def mode(self):\n"
        "        raise OSError('no page:\\nclosed')\nshell.configurables.insert(0, PipGuard())",
    ],
    ids=["a page that is closed", "somebody else's switch of the same name"],
)
def test_what_the_notebook_brings_along_may_fail(pair: Pair, shown: str) -> None:
    """One line, whatever the error's own text has, and the command runs."""
    pair.guarded.run("shell = get_ipython()\n_kept = shell.display_pub.__class__, list(shell.configurables)\n" + shown)
    done = pair.guarded.run(f"!{pair.elsewhere}")
    assert (done.status, done.stdout) == ("ok", "done\r\n"), done
    assert done.stderr == "the guard of `ipython_where` failed (OSError: no page: closed): the command runs\n"
    pair.guarded.run("shell.display_pub.__class__, shell.configurables[:] = _kept")
