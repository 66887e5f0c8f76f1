"""Why an entry stands on the path, against what real interpreters put there."""

from __future__ import annotations

import json
from pathlib import Path

from ipython_where.model import PathEntry
from ipython_where.modules.distributions import Distributions
from ipython_where.modules.path_entries import PathRules, explain, parse_pth, read_pth_lines, read_rules
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
