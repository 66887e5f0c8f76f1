"""Which installer carries out a request: the first in order of preference that is certain to give the answer that pip would give.

What each can do, it says itself (`Installer.serves`); nothing here knows any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ipython_where.change.installers.interface import Circumstances, Differs, Installer, Refusal
from ipython_where.change.request.request import Request
from ipython_where.errors import UsageError, WhereError
from ipython_where.model import Setting


def choose(
    request: Request,
    settings: Iterable[Setting],
    available: Sequence[Installer],
    *,
    pip: Mapping[str, str],
    cwd: str | None = None,
    unlike: str | None = None,
    constraints: tuple[str, ...] | None = (),
    environ: Mapping[str, str] | None = None,
) -> tuple[Installer, str]:
    """The installer and the reason in a few words. ``available`` is in order of preference among those of one name.

    ``pip`` are pip's settings in force, by key; ``unlike`` is a reason why what is installed is something else for any other
    installer; ``constraints``: see `Circumstances`. Raises `WhereError` when there is none, or not the one asked for.
    """
    circumstances = Circumstances(
        settings=tuple(settings),
        pip=pip,
        cwd=cwd or "/",
        unlike=unlike,
        constraints=constraints,
        environ=environ or {},
    )
    first = {each.name: each for each in reversed(available)}
    if request.installer != "auto":
        return _asked_for(request, first.get(request.installer), circumstances)
    ranked = sorted(first.values(), key=lambda each: -each.priority)
    return _preferred(ranked, [_ask(each, request, circumstances) for each in ranked], request)


def reference(available: Sequence[Installer]) -> Installer | None:
    """The installer whose answer is the one that every other is held to; None where it is not found."""
    return next((each for each in available if each.is_reference), None)


def _ask(installer: Installer, request: Request, circumstances: Circumstances) -> Differs | Refusal | None:
    try:
        return installer.serves(request, circumstances)
    except (Exception, SystemExit) as error:  # it may be anybody's, and the others can go on
        return Refusal(reason=f"{installer.name} failed: {type(error).__name__}: {error}")


def _preferred(
    ranked: Sequence[Installer], reservations: Sequence[Differs | Refusal | None], request: Request
) -> tuple[Installer, str]:
    """The first without a reservation; where there is no pip that could answer otherwise, the first that can do it at all."""
    has_reference = reference(ranked) is not None
    at = next((at for at, each in enumerate(reservations) if each is None), None)
    if at is None and not has_reference:
        at = next((at for at, each in enumerate(reservations) if isinstance(each, Differs)), None)
    if at is not None:
        return ranked[at], _reason(ranked[at], reservations[:at], has_reference)
    told = [(each.name, why) for each, why in zip(ranked, reservations, strict=True) if why]
    if not told:
        raise WhereError("neither pip nor uv was found", hint="`python -m ensurepip` installs pip")
    name, why = told[-1]
    hint = (why.hint if isinstance(why, Refusal) else None) or f"`%safepip {request.command} --with {name} …`"
    raise WhereError("pip is needed, but was not found", evidence=(why.reason,), hint=hint)


def _reason(installer: Installer, before: Sequence[Differs | Refusal | None], has_reference: bool) -> str:
    if installer.is_reference:
        against = [each.reason for each in before if each is not None]
        return against[-1] if against else installer.because
    return "there is no pip" if installer.needs_recheck and not has_reference else installer.because


def _asked_for(request: Request, found: Installer | None, circumstances: Circumstances) -> tuple[Installer, str]:
    """The one that the line names. Only what it cannot do at all counts then."""
    name = request.installer
    if found is None:
        raise WhereError(f"`--with {name}` was given, but no {name} was found")
    reservation = _ask(found, request, circumstances)
    if not isinstance(reservation, Refusal):
        return found, "asked for"
    hint = "; ".join(filter(None, (f"leave out `--with {name}`", reservation.hint)))
    if reservation.by_line:
        raise UsageError(reservation.reason, hint=hint)
    raise WhereError(f"{reservation.reason}, so it cannot be used here", hint=hint)
