"""Slips in an installer's line: each is told with the line that was meant, and that line is one that can be run."""

from __future__ import annotations

import re

import pytest

from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.model import Evidence, Finding
from tests.judge.commands.files import Files

from .test_command import found


def told(text: str) -> tuple[str, str | None]:
    (finding,) = [each for each in found(text) if each.id in ("mistyped", "not-filled-in")]
    return finding.message, finding.hint


def test_a_slip_is_a_finding_whole() -> None:
    assert found("/env/bin/pip install sklearn") == (
        Finding(
            id="mistyped",
            severity="warning",
            message="`sklearn` is only a placeholder on PyPI: the project is `scikit-learn`",
            evidence=(Evidence(label="command", value="/env/bin/pip install sklearn"),),
            hint="`!/env/bin/pip install scikit-learn`",
        ),
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (
            "pip install six \u2013U",
            "`pip` reads `\u2013U` as a requirement: its dash is not a hyphen (U+2013)",
            "pip install six -U",
        ),
        (
            "pip install six \u2014upgrade",
            "`pip` reads `\u2014upgrade` as a requirement: its dash is not a hyphen (U+2014)",
            "pip install six --upgrade",
        ),
        (
            "uv pip install six \u2212U",
            "`uv` reads `\u2212U` as a requirement: its dash is not a hyphen (U+2212)",
            "uv pip install six -U",
        ),
        (
            "pip install six \u2011\u2011user",
            "`pip` reads `\u2011\u2011user` as a requirement: its dash is not a hyphen (U+2011)",
            "pip install six --user",
        ),
        (
            "pip install \u201csix>=1.0\u201d",
            "`pip` reads `\u201csix` as a requirement: its quote `\u201c` is not a plain one (U+201C)",
            'pip install "six>=1.0"',
        ),
        (
            "python -m pip install six\u00a0-U",
            "`pip` reads `six\u00a0-U` as a requirement: its space is not an ordinary one (U+00A0)",
            "python -m pip install six -U",
        ),
        (
            "pip install numpy=1.2 six",
            "`numpy=1.2` is not a requirement: write `==` before a version",
            "pip install numpy==1.2 six",
        ),
        (
            "pip install -\u2013upgrade six",
            "`-\u2013upgrade` is not an option: its dash is not a hyphen (U+2013)",
            "pip install --upgrade six",
        ),
        (
            "pip install pandas, six",
            "`pandas,` is not a requirement: separate requirements with spaces, not commas",
            "pip install pandas six",
        ),
        (
            "pip install numpy = 1.2",
            "`=` is read as a requirement, because of the space before it",
            "pip install numpy==1.2",
        ),
        (
            "pip install numpy ==1.2",
            "`==1.2` is read as a requirement, because of the space before it",
            "pip install numpy==1.2",
        ),
        ("pip install install six", "`install` appears twice, and the second is read as a project", "pip install six"),
        (
            "pip install pip install six",
            "`install` appears twice, and the second is read as a project",
            "pip install six",
        ),
        (
            "pip install requirements.txt",
            "`requirements.txt` is read as a project, because `-r` is missing",
            "pip install -r requirements.txt",
        ),
        (
            "pip install 'cv2'",
            "`cv2` is not a project on PyPI: the project is `opencv-python`",
            "pip install opencv-python",
        ),
        (
            "pip install sklearn==1.2 'skimage>=0.2'",
            "`sklearn` is only a placeholder on PyPI: the project is `scikit-learn`, and `skimage` is only a placeholder on "
            "PyPI: the project is `scikit-image`",
            "pip install scikit-learn==1.2 scikit-image>=0.2",
        ),
    ],
)
def test_the_line_that_was_meant_is_proposed(text: str, message: str, line: str) -> None:
    assert told(text) == (message, f"`!{line}`")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (
            "pip install a\u2013b==1",
            "`pip` reads `a\u2013b==1` as a requirement: its dash `\u2013` is not a hyphen (U+2013)",
            "pip install a-b==1",
        ),
        (
            "pip install numpy == 1.2 six",
            "`==` is read as a requirement, because of the space before it",
            "pip install numpy==1.2 six",
        ),
        (
            "easy_install sklearn",
            "`sklearn` is only a placeholder on PyPI: the project is `scikit-learn`",
            "easy_install scikit-learn",
        ),
        (
            "pip install p, six",
            "`p,` is not a requirement: separate requirements with spaces, not commas",
            "pip install p six",
        ),
        ("pip install -, six", None, None),
    ],
)
def test_each_slip_has_its_reason(text: str, message: str | None, line: str | None) -> None:
    files = Files(programs={**Files().programs, "/usr/bin/easy_install": "/other"})
    slips = [(each.message, each.hint) for each in found(text, files) if each.id == "mistyped"]
    assert slips == ([(message, f"`!{line}`")] if message else [])


def test_another_environments_line_names_the_project_that_is_meant_too() -> None:
    hints = [each.hint for each in found("pip install sklearn")]
    assert hints == [
        "`%safepip install scikit-learn` installs into this kernel's environment",
        "`!pip install scikit-learn`",
    ]


@pytest.mark.parametrize(
    "text", ["{sys.executable} -m pip install numpy six", "$sys.executable -m pip install numpy six"]
)
def test_what_ipython_left_in_braces_is_told_with_a_line_that_works(text: str) -> None:
    word = text.split()[0]
    assert told(text) == (
        f"`{word}` was not filled in: IPython leaves a line unchanged if one of its names is not defined",
        "`%safepip install numpy six` needs no `sys`; or `import sys` before this line",
    )


def test_what_was_not_filled_in_is_a_finding_whole() -> None:
    text = "'{sys.executable}' -m pip install"
    (finding,) = [each for each in found(text) if each.id == "not-filled-in"]
    assert finding == Finding(
        id="not-filled-in",
        severity="warning",
        message="`{sys.executable}` was not filled in: IPython leaves a line unchanged if one of its names is not defined",
        evidence=(Evidence(label="command", value=text),),
        hint="`%safepip install NAME` needs no `sys`; or `import sys` before this line",
    )


def test_an_interpreter_in_a_requirements_place_is_not_proposed_to_safepip() -> None:
    """Nor a command that `%safepip` does not have."""
    for text in ("pip install {sys.executable} -U", "pip install six {sys.executable}"):
        assert told(text)[1] == "`import sys` before this line"


def test_a_name_in_braces_that_is_not_defined_is_told() -> None:
    assert told("/env/bin/pip install -U {packages}") == (
        "`{packages}` was not filled in: IPython leaves a line unchanged if one of its names is not defined",
        "define `packages` before this line",
    )


@pytest.mark.parametrize(
    "text",
    [
        "/env/bin/pip install ./\u2013x 'six>=1' scikit-learn PyYAML six[a]==1",
        "/env/bin/pip install -r requirements.txt",
        "/env/bin/pip uninstall -y sklearn",
        "/env/bin/pip install https://h/x?a=b {x,y}",
        "/env/bin/pip show sklearn",
        "/env/bin/pip install attr docx jwt",
    ],
)
def test_nothing_is_said_of_what_may_be_meant(text: str) -> None:
    assert found(text) == ()


CONDA = Files(
    programs={**Files().programs, "/usr/bin/conda": "/other"}, directories=Files().directories | {"/other/envs/y"}
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("pip install 'six>=1' -r 'a b.txt' -e ./x", "install six>=1 -r 'a b.txt' -e ./x"),
        ("pip install \"six; python_version<'4'\"", "install \"six; python_version<'4'\""),
        ("uv pip sync r.txt", "install -r r.txt"),
        ("conda install -y pytorch", "install NAME"),
        ("conda env update -n y -f e.yml", "install NAME"),
        ("pip uninstall -y six", "uninstall six"),
        ("pip install -U 'six @ file:///a b/six.whl' x", "install six @ file:///a b/six.whl x"),
    ],
)
def test_a_proposed_safepip_line_is_one_that_safepip_takes(text: str, line: str) -> None:
    programs = {**CONDA.programs, **{f"/usr/bin/{name}": "/other" for name in ("uv", "mamba", "micromamba")}}
    files = Files(programs=programs, directories=CONDA.directories, texts={"/here/list.txt": "", "/here/e.yml": ""})
    (finding,) = [each for each in found(text, files) if each.id == "other-environment"]
    (proposed,) = re.findall(r"`%safepip (.*?)`", finding.hint or "")
    assert proposed == line
    parse_request(split_line(proposed))
