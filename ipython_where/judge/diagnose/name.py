"""What is wrong with a module or a distribution, judged from what was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ipython_where.model import Distribution, Evidence, Finding, FrontEnd, Loaded, Server
from ipython_where.value import dataclass

from .findings import in_order
from .records import Claim, claim_findings, set_aside

if TYPE_CHECKING:
    from .missing_module import Lacking
    from .without_module import WithoutModule

# What is said of a name that was not found is imported where it is said: most names are found.


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFacts:
    """All that is read for the findings of `%where NAME`.

    ``owners`` are the distributions that list the same file. ``hidden``: the distribution was asked for, but an import
    finds a different module. ``server`` is the Jupyter server, if the distribution has parts for one.
    ``missing_project`` is the project that provides a module that was not found, if that is certain and it is not
    installed, and ``install`` the lines that install it, or another that also provides it; ``lacking`` is an installed version
    of it without the module.
    ``halted`` is the module for which ``sys.modules`` has None.
    ``doubt``: why it is not proven what a variable, or its attribute, is.
    ``unsearched`` other environments were not searched in time, None: an unknown number.
    ``changed``: the size of its source, and the recorded size.
    ``covers``: the distribution, and its location, whose module a file hides that no distribution lists.
    ``only_caches`` are the folders of a package in which nothing but bytecode is left.
    ``portions`` are the folders of a namespace package.
    ``more`` was judged already: it is read of few names.
    ``claims`` are the records that the disk contradicts, ``set_aside`` the folders that pip renamed and left behind.
    """

    name: str
    file: str | None
    undecided: str | None
    halted: str | None
    doubt: str | None
    loaded: Loaded | None
    stale: bool | None
    distribution: Distribution | None
    owners: tuple[str, ...]
    claims: tuple[Claim, ...]
    set_aside: tuple[str, ...]
    hidden: bool
    front_end: FrontEnd | None
    server: Server | None
    missing_project: str | None
    install: tuple[str, ...]
    lacking: Lacking | None = None
    unsearched: int | None = 0
    changed: tuple[int, int] | None = None
    covers: tuple[str, str] | None = None
    without_module: WithoutModule | None = None
    only_caches: tuple[str, ...] = ()
    portions: tuple[str, ...] = ()
    more: tuple[Finding, ...] = ()


def diagnose_name(facts: NameFacts) -> tuple[Finding, ...]:
    """Every finding about one name."""
    return in_order([*_missing(facts), *_of_import(facts), *_of_owners(facts)])


def _missing(facts: NameFacts) -> Iterator[Finding]:
    if facts.missing_project is not None:
        yield Finding(
            id="not-installed",
            severity="note",
            message=f"`{facts.missing_project}` is not installed in this kernel's environment",
            hint=f"{' or '.join(f'`{each}`' for each in facts.install)} installs it there" if facts.install else None,
        )
    if facts.lacking is not None:
        from .missing_module import lacking_finding

        yield lacking_finding(facts.name, facts.lacking)
    if facts.without_module is not None or facts.only_caches:
        yield from _without_code(facts)
    yield from facts.more
    if facts.unsearched != 0:
        from .missing_module import not_searched

        yield Finding(id="unsearched", severity="note", message=not_searched(facts.unsearched))


def _without_code(facts: NameFacts) -> Iterator[Finding]:
    from .without_module import only_caches_finding, without_module_finding

    if facts.without_module is not None and (found := without_module_finding(facts.without_module)) is not None:
        yield found
    if facts.only_caches:
        yield only_caches_finding(facts.name, facts.only_caches)


def _of_import(facts: NameFacts) -> Iterator[Finding]:
    """What an import would find, or why that is unknown."""
    if facts.stale and facts.loaded is not None:
        yield _loaded_other(facts, facts.loaded)
    hidden = (facts.distribution.name, facts.distribution.location) if facts.hidden and facts.distribution else None
    if other := hidden or facts.covers:
        name, location = other
        yield Finding(
            id="distribution-hidden",
            severity="warning",
            message=f"`import {facts.name}` finds a different module than the one of `{name}`",
            evidence=(
                Evidence(label="found", value=facts.file or "unknown"),
                Evidence(label="installed in", value=location),
            ),
            hint="no distribution lists that file: remove it" if facts.covers else None,
        )
    if facts.undecided is not None:
        yield _unknown(
            "undecided", f"where `{facts.name}` comes from cannot be determined without importing it", facts.undecided
        )
    if facts.doubt is not None:
        yield _unknown("unproven", f"what `{facts.name}` is, or where it comes from, cannot be proven", facts.doubt)
    if facts.halted is not None:
        yield Finding(
            id="halted",
            severity="warning",
            message=f"`import {facts.name}` is halted: `sys.modules` has None for `{facts.halted}`",
            hint=f"`import sys; del sys.modules[{facts.halted!r}]` allows the import again",
        )


def _unknown(id: str, message: str, reason: str) -> Finding:
    return Finding(id=id, severity="note", message=message, evidence=(Evidence(label="reason", value=reason),))


def _of_owners(facts: NameFacts) -> Iterator[Finding]:
    """What is wrong with the distributions that list it, and with their records."""
    if len(facts.owners) > 1:
        yield Finding(
            id="several-owners",
            severity="warning",
            message=f"several distributions list the file of `{facts.name}`: the last one installed overwrote the others",
            evidence=tuple(Evidence(label="listed by", value=each) for each in facts.owners),
            hint=_keep_one(facts.owners, facts.distribution),
        )
    if facts.distribution is not None and facts.front_end is not None and facts.server is not None:
        from .front_end import diagnose_front_end

        yield from diagnose_front_end(facts.distribution.name, facts.front_end, facts.server)
    if facts.changed is not None and facts.distribution is not None:
        yield Finding(
            id="changed",
            severity="note",
            message=f"the file of `{facts.name}` was changed since `{facts.distribution.name}` was installed",
            evidence=(
                Evidence(label="file", value=facts.file or "", note=f"{facts.changed[0]:,} bytes"),
                Evidence(label="recorded", value=f"{facts.changed[1]:,} bytes"),
            ),
        )
    for claim in facts.claims:
        yield from claim_findings(claim)
    if facts.set_aside:
        yield set_aside(facts.set_aside)


def _keep_one(owners: tuple[str, ...], writer: Distribution | None) -> str:
    """How to keep the distribution that wrote the file, or the first one if that is unknown."""
    kept = writer.name if writer is not None and writer.name in owners else owners[0]
    wanted = f"{kept}=={writer.version}" if writer is not None and kept == writer.name and writer.version else kept
    return (
        f"uninstalling one also deletes the files of the others: to keep `{kept}`, run "
        f"`%safepip uninstall {' '.join(each for each in owners if each != kept)}`, "
        f"then `%safepip install --force-reinstall --no-deps {wanted}`"
    )


def _loaded_other(facts: NameFacts, loaded: Loaded) -> Finding:
    now = facts.file or next(iter(facts.portions), None)
    version = facts.distribution.version if facts.distribution and now else None
    otherwise = "the file is gone" if loaded.file else "unknown"
    return Finding(
        id="stale",
        severity="warning",
        message=f"the loaded `{facts.name}` is not the one that an import would find now",
        evidence=(
            Evidence(label="loaded", value=loaded.file or "unknown", note=loaded.version),
            Evidence(label="now", value=now or otherwise, note=version),
        ),
        hint="restart the kernel",
    )
