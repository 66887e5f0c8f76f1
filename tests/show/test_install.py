"""What `%safepip` shows, in both faces: whole screens, and what can never be in one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.change.values import (
    Change,
    ChangedModule,
    HistoryAnswer,
    InstallAnswer,
    Invisible,
    Plan,
    Transaction,
    Verdict,
)
from ipython_where.model import Evidence, Finding
from ipython_where.show.faces import html, text
from ipython_where.show.screen import size

from . import install_samples as samples
from .samples import HOME
from .test_html import ATTRIBUTES, TAGS, Page


@pytest.fixture(autouse=True)
def in_utc() -> Iterator[None]:
    """Moments are shown in the machine's time: here that is UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def shown(answer: InstallAnswer | HistoryAnswer, width: int = 80) -> str:
    return text(answer, home=HOME, width=width)


def title(answer: InstallAnswer | HistoryAnswer) -> str:
    return shown(answer, width=1000).splitlines()[0]


SCREENS = {
    "in the server's environment": """
        jupyterlab_git 0.55.0 is installed in the server's environment: restart the server, then open the page again
          JupyterLab   @jupyterlab/git 0.55.0, nbdime-jupyterlab (version unknown)
          server part  jupyterlab_git, nbdime
          added        + jupyterlab_git==0.55.0 · 812 B · requested
                       + nbdime==4.0.4 · 8.3 kB · required by jupyterlab_git
          installer    uv: the fastest that gives the same answer · 1.2 s
          undo         `%safepip undo --server tx-3`
    """,
    "planned for the server's environment": """
        would install 2 distributions in the server's environment
          add        + jupyterlab_git==0.55.0 · 812 B · requested
                     + nbdime==4.0.4 · 8.3 kB · required by jupyterlab_git
          installer  uv: the fastest that gives the same answer · 1.2 s
    """,
    "an environment that serves the page": """
        anywidget 0.11.0 can be imported now
          JupyterLab  anywidget 0.11.0
          gone        jupyterlab-plotly
          page        reload the page
          added       + anywidget==0.11.0
          installer   uv: the fastest that gives the same answer · 1.2 s
          undo        `%safepip undo tx-3`
    """,
    "numpy": """
        numpy 2.1.0 can be imported now
          added      + numpy==2.1.0 · 14.1 MB
          installer  uv: the fastest that gives the same answer · 1.2 s
          undo       `%safepip undo tx-3`
    """,
    "dry run": """
        would install 10 distributions and remove 1
          add        + seaborn==0.13.2 · 294 kB · requested
                     + contourpy==1.3.1 · 323 kB · required by matplotlib
                     + cycler==0.12.1 · 8.3 kB · required by matplotlib
                     + fonttools==4.55.0 · 4.9 MB · required by matplotlib
                     + kiwisolver==1.4.7 · 1.4 MB · required by matplotlib
                     and 2 more
          upgrade    - pandas==2.1.0
                     + pandas==2.2.3 · 13.1 MB · requested
                     - numpy==1.26.4
                     + numpy==2.1.0 · 14.1 MB
                       required by contourpy, matplotlib, pandas, seaborn
          downgrade  - six==1.17.0
                     + six==1.16.1 · 812 B · required by python-dateutil
          remove     - pytz==2024.2 · requested
          installer  uv: the fastest that gives the same answer · 1 min 15 s
          ignored    `PIP_TARGET`, `UV_PYTHON`, which would have redirected the install

        modules of `numpy`, `pandas` are loaded and would change under this kernel
          numpy   numpy, numpy._core  (including native code)
          pandas  pandas

        hint: restart the kernel after the install

        `six` 1.16.1 was yanked by its authors
          reason  broken wheel
    """,
    "upgrade": """
        restart the kernel: 12 loaded modules changed (numpy, pandas)
          loaded      numpy: numpy, numpy._core, numpy._core._multiarray_umath
                        including native code
                      pandas: pandas.m0, pandas.m1, pandas.m2 and 6 more
          importable  seaborn, contourpy, cycler and 5 more
          added       + seaborn==0.13.2 · 294 kB · requested
                      + contourpy==1.3.1 · 323 kB · required by matplotlib
                      + cycler==0.12.1 · 8.3 kB · required by matplotlib
                      + fonttools==4.55.0 · 4.9 MB · required by matplotlib
                      + kiwisolver==1.4.7 · 1.4 MB · required by matplotlib
                      and 2 more
          upgraded    - pandas==2.1.0
                      + pandas==2.2.3 · 13.1 MB · requested
                      - numpy==1.26.4
                      + numpy==2.1.0 · 14.1 MB
                        required by contourpy, matplotlib, pandas, seaborn
          downgraded  - six==1.17.0
                      + six==1.16.1 · 812 B · required by python-dateutil
          removed     - pytz==2024.2 · requested
          installer   uv: the fastest that gives the same answer · 1 min 15 s
          ignored     `PIP_TARGET`, `UV_PYTHON`, which would have redirected the install
          undo        `%safepip undo tx-3`

        `six` 1.16.1 was yanked by its authors
          reason  broken wheel
    """,
    "invisible": """
        loom is not visible to this kernel
          because    `~/.local/lib/python3.12/site-packages` is not on this kernel's
                     `sys.path`
          added      + loom==1.0 · 4.3 kB
          installer  uv: the fastest that gives the same answer · 1.2 s
          undo       `%safepip undo tx-3`
    """,
    "editable": """
        loom 0.4.dev0 and idna 3.10 can be imported now
          added      + tomli==2.2.1 · 14 kB · required by loom
          upgraded   - idna==3.7
                     + idna==3.10 · from git+https://****@host/idna@0123456789ab
                       requested
          rebuilt    ~ loom==0.4.dev0 · editable · from ~/src/loom · requested
          installer  uv: the fastest that gives the same answer · 1.2 s
          undo       `%safepip undo tx-3`
    """,
    "sklearn": """
        scikit-learn 1.5.2 is installed
          importable  sklearn, joblib
          added       + scikit-learn==1.5.2 · 12.9 MB · requested
                      + joblib==1.4.2 · 301 kB · required by scikit-learn
          installer   uv: the fastest that gives the same answer · 1.2 s
          undo        `%safepip undo tx-3`
    """,
    "uninstall": """
        1 distribution removed
          removed    - six==1.17.0
          installer  uv: the fastest that gives the same answer · 1.2 s
          undo       `%safepip undo tx-3`
    """,
    "satisfied": """
        nothing to do: numpy>=1.0 is satisfied by numpy 2.1.0
    """,
}


@pytest.mark.parametrize("name", samples.INSTALLS)
def test_whole_screen_of_an_install(name: str) -> None:
    """The verdict, the changes, who made them, how to take them back; at 80 columns."""
    assert shown(samples.INSTALLS[name]) == dedent(SCREENS[name]).strip("\n")


def test_whole_screen_of_the_history() -> None:
    """The youngest first: when, what was typed, what it came to, and whether it can be taken back."""
    assert shown(samples.HISTORY) == dedent("""
        3 transactions in ~/envs/a
          tx-3  2025-11-22 14:05 · `%safepip install -U pandas seaborn`
                pandas 2.1.0 → 2.2.3, seaborn 0.13.2 added and 9 more · can be undone
                61.2 MB kept
          tx-2  2025-11-19 14:05 · `%safepip undo tx-1` · six 1.17.0 removed
                can be undone · 100 kB kept
          tx-1  2025-11-19 14:02 · `%safepip install six` · six 1.17.0 added
                was undone
          kept  61.3 MB for undo · 2.0 GB at most, then the oldest are deleted
    """).strip("\n")


def test_no_history_is_one_calm_line() -> None:
    """Nothing was done, and nothing is wrong."""
    assert shown(samples.NO_HISTORY) == "no transactions yet in ~/envs/a"


def test_a_long_history_shows_the_last_ten() -> None:
    """The others are counted, and stand in the details."""
    one = samples.HISTORY.transactions[2]
    long = replace(samples.HISTORY, transactions=tuple(replace(one, id=f"tx-{n}") for n in range(13, 0, -1)))
    lines = shown(long, width=100).splitlines()
    assert lines[0] == "13 transactions in ~/envs/a"
    assert [line.split()[0] for line in lines[1:-2]] == [f"tx-{n}" for n in range(13, 3, -1)]
    assert lines[-2].split() == ["and", "3", "older"]
    assert "<th" in (details := html(long, home=HOME).partition("<details>")[2])
    assert ">tx-1<" in details


def test_a_long_command_is_cut_in_the_history_and_whole_in_its_details() -> None:
    """A row stays a row."""
    command = "%safepip install " + " ".join(f"project-{n}" for n in range(20))
    long = replace(samples.HISTORY, transactions=(replace(samples.HISTORY.transactions[0], command=command),))
    brief, full = shown(replace(long, verbose=True), width=1000).split("\n\n")
    assert f"`{command[:59]}…`" in brief
    assert f"`{command}`" in full


@pytest.mark.parametrize("when", [float("nan"), float("inf"), 1e18])
def test_a_damaged_moment_is_unknown(when: float) -> None:
    """A journal may have been damaged."""
    damaged = replace(samples.HISTORY.transactions[2], when=when)
    assert "tx-1  unknown time · " in shown(replace(samples.HISTORY, transactions=(damaged,)))


SIX = samples.change("six", "added", None, "1.17.0")
IDNA = samples.change("idna", "added", None, "3.10")
LOOM = samples.change("loom", "added", None, None)
YAML = samples.change("PyYAML", "upgraded", "6.0.1", "6.0.2")
OLD = samples.change("attrs", "removed", "24.1", None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (samples.done("", SIX, IDNA, importable=("six", "idna")), "six 1.17.0 and idna 3.10 can be imported now"),
        (
            samples.done("", SIX, IDNA, LOOM, importable=("six", "idna", "loom")),
            "six 1.17.0, idna 3.10 and loom (version unknown) can be imported now",
        ),
        (
            samples.done("", *(replace(SIX, name=f"p-{n}") for n in range(4)), importable=("p_0", "p_1", "p_2", "p_3")),
            "p-0 1.17.0, p-1 1.17.0 and 2 more can be imported now",
        ),
        (samples.done("", YAML, importable=("yaml",)), "PyYAML 6.0.2 can be imported now as yaml"),
        (samples.done("", YAML, SIX, importable=("yaml", "six")), "PyYAML 6.0.2 and six 1.17.0 are installed"),
        (samples.done("", SIX), "six 1.17.0 is installed"),
        (replace(samples.done("", SIX), verdict=None), "six 1.17.0 is installed"),
        (samples.done("", OLD, replace(OLD, name="idna")), "2 distributions removed"),
        (samples.done("", replace(SIX, asked_for=False), OLD), "1 distribution installed and 1 removed"),
        (samples.done("", replace(SIX, asked_for=False)), "1 distribution installed"),
        (
            samples.done("", replace(YAML, name="six"), restart=samples.loaded("six", "six")),
            "restart the kernel: 1 loaded module changed (six)",
        ),
        (
            samples.done("", OLD, restart=samples.loaded("attrs", "attr", "attrs")),
            "restart the kernel: 2 loaded modules removed (attrs)",
        ),
        (
            samples.done("", SIX, invisible=tuple(Invisible(name=n, reason=f"r {n}") for n in "ab")),
            "a, b are not visible to this kernel",
        ),
        (samples.planned(samples.done("", SIX)), "would install 1 distribution"),
        (samples.planned(samples.done("", OLD)), "would remove 1 distribution"),
        (replace(samples.planned(samples.done("", SIX)), dry_run=False), "nothing was changed"),
        (samples.done("", importable=()), "nothing to do"),
    ],
)
def test_title_is_the_verdict(answer: InstallAnswer, words: str) -> None:
    """One sentence, and no more than is proven: what is not importable by its own name is only said to be installed."""
    assert title(answer) == words


def test_a_requirement_is_satisfied_by_what_is_known_to_satisfy_it() -> None:
    """One requirement is in the title, several are listed below it."""
    nothing = samples.SATISFIED
    one = replace(nothing, plan=replace(nothing.plan, satisfied=("numpy>=1.0",)))
    two = replace(nothing, plan=replace(nothing.plan, satisfied=("numpy by numpy 2.1.0", "six by six 1.17.0")))
    other = 'pywin32; sys_platform == "win32"'
    unneeded = replace(nothing, plan=replace(nothing.plan, satisfied=(f"{other} by pywin32 (not needed here)",)))
    assert shown(one) == "nothing to do: numpy>=1.0 is satisfied"
    assert shown(unneeded) == f"nothing to do: {other} is not needed here"
    held = 'numpy>=1; python_version > "3"'
    marked = replace(nothing, plan=replace(nothing.plan, satisfied=(f"{held} by numpy 2.1.0", "six>=1")))
    assert shown(marked).splitlines()[:2] == [
        "nothing to do: all 2 requirements are satisfied",
        "  satisfied  numpy>=1 by numpy 2.1.0",
    ]
    assert shown(two).splitlines() == [
        "nothing to do: numpy 2.1.0, six 1.17.0 are installed",
        "  satisfied  numpy by numpy 2.1.0",
        "             six by six 1.17.0",
    ]


def test_each_module_that_is_not_visible_has_its_reason() -> None:
    """Where the reasons differ they stand beside the names."""
    answer = samples.done("", SIX, invisible=tuple(Invisible(name=n, reason=f"reason {n}") for n in "ab"))
    assert shown(answer).splitlines()[1:3] == ["  not visible  a · reason a", "               b · reason b"]


def test_what_to_do_about_a_module_that_is_not_visible() -> None:
    """Once, below the reason."""
    hidden = Invisible(name="six", reason="`/nb/six.py` is found before it", hint="rename `/nb/six.py`")
    assert shown(samples.done("", SIX, invisible=(hidden,))).splitlines()[:3] == [
        "six is not visible to this kernel",
        "  because     `/nb/six.py` is found before it",
        "  what to do  rename `/nb/six.py`",
    ]


def test_a_loaded_module_from_elsewhere_is_told_with_where_it_is_from() -> None:
    """Nothing of it changed: an import goes on giving it."""
    loaded = ChangedModule(name="six", distribution="six", extension=False, loaded_from="/old/six.py")
    lines = shown(samples.done("", SIX, restart=(loaded,))).splitlines()
    assert lines[0] == "restart the kernel: 1 loaded module hides what was installed (six)"
    assert lines[1] == "  loaded     six: six · from /old/six.py"


def test_without_a_verdict_importable_is_unknown() -> None:
    """No claim without proof."""
    assert "  importable  unknown" in shown(replace(samples.NUMPY, verdict=None)).splitlines()


def test_a_transaction_that_cannot_be_undone_says_so() -> None:
    """No command is offered that would fail."""
    transaction = Transaction(id="tx-9", when=samples.WHEN, command="", changes=(), undoable=False)
    assert shown(replace(samples.NUMPY, transaction=transaction)).endswith("undo       tx-9 cannot be undone")


def test_verbose_shows_everything_and_the_log_last() -> None:
    """Why each change was made, all that is loaded, what was typed, and the installer's own lines."""
    rows, details, finding = shown(replace(samples.UPGRADE, verbose=True)).split("\n\n")
    assert "+ pillow==11.0.0 · 4.4 MB · required by matplotlib" in rows
    assert details == (
        "  loaded       numpy · numpy._core · numpy._core._multiarray_umath (native code)\n"
        "               pandas.m0 · pandas.m1 · pandas.m2 · pandas.m3 · pandas.m4\n"
        "                 pandas.m5 · pandas.m6 · pandas.m7 · pandas.m8\n"
        "  importable   seaborn · contourpy · cycler · fontTools · kiwisolver\n"
        "               matplotlib · mpl_toolkits · PIL\n"
        "  command      `%safepip install -U pandas seaborn`\n"
        "  kernel       ~/envs/a/bin/python\n"
        "  transaction  tx-3 · 2025-11-22 14:05\n"
        "  log          Resolved 11 packages in 312ms\n"
        "               Prepared 11 packages in 4.1s\n"
        "                + contourpy==1.3.1\n"
        "                   + cycler==0.12.1"
    )
    assert finding.startswith("`six` 1.16.1 was yanked")


def test_the_log_is_folded_in_a_notebook_and_absent_from_the_text() -> None:
    """It is one click away, and in nobody's way."""
    assert "Resolved" not in shown(samples.UPGRADE)
    before, details = html(samples.UPGRADE, home=HOME).split("<details>")
    assert "Resolved" not in before
    assert "<div><code>Resolved 11 packages in 312ms</code></div>" in details


def test_a_very_long_log_is_not_saved_into_the_notebook() -> None:
    """The last lines tell what happened; the answer has them all."""
    drawn = shown(replace(samples.NUMPY, verbose=True, log=tuple(f"line {n}" for n in range(1000))))
    assert drawn.splitlines()[-201:] == [
        "  log          800 earlier lines not shown",
        *(f"               line {n}" for n in range(800, 1000)),
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.042, "42 ms"), (0.1, "0.1 s"), (59.94, "59.9 s"), (119.7, "2 min 0 s"), (3725.0, "62 min 5 s")],
)
def test_durations_are_for_people(seconds: float, words: str) -> None:
    """Beside the installer."""
    assert f"same answer · {words}" in shown(replace(samples.NUMPY, seconds=seconds))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        *((0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (8_321, "8.3 kB"), (14_257, "14 kB")),
        *((999_999, "999 kB"), (1_200_000, "1.2 MB"), (2_345_000_000, "2.3 GB")),
    ],
)
def test_sizes_are_for_people(number: int, words: str) -> None:
    """As pip and uv write them, in powers of ten."""
    assert size(number) == words


ALL: dict[str, InstallAnswer | HistoryAnswer] = {
    **samples.INSTALLS,
    "history": samples.HISTORY,
    "no history": samples.NO_HISTORY,
}


@pytest.mark.parametrize("name", ALL)
def test_html_says_word_for_word_what_the_text_says(name: str) -> None:
    """Both faces are drawn from one layout: the same words in the same order."""
    answer = replace(ALL[name], verbose=True)
    plain = text(answer, home=HOME, width=100_000).replace("`", "")
    assert Page(html(answer, home=HOME)).shown.split() == plain.split()


@pytest.mark.parametrize("width", [1, 40, 79])
@pytest.mark.parametrize("name", ALL)
def test_a_narrow_terminal_loses_no_word(name: str, width: int) -> None:
    """Every word stays, in its order, however little room there is; only dividers go."""

    def words(drawn: str) -> list[str]:
        return [word for word in drawn.split() if word != "·"]

    assert words(shown(ALL[name], width)) == words(shown(ALL[name], 10_000))


def test_a_title_that_is_too_long_is_broken_between_words() -> None:
    """It stays one sentence: no divider comes into it."""
    requirement = "a-project-of-a-rather-long-name>=1.0,<2 by a-project-of-a-rather-long-name 1.4.1"
    answer = replace(samples.SATISFIED, plan=replace(samples.SATISFIED.plan, satisfied=(requirement,)))
    for width in range(30, 130):
        assert " ".join(shown(answer, width).split()) == (
            "nothing to do: a-project-of-a-rather-long-name>=1.0,<2 is satisfied by a-project-of-a-rather-long-name 1.4.1"
        )


def hostile(name: str) -> tuple[InstallAnswer, HistoryAnswer]:
    """Answers with ``name`` wherever a file, an index or an installer could have put it."""
    change = Change(
        name=name, kind="upgraded", old=name, new=f"{name}2", asked_for=False, wanted_by=(name,), source=name, size=1
    )
    transaction = Transaction(id=name, when=0.0, command=name, changes=(change,), undoable=True)
    finding = Finding(
        id="x", severity="warning", message=name, evidence=(Evidence(label=name, value=name, note=name),), hint=name
    )
    answer = InstallAnswer(
        command=name,
        plan=Plan(
            changes=(change, replace(change, kind="added", asked_for=True)),
            satisfied=(name,),
            installer=f"uv{name}",
            installer_reason=name,
            neutralised=(name,),
            findings=(finding,),
        ),
        transaction=transaction,
        verdict=Verdict(
            importable=(name,),
            restart=(ChangedModule(name=name, distribution=name, extension=True),),
            invisible=(Invisible(name=name, reason=name),),
        ),
        dry_run=False,
        seconds=1.0,
        kernel=name,
        log=(name,),
        verbose=True,
    )
    return answer, HistoryAnswer(transactions=(transaction,), prefix=name, size=1, limit=1, verbose=True)


@given(st.text(max_size=40))
def test_nothing_can_bring_markup_or_unseen_characters(name: str) -> None:
    """Whatever a name, a version, a log line or a message holds: only our own tags, all closed, nothing unprintable."""
    for answer in hostile(name):
        drawn = Page(html(answer, home=HOME))
        assert (set(drawn.tags) <= TAGS, drawn.attributes <= ATTRIBUTES, drawn.open) == (True, True, [])
        for face in (html(answer, home=HOME), text(answer, home=HOME, width=80)):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", face)
            face.encode("utf-8")


def test_markup_in_a_log_line_is_written_out() -> None:
    """A project's build may print anything."""
    answer = replace(samples.NUMPY, log=("<img src=x onerror=alert(1)> \x1b[31mred",))
    assert "<code>&lt;img src=x onerror=alert(1)&gt; \\x1b[31mred</code>" in html(answer, home=HOME)


def test_an_undo_says_what_it_took_back() -> None:
    """Loaded modules that still differ from the disk matter more."""
    assert samples.NUMPY.transaction is not None and samples.UPGRADE.transaction is not None
    undone = replace(samples.NUMPY, transaction=replace(samples.NUMPY.transaction, id="tx-9", undoes="tx-8"))
    assert shown(undone).splitlines()[0] == "`tx-8` was undone"
    outdated = replace(samples.UPGRADE, transaction=replace(samples.UPGRADE.transaction, undoes="tx-8"))
    assert shown(outdated).splitlines()[0].startswith("restart the kernel")
