"""The HTML face: what is in it, what can never be, and that it says what the text says."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.model import Answers, EnvironmentAnswer, ModuleAnswer
from ipython_where.show.faces import html, text
from ipython_where.show.html import escape as our_escape

from . import samples
from .samples import HOME

TAGS = {
    *("style", "div", "p", "table", "tbody", "tr", "th", "td"),
    *("span", "strong", "code", "wbr", "details", "summary"),
}
ATTRIBUTES = {"class", "style", "scope", "open", "role", "title", "aria-hidden", "aria-label"}
INLINE = {"span", "strong", "code", "wbr"}


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
        self.marked = ("class", "ipw-m") in attrs
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
    left = ' style="text-align:left;vertical-align:top"'
    assert drawn.endswith(
        '<div class="ipw-p ipw-warning" style="margin-top:12px">'
        '<p><span class="ipw-m" role="img" aria-label="warning" title="warning">▲</span>&nbsp;'
        '<strong><code class="ipw-k">!pip</code> in this kernel is not this kernel&#x27;s pip</strong></p>'
        f'<table><tbody><tr><th scope="row"{left}>kernel</th><td{left}>'
        '<code>~/<wbr>envs/<wbr>a/<wbr>bin/<wbr>python</code> <span class="ipw-s">(3.12.4)</span></td></tr>'
        f'<tr><th scope="row"{left}>shell</th><td{left}>'
        '<code>/<wbr>usr/<wbr>bin/<wbr>python3</code> <span class="ipw-s">(3.11.2)</span></td></tr></tbody></table>'
        '<p><span class="ipw-s">hint: </span><code class="ipw-c ipw-k">%pip install pandas</code>'
        " installs into the kernel&#x27;s environment</p></div></div></div>"
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
    assert (
        '<span class="ipw-l"><span class="ipw-n"><code>~/<wbr>envs/<wbr>a/<wbr>bin/<wbr>python</code></span>'
        ' <span class="ipw-n"><span class="ipw-i">·&nbsp;</span>CPython 3.12.4</span></span>'
    ) in html(samples.CALM, home=HOME)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("`import sys`", '<code class="ipw-k">import sys</code>'),
        ("`pip install a-rather-long-name`", "<code>pip install a-rather-long-name</code>"),
        ("`/srv/lab`", "<code>/<wbr>srv/<wbr>lab</code>"),
    ],
)
def test_a_short_command_is_not_broken_and_a_path_only_after_its_separators(words: str, code: str) -> None:
    """`import sys` stays on one line; what is long has to break somewhere."""
    note = replace(samples.PIP_ELSEWHERE, message=words)
    assert f"<strong>{code}</strong>" in html(replace(samples.CALM, findings=(note,)), home=HOME)


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
    assert drawn.count('<div class="ipw-a">') == 2


def test_hostile_names_stay_text() -> None:
    """Markup, quotes, terminal escapes, line breaks, direction marks and undecodable bytes are all written out."""
    drawn = html(samples.HOSTILE, home=HOME)
    assert (
        "<strong>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#x27;&amp;\\x1b[31m\\n\\u202e\\udce9</strong>"
        in drawn
    )
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


def test_colours_come_from_the_page_with_a_fallback_each() -> None:
    """Every variable of JupyterLab falls back on VS Code's and then on something that needs neither."""
    style = html(samples.CALM).partition("</style>")[0]
    used = re.findall(r"var\(--jp-[\w-]+(.)", style)
    assert used
    assert set(used) == {","}
    assert re.findall(r"https?:|@import|url\(", style) == []


def test_every_rule_is_ours_alone() -> None:
    """No rule can touch another output on the page: each selector begins with a class of ours."""
    style = html(samples.CALM).partition("<style>")[2].partition("</style>")[0]
    flat = re.sub(r"@(?:supports|media)\(.*?\)+\{(.*\})\}", r"\1", style)
    selectors = [s.strip() for rule in re.findall(r"([^{}]+)\{", flat) for s in rule.split(",")]
    assert len(selectors) > 20
    assert [s for s in selectors if not re.match(r"\.ipw\b", s)] == []


def test_home_is_short_in_html() -> None:
    """No face shows the home directory's name; the JSON face does."""
    assert HOME not in html(samples.TROUBLED, home=HOME).replace("<wbr>", "")
    assert HOME in str(samples.TROUBLED.to_dict())
