"""A finding by itself: one line where it fits, in both faces."""

from __future__ import annotations

from ipython_where.model import Evidence, Finding
from ipython_where.show.faces import notice

SHORT = Finding(id="x", severity="note", message="`/home/ada/<b>` has no `a`", hint="`%safepip install a`")
ROWS = (Evidence(label="!pip", value="/home/ada/t/bin/python", note="a 1"), Evidence(label="lab", value="/lab"))
LONG = Finding(
    id="x",
    severity="note",
    message="`first` is so long that there is no room for a second part beside it on a line of the screen",
    evidence=ROWS,
    hint="`%safepip install a`, then restart the kernel",
)


def test_what_fits_is_one_line() -> None:
    assert notice(SHORT, home="/home/ada")["text/plain"] == "`~/<b>` has no `a` · hint: `%safepip install a`"


def test_a_hint_without_room_and_the_evidence_have_lines_of_their_own() -> None:
    assert notice(LONG, home="/home/ada")["text/plain"].splitlines() == [
        LONG.message,
        "    hint: `%safepip install a`, then restart the kernel",
        "  !pip  ~/t/bin/python · a 1",
        "  lab   /lab",
    ]


def test_in_html_the_command_can_be_selected_and_all_is_escaped() -> None:
    drawn = notice(SHORT, home="/home/ada")["text/html"]
    assert "<code>~/&lt;b&gt;</code> has no" in drawn
    assert "<i>hint: </i><code class=c>%safepip install a</code>" in drawn
    assert "/<b>" not in drawn
