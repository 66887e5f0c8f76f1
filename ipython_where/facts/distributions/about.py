"""What a distribution says about itself, and what it takes on the disk."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping

from ipython_where.model import About

from .distributions import Distributions
from .provided_modules import paths_of

_HOME = ("homepage", "home", "source", "sourcecode", "repository", "github", "documentation", "docs")
"""Labels of `Project-URL`, normalized as in PEP 753, the best first; most projects have no `Home-page` any more."""

_LICENSE_LINE = 80
"""Characters: a longer `License` is the text of a license, not its name."""


def read_about(metadata: str, distributions: Distributions) -> About:
    """The headers of a distribution, and the number and size of the files that it lists and has."""
    from packaging.metadata import parse_email

    said, _ = parse_email(distributions.headers(metadata) or b"")
    listed = distributions.files(metadata)
    sizes = None if listed is None else tuple(_sizes(paths_of(listed), os.path.dirname(metadata)))
    return About(
        summary=_line(said.get("summary")),
        home_page=_line(said.get("home_page")) or _home_page(said.get("project_urls") or {}),
        license=_license(said),
        files=None if sizes is None else len(sizes),
        size=None if sizes is None else sum(sizes),
    )


def _line(text: object) -> str | None:
    """A header as one line; None if it is missing, empty or the `UNKNOWN` that old versions of setuptools wrote."""
    line = " ".join(text.split()) if isinstance(text, str) else ""
    return line if line not in ("", "UNKNOWN") else None


def _home_page(urls: Mapping[str, str]) -> str | None:
    by_label = {re.sub(r"[\W_]", "", label).lower(): url for label, url in urls.items()}
    return next((_line(by_label[label]) for label in _HOME if label in by_label), None)


def _license(said: Mapping[str, object]) -> str | None:
    """The SPDX expression (PEP 639), the `License` if it is a name, or the classifiers."""
    expression, name, classifiers = said.get("license_expression"), said.get("license"), said.get("classifiers")
    if line := _line(expression):
        return line
    line = _line(name)
    if line and len(line) <= _LICENSE_LINE and "\n" not in str(name).strip():
        return line
    found = classifiers if isinstance(classifiers, list) else []
    kinds = (each.rpartition(" :: ")[2] for each in found if each.startswith("License ::"))
    return ", ".join(kind for kind in kinds if kind != "OSI Approved") or None


def _sizes(paths: Iterable[str], location: str) -> Iterator[int]:
    """The size of each of these files that exists."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            yield os.lstat(os.path.join(location, path)).st_size
