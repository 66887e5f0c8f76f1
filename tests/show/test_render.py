"""The front door: what IPython and the command line ask for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ipython_where.model import Answer, Answers
from ipython_where.show import faces

from . import samples
from .samples import HOME


def test_mimebundle_has_both_faces_and_no_terminal_codes() -> None:
    """A notebook gets HTML, and plain text for whoever cannot show it."""
    bundle = faces.mimebundle(samples.TROUBLED, home=HOME)
    assert bundle == {
        "text/plain": faces.text(samples.TROUBLED, home=HOME, width=100),
        "text/html": faces.html(samples.TROUBLED, home=HOME),
    }
    assert "\x1b" not in str(bundle)


def test_an_answer_shows_itself() -> None:
    """`print(answer)` and IPython's display need no call of ours."""
    assert str(samples.NUMPY) == faces.text(samples.NUMPY)
    assert samples.NUMPY._repr_mimebundle_() == faces.mimebundle(samples.NUMPY)


def test_several_answers_are_divided_by_an_empty_line() -> None:
    """One screen after the other."""
    both = Answers((samples.SYS, samples.UNDECIDED))
    assert faces.text(both, home=HOME, width=100) == (
        faces.text(samples.SYS, home=HOME, width=100) + "\n\n" + faces.text(samples.UNDECIDED, home=HOME, width=100)
    )


def test_no_answers_show_nothing() -> None:
    """An empty list of names has an empty face."""
    assert faces.text(Answers([])) == ""


@pytest.mark.parametrize("home", [None, "", "/", "~"])
def test_a_home_that_is_no_directory_of_its_own_shortens_nothing(home: str | None) -> None:
    """The root is not `~`, and an unknown home is none."""
    assert "/usr/bin/pip → /usr/bin/python3" in faces.text(samples.TROUBLED, home=home, width=100)
    assert f"{HOME}/envs/a/bin/python" in faces.text(samples.TROUBLED, home=home, width=100)


def test_a_slash_after_home_changes_nothing() -> None:
    """`HOME=/home/ada/` is the same home."""
    assert faces.text(samples.CALM, home=f"{HOME}/") == faces.text(samples.CALM, home=HOME)


def test_a_value_without_a_face_is_refused() -> None:
    """A new kind of answer must bring its layout."""
    with pytest.raises(TypeError, match=r"^no layout is registered for Answer$"):
        faces.text(Answer())


def test_importing_it_brings_no_renderer_and_no_reader() -> None:
    """The faces cost what they are made of: no rich, no template engine, no metadata, no subprocess."""
    dear = {"rich", "jinja2", "pygments", "IPython", "subprocess", "importlib.metadata", "urllib.request", "inspect"}
    code = "import sys, dataclasses; had = set(sys.modules); import ipython_where.show.faces; print(*set(sys.modules) - had)"
    brought = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "ipython_where.show.text" in brought
    assert dear & set(brought) == set()
