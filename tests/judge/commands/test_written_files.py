from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.commands.shell.expansion import Field
from ipython_where.judge.commands.shell.script import Redirect, Word
from ipython_where.judge.commands.shell.state import initial_state
from ipython_where.judge.commands.written_files import changed_by, is_changed, writes, written_by

from .files import ENVIRON, Files
from .test_judgement import judged

HERE = initial_state(ENVIRON, "/here")


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("rm -f a ../b", {"/here/a", "/b"}),
        ("/bin/rmdir a", {"/here/a"}),
        ("unlink a", {"/here/a"}),
        ("mv a b", {"/here/a", "/here/b"}),
        ("ln -s /x b", {"/x", "/here/b"}),
        ("cp a sub/", {"/here/a", "/here/sub"}),
        ("cp -tsub a", {"/here/sub", "/here/ub", "/here/b", "/here/a"}),
        ("cp --target-directory=sub a", {"/here/sub", "/here/a"}),
        ("install -m 755 a b", {"/here/755", "/here/a", "/here/b"}),
        ("rsync -a a b", {"/here/a", "/here/b"}),
        ("dd if=a of=b", {"/here/if=a", "/here/a", "/here/of=b", "/here/b"}),
        ("truncate -s 0 a", {"/here/0", "/here/a"}),
        ("shred a", {"/here/a"}),
        ("tee -a a", {"/here/a"}),
        ("sed -i s/x/y/ a", {"/here/s/x/y", "/here/a"}),
        ("perl -i a", {"/here/a"}),
        ("chmod +x a", {"/here/+x", "/here/a"}),
        ("chown me a", {"/here/me", "/here/a"}),
        ("patch a", {"/here/a"}),
        ("touch a", {"/here/a"}),
        ("find . -delete", {""}),
        ("find . -name a", set()),
        ("sort -u a", set()),
        ("sort a -o b", {"/here/a", "/here/b"}),
        ("sort -uob a", {"/here/ob", "/here/b", "/here/a"}),
        ("sort --output=b a", {"/here/a", "/here/b"}),
        ("uniq -c a", set()),
        ("uniq a b", {"/here/a", "/here/b"}),
        ("cat a", set()),
    ],
)
def test_the_paths_that_a_program_may_change(line: str, paths: set[str]) -> None:
    """Rather one too many: what may have changed is only not decided."""
    assert changed_by(tuple(map(Field, line.split())), HERE) == paths


def test_an_argument_that_is_not_known_may_be_any_path() -> None:
    unknown = changed_by((Field("rm"), Field(None)), HERE)
    assert unknown == {""}
    assert is_changed("/any", replace(HERE, changed=unknown))
    assert changed_by((Field("rm"), Field("a")), replace(HERE, cwd=None)) == {""}
    assert written_by([None, "a"], HERE) == {"", "/here/a"}


def test_what_lies_below_a_changed_folder_may_have_changed() -> None:
    state = replace(HERE, changed=frozenset(("/here/env",)))
    asked = ("/here/env", "/here/env/bin/pip", "/here/x/../env/pip", "/here/environment", "/here")
    assert [is_changed(path, state) for path in asked] == [True, True, True, False, False]


def test_a_file_that_sort_or_uniq_writes_is_not_read_as_it_is_now() -> None:
    files = Files(
        programs={**Files().programs, "/usr/bin/sort": "", "/usr/bin/uniq": ""},
        texts={"/here/setup.sh": "pip install x\n", "/here/x": ""},
    )
    for line in ("sort -o setup.sh x; bash setup.sh", "uniq x setup.sh; bash setup.sh"):
        assert [(each.tool, each.action) for each in judged(line, files)] == [("bash", "unknown")], line
    assert [each.tool for each in judged("sort x; bash setup.sh", files)] == ["pip"]


@pytest.mark.parametrize(
    ("operator", "word", "is_writing"),
    [
        (">", "a", True),
        (">>", "'a'", True),
        ("<>", "a", True),
        ("<", "a", False),
        ("<<", "a", False),
        (">", "/dev/null", False),
        (">", "'/dev/stderr'", False),
        (">&", "2", False),
        (">&", "-", False),
        (">", None, False),
    ],
)
def test_what_a_redirection_writes(operator: str, word: str | None, is_writing: bool) -> None:
    target = None if word is None else Word((), word)
    assert writes([Redirect(operator, None, target, "", False)]) is is_writing
