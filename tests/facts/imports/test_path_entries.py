"""Why an entry stands on the path, against what real interpreters put there."""

from __future__ import annotations

import json
from pathlib import Path

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.path_entries import (
    PathRules,
    explain,
    parse_pth,
    read_lasting,
    read_pth_lines,
    read_rules,
)
from ipython_where.model import PathEntry
from tests.environments import ROOT, call, make_in

RULES = PathRules(
    cwd="/work",
    pythonpath=("/extra", "/work/lib"),
    standard_library=("/usr/lib/python3.11", "/usr/lib/python311.zip"),
    site_directories=("/venv/lib/python3.11/site-packages", "/usr/lib/python3/dist-packages"),
    prefix="/venv",
    user_site="/home/me/.local/lib/python3.11/site-packages",
    pth_lines={"/src/project": "/venv/lib/python3.11/site-packages/project.pth"},
)


def test_each_rule_explains_its_entry() -> None:
    reasons = {
        entry: explain(entry, RULES).reason
        for entry in (
            "",
            "/extra",
            "lib",
            "/usr/lib/python311.zip",
            "/venv/lib/python3.11/site-packages",
            "/usr/lib/python3/dist-packages",
            "/home/me/.local/lib/python3.11/site-packages",
            "/somewhere",
        )
    }
    assert list(reasons.values()) == [
        "working directory",
        "PYTHONPATH",
        "PYTHONPATH",
        "standard library",
        "site-packages",
        "system site-packages",
        "user site",
        "code",
    ]


def test_an_entry_from_a_pth_file_names_the_file() -> None:
    source = "/venv/lib/python3.11/site-packages/project.pth"
    assert explain("/src/project", RULES) == PathEntry(path="/src/project", reason=".pth file", source=source)


def test_comments_and_code_in_a_pth_file_add_nothing() -> None:
    assert parse_pth("# no\nimport os\n\n  \nsub\n/abs\nimportant\n", "/site") == [
        "/site/sub",
        "/abs",
        "/site/important",
    ]


def test_a_pth_file_that_cannot_be_read_is_told_and_the_others_stand(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"\xff\xfe junk \xff")
    (tmp_path / "b.pth").write_text("/there\n")
    lines, broken = read_pth_lines([str(tmp_path), str(tmp_path / "missing")], Distributions())
    assert lines == {"/there": str(tmp_path / "b.pth")}
    assert [file for file, _ in broken] == [str(tmp_path / "a.pth")]


def test_every_entry_that_a_fresh_interpreter_has_is_explained(tmp_path: Path) -> None:
    """A real environment with PYTHONPATH and a .pth file: no entry is left to `code`."""
    prefix = make_in(tmp_path / "env")
    (target := tmp_path / "linked").mkdir()
    (site,) = prefix.glob("lib/python3*/site-packages")
    (site / "linked.pth").write_text(f"{target}\n")
    (extra := tmp_path / "extra").mkdir()
    output = tmp_path / "description.json"
    call(prefix / "bin/python", ROOT / "ipython_where/probe.py", output, cwd=tmp_path, PYTHONPATH=str(extra))
    description = json.loads(output.read_text())
    rules = read_rules(description, cwd=str(tmp_path), pythonpath=str(extra), distributions=Distributions())
    reasons = {explain(entry, rules).reason for entry in description["sys_path"]}
    assert reasons == {"PYTHONPATH", "standard library", "site-packages", ".pth file"}


NAMES = ("site", "here", "extra", "linked", "gone", "added", "user")


def metadata_in(folder: Path) -> None:
    (folder / "thing-1.0.dist-info").mkdir(parents=True)


def lasting(root: Path, described: dict[str, object], distributions: Distributions) -> list[str]:
    """Which of the folders named above would be on the path of the next start."""
    path = tuple(str(root / name) for name in NAMES)
    found = read_lasting(path, described, cwd=str(root), pythonpath=str(root / "extra"), distributions=distributions)
    return [Path(each).name for each in found]


def description_of(root: Path) -> dict[str, object]:
    return {
        "site_directories": [str(root / "site")],
        "user_site": str(root / "user"),
        "user_site_enabled": True,
        "library": "/usr/lib/python3.11",
        "version": "3.11.2",
        "base_prefix": "/usr",
    }


def test_what_lasts_is_what_a_rule_of_the_start_names(tmp_path: Path) -> None:
    """Site directories, PYTHONPATH and the lines of `.pth` files as they are now, though their directory looks the same."""
    for name in NAMES:
        metadata_in(tmp_path / name)
    pth = tmp_path / "site" / "easy-install.pth"
    pth.write_text(f"{tmp_path}/linked\n{tmp_path}/gone\n")
    later = Distributions(clock=lambda: 2**62)  # every listing is old enough to be kept
    described = description_of(tmp_path)
    assert lasting(tmp_path, described, later) == ["site", "extra", "linked", "gone", "user"]
    pth.write_text("../linked\n")
    assert lasting(tmp_path, described, later) == ["site", "extra", "linked", "user"]
    assert lasting(tmp_path, {**described, "user_site_enabled": False}, later) == ["site", "extra", "linked"]


def test_a_directory_by_another_name_lasts_too(tmp_path: Path) -> None:
    """A cell put the site directory on the path once more, by a link."""
    metadata_in(tmp_path / "site")
    (tmp_path / "added").symlink_to("site")
    assert lasting(tmp_path, description_of(tmp_path), Distributions()) == list(NAMES)


def test_where_nothing_else_holds_a_distribution_no_pth_file_is_read(tmp_path: Path) -> None:
    """The path itself comes back, whatever is on it."""
    metadata_in(tmp_path / "site")
    (tmp_path / "added").mkdir()
    (tmp_path / "site" / "a.pth").mkdir()
    assert lasting(tmp_path, description_of(tmp_path), Distributions()) == list(NAMES)


def test_what_lasts_is_the_path_of_a_real_start(tmp_path: Path) -> None:
    """All of it, but for the folder that it was started in."""
    prefix = make_in(tmp_path / "env")
    (site,) = prefix.glob("lib/python3*/site-packages")
    (site / "linked.pth").write_text(f"{tmp_path}/linked\n")
    for folder in (site, tmp_path / "linked", tmp_path / "extra", tmp_path / "here"):
        metadata_in(folder)
    output = tmp_path / "description.json"
    call(prefix / "bin/python", ROOT / "ipython_where/probe.py", output, cwd=tmp_path, PYTHONPATH=f"{tmp_path}/extra")
    description = json.loads(output.read_text())
    start = tuple(description["sys_path"])
    found = read_lasting(
        (f"{tmp_path}/here", *start),
        description,
        cwd="/",
        pythonpath=f"{tmp_path}/extra",
        distributions=Distributions(),
    )
    assert found == start
