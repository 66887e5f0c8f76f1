"""What `%where` without a name shows: kernel, kernelspec, the shell's commands, server.

Tested in `tests/show/test_render.py`.
"""

from __future__ import annotations

from ipython_where.model import (
    CondaEnvironment,
    Environment,
    EnvironmentAnswer,
    Kernelspec,
    PackageManager,
    Server,
    Setting,
    ShellCommand,
)

from .screen import UNKNOWN, Line, Part, Role, Row, Screen, Span, listed, path, plain, proof, python, row

_KINDS = {
    "venv": "venv",
    "virtualenv": "virtualenv",
    "uv": "venv",
    "conda": "conda environment",
    "pyenv": "pyenv Python",
    "system": "system Python",
    "pipx": "pipx environment",
    "embedded": "embedded Python",
    "standalone": "standalone Python",
}


def environment_screen(answer: EnvironmentAnswer) -> Screen:
    """The layout of an answer about this kernel."""
    return Screen((), _rows(answer), _details(answer), answer.findings, answer.verbose)


def _rows(answer: EnvironmentAnswer) -> tuple[Row, ...]:
    kernel = answer.kernel
    # IPython in a terminal, or a script: calling it a kernel would contradict the server's row
    is_kernel = answer.kernelspec is not None or answer.server.verdict != "none"
    return (
        row(
            "kernel" if is_kernel else "interpreter",
            python(kernel.executable),
            plain(f"{kernel.implementation} {kernel.version}"),
        ),
        _environment(kernel),
        *((_conda(answer.conda, kernel),) if answer.conda else ()),
        *((_kernelspec(answer.kernelspec),) if is_kernel else ()),
        *(Row(f"!{command.name}", (_command(command),)) for command in answer.shell.commands if _is_shown(command)),
        *(
            (row("PATH", plain("begins with this environment, by `%config PipGuard.path`")),)
            if answer.path_is_set
            else ()
        ),
        *((row("%pip", plain("does what `%safepip` does")),) if answer.pip_is_safepip else ()),
        _server(answer.server),
        *_installs(answer),
    )


def _environment(kernel: Environment) -> Row:
    facts = [plain(_kind(kernel)), plain("writable") if kernel.writable else (Span("not writable", "warn"),)]
    if kernel.externally_managed:
        facts.append((Span("externally managed", "warn"),))
    if kernel.user_site_in_use:
        facts.append(plain("user site in use"))
    facts += [_installer(i, kernel.prefix) for i in kernel.installers] or [(Span("no installer found", "warn"),)]
    if kernel.container:
        facts.append(plain(f"in {kernel.container}"))
    return row("environment", *facts)


def _conda(conda: CondaEnvironment, kernel: Environment) -> Row:
    named = "without a name" if conda.name is None else conda.name
    facts = [plain("base environment" if conda.base else named), plain(f"{conda.packages} packages")]
    facts += [plain(f"channels {', '.join(conda.channels)}")] if conda.channels else []
    facts += [plain(f"pinned {', '.join(f'`{each}`' for each in conda.pinned)}")] if conda.pinned else []
    facts += [(Span("frozen", "warn"),)] if conda.frozen else []
    facts += [(Span("managed by pixi: "), *path(conda.manifest or "unknown project"))] if conda.pixi else []
    facts += [plain("activated" if conda.activated else "not activated")]
    has_program = any(each.name in ("conda", "mamba", "micromamba", "pixi") for each in kernel.installers)
    facts += [] if has_program else [plain("no conda, mamba, micromamba or pixi found")]
    return row("conda", *facts)


def _kind(kernel: Environment) -> str:
    kind, maker = _KINDS[kernel.kind], kernel.made_by
    if maker is None:
        # only for a `venv` can the creator be unknown: the other kinds are recognised by their creator
        return f"{kind}, creator unknown" if kernel.kind == "venv" else kind
    if maker == kernel.kind or maker.startswith(f"{kind} "):
        return kind if maker == kernel.kind else maker
    # `uv 0.13.9` is a name and a version, `python -m venv` a command
    return f"{kind} by {maker}" if maker[-1].isdigit() else f"{kind} by `{maker}`"


def _installer(installer: PackageManager, prefix: str) -> Part:
    name = f"{installer.name} {installer.version}" if installer.version else installer.name
    return plain(f"{name} inside") if _is_inside(installer, prefix) else (Span(f"{name} at "), *path(installer.path))


def _is_inside(installer: PackageManager, prefix: str) -> bool:
    return installer.path.startswith((f"{prefix.rstrip('/')}/", f"{prefix}\\"))


def _kernelspec(spec: Kernelspec | None) -> Row:
    if spec is None:
        return row("kernelspec", plain("none known"))
    return row("kernelspec", plain(spec.name), _spec_file(spec), _starts(spec))


def _spec_file(spec: Kernelspec) -> Part:
    if spec.file:
        return path(spec.file) if spec.exists else (*path(spec.file), Span(" does not exist", "warn"))
    return plain("built into Jupyter") if spec.exists else (Span("no `kernel.json` of this name", "warn"),)


def _starts(spec: Kernelspec) -> Part:
    if spec.starts_this_interpreter:
        return (Span("starts this interpreter", "good"),)
    if not spec.interpreter:
        return plain("unknown what it starts")
    if spec.interpreter_exists is False:
        return (Span("starts ", "warn"), *path(spec.interpreter), Span(" which does not exist"))
    if spec.starts_this_interpreter is None:
        return (Span("unknown whether "), *path(spec.interpreter), Span(" is this interpreter"))
    return (Span("starts another interpreter: ", "warn"), *path(spec.interpreter))


def _is_shown(command: ShellCommand) -> bool:
    return command.path is not None or command.name in ("pip", "python")


def _command(command: ShellCommand) -> Line:
    if command.path is None:
        return (proof(command.evidence),)
    same = _same(command.same_environment, other="warn")
    if command.same_environment:
        return (path(command.path), same)
    reached = command.interpreter or command.prefix
    if reached is None:
        return (path(command.path), plain("unknown Python"), same)
    version = command.version or "(version unknown)"
    if reached == command.path:
        return (python(reached, version), same)
    return ((*path(command.path), Span(" → "), *python(reached, version)), same)


def _same(same: bool | None, *, other: Role = "plain") -> Part:
    if same is None:
        return plain("unknown whether it is this environment")
    return (Span("this environment", "good"),) if same else (Span("another environment", other),)


def _server(server: Server) -> Row:
    if server.verdict not in ("local", "remote"):
        return row("server", plain(server.verdict), *map(proof, server.evidence))
    if server.verdict == "remote":
        return _remote_server(server)
    interpreter = python(server.interpreter, server.interpreter_version)
    version = plain(f"Jupyter Server {server.version or '(version unknown)'}")
    first: Line = (interpreter, version, _same(server.same_environment))
    return Row("server", (first, (path(server.url),)) if server.url else (first,))


def _remote_server(server: Server) -> Row:
    """Its paths are another machine's: not shortened as this one's are."""
    python_there = f"Python {server.interpreter_version}" if server.interpreter_version else "unknown Python"
    there = plain(server.interpreter or server.prefix or "unknown")
    version = plain(f"Jupyter Server {server.version or '(version unknown)'}")
    return row("server", plain(f"remote: on {server.host}"), there, plain(python_there), version)


def _installs(answer: EnvironmentAnswer) -> tuple[Row, ...]:
    """Where libraries and JupyterLab extensions go; nothing without a server, because there is no page to extend."""
    server, libraries = answer.server, answer.kernel.prefix
    if server.verdict == "none":
        return ()
    if server.same_environment:
        return (row("installs", (Span("libraries and JupyterLab extensions go into "), *path(libraries))),)
    there = plain(f"{server.prefix} on {server.host}") if server.verdict == "remote" else None
    extensions = there or (path(server.prefix) if server.prefix else plain("an unknown environment"))
    return (
        row(
            "installs",
            (Span("libraries go into "), *path(libraries)),
            (Span("JupyterLab extensions into "), *extensions),
        ),
    )


# -- details -----------------------------------------------------------------------------------------------------------


def _details(answer: EnvironmentAnswer) -> tuple[Row, ...]:
    shell = answer.shell
    return (
        *_kernel_details(answer.kernel),
        *(_kernelspec_details(answer.kernelspec) if answer.kernelspec else ()),
        row("shell", path(shell.program) if shell.program else UNKNOWN),
        *(row for command in shell.commands for row in _command_details(command)),
        *(_server_details(answer.server) if answer.server.verdict in ("local", "remote") else ()),
        *_settings(answer.settings),
    )


def _kernel_details(kernel: Environment) -> tuple[Row, ...]:
    system_site = {True: "visible", False: "not visible", None: "unknown"}[kernel.system_site_packages]
    user_site = (
        path(kernel.user_site) if kernel.user_site else UNKNOWN,
        plain("enabled" if kernel.user_site_enabled else "disabled"),
        plain("in use" if kernel.user_site_in_use else "not in use"),
    )
    # the environment's own row already shows the other installers' paths, a container and PEP 668
    inside = (i for i in kernel.installers if _is_inside(i, kernel.prefix))
    installers = ((plain(f"{i.name} {i.version or '(version unknown)'}"), path(i.path)) for i in inside)
    return (
        row("prefix", path(kernel.prefix)),
        row("base prefix", path(kernel.base_prefix)),
        *listed("site-packages", ((path(directory),) for directory in kernel.site_directories)),
        row("system site", plain(system_site)),
        row("user site", *user_site),
        *(() if kernel.externally_managed else (row("PEP 668", plain("not externally managed")),)),
        *listed("installers", installers),
        row("host", plain(kernel.host)),
        *(() if kernel.container else (row("container", plain("none known")),)),
    )


def _kernelspec_details(spec: Kernelspec) -> tuple[Row, ...]:
    return (
        row("kernelspec", plain(spec.display_name or "unknown display name"), proof(spec.evidence, spec.file)),
        row("its command", plain(f"`{' '.join(spec.argv)}`") if spec.argv else UNKNOWN),
        *listed("hidden by it", ((path(file),) for file in spec.shadowed)),
    )


def _command_details(command: ShellCommand) -> tuple[Row, ...]:
    """The evidence, and what the command's own row leaves out."""
    if command.path is None and _is_shown(command):
        return ()
    prefix: Line = (
        ((Span("prefix "), *path(command.prefix)),) if command.prefix and not command.same_environment else ()
    )
    return (row(f"!{command.name}", *prefix, proof(command.evidence, command.path, command.interpreter)),)


def _server_details(server: Server) -> tuple[Row, ...]:
    prefix = (Span("prefix "), *(path(server.prefix) if server.prefix else UNKNOWN))
    process = plain(f"process {server.pid}" if server.pid else "unknown process")
    return (Row("server", ((prefix, process), *((proof(seen, server.url),) for seen in server.evidence))),)


def _settings(settings: tuple[Setting, ...]) -> tuple[Row, ...]:
    lines = map(_setting, sorted(settings, key=lambda setting: not setting.diverts))
    return listed("settings", lines) or (row("settings", plain("none")),)


def _setting(setting: Setting) -> Line:
    source = plain("environment") if setting.source == "environment" else path(setting.source)
    diverts: Line = ((Span("diverts installs", "warn"),),) if setting.diverts else ()
    return (plain(f"`{setting.name}={setting.value}`"), source, *diverts)
