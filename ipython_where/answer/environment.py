"""Where does this kernel run? Reads everything, then judges it.

Tested in `tests/test_main.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ipython_where.facts.files import same_file
from ipython_where.facts.imports.survey import read_duplicates, read_local_shadows, read_stale, read_user_site_shadows
from ipython_where.judge.diagnose.environment import ACTIVE_ENVIRONMENT, EnvironmentFacts, diagnose
from ipython_where.judge.diagnose.import_path import PathFolder
from ipython_where.model import Environment, EnvironmentAnswer, Evidence, Finding, Kernelspec, Server, Setting
from ipython_where.runner import QUESTION, Deadline, Runner, Within

from .records import record_findings
from .world import World

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
    server = ask_server(world, deadline)
    spec = _kernelspec(world, run)
    shell = read_shell(kernel_prefix=kernel.prefix, environ=world.environ, cwd=world.system.cwd, run=run)
    settings, broken = read_settings(environ=world.environ, cwd=world.system.cwd, prefix=kernel.prefix)
    user_site = kernel.user_site if kernel.user_site_in_use else None
    pip_user_site = _pip_has_user_site(kernel, description["flags"]["no_user_site"], world.environ)
    seen = EnvironmentFacts(
        kernel=kernel,
        kernelspec=spec,
        shell=shell,
        settings=settings,
        other_environments=tuple(each for each in settings if _names_another(each, kernel.prefix)),
        local_shadows=read_local_shadows(world.system, world.distributions, world.standard_library),
        duplicates=read_duplicates(world.path, world.distributions),
        pip_user_site=pip_user_site,
        unseen_in_user_site=_count_unseen(kernel, world),
        pythonpath=_read_pythonpath(world),
        user_site_shadows=read_user_site_shadows(user_site, world.path, world.distributions) if user_site else (),
        stale=read_stale(world.system, world.distributions, started=world.started, since=world.since),
        broken=(*broken, *_broken_pth(world), *record_findings(world)),
    )
    return EnvironmentAnswer(
        kernel=kernel,
        kernelspec=spec,
        shell=shell,
        server=server,
        settings=settings,
        findings=diagnose(seen),
        verbose=verbose,
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
    return read_server(
        connection_file=world.connection_file,
        kernel_prefix=world.description["prefix"],
        environ=world.environ,
        run=Within(run=world.door, deadline=deadline),
        deadline=deadline,
    )


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
