"""An answer that is not ours is shown as ours are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.formatters import DisplayFormatter

from ipython_where import layouts
from ipython_where.model import Answer
from ipython_where.show.screen import Screen, Span, plain, row
from ipython_where.value import dataclass

NEW_ANSWER = """
from ipython_where.layouts import register
from ipython_where.model import Answer
from ipython_where.value import dataclass

@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RuleAnswer(Answer):
    rule: str

register(RuleAnswer, "rule_layout:rule_screen")
"""
ITS_LAYOUT = """
from ipython_where.show.screen import Screen, plain, row

def rule_screen(answer):
    return Screen((plain("rule"),), (row("says", plain(answer.rule)),), (), (), False)
"""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DiskAnswer(Answer):
    """Where there is room: an answer as a third party would write one."""

    path: str
    free: int


def disk_screen(answer: DiskAnswer) -> Screen:
    """Its layout."""
    return Screen(
        (plain("disk"),), (row("free", plain(f"{answer.free} GB"), (Span(answer.path, "path"),)),), (), (), False
    )


layouts.register(DiskAnswer, disk_screen)


def test_it_is_text_where_text_is_asked_for() -> None:
    """`print` and `str` take the layout that was registered."""
    assert str(DiskAnswer(path="/srv", free=3)) == "disk\n  free  3 GB · /srv"


def test_ipython_shows_both_faces() -> None:
    """IPython asks the answer itself, and HTML escapes what is in it."""
    shown, _ = DisplayFormatter().format(DiskAnswer(path="/srv/<b>", free=3))
    assert shown["text/plain"] == "disk\n  free  3 GB · /srv/<b>"
    assert "<code>/srv/&lt;b&gt;</code>" in shown["text/html"]


def test_a_secret_in_it_is_masked_and_json_has_the_schema() -> None:
    """What every answer gets, it gets too."""
    answer = DiskAnswer(path="https://me:hunter2@host/", free=3)
    assert answer.to_dict() == {"schema": 1, "path": "https://****@host/", "free": 3}


def test_a_layout_that_is_named_is_imported_when_the_answer_is_shown(tmp_path: Path) -> None:
    """So that an extension that registers answers loads as fast as one that does not."""
    (tmp_path / "rule_answer.py").write_text(NEW_ANSWER)
    (tmp_path / "rule_layout.py").write_text(ITS_LAYOUT)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from rule_answer import RuleAnswer\n"
        "answer = RuleAnswer(rule='be calm'); print([m in sys.modules for m in ('rule_layout', 'ipython_where.show')])\n"
        "print(answer)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[False, False]\nrule\n  says  be calm\n"


def test_a_subclass_is_drawn_as_its_base() -> None:
    """Until it has a layout of its own."""

    class RoomAnswer(DiskAnswer):
        pass

    assert str(RoomAnswer(path="/srv", free=3)) == "disk\n  free  3 GB · /srv"
    layouts.register(RoomAnswer, lambda answer: Screen((plain("room"),), (), (), (), False))
    assert str(RoomAnswer(path="/srv", free=3)) == "room"


def test_without_a_layout_it_says_so() -> None:
    """An answer that registered none."""

    class BareAnswer(Answer):
        pass

    with pytest.raises(TypeError, match=r"^no layout is registered for .*BareAnswer$"):
        str(BareAnswer())
