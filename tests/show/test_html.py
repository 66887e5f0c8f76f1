"""The HTML face: what is in it, what can never be, and that it says what the text says."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.model import Answer, Answers, EnvironmentAnswer, Evidence, ModuleAnswer
from ipython_where.show.faces import findings, html, text
from ipython_where.show.html import escape as our_escape

from . import install_samples, samples
from .samples import HOME

TAGS = {
    *("style", "div", "p", "table", "tr", "th", "td"),
    *("span", "b", "i", "a", "code", "wbr", "details", "summary"),
}
ATTRIBUTES = {"class", "style", "open", "role", "aria-hidden", "aria-label", "href", "target", "rel"}
INLINE = {"span", "b", "i", "a", "code", "wbr"}


@given(st.text(st.sampled_from("&<>\"'a;#x27é") | st.characters()))
def test_it_escapes_as_the_standard_library_does(words: str) -> None:
    """Which is not used, for what it costs to import."""
    assert our_escape(words) == escape(words)


class Page(HTMLParser):
    """What a browser makes of it: its tags, its attributes, and its words without those of the style and the marks."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.marked = False
        self.shown = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "wbr":
            self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.marked = any(name.startswith("aria-") for name, _ in attrs)
        self.shown += "" if tag in INLINE else " "

    def handle_endtag(self, tag: str) -> None:
        self.marked = False
        assert self.open.pop() == tag
        self.shown += "" if tag in INLINE else " "

    def handle_data(self, data: str) -> None:
        if not self.marked and not {"style", "summary"} & set(self.open):
            self.shown += data


ALL: dict[str, EnvironmentAnswer | ModuleAnswer] = {**samples.ENVIRONMENTS, **samples.NAMES, "hostile": samples.HOSTILE}


@pytest.mark.parametrize("name", ALL)
def test_it_says_word_for_word_what_the_text_says(name: str) -> None:
    """Both faces are drawn from one layout: the same words in the same order."""
    answer = replace(ALL[name], verbose=True)
    plain = text(answer, home=HOME, width=100_000).replace("`", "")
    assert Page(html(answer, home=HOME)).shown.split() == plain.split()


def test_a_finding_in_full() -> None:
    """Message, evidence as a table, and a hint whose command is one click to select."""
    drawn = html(replace(samples.CALM, findings=(samples.PIP_ELSEWHERE,)), home=HOME)
    assert drawn.endswith(
        '<div style="margin-top:12px;border-left:3px solid #d97706;padding-left:12px">'
        "<div><b style=color:#d97706 role=img aria-label=warning>▲</b>&nbsp;"
        "<b><code>!pip</code> in this kernel is not this kernel&#x27;s pip</b></div>"
        "<table><tr><th>kernel</th><td style=text-align:left>"
        "<code>~/envs/a/bin/python</code> <i>(3.12.4)</i></td></tr>"
        "<tr><th>shell</th><td style=text-align:left>"
        "<code>/usr/bin/python3</code> <i>(3.11.2)</i></td></tr></table>"
        "<div><i>hint: </i><code class=c>%pip install pandas</code>"
        " installs into the kernel&#x27;s environment</div></div></div>"
    )


def test_another_programs_words_stand_in_lines_of_their_own() -> None:
    """They have no label, so they are in no table; what has one before and after them is."""
    lines = (Evidence(label="file", value="a"), Evidence(label="", value="ERROR: no"), Evidence(label="", value="such"))
    drawn = html(replace(samples.CALM, findings=(replace(samples.PIP_ELSEWHERE, evidence=lines, hint=None),)))
    assert drawn.endswith(
        "<table><tr><th>file</th><td style=text-align:left><code>a</code></td></tr></table>"
        "<div><code>ERROR: no</code></div><div><code>such</code></div></div></div>"
    )


def test_a_state_and_a_severity_keep_their_marks_without_the_style() -> None:
    """An untrusted notebook drops the style, roles and labels: the marks are text, and never colour alone."""
    drawn = html(samples.TROUBLED, home=HOME).partition("</style>")[2]
    text_only = re.sub("<[^>]*>", "", drawn).replace("&nbsp;", " ")
    assert [mark in text_only for mark in ("▲ another environment", "● this environment")] == [True, True]
    assert ("■ PIP_TARGET sends" in text_only, "▲ !pip in this kernel" in text_only) == (True, True)
    assert "content:" not in html(samples.TROUBLED)


def test_a_dot_stands_with_the_part_that_follows_it() -> None:
    """Where a part begins a line, its dot goes with it: none is left hanging at the end of the line before."""
    assert "<span><code>~/envs/a/bin/python</code></span> <span>·&nbsp;CPython 3.12.4</span>" in html(
        samples.CALM, home=HOME
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("`import sys`", "<code>import sys</code>"),
        ("`/srv/lab`", "<code>/srv/lab</code>"),
        ("`/srv/lab/lib-1/python3.12/x`", "<code>/srv/<wbr>lab/<wbr>lib-1/<wbr>python3.12/<wbr>x</code>"),
        (r"`C:\lab\lib-1\python3.12\site`", r"<code>C:\lab\<wbr>lib-1\<wbr>python3.12\<wbr>site</code>"),
    ],
)
def test_a_long_path_breaks_after_its_separators(words: str, code: str) -> None:
    """What fits on any line needs no place to break; what is long has to break somewhere."""
    note = replace(samples.PIP_ELSEWHERE, message=words)
    assert f"<b>{code}</b>" in html(replace(samples.CALM, findings=(note,)), home=HOME)


@pytest.mark.parametrize("verbose", [False, True])
def test_details_are_folded_unless_all_was_asked_for(verbose: bool) -> None:
    """The details are there either way; `-v` opens them."""
    drawn = html(replace(samples.NUMPY, verbose=verbose), home=HOME)
    assert ("<details open>" in drawn, "<details>" in drawn) == (verbose, not verbose)


def test_what_the_rows_leave_out_is_in_the_details() -> None:
    """A long list is shown in part, and nothing of it is missing from the page."""
    rows, details = html(samples.NAMESPACE, home=HOME).replace("<wbr>", "").split("<details>")
    assert [f"portion-{n}/" in rows for n in range(1, 9)] == [True] * 5 + [False] * 3
    assert [f"portion-{n}/" in details for n in range(1, 9)] == [False] * 5 + [True] * 3


def test_several_answers_share_one_style() -> None:
    """`%where numpy pandas` is one fragment with the style once in front."""
    drawn = html(Answers((samples.NUMPY, samples.DATAFRAME)), home=HOME)
    assert drawn.count("<style>") == 1
    assert drawn.count("<div class=ipw>") == 2


def test_hostile_names_stay_text() -> None:
    """Markup, quotes, terminal escapes, line breaks, direction marks and undecodable bytes are all written out."""
    drawn = html(samples.HOSTILE, home=HOME)
    assert "<b>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#x27;&amp;\\x1b[31m\\n\\u202e\\udce9</b>" in drawn
    assert "script" not in Page(drawn).tags
    drawn.encode("utf-8")


@given(st.text(max_size=40))
def test_no_name_can_bring_markup_or_unseen_characters(name: str) -> None:
    """Whatever stands in a name, path, version or message: only our own tags, all closed, and nothing unprintable."""
    hostile = samples.hostile(name)
    drawn = Page(html(hostile, home=HOME))
    assert (set(drawn.tags) <= TAGS, drawn.attributes <= ATTRIBUTES, drawn.open) == (True, True, [])
    for face in (html(hostile, home=HOME), text(hostile, home=HOME, width=80)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", face)
        face.encode("utf-8")


def test_colours_need_no_variable_of_a_front_end() -> None:
    """Whatever the page: each variable has a fallback, and nothing is loaded from elsewhere."""
    drawn = html(samples.TROUBLED)
    assert set(re.findall(r"var\(--[\w-]+(.)", drawn)) == {","}
    assert re.findall(r"https?:|@import|url\(", drawn.partition("</style>")[0]) == []


def test_every_rule_is_ours_alone() -> None:
    """No rule can touch another output on the page: all of them are nested in one of our class."""
    style = html(samples.TROUBLED).partition("<style>")[2].partition("</style>")[0]
    assert style.startswith(".ipw.ipw.ipw{")
    depth = [style[: at + 1].count("{") - style[: at + 1].count("}") for at in range(len(style))]
    assert (min(depth[13:-1]), depth[-1]) == (1, 0)


def test_the_sheet_has_only_rules_that_the_answer_needs() -> None:
    """A sentence by itself brings no rules for tables, parts or links."""
    drawn = findings((replace(samples.PIP_ELSEWHERE, evidence=()),), home=HOME)["text/html"]
    assert [word in drawn for word in ("table", "span{", "p{", "a{", "code{", ".c{")] == [False] * 4 + [True] * 2


@pytest.mark.parametrize(
    ("answer", "at_most"),
    [
        (samples.CALM, 3.2),
        (samples.TROUBLED, 3.2),
        (samples.NUMPY, 4),
        (install_samples.NUMPY, 5.2),
        (install_samples.UPGRADE, 2.7),
    ],
)
def test_an_answer_costs_little_more_than_its_words(answer: Answer, at_most: float) -> None:
    """A saved notebook has it: a sheet below 900 bytes, and all of it a few times its text."""
    drawn = html(answer, home=HOME)
    assert len(drawn.partition("</style>")[0]) < 900
    assert len(drawn.encode()) < at_most * len(text(replace(answer, verbose=True), home=HOME).encode())


def test_a_warning_is_small() -> None:
    """One above a command costs about a kilobyte."""
    assert len(findings((samples.PIP_ELSEWHERE,), home=HOME)["text/html"].encode()) < 1300


@pytest.mark.parametrize(
    ("value", "is_link"),
    [
        ("https://numpy.org", True),
        ("https://x.example/a-b/#c", True),
        ("http://localhost:8888/", False),
        ("https://****@x.example/", False),
        ("https://x.example/ and more", False),
        ("javascript:alert(1)", False),
    ],
)
def test_an_address_is_a_link_where_it_is_sure_to_lead_there(value: str, is_link: bool) -> None:
    """This machine's addresses may not be the page's, and a masked one leads nowhere."""
    note = replace(samples.PIP_ELSEWHERE, message=f"`{value}`")
    link = f'<a href="{value}" target=_blank rel=noopener><code>'
    assert (link in html(replace(samples.CALM, findings=(note,)))) == is_link


@pytest.mark.parametrize(
    ("file", "link"),
    [
        ("mine.py", "mine.py"),
        ("deep/in/it/notes-2.v1.ipynb", "deep/in/it/notes-2.v1.ipynb"),
        (".venv/lib/numpy.py", None),
        ("venv/.hidden/numpy.py", None),
        ("bin/python", None),
        ("with space.py", None),
        ('a"b.py', None),
        ("a/../../x.py", None),
        ("../other/mine.py", None),
    ],
)
def test_a_file_beside_the_notebook_is_a_link(
    file: str, link: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative to the notebook, as JupyterLab opens it; what a server does not show is none."""
    notebook = tmp_path / "notes.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    drawn = html(replace(samples.NUMPY, file=f"{tmp_path}/{file}"), home=str(tmp_path.parent))
    assert re.findall('<a href="([^"]*)">', drawn) == ([link] if link else [])
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert "<a " not in html(replace(samples.NUMPY, file=f"{tmp_path}/{file}"), home=str(tmp_path.parent))


def test_home_is_short_in_html() -> None:
    """No face shows the home directory's name; the JSON face does."""
    assert HOME not in html(samples.TROUBLED, home=HOME).replace("<wbr>", "")
    assert HOME in str(samples.TROUBLED.to_dict())
