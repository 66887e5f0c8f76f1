"""What the README and the guides show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import environments, readme

DOCUMENTS = sorted([*environments.ROOT.glob("*.md"), *environments.ROOT.glob("docs/**/*.md")])


def comparable(text: str) -> str:
    """``text`` without what differs between machines: versions of Python and uv, ports, times, sizes with bytecode, padding."""
    text = re.sub(r"\b3\.\d+\.\d+\+?", "3.x", text)
    text = re.sub(r"python ?3\.\d+", "python3", text)
    text = re.sub(r"(localhost|127\.0\.0\.1):\d+", r"\1", text)
    text = re.sub(r"by uv [\d.]+", "by uv", text)
    text = re.sub(r"\b[\d.]+ m?s\b", "1 s", text)
    text = re.sub(r"\b[\d.]+ MB of kept\b", "1 MB of kept", text)  # bytecode is among it, as far as it was written
    return re.sub(r"\s+", " ", text)


@pytest.mark.usefixtures("server", "installer", "shells", "kernel")
def test_each_output_in_a_page_is_what_its_command_answers_now() -> None:
    """`make readme` writes them; this runs the same commands in the same kept home."""
    written = {page.name: page.read_text(encoding="utf-8") for page in readme.PAGES}
    with readme.world() as fill:
        now = {name: fill(text) for name, text in written.items()}
    for name, text in written.items():
        assert comparable(text) == comparable(now[name]), f"{name}: run `make readme`, and look at what it changes"


def test_a_changed_output_is_seen() -> None:
    """Every prompt's answer is replaced, and what stands outside of the blocks is not; orders are carried out, unseen."""
    asked = []

    def answer(prompt: str, command: str) -> str:
        asked.append((prompt, command))
        return f"{prompt}{command}!\n"

    text = "$ no\n<!-- unseen: x -->\n```console\n$ a\nold\n\n$ b\n```\n```shell\n$ c\nkept\n```\n"
    assert readme.filled(text, answer) == (
        "$ no\n<!-- unseen: x -->\n```console\n$ a\n$ a!\n\n$ b\n$ b!\n```\n```shell\n$ c\nkept\n```\n"
    )
    assert asked == [("unseen", "x"), ("$ ", "a"), ("$ ", "b")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_what_a_document_names_is_there(document: Path) -> None:
    """Each linked or named file exists, and each `make` target."""
    text = document.read_text(encoding="utf-8")
    linked = {document.parent / link for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    named = {
        environments.ROOT / name for name in re.findall(r"\b(?:ipython_where|tests|examples|docs)/[\w/.-]+\w", text)
    }
    assert sorted(str(path) for path in linked | named if not path.exists()) == []
    makefile = (environments.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    asked = set(re.findall(r"(?:`| {4})make ([a-z-]+)\b", text))
    assert asked - targets == set()
