"""What is wrong with the files that Python reads at its start: they lead to folders or modules that are gone.

Tested in `tests/answer/test_start_up.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .findings import count
from .records import Claim, claim_findings, comes_back


@dataclass(frozen=True, slots=True, kw_only=True)
class LostStart:
    """A start-up file and what it leads to that is gone: ``folders``, ``module``, or ``namespace``.

    ``lines`` are those that do. ``is_all``: nothing else is in it. ``claim`` is the distribution that lists it, None if none
    does. ``fails``: Python prints an error at each start.
    """

    file: str
    lines: tuple[str, ...]
    folders: tuple[str, ...] = ()
    module: str | None = None
    namespace: str | None = None
    is_all: bool = False
    fails: bool = False
    claim: Claim | None = None


def start_findings(lost: Sequence[LostStart]) -> Iterator[Finding]:
    """Every finding about start-up files: one for all that no distribution lists and that add folders."""
    told: set[str] = set()
    for each in lost:
        if not each.folders:
            yield _code(each)
        elif each.claim is not None and each.claim.name not in told:
            told.add(each.claim.name)
            yield from list(claim_findings(each.claim)) or [_folders([each], comes_back(each.claim))]
    nobodys = [each for each in lost if each.folders and each.claim is None]
    if nobodys:
        yield _folders(nobodys, f"`{_without(nobodys)}` removes {'them' if _number(nobodys) > 1 else 'it'}")


def _number(lost: Sequence[LostStart]) -> int:
    return sum(len(each.folders) for each in lost)


def _folders(lost: Sequence[LostStart], hint: str) -> Finding:
    number = len({folder for each in lost for folder in each.folders})
    one = f"`{os.path.basename(lost[0].file)}` leads" if len(lost) == 1 else f"{count(len(lost), 'file')} lead"
    what = "a folder that does not" if number == 1 else f"{number} folders that do not"
    return Finding(
        id="path-gone",
        severity="note",
        message=f"{one} this kernel's Python to {what} exist",
        evidence=tuple(
            evidence
            for each in lost
            for evidence in (
                Evidence(label="file", value=each.file),
                *(Evidence(label="gone", value=folder) for folder in each.folders),
            )
        ),
        hint=hint,
    )


def _without(lost: Sequence[LostStart]) -> str:
    """One line of Python that takes the lines out, and removes the files that have no others."""
    whole = [each.file for each in lost if each.is_all]
    parts = [f"[os.remove(each) for each in {whole!r}]"] if whole else []
    for each in (each for each in lost if not each.is_all):
        kept = f"each for each in p.read_text().splitlines(True) if each.rstrip() not in {[*each.lines]!r}"
        parts.append(f"p = pathlib.Path({each.file!r}); p.write_text(''.join({kept}))")
    return f"import os, pathlib; {'; '.join(parts)}"


def _code(lost: LostStart) -> Finding:
    name = os.path.basename(lost.file)
    if lost.module is not None:
        message = f"`{name}` imports `{lost.module}`, which is gone"
    else:
        message = f"`{name}` declares the namespace package `{lost.namespace}`, whose folder is gone"
    remove = f"`import os; os.remove({lost.file!r})`" if lost.is_all else f"`{_without([lost])}`"
    return Finding(
        id="start-up-fails" if lost.fails else "namespace-gone",
        severity="warning" if lost.fails else "note",
        message=message + (": Python prints an error whenever it starts" if lost.fails else ""),
        evidence=(Evidence(label="file", value=lost.file),),
        hint=f"{remove} removes it" if lost.claim is None else _mended(lost.claim),
    )


def _mended(claim: Claim) -> str:
    if not claim.has_folder:
        return f"`%safepip uninstall {claim.name}` removes it"
    return comes_back(claim)


def failed_custom(file: str) -> Finding:
    """A `sitecustomize` or `usercustomize` that raised an error, as a rule: a kernel prints it where its user doesn't see it."""
    name = os.path.splitext(os.path.basename(os.path.dirname(file) if "__init__" in file else file))[0]
    return Finding(
        id="start-up-fails",
        severity="warning",
        message=f"Python imports `{name}` when it starts, but it is not loaded: it raised an error, or removed itself",
        evidence=(Evidence(label="file", value=file),),
        hint="`!{sys.executable} -c pass` shows the error",
    )


def lost_site(link: str, target: str) -> Finding:
    """A site directory that is a link to a folder which is gone: nothing that was installed there is found."""
    return Finding(
        id="path-gone",
        severity="warning",
        message="a folder of this kernel's packages is a link to a folder that does not exist: nothing in it is found",
        evidence=(Evidence(label="link", value=link), Evidence(label="gone", value=target)),
        hint="bring that folder back, or mount its disk, then restart the kernel",
    )
