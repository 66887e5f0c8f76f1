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
from ipython_where.change.installers.process import Meanwhile, nothing
from ipython_where.change.plan.choose import choose, reference
from ipython_where.change.plan.wheelhouse import sole_sources, with_hashes, with_own_hashes
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import hashes_of_files, plain_constraints
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import CommandError
from ipython_where.model import Evidence
from ipython_where.project_names import normalized
from ipython_where.redact import masked
from ipython_where.runner import Completed

from .builds import InstallError
from .unmanaged import unlike_for_uv

_NO_NETWORK = r"failed to fetch|error sending request|failed to download"


def refuse_where_impossible(target: TargetEnvironment) -> None:
    """Raise `InstallError` where nothing can be written."""
    root = target.root
    while not os.path.lexists(root):  # a user's base is born with the first install
        root = os.path.dirname(root)
    if not os.access(root, os.W_OK) or not (target.user or target.kernel.writable):
        raise InstallError(
            f"{target.owner} environment is not writable",
            evidence=(target.named, Evidence(label="prefix", value=target.root)),
            hint=target.way_out,
        )


def chosen(request: Request, target: TargetEnvironment) -> Chosen:
    """The installer of a request."""
    installer, reason = choose(
        request,
        target.settings,
        target.available,
        pip=target.pip_config.values,
        cwd=target.world.system.cwd,
        unlike=unlike_for_uv(target),
        constraints=plain_constraints(request, target.world.system.cwd, environ=target.world.environ),
        environ=target.world.environ,
    )
    return Chosen(installer=installer, reason=reason)


def pip_instead(attempt: Attempt, reason: str) -> Chosen | None:
    """pip, for a reason why another installer's answer would not be its; None where that one was asked for by name."""
    pip = reference(attempt.target.available)
    if pip is None or attempt.installer.is_reference or attempt.request.installer != "auto":
        return None
    return Chosen(installer=pip, reason=reason)


def resolve(
    attempt: Attempt,
    request: Request,
    *,
    judge: Callable[[tuple[Pin, ...]], object] = lambda pins: None,
    meanwhile: Meanwhile = nothing,
) -> tuple[Pin, ...] | Chosen:
    """The pins of a plan. ``judge`` may refuse them before their hashes and sizes are asked for, where they are; ``meanwhile`` is
    called while the installer makes the plan.
    """
    installer, site, target = attempt.installer, attempt.site, attempt.target
    command = installer.plan(request, site)
    checks = False

    def ahead() -> None:
        nonlocal checks
        meanwhile()
        checks = installer.checks_hashes(site)
        target.read_ahead(request.requirements)

    done = attempt.run(command, data=True, meanwhile=ahead)
    try:
        pins = installer.parse_plan(done, request, site)
    except CommandError as error:
        instead = None if is_unreachable(done) else pip_instead(attempt, f"{installer.name} could not resolve this")
        if instead is not None:
            return instead
        raise unresolved(error, done, request) from None
    demanded = hashes_of_files(request, target.world.system.cwd, environ=target.world.environ)
    if request.dry_run or target.shares_plan or demanded or not checks:
        pins = _with_details(pins, attempt, request, judge)
    return tuple(_with_hashes(pin, demanded.get(normalized(pin.name), ())) for pin in with_own_hashes(pins))


def _with_details(
    pins: tuple[Pin, ...], attempt: Attempt, request: Request, judge: Callable[[tuple[Pin, ...]], object]
) -> tuple[Pin, ...]:
    """The pins with the hashes and sizes that the installer leaves out of its plan.

    Only for a plan that is shown, to name the hashes that are not the demanded ones, or for an installer that checks none of
    its own accord: what is carried out is judged by what was staged, and a start of uv takes as long as staging.
    """
    installer, site, target = attempt.installer, attempt.site, attempt.target
    folders = sole_sources(request, target.settings, cwd=site.cwd)
    if folders:
        judge(pins)
        pins = with_hashes(pins, folders)
    missing = installer.detail(pins, request, site) if pins else None
    if missing is None:
        return pins
    known = attempt.run(missing, data=True, meanwhile=lambda: judge(pins))
    return installer.parse_detail(pins, known)


def is_unreachable(done: Completed) -> bool:
    """Whether a resolution failed for the network: who tries again would only take longer to say so."""
    return done.returncode != 0 and re.search(_NO_NETWORK, done.stderr, re.IGNORECASE) is not None


def unresolved(error: CommandError, done: Completed, request: Request) -> InstallError:
    evidence = all_lines(done.stderr) if request.verbose and done.returncode else error.evidence
    return InstallError(error.message, evidence=evidence, hint=to_see_more(request, done.stderr), unchanged=True)


def _with_hashes(pin: Pin, demanded: tuple[str, ...]) -> Pin:
    """A pin with the hashes that the user's files demand of it, to be checked once more when it is staged."""
    if not demanded or (pin.url is not None and not pin.hashes):
        return pin
    if pin.hashes and not set(pin.hashes) & set(demanded) and _kinds(pin.hashes) >= _kinds(demanded):
        raise InstallError(
            f"no file of `{pin.name}` {pin.version or ''} has a hash that the requirements file demands: "
            "it was rebuilt, or is not the intended one",
            evidence=(
                *(Evidence(label="demanded", value=each) for each in demanded[:4]),
                *(Evidence(label="found", value=each) for each in pin.hashes[:4]),
            ),
            unchanged=True,
        )
    return replace(pin, hashes=demanded)


def _kinds(hashes: Sequence[str]) -> set[str]:
    return {each.partition(":")[0] for each in hashes}


def all_lines(output: str) -> tuple[str, ...]:
    """The lines of an installer that say something, masked."""
    return tuple(masked(line) for line in output.splitlines() if line.strip())


def to_see_more(request: Request, output: str) -> str | None:
    """The hint of an installer's error: how to see all that it said, and what helps where memory ran out."""
    more = None if request.verbose else "`-v` shows its whole output"
    return "; ".join(filter(None, [more, memory_hint(output)])) or None
