"""The questions that workers are asked: one expression for their own `eval`, whose answer is one text.

It holds source text of ours: the probe that the kernel describes itself with, and `worker_probe`, which needs its names. The text
is compressed, and a worker keeps what it compiled, in a module that is called by the text's digest. Who has that understands the
brief form of a question, without the text: most of what a question costs there would be to receive it and to parse it.

Tested in `tests/workers/test_asking.py`.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ipython_where import probe

from . import worker_probe

Name = tuple[str | None, str | None]
"""A module and a project, of which one may be unknown: `("sklearn", "scikit-learn")`."""

_KEPT = "_ipython_where_worker"

_EXPRESSION = (
    "(lambda s, k: (s.modules.get(k) or s.modules.setdefault(k, (lambda m, text: (exec(text({probe!r}), m.__dict__"
    ".setdefault('probe', {{'__name__': 'probe'}})), exec(text({worker!r}), m.__dict__), m)[2])(type(s)(k), lambda packed:"
    " __import__('zlib').decompress(__import__('binascii').a2b_base64(packed))))))(__import__('sys'), {kept!r})"
)


def module_question(names: Sequence[Name]) -> str:
    """The expression that answers where some modules come from."""
    return _asking("modules", names)


def environment_question() -> str:
    """The expression that answers with a digest of the whole environment."""
    return _asking("environment")


def listing_question() -> str:
    """The expression that answers with every project of the environment, and its version."""
    return _asking("listing")


def brief(question: str) -> str:
    """The same question for a worker that was asked before: one that was not answers with an empty text."""
    return question.replace(_module(), f"__import__('sys').modules.get({_kept()!r})")


def asked_here(question: str, names: Sequence[Name] = ()) -> str:
    """What this process answers: the same code, not the same text."""
    return str(worker_probe.tell(vars(probe), question, names))


def _asking(question: str, names: Sequence[Name] = ()) -> str:
    return f"(lambda m: m.tell(m.probe, {question!r}, {list(names)!a}) if m else '')({_module()})"


@cache
def _module() -> str:
    """The expression for the module that holds both sources, made where there is none."""
    probe_text, worker_text = _source(probe.__file__), _source(worker_probe.__file__)
    return _EXPRESSION.format(probe=_packed(probe_text), worker=_packed(worker_text), kept=_kept())


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


@cache
def _kept() -> str:
    text = _source(probe.__file__) + _source(worker_probe.__file__)
    return f"{_KEPT}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@cache
def _source(file: str | None) -> str:
    return Path(file or "").read_text(encoding="utf-8")
