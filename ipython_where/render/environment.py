"""What `%where` without a name shows: kernel, kernelspec, the shell's commands, server."""

from __future__ import annotations

from ..model import Environment, EnvironmentAnswer, Installer, Kernelspec, Server, Setting, ShellCommand
from .screen import UNKNOWN, Line, Part, Role, Row, Screen, Span, listed, path, plain, python, row

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
    shown = (c for c in answer.shell.commands if c.path or c.name in ("pip", "python"))
    kernel = answer.kernel
    return (
        row("kernel", python(kernel.executable), plain(f"{kernel.implementation} {kernel.version}")),
        _environment(kernel),
        _kernelspec(answer.kernelspec),
        *(Row(f"!{command.name}", (_command(command),)) for command in shown),
        _server(answer.server),
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


def _kind(kernel: Environment) -> str:
    kind, maker = _KINDS[kernel.kind], kernel.made_by
    if maker is None:
        # only `venv` leaves open who made it: the other kinds are told by their maker
        return f"{kind} of unknown making" if kernel.kind == "venv" else kind
    return maker if maker.startswith(f"{kind} ") else kind if maker == kernel.kind else f"{kind} by {maker}"


def _installer(installer: Installer, prefix: str) -> Part:
    name = f"{installer.name} {installer.version}" if installer.version else installer.name
    if installer.path.startswith((f"{prefix}/", f"{prefix}\\")):
        return plain(f"{name} inside")
    return (Span(f"{name} at "), *path(installer.path))


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


def _command(command: ShellCommand) -> Line:
    if command.path is None:
        return (plain("not on `PATH`"),)
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
    if server.verdict != "local":
        return row("server", plain(server.verdict), *map(plain, server.evidence))
    interpreter = python(server.interpreter, server.interpreter_version)
    version = plain(f"Jupyter Server {server.version or '(version unknown)'}")
    url: Line = (path(server.url),) if server.url else ()
    return row("server", interpreter, version, _same(server.same_environment), *url)


# -- details -----------------------------------------------------------------------------------------------------------


def _details(answer: EnvironmentAnswer) -> tuple[Row, ...]:
    shell = answer.shell
    return (
        *_kernel_details(answer.kernel),
        *(_kernelspec_details(answer.kernelspec) if answer.kernelspec else ()),
        row("shell", path(shell.program) if shell.program else UNKNOWN),
        *map(_command_details, shell.commands),
        *(_server_details(answer.server) if answer.server.verdict == "local" else ()),
        *(listed("settings", map(_setting, answer.settings)) or (row("settings", plain("none")),)),
    )


def _kernel_details(kernel: Environment) -> tuple[Row, ...]:
    system_site = {True: "visible", False: "not visible", None: "unknown"}[kernel.system_site_packages]
    user_site = (
        path(kernel.user_site) if kernel.user_site else UNKNOWN,
        plain("enabled" if kernel.user_site_enabled else "disabled"),
        plain("in use" if kernel.user_site_in_use else "not in use"),
    )
    installers = ((plain(f"{i.name} {i.version or '(version unknown)'}"), path(i.path)) for i in kernel.installers)
    return (
        row("prefix", path(kernel.prefix)),
        row("base prefix", path(kernel.base_prefix)),
        row("made by", plain(kernel.made_by or "unknown")),
        *listed("site-packages", ((path(directory),) for directory in kernel.site_directories)),
        row("system site", plain(system_site)),
        row("user site", *user_site),
        row("PEP 668", plain("externally managed" if kernel.externally_managed else "not externally managed")),
        *listed("installers", installers),
        row("host", plain(kernel.host)),
        row("container", plain(kernel.container or "none known")),
    )


def _kernelspec_details(spec: Kernelspec) -> tuple[Row, ...]:
    return (
        row("kernelspec", plain(spec.display_name or "unknown display name"), plain(spec.evidence)),
        row("its command", plain(f"`{' '.join(spec.argv)}`") if spec.argv else UNKNOWN),
        *listed("hidden by it", ((path(file),) for file in spec.shadowed)),
    )


def _command_details(command: ShellCommand) -> Row:
    version = command.version or "(version unknown)"
    reached: Line = (python(command.interpreter, version),) if command.interpreter else ()
    prefix: Line = ((Span("prefix "), *path(command.prefix)),) if command.prefix else ()
    return row(f"!{command.name}", *reached, *prefix, plain(command.evidence))


def _server_details(server: Server) -> tuple[Row, ...]:
    prefix = (Span("prefix "), *(path(server.prefix) if server.prefix else UNKNOWN))
    process = plain(f"process {server.pid}" if server.pid else "unknown process")
    return (Row("server", ((prefix, process), *((plain(seen),) for seen in server.evidence))),)


def _setting(setting: Setting) -> Line:
    source = plain("environment") if setting.source == "environment" else path(setting.source)
    diverts: Line = ((Span("diverts installs", "warn"),),) if setting.diverts else ()
    return (plain(f"`{setting.name}={setting.value}`"), source, *diverts)
