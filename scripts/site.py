"""What makes the site's pages of the repository's: MkDocs calls this file's functions (`mkdocs.yml`).

README.md, CONTRIBUTING.md and CHANGELOG.md stand above `docs/` and are pages of the site. Their links, and those that lead to
them, are turned over; a link to a file that is no page becomes its name. Built in `tests/test_docs.py`.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ABOVE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""The pages that are made from files above `docs/`."""

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_PICTURE = re.compile(r'((?:src|srcset)=")docs/')


def on_files(files: Any, config: Any) -> Any:
    """The pages that are made from files above `docs/`, beside those in it."""
    from mkdocs.structure.files import File

    for name, page in ABOVE.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """The text of a page with links as the site needs them."""
    return for_site(markdown, page.file.src_uri)


def for_site(markdown: str, page: str) -> str:
    """The text of ``page``, named as the site does, with links between pages of the site."""
    source = {made: name for name, made in ABOVE.items()}.get(page, f"docs/{page}")
    folder = posixpath.dirname(source)

    def turned(found: re.Match[str]) -> str:
        text, link = found.groups()
        path, mark, anchor = link.partition("#")
        if not path or re.match(r"[a-z]+:", link):
            return found[0]
        target = posixpath.normpath(posixpath.join(folder, path))
        target = ABOVE.get(target, target.removeprefix("docs/") if target.startswith("docs/") else "")
        if not target:
            return text
        return f"[{text}]({posixpath.relpath(target, posixpath.dirname(page) or '.')}{mark}{anchor})"

    return _PICTURE.sub(r"\1", _LINK.sub(turned, markdown))
