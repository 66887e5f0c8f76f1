"""What is wrong, judged from what was read: values in, findings out, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .model import (
    Distribution,
    Environment,
    Evidence,
    Finding,
    Installer,
    Kernelspec,
    Loaded,
    Setting,
    Shell,
    ShellCommand,
)

SEVERITIES = ("error", "warning", "note")
ACTIVE_ENVIRONMENT = ("VIRTUAL_ENV", "CONDA_PREFIX")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalShadow:
    """A file of the working directory that wins over the module of the same name elsewhere."""

    module: str
    file: str
    hidden: str
    standard_library: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """A project whose metadata stands twice: in one directory, or in the user site before the environment's."""

    project: str
    metadata: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleModule:
    """A loaded module whose distribution changed on disk since."""

    module: str
    loaded_version: str | None
    distribution: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All that is read for the findings of `%where`."""

    kernel: Environment
    kernelspec: Kernelspec | None
    shell: Shell
    settings: tuple[Setting, ...] = ()
    other_environments: tuple[Setting, ...] = ()
    local_shadows: tuple[LocalShadow, ...] = ()
    duplicates: tuple[Twice, ...] = ()
    user_site_shadows: tuple[Twice, ...] = ()
    stale: tuple[StaleModule, ...] = ()
    broken: tuple[Finding, ...] = ()


def diagnose(seen: Surroundings) -> tuple[Finding, ...]:
    """Every finding about an environment, errors first, otherwise in the order of the screen."""
    found = [
        *_installing(seen.kernel),
        *_kernelspec(seen.kernel, seen.kernelspec),
        *_shell(seen.kernel, seen.shell),
        *_settings(seen.settings),
        *(_other_environment(each, seen.kernel) for each in seen.other_environments),
        *_user_site(seen.kernel, seen.user_site_shadows),
        *(_local_shadow(each) for each in seen.local_shadows),
        *(_duplicate(each, seen.kernel) for each in seen.duplicates),
        *_stale(seen.stale),
        *seen.broken,
    ]
    return in_order(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFacts:
    """All that is read for the findings of `%where NAME`. ``owners`` are the distributions that list the same file.

    ``hidden``: the distribution was asked for, and its module is not the one that an import finds. ``missing_project`` is the
    project that provides a module that was not found, where that is certain, and ``install`` the line that installs it into
    the kernel's environment.
    """

    name: str
    file: str | None
    undecided: str | None
    loaded: Loaded | None
    stale: bool | None
    distribution: Distribution | None
    owners: tuple[str, ...]
    problems: tuple[str, ...]
    hidden: bool
    missing_project: str | None
    install: str | None


def diagnose_name(facts: NameFacts) -> tuple[Finding, ...]:
    """Every finding about one name."""
    found = []
    if facts.missing_project is not None:
        found.append(
            Finding(
                id="not-installed",
                severity="note",
                message=f"`{facts.missing_project}` is not installed in this kernel's environment",
                hint=f"`{facts.install}` installs it there" if facts.install else None,
            )
        )
    if facts.stale and facts.loaded is not None:
        found.append(_loaded_other(facts, facts.loaded))
    if facts.hidden and facts.distribution is not None:
        found.append(
            Finding(
                id="distribution-hidden",
                severity="warning",
                message=f"`import {facts.name}` does not find the module of `{facts.distribution.name}`, but another one",
                evidence=(
                    Evidence(label="found", value=facts.file or "unknown"),
                    Evidence(label="installed in", value=facts.distribution.location),
                ),
            )
        )
    if facts.undecided is not None:
        found.append(
            Finding(
                id="undecided",
                severity="note",
                message=f"where `{facts.name}` comes from cannot be told without importing it",
                evidence=(Evidence(label="reason", value=facts.undecided),),
            )
        )
    if len(facts.owners) > 1:
        found.append(
            Finding(
                id="several-owners",
                severity="warning",
                message=f"several distributions list the file of `{facts.name}`: the last one installed overwrote the others",
                evidence=tuple(Evidence(label="listed by", value=each) for each in facts.owners),
                hint="uninstall all of them, then install the one that you want",
            )
        )
    if facts.distribution is not None:
        found += [_damaged(facts.distribution, problem) for problem in facts.problems]
    return in_order(found)


def _loaded_other(facts: NameFacts, loaded: Loaded) -> Finding:
    version = facts.distribution.version if facts.distribution else None
    return Finding(
        id="stale",
        severity="warning",
        message=f"the `{facts.name}` that is loaded is not the one that an import would find now",
        evidence=(
            Evidence(label="loaded", value=loaded.file or "unknown", note=loaded.version),
            Evidence(label="now", value=facts.file or "unknown", note=version),
        ),
        hint="restart the kernel",
    )


def _damaged(distribution: Distribution, problem: str) -> Finding:
    return Finding(
        id="broken-metadata",
        severity="warning",
        message=f"the metadata of `{distribution.name}` is damaged",
        evidence=(Evidence(label="folder", value=distribution.metadata), Evidence(label="reason", value=problem)),
        hint=f"`%pip install --force-reinstall --no-deps {distribution.name}` writes it anew",
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then notes; each in the order given."""
    return tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity)))


def install_command(executable: str | None, installers: Iterable[Installer], requirement: str) -> str | None:
    """A line for a notebook cell that installs into the kernel's environment, with what is there to do it; else None."""
    paths = {installer.name: installer.path for installer in installers}
    if "pip" in paths:
        return f"%pip install {requirement}"
    if "uv" in paths and executable is not None:
        return f"!{_quoted(paths['uv'])} pip install --python {_quoted(executable)} {requirement}"
    return None


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _kernel_evidence(kernel: Environment) -> Evidence:
    return Evidence(label="kernel", value=kernel.executable or kernel.prefix, note=kernel.version)


def _installing(kernel: Environment) -> Iterator[Finding]:
    if not any(installer.name in ("pip", "uv", "conda", "mamba", "micromamba") for installer in kernel.installers):
        hint = None if kernel.executable is None else f"`!{_quoted(kernel.executable)} -m ensurepip` puts pip there"
        yield Finding(
            id="no-installer",
            severity="error",
            message="nothing here can install into this kernel's environment: it has no pip, and there is no uv",
            evidence=(_kernel_evidence(kernel),),
            hint=hint,
        )
    if not kernel.writable:
        yield Finding(
            id="not-writable",
            severity="warning",
            message="this kernel's environment cannot be written to: pip would put packages into the user site instead",
            evidence=(_kernel_evidence(kernel), Evidence(label="prefix", value=kernel.prefix)),
            hint="`python -m venv` makes an environment of your own; register it as a kernel with `python -m ipykernel install`",
        )
    if kernel.externally_managed:
        yield Finding(
            id="externally-managed",
            severity="warning",
            message="this kernel's environment is managed by the operating system, and pip refuses to change it (PEP 668)",
            evidence=(_kernel_evidence(kernel),),
            hint="`python3 -m venv .venv` makes an environment that you may change; install `ipykernel` there and use its kernel",
        )


def _kernelspec(kernel: Environment, spec: Kernelspec | None) -> Iterator[Finding]:
    if spec is None:
        return
    where = Evidence(label="kernelspec", value=spec.file or spec.name, note=spec.name if spec.file else None)
    if spec.interpreter is not None and spec.interpreter_exists is False:
        yield Finding(
            id="kernelspec-missing-interpreter",
            severity="error",
            message="the kernelspec names an interpreter that does not exist: this kernel cannot be started again",
            evidence=(where, Evidence(label="names", value=spec.interpreter), _kernel_evidence(kernel)),
            hint=_register(kernel, spec),
        )
    elif spec.starts_this_interpreter is False:
        yield Finding(
            id="kernelspec-other-interpreter",
            severity="warning",
            message="the kernelspec names another interpreter than the one that is running",
            evidence=(where, Evidence(label="names", value=spec.interpreter or "unknown"), _kernel_evidence(kernel)),
            hint=_register(kernel, spec),
        )
    if spec.shadowed:
        yield Finding(
            id="kernelspec-shadowed",
            severity="note",
            message=f"several kernelspecs are named `{spec.name}`: the first one hides the others",
            evidence=(where, *(Evidence(label="hidden", value=each) for each in spec.shadowed)),
        )


def _register(kernel: Environment, spec: Kernelspec) -> str | None:
    if kernel.executable is None:
        return None
    command = f"!{_quoted(kernel.executable)} -m ipykernel install --user --name {_quoted(spec.name)}"
    return f"`{command}` registers this kernel's interpreter under that name"


def _shell(kernel: Environment, shell: Shell) -> Iterator[Finding]:
    for command in (shell.pip, shell.python):
        if command.path is not None and command.same_environment is False:
            yield _elsewhere(kernel, command)
    uv = shell.uv
    if uv.path is not None and uv.same_environment is False:
        yield _elsewhere(kernel, uv)


def _elsewhere(kernel: Environment, command: ShellCommand) -> Finding:
    verbs = {"pip": "installs into", "uv": "installs into", "python": "starts the interpreter of"}
    install = install_command(kernel.executable, kernel.installers, "NAME")
    hints = {
        "python": None
        if kernel.executable is None
        else "`!{sys.executable}` is this kernel's interpreter (`import sys`)",
        "pip": None if install is None else f"`{install}` installs into this kernel's environment",
        "uv": None
        if kernel.executable is None
        else f"`!uv pip install --python {_quoted(kernel.executable)} NAME` installs into this kernel's environment",
    }
    reached = command.interpreter or command.prefix or command.path or "unknown"
    return Finding(
        id=f"shell-{command.name}",
        severity="warning",
        message=f"`!{command.name}` {verbs[command.name]} another environment than this kernel's",
        evidence=(
            _kernel_evidence(kernel),
            Evidence(label=f"!{command.name}", value=reached, note=command.version),
        ),
        hint=hints[command.name],
    )


def _settings(settings: Iterable[Setting]) -> Iterator[Finding]:
    for setting in settings:
        if setting.name in ACTIVE_ENVIRONMENT:
            continue  # told as `other-environment-active`: pip does not follow them
        if setting.diverts:
            yield _diverting(setting)
        elif setting.name == "PYTHONPATH":
            yield Finding(
                id="pythonpath",
                severity="note",
                message="`PYTHONPATH` puts its directories before this kernel's environment",
                evidence=(Evidence(label="PYTHONPATH", value=setting.value),),
            )


def _other_environment(setting: Setting, kernel: Environment) -> Finding:
    return Finding(
        id="other-environment-active",
        severity="note",
        message=f"`{setting.name}` names another environment than this kernel's: `uv` and `conda` follow it",
        evidence=(
            Evidence(label=setting.name, value=setting.value),
            Evidence(label="kernel", value=kernel.prefix, note=kernel.version),
        ),
    )


def _diverting(setting: Setting) -> Finding:
    in_environment = setting.source == "environment"
    hint = (
        f"`import os; del os.environ['{setting.name}']` takes it away for this kernel"
        if in_environment
        else f"take `{setting.name}` out of `{setting.source}`"
    )
    return Finding(
        id="diverted",
        severity="warning",
        message=f"`{setting.name}` sends what is installed to another place than this kernel's environment",
        evidence=(Evidence(label=setting.name, value=setting.value, note=None if in_environment else setting.source),),
        hint=hint,
    )


def _user_site(kernel: Environment, shadows: tuple[Twice, ...]) -> Iterator[Finding]:
    if not shadows:
        return
    yield Finding(
        id="user-site-shadows",
        severity="warning",
        message=f"the user site hides {_count(len(shadows), 'distribution')} of this kernel's environment",
        evidence=tuple(Evidence(label=each.project, value=each.metadata[0]) for each in shadows[:5]),
        hint="start the kernel with the variable `PYTHONNOUSERSITE=1` (in `env` of its kernel.json)",
    )


def _local_shadow(shadow: LocalShadow) -> Finding:
    what = "the standard library's module" if shadow.standard_library else "an installed module"
    return Finding(
        id="working-directory-shadows",
        severity="warning",
        message=f"a file in the working directory hides {what} `{shadow.module}`",
        evidence=(Evidence(label="found", value=shadow.file), Evidence(label="hidden", value=shadow.hidden)),
        hint="rename the file, then restart the kernel",
    )


def _duplicate(twice: Twice, kernel: Environment) -> Finding:
    install = install_command(kernel.executable, kernel.installers, f"--force-reinstall --no-deps {twice.project}")
    return Finding(
        id="two-versions",
        severity="warning",
        message=f"`{twice.project}` is recorded {len(twice.metadata)} times in one directory: an interrupted install leaves that",
        evidence=tuple(Evidence(label="recorded", value=each) for each in twice.metadata),
        hint=None if install is None else f"`{install}`, after removing the folders that are not wanted",
    )


def _stale(stale: tuple[StaleModule, ...]) -> Iterator[Finding]:
    if not stale:
        return
    yield Finding(
        id="stale-modules",
        severity="warning",
        message=f"{_count(len(stale), 'loaded module')} changed on disk since this kernel loaded "
        f"{'it' if len(stale) == 1 else 'them'}",
        evidence=tuple(
            Evidence(
                label=each.module,
                value=f"loaded {each.loaded_version or 'unknown'}, installed {each.version or 'unknown'}",
            )
            for each in stale
        ),
        hint="restart the kernel",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
