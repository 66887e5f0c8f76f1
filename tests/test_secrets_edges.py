"""No secret comes out anywhere: every edge, asked with every form of a secret, and all that it says looked through."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from IPython.core.interactiveshell import InteractiveShell

import ipython_where
from ipython_where.__main__ import main
from ipython_where.answer.command import judge_command
from ipython_where.answer.world import World
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import WhereError
from ipython_where.runner import never

from .environments import kept
from .secrets import CANARY, FORMS, WHOLE_LINES

_numbers = itertools.count()

COMMANDS = (
    "pip install {}",
    "pip install six {}",
    "pip install '{}'",
    'pip install "{}"',
    "python -m pip install --index-url {} six",
    "pip install --extra-index-url={} six",
    "pip install --proxy {} six",
    "pip install -r {}",
    "pip install -e {}",
    "pip uninstall -y {}",
    "pip download {}",
    "pip config set global.index-url {}",
    "uv pip install {}",
    "conda install -c {} six",
    "{} pip install six",
    "export X={}; pip install six",
    "X='{}'; pip install $X",
    "X={} && Y=$X && pip install six $Y",
    "echo {} && pip install six",
    "pip install six # {}",
    "pip install six > {}",
    "pip install six | tee '{}'",
    "for x in a '{}'; do pip install $x; done",
    "pip install -q {} && python -m pip install six -- {}",
    "pip install $(echo {})",
    "pip install {} 'not closed",
    "eval 'pip install {}'",
    "bash -c 'pip install {}'",
    "cat <<END | pip install -r /dev/stdin\n{}\nEND",
    "pip install numpy>=1.0 {}",
)
"""Where a secret may stand in a shell's line."""

LINES = (
    "{}",
    "install {}",
    "install six>={}",
    'install "{}"',
    "install x @ {}",
    "install --index-url {}",
    "install --nope={} six",
    "install --with {} six",
    "install -r {} -Z",
    "install six ; {}",
    "install --target {} six",
    "install '{}",
    "uninstall {}",
    "uninstall -r",
    "list {} --target",
    "undo {} {}",
    "history {}",
    "lock {} {}",
    "sync {} {}",
    "show --python {}",
    "download --with {}",
)
"""Where it may stand in a line of `%safepip`."""


class Canaries:
    """Forms of secrets, each with a canary of its own: what was learnt from one place must not help in another."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str]] = []

    def forms(self, template: str = "{}", forms: Sequence[str] = FORMS) -> Iterator[str]:
        """The template with each form in it."""
        for form in forms:
            canary = f"Zq{next(_numbers):05}K3yX9wC7"
            text = template.replace("{}", form.replace(CANARY, canary).replace(CANARY.upper(), canary.upper()))
            self.given.append((canary, text))
            yield text

    def seen_in(self, *outputs: str) -> list[str]:
        """The texts whose canary is in what came out, plain or encoded."""
        together = "\n".join(outputs).lower()
        together += unquote(together)
        return [text for canary, text in self.given if canary.lower() in together]


def said(answer: Any) -> str:
    """All the faces of an answer."""
    return "\n".join((repr(answer), str(answer), json.dumps(answer.to_dict()), *answer._repr_mimebundle_().values()))


def raised(error: BaseException) -> str:
    """All that may be shown of an error."""
    more = [*error.shown(), *error.lines()] if isinstance(error, WhereError) else []
    return "\n".join((repr(error), str(error), repr(vars(error)), *more))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell with the extension, in whose PATH another environment's pip comes first."""
    monkeypatch.setenv("PATH", f"{kept('pip-venv', maker='venv')}/bin{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell.instance()
    shell.reset()
    shell.run_line_magic("load_ext", "ipython_where")
    yield shell
    shell.run_line_magic("config", "PipGuard.mode = 'warn'")
    shell.run_line_magic("unload_ext", "ipython_where")


def system(shell: InteractiveShell, cell: str) -> None:
    """What IPython does with a `!line` before a shell gets it: the guard knows its callers by their names."""
    shell.var_expand(cell, depth=1)


def run_cell_magic(shell: InteractiveShell, cell: str, magic_name: str) -> None:
    """The same for a `%%bash` cell, of which it expands the first line alone."""
    shell.var_expand("", depth=1)


def test_a_command_shows_no_secret_wherever_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All faces of the answer, with a pip of another environment, so that there is a finding and a hint."""
    monkeypatch.setenv("PATH", f"{kept('pip-venv', maker='venv')}/bin{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    world = World.here()
    leaks = []
    for command in COMMANDS:
        canaries = Canaries()
        out = [said(judge_command(line, world, run=never)) for line in canaries.forms(command)]
        leaks += canaries.seen_in(*out)
    assert leaks == []


@pytest.mark.parametrize("template", ["{}", "{}; pip install six", "pip install six && {}", "pip install six # {}"])
def test_a_line_that_is_secret_as_a_whole_shows_no_secret(
    template: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked about, guarded, refused, and in an error of ours: nowhere is a part of it told without the rest."""
    shell.run_line_magic("config", "PipGuard.mode = 'block'")
    canaries = Canaries()
    out: list[str] = []
    for line in canaries.forms(template, WHOLE_LINES):
        shell.run_line_magic("where", f"--json !{line}")
        main(["--json", "--command", line])
        out.append(raised(WhereError(line, evidence=(line,), hint=f"`{line}`")))
        for ask in (lambda line: said(judge_command(line, World.here(), run=never)), ipython_where.where):
            try:
                out.append(str(ask(line)))
            except WhereError as error:
                out.append(raised(error))
        for call in (system, partial(run_cell_magic, magic_name="bash")):
            try:
                call(shell, cell=line)
            except WhereError as error:
                out.append(raised(error))
    out += capsys.readouterr()
    assert canaries.seen_in(*out) == []


@pytest.mark.parametrize("mode", ["warn", "block"])
def test_the_guard_shows_no_secret(mode: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Before a line and before a cell, as a warning and as an error."""
    shell.run_line_magic("config", f"PipGuard.mode = {mode!r}")
    canaries = Canaries()
    out: list[str] = []
    for line in canaries.forms("pip install {}"):
        for ask in (system, partial(run_cell_magic, magic_name="bash")):
            try:
                ask(shell, cell=line)
            except WhereError as error:
                out.append(raised(error))
    assert len(out) > len(FORMS) if mode == "block" else not out
    out += capsys.readouterr()
    assert canaries.seen_in(*out) == []


def test_the_terminal_and_the_magic_show_no_secret(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    canaries = Canaries()
    for line in canaries.forms("pip install '{}'"):
        shell.run_line_magic("where", f"--json !{line}")
        main(["--json", "--command", line])
        main([f"--command={line}"])
    for name in canaries.forms():
        for words in ([name], [f"--nope={name}"], ["--json", name]):
            main(words)
    assert canaries.seen_in(*capsys.readouterr()) == []


def test_a_name_that_is_none_shows_no_secret(shell: InteractiveShell) -> None:
    """`%where URL`, and the same question from Python."""
    canaries = Canaries()
    out = []
    for name in (*canaries.forms(), *canaries.forms("x {}"), *canaries.forms(f"./{CANARY[:3]} {{}} or {{}}")):
        for ask in (ipython_where.where, lambda name: shell.run_line_magic("where", name)):
            try:
                out.append(said(ask(name)))
            except WhereError as error:
                out.append(raised(error))
    assert canaries.seen_in(*out) == []


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Variables of pip and uv, and their files."""
    canaries = Canaries()
    out = []
    for form in canaries.forms():
        (tmp_path / "pip.conf").write_text(f"[global]\nextra-index-url = {form}\n[{form}]\nx = {form}\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        for name in ("PIP_INDEX_URL", "PIP_PROXY", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "PYTHONPATH"):
            monkeypatch.setenv(name, form)
        out.append(said(ipython_where.environment(verbose=True)))
    assert canaries.seen_in(*out) == []


@pytest.mark.parametrize("template", LINES)
def test_a_line_that_is_not_understood_shows_no_secret(template: str) -> None:
    """`%safepip` before anything is started: what it says of the line, and the request itself."""
    canaries = Canaries()
    out = []
    for line in canaries.forms(template):
        try:
            request = parse_request(split_line(line))
            out += [repr(request), request.shown()]
        except WhereError as error:
            out.append(raised(error))
    assert canaries.seen_in(*out) == []
