"""What the README and the guides show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import environments, readme

DOCUMENTS = sorted([*environments.ROOT.glob("*.md"), *environments.ROOT.glob("docs/*.md")])


def comparable(text: str) -> str:
    """``text`` without what differs between machines: Python's and uv's version, the server's port, times, padding."""
    text = re.sub(r"\b3\.\d+\.\d+\+?", "3.x", text)
    text = re.sub(r"python3\.\d+", "python3", text)
    text = re.sub(r"(localhost|127\.0\.0\.1):\d+", r"\1", text)
    text = re.sub(r"by uv [\d.]+", "by uv", text)
    text = re.sub(r"\b[\d.]+ m?s\b", "1 s", text)
    return re.sub(r"\s+", " ", text)


@pytest.mark.usefixtures("server", "installer", "shells", "kernel")
def test_each_output_in_the_readme_is_what_its_command_answers_now() -> None:
    """`make readme` writes them; this runs the same commands in the same kept home."""
    text = readme.README.read_text(encoding="utf-8")
    with readme.world() as answer:
        now = readme.filled(text, answer)
    written, expected = comparable(text), comparable(now)
    assert written == expected, "run `make readme`, and look at what it changes"


def test_a_changed_output_is_seen() -> None:
    """Every prompt's answer is replaced, and what stands outside of the blocks is not."""
    text = "$ no\n```console\n$ a\nold\n\n$ b\n```\n```shell\n$ c\nkept\n```\n"
    assert readme.filled(text, lambda prompt, command: f"{prompt}{command}!\n") == (
        "$ no\n```console\n$ a\n$ a!\n\n$ b\n$ b!\n```\n```shell\n$ c\nkept\n```\n"
    )


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
