"""A kernel is asked whatever it is doing, and what it answers is read or refused."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_where.page.kernel_source import KernelFailed, parse_reply, request
from ipython_where.page.kernels import Connection

PYTHON = {"language_info": {"name": "python"}}
MEET = {"do": "meet", "page": {"client": "a page"}}


def evaluated(content: dict[str, Any]) -> dict[str, Any]:
    """What a kernel of Python replies to a request."""
    names: dict[str, Any] = {}
    exec(content["code"], names)
    value = eval(content["user_expressions"]["where"], names)
    assert set(names) == {"__builtins__"}
    return {"status": "ok", "user_expressions": {"where": {"status": "ok", "data": {"text/plain": repr(value)}}}}


def said(line: bytes, rest: bytes = b"") -> dict[str, Any]:
    """The reply with these bytes as its answer."""
    text = repr(base64.b64encode(line + b"\n" + rest).decode())
    return {"status": "ok", "user_expressions": {"where": {"status": "ok", "data": {"text/plain": text}}}}


@dataclass
class FakeKernel:
    """A kernel that answers only on some of its channels, and what it was asked: channel and kind.

    The channel that it begins to be busy on after ``until_busy`` messages is the shell; so many requests it aborts.
    """

    channels: str = "shell control"
    info: dict[str, Any] = field(default_factory=lambda: PYTHON)
    until_busy: int = 1_000
    aborts: int = 0
    heard: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, channel: str, kind: str, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.heard.append((channel, kind.removesuffix("_request")))
        if channel not in self.channels or (channel == "shell" and len(self.heard) > self.until_busy):
            raise TimeoutError
        if kind == "kernel_info_request":
            return self.info
        if self.aborts > 0:
            self.aborts -= 1
            return {"status": "aborted"}
        return evaluated(content)

    async def tell(self, channel: str, kind: str, content: dict[str, Any]) -> None:
        self.heard.append((channel, "told"))


def ask(kernel: FakeKernel, times: int = 1) -> list[Any]:
    """Its answers to so many calls over one connection."""

    async def run() -> list[Any]:
        connection = Connection(kernel)
        await connection.meet()
        answers = [(await connection.ask(MEET))[0] for _ in range(times)]
        await connection.tell(MEET)
        return answers

    return asyncio.run(run())


def test_an_idle_kernel_answers_on_its_shell() -> None:
    kernel = FakeKernel()
    (answer,) = ask(kernel)
    assert {"host", "prefix", "extensions"} <= set(answer)
    assert kernel.heard == [("shell", "kernel_info"), ("shell", "execute"), ("shell", "told")]


def test_a_busy_kernel_answers_on_its_control_channel() -> None:
    kernel = FakeKernel(channels="control")
    ask(kernel, times=2)
    asked = [("control", "execute"), ("control", "execute"), ("control", "told")]
    assert kernel.heard == [("shell", "kernel_info"), ("control", "kernel_info"), *asked]


def test_a_kernel_that_gets_busy_is_asked_again() -> None:
    """What it is told, it hears after all that it was asked: the request on its shell still waits there."""
    kernel = FakeKernel(until_busy=2)
    assert len(ask(kernel, times=3)) == 3
    asked = [("shell", "execute"), ("shell", "execute"), ("control", "execute"), ("control", "execute")]
    assert kernel.heard[1:] == [*asked, ("shell", "told"), ("control", "told")]


def test_a_request_that_a_failing_cell_aborts_is_made_again() -> None:
    kernel = FakeKernel(aborts=3)
    assert len(ask(kernel)) == 1
    with pytest.raises(KernelFailed, match="aborted"):
        ask(FakeKernel(aborts=1_000))


def test_a_kernel_that_answers_nowhere_is_said_not_to_answer() -> None:
    with pytest.raises(KernelFailed, match="does not answer"):
        ask(FakeKernel(channels=""))


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"language_info": {"name": "R"}}, "the kernel's language is R: only Python's can be asked"),
        ({"language_info": {"name": "x\x1b[2J" * 50}}, f"the kernel's language is {('x[2J' * 50)[:40]}"),
        ({"language_info": []}, "the kernel's language is unknown: only Python's can be asked"),
        ({}, "the kernel's language is unknown: only Python's can be asked"),
    ],
)
def test_another_language_is_refused(info: dict[str, Any], expected: str) -> None:
    with pytest.raises(KernelFailed) as caught:
        ask(FakeKernel(info=info))
    assert str(caught.value).startswith(expected)


# -- answers -----------------------------------------------------------------------------------------------------------


def test_a_request_leaves_no_trace() -> None:
    content = request(MEET)
    assert (content["code"], content["silent"], content["store_history"]) == ("", True, False)


def test_an_answer_is_a_value_and_bytes() -> None:
    assert parse_reply(said(b'{"ok": {"total": 3}}', b"\n\x00\xff")) == ({"total": 3}, b"\n\x00\xff")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, "the kernel could not answer: None"),
        ({"status": "aborted"}, "the kernel could not answer: aborted"),
        (
            {"user_expressions": {"where": {"status": "error", "evalue": "no"}}},
            "the kernel could not answer: no",
        ),
        (said(b'{"error": "it has changed"}'), "the kernel says: it has changed"),
        (said(b"[1]"), "the kernel's answer can't be read"),
        (said(b"[" * 100_000), "the kernel's answer can't be read"),
        (said(b"\xff"), "the kernel's answer can't be read"),
        ({"user_expressions": {"where": {"status": "ok", "data": []}}}, "the kernel's answer can't be read"),
    ],
)
def test_what_is_no_answer_is_a_sentence(content: dict[str, Any], expected: str) -> None:
    with pytest.raises(KernelFailed) as caught:
        parse_reply(content)
    assert str(caught.value) == expected


TEXTS = st.text(max_size=50) | st.binary(max_size=50).map(lambda each: repr(base64.b64encode(each).decode()))
LINES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["ok", "error", "x"]), each, max_size=3),
)


@settings(deadline=None)
@given(TEXTS | LINES.map(lambda each: repr(base64.b64encode(json.dumps(each).encode()).decode())))
def test_no_answer_is_a_traceback(text: str) -> None:
    content = {"user_expressions": {"where": {"status": "ok", "data": {"text/plain": text}}}}
    try:
        parse_reply(content)
    except KernelFailed as error:
        assert "\n" not in str(error)
