"""Where does this kernel run? Reads everything, then judges it.

Tested in `tests/test_main.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ipython_where.facts.files import is_out_of_reach, same_file
from ipython_where.facts.imports.survey import read_local_shadows, read_stale_modules, read_user_site_shadows
from ipython_where.judge.diagnose.environment import ACTIVE_ENVIRONMENT, EnvironmentFacts, diagnose
from ipython_where.judge.diagnose.import_path import PathFolder
from ipython_where.model import (
    CondaEnvironment,
    Environment,
    EnvironmentAnswer,
    Evidence,
    Finding,
    Kernelspec,
    Server,
    Setting,
    Shell,
    ShellCommand,
)
from ipython_where.runner import QUESTION, Deadline, Runner, Within

from .records import record_findings
from .start_up import read_failed_customs, read_lost_sites, read_lost_starts
from .world import World

if TYPE_CHECKING:
    from ipython_where.facts.settings.configuration import Answer

# Readers are imported inside the functions that use them: a name's answer needs few, and importing them all would double
# the cost of its imports.


def environment(world: World | None = None, *, verbose: bool = False) -> EnvironmentAnswer:
    """Where this process runs: its environment, kernelspec, shell and server, and any problems with them."""
    from ipython_where.facts.environments.package_managers import find_installers
    from ipython_where.facts.interpreters.environment import judge_environment
    from ipython_where.facts.settings.settings import read_settings
    from ipython_where.facts.shell.shell import read_shell

    world = world or World.here()
    deadline = Deadline.after(QUESTION)
    run = Within(run=world.door, deadline=deadline)
    description = world.description
    installers = find_installers(description, environ=world.environ, home=world.home, cwd=world.system.cwd)
    kernel = judge_environment(description, installers)
    conda, of_conda = _conda(world, verbose)
    if kernel.kind == "conda":
        kernel = replace(kernel, made_by=_conda_maker(world))
    server = ask_server(world, deadline)
    spec = _kernelspec(world, run)
    shell = read_shell(kernel_prefix=kernel.prefix, environ=world.environ, cwd=world.system.cwd, run=run)
    settings, broken = read_settings(environ=world.environ, cwd=world.system.cwd, prefix=kernel.prefix)
    return EnvironmentAnswer(
        kernel=kernel,
        kernelspec=spec,
        shell=shell,
        server=server,
        settings=settings,
        findings=world.fitting(diagnose(_facts(kernel, spec, shell, (settings, (*broken, *of_conda)), world))),
        conda=conda,
        pip_is_safepip=world.pip_is_safepip,
        path_is_set=world.path_is_set,
        verbose=verbose,
    )


def _conda(world: World, verbose: bool) -> tuple[CondaEnvironment | None, tuple[Finding, ...]]:
    """What conda has recorded of the prefix, and what is wrong with that; nothing where it made nothing."""
    if not world.conda.all:
        return None, ()
    from .conda_environment import read_conda_environment

    return read_conda_environment(world, verbose=verbose)


def _conda_maker(world: World) -> str | None:
    from ipython_where.facts.conda.prefix import CondaPrefix

    return CondaPrefix(world.interpreter["prefix"]).made_by


def _facts(kernel: Environment, spec: Kernelspec | None, shell: Shell, read: Answer, world: World) -> EnvironmentFacts:
    """What the findings are judged from; ``read`` are the settings, and what is wrong with their files."""
    settings, broken = read
    user_site = kernel.user_site if kernel.user_site_in_use else None
    return EnvironmentFacts(
        kernel=kernel,
        kernelspec=spec,
        shell=shell,
        is_browser=world.description["platform"] == "emscripten",
        settings=settings,
        other_environments=tuple(each for each in settings if _names_another(each, kernel.prefix)),
        local_shadows=read_local_shadows(world.system, world.distributions, world.standard_library),
        pip_user_site=_pip_has_user_site(kernel, world.description["flags"]["no_user_site"], world.environ),
        unseen_in_user_site=_count_unseen(kernel, world),
        pythonpath=_read_pythonpath(world),
        user_site_shadows=read_user_site_shadows(user_site, world.path, world.distributions) if user_site else (),
        stale=read_stale_modules(world.system, world.distributions, started=world.started, since=world.since),
        pip_names=_lost_interpreter(shell.pip),
        lost_home=_lost_home(world),
        broken=(*broken, *_broken_start(world), *record_findings(world)),
    )


def _pip_has_user_site(kernel: Environment, is_off_here: int, environ: Mapping[str, str]) -> bool:
    """Whether a pip started from here sees the user site: a subprocess doesn't inherit this process's start options."""
    by_option = is_off_here and not environ.get("PYTHONNOUSERSITE") and kernel.system_site_packages is not False
    return kernel.user_site_enabled or bool(by_option)


def _count_unseen(kernel: Environment, world: World) -> int:
    """The number of distributions in a user site that is switched off; a virtual environment has none by design."""
    if kernel.user_site_enabled or kernel.system_site_packages is False or kernel.user_site is None:
        return 0
    listing = world.distributions.directory(kernel.user_site)
    return len(listing.projects) if listing is not None else 0


def _read_pythonpath(world: World) -> tuple[PathFolder, ...]:
    text = world.pythonpath
    if not text:
        return ()
    from ipython_where.facts.settings.pythonpath import read_pythonpath

    return read_pythonpath(text, world.description, world.path, world.system.cwd)


def ask_server(world: World, deadline: Deadline | None = None) -> Server:
    """The Jupyter server that drives this kernel, as far as that can be proven in time."""
    from ipython_where.facts.jupyter.server import read_server

    deadline = deadline or Deadline.after(QUESTION)
    found = read_server(
        connection_file=world.connection_file,
        kernel_prefix=world.description["prefix"],
        environ=world.environ,
        run=Within(run=world.door, deadline=deadline),
        deadline=deadline,
    )
    if world.page is None:
        return found
    from ipython_where.facts.jupyter.pages import behind

    return behind(world.page, found, host=world.description["host"], environ=world.environ)


def _kernelspec(world: World, run: Runner) -> Kernelspec | None:
    """The kernelspec on the launcher's Jupyter path; under a gateway, the launcher is not the server."""
    from ipython_where.facts.jupyter.kernelspec import read_kernelspec
    from ipython_where.facts.jupyter.server import read_launcher

    launcher = read_launcher(connection_file=world.connection_file, environ=world.environ, run=run)
    return read_kernelspec(
        connection_file=world.connection_file,
        executable=world.description["executable"],
        environ=world.environ,
        launcher_prefix=launcher.prefix if launcher else None,
        launcher_executable=launcher.executable if launcher else None,
        kernel_prefix=world.description["prefix"],
    )


def _names_another(setting: Setting, prefix: str) -> bool:
    """Whether a variable of an active environment names a different one than ``prefix``."""
    if setting.name not in ACTIVE_ENVIRONMENT or not setting.value:
        return False
    return same_file(setting.value, prefix) is not True  # None: the folder it names does not exist


def _broken_start(world: World) -> Iterator[Finding]:
    """What went wrong at this process's start, and what it could not read then."""
    yield from _broken_pth(world)
    found = read_lost_starts(world), tuple(read_failed_customs(world)), tuple(read_lost_sites(world))
    if any(found):
        from ipython_where.judge.diagnose.start_up import failed_custom, lost_site, start_findings

        yield from start_findings(found[0])
        yield from map(failed_custom, found[1])
        yield from (lost_site(*each) for each in found[2])
    if any(is_out_of_reach(each, is_folder=True) for each in world.path):
        from ipython_where.judge.diagnose.unreadable import unreached_finding

        from .unreadable import unreached_entries

        yield from map(unreached_finding, unreached_entries(world))


def _broken_pth(world: World) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            id="broken-pth",
            severity="warning",
            message="a `.pth` file in this kernel's environment cannot be read, so its entries are missing from the path",
            evidence=(Evidence(label="file", value=file), Evidence(label="reason", value=reason)),
        )
        for file, reason in world.rules.broken
    )


def _lost_interpreter(command: ShellCommand) -> str | None:
    """The interpreter in a script's first line, if there is no such file."""
    if command.path is None or command.interpreter is not None:
        return None
    from ipython_where.facts.interpreters.scripts import NamedInterpreter, read_script
    from ipython_where.facts.shell.shell_state import read_head

    said = read_script(read_head(command.path))
    is_lost = isinstance(said, NamedInterpreter) and os.path.isabs(said.path) and not os.path.exists(said.path)
    return said.path if isinstance(said, NamedInterpreter) and is_lost else None


def _lost_home(world: World) -> str | None:
    """The value of `PYTHONHOME`, if it is certain that a Python of this version finds no standard library there."""
    home = world.environ.get("PYTHONHOME")
    if not home or os.name == "nt":
        return None
    version, library = world.interpreter["version"].split("."), os.path.basename(world.description["library"])
    start = home.partition(os.pathsep)[0]
    folders = (os.path.join(start, each) for each in ("lib", "lib64"))
    archive = f"python{version[0]}{version[1]}.zip"
    found = (
        os.path.join(each, *rest) for each in folders for rest in ((library, "os.py"), (library, "os.pyc"), (archive,))
    )
    return None if any(map(os.path.exists, found)) else home
