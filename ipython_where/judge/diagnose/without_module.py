"""What to say of a distribution that is installed and brings nothing to import, and of a folder that is left without code."""

from __future__ import annotations

from collections.abc import Sequence

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutModule:
    """An installed distribution whose record lists no module.

    ``named`` are those that it says it brings, ``missing`` its requirements that are not installed, and ``instead`` the project
    that is meant, where this one is a placeholder.
    """

    query: str
    distribution: str
    version: str | None
    named: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    instead: str | None = None

    @property
    def is_expected(self) -> bool:
        """Whether it is a distribution that was asked for, and not a module that it should have brought."""
        return not self.named and self.instead is None


def without_module_finding(facts: WithoutModule) -> Finding | None:
    """One finding; None of what is meant to bring none and has what it needs, where nobody can have meant a module."""
    name = f"`{facts.distribution}`" + (f" {facts.version}" if facts.version else "")
    module = facts.query if facts.query.isidentifier() else next(iter(facts.named), None)
    is_damaged = bool(facts.named or facts.missing or facts.instead)
    if module is None and not is_damaged:
        return None
    fails = f": `import {module}` fails" if module is not None else ""
    return Finding(
        id="no-module",
        severity="warning" if is_damaged else "note",
        message=f"{name} is installed and brings no module{fails}",
        evidence=(
            *(Evidence(label="named", value=each, note="not in its RECORD") for each in facts.named),
            *(Evidence(label="requires", value=each, note="not installed") for each in facts.missing),
        ),
        hint=_hint(facts),
    )


def _hint(facts: WithoutModule) -> str | None:
    if facts.instead is not None:
        return f"`%safepip install {facts.instead}` brings the module"
    if facts.named:
        wanted = f"{facts.distribution}=={facts.version}" if facts.version else facts.distribution
        return f"`%safepip install --force-reinstall --no-deps {wanted}`"
    return f"`%safepip install {facts.distribution}` installs what it requires" if facts.missing else None


def only_caches_finding(name: str, folders: Sequence[str]) -> Finding:
    """What an uninstall leaves where Python had written bytecode that nobody listed."""
    return Finding(
        id="only-caches",
        severity="warning",
        message=f"of `{name}` only bytecode is left, in `__pycache__`: `import {name}` gives a package with nothing in it",
        evidence=tuple(Evidence(label="folder", value=each) for each in folders),
        hint=f"`import shutil; [shutil.rmtree(each) for each in {list(folders)!r}]` removes it",
    )
