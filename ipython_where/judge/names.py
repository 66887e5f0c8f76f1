"""Which project provides a missing import name, if that is certain; and words that are nearly the same.

The table (`providers`) is a closed list, made from evidence; anything else is unknown. Installing a project because its
name resembles the import name is just what typosquatters hope for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_PLACEHOLDERS = {
    "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv",
    "imblearn": "imbalanced-learn",
    "pytorch": "torch",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "zmq": "pyzmq",
}
"""Projects on PyPI that, by their own description, only tell you to install another one."""

_ABSENT = {"cv2": "opencv-python", "dateutil": "python-dateutil", "pil": "pillow", "yaml": "PyYAML"}
"""Import names that no PyPI project has."""


def project_meant(name: str) -> tuple[str, bool] | None:
    """The project meant by a placeholder's name (True), or by a name that no project has (False); None for other names."""
    folded = name.lower().replace("_", "-")
    if folded in _PLACEHOLDERS:
        return _PLACEHOLDERS[folded], True
    return (_ABSENT[folded], False) if folded in _ABSENT else None


def projects_for(module: str) -> tuple[str, ...]:
    """The projects that provide an import name, dotted or not, or that a project's name means; none if that is uncertain.

    If there are two, as for `cv2`, the first is the one that its authors recommend to beginners.
    """
    name = module
    while name:
        projects = _providers(name)
        if projects:
            return projects if projects != ("-",) else ()
        name = name.rpartition(".")[0]
    return next(((project,) for _, project in _named(folded(module))), ())


def project_for(module: str) -> str | None:
    """The project to install for an import name or a project's name; None if that is uncertain."""
    return next(iter(projects_for(module)), None)


def modules_of(project: str) -> tuple[str, ...]:
    """The top-level import names that the closed list has for a project."""
    return tuple(dict.fromkeys(module for module, _ in _named(folded(project)) if "." not in module))


def is_project(name: str) -> bool:
    """Whether the closed list has a project of this name."""
    return any(_named(folded(name)))


def _providers(module: str) -> tuple[str, ...]:
    """The projects that the table has for exactly this import name."""
    from .providers import PROVIDERS  # it reads 77 kB, and only what is missing needs it

    start = PROVIDERS.find(f"\n{module}\n") if module.isascii() and " " not in module else -1
    if start >= 0:
        return (module.replace("_", "-"),)
    start = PROVIDERS.find(f"\n{module} ")
    return tuple(PROVIDERS[start + 1 : PROVIDERS.index("\n", start + 1)].split()[1:]) if start >= 0 else ()


def _named(wanted: str) -> Iterator[tuple[str, str]]:
    """Import name and project, for each line of the table whose project has this folded name."""
    from .providers import PROVIDERS

    text = folded(PROVIDERS)
    for before in ("\n", " ") if wanted else ():
        start = -1
        while (start := text.find(f"{before}{wanted}", start + 1)) >= 0:
            line = PROVIDERS[PROVIDERS.rindex("\n", 0, start + 1) + 1 : PROVIDERS.index("\n", start + 1)]
            module, *projects = line.split()
            for project in projects or (module.replace("_", "-"),):
                if folded(project) == wanted and project != "-":
                    yield module, project


_LEFT = {"pkg_resources": ("setuptools", "82")}
"""Modules that were dropped from their project, with the first release without them."""


def left_in(module: str) -> str | None:
    """The first release of its project without a module; None if the project still has it."""
    return _LEFT.get(module.partition(".")[0], (None, None))[1]


def requirement_for(module: str) -> str | None:
    """What to install for an import name, if that is certain: the project, in a version that still has the module."""
    project, release = project_for(module), left_in(module)
    return f"{project}<{release}" if project is not None and release is not None else project


_WINDOWS = frozenset(("pywin32", "WMI", "pywinpty", "comtypes"))
"""Projects that nothing but Windows can import: their wheels, or what they require or call, are for it alone."""

_WINDOWS_OWN = frozenset("_msi _winapi msvcrt winreg winsound".split())
"""Modules of the standard library whose documentation says `Availability: Windows`, and those behind them."""


def exists_only_on(module: str, system: str) -> str | None:
    """The one system, as `platform.system()` calls it, that has a module at all; None if that is ``system``, or not known."""
    if system == "Windows" or not system:
        return None
    projects = projects_for(module)
    is_for_windows = bool(projects) and _WINDOWS.issuperset(projects)
    return "Windows" if is_for_windows or module.partition(".")[0] in _WINDOWS_OWN else None


_REMOVED = {
    "3.11": "binhex",
    "3.12": "asynchat asyncore distutils imp smtpd",
    "3.13": "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd "
    "sunau telnetlib uu xdrlib",
}
"""Modules that were dropped from the standard library, by the first Python release without them."""


def removed_in(module: str) -> str | None:
    """The first Python release whose standard library lacks a module (PEP 594, PEP 632); None for any other module."""
    top = module.partition(".")[0]
    return next((release for release, names in _REMOVED.items() if top in names.split()), None)


def imported_as(name: str) -> str | None:
    """The import name of a project that was imported by its own name (`beautifulsoup4` is imported as `bs4`), if any."""
    if _providers(name):
        return None
    wanted = folded(name)
    modules = list(dict.fromkeys(module for module, _ in _named(wanted)))
    modules = [module for module in modules if "." not in module and folded(module) == wanted] or modules
    modules = modules or _in_other_case(name)
    return modules[0] if len(modules) == 1 else None


def _in_other_case(module: str) -> list[str]:
    """The import names of the table that differ from this one in case alone: `PIL` for `pil`."""
    import re

    from .providers import PROVIDERS

    found = re.findall(rf"(?mi)^{re.escape(module)}(?= |$)", PROVIDERS) if module.isidentifier() else []
    return [each for each in found if _providers(each) != ("-",)]


def near(name: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Words from a closed vocabulary, such as options, that may be what was meant, likeliest first.

    For a module, which may be any of half a million, see `misspelt`. Words of four letters or more may have one slip
    (an extra, missing or different letter, or two swapped), words of eight or more may have two.
    """
    wanted = folded(name)
    slips = 0 if len(wanted) < 4 else 1 if len(wanted) < 8 else 2
    letters = set(wanted)
    ranked = []
    for other in set(known):
        if other == name or abs(len(other) - len(wanted)) > slips:
            continue
        candidate = folded(other)
        if len(letters.symmetric_difference(candidate)) > 2 * slips:
            continue
        distance = _distance(wanted, candidate, slips)
        if distance <= slips:
            ranked.append((distance, candidate[:1] != wanted[:1], other))
    return tuple(other for _, _, other in sorted(ranked)[:limit])


_SEPARATORS = str.maketrans("-.", "__")


def folded(name: str) -> str:
    """A name normalized for case and separators."""
    return name.lower().translate(_SEPARATORS)


def _distance(a: str, b: str, most: int) -> int:
    """The number of slips between two words (optimal string alignment), exact up to ``most``."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if not a or not b or max(len(a), len(b)) == 1:
        return max(len(a), len(b))
    return _aligned(a, b, most)


def _aligned(a: str, b: str, most: int) -> int:
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            best = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and other == a[i - 2]:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        if min(row) > most and min(before) > most:
            return most + 1
    return row[-1]
