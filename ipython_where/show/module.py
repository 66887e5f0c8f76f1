"""What `%where NAME` shows: where a name comes from, who owns it, what is loaded, what it hides.

Tested in `tests/show/test_render.py`.
"""

from __future__ import annotations

from ipython_where.model import (
    About,
    CondaPackage,
    Distribution,
    Elsewhere,
    FrontEnd,
    FrontEndPart,
    ModuleAnswer,
    PartVerdict,
    PathEntry,
    Shadow,
    Variable,
)

from .page import page_part
from .screen import (
    UNKNOWN,
    Line,
    Part,
    Row,
    Screen,
    Span,
    given,
    listed,
    names,
    path,
    plain,
    python,
    remainder,
    row,
    shortened,
    single,
    size,
)

_KINDS = {
    "source": "source module",
    "package": "package",
    "namespace": "namespace package",
    "extension": "extension module",
    "builtin": "built-in module",
    "frozen": "frozen module",
    "bytecode": "bytecode module without source",
    None: "unknown kind",
}

PLACES = {
    "working directory": "working directory",
    "PYTHONPATH": "`PYTHONPATH`",
    "standard library": "standard library",
    "site-packages": "site-packages",
    "system site-packages": "the system's site-packages",
    "user site": "user site",
    ".pth file": "`.pth` file",
    "code": "added to `sys.path` by running code",
}


def module_screen(answer: ModuleAnswer) -> Screen:
    """The layout of an answer about one name."""
    return Screen(_title(answer), _rows(answer), _details(answer), answer.findings, answer.verbose)


def _title(answer: ModuleAnswer) -> Line:
    name: Part = (Span(answer.query, "name"),)
    if _renamed(answer) and answer.variable:
        return (name, plain(answer.variable.bound_to), *_defined(answer.variable))
    if answer.found and answer.version:
        name = (*name, Span(f" {answer.version}"))
    return (name, *_what(answer))


def _defined(variable: Variable) -> Line:
    """Where the code of a variable is, if no module contains it."""
    if variable.script:
        return ((Span("defined in "), *path(variable.script)),)
    if not variable.notebook:
        return ()
    return (plain("defined in this notebook" + (f", cell {variable.cell}" if variable.cell else "")),)


def _what(answer: ModuleAnswer) -> Line:
    if any(each.id == "unproven" for each in answer.findings):
        return (UNKNOWN,)
    if answer.found is None:
        return ((Span("unknown: "), *python(answer.kernel), Span(" would have to import it")),)
    if not answer.found:
        return ((Span("not found by "), *python(answer.kernel)),)
    words = [_KINDS[answer.kind] if answer.module else "distribution"]
    words += ["standard library"] if answer.standard_library else []
    words += ["zipped"] if answer.zipped else []
    words += ["editable"] if answer.distribution and answer.distribution.editable else []
    return tuple(map(plain, words))


def _rows(answer: ModuleAnswer) -> tuple[Row, ...]:
    verbose = answer.verbose
    return (
        *given("wraps", answer.variable.wraps if answer.variable else None),
        *_module(answer),
        *given("modules", None if answer.module else names(answer.modules)),
        *given("file", answer.file, path),
        *shortened("portions", single(_portions(answer)), verbose=verbose),
        *_found_by(answer),
        *_distribution(answer),
        *(_conda(answer.conda) if answer.conda else ()),
        *_owners(answer),
        *_loaded(answer),
        *shortened("hides", single(map(_shadow, answer.shadows)), verbose=verbose),
        *((row("!python", *_place(answer.shell_python)),) if answer.shell_python else ()),
        *(_front_end(answer.front_end) if answer.front_end else ()),
        *given("provided by", answer.project and f"the project `{answer.project}`"),
        *given("near names", names(answer.near)),
        *shortened("elsewhere", single(map(_elsewhere, answer.elsewhere)), verbose=verbose),
    )


def _renamed(answer: ModuleAnswer) -> bool:
    """Whether the query differs from the module's name; `import numpy` alone binds a variable of the same name."""
    bound_to = answer.variable.bound_to if answer.variable else f"module {answer.query}"
    return answer.module != answer.query or bound_to != f"module {answer.module}"


def _module(answer: ModuleAnswer) -> tuple[Row, ...]:
    if not answer.module or not _renamed(answer):
        return ()
    return (row("module", (Span(answer.module, "name"),), *(_what(answer) if answer.variable else ())),)


def _portions(answer: ModuleAnswer) -> tuple[Line, ...]:
    return tuple((path(portion),) for portion in answer.portions)


def _found_by(answer: ModuleAnswer) -> tuple[Row, ...]:
    if not answer.found or not answer.module:
        return ()
    return (row("found by", python(answer.kernel), *_through(answer)),)


def _through(answer: ModuleAnswer) -> Line:
    entry = answer.path_entry
    if answer.finder:
        return (plain(f"import hook `{answer.finder}`"),)
    if answer.kind in ("builtin", "frozen"):
        return (plain("inside the interpreter"),)
    if entry is None and answer.kind is None and answer.file is None and answer.loaded is not None:
        return (plain("`sys.modules`, where it is loaded"),)
    if entry is None:
        return (plain("unknown `sys.path` entry"),) if answer.kind != "namespace" else ()
    if entry.reason == ".pth file" and entry.source:
        return (path(entry.source),)
    return (plain(PLACES[entry.reason]), *((path(entry.path),) if entry.reason == "code" else ()))


def _distribution(answer: ModuleAnswer) -> tuple[Row, ...]:
    owner = answer.distribution
    if owner is None:
        known = answer.owners or answer.standard_library or not answer.found or (answer.variable and not answer.module)
        return () if known else (row("distribution", plain("none known")),)
    installer = plain(f"installed by {owner.installer}" if owner.installer else "unknown installer")
    requested = (
        () if answer.conda is not None and not answer.conda.replaced else _requested(owner)
    )  # conda's row says it
    return (row("distribution", plain(_named(owner.name, owner.version)), installer, *requested, *_origin(owner)),)


def _conda(package: CondaPackage) -> tuple[Row, ...]:
    asked = {True: "asked for", False: "pulled in by others", None: "unknown whether it was asked for"}[
        package.requested
    ]
    spec = f" as `{package.spec}`" if package.spec and package.spec != package.name else ""
    facts = [plain(f"{package.name} {package.version}"), plain(package.build)]
    facts += [path(package.channel)] if package.channel else []
    facts += [plain(f"{asked}{spec}")]
    facts += [plain(f"pinned to `{package.pinned}`")] if package.pinned else []
    facts += [(Span("another installer put a distribution over it", "warn"),)] if package.replaced else []
    facts += [(Span("hidden by the copy that an import finds", "warn"),)] if package.hidden else []
    return (row("conda", *facts),)


def _owners(answer: ModuleAnswer) -> tuple[Row, ...]:
    if answer.distribution is None:
        return given("distributions", names(answer.owners or ()))
    return given("also owned by", names(tuple(o for o in answer.owners or () if o != answer.distribution.name)))


def _named(name: str, version: str | None) -> str:
    return f"{name} {version or '(version unknown)'}"


def _requested(owner: Distribution) -> Line:
    if owner.requested is None:
        return ()
    if owner.requested:
        return (plain("requested"),)
    return (plain("dependency"), *((plain(f"required by {names(owner.required_by)}"),) if owner.required_by else ()))


def _origin(owner: Distribution) -> Line:
    if owner.origin is None:
        return ()
    url = owner.origin.url
    if url.startswith("file://") and "%" not in url:
        url = url.removeprefix("file://")
    commit = f" at {owner.origin.commit[:12]}" if owner.origin.commit else ""
    return ((Span("from "), *path(url), *((Span(commit),) if commit else ())),)


def _loaded(answer: ModuleAnswer) -> tuple[Row, ...]:
    loaded = answer.loaded
    if loaded is None:
        return (row("loaded", plain("no")),) if answer.found and answer.module else ()
    if answer.stale:
        return (row("loaded", *_stale(answer), *_loaded_file(answer)),)
    unsure = "unknown whether it matches what is installed"
    return (row("loaded", plain("yes"), *_loaded_version(answer), *((plain(unsure),) if answer.stale is None else ())),)


def _loaded_version(answer: ModuleAnswer) -> Line:
    version = answer.loaded.version if answer.loaded else None
    return (plain(f"version {version}"),) if version and answer.version and version != answer.version else ()


def _stale(answer: ModuleAnswer) -> Line:
    version = answer.loaded.version if answer.loaded else None
    if version and answer.version and version != answer.version:
        return (plain("yes"), (Span(f"{version}, but {answer.version} is installed now", "warn"),))
    if answer.file is None and answer.kind is None:
        return ((Span("yes, but its file is gone", "warn"),),)
    return ((Span("yes, but it differs from what is installed", "warn"),),)


def _loaded_file(answer: ModuleAnswer) -> Line:
    file = answer.loaded.file if answer.loaded else None
    return ((Span("from "), *path(file)),) if file and file != answer.file else ()


def _shadow(shadow: Shadow) -> Line:
    owner: Line = (plain(_named(shadow.distribution, shadow.version)),) if shadow.distribution else ()
    entry = shadow.path_entry
    return (path(shadow.file), *owner, *((plain(PLACES[entry.reason]),) if entry else ()))


def _place(found: Elsewhere) -> Line:
    where = path(found.interpreter or found.prefix)
    owner = plain(_named(found.distribution, found.version)) if found.distribution else None
    return (where, *((owner,) if owner else ()), *((path(found.file),) if found.file else ()))


def _elsewhere(found: Elsewhere) -> Line:
    owner = plain(_named(found.distribution, found.version) if found.distribution else "unknown distribution")
    return (path(found.interpreter or found.prefix), owner, plain(found.why))


def _front_end(front_end: FrontEnd) -> tuple[Row, ...]:
    lab = [each for each in front_end.parts if each.kind == "JupyterLab"]
    server = [each for each in front_end.parts if each.kind == "server"]
    return (
        *listed("JupyterLab", ((plain(_part_name(each)), *_lab_part(each)) for each in lab)),
        *listed("server part", ((plain(each.name), _SERVER_PARTS[each.verdict]) for each in server)),
        *_page(front_end),
    )


def _page(front_end: FrontEnd) -> tuple[Row, ...]:
    """What the page has of the JupyterLab parts, or what it needs to have them; nothing more where it has them all."""
    if front_end.page is None or all(each.state == "loaded" and each.source == "server" for each in front_end.page):
        return given("page", _STEPS.get(front_end.step or ""))
    several = len(front_end.page) > 1
    return listed("page", ((*((plain(each.name),) if several else ()), *page_part(each)) for each in front_end.page))


def _part_name(part: FrontEndPart) -> str:
    return part.name if part.carrier_version is None else _named(part.name, part.in_kernel)


_STEPS = {
    "reload": "reload it, if it was opened before that was installed",
    "restart": "restart the server, then open the page again",
}

_SERVER_PARTS: dict[PartVerdict, Part] = {
    "fits": (Span("the server has it", "good"),),
    "missing": (Span("not in the server's environment", "warn"),),
    "misfit": (Span("not in the server's environment", "warn"),),
    "disabled": (Span("disabled in the server's settings", "warn"),),
    "unknown": plain("unknown whether the server has it"),
}


def _lab_part(part: FrontEndPart) -> Line:
    there = part.in_server or "an unknown version"
    if part.verdict == "missing":
        return (_SERVER_PARTS["missing"],)
    if part.verdict == "disabled":
        return (_SERVER_PARTS["disabled"], path(part.disabled_in or ""))
    if part.verdict == "misfit":
        return ((Span(f"the server has {there}, which does not fit", "warn"),), plain(f"`{part.accepts}` is needed"))
    if part.verdict == "fits":
        shown = "it" if there == part.in_kernel else f"{there}, which fits"
        return ((Span(f"the server has {shown}", "good"),),)
    if part.in_server is None:
        return (_SERVER_PARTS["unknown"],)
    return (plain(f"the server has {there}: unknown whether that fits"),)


# -- details -----------------------------------------------------------------------------------------------------------


def _details(answer: ModuleAnswer) -> tuple[Row, ...]:
    verbose, modules = answer.verbose, answer.modules if answer.modules != (answer.module,) else ()
    return (
        *((row("path entry", *_entry(answer.path_entry)),) if answer.path_entry else ()),
        *_loaded_details(answer),
        *(_about(answer.about) if answer.about else ()),
        *((row("its record", path(answer.conda.record)),) if answer.conda else ()),
        *(_distribution_details(answer.distribution, answer.path_entry) if answer.distribution else ()),
        *((row("its modules", *map(plain, modules)),) if modules else ()),
        *remainder("portions", single(_portions(answer)), verbose=verbose),
        *remainder("hides", single(map(_shadow, answer.shadows)), verbose=verbose),
        *remainder("elsewhere", single(map(_elsewhere, answer.elsewhere)), verbose=verbose),
        *listed("found in", ((path(e.file),) for e in answer.elsewhere if e.file)),
    )


def _entry(entry: PathEntry) -> Line:
    source: Line = ((Span("from "), *path(entry.source)),) if entry.source else ()
    return (path(entry.path), plain(PLACES[entry.reason]), *source)


def _loaded_details(answer: ModuleAnswer) -> tuple[Row, ...]:
    """The loaded file, unless a row already shows it, as the found one or as a stale module's."""
    loaded = answer.loaded
    if loaded is None or not answer.file or loaded.file == answer.file or (answer.stale and loaded.file):
        return ()
    return (row("loaded from", path(loaded.file) if loaded.file else UNKNOWN),)


def _about(about: About) -> tuple[Row, ...]:
    return (
        *given("summary", about.summary),
        *given("home page", about.home_page, path),
        *given("license", about.license),
        *(() if about.files is None else (row("files", plain(f"{about.files:,}"), plain(size(about.size or 0))),)),
    )


def _distribution_details(owner: Distribution, entry: PathEntry | None) -> tuple[Row, ...]:
    return (
        *((row("location", path(owner.location)),) if entry is None or entry.path != owner.location else ()),
        row("metadata", path(owner.metadata)),
        *((row("requested", plain("not recorded")),) if owner.requested is None else ()),
        *(_origin_details(owner)),
        *_requires(owner),
        *_required_by(owner),
    )


def _required_by(owner: Distribution) -> tuple[Row, ...]:
    by = owner.required_by
    if owner.requested is False and by and names(by) == ", ".join(by):
        return ()
    return (row("required by", *(map(plain, by) if by else (plain("nothing installed"),))),)


def _requires(owner: Distribution) -> tuple[Row, ...]:
    always = tuple(plain(each) for each in owner.requires if "extra ==" not in each)
    extras = tuple(plain(each) for each in owner.requires if "extra ==" in each)
    return (row("requires", *(always or (plain("nothing"),))), *listed("extras require", [extras] if extras else ()))


def _origin_details(owner: Distribution) -> tuple[Row, ...]:
    origin = owner.origin
    if origin is None:
        return ()
    vcs: Line = (plain(f"{origin.vcs} commit {origin.commit or 'unknown'}"),) if origin.vcs else ()
    return (row("origin", path(origin.url), plain("editable" if origin.editable else "not editable"), *vcs),)
