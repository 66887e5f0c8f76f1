"""What `%where --imported` shows: Python, the machine, and each imported module with its distribution."""

from __future__ import annotations

from ipython_where.model import ImportedAnswer, ImportedModule, Machine

from .module import PLACES
from .screen import Line, Part, Row, Screen, Span, given, path, plain, python, row


def imported_screen(answer: ImportedAnswer) -> Screen:
    """The layout of an answer about what is imported: the notebook's own modules first."""
    own = [each for each in answer.modules if each.in_notebook]
    others = [each for each in answer.modules if not each.in_notebook]
    shown = {_named(each) for each in own if each.distribution}
    more = [each for each in others if each.stale or _named(each) not in shown]
    rows = (*_around(answer), *map(_module, own), *_in_short(more, "also loaded" if own else "loaded"))
    return Screen((), rows, tuple(map(_module, others)), answer.findings, answer.verbose)


def _around(answer: ImportedAnswer) -> tuple[Row, ...]:
    machine = answer.machine
    processors = f"{machine.processors} usable" if machine.processors else None
    processor = " · ".join(filter(None, (machine.processor, processors)))
    return (
        row("Python", plain(f"{answer.implementation} {answer.version}"), python(answer.executable)),
        *given("system", system_of(machine)),
        *given("processor", processor),
        *given("graphics", ", ".join(machine.graphics)),
    )


def system_of(machine: Machine) -> str:
    """The operating system, its kernel and the architecture, as far as they are known."""
    return ", ".join(dict.fromkeys(filter(None, (machine.system, machine.kernel, machine.architecture))))


def _module(module: ImportedModule) -> Row:
    return row(module.module, plain(_named(module)), *_state(module), *_place(module))


def _named(module: ImportedModule) -> str:
    """The distribution and its version; without one, what is known of the module itself."""
    if module.distribution:
        return f"{module.distribution} {module.version or '(version unknown)'}"
    if module.owners:
        return " and ".join(module.owners)
    version = f"version {module.loaded_version}" if module.loaded_version else None
    return version or ("no distribution" if module.owners is not None else "unknown distribution")


def _state(module: ImportedModule) -> Line:
    """What the version alone does not say: which one is loaded, if it is another one, and whether that is known."""
    said = module.loaded_version
    differs = bool(said and module.version and said != module.version)
    if module.stale:
        loaded = f"{said} is loaded" if differs else "what is loaded differs"
        return ((Span(f"{loaded}: restart the kernel", "warn"),),)
    editable = (plain("editable"),) if module.editable else ()
    by_code = (plain(f"{said} by its `__version__`"),) if differs and module.editable else ()
    unsure = (plain("unknown whether that is loaded"),) if module.stale is None else ()
    return (*editable, *by_code, *unsure)


def _place(module: ImportedModule) -> Line:
    entry = module.path_entry
    if module.file is None:
        return ()
    if entry is None or module.editable or module.distribution is None:
        return (path(module.file),)
    return (plain(PLACES[entry.reason]),)


def _in_short(modules: list[ImportedModule], label: str) -> tuple[Row, ...]:
    """Each distribution once, with its version; a module without one by its own name."""
    parts: dict[str, Part] = {}
    for each in modules:
        text = _named(each) if each.distribution else each.module
        parts.setdefault(text, (Span(f"{text}, stale", "warn"),) if each.stale else plain(text))
    return (row(label, *parts.values()),) if parts else ()
