"""The tree of what is installed: read here, since only uv of the installers has one.

Tested in `tests/change/test_lock_sync.py`.
"""

from __future__ import annotations

from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.requires_tree import tree_lines
from ipython_where.project_names import normalized
from ipython_where.redact import masked


def tree(request: Request, target: TargetEnvironment) -> str:
    """Who requires whom: of everything, or of the names given. Raises `UsageError` for one that is not installed."""
    names: list[str] = []
    inverted, depth = False, None
    rest = iter(request.arguments)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in ("--invert", "--reverse") and not equals:
            inverted = True
        elif option in ("--depth", "-d"):
            depth = _depth(value if equals else next(rest, ""))
        elif option == "--package":
            names.append(value if equals else next(rest, ""))
        elif word.startswith("-"):
            hint = "`--invert`, `--depth N` and names of distributions"
            raise UsageError(f"`%safepip tree` has no option `{masked(word)}`", hint=f"it takes {hint}")
        else:
            names.append(word)
    installed = target.installed.all()
    for name in names:
        if normalized(name) not in installed:
            raise UsageError(f"`{masked(name)}` is not installed", hint="`%safepip list` shows what is installed")
    return "\n".join(tree_lines(installed, target.markers, roots=names, inverted=inverted, depth=depth))


def _depth(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"`--depth` takes a number, not `{masked(text)}`")
    return int(text)
