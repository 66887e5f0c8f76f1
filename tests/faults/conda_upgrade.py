"""The changes of a conda prefix that are struck: awkward packages (`tests/conda_channel`), installed, upgraded, removed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests import conda_prefix, environments

from .power import OnMedium, PowerCuts
from .strikes import Range
from .trees import Tree
from .upgrade import Tool, Upgrade

NAMES = ("binary", "entry", "generic", "large", "links", "modes", "moved", "pure", "scripts", "shared-a", "text")
NEEDED = ("py-rattler>=0.28,<0.29", "packaging", "importlib_metadata", "ipython")

Kind = Literal["install", "upgrade", "removal"]
KINDS: tuple[Kind, ...] = ("install", "upgrade", "removal")
_OLD = tuple(f"{name}=1.0" for name in NAMES)
_NEW = tuple(f"{name}=2.0" for name in NAMES)


@dataclass(frozen=True, kw_only=True)
class CondaUpgrade(Upgrade):
    """A change of the prefix ``folder``/env: its tool is rattler, whatever it is called with."""

    kind: Kind = "upgrade"

    @property
    def command(self) -> str:
        """The command of `%safeconda`."""
        return "remove" if self.kind == "removal" else "install"

    def clean_world(self) -> dict[str, str]:
        """The variables of `environ`, with what rattler has downloaded."""
        return {**Upgrade.clean_world(self), "RATTLER_CACHE_DIR": str(conda_prefix.lab() / "rattler")}

    def tree(self, root: Path | None = None) -> Tree:
        """The tree; of conda's history, all but the moments of its changes."""
        found = Upgrade.tree(self, root)
        history = (root or self.prefix) / "conda-meta" / "history"
        lines = [each for each in history.read_bytes().splitlines() if not each.startswith(b"==>")]
        return {**found, "conda-meta/history": ("file", 0, b"\n".join(lines))}

    def install_line(self, tool: Tool, *words: str) -> str:
        """The `%safeconda` line of the change."""
        return " ".join(["%safeconda", self.command, *(words or self.new)])

    def bare(self, tool: Tool) -> list[str]:
        """The same by rattler in place."""
        lab = conda_prefix.lab()
        script = environments.ROOT / "tests" / "faults" / "bare_rattler.py"
        python = str(lab / "tools" / "bin" / "python")
        return [python, str(script), str(self.prefix), str(lab / "channel"), self.command, *self.new]


def conda_upgrade(folder: Path, kind: Kind = "upgrade", *, large: bool = False) -> CondaUpgrade:
    """Make the prefix, and the copy that it is restored from. A ``large`` change is one of numpy, too."""
    extra = ("numpy<2.2", "numpy>=2.2", "numpy") if large else ()
    old, new, names = (each + extra[number : number + 1] for number, each in enumerate((_OLD, _NEW, NAMES)))
    upgrade = CondaUpgrade(folder=folder, wheels=folder, new=names if kind == "removal" else new, kind=kind)
    (folder / "home").mkdir(parents=True, exist_ok=True)
    before = {"install": (), "upgrade": old, "removal": new}[kind]
    conda_prefix.prefix_in(upgrade.prefix, "python", *before)
    conda_prefix.pip_puts(upgrade.prefix, *NEEDED)
    conda_prefix.with_this_package(upgrade.prefix)
    # else each process compiles what it imports; of the awkward packages, too, so that old bytecode is at stake
    library = environments.site_packages(upgrade.prefix).parent
    upgrade.run([str(upgrade.python), "-m", "compileall", "-q", str(library)])
    upgrade.prefix.rename(folder / "pristine")
    upgrade.restore()
    return upgrade


@dataclass(kw_only=True)
class CondaRange(Range):
    """A change by `%safeconda`, to be struck."""

    upgrade: CondaUpgrade

    @property
    def by(self) -> str:
        """What is struck, as a title says it."""
        return f"`%safeconda`, {self.upgrade.kind}"

    @property
    def bare_by(self) -> str:
        """rattler by itself."""
        return f"bare rattler, {self.upgrade.kind}"

    @property
    def undo_by(self) -> str:
        """The undo that is struck."""
        return f"`%safeconda undo`, {self.upgrade.kind}"


@dataclass(frozen=True, kw_only=True)
class CondaOnMedium(OnMedium, CondaUpgrade):
    """A change of a prefix that is a file system of its own; rattler's cache is on another."""


@dataclass(kw_only=True)
class CondaPowerCuts(PowerCuts, CondaRange):
    """A change on a file system of its own, struck by power cuts."""

    upgrade: CondaOnMedium
