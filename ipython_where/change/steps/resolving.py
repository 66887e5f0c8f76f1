"""Which distributions a request comes to: the installer is asked, and what it says is completed with the hashes that count.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ipython_where.change.attempt import Attempt, Chosen
from ipython_where.change.installers.interface import Pin
from ipython_where.change.installers.killed import memory_hint
from ipython_where.change.plan.choose import choose, reference
from ipython_where.change.plan.wheelhouse import sole_sources, with_hashes, with_own_hashes
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import hashes_of_files
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import CommandError
from ipython_where.project_names import normalized
from ipython_where.redact import masked
from ipython_where.runner import Completed

from .builds import InstallError
from .unmanaged import unlike_for_uv

_NO_NETWORK = re.compile(r"failed to fetch|error sending request|failed to download", re.IGNORECASE)
"""What pip, which tries more often, would only take longer to say."""


def refuse_where_impossible(place: TargetEnvironment) -> None:
    """Raise `InstallError` where nothing can be written."""
    root = place.root
    while not os.path.lexists(root):  # a user's base is born with the first install
        root = os.path.dirname(root)
    if not os.access(root, os.W_OK) or not (place.user or place.kernel.writable):
        raise InstallError(
            f"{place.owner} environment is not writable",
            evidence=(f"{place.runs.value}  {place.executable}  ({place.kernel.version})", f"prefix  {place.root}"),
            hint=place.way_out,
        )


def chosen(request: Request, place: TargetEnvironment) -> Chosen:
    """The installer of a request."""
    installer, reason = choose(
        request,
        place.settings,
        place.available,
        pip=place.pip_config.values,
        cwd=place.world.system.cwd,
        unlike=unlike_for_uv(place),
    )
    return Chosen(installer=installer, reason=reason)


def pip_instead(attempt: Attempt, reason: str) -> Chosen | None:
    """pip, for a reason why another installer's answer would not be its; None where that one was asked for by name."""
    pip = reference(attempt.place.available)
    if pip is None or attempt.installer.is_reference or attempt.request.installer != "auto":
        return None
    return Chosen(installer=pip, reason=reason)


def resolve(
    attempt: Attempt, request: Request, *, judge: Callable[[tuple[Pin, ...]], object] = lambda pins: None
) -> tuple[Pin, ...] | Chosen:
    """The pins of a plan. ``judge`` may refuse them before their hashes and sizes are known."""
    installer, site, place = attempt.installer, attempt.site, attempt.place
    command = installer.plan(request, site)
    done = attempt.run(command, data=True, meanwhile=lambda: place.read_ahead(request.requirements))
    try:
        pins = installer.parse_plan(done, request, site)
    except CommandError as error:
        instead = (
            None
            if _NO_NETWORK.search(done.stderr)
            else pip_instead(attempt, f"{installer.name} could not resolve this")
        )
        if instead is not None:
            return instead
        raise _unresolved(error, done, request) from None
    folders = sole_sources(request, place.settings, cwd=site.cwd)
    if folders:
        judge(pins)
        pins = with_hashes(pins, folders)
    missing = installer.detail(pins, request, site) if pins else None
    if missing is not None:
        known = attempt.run(missing, data=True, meanwhile=lambda: judge(pins))
        pins = installer.parse_detail(pins, known)
    return _with_demanded_hashes(with_own_hashes(pins), request, place)


def _unresolved(error: CommandError, done: Completed, request: Request) -> InstallError:
    evidence = all_lines(done.stderr) if request.verbose and done.returncode else error.evidence
    return InstallError(error.message, evidence=evidence, hint=nothing_changed(request, done.stderr))


def _with_demanded_hashes(pins: tuple[Pin, ...], request: Request, place: TargetEnvironment) -> tuple[Pin, ...]:
    demanded = hashes_of_files(request, place.world.system.cwd, environ=place.world.environ)
    return tuple(_with_hashes(pin, demanded.get(normalized(pin.name), ())) for pin in pins)


def _with_hashes(pin: Pin, demanded: tuple[str, ...]) -> Pin:
    """A pin with the hashes that the user's files demand of it, to be checked once more when it is staged."""
    if not demanded or (pin.url is not None and not pin.hashes):
        return pin
    if pin.hashes and not set(pin.hashes) & set(demanded) and _kinds(pin.hashes) >= _kinds(demanded):
        raise InstallError(
            f"no file of `{pin.name}` {pin.version or ''} has a hash that the requirements file demands",
            evidence=(
                *(f"demanded  {each}" for each in demanded[:4]),
                *(f"found     {each}" for each in pin.hashes[:4]),
            ),
            hint="nothing was changed; the file was rebuilt, or is not the intended one",
        )
    return replace(pin, hashes=demanded)


def _kinds(hashes: Sequence[str]) -> set[str]:
    return {each.partition(":")[0] for each in hashes}


def all_lines(output: str) -> tuple[str, ...]:
    """The lines of an installer that say something, masked."""
    return tuple(masked(line) for line in output.splitlines() if line.strip())


def nothing_changed(request: Request, output: str) -> str:
    """The hint of an installer's error: how to see all that it said, and what helps where memory ran out."""
    more = "" if request.verbose else "; `-v` shows its whole output"
    return "; ".join(filter(None, [f"nothing was changed{more}", memory_hint(output)]))
