"""What to install beside a request that would break something else: found by a second plan, never carried out.

Tested in `tests/change/steps/test_companions.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ipython_where.change.attempt import Attempt, Chosen
from ipython_where.change.request.request import Request
from ipython_where.change.values import Change, Plan
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.requirement import accepts
from ipython_where.model import Evidence
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

from .builds import InstallError
from .judging import judged, plan_of
from .resolving import resolve

_ROUNDS = 4
"""What changes beside a request may break something in its turn; further than this, nobody would follow the answer."""

_SHOWN = 6
_IMPOSSIBLE = re.compile(r"No solution found|ResolutionImpossible|conflicting dependencies")
_UNSEEN = re.compile(r"was not found in the|network was disabled")
"""What uv and pip say where they tried all versions, and where they saw none: an index without the project proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Companions:
    """The projects that were named beside a request, and the plan that nothing forbids then."""

    names: tuple[str, ...]
    plan: Plan
    choice: Chosen


def with_companions(error: InstallError, attempt: Attempt) -> InstallError:
    """The error of a refused install, with the line that would keep everything working, or with why there is none.

    The installer is asked for a plan once more, with what would break named beside the request. It is the same error where
    that is not the question, or where nothing can be said.
    """
    names = _broken(error, attempt)
    if not names:
        return error
    attempt.step(f"looking for versions of {', '.join(names)} that fit")
    # an index that is down is asked once: the refusal must not wait for what nobody asked for
    request = replace(attempt.request, dry_run=False, passed=(*attempt.request.passed, "--retries=0"))
    if not request.no_binary:  # nobody asked for this search: it must not build every old version that has no wheel
        request = replace(request, only_binary=(":all:",))
    try:
        found = _found(names, replace(attempt, request=request))
        if found is None:
            return error
        offer, changes = _proven(found, replace(attempt, request=request))
        if not changes:  # it fits as it is, and nothing newer does
            return error
    except WhereError as failed:
        return _none(error, names, failed, is_searched_in_wheels=":all:" in request.only_binary)
    changing = "would change" if attempt.request.dry_run else "changes"
    return InstallError(
        error.message,
        evidence=(*error.evidence, Evidence(label="instead", value=_listed(changes))),
        hint=f"{offer} {changing} these together; {error.hint}",
    )


def _broken(error: InstallError, attempt: Attempt) -> tuple[str, ...]:
    """What would lose what it needs, if nothing else forbids the plan, and if an index can have other versions of it."""
    request = attempt.request
    if request.command != "install" or request.no_deps or any(each.id != "conflict" for each in error.reasons):
        return ()
    names = tuple(dict.fromkeys(e.label.rpartition(" ")[0] for each in error.reasons for e in each.evidence))
    return names if all(_is_from_index(name, attempt) for name in names) else ()


def _is_from_index(name: str, attempt: Attempt) -> bool:
    """Whether a project of this name in the index is the installed one: a folder's or a URL's may be a stranger's there."""
    installed = attempt.target.installed.get(name)
    return installed is not None and attempt.target.installed.provenance(installed).direct_url is None


def _found(names: tuple[str, ...], attempt: Attempt) -> _Companions | None:
    """Name what would break, as often as something else would. None where that leads nowhere."""
    for _ in range(_ROUNDS):
        try:
            plan, choice = _planned(names, attempt)
        except InstallError as refused:
            if not refused.reasons:
                raise
            more = [each for each in _broken(refused, attempt) if each not in names]
            if not more:
                return None
            names = (*names, *more)
            continue
        return _Companions(names=names, plan=plan, choice=choice)
    return None


def _planned(beside: Sequence[str], attempt: Attempt) -> tuple[Plan, Chosen]:
    """The plan of a request with ``beside``. Raises `InstallError` if something forbids it."""
    request = replace(attempt.request, requirements=(*attempt.request.requirements, *beside))
    pins = resolve(replace(attempt, request=request), request)
    choice = attempt.choice
    if isinstance(pins, Chosen):
        choice = pins
        pins = resolve(replace(attempt, request=request, choice=choice), request)
    if isinstance(pins, Chosen):
        raise InstallError("no installer could resolve this")
    return judged(plan_of(request, attempt.target, pins, choice), attempt.target), choice


def _proven(found: _Companions, attempt: Attempt) -> tuple[str, tuple[Change, ...]]:
    """What to type, and what it was found to change: with bounds if they lead to a plan too, else with the versions.

    What stays as it is, because something else gives way to it, is named alone.
    """
    changed = {normalized(each.name): each for each in found.plan.changes if each.new and each.old}
    beside = [(name, changed.get(normalized(name))) for name in found.names]
    attempt = replace(attempt, choice=found.choice)
    bounds = [f"{each.name}{_bound(str(each.old), str(each.new))}" if each else name for name, each in beside]
    try:
        plan, _ = _planned(bounds, attempt)
    except WhereError:
        bounds, plan = [f"{each.name}=={each.new}" if each else name for name, each in beside], found.plan
    return _offer(attempt.request, bounds), plan.changes


def _bound(old: str, new: str) -> str:
    """What excludes the installed version, in as few digits as a person would type: `<3` for 2.3.3 instead of 3.0.1."""
    first = re.match(r"\d+", old if accepts(f"<{old}", new) else new)
    if accepts(f"<{old}", new):
        return f"<{first[0]}" if first and accepts(f"<{first[0]}", new) else f"<{old}"
    return f">={first[0]}" if first and not accepts(f">={first[0]}", old) else f">={new}"


def _offer(request: Request, beside: Sequence[str]) -> str:
    """The line as it was typed, and what is named beside it; quoted, so that it works behind `%pip` too."""
    if ":cell:" in request.words:
        return f"adding {' and '.join(f'`{each}`' for each in beside)} to the cell"
    words = (_quoted(each, r"[<>;&|]") for each in request.shown_words())
    return f"`{' '.join((request.magic, *words, *(_quoted(each, r'[<>=]') for each in beside)))}`"


def _quoted(word: str, special: str) -> str:
    """A word with the quotes that a shell needs for what is ``special`` in it, around those of a marker.

    One with both kinds of quotes inside stays bare: `%safepip` ends a marker by its grammar.
    """
    if word[:1] == '"' or not re.search(special, word):
        return word
    quote = next((each for each in "\"'" if each not in word), "")
    return f"{quote}{word}{quote}"


def _listed(changes: Sequence[Change]) -> str:
    more = f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    return ", ".join(map(_told, changes[:_SHOWN])) + more


def _told(change: Change) -> str:
    if change.kind == "removed" or change.old is None:
        return f"{change.name} {change.new or change.old} {change.kind}"
    return f"{change.name} {change.old} → {change.new}"


def _none(
    error: InstallError, names: Sequence[str], failed: WhereError, *, is_searched_in_wheels: bool
) -> InstallError:
    """The error with the installer's own words, where it tried every version; else as it was."""
    said = [str(each.value) for each in failed.evidence]
    if not any(map(_IMPOSSIBLE.search, said)) or any(map(_UNSEEN.search, said)):
        return error
    named = ", ".join(f"`{name}`" for name in names)
    among = "with wheels alone, " if is_searched_in_wheels else ""
    return InstallError(
        error.message,
        evidence=(
            *error.evidence,
            f"{among}the installer found no version of {named} that goes with it; it says:",
            *_indented(said),
        ),
        hint=error.hint,
    )


def _indented(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line.strip()}" for line in lines)
