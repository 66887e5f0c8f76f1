"""The words of a line, as no shell would read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("numpy>=1.0", ["numpy>=1.0"]),
        ("numpy >= 1.0, <2 six", ["numpy>=1.0,<2", "six"]),
        ("numpy>=1.0,<2 six", ["numpy>=1.0,<2", "six"]),
        ("six[extra]", ["six[extra]"]),
        ("six [a, b] rich", ["six[a,b]", "rich"]),
        ('pkg; python_version<"3.12"', ['pkg ; python_version<"3.12"']),
        ('pkg;python_version<"3.12" six', ['pkg ; python_version<"3.12"', "six"]),
        ("pkg==1 ; os_name == 'nt' -U", ["pkg==1 ; os_name == 'nt'", "-U"]),
        ("a; (extra == 'x' or os_name != 'nt') and python_version not in '2.7' b", None),
        ("\"pkg; python_version<'3.12'\" six", ["pkg; python_version<'3.12'", "six"]),
        ("x @ https://h.example/x;1.whl ; os_name=='nt' z", ["x @ https://h.example/x;1.whl ; os_name=='nt'", "z"]),
        ("https://h.example/a;b", ["https://h.example/a;b"]),
        ("-r 'my file.txt' ./my\\ dir", ["-r", "my file.txt", "./my dir"]),
        (r"C:\x\y.whl", [r"C:\x\y.whl"]),
        ("six* `id` $HOME && | ls", ["six*", "`id`", "$HOME", "&&", "|", "ls"]),
        ('--config-settings="--a b" x', ["--config-settings=--a b", "x"]),
        ("numpy;", ["numpy"]),
        ("numpy ; ", ["numpy"]),
        ("", []),
    ],
)
def test_words(line: str, words: list[str] | None) -> None:
    """Quotes group, requirements keep together, everything else is plain text."""
    expected = (
        ["a ; (extra == 'x' or os_name != 'nt') and python_version not in '2.7'", "b"] if words is None else words
    )
    assert split_line(f"install {line}") == ("install", *expected)


def test_what_follows_a_semicolon_must_be_a_marker() -> None:
    """`; echo X` is neither run nor passed over."""
    with pytest.raises(UsageError) as error:
        split_line("install numpy; echo X")
    assert error.value.lines() == [
        "the text after `;` is not an environment marker: `echo X`",
        "",
        "hint: no shell is involved: `;`, `&&`, `>` and `*` are plain text here; "
        'a marker looks like `; python_version < "3.12"`',
    ]


def test_an_open_quote_is_said() -> None:
    """And what it holds is masked."""
    with pytest.raises(UsageError) as error:
        split_line("install 'https://me:secret@h.example/x")
    assert error.value.lines() == ["unclosed quote: `'https://****@h.example/x`"]


COMPARISONS = st.sampled_from(["os_name == 'nt'", 'python_version<"3.12"', "'linux' in sys_platform", "extra!='a'"])
MARKERS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", "  or "]), inner).map("".join), inner.map(lambda m: f"( {m})")
    ),
    max_leaves=5,
)


@given(marker=MARKERS, before=st.sampled_from([";", " ;", " ; ", "; "]))
def test_a_marker_ends_where_its_grammar_does(marker: str, before: str) -> None:
    """What is split off is what `packaging` reads, and the next requirement is left alone."""
    command, first, second = split_line(f"install tomli>=1{before}{marker} rich")
    assert (command, second) == ("install", "rich")
    assert str(Requirement(first)) == str(Requirement(f"tomli>=1 ; {marker}"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"a\ b c", ("a b", "c")),
        ("a\\\tb", ("a\tb",)),
        (r"-e ./my\ pro\ ject x", ("-e", "./my pro ject", "x")),
        (r"\"a\' b", ("\"a'", "b")),
        (r"C:\new\table\x.whl", (r"C:\new\table\x.whl",)),
        ("a\\", ("a\\",)),
        (r'-e "a\"b\\c\d" x', ("-e", r'a"b\c\d', "x")),
        (r"-e 'a\d' x", ("-e", r"a\d", "x")),
        (r"-e 'a\\d' x", ("-e", r"a\\d", "x")),
        ('-e "" x', ("-e", "", "x")),
        ('-e ./"my "pro"ject" x', ("-e", "./my project", "x")),
        ("  a \t b  ", ("a", "b")),
        ("", ()),
    ],
)
def test_a_backslash_protects_a_blank_or_a_quote_and_else_is_itself(line: str, words: tuple[str, ...]) -> None:
    """In double quotes it protects a quote and itself, in single quotes nothing: else it is part of a Windows path."""
    assert tuple(split_line(f"install {line}")) == ("install", *words)
