"""What a page told a kernel, read with nothing in it believed blindly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.facts.jupyter.pages import Page, behind, parse_page
from ipython_where.model import Server
from tests.page.test_offered import JSON

TOLD = {"host": "lab.example", "prefix": "/opt/lab", "executable": "/opt/lab/bin/python", "python": "3.13.0"}
FOUND = Server(
    verdict="unknown",
    url=None,
    pid=None,
    version=None,
    interpreter=None,
    interpreter_version=None,
    prefix=None,
    same_environment=None,
    evidence=("a gateway started this kernel",),
)


def page(**said: Any) -> Page:
    return parse_page({"client": "one", "application": "JupyterLab", "version": "4.6.6"} | said)


def test_a_page_is_read_as_it_describes_itself() -> None:
    read = page(
        server=TOLD,
        extensions=[{"name": "a", "version": "1", "from": "kernel", "loaded": True}, {"version": "2"}, "b"],
        verdicts=[{"name": "c", "version": "1", "verdict": "offer"}, {"name": "d", "verdict": "perhaps"}],
    )
    assert read.server is not None
    assert (read.server.host, read.server.interpreter_version) == ("lab.example", "3.13.0")
    assert [tuple(each) for each in read.extensions] == [("a", "1", "kernel", True)]
    assert [each.verdict for each in read.verdicts] == ["offer", "unknown"]


@given(st.dictionaries(st.sampled_from(("client", "application", "server", "extensions", "verdicts")), JSON))
def test_whatever_is_said_is_a_page(said: dict[str, Any]) -> None:
    parse_page(said)


@pytest.mark.parametrize(
    ("host", "environ", "verdict"),
    [("here", {}, "remote"), ("lab.example", {}, "unknown"), ("lab.example", {"KERNEL_GATEWAY": "1"}, "remote")],
)
def test_a_server_is_remote_if_it_must_be(host: str, environ: dict[str, str], verdict: str) -> None:
    found = behind(page(server=TOLD), FOUND, host=host, environ=environ)
    assert found.verdict == verdict
    assert any("lab.example, in /opt/lab" in each for each in found.evidence)


def test_what_is_proven_is_not_overruled() -> None:
    for verdict in ("local", "none"):
        proven = Server(**{**FOUND.to_dict(), "verdict": verdict, "evidence": ()})
        assert behind(page(server=TOLD), proven, host="here", environ={}) is proven
