"""Whether the two sides of a package fit: the kernel's environment, and what the server gives to the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ipython_where.model import Evidence, Finding, FrontEnd, FrontEndPart, LabExtension, PartVerdict, Server

MANAGER = "@jupyter-widgets/jupyterlab-manager"
_MANAGERS = {"7": ("^3.0.0", "~=1.0"), "8": ("^5.0.0", "~=3.0")}
"""By ipywidgets' major version: the manager's npm range, and the `jupyterlab_widgets` that carries it. ipywidgets itself
names protocols of modules inside the manager, and no version of the manager.
"""


class Off(NamedTuple):
    """What the server's settings disable of an extension: the whole, or some of its plugins.

    ``file`` disables it, and ``locked`` is the file, if any, that forbids enabling it.
    """

    names: tuple[str, ...]
    file: str
    locked: str | None


class RequiredPart(NamedTuple):
    """A part that a package of the kernel's needs, before the server is considered: see `FrontEndPart`."""

    extension: LabExtension
    carrier: str
    carrier_version: str | None
    accepts: str | None

    @property
    def requirement(self) -> str:
        """Its distribution in the kernel's version; the widget manager, if the kernel has none, in a version that fits."""
        if self.carrier_version is not None:
            return exactly(self.carrier, self.carrier_version)
        fitting = (tied for accepts, tied in _MANAGERS.values() if accepts == self.accepts)
        return self.carrier + next(fitting, "")


def exactly(name: str, version: str | None) -> str:
    """The requirement for one version, or for any if the version is unknown."""
    return f"{name}=={version}" if version else name


def manager_range(version: str | None) -> tuple[str, str] | None:
    """What an ipywidgets of this version needs: the manager's npm range, and the requirement on `jupyterlab_widgets`."""
    return _MANAGERS.get((version or "").partition(".")[0])


def anywidget_range(version: str | None) -> str | None:
    """What anywidget's widgets ask for: it computes that from its version, so that its source does not say it."""
    numbers = (version or "").split(".")
    return f"~{numbers[0]}.{numbers[1]}.*" if len(numbers) == 3 and all(each.isdecimal() for each in numbers) else None


def judge_lab_part(
    wanted: RequiredPart,
    served: Mapping[str, LabExtension] | None,
    fits: bool | None,
    *,
    requirement: str | None = None,
    off: Off | None = None,
) -> FrontEndPart:
    """One JupyterLab part, judged. ``fits`` is whether the served version lies in the range, None where that is unknown.

    ``requirement``: what brings it, where that is not its carrier alone.
    """
    there = served.get(wanted.extension.name) if served is not None else None
    in_server = there.version if there is not None else None
    return FrontEndPart(
        kind="JupyterLab",
        name=wanted.extension.name,
        carrier=wanted.carrier,
        carrier_version=wanted.carrier_version,
        requirement=requirement or wanted.requirement,
        accepts=wanted.accepts,
        in_kernel=wanted.extension.version,
        in_server=in_server,
        verdict=_verdict(wanted, there, fits, off) if served is not None else "unknown",
        disabled=off.names if off is not None else (),
        disabled_in=off.file if off is not None else None,
        locked_in=off.locked if off is not None else None,
    )


def _verdict(wanted: RequiredPart, there: LabExtension | None, fits: bool | None, off: Off | None) -> PartVerdict:
    if there is None:
        return "missing"
    if off is not None and wanted.extension.name in off.names and fits is not False:
        return "disabled"
    if fits is not None:
        return "fits" if fits else "misfit"
    return "fits" if there.version is not None and there.version == wanted.extension.version else "unknown"


def judge_server_part(name: str, carrier: str, version: str | None, served: Iterable[str] | None) -> FrontEndPart:
    """One server extension, judged: server extensions declare no version."""
    verdict: PartVerdict = "unknown" if served is None else "fits" if name in served else "missing"
    return FrontEndPart(
        kind="server",
        name=name,
        carrier=carrier,
        carrier_version=version,
        requirement=exactly(carrier, version),
        accepts=None,
        in_kernel=None,
        in_server=None,
        verdict=verdict,
    )


# -- findings ----------------------------------------------------------------------------------------------------------


def lacking(parts: Iterable[FrontEndPart]) -> tuple[FrontEndPart, ...]:
    """The parts that the server provably lacks, or has in a version that does not fit."""
    return tuple(each for each in parts if each.verdict in ("missing", "misfit"))


def server_line(parts: Sequence[FrontEndPart]) -> str:
    """The line that installs these parts into the server's environment, in the kernel's versions."""
    return "%safepip install --server " + " ".join(_requirements(parts))


def _requirements(parts: Sequence[FrontEndPart]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.requirement for each in parts))


def next_step(parts: Iterable[FrontEndPart]) -> str:
    """What to do after these parts were installed into the server's environment."""
    if any(each.kind == "server" for each in parts):
        return "then restart the server and open the page again"
    return "then reload the page"


def diagnose_front_end(name: str, front_end: FrontEnd, server: Server) -> Iterator[Finding]:
    """The parts that the page cannot load, those that do not fit, and a server that started before its parts were installed.

    What the page has loaded from the kernel, nobody needs in the server's environment; what it may load, a click brings.
    """
    yield from diagnose_disabled(name, front_end.parts, server)
    where = Evidence(label="server", value=server.interpreter or server.prefix or "unknown", note=_host(server))
    is_unknown = server.verdict == "unknown"
    lacks = _usable(front_end.parts, front_end) if is_unknown else _unshown(lacking(front_end.parts), front_end)
    usable = _usable(lacks, front_end)
    if lacks and len(usable) == len(lacks):
        yield _available(name, usable)
    elif lacks:
        yield Finding(
            id="lab-part-missing" if any(each.verdict == "missing" for each in lacks) else "lab-part-misfit",
            severity="warning",
            message=_lacking_message(name, lacks),
            evidence=(*map(_evidence, lacks), where),
            hint=_asking(lacks, front_end) + _bringing(lacks, server),
        )
    elif front_end.step == "restart":
        parts = [each for each in front_end.parts if each.kind == "server"]
        yield Finding(
            id="server-older",
            severity="warning",
            message=f"the server started before the server part of `{name}` was installed in its environment",
            evidence=(*(Evidence(label="server part", value=each.name) for each in parts), where),
            hint="restart the server, then open the page again",
        )


def _host(server: Server) -> str | None:
    return f"on {server.host}" if server.host is not None else None


def _unshown(parts: Sequence[FrontEndPart], front_end: FrontEnd) -> tuple[FrontEndPart, ...]:
    """The parts that the page hasn't loaded from elsewhere."""
    loaded = {each.name for each in front_end.page or () if each.state == "loaded"}
    return tuple(each for each in parts if each.kind != "JupyterLab" or each.name not in loaded)


def _usable(parts: Sequence[FrontEndPart], front_end: FrontEnd) -> tuple[FrontEndPart, ...]:
    """The parts that the page may load from the kernel's environment."""
    states = {each.name: each.state for each in front_end.page or ()}
    found = (each for each in parts if each.kind == "JupyterLab")
    return tuple(each for each in found if states.get(each.name) == "available")


def _available(name: str, parts: Sequence[FrontEndPart]) -> Finding:
    return Finding(
        id="lab-part-available",
        severity="warning",
        message=f"the JupyterLab part of `{name}` is in this kernel's environment, and the page hasn't loaded it",
        evidence=tuple(Evidence(label="part", value=f"{each.name} {each.in_kernel or ''}".rstrip()) for each in parts),
        hint=f"`%safepip page load {' '.join(each.name for each in parts)}` loads it into this page; then run the cell again",
    )


def _asking(parts: Sequence[FrontEndPart], front_end: FrontEnd) -> str:
    """The line that asks the page for what its server was not asked about yet: what was only just installed."""
    unasked = {each.name for each in front_end.page or () if each.state == "missing"}
    names = [each.name for each in parts if each.name in unasked]
    return (
        f"`%safepip page load {' '.join(names)}` asks the page to load it from here, or "
        if len(names) == len(parts)
        else ""
    )


def _bringing(parts: Sequence[FrontEndPart], server: Server) -> str:
    """How the parts come to the server: by a line of ours, or by one for whoever is at the machine that it runs on."""
    if server.verdict == "remote":
        line = f"python -m pip install {' '.join(_requirements(parts))}"
        return f"on {server.host}, in {server.prefix}: `{line}`, {next_step(parts)}"
    return f"`{server_line(parts)}` installs {'it' if len(parts) == 1 else 'them'} there; {next_step(parts)}"


def diagnose_unknown_server(name: str, front_end: FrontEnd, server: Server) -> Iterator[Finding]:
    """What to do about the parts if it is unknown which server serves the page; nothing if there is no server."""
    parts = _unshown(front_end.parts, front_end)
    if server.verdict != "unknown" or not parts:
        return
    usable = _usable(parts, front_end)
    if len(usable) == len(parts):
        yield _available(name, usable)
        return
    yield Finding(
        id="server-unknown",
        severity="note",
        message=f"`{name}` needs a part in the Jupyter server's environment, and it is unknown which server that is",
        evidence=tuple(Evidence(label="server", value=each) for each in server.evidence),
        hint=f"where the server runs: `python -m pip install {' '.join(_requirements(parts))}`, {next_step(parts)}",
    )


def diagnose_disabled(name: str, parts: Iterable[FrontEndPart], server: Server) -> Iterator[Finding]:
    """The parts that the server has, but that its settings disable."""
    for part in parts:
        if not part.disabled or part.disabled_in is None:
            continue
        is_whole = part.name in part.disabled
        what = f"the JupyterLab part of `{name}`" if is_whole else f"a plugin of the JupyterLab part of `{name}`"
        yield Finding(
            id="lab-part-disabled",
            severity="warning" if is_whole else "note",
            message=f"{what} is disabled in the server's settings: the page does not load it",
            evidence=(
                *(Evidence(label="disabled", value=each) for each in part.disabled),
                Evidence(label="in", value=part.disabled_in),
                *((Evidence(label="locked in", value=part.locked_in),) if part.locked_in else ()),
            ),
            hint=_enabling(part, server),
        )


def _enabling(part: FrontEndPart, server: Server) -> str:
    """The line that enables it again; a hand edit for files outside its environment, which JupyterLab's command never writes."""
    own = f"{server.prefix}/etc/jupyter/labconfig/"
    if part.locked_in is not None and not part.locked_in.startswith(
        own
    ):  # a lock of its own level does not stop the command
        return "it is locked there: ask whoever manages the server to enable it"
    if server.prefix is None or not (part.disabled_in or "").startswith(own):
        return f"remove {'it' if len(part.disabled) == 1 else 'them'} from that file, then reload the page"
    lines = " and ".join(f"`!{server.prefix}/bin/jupyter-labextension enable {each}`" for each in part.disabled)
    return f"{lines} {'enables it' if len(part.disabled) == 1 else 'enable them'}; then reload the page"


def _lacking_message(name: str, parts: Sequence[FrontEndPart]) -> str:
    missing = [each for each in parts if each.verdict == "missing"]
    if not missing:
        return f"the server's environment has the JupyterLab part that `{name}` needs in a version that does not fit"
    kinds = list(dict.fromkeys(each.kind for each in missing))
    what = f"the {' and the '.join(kinds)} part of `{name}`"
    if all(each.kind == "server" for each in missing):
        return f"{what} is not in the server's environment: the server cannot start it"
    are, them = ("are", "them") if len(kinds) > 1 else ("is", "it")
    return f"{what} {are} not in the server's environment: the page cannot load {them}"


def _evidence(part: FrontEndPart) -> Evidence:
    label = "part" if part.kind == "JupyterLab" else "server part"
    if part.verdict == "missing":
        return Evidence(label=label, value=part.name, note=f"provided by {part.carrier}")
    found = part.in_server or "an unknown version"
    return Evidence(label=label, value=f"{part.name} {found}", note=f"needs {part.accepts}")
