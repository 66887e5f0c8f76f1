"""A question to workers as an engine takes it: one expression of text, and the JSON that comes back.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from . import launch
from .asking import Client
from .engine import Answered, Unanswered

Heard = dict[str, Mapping[str, Any] | Unanswered]
"""What a function of `launch` answered, by worker."""


def ask(
    client: Client, function: str, given: Mapping[str, Any], *, timeout: float, workers: Sequence[str] | None = None
) -> Heard:
    """What a function of `launch` answers on each worker, or on those of these names."""
    engine, text = client.engine, expression(function, given)
    replies = engine.run_everywhere(client.client, text, timeout=timeout, workers=workers)
    return {name: understood(reply) for name, reply in replies.items()}


def ask_again(
    client: Client, function: str, given: Mapping[str, Any], *, timeout: float, workers: Sequence[str]
) -> Heard:
    """The same, where a change is on its way: an engine that fails now may not fail the next time."""
    try:
        return ask(client, function, given, timeout=timeout, workers=workers)
    except Exception as error:
        return dict.fromkeys(workers, Unanswered(reason=f"{type(error).__name__}: {error}"))


def understood(reply: Answered | Unanswered) -> Mapping[str, Any] | Unanswered:
    """The answer in a reply; what failed inside of the worker counts as no answer."""
    if isinstance(reply, Unanswered):
        return reply
    try:
        found = json.loads(reply.text)
    except (ValueError, RecursionError):
        return Unanswered(reason="its answer is not JSON")
    if not isinstance(found, dict):
        return Unanswered(reason="its answer is not one of ours")
    return Unanswered(reason=str(found["failed"])) if "failed" in found else found


def expression(function: str, given: Mapping[str, Any]) -> str:
    """What a worker's own `eval` takes: the text of `launch`, and a call of one of its functions."""
    call = f"ns['answer']({function!r}, {json.dumps(given)!r})"
    return f"(lambda ns: (exec({_source()!r}, ns), {call})[1])({{'__name__': 'ipython_where_launch'}})"


@cache
def _source() -> str:
    with open(launch.__file__, encoding="utf-8") as file:
        return file.read()
