"""A distribution that is installed for another Python or machine than the one that should import it.

Tested in `tests/answer/test_misfit.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .shadowing import RESTART


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableCode:
    """Source that Python can't parse: where, and what its own message says.

    ``is_whole``: the file has the size that was recorded at the install, so nobody changed it since.
    """

    file: str
    line: int | None
    reason: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A distribution and what doesn't fit this kernel's Python.

    ``requires_python`` is its own requirement, if that excludes it; ``built_for`` what its compiled ``file`` was built for, with
    the kernel's counterpart in ``ours``; ``tag`` is the one in its WHEEL. ``replaceable``: pip or uv installed it.
    ``pythonpath`` is the entry of PYTHONPATH that it lies in: whatever is installed, that copy comes first.
    """

    name: str
    version: str | None
    python: str
    requires_python: str | None = None
    file: str | None = None
    built_for: str | None = None
    ours: str | None = None
    tag: str | None = None
    replaceable: bool = True
    pythonpath: str | None = None
    code: UnreadableCode | None = None


def misfit_findings(misfit: Misfit, *, restart: bool = False) -> Iterator[Finding]:
    """What doesn't fit; the first one is why an import fails, if one does. ``restart``: an import failed already."""
    then = f", then {RESTART}" if restart else ""
    if misfit.code is not None:
        yield _unreadable(misfit, misfit.code, then)
    elif misfit.requires_python is not None:
        requires = f"requires Python {misfit.requires_python}, but this kernel runs {misfit.python}"
        hint = _another(misfit, then)
        yield Finding(id="python-unmet", severity="warning", message=f"{_named(misfit)} {requires}", hint=hint)
    if misfit.built_for is not None:
        yield Finding(
            id="built-for-another-python",
            severity="warning",
            message=f"{_named(misfit)} was built for {misfit.built_for}, but this kernel runs {misfit.ours or misfit.python}",
            evidence=(Evidence(label="file", value=misfit.file or ""),),
            hint=_again(misfit, then),
        )
    elif misfit.tag is not None:
        yield Finding(
            id="built-for-another-python",
            severity="note",
            message=f"{_named(misfit)} was installed from a wheel for `{misfit.tag}`, which is not this kernel's Python",
            hint=_again(misfit, then),
        )


def _unreadable(misfit: Misfit, code: UnreadableCode, then: str) -> Finding:
    where = f"{code.file}:{code.line}" if code.line else code.file
    requires = misfit.requires_python
    evidence = [Evidence(label="file", value=where, note=code.reason)]
    if requires is not None:
        evidence.append(Evidence(label="requires", value=f"Python {requires}"))
    if code.is_whole:
        old = re.match(r"Missing parentheses in call to '(print|exec)'", code.reason)
        kind = f"is written for Python 2: its code has a `{old[1]}` statement that" if old else "has code that"
        message = f"{_named(misfit)} {kind} Python {misfit.python} cannot read"
    else:
        message = f"a file of {_named(misfit)} was changed since its install, and Python {misfit.python} cannot read it"
    return Finding(
        id="unreadable-code",
        severity="warning",
        message=message,
        evidence=tuple(evidence),
        hint=_another(misfit, then) if code.is_whole else _again(misfit, then),
    )


def _another(misfit: Misfit, then: str) -> str | None:
    """The line that takes the newest version for this Python: one that is installed by force is not kept."""
    if misfit.pythonpath is not None or not misfit.replaceable:
        return _without(misfit)
    line = f"%safepip install --force-reinstall --no-deps {misfit.name}"
    return f"`{line}` installs the newest version for this Python, if there is one{then}"


def _without(misfit: Misfit) -> str | None:
    return f"start the kernel without `{misfit.pythonpath}` in `PYTHONPATH`" if misfit.pythonpath else None


def _again(misfit: Misfit, then: str) -> str | None:
    if misfit.pythonpath is not None or not misfit.replaceable:
        return _without(misfit)
    wanted = f"{misfit.name}=={misfit.version}" if misfit.version else misfit.name
    return f"`%safepip install --force-reinstall --no-deps {wanted}`{then}"


def _named(misfit: Misfit) -> str:
    return f"`{misfit.name}`" + (f" {misfit.version}" if misfit.version else "")
