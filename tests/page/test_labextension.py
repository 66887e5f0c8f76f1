"""The extension of the JupyterLab page: what is true of its files, and the tests of its pure modules, under Node."""

from __future__ import annotations

import json
import re
import shutil

import pytest

import ipython_where
from tests import environments

FOLDER = environments.ROOT / "ipython_where" / "page" / "labextension"
TESTS = sorted((environments.ROOT / "tests" / "page" / "ui").glob("*.test.mjs"))


def test_it_has_the_version_of_the_package() -> None:
    """Two numbers would be two answers."""
    package = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    assert (package["name"], package["version"]) == ("ipython-where", ipython_where.__version__)


def test_no_folder_of_it_is_kept_by_browsers() -> None:
    """JupyterLab tells them to keep files below `static` for a year: they would run last year's code after an upgrade."""
    assert [path for path in FOLDER.rglob("*") if path.is_dir() and path.name.startswith("static")] == []


def test_what_its_files_import_is_there() -> None:
    """Nothing builds them, so a page would be the first to see that one is missing."""
    imports = {
        file: re.findall(
            r"""^import .* from '(.+)';$|new URL\('(\S+)', here\)""", file.read_text(encoding="utf-8"), re.M
        )
        for file in FOLDER.glob("ui/*.js")
    }
    missing = [
        (file.name, a or b)
        for file, names in imports.items()
        for a, b in names
        if not (file.parent / (a or b)).is_file()
    ]
    assert missing == []
    assert len(imports) > 10


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_its_pure_modules() -> None:
    """By `node --test`; what they say is in the output if one fails."""
    assert TESTS
    environments.call("node", "--test", *TESTS)
