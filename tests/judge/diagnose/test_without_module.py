"""What is said of a distribution that brings nothing to import, from values alone: whole findings, as they are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.diagnose.without_module import WithoutModule, only_caches_finding, without_module_finding
from ipython_where.model import Evidence, Finding

BUNDLE = WithoutModule(query="bundle", distribution="bundle", version="1.0")
NOTE = Finding(
    id="no-module", severity="note", message="`bundle` 1.0 is installed and brings no module: `import bundle` fails"
)


@pytest.mark.parametrize(
    ("facts", "finding"),
    [
        (BUNDLE, NOTE),
        (
            replace(BUNDLE, version=None),
            replace(NOTE, message="`bundle` is installed and brings no module: `import bundle` fails"),
        ),
        (replace(BUNDLE, query="my-bundle"), None),
        (
            replace(BUNDLE, missing=("tiny>=1", "other")),
            replace(
                NOTE,
                severity="warning",
                evidence=(
                    Evidence(label="requires", value="tiny>=1", note="not installed"),
                    Evidence(label="requires", value="other", note="not installed"),
                ),
                hint="`%safepip install bundle` installs what it requires",
            ),
        ),
        (
            replace(BUNDLE, query="my-bundle", missing=("tiny",)),
            replace(
                NOTE,
                severity="warning",
                message="`bundle` 1.0 is installed and brings no module",
                evidence=(Evidence(label="requires", value="tiny", note="not installed"),),
                hint="`%safepip install bundle` installs what it requires",
            ),
        ),
        (
            replace(BUNDLE, query="my-bundle", named=("first", "second")),
            replace(
                NOTE,
                severity="warning",
                message="`bundle` 1.0 is installed and brings no module: `import first` fails",
                evidence=(
                    Evidence(label="named", value="first", note="not in its RECORD"),
                    Evidence(label="named", value="second", note="not in its RECORD"),
                ),
                hint="`%safepip install --force-reinstall --no-deps bundle==1.0`",
            ),
        ),
        (
            replace(BUNDLE, version=None, named=("bundle",)),
            replace(
                NOTE,
                severity="warning",
                message="`bundle` is installed and brings no module: `import bundle` fails",
                evidence=(Evidence(label="named", value="bundle", note="not in its RECORD"),),
                hint="`%safepip install --force-reinstall --no-deps bundle`",
            ),
        ),
        (
            replace(BUNDLE, instead="scikit-learn"),
            replace(NOTE, severity="warning", hint="`%safepip install scikit-learn` brings the module"),
        ),
    ],
)
def test_what_is_damaged_is_a_warning_with_what_mends_it(facts: WithoutModule, finding: Finding | None) -> None:
    """What is meant to bring no module is a note, where somebody may have meant one."""
    assert without_module_finding(facts) == finding


def test_it_is_what_was_asked_for_unless_it_should_have_brought_a_module() -> None:
    assert BUNDLE.is_expected
    assert replace(BUNDLE, missing=("tiny",)).is_expected
    assert not replace(BUNDLE, named=("bundle",)).is_expected
    assert not replace(BUNDLE, instead="scikit-learn").is_expected


def test_folders_with_nothing_but_bytecode_come_with_the_line_that_removes_them() -> None:
    assert only_caches_finding("left", ("/a/left", "/b/left")) == Finding(
        id="only-caches",
        severity="warning",
        message="of `left` only bytecode is left, in `__pycache__`: `import left` gives a package with nothing in it",
        evidence=(Evidence(label="folder", value="/a/left"), Evidence(label="folder", value="/b/left")),
        hint="`import shutil; [shutil.rmtree(each) for each in ['/a/left', '/b/left']]` removes it",
    )
