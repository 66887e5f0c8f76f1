"""What the engines have in common: how a client is recognized, and the reasons for which there is no answer.

Tested in `tests/workers/test_dask.py`.
"""

from __future__ import annotations

from .engine import Answered, Reply, Unanswered

UNKNOWN = Unanswered(reason="the cluster has no worker of this name")
"""Who was to be asked is not there, or not any more."""


LOST = Unanswered(reason="it ended, or the connection to it broke, before it answered")
"""Who was asked is gone, as far as the engine can tell."""


def is_one_of(client: object, classes: frozenset[str]) -> bool:
    """Whether an object's class, or one that it derives from, has one of these names (`distributed.client.Client`).

    Nothing is imported: whoever has such an object has imported its module.
    """
    return any(f"{each.__module__}.{each.__qualname__}" in classes for each in type(client).__mro__)


def late(timeout: float) -> Unanswered:
    """There was no answer within as many seconds."""
    return Unanswered(reason=f"no answer in {timeout:g} s")


def failed(error: BaseException) -> Unanswered:
    """The worker, or the way to it, raised this: its type and the first line of its message."""
    lines = str(error).strip().splitlines()
    return Unanswered(reason=f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__)


def replied(result: object) -> Reply:
    """What a worker sent back, which may be what it raised."""
    if isinstance(result, str):
        return Answered(text=result)
    return failed(result) if isinstance(result, BaseException) else Unanswered(reason=f"sent a {type(result).__name__}")
