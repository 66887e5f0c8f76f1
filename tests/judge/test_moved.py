"""The reviewed table of what moved: its lines, and how they are found."""

from __future__ import annotations

import importlib
import sys
import warnings

from ipython_where.judge.moved import moves, moves_of
from ipython_where.judge.names import is_project, removed_in


def test_each_line_has_a_source_and_a_project_that_may_be_proposed() -> None:
    """What would be installed is on the closed list, or stands here."""
    known = {"audioop-lts", "chart-studio", "langchain-classic", "legacy-cgi", "mplfinance"}
    for move in moves():
        assert move.source and (move.since or move.owner in ("Google Colab", "Kaggle", "Databricks")), move
        assert move.project is None or is_project(move.project) or move.project in known, move
        assert not move.renamed or move.place, move


def test_pythons_own_lines_are_true_of_this_python() -> None:
    """What was removed before this release is missing, and what replaces it is there."""
    for move in moves():
        if move.owner != "Python" or tuple(map(int, move.since.split("."))) > sys.version_info[:2]:
            continue
        if move.names:
            with warnings.catch_warnings(action="ignore"):  # that the module itself will be removed
                module = importlib.import_module(move.module)
            assert not any(hasattr(module, each) for each in move.names), move
        else:
            assert move.module not in sys.stdlib_module_names, move
        if move.place is not None and move.project is None and move.place not in ("winreg", "cgi"):
            place = importlib.import_module(move.place) if "tkinter" not in move.place else None
            for name in (move.renamed,) if move.renamed else move.names:
                assert place is None or hasattr(place, name), move


def test_a_module_removed_from_the_standard_library_has_one_release() -> None:
    """Both tables say the same."""
    for move in moves():
        if not move.names and (release := removed_in(move.module)) is not None:
            assert (move.owner, move.since) == ("Python", release), move


def test_the_longest_name_comes_first() -> None:
    found = [(move.module, move.names[:1]) for move in moves_of("IPython.html.widgets.interact")]
    assert found == [("IPython.html.widgets", ()), ("IPython.html", ())]
    assert [move.module for move in moves_of("urllib2")] == ["urllib2"]
    assert [move.names[0] for move in moves_of("urllib")] == ["urlopen", "urlencode"]
    assert list(moves_of("sklearn")) == list(moves_of("")) == []


def test_what_only_looks_like_it_replaces_nothing() -> None:
    """Sets of nodes for graphs, an object for a number, another scale: code with it in the old one's place is wrong."""
    old = (
        ("networkx", "connected_component_subgraphs"),
        ("scipy.misc", "derivative"),
        ("scipy.stats", "median_absolute_deviation"),
    )
    found = [(move.place, move.renamed) for module, name in old for move in moves_of(module) if name in move.names]
    assert found == [(None, None)] * 3
