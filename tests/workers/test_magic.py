"""`%where … --on CLIENT` in a shell that has a third party's engine from a wheel, found by its entry point."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from ipython_where.workers.engine import GROUP
from tests import environments
from tests.faults.wheels import write_wheel

from .asking import environment

ENGINE = Path(__file__).with_name("interpreters.py").read_text(encoding="utf-8")

SESSION = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
shell.run_line_magic("load_ext", "ipython_where")
for cell in json.loads(sys.argv[1]):
    done = shell.run_cell(cell)
    error = done.error_before_exec or done.error_in_exec
    lines = error._render_traceback_() if hasattr(error, "_render_traceback_") else [repr(error)]
    shown = shell.display_formatter.format(done.result)[0] if done.result is not None else {}
    print("\\n" + json.dumps({"shown": shown, "error": lines if error else None}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the path with what the wheel of a third party has."""
    folder = tmp_path_factory.mktemp("engine")
    declared = f"[{GROUP}]\ninterpreters = interpreters_engine:make\n"
    files = {"interpreters_engine.py": ENGINE, "interpreters_engine-1.0.dist-info/entry_points.txt": declared}
    with zipfile.ZipFile(write_wheel(folder / "wheels", "interpreters_engine", "1.0", files, package=False)) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def session(site: Path, *cells: str) -> str:
    """What some cells print, and for each a line of JSON."""
    return environments.call(sys.executable, "-c", SESSION, json.dumps(cells), PYTHONPATH=str(site))


def run(site: Path, *cells: str) -> list[dict[str, Any]]:
    """What each cell showed, by its format, or the lines of its error."""
    out = session(site, *cells)
    return [json.loads(line) for line in out.splitlines() if line.startswith('{"shown"')]


def connect(**pythons: str) -> str:
    return f"import interpreters_engine; client = interpreters_engine.Interpreters({pythons!r})"


def test_a_name_on_the_workers(site: Path, tmp_path: Path) -> None:
    """The kernel's row, then the groups; what differs is marked."""
    old = environment(tmp_path / "old", {"packaging": "20.0"})
    made, asked, several = run(
        site, connect(a=sys.executable, b=old), "%where packaging --on client", "%where json packaging --on client"
    )
    assert (made["error"], asked["error"], several["error"]) == (None, None, None)
    lines = asked["shown"]["text/plain"].splitlines()
    assert re.fullmatch(r"packaging on client \(interpreters\) · 2 workers answered in [\d.]+ m?s", lines[0])
    rows = [re.split("  +", line.strip()) for line in lines[1:] if re.match("  [1k]", line)]
    assert [(label, text.split(" · ")[0]) for label, text in rows] == [
        ("kernel", f"packaging {version('packaging')}"),
        ("1 worker", "packaging 20.0"),
        ("1 worker", f"packaging {version('packaging')}"),
    ]
    assert [text.rpartition(" · ")[2] for _, text in rows[1:]] == ["b", "a"]
    assert "1 worker runs another `packaging` than this kernel" in lines
    assert several["shown"]["text/plain"].startswith("json on client")
    assert "<table>" in asked["shown"]["text/html"]


def test_who_is_no_client(site: Path) -> None:
    """The name is missing, or is no client: what there is instead is named."""
    cells = ("--on nothing", "--on other", "--on client.nothing", "--on 3x", "--on", "!pip install x --on client")
    made, *asked = run(site, connect(a=sys.executable) + "; other = [1]", *(f"%where numpy {each}" for each in cells))
    assert made["error"] is None
    errors = [each["error"] for each in asked]
    assert errors[0] == ["`--on nothing`: there is no variable `nothing`", "", "hint: `--on client`"]
    assert errors[1][0] == "`other` is no client of a cluster, but `list`"
    assert errors[1][1].startswith("  engines: ") and "`interpreters`" in errors[1][1]
    assert errors[2][0] == "`client.nothing` cannot be read"
    assert errors[3][0] == "`--on 3x` is no name of a variable"
    assert errors[4][0] == "option `--on` needs the name of a client"


def test_tab_offers_the_clients(site: Path) -> None:
    """After `--on`, for either magic: the variables that an engine knows, and nothing else."""
    lines = ("%where numpy --on c", "%where --on ", "%safepip install x --on cl")
    offers = "[each.text for each in get_ipython().Completer.completions({0!r}, len({0!r}))]"
    begin = "from IPython.core.completer import provisionalcompleter\nwith provisionalcompleter(): print"
    cells = [f"{begin}({offers.format(line)})" for line in lines]
    out = session(site, connect(a=sys.executable) + "; copy, other = [1], client", *cells)
    assert [line for line in out.splitlines() if line.startswith("[")] == ["['client']"] * 3


def test_python_asks_the_same(site: Path) -> None:
    """`where` and `environment` take the client itself, which is called as its variable is."""
    made, name, environments_, unknown = run(
        site,
        connect(a=sys.executable) + "; import ipython_where",
        "answer = ipython_where.where('json', on=client, timeout=60); f'{answer.client} {answer.asked} {answer.agrees}'",
        "answer = ipython_where.environment(on=client); f'{answer.client} {len(answer.environments)} {answer.agrees}'",
        "ipython_where.where('json', on=[1])",
    )
    assert made["error"] is None
    assert name["shown"]["text/plain"] == "'client 1 True'"
    assert environments_["shown"]["text/plain"] == "'client 1 True'"
    assert unknown["error"][0] == "`list` is no client of a cluster, but `list`"


def test_markdown_and_json(site: Path) -> None:
    """As the neighbours have them."""
    out = session(
        site,
        connect(a=sys.executable),
        "%where json --on client --json",
        "%where json --on client --markdown",
        "%where --on client --markdown",
    )
    assert '"client": "client",' in out
    assert out.count("interpreters: 1 of 1 worker answered") == 2


def test_an_interrupt_ends_the_waiting(site: Path) -> None:
    """Within moments, with a sentence instead of a traceback, and the workers' processes are gone."""
    client = (
        f"interpreters_engine.Interpreters({{'a': {sys.executable!r}}}, first={{'a': 'import time; time.sleep(600)'}})"
    )
    interrupt = """
import _thread, threading, time
def stop():
    while not client.running: time.sleep(0.01)
    global process; process = client.running[0]
    _thread.interrupt_main()
threading.Thread(target=stop).start()
"""
    made, waited, gone = run(
        site,
        f"import interpreters_engine; client = {client}\n{interrupt}",
        "%where json --on client --timeout 600",
        "process.poll() is not None",
    )
    assert made["error"] is None
    assert waited["error"] == ["interrupted: no answer of the workers is shown"]
    assert gone["shown"]["text/plain"] == "True"
