"""What a solution comes to: the changes, and the findings that conda's own metadata gives. Pure.

What it means for Python's distributions is judged by what is staged, as an install is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence

from ipython_where.change.values import Change, ChangeKind
from ipython_where.judge.conda_spec import name_in
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .rattler_engine import RattlerPackage, Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaDifference:
    """The packages that a solution takes out and brings in, by name; a replaced one is in both."""

    out: Mapping[str, RattlerPackage]
    brought: Mapping[str, RattlerPackage]

    @property
    def names(self) -> tuple[str, ...]:
        """All names that change."""
        return tuple(sorted({*self.out, *self.brought}))

    @property
    def removed(self) -> frozenset[str]:
        """The names that go, and nothing takes their place."""
        return frozenset(self.out) - frozenset(self.brought)


def difference_of(found: Solution, again: Collection[str] = ()) -> CondaDifference:
    """What changes; what is linked ``again`` does. The same version and build from elsewhere is the same package if the hashes
    don't say otherwise.
    """
    chosen = found.solution.items()
    same = {name for name, each in chosen if name not in again and _is_same(each, found.installed.get(name))}
    return CondaDifference(
        out={name: each for name, each in found.installed.items() if name not in same},
        brought={name: each for name, each in found.solution.items() if name not in same},
    )


def _is_same(new: RattlerPackage, old: RattlerPackage | None) -> bool:
    if old is None or new.identity != old.identity:
        return False
    return not (new.hash and old.hash) or len(new.hash) != len(old.hash) or new.hash == old.hash


def changes_of(
    different: CondaDifference, asked: Collection[str], wanted_by: Mapping[str, tuple[str, ...]]
) -> tuple[Change, ...]:
    """The changes, those that were asked for first."""
    found = (_change(name, different, name in asked, wanted_by.get(name, ())) for name in different.names)
    return tuple(sorted(found, key=lambda each: (not each.asked_for, each.name)))


def _change(name: str, different: CondaDifference, asked_for: bool, wanted_by: tuple[str, ...]) -> Change:
    old, new = different.out.get(name), different.brought.get(name)
    return Change(
        name=name,
        kind=_kind(old, new),
        old=old.version if old else None,
        new=new.version if new else None,
        asked_for=asked_for,
        wanted_by=wanted_by,
        size=new.size if new else None,
        source=channel_name(new.channel) if new else None,
        old_build=old.build if old else None,
        new_build=new.build if new else None,
    )


def _kind(old: RattlerPackage | None, new: RattlerPackage | None) -> ChangeKind:
    if old is None or new is None:
        return "added" if old is None else "removed"
    if new.newer is None:
        return "rebuilt"
    return "upgraded" if new.newer else "downgraded"


def channel_name(channel: str) -> str:
    """A channel as conda names it, without the platform's folder: a usual one by its name, any other by its address."""
    channel = re.sub(r"/(?:noarch|(?:linux|osx|win)-\w+)$", "", channel.rstrip("/"))
    found = re.fullmatch(r"https?://(?:conda\.anaconda\.org|repo\.anaconda\.com)/(.+)", channel)
    name = found[1] if found else channel
    return "defaults" if name in ("pkgs/main", "pkgs/r", "pkgs/msys2") else name


def wanted_by(found: Solution, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Which packages of a solution depend on each of these names."""
    result: dict[str, list[str]] = {}
    for each in found.solution.values():
        for depends in each.depends:
            name = name_in(depends)
            if name is not None and name in names:
                result.setdefault(name, []).append(each.name)
    return {name: tuple(sorted(set(users))) for name, users in result.items()}


def unmet(found: Solution, lost: Collection[str]) -> dict[str, str]:
    """The packages that stay and depend on a lost one: each with the one that it depends on."""
    return {
        each.name: name
        for each in found.solution.values()
        for name in map(name_in, each.depends)
        if name is not None and name in lost
    }


def python_minor(packages: Mapping[str, RattlerPackage]) -> str | None:
    """The minor version of the Python among packages."""
    found = packages.get("python")
    return ".".join(found.version.split(".")[:2]) if found else None


def plan_findings(
    found: Solution, different: CondaDifference, *, asked: Collection[str], kernel: Collection[str]
) -> Iterator[Finding]:
    """What speaks against the changes. ``kernel`` are the packages that this kernel runs on."""
    old, new = python_minor(found.installed), python_minor(found.solution)
    if old is not None and old != new:
        yield _python_moves(old, new)
        return
    lost = [name for name in different.out if name not in different.brought]
    needed = sorted({*lost} & {*kernel})
    if needed:
        yield _stop(
            "kernel-package", f"this kernel runs on {_named(needed)}, which would be removed", different, needed
        )
    if found.unmet:
        yield _incomplete(found)
    left = unmet(found, lost) if not found.listed else {}
    if left:
        yield _unmet(left, lost)
    unasked = sorted({*lost} - {*asked} - {*needed})
    if unasked:
        message = f"{_named(unasked)} would be removed, and you did not ask for that"
        yield _stop("conflict", message, different, unasked)
    older = sorted(n for n, each in different.brought.items() if each.newer is False and n not in asked and n in kernel)
    if older:
        message = f"this kernel runs on {_named(older)}, which would be downgraded although you did not ask for it"
        yield _stop("kernel-package", message, different, older)


def _python_moves(old: str, new: str | None) -> Finding:
    message = f"this kernel runs on Python {old}, " + (
        f"and {new} would take its place under it" if new else "which would be removed"
    )
    hint = f'create another environment for that: `conda create -n NAME "python={new}" ipykernel`' if new else None
    return Finding(id="python-version", severity="error", message=message, evidence=(), hint=hint)


def _stop(id: str, message: str, different: CondaDifference, names: Sequence[str]) -> Finding:
    option = {"kernel-package": "--allow-kernel", "conflict": "--allow-conflicts"}[id]
    evidence = (Evidence(label=name, value=_moved(name, different)) for name in names)
    return Finding(id=id, severity="error", message=message, evidence=tuple(evidence), hint=f"allow it with `{option}`")


def _unmet(left: Mapping[str, str], lost: Sequence[str]) -> Finding:
    names = sorted(left)
    every = [*sorted(lost), *names]
    return Finding(
        id="conflict",
        severity="error",
        message=f"{_named(names)} would no longer have what {'it needs' if len(names) == 1 else 'they need'}",
        evidence=tuple(Evidence(label=name, value=f"depends on {left[name]}") for name in names),
        hint=f"`%safeconda remove {' '.join(every)}` removes {'both' if len(every) == 2 else 'them all'}",
    )


def _incomplete(found: Solution) -> Finding:
    """A list that doesn't have what its packages need: nothing of it was solved."""
    names = list(dict.fromkeys(name for name, _, _ in found.unmet))
    return Finding(
        id="conflict",
        severity="error",
        message=f"{_named(names)} would not have what {'it needs' if len(names) == 1 else 'they need'} beside this list",
        evidence=tuple(
            Evidence(
                label=name, value=f"needs {needs}", note=f"{has} would be there" if has else "nothing would be there"
            )
            for name, needs, has in found.unmet[:10]
        ),
        hint="allow it with `--allow-conflicts`",
    )


def told_of(found: Solution) -> Iterator[Finding]:
    """What a list has that was not followed."""
    if found.pip:
        yield pip_part(found.pip)
    if found.left:
        categories = ", ".join(f"`{each}`" for each in found.left)
        yield Finding(id="list-part", severity="note", message=f"the list's category {categories} was left out")


def pip_part(lines: Sequence[str]) -> Finding:
    """What a file wants of pip: conda's part was done alone, so that each part is all or nothing by itself."""
    count = f"{len(lines)} requirement" + ("s" if len(lines) > 1 else "")
    line = " ".join(shlex.quote(word) for each in lines for word in pip_words(each))
    return Finding(
        id="pip-part",
        severity="warning",
        message=f"the file also has {count} for pip, which {'are' if len(lines) > 1 else 'is'} not part of this change",
        evidence=tuple(Evidence(label="", value=each) for each in lines[:10]),
        hint=f"`%safepip install {line}`, next",
    )


def pip_words(line: str) -> list[str]:
    """The words of a line for pip: an option and its value are two, a requirement is one."""
    name, _, value = line.strip().partition(" ")
    return [name, value.strip()] if name.startswith("-") and value.strip() else [line.strip()]


def _moved(name: str, different: CondaDifference) -> str:
    old, new = different.out.get(name), different.brought.get(name)
    return f"{old.version if old else 'none'} → {new.version if new else 'none'}"


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{each}`" for each in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
