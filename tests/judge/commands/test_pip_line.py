"""The arguments of a pip are read as pip's own parsers read them, and what these refuse is refused."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ipython_where.judge.commands.manager_line import ManagerLine
from ipython_where.judge.commands.pip_line import parse_easy_install, parse_pip
from ipython_where.judge.commands.pip_spellings import as_version, table
from ipython_where.judge.commands.shell.expansion import Field
from tests.environments import call, kept

ASKING = """
import json, sys
from pip._internal.cli.main_parser import create_main_parser, parse_command
from pip._internal.commands import create_command
from pip._internal.exceptions import CommandError

def asked(words):
    try:
        name, rest = parse_command(words)
        options, given = create_command(name).parser.parse_args(rest)
    except CommandError:
        return "refused"
    except SystemExit as end:
        return "refused" if end.code else "over"
    wanted = [*given, *(f"-r {each}" for each in getattr(options, "requirements", None) or ())]
    return sorted(wanted + [f"-e {each}" for each in getattr(options, "editables", None) or ()])

json.dump([asked(words) for words in json.load(open(sys.argv[1]))], open(sys.argv[2], "w"))
"""

PIPS = ["pip==22.2.2", "pip==24.0", "pip"]
WORDS = (
    "install uninstall list x 'y>=2' -r r.txt -e . -q -qU -Uqr -vvv -I -y --user --upg --upgrade --no-dep --no-deps --require "
    "--req=r.txt --editable --pre --pre=1 --timeout=3 --timeout x --retries 0x10 --progress-bar off ascii "
    "--root-user-action=ignore "
    "--useribm --dry-run --dry --help -h -V --version -t out --target=out --no-binary :all: -- - -z "
    "--break-system-packages --config-settings=a=b -C a=b --global-option=x --index-url --i --exists-action i "
    "--exists "
    "--no-in --no-input --isolated --use-pep517 --requirements r.txt --log install --upgrade-strategy eager -rr.txt"
).split()
DRAWN = random.Random(2026)
LINES = [
    [DRAWN.choice(("install", "uninstall", "--quiet", "-q")), *DRAWN.sample(WORDS, DRAWN.randint(0, 5))]
    for _ in range(400)
]


@lru_cache
def answers(pip: str) -> tuple[str, list[Any]]:
    """The version of a real pip, and what it makes of each line."""
    prefix = kept(pip, [pip])
    with TemporaryDirectory() as folder:
        lines, answer, script = (Path(folder, name) for name in ("lines.json", "answer", "asking.py"))
        lines.write_text(json.dumps(LINES))
        script.write_text(ASKING)
        call(prefix / "bin" / "python", script, lines, answer, PIP_CONFIG_FILE="/dev/null")
        found = json.loads(answer.read_text())
    (record,) = prefix.glob("lib/python*/site-packages/pip-*.dist-info")
    return record.name.removeprefix("pip-").removesuffix(".dist-info"), found


def parsed(words: Sequence[str], version: str = "26.3") -> ManagerLine:
    return parse_pip([Field(word) for word in words], as_version(version))


def told(words: Sequence[str], version: str) -> Any:
    line = parsed(words, version)
    if line.refusal and not any(
        each in line.refusal for each in ("a requirement", "no requirement", "only before the command")
    ):
        return "refused"
    if "--help" in line.options or line.command == "":
        return "over"
    return sorted(line.requirements) if line.requirements is not None else None


@pytest.mark.parametrize("pip", PIPS)
def test_a_line_is_read_as_that_pip_reads_it(pip: str) -> None:
    """Whether it is refused, and what is to be installed; lines of a command that takes no requirements aside."""
    version, found = answers(pip)
    wrong = []
    for words, real in zip(LINES, found, strict=True):
        line = parsed(words, version)
        if line.command not in ("install", "uninstall", ""):
            continue
        mine = told(words, version)
        if mine != real:
            wrong.append((words, real, mine, line.refusal, line.doubt))
    assert not wrong, wrong


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["install", "--userx==1"], "`pip` has no option `--userx`"),
        (["install", "--upg", "x"], "`--upg` is ambiguous: `--upgrade` or `--upgrade-strategy`"),
        (["install", "x", "-Z"], "`pip` has no option `-Z`"),
        (["install", "--pre=1", "x"], "`--pre` takes no value"),
        (["install", "x", "-r"], "`-r` needs a value"),
        (["--user", "install", "x"], "`pip` has no option `--user`"),
        (["install"], "`pip install` has no requirement"),
        (["instal", "x"], None),
        (
            ["install", "pandas,", "numpy"],
            "`pandas,` is not a requirement: separate requirements with spaces, not commas",
        ),
        (["install", "numpy", "==1.2"], "`==1.2` is not a requirement"),
        (["install", "--progress-bar=ascii", "x"], "`--progress-bar` does not take `ascii`"),
        (["install", "--python", "/usr", "x"], "`pip` accepts `--python` only before the command"),
        (["install", "x", "\u2013U"], "`\u2013U` is not a requirement"),
        (["install", "“x”"], "`“x”` is not a requirement"),
        (["install", "numpy=1.2"], "`numpy=1.2` is not a requirement: write `==` before a version"),
        (["install", "numpy=="], "`numpy==` is not a requirement: its version is missing"),
        (["install", "six[a,b]>=1", "x@1", "./y", "https://h/x?a=b", "x==1.*", "a.whl"], None),
        (["install", "x; python_version<'3'", "x ~= 1.0"], None),
        (["install", "-h", "--nonsense"], None),
        (["list", "-e", "--path", "x"], None),
        (["list", "--dest", "x"], "`pip` has no option `--dest`"),
        (["download", "--user", "x"], "`pip` has no option `--user`"),
        (["another", "--user", "x"], None),
    ],
)
def test_what_pip_refuses(words: list[str], refusal: str | None) -> None:
    assert parsed(words).refusal == refusal


def test_an_easy_install_installs() -> None:
    line = parse_easy_install([Field(word) for word in ("-U", "x", "y>=1")])
    assert (line.command, line.action, line.requirements) == ("install", "install", ("x", "y>=1"))


def test_what_only_some_versions_know_is_decided_by_the_version() -> None:
    line = ["install", "--break-system-packages", "x"]
    assert parsed(line, "22.2").refusal == "`pip` has no option `--break-system-packages`"
    assert parsed(line, "23.0.1").refusal is None
    unknown = parse_pip([Field(word) for word in line])
    assert (unknown.refusal, unknown.doubt) == (None, "not every pip knows `--break-system-packages`")


def test_an_option_of_a_pip_that_is_newer_than_all_known_may_be_anything() -> None:
    line = parsed(["install", "--brand-new", "x"], "99.0")
    assert (line.refusal, line.is_sure) == (None, False)
    assert line.doubt == "it is unknown whether this `pip` has an option `--brand-new`"
    short = parsed(["install", "-qZ", "x"], "99.0")
    assert (short.refusal, short.is_sure, short.requirements) == (None, False, None)
    assert short.doubt == "it is unknown whether this `pip` has an option `-Z`"
    assert parsed(["install", "-qZ", "x"], "24.0").refusal == "`pip` has no option `-Z`"
    known = parsed(["install", "-qU", "x"], "24.0")
    assert (known.refusal, known.is_sure, known.doubt, known.requirements) == (None, True, None, ("x",))
    valued = parsed(["install", "-qrr.txt", "x"], "24.0")
    assert sorted(valued.requirements or ()) == ["-r r.txt", "x"]


@pytest.mark.parametrize(
    ("words", "action", "requirements"),
    [
        (["cache", "purge"], "other", ()),
        (["cache", "list"], "read", ()),
        (["config", "set", "global.index-url", "x"], "other", ()),
        (["config", "--user", "list"], "read", ()),
        (["show", "-f", "numpy"], "read", ()),
        (["list", "-u", "--format=json"], "read", ()),
        (["freeze", "-r", "x.txt"], "read", ()),
        (["freeze", "--all"], "read", ()),
        (["download", "-d", "out", "x"], "read", ("x",)),
        (["download", "--destination-dir", "out", "x"], "read", ("x",)),
        (["wheel", "--no-verify", "-w", "out", "x"], "read", ("x",)),
        (["install", "--dry-run", "x"], "read", ("x",)),
        (["help", "install"], "read", ()),
        (["index", "versions", "x"], "read", ()),
        (["hash", "x.whl"], "read", ()),
        (["uninstall", "-y", "-r", "x.txt"], "uninstall", ("-r x.txt",)),
    ],
)
def test_what_a_command_changes_and_what_it_is_given(
    words: list[str], action: str, requirements: tuple[str, ...]
) -> None:
    line = parsed(words)
    assert (line.action, line.requirements, line.refusal) == (action, requirements, None)


def test_easy_install_has_options_of_its_own() -> None:
    given = [Field(word) for word in ("-Z", "--user", "-i", "https://index.example", "x")]
    assert (parse_easy_install(given).requirements, parse_easy_install(given).refusal) == (("x",), None)
    assert parse_easy_install([Field("--pip"), Field("x")]).refusal == "`pip` has no option `--pip`"


def test_this_environments_pip_is_the_newest_that_is_known() -> None:
    """A newer pip may have options that the table lacks: then the table has to be read from it again."""
    (record,) = Path(sys.prefix).glob("lib/python*/site-packages/pip-*.dist-info")
    assert table("install").knows_all(as_version(record.name.split("-")[1]))
