"""The house holds: who may import whom, what the front door shows, what importing the package costs."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import ipython_where
from tests.house import circles, class_names

from . import environments

PACKAGE = Path(ipython_where.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Lowest first: a file may import from its own room and from those before it. A folder's name stands for all in it.
ROOMS = (
    (
        "value",
        "model",
        "errors",
        "redact",
        "secret_forms",
        "interrupts",
        "legible",
        "console",
        "layouts",
        "project_names",
        "folders",
    ),
    (
        "judge",
        "show",
        "arguments",
        "change.values",
        "workers.values",
        "facts.settings.pip_option",
        "facts.settings.pip_options",
    ),
    ("probe", "lab_probe", "trust", "runner", "facts"),
    ("answer",),
    ("change",),
    ("workers",),
    ("__init__", "session", "terminal", "magics", "show.notebook", "page", "__main__"),
)
HEAVY = (
    "IPython",
    "asyncio",
    "html",
    "http.client",
    "importlib.metadata",
    "importlib_metadata",
    "json",
    "packaging",
    "psutil",
    "subprocess",
    "tomllib",
    "typing",
    "urllib.request",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import statement's module: absolute, or beginning with `ipython_where`."""

    module: str
    line: int
    in_function: bool
    for_types: bool = False


def name_of(file: Path) -> str:
    """The file's module name inside the package: `facts.shell.shell`, `model`, `__main__`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def room_of(module: str) -> int | None:
    """The room of a module; the longest name listed wins, so that one file of a folder can live elsewhere."""
    rooms = {name: number for number, names in enumerate(ROOMS) for name in names}
    parts = module.split(".")
    found = (rooms.get(".".join(parts[:length])) for length in range(len(parts), 0, -1))
    return next((room for room in found if room is not None), None)


@cache
def imports_of(file: Path) -> tuple[Import, ...]:
    """All imports of a file, each name of `from . import a, b` as its own module."""
    package = (PACKAGE.name, *file.relative_to(PACKAGE).parent.parts)
    return tuple(_imports(ast.parse(file.read_text(encoding="utf-8")), package, in_function=False))


def _imports(
    node: ast.AST, package: tuple[str, ...], *, in_function: bool, for_types: bool = False
) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(module=alias.name, line=child.lineno, in_function=in_function, for_types=for_types)
        elif isinstance(child, ast.ImportFrom):
            start = package[: len(package) - child.level + 1] if child.level else ()
            base = (*start, *(child.module.split(".") if child.module else ()))
            for alias in child.names:
                module = _module(base, alias.name)
                yield Import(module=module, line=child.lineno, in_function=in_function, for_types=for_types)
        else:
            inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            typing = for_types or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING")
            yield from _imports(child, package, in_function=inside, for_types=typing)


def _module(base: tuple[str, ...], name: str) -> str:
    """`from base import name` imports the module `base.name` where that is a file of ours, else the module `base`."""
    if base[0] != PACKAGE.name:
        return ".".join(base)
    path = PACKAGE.joinpath(*base[1:], name)
    return ".".join((*base, name) if path.is_dir() or path.with_suffix(".py").is_file() else base)


def within_package(module: str) -> str | None:
    """A module's name inside the package, None for one of somebody else."""
    top, _, rest = module.partition(".")
    return (rest or "__init__") if top == PACKAGE.name else None


def test_each_file_has_a_room() -> None:
    """A new file is put into a room on purpose."""
    assert [name_of(file) for file in FILES if room_of(name_of(file)) is None] == [], "name them in ROOMS"


def test_each_file_says_where_it_is_tested() -> None:
    """Whoever opens a file finds its tests: under the same name, or named in its docstring."""
    tests = PACKAGE.parent / "tests"
    untold = []
    for file in (file for file in FILES if file.name != "__init__.py"):
        inside = file.relative_to(PACKAGE)
        if not (tests / inside.parent / f"test_{inside.stem.strip('_')}.py").is_file():
            docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            told = re.findall(r"Tested in `(tests/[\w/]+\.py)`", docstring)
            untold += [str(inside)] if not told or not all((PACKAGE.parent / each).is_file() for each in told) else []
    assert untold == [], "say `Tested in `tests/…`.` in the docstring"


def test_the_map_has_each_file() -> None:
    """CONTRIBUTING's map names a file, after the path of another one of its folder, or a folder as a whole."""
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named: set[Path] = set()
    for cells in (line.split("|") for line in text.splitlines() if line.startswith("|")):
        folder = PACKAGE
        paths = re.findall(r"`(ipython_where/[\w/.]+)`", cells[3])
        for name in [*re.findall(r"`([\w/.]+)`", cells[2]), *paths]:
            path = PACKAGE.parent / name if "/" in name else folder / name
            folder = path.parent
            named |= {*path.rglob("*.py")} if path.is_dir() else {path}
    files = {file for file in FILES if file.name != "__init__.py"}
    assert sorted(files - named) == [], "name them in CONTRIBUTING's map"
    assert sorted(named - set(FILES)) == []


def test_a_class_name_is_used_once() -> None:
    """Whoever reads a name knows which class is meant, also of those that a file keeps to itself."""
    names = class_names({file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES})
    assert [name for name, count in names.items() if count > 1] == []


def test_nothing_imports_upwards() -> None:
    """Values know nothing of judgement, judgement nothing of readers, readers nothing of the edges."""
    assert [line for file in FILES for line in upwards(name_of(file), imports_of(file))] == []


def test_no_files_import_each_other() -> None:
    """Not in a function and not for annotations alone either: each file can be read and changed before those that use it."""
    names = {name_of(file) for file in FILES}
    graph = {name_of(file): _ours(file) & names - {name_of(file)} for file in FILES}
    assert circles(graph) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == [{"b", "c"}], "a circle is seen"


def _ours(file: Path) -> set[str]:
    return {inner for each in imports_of(file) if (inner := within_package(each.module)) is not None}


def upwards(importer: str, imports: Iterable[Import]) -> Iterator[str]:
    """The imports of a higher room, or of a file that is in none."""
    for found in imports:
        inner = within_package(found.module)
        if inner is None:
            continue
        mine, other = room_of(importer), room_of(inner)
        if mine is None or other is None or other > mine:
            yield f"{importer}, line {found.line}: {inner}"


def test_what_other_interpreters_run_stands_alone() -> None:
    """As a single file, so it imports its own standard library and nothing else."""
    for file in ("probe.py", "lab_probe.py", "change/installers/pip_server.py"):
        modules = {found.module.partition(".")[0] for found in imports_of(PACKAGE / file)}
        assert modules - sys.stdlib_module_names == set(), file


def test_only_the_edges_import_ipython() -> None:
    """A script may use the rest without IPython; an edge imports it when it is called.

    `magics` is loaded by IPython, `config`, which is nothing but classes of traitlets, when `%config` asks for it, and
    `page.settings`, which is another, by a Jupyter server.
    """
    assert [
        f"{name}, line {found.line}: {found.module}"
        for file in FILES
        if (name := name_of(file)) not in ("magics", "show.notebook.config", "page.settings")
        for found in imports_of(file)
        if found.module.partition(".")[0] in ("IPython", "ipykernel", "traitlets")
        and not (room_of(name) == len(ROOMS) - 1 and found.in_function)
    ] == []


READERS = ("answer", "facts")
OF_THE_PROCESS = {
    *(
        f"sys.{name}"
        for name in (
            "base_prefix builtin_module_names exec_prefix executable flags implementation meta_path modules path path_hooks"
            " path_importer_cache prefix stdlib_module_names version version_info"
        ).split()
    ),
    *(f"os.{name}" for name in ("environ", "environb", "getcwd", "getcwdb", "getenv", "path.expanduser")),
}
MADE_OF_THE_PROCESS = {
    "answer.world World.here": "where a world is made of this process",
    "answer.world _read_initial_pythonpath": "for that",
    "facts.imports.finding ImportSystem.current": "for that",
    "facts.imports.finding _working_directory": "for that",
    "facts.imports.finders _is_its_own": "judges a live object, which only this process can have",
    "facts.imports.finders _is_passed_over": "judges a live object",
    "answer.variables _computes_all": "judges a live object",
    "facts.home home_of": "the user database knows a home where no variable does",
    "facts.home expand_user": "`~name` is in the user database",
    "facts.shell.shell hides_python": "any Python's names will do: what a shell would start is not known yet",
}


def test_readers_take_their_world_as_arguments() -> None:
    """A question can be asked of another process, since nothing on its way looks at this one but what makes a `World`."""
    found = {
        f"{name_of(file)} {scope}": name
        for room in READERS
        for file in sorted((PACKAGE / room).rglob("*.py"))
        for scope, name in attributes(ast.parse(file.read_text(encoding="utf-8")))
        if name in OF_THE_PROCESS
    }
    assert set(found) == set(MADE_OF_THE_PROCESS), found


def attributes(node: ast.AST, scope: str = "") -> Iterator[tuple[str, str]]:
    """Every dotted name that a file uses or imports, with the function that it is used in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from attributes(child, f"{scope}.{child.name}" if scope else child.name)
            continue
        if isinstance(child, ast.ImportFrom):
            yield from ((scope, f"{child.module}.{alias.name}") for alias in child.names)
        elif isinstance(child, ast.Attribute):
            yield scope, ast.unparse(child)
        yield from attributes(child, scope)


def test_psutil_is_optional() -> None:
    """ipykernel brings it, a script may lack it: it is never imported with a module of ours."""
    found = ((name_of(file), found) for file in FILES for found in imports_of(file))
    at_once = (name for name, each in found if each.module == "psutil" and not (each.in_function or each.for_types))
    assert [*at_once] == []


def test_the_front_door_shows_what_is_meant_to_be_used() -> None:
    """`dir(ipython_where)` is `__all__`, and every name in it is there."""
    assert dir(ipython_where) == sorted(ipython_where.__all__)
    assert all(hasattr(ipython_where, name) for name in ipython_where.__all__)


def test_importing_the_package_imports_nothing_dear() -> None:
    """What a question needs is imported when it is asked: `import ipython_where` costs one small file."""
    code = "import sys; before = set(sys.modules); import ipython_where; print(*sorted(set(sys.modules) - before))"
    imported = environments.call(
        sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); {code}"
    ).split()
    assert [name for name in imported if name.startswith(HEAVY)] == []
    assert [name for name in imported if name.startswith("ipython_where")] == ["ipython_where"]


RARE = {
    f"ipython_where.{name}"
    for name in (
        *(
            "answer.front_end",
            "answer.missing_module",
            "facts.distributions.requirement",
            "facts.imports.extension_builds",
        ),
        *("facts.environments.others", "facts.settings.pip_config", "judge.diagnose.missing_module", "judge.names"),
    )
}


def test_an_answer_imports_nothing_that_it_rarely_needs() -> None:
    """The first answer waits for each import: what only a missing name or an install needs is imported there."""
    ask = "from ipython_where import environment, where; environment(), where('tree_sitter')"
    code = f"import sys; {ask}; print(*sorted(sys.modules))"
    assert RARE & set(environments.call(sys.executable, "-c", code).split()) == set()


@pytest.mark.parametrize(("file", "version"), [("probe.py", (3, 6)), ("lab_probe.py", (3, 8))])
def test_the_probes_are_written_in_the_syntax_of_old_pythons(file: str, version: tuple[int, int]) -> None:
    """The oldest interpreter that may be asked can at least read the question."""
    ast.parse((PACKAGE / file).read_text(encoding="utf-8"), feature_version=version)


def test_an_import_that_goes_up_is_seen() -> None:
    """The tests above read every form of import, in functions too."""
    source = (
        "from ..model import Finding\ndef f():\n    from .. import runner\n    import ipython_where.answer as a, json\n"
    )
    found = list(_imports(ast.parse(source), (PACKAGE.name, "facts"), in_function=False))
    assert [(each.module, each.in_function) for each in found] == [
        ("ipython_where.model", False),
        ("ipython_where.runner", True),
        ("ipython_where.answer", True),
        ("json", True),
    ]
    assert list(upwards("facts.files", found)) == ["facts.files, line 4: answer"]
