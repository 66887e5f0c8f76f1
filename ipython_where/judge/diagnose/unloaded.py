"""A compiled file that the system's loader refused: a library is not found, or is too old for it.

Which system package brings a library is not known here, so none is named. Tested in `tests/answer/test_unloaded.py`.
"""

from __future__ import annotations

import os

from ipython_where.judge.conda_spec import relinked
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .records import Claim, again, claim_findings
from .shadowing import spaced


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLibrary:
    """A library in the environment, of the name that is needed or of another version, and who brings it."""

    file: str
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloaded:
    """The compiled ``file`` that was imported, and the ``library`` that it, or ``needed_by``, needs.

    ``version`` is what the library lacks; then ``system`` says which C library this system has. ``claim`` is the distribution
    that has the file, and ``brings_it``: it lists the library. ``missing`` are requirements of it that are not installed,
    ``conda`` the package that conda's record says has the library.
    """

    file: str
    library: str
    needed_by: str | None = None
    version: str | None = None
    system: str | None = None
    claim: Claim | None = None
    brings_it: bool = False
    missing: tuple[str, ...] = ()
    found: tuple[FoundLibrary, ...] = ()
    conda: str | None = None


def unloaded_finding(facts: Unloaded) -> Finding:
    """One finding about the library; if its own distribution lost it, that."""
    if facts.brings_it and facts.claim is not None:
        lost = next((each for each in claim_findings(facts.claim) if each.id == "files-gone"), None)
        if lost is not None:
            return lost
    who = f"`{os.path.basename(facts.needed_by or facts.file)}`"
    if facts.claim is not None:
        who += f" of `{facts.claim.name}`{spaced(facts.claim.record.version)}"
    needs = "needs" if facts.needed_by else "loads something that needs"
    if facts.version is not None:
        message = f"{who} {needs} `{facts.version}`, which `{facts.library}` does not have"
    else:
        message = f"{who} {needs} the library `{facts.library}`, and this system does not find it"
    return Finding(
        id="library-too-old" if facts.version else "library-not-found",
        severity="warning",
        message=message,
        evidence=(
            Evidence(label="file", value=facts.needed_by or facts.file),
            *([Evidence(label="system", value=facts.system)] if facts.system else []),
            *(Evidence(label="requires", value=each, note="not installed") for each in facts.missing),
            *(
                Evidence(label="there is", value=each.file, note=f"of `{each.owner}`" if each.owner else None)
                for each in facts.found
            ),
        ),
        hint=_hint(facts),
    )


def _hint(facts: Unloaded) -> str | None:
    if facts.claim is None:
        return None
    name = facts.claim.name
    if facts.version is not None:
        line = again(facts.claim) or ""
        if not line.startswith("%safepip "):
            return None
        # a wheel that was built on another machine may be in pip's cache
        return f"`{line.replace('--no-deps ', '--no-deps --no-cache-dir ', 1)}` installs a build for this system, if there is one"
    if facts.conda is not None:
        return f"`{relinked([facts.conda])}` restores it"
    if facts.missing:
        return f"`%safepip install {name}` installs what it requires"
    if facts.found:
        return None
    return f"install what brings `{facts.library}`; `{name}` does not, and nothing else in this environment does"
