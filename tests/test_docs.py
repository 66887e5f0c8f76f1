"""The pages: their links lead somewhere, and what they tell people to type is accepted."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from traitlets.config import Configurable

from ipython_where.arguments import parse_arguments, split_command
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.show.notebook import config
from scripts.site import for_site

from . import environments

PAGES = sorted([*environments.ROOT.glob("*.md"), *environments.ROOT.glob("docs/**/*.md")])
README = environments.ROOT / "README.md"
CONFIGURABLES = {
    name: value
    for name, value in vars(config).items()
    if isinstance(value, type) and issubclass(value, Configurable) and value is not Configurable
}

NAMED_ALONE = [("sync",), ("uninstall",)]
"""Commands that a sentence names without what they need."""

_FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TYPED = re.compile(r"%%?(?:where|safepip|config)\b|c\.[A-Z]\w+\.|(?:\S*/)?python -m ipython_where\b")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(page: Path) -> str:
    return str(page.relative_to(environments.ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def typed(page: Path) -> Iterator[str]:
    """What a page says to type: in backticks, in blocks, after a prompt. Output is not among it, but hints in it are."""
    shown = text(page)
    blocks = "\n".join(_FENCED.findall(shown))
    lines = [*re.findall(r"^ {4,}(\S.*)$", shown, re.MULTILINE), *blocks.splitlines()]
    for line in lines:
        line = re.sub(r"^(In \[\d+\]: |\$ |>>> )", "", line)
        yield from (part for part in re.split(r" {2,}", line) if _TYPED.match(part))
    yield from (code for code in _CODE.findall(_FENCED.sub("", shown) + blocks) if _TYPED.match(code))


def accept(line: str) -> None:
    """Give a line to what reads it. Raises if that does not accept it."""
    line = (
        line.replace("…", "").replace(" COMMAND", " install" if "safepip" in line else " COMMAND").strip().rstrip("?")
    )
    if found := re.match(r"(?:%config |c\.)(.*)", line):
        accept_setting(found[1])
    elif line.startswith("%where"):
        options, _command = split_command(line.removeprefix("%where"))
        parse_arguments(options.split(), command="%where", help_command="%where --help")
    elif line.startswith(("%safepip", "%%safepip")):
        words = split_line(line.lstrip("%").removeprefix("safepip"))
        parse_request((*words, "NAME") if words in NAMED_ALONE or words[:1] == ("install",) else words)
    else:
        said = tuple(line.partition("ipython_where")[2].partition("|")[0].partition("#")[0].split())
        if said[:1] in (("undo",), ("history",)):
            parse_request(said)
        elif said != ("recover",):
            parse_arguments(said, command="ipython_where", help_command="", takes_command=True)


def accept_setting(assignment: str) -> None:
    name, _, value = (part.strip() for part in assignment.partition("="))
    owner, _, setting = name.partition(".")
    if owner in CONFIGURABLES and setting:
        trait = CONFIGURABLES[owner].class_traits(config=True)[setting]
        if value:
            trait._validate(CONFIGURABLES[owner](), ast.literal_eval(value))
    elif owner != "InteractiveShellApp":
        assert owner in CONFIGURABLES, assignment


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_each_link_of_a_page_leads_to_something(page: Path) -> None:
    """The file is there, and has that heading."""
    broken = []
    for link in _LINK.findall(_CODE.sub("", _FENCED.sub("", text(page)))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_each_command_of_a_page_is_accepted(page: Path) -> None:
    """`%where`, `%safepip`, `%config` and `python -m ipython_where`, with the options and values that the page names."""
    refused = {}
    for line in typed(page):
        try:
            accept(line)
        except Exception as error:
            refused[line] = str(error)
    assert refused == {}


@pytest.mark.parametrize(
    "line",
    [
        "%where --no-such-option",
        "%safepip instal six",
        "%config PipGuard.mode = 'no'",
        "c.PipGuard.no = True",
        "python -m ipython_where --imported",
    ],
)
def test_a_command_that_is_wrong_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"."):
        accept(line)


def test_the_table_of_settings_has_every_setting_with_its_default() -> None:
    """README.md's, in the order of `%config`."""
    section = text(README).partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+\.\w+)` \| `([^`]+)` \|", section, re.MULTILINE))
    expected = {
        f"{owner}.{name}": trait.default_value
        for owner, value in CONFIGURABLES.items()
        for name, trait in value.class_traits(config=True).items()
    }
    assert {name: ast.literal_eval(default) for name, default in rows.items()} == expected


def test_the_table_of_settings_has_every_value() -> None:
    section = text(README).partition("\n## Settings\n")[2].partition("\n## ")[0]
    for mode in config.PipGuard.class_traits()["mode"].values:  # type: ignore[attr-defined]
        assert f'`"{mode}"`' in section


def test_the_site_is_built(tmp_path: Path) -> None:
    """Strictly: each page is listed, each link and each documented name is found."""
    pytest.importorskip("mkdocs", reason="`make docs` installs it, and builds the site")
    argv = (sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", tmp_path)
    environments.call(*argv, cwd=environments.ROOT, NO_MKDOCS_2_WARNING="1")
    assert (tmp_path / "how-to" / "index.html").exists()


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("index.md", "[a](docs/guard.md#x)", "[a](guard.md#x)"),
        ("index.md", "[a `b`](LICENSE)", "a `b`"),
        ("how-to/index.md", "[a](../../README.md#x)", "[a](../index.md#x)"),
        ("how-to/index.md", "[a](../guard.md)", "[a](../guard.md)"),
        ("design.md", "[a](../CONTRIBUTING.md)", "[a](contributing.md)"),
        ("design.md", "[a](https://semver.org)", "[a](https://semver.org)"),
        ("index.md", '<img src="docs/pictures/x.png">', '<img src="pictures/x.png">'),
    ],
)
def test_a_link_in_the_site(page: str, link: str, expected: str) -> None:
    """Pages above docs/ have moved; what is no page has no link."""
    assert for_site(link, page) == expected


def test_each_page_is_in_the_navigation_of_the_site() -> None:
    """And each entry of the navigation is a page."""
    listed = re.findall(r"\b([\w/-]+\.md)$", (environments.ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    docs = environments.ROOT / "docs"
    pages = [page.relative_to(docs).as_posix() for page in PAGES if docs in page.parents]
    generated = ["index.md", "contributing.md", "changelog.md"]  # from the files above docs/
    assert sorted(listed) == sorted([*pages, *generated])
