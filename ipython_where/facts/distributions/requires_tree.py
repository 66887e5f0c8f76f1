"""The dependencies among the installed distributions, as a tree.

Tested in `tests/change/test_lock_sync.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ipython_where.project_names import normalized

from .installed import Installed, wanted
from .requirement import Markers, Requirement, accepts

Needs = Mapping[str, Sequence[Requirement]]


def tree_lines(
    installed: Mapping[str, Installed],
    markers: Markers,
    *,
    roots: Sequence[str] = (),
    inverted: bool = False,
    depth: int | None = None,
) -> list[str]:
    """The lines of the tree below ``roots`` (names), or below everything that nothing requires.

    ``inverted`` shows dependents instead of dependencies. ``(*)`` marks a distribution whose branch was already shown,
    or that is part of a cycle.
    """
    needs = {project: _needs(each, installed, markers) for project, each in installed.items()}
    needed = {requirement.name for requirements in needs.values() for requirement in requirements}
    branches = _turned(needs) if inverted else {name: [each.name for each in found] for name, found in needs.items()}
    begin = [normalized(each) for each in roots] or _tops(branches, needs if inverted else None, needed)
    shown: set[str] = set()
    lines: list[str] = []
    for root in begin:
        lines += _branch(root, "", "", installed, needs, branches, shown, depth, inverted, parent=None)
    return lines


def _needs(each: Installed, installed: Mapping[str, Installed], markers: Markers) -> list[Requirement]:
    found = {requirement.name: requirement for requirement in wanted(each, markers) if requirement is not None}
    return sorted(found.values(), key=lambda requirement: requirement.name)


def _turned(needs: Needs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for project, requirements in sorted(needs.items()):
        for requirement in requirements:
            found.setdefault(requirement.name, []).append(project)
    return found


def _tops(branches: Mapping[str, Sequence[str]], needs: Needs | None, needed: set[str]) -> list[str]:
    """The projects that nothing leads to, and one of each isolated cycle, which would otherwise never appear."""
    if needs is not None:
        tops = sorted(project for project, requirements in needs.items() if not requirements)
        everything = sorted(needs)
    else:
        everything = sorted(branches)
        tops = [project for project in everything if project not in needed]
    seen: set[str] = set()
    for each in tops:
        _reach(each, branches, seen)
    for each in everything:
        if each not in seen:
            tops.append(each)
            _reach(each, branches, seen)
    return tops


def _reach(start: str, branches: Mapping[str, Sequence[str]], seen: set[str]) -> None:
    pending = [start]
    while pending:
        each = pending.pop()
        if each not in seen:
            seen.add(each)
            pending += branches.get(each, ())


def _branch(
    project: str,
    before: str,
    sign: str,
    installed: Mapping[str, Installed],
    needs: Needs,
    branches: Mapping[str, Sequence[str]],
    shown: set[str],
    depth: int | None,
    inverted: bool,
    *,
    parent: str | None,
) -> Iterator[str]:
    found = installed.get(project)
    children = [] if depth is not None and depth <= 0 else branches.get(project, ())
    again = project in shown and bool(children)
    shown.add(project)
    name = f"{found.name} {found.version}" if found is not None else project.replace("_", "-")
    yield before + sign + name + _remark(project, parent, installed, needs, inverted) + (" (*)" if again else "")
    below = before + {"": "", "├── ": "│   ", "└── ": "    "}[sign]
    for number, child in enumerate(() if again else children):
        mark = "└── " if number == len(children) - 1 else "├── "
        deeper = None if depth is None else depth - 1
        yield from _branch(child, below, mark, installed, needs, branches, shown, deeper, inverted, parent=project)


def _remark(project: str, parent: str | None, installed: Mapping[str, Installed], needs: Needs, inverted: bool) -> str:
    """The specifier of the requirement, and a note if it is not met."""
    if parent is None:
        return ""
    who, what = (project, parent) if inverted else (parent, project)
    requirement = next((each for each in needs.get(who, ()) if each.name == what), None)
    found = installed.get(what)
    if requirement is None:
        return ""
    if found is None:
        return " [not installed]"
    specifier = requirement.specifier
    is_met = accepts(specifier, found.version) is not False
    return (f" [{specifier}]" if specifier else "") + ("" if is_met else f" [not met: {found.version}]")
