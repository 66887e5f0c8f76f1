"""How `PYTHONPATH` and the user site affect what this kernel imports and what pip changes."""

from __future__ import annotations

from collections.abc import Iterator

from ipython_where.model import Environment, Evidence, Finding
from ipython_where.value import dataclass

from .findings import count, kernel_evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFolder:
    """An entry of `PYTHONPATH`. ``belongs_to`` is the other Python or environment whose packages it holds, if any.

    ``is_there``: modules can be imported from it. ``note`` says what it is, if its path does not show that.
    """

    path: str
    is_there: bool = True
    belongs_to: str | None = None
    note: str | None = None


def instead_of_it(kernel: Environment, pip_user_site: bool) -> str:
    """What pip does with an environment that it may not write to (`decide_user_install` in its `commands/install.py`)."""
    if kernel.externally_managed or not pip_user_site:
        return "pip would fail"
    if not kernel.user_site_enabled:
        return "pip would install into the user site instead, which this kernel does not search"
    return "pip would install into the user site instead"


def user_site_off(kernel: Environment, unseen: int) -> Iterator[Finding]:
    """A user site that a start option or `PYTHONNOUSERSITE` disabled; a virtual environment never uses it by default."""
    if unseen and kernel.user_site is not None:
        yield Finding(
            id="user-site-off",
            severity="note",
            message=f"this kernel does not search the user site, which holds {count(unseen, 'distribution')}",
            evidence=(Evidence(label="user site", value=kernel.user_site),),
            hint="start the kernel without `PYTHONNOUSERSITE`, `-s` and `-I`, or install what you need into its environment",
        )


def pythonpath(kernel: Environment, folders: tuple[PathFolder, ...]) -> Iterator[Finding]:
    """What each entry of `PYTHONPATH` does: add modules, add another Python's packages, or nothing at all."""
    ours = [each for each in folders if each.is_there and each.belongs_to is None]
    theirs = [each for each in folders if each.belongs_to is not None]
    missing = [each for each in folders if not each.is_there]
    if theirs:
        yield Finding(
            id="pythonpath-other-python",
            severity="warning",
            message="`PYTHONPATH` puts packages of another Python ahead of this kernel's environment",
            evidence=(
                *(Evidence(label="directory", value=each.path, note=each.belongs_to) for each in theirs),
                kernel_evidence(kernel),
            ),
            hint="start the kernel without `PYTHONPATH`, or remove that directory from it",
        )
    if ours:
        yield Finding(
            id="pythonpath",
            severity="note",
            message="`PYTHONPATH` puts its directories ahead of this kernel's environment",
            evidence=tuple(Evidence(label="directory", value=each.path, note=each.note) for each in ours),
        )
    if missing:
        yield Finding(
            id="pythonpath-missing",
            severity="note",
            message=f"`PYTHONPATH` has {count(len(missing), 'entry')} that nothing can be imported from",
            evidence=tuple(Evidence(label="named", value=each.path, note=each.note) for each in missing),
        )
