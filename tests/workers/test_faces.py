"""The faces of an answer about workers: text, HTML with its picture, Markdown and JSON say the same."""

from __future__ import annotations

import json
import re
from typing import Any

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Silent
from ipython_where.show import faces
from ipython_where.workers.asking import Client, ask_modules
from ipython_where.workers.environments import compare_environments
from ipython_where.workers.values import WorkersAnswer

from .simulated import Simulated, SimulatedEngine, mixed


def answer(count: int, change: Any = mixed) -> WorkersAnswer:
    """The answer of a cluster of that size."""
    client = Client(name="client", client=Simulated(count, change), engine=SimulatedEngine())
    return ask_modules(["packaging"], client, World.here(), progress=Silent(), timeout=10)[0]


def test_text_shows_three_names_and_how_many_more() -> None:
    """Never a row for each worker, however many there are."""
    shown = faces.text(answer(10_000), width=200).splitlines()
    assert len(shown) < 30
    assert shown[0].startswith("packaging on client (simulated) · 9,980 of 10,000 workers answered in ")
    (rest,) = (line for line in shown if line.startswith("  9,590 workers"))
    assert "tcp://10.0.0.0:40123, tcp://10.0.0.1:41123, tcp://10.0.0.2:42123 and 9,587 more · on 200 hosts" in rest
    assert "100 workers cannot import `packaging`, which this kernel has" in shown


def test_a_picture_where_a_table_is_not_enough() -> None:
    """Inline, without a script; few workers need none."""
    assert "<svg" not in faces.html(answer(50))
    drawn = faces.html(answer(1000))
    (picture,) = re.findall("<svg.*?</svg>", drawn, re.DOTALL)
    assert 'aria-label="24 differ, 10 lack it, 5 differ, 959 as in this kernel, 2 unknown"' in picture
    assert picture.count("<title>") == 5
    assert len(drawn) < 10_000 and "<script" not in drawn
    squares = sum((int(x2) - int(x1)) // 10 for x1, x2 in re.findall(r'x1="(\d+)" y1="\d+" x2="(\d+)"', picture))
    assert squares == 1000
    assert len(faces.html(answer(10_000))) < 12_000


def test_nothing_of_a_workers_is_markup() -> None:
    """Neither in HTML nor in Markdown nor for a terminal."""

    def evil(number: int, what: dict[str, Any]) -> str | None:
        what["python"].update(version="<script>|\x1b[2J", implementation="`x`")
        return "<b>late</b>" if number == 0 else None

    found = answer(60, evil)
    drawn, text = faces.html(found), faces.text(found)
    assert "<script>" not in drawn and "<b>late" not in drawn
    assert "\x1b" not in text
    assert "\\<script\\>\\|" in found.to_markdown() and "- 1 worker: \\<b\\>late\\</b\\>" in found.to_markdown()


def test_markdown_has_no_path() -> None:
    """A table for an issue: neither paths nor addresses."""
    found = answer(1000)
    shown = found.to_markdown()
    assert shown.splitlines()[:4] == [
        "simulated: 998 of 1,000 workers answered",
        "",
        "|  | packaging | Python | loaded |",
        "| --- | --- | --- | --- |",
    ]
    assert "| 24 workers | packaging 1.0 | CPython 3.11.7 |  |".replace("3.11.7", found.kernel.python.version) in shown
    assert "/" not in shown and "tcp:" not in shown


def test_environments_as_markdown() -> None:
    """The environments, then what differs in each."""
    from .test_environments import _with

    client = Client(
        name="client", client=Simulated(3, lambda number, what: _with(what, treasure="1")), engine=SimulatedEngine()
    )
    found = compare_environments(client, World.here(), progress=Silent(), timeout=10)
    shown = found.to_markdown()
    assert "| 3 workers | 1 project differs |" in shown
    assert "| treasure | missing | 1 |" in shown


def test_json_has_every_name() -> None:
    """It goes through JSON, and has the workers that the screen leaves out."""
    found = json.loads(json.dumps(answer(100).to_dict()))
    assert found["schema"] == 1 and "verbose" not in found
    assert sum(len(each["workers"]) for each in found["groups"]) == found["answered"] == 100
