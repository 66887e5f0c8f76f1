"""What a distribution says about itself, for every installed one by the standard library, and the odd spellings by hand."""

from __future__ import annotations

import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

from ipython_where.facts.distributions.about import read_about
from ipython_where.facts.distributions.distributions import Distributions


def test_every_installed_one_is_as_the_standard_library_reads_it() -> None:
    """Summary, and the number and size of the files, for each distribution that these tests run with."""
    site, checked = sysconfig.get_path("purelib"), 0
    for each in metadata.distributions(path=[site]):
        record = next(file for file in each.files or () if file.name == "RECORD")
        about = read_about(str(Path(site, record).parent), Distributions())
        there = [path for file in each.files or () if (path := Path(str(each.locate_file(file)))).exists()]
        assert about.summary == " ".join((each.metadata["Summary"] or "").split()) or None
        assert (about.files, about.size) == (len(there), sum(path.stat().st_size for path in there))
        checked += 1
    assert checked > 50


def write(site: Path, headers: str, record: str | None = None) -> str:
    """A metadata directory with these headers."""
    info = site / "x-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: x\nVersion: 1\n{headers}\nLicense: not a header\n")
    if record is not None:
        (info / "RECORD").write_text(record)
    return str(info)


@pytest.mark.parametrize(
    ("headers", "license"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: ignored\n", "MIT OR Apache-2.0"),
        ("License: BSD-3-Clause\n", "BSD-3-Clause"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n", "MIT License"),
        (
            f"License: {'Copyright, and so on. ' * 9}\nClassifier: License :: OSI Approved :: ISC License\n",
            "ISC License",
        ),
        ("License: Copyright\n        (c) somebody\n", None),
        ("Classifier: License :: OSI Approved\nClassifier: Topic :: License\n", None),
        ("", None),
    ],
)
def test_a_license_is_its_name_and_never_its_text(tmp_path: Path, headers: str, license: str | None) -> None:
    """PEP 639's expression first, then what projects wrote before there was one."""
    assert read_about(write(tmp_path, headers), Distributions()).license == license


@pytest.mark.parametrize(
    ("headers", "page"),
    [
        ("Home-page: https://a.example\nProject-URL: Homepage, https://b.example\n", "https://a.example"),
        ("Project-URL: Docs, https://d.example\nProject-URL: Source Code, https://s.example\n", "https://s.example"),
        ("Home-page: UNKNOWN\nProject-URL: Home Page, https://h.example\n", "https://h.example"),
        ("Project-URL: Funding, https://f.example\n", None),
        ("Home-page: https://me:S3cret-pass@a.example\n", "https://****@a.example"),
    ],
)
def test_a_home_page_is_the_best_of_the_urls(tmp_path: Path, headers: str, page: str | None) -> None:
    """By the labels of PEP 753, however they are spelled; credentials are masked like everywhere."""
    assert read_about(write(tmp_path, headers), Distributions()).home_page == page


def test_only_files_that_exist_count(tmp_path: Path) -> None:
    """A list is a claim; without one, the number is unknown."""
    (tmp_path / "x.py").write_text("1234")
    about = read_about(write(tmp_path, "", 'x.py,,4\ngone.py,,9\n"with, comma.py",,1\n'), Distributions())
    assert (about.files, about.size) == (1, 4)
    (tmp_path / "x-1.dist-info" / "RECORD").unlink()
    about = read_about(str(tmp_path / "x-1.dist-info"), Distributions())
    assert (about.files, about.size) == (None, None)


def test_broken_headers_are_unknown(tmp_path: Path) -> None:
    """No METADATA, bytes that are no text, and a header twice."""
    (tmp_path / "y-1.dist-info").mkdir()
    assert read_about(str(tmp_path / "y-1.dist-info"), Distributions()).summary is None
    info = Path(write(tmp_path, "Summary: one\nSummary: two\n"))
    assert read_about(str(info), Distributions()).summary is None
    (info / "METADATA").write_bytes(b"Name: x\nVersion: 1\nSummary: \xff\xfe\n\n")
    assert read_about(str(info), Distributions()).license is None
