"""What is wrong with an environment, judged from what was read of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ipython_where.model import Environment, Evidence, Finding, Kernelspec, Setting, Shell, ShellCommand
from ipython_where.value import dataclass

from .findings import count, in_order, install_command, kernel_evidence
from .import_path import PathFolder, instead_of_it, pythonpath, user_site_off

_INSTALLING = ("pip", "uv", "conda", "mamba", "micromamba", "pixi", "micropip", "piplite")

ACTIVE_ENVIRONMENT = ("VIRTUAL_ENV", "CONDA_PREFIX")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalShadow:
    """A file in the working directory that hides a module of the same name."""

    module: str
    file: str
    hidden: str
    standard_library: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """A project with two metadata directories: one is in the user site, ahead of the environment's."""

    project: str
    metadata: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleModule:
    """A loaded module whose distribution has changed on disk since. ``gone``: its file does not exist any more."""

    module: str
    loaded_version: str | None
    distribution: str
    version: str | None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFacts:
    """All that is read for the findings of `%where`.

    ``pip_user_site``: this environment's pip may install into the user site. ``unseen_in_user_site`` counts the
    distributions there if this kernel does not search it but another one of the same prefix would. ``pip_names`` is the
    interpreter in the first line of the shell's `pip`, if that is missing; ``lost_home`` is the value of `PYTHONHOME`, if
    it has no standard library. ``is_browser``: the Python of a browser, where no program can be started.
    """

    kernel: Environment
    kernelspec: Kernelspec | None
    shell: Shell
    settings: tuple[Setting, ...] = ()
    other_environments: tuple[Setting, ...] = ()
    local_shadows: tuple[LocalShadow, ...] = ()
    user_site_shadows: tuple[Twice, ...] = ()
    pip_user_site: bool = True
    unseen_in_user_site: int = 0
    pythonpath: tuple[PathFolder, ...] = ()
    stale: tuple[StaleModule, ...] = ()
    broken: tuple[Finding, ...] = ()
    pip_names: str | None = None
    lost_home: str | None = None
    is_browser: bool = False


def diagnose(seen: EnvironmentFacts) -> tuple[Finding, ...]:
    """Every finding about an environment, errors first, otherwise in the order of the screen."""
    found = [
        *_installing(seen.kernel, seen),
        *_protected(seen.kernel, seen),
        *_kernelspec(seen.kernel, seen.kernelspec),
        *_shell(seen.kernel, seen.shell),
        *_lost_script(seen.kernel, seen.shell, seen.pip_names),
        *_python_home(seen.lost_home),
        *_settings(seen.settings),
        *(found for each in seen.other_environments for found in _other_environment(each, seen)),
        *_user_site(seen.kernel, seen.user_site_shadows),
        *user_site_off(seen.kernel, seen.unseen_in_user_site),
        *pythonpath(seen.kernel, seen.pythonpath),
        *(_local_shadow(each) for each in seen.local_shadows),
        *stale_modules(seen.stale),
        *seen.broken,
    ]
    return in_order(found)


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


def _installing(kernel: Environment, seen: EnvironmentFacts) -> Iterator[Finding]:
    if seen.is_browser and not kernel.installers:
        yield Finding(
            id="no-installer",
            severity="warning",
            message="nothing can install into this kernel: micropip is not loaded",
            hint="`import pyodide_js; await pyodide_js.loadPackage('micropip')` loads it",
        )
    elif not any(installer.name in _INSTALLING for installer in kernel.installers):
        line = None if kernel.executable is None else f"!{_quoted(kernel.executable)} -m ensurepip"
        if kernel.kind == "conda":
            line = f"conda install --prefix {_quoted(kernel.prefix)} pip"
        hint = f"`{line}` installs pip there" if line is not None else None
        yield Finding(
            id="no-installer",
            severity="error",
            message="nothing can install into this kernel's environment: it has no pip, and no uv was found",
            evidence=(kernel_evidence(kernel),),
            hint=hint,
        )


def _protected(kernel: Environment, seen: EnvironmentFacts) -> Iterator[Finding]:
    if not kernel.writable:
        yield Finding(
            id="not-writable",
            severity="warning",
            message=f"this kernel's environment is not writable: {instead_of_it(kernel, seen.pip_user_site)}",
            evidence=(kernel_evidence(kernel), Evidence(label="prefix", value=kernel.prefix)),
            hint="`python -m venv .venv` creates one of your own; register it as a kernel with `python -m ipykernel install`",
        )
    if kernel.externally_managed:
        yield Finding(
            id="externally-managed",
            severity="warning",
            message="this kernel's environment is managed by the operating system, and pip refuses to change it (PEP 668)",
            evidence=(kernel_evidence(kernel),),
            hint="`python3 -m venv .venv` creates one that you may change; install `ipykernel` there and use its kernel",
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
            evidence=(where, Evidence(label="names", value=spec.interpreter), kernel_evidence(kernel)),
            hint=_register(kernel, spec),
        )
    elif spec.starts_this_interpreter is False:
        yield Finding(
            id="kernelspec-other-interpreter",
            severity="warning",
            message="the kernelspec names a different interpreter than the one that is running",
            evidence=(where, Evidence(label="names", value=spec.interpreter or "unknown"), kernel_evidence(kernel)),
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
    """One finding for all the names that reach the same environment: they share a cause and a fix."""
    elsewhere = [each for each in (shell.pip, shell.python, shell.uv) if each.path and each.same_environment is False]
    by_prefix: dict[str | None, list[ShellCommand]] = {}
    for command in elsewhere:
        by_prefix.setdefault(command.prefix, []).append(command)
    for commands in by_prefix.values():
        yield _elsewhere(kernel, commands)


def _lost_script(kernel: Environment, shell: Shell, names: str | None) -> Iterator[Finding]:
    """A script that outlived its interpreter: of an environment that was moved or copied, or whose base is gone."""
    script = shell.pip.path
    if names is None or script is None:
        return
    is_own = script.startswith(f"{kernel.prefix}/") and any(each.name == "pip" for each in kernel.installers)
    instead = install_command(kernel.installers, "NAME")
    mend = "`%safepip install --force-reinstall --no-deps pip` writes it again" if is_own else None
    yield Finding(
        id="script-lost-python",
        severity="warning",
        message="`!pip` cannot start: its first line names an interpreter that does not exist",
        evidence=(Evidence(label="!pip", value=script), Evidence(label="names", value=names), kernel_evidence(kernel)),
        hint=mend or (f"`{instead}` installs into this kernel's environment" if instead else None),
    )


def _python_home(home: str | None) -> Iterator[Finding]:
    if home is not None:
        yield Finding(
            id="python-home-lost",
            severity="warning",
            message="`PYTHONHOME` names a folder without a standard library: every Python that this kernel starts fails at once",
            evidence=(Evidence(label="PYTHONHOME", value=home),),
            hint="`import os; del os.environ['PYTHONHOME']` unsets it in this kernel",
        )


def _elsewhere(kernel: Environment, commands: Sequence[ShellCommand]) -> Finding:
    names = [command.name for command in commands]
    return Finding(
        id=f"shell-{names[0]}",
        severity="warning",
        message=f"{_listed([f'`!{name}`' for name in names])} {_reach(names)}",
        evidence=(kernel_evidence(kernel), *(_reached(command) for command in commands)),
        hint=_instead(kernel, names),
    )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _reach(names: Sequence[str]) -> str:
    if len(names) > 1:
        return "belong to a different environment than this kernel"
    if names[0] == "python":
        return "belongs to a different environment than this kernel"
    return "installs into a different environment than this kernel's"


def _reached(command: ShellCommand) -> Evidence:
    value = command.interpreter or command.prefix or command.path or "unknown"
    return Evidence(label=f"!{command.name}", value=value, note=command.version)


def _instead(kernel: Environment, names: Sequence[str]) -> str | None:
    """What to type instead of these names, in one sentence."""
    install = install_command(kernel.installers, "NAME")
    hints = []
    if install is not None and {"pip", "uv"} & set(names):
        hints.append(f"`{install}` installs into this kernel's environment")
    if "python" in names and kernel.executable is not None:
        hints.append(
            "`!{sys.executable}` is its interpreter" if hints else "`!{sys.executable}` is this kernel's interpreter"
        )
    return ", ".join(hints) or None


def _settings(settings: Iterable[Setting]) -> Iterator[Finding]:
    for setting in settings:
        if setting.name in ACTIVE_ENVIRONMENT:
            continue  # reported as `other-environment-active`: pip does not follow them
        if setting.diverts:
            yield _diverting(setting)


def _other_environment(setting: Setting, seen: EnvironmentFacts) -> Iterator[Finding]:
    """A variable that names an active environment, if a tool that follows it is on `PATH` and not reported already."""
    followers = {"VIRTUAL_ENV": (seen.shell.uv,), "CONDA_PREFIX": (seen.shell.uv, seen.shell.conda)}[setting.name]
    names = [each.name for each in followers if each.path is not None]
    if not names or all(each.same_environment is False for each in followers if each.path is not None):
        return
    yield Finding(
        id="other-environment-active",
        severity="note",
        message=f"`{setting.name}` names a different environment than this kernel's, and "
        f"{_listed([f'`{name}`' for name in names])} {'follow' if len(names) > 1 else 'follows'} it",
        evidence=(
            Evidence(label=setting.name, value=setting.value),
            Evidence(label="kernel", value=seen.kernel.prefix, note=seen.kernel.version),
        ),
        hint=f"`import os; del os.environ['{setting.name}']` unsets it in this kernel",
    )


def _diverting(setting: Setting) -> Finding:
    in_environment = setting.source == "environment"
    hint = (
        f"`import os; del os.environ['{setting.name}']` unsets it in this kernel"
        if in_environment
        else f"remove `{setting.name}` from `{setting.source}`"
    )
    return Finding(
        id="diverted",
        severity="warning",
        message=f"`{setting.name}` redirects installs away from this kernel's environment",
        evidence=(Evidence(label=setting.name, value=setting.value, note=None if in_environment else setting.source),),
        hint=hint,
    )


def _user_site(kernel: Environment, shadows: tuple[Twice, ...]) -> Iterator[Finding]:
    if not shadows:
        return
    yield Finding(
        id="user-site-shadows",
        severity="warning",
        message=f"the user site hides {count(len(shadows), 'distribution')} of this kernel's environment",
        evidence=tuple(Evidence(label=each.project, value=each.metadata[0]) for each in shadows[:5]),
        hint="set `PYTHONNOUSERSITE=1` under `env` in the kernel's `kernel.json`, then restart the kernel",
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


def stale_modules(stale: Sequence[StaleModule]) -> Iterator[Finding]:
    """The finding that loaded modules differ from what is installed now."""
    if not stale:
        return
    yield Finding(
        id="stale-modules",
        severity="warning",
        message=f"{count(len(stale), 'loaded module')} changed on disk since this kernel loaded "
        f"{'it' if len(stale) == 1 else 'them'}",
        evidence=tuple(
            Evidence(
                label=each.module,
                value=f"loaded {each.loaded_version or 'unknown'}, "
                + ("its file is gone" if each.gone else f"installed {each.version or 'unknown'}"),
            )
            for each in stale
        ),
        hint="restart the kernel",
    )
