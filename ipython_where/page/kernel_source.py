"""What a kernel is asked, and its answer. Pure. Tested in `tests/page/test_kernels.py`."""

from __future__ import annotations

import base64
import binascii
import json
from functools import cache
from importlib.resources import files
from typing import Any

from ipython_where.redact import masked

_NAMES = '{"__name__": "ipython_where_kernel_extensions"}'
_LONGEST_ANSWER = 8 << 20
"""Characters: four times what is ever asked for."""

_BESIDE_A_CELL = """
try:
    from _thread import get_ident
    from IPython import get_ipython
    shell, me = get_ipython(), get_ident()
    events, kernel = shell.events, shell.kernel
    events.trigger = lambda *a, **k: None if get_ident() == me else type(events).trigger(events, *a, **k)
    if hasattr(kernel, "_new_threads_parent_header"):
        kernel._new_threads_parent_header = kernel.get_parent("shell")["header"]
except Exception:
    pass
"""
"""Keeps a request from what IPython does after each, where a cell runs meanwhile in another thread.

Matplotlib would show that cell's figures and close them (`post_execute`), and what threads print that it starts afterwards
would belong to the request (ipykernel before 7.1).
"""
_BESIDE_NO_MORE = """
try:
    from IPython import get_ipython
    get_ipython().events.__dict__.pop("trigger", None)
except Exception:
    pass
"""


class NoKernel(Exception):
    """The server has no such kernel."""


class KernelFailed(Exception):
    """A kernel can't be asked, or its answer can't be read; the message is a sentence for people."""


@cache
def source() -> str:
    """What runs in the kernel: one file of this package, which needs nothing there but Python 3.8."""
    return files("ipython_where").joinpath("lab_probe.py").read_text(encoding="utf-8")


def request(call: dict[str, Any], *, beside_a_cell: bool = False) -> dict[str, Any]:
    """The content of an `execute_request` that leaves no trace in the namespace, the history or the execution count.

    ``beside_a_cell``: another thread runs the user's code meanwhile, and that must not notice.
    """
    after = _BESIDE_NO_MORE if beside_a_cell else ""
    asked = (
        f'(lambda run, ns: (run({after!r}, {{}}), run({source()!r}, ns), ns["answer"]({json.dumps(call)!r}))[2])'
        f'(__import__("builtins").exec, {_NAMES})'
    )
    return {
        "code": f'__import__("builtins").exec({_BESIDE_A_CELL!r}, {{}})' if beside_a_cell else "",
        "silent": True,
        "store_history": False,
        "allow_stdin": True,  # or `input` of the cell that runs would fail: a kernel has one answer for all
        "stop_on_error": False,
        "user_expressions": {"where": asked},
    }


def shown(said: object, most: int = 300) -> str:
    """What a kernel said, as a line that can be shown and logged: without what moves a cursor, and without secrets."""
    return masked("".join(each for each in str(said)[:most] if each.isprintable()))


def parse_reply(content: dict[str, Any]) -> tuple[Any, bytes]:
    """The value and the bytes of an answer; `KernelFailed` if there is none."""
    expressions = content.get("user_expressions")
    said = expressions.get("where") if isinstance(expressions, dict) else None
    if not isinstance(said, dict) or said.get("status") != "ok":
        why = said.get("evalue") if isinstance(said, dict) else content.get("evalue") or content.get("status")
        raise KernelFailed(f"the kernel could not answer: {shown(why)}")
    try:
        text = said["data"]["text/plain"]
        if len(text) > _LONGEST_ANSWER:
            raise KernelFailed("the kernel's answer is too long to be read")
        if len(text) < 2 or not text[0] == text[-1] in "'\"":
            raise KernelFailed("the kernel's answer can't be read")
        line, _, rest = base64.b64decode(text[1:-1], validate=True).partition(b"\n")
        answer = json.loads(line)
    except (KeyError, TypeError, ValueError, RecursionError, MemoryError, binascii.Error) as error:
        raise KernelFailed("the kernel's answer can't be read") from error
    if not isinstance(answer, dict) or ("ok" not in answer and "error" not in answer):
        raise KernelFailed("the kernel's answer can't be read")
    if "error" in answer:
        raise KernelFailed(f"the kernel says: {shown(answer['error'])}")
    return answer["ok"], rest
