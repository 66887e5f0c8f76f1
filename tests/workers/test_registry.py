"""Which engine a client belongs to: ours and third parties', found through entry points, each imported when it is its turn."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.model import Finding
from ipython_where.workers.engine import GROUP, Engine
from ipython_where.workers.registry import OURS, Engines, read_engines
from tests import environments

ENGINE = """
class Pool:
    name = "pool"

    def matches(self, client):
        return client == "pool"

    def run_everywhere(self, client, expression, *, timeout, workers=None):
        return {}

    def remember(self, client, name, expression):
        return False
"""


def engines(site: Path, source: str, *lines: str) -> Engines:
    """The engines where a site has a module with such entry points."""
    info = site / "third_party-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third_party\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))
    (site / "third_party_engine.py").write_text(source)
    return read_engines(Distributions(), [str(site)])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site directory on this process's path."""
    monkeypatch.delitem(sys.modules, "third_party_engine", raising=False)
    folder = tmp_path / "site"
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_a_third_partys_engine_is_found(site: Path) -> None:
    """By its entry point, for its own clients alone."""
    found = engines(site, ENGINE, "pool = third_party_engine:Pool")
    assert found.names == (*OURS, "pool")
    engine, findings = found.of("pool")
    assert isinstance(engine, Engine) and engine.name == "pool" and findings == ()
    assert found.of("other") == (None, ())
    assert [(name, each.name) for name, each in found.having([("one", 1), ("two", "pool")])] == [("two", "pool")]


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("raise SystemExit(3)", "it = third_party_engine:Pool", "SystemExit: 3"),
        ("", "it = third_party_engine:Pool", "AttributeError: module 'third_party_engine' has no attribute 'Pool'"),
        ("Pool = 3", "it = third_party_engine:Pool", "`third_party_engine:Pool` cannot be called"),
        ("", "it = third_party_gone:Pool", "ModuleNotFoundError: No module named 'third_party_gone'"),
        ("Pool = dict", "it = third_party_engine:Pool", "`dict` is not an engine: it has no `matches`"),
        (ENGINE, "it = third_party_engine:Pool", "its engine calls itself `pool`"),
        (ENGINE, "pool = third_party_engine:Pool\npool = third_party_engine:x", "`pool` is taken by"),
    ],
)
def test_what_cannot_be_used_is_told(site: Path, source: str, line: str, reason: str) -> None:
    """Whatever it raises or is, the others are asked; it is said where no engine knows the client."""
    findings = engines(site, source, line).of("unknown")[1]
    assert [_reason(each).startswith(reason) for each in findings] == [True]
    assert findings[0].hint == "`%safepip uninstall third_party` removes what declares it"


def _reason(finding: Finding) -> str:
    return finding.evidence[-1].value


def test_an_engine_that_stumbles_knows_nothing(site: Path) -> None:
    """Whatever `matches` raises over somebody else's object."""
    found = engines(site, ENGINE.replace('client == "pool"', "client.nothing"), "pool = third_party_engine:Pool")
    assert found.of("pool") == (None, ())


def test_ours_are_entry_points_too() -> None:
    """What is declared is what is used where there is no metadata."""
    project = tomllib.loads((environments.ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"].get(GROUP, {}) == OURS
