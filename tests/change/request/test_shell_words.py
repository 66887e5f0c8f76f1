"""What a shell would have taken out of a line is called what it is."""

from __future__ import annotations

import pytest

from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError

NO_SHELL = "no shell reads this line"


def refusal(line: str) -> tuple[str, str]:
    """The first and the last line of the error."""
    with pytest.raises(UsageError) as caught:
        parse_request(split_line(line))
    lines = caught.value.lines()
    return lines[0], lines[-1].removeprefix("hint: ")


@pytest.mark.parametrize(
    ("line", "what", "rest"),
    [
        ("install numpy > log.txt", "> log.txt", "install numpy"),
        ("install numpy >log.txt", ">log.txt", "install numpy"),
        ("install numpy>log.txt", ">log.txt", "install numpy"),
        ("install six[a]>>log", ">>log", "install six[a]"),
        ("install numpy >> log.txt -q", ">> log.txt", "install numpy -q"),
        ("install -r req.txt > log.txt", "> log.txt", "install -r req.txt"),
        ("install -i https://h.example/s > log six", "> log", "install -i https://h.example/s six"),
        ("install --timeout 5 > out.txt six", "> out.txt", "install --timeout 5 six"),
        ("install --find-links wheels > out.txt six", "> out.txt", "install --find-links wheels six"),
        ("install -e . > log", "> log", "install -e ."),
        ("install --pre > x numpy", "> x", "install --pre numpy"),
        ("install numpy 2>&1", "2>&1", "install numpy"),
        ("install numpy 2>/dev/null", "2>/dev/null", "install numpy"),
        ("install numpy &> /dev/null", "&> /dev/null", "install numpy"),
        ("install numpy &>/dev/null", "&>/dev/null", "install numpy"),
        ("install numpy 1> log", "1> log", "install numpy"),
        ("install numpy >| log", ">| log", "install numpy"),
        ("install -r 'my list.txt' > log", "> log", 'install -r "my list.txt"'),
        ("install < list.txt", "< list.txt", "install"),
        ("uninstall six > log", "> log", "uninstall six"),
        ("freeze > requirements.txt", "> requirements.txt", "freeze"),
        ("list >/dev/null", ">/dev/null", "list"),
    ],
)
def test_redirections(line: str, what: str, rest: str) -> None:
    """Also behind an option's value, where it was taken for a part of that."""
    assert refusal(line) == (f"`{what}` is a shell redirection, but {NO_SHELL}", f"leave it out: `%safepip {rest}`")


@pytest.mark.parametrize(
    ("line", "what", "rest"),
    [
        ("install numpy && python x.py", "`&&` joins two commands", "install numpy"),
        ("install numpy || true", "`||` joins two commands", "install numpy"),
        ("install -r req.txt | tail -3", "`|` pipes into another program", "install -r req.txt"),
        ("list | grep numpy", "`|` pipes into another program", "list"),
        ("install numpy &", "`&` starts a command in the background", "install numpy"),
    ],
)
def test_other_commands(line: str, what: str, rest: str) -> None:
    """They are no requirements."""
    assert refusal(line) == (
        f"{what} in a shell, but {NO_SHELL}",
        f"leave it out: `%safepip {rest}`; put what follows on a line of its own",
    )


@pytest.mark.parametrize(
    ("line", "comment", "rest"),
    [
        ("install numpy # it isn't there", "# it isn't there", "install numpy"),
        ("install numpy<2 #  twice # over", "#  twice # over", "install numpy<2"),
        ("list #", "#", "list"),
        ("install six; python_version > '3' # why", "# why", "install \"six ; python_version > '3'\""),
    ],
)
def test_comments(line: str, comment: str, rest: str) -> None:
    """A shell skips them, so that they may stand behind `%pip`; a `#` within a word is a URL's."""
    assert refusal(line) == (f"`{comment}` is a comment in a shell, but {NO_SHELL}", f"leave it out: `%safepip {rest}`")
    assert parse_request(split_line("install git+https://h/x#egg=x")).requirements == ("git+https://h/x#egg=x",)


@pytest.mark.parametrize(
    ("line", "requirements"),
    [
        ("numpy > 1", ("numpy>1",)),
        ("numpy >1,<2", ("numpy>1,<2",)),
        ("numpy >= 1.0 , < 2", ("numpy>=1.0,<2",)),
        ("numpy> 1", ("numpy>1",)),
        ("numpy>v1", ("numpy>v1",)),
        ("numpy<2 pandas>2", ("numpy<2", "pandas>2")),
        ("numpy<=1.*", ("numpy<=1.*",)),
        ('tomli ; python_version < "3.11"', ('tomli ; python_version < "3.11"',)),
        ("'pkg; python_version<\"3.12\"'", ('pkg; python_version<"3.12"',)),
        ("./a>b", ("./a>b",)),
        ("https://h.example/a?b=c&d=e", ("https://h.example/a?b=c&d=e",)),
    ],
)
def test_comparisons_and_markers_are_none(line: str, requirements: tuple[str, ...]) -> None:
    """A version follows them."""
    found: Request = parse_request(split_line(f"install {line}"))
    assert found.requirements == requirements


@pytest.mark.parametrize("line", ['install "a;b"', "install a;b", "install 'a ; b' c", 'install "six;rich"'])
def test_a_semicolon_between_two_names(line: str) -> None:
    """In quotes as well: it is no marker."""
    first, hint = refusal(line)
    assert first.startswith("the text after `;` is not an environment marker: `")
    assert hint == "separate requirements with a space, as in `%safepip install six rich`"


@pytest.mark.parametrize("word", ["'six, rich'", '"six rich"', "six,rich", "'six,rich,'", "'six[a] rich'"])
def test_several_names_in_one_word(word: str) -> None:
    """The line with each for itself."""
    extra = "[a]" if "[" in word else ""
    assert refusal(f"install {word}")[1] == f"`%safepip install six{extra} rich`"
