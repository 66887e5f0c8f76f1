"""One case in an interpreter of the measured environment, which has done nothing else: milliseconds of CPU, as JSON.

Run as a script with the case's name and its arguments in JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

ROOT = str(Path(__file__).resolve().parent.parent)
Times = dict[str, float]


def main(case: str, arguments: str) -> None:
    """Print the times of one case."""
    sys.path[0] = ""  # the working directory, as in a kernel; not this file's
    print(json.dumps(CASES[case](**json.loads(arguments))))


def first_and_repeated(call: Callable[[], object], *, budget: float = 0.1) -> Times:
    """The time of the first call, and the median of those after it, taken in batches for as long as ``budget`` seconds."""
    begin = process_time()
    call()
    first = process_time() - begin
    begin = process_time()
    call()
    once = process_time() - begin
    size = max(1, int(0.002 / max(once, 1e-6)))
    batches = [once] if once > budget else []
    while not batches or (sum(batches) < budget and len(batches) < 25):
        begin = process_time()
        for _ in range(size):
            call()
        batches.append(process_time() - begin)
    return {"first": first * 1e3, "repeated": median(batches) / size * 1e3}


def import_ours() -> Any:
    """The package from this checkout, on a path that the checkout is then taken from again."""
    sys.path.insert(0, ROOT)
    import ipython_where

    del sys.path[0]
    return ipython_where


# -- who owns a module -------------------------------------------------------------------------------------------------


def scan(site: str) -> Times:
    """The measure: every name in site-packages, and when that changed."""

    def once() -> object:
        with os.scandir(site) as entries:
            names = [entry.name for entry in entries]
        return names, os.stat(site).st_mtime_ns

    return first_and_repeated(once)


def owner(name: str, site: str) -> Times:
    """The module found and the first RECORD that lists its file read."""
    return _owner(name, site, every=False)


def every_owner(name: str, site: str) -> Times:
    """The module found and every distribution that lists its file, or a part of its namespace: what `where` answers."""
    return _owner(name, site, every=True)


def _owner(name: str, site: str, *, every: bool) -> Times:
    import_ours()
    from ipython_where.facts.distributions.distributions import Distributions
    from ipython_where.facts.imports.finding import ImportSystem, find
    from ipython_where.facts.imports.ownership import read_first_owner, read_owner
    from ipython_where.facts.imports.path_entries import PathRules

    distributions = Distributions()
    rules = PathRules(
        cwd=os.getcwd(),
        pythonpath=(),
        standard_library=(os.path.dirname(os.__file__),),
        site_directories=(site,),
        prefix=sys.prefix,
        user_site=None,
        pth_lines={},
    )

    def once() -> object:
        system = ImportSystem.current()
        found = find(name, system).found
        assert found is not None, name
        owned = (read_owner if every else read_first_owner)(found, system, rules, distributions)
        assert owned is not None, name
        return owned

    return first_and_repeated(once)


def packages_distributions(name: str) -> Times:
    """The standard library's map of all import names."""
    from importlib.metadata import packages_distributions

    return first_and_repeated(lambda: packages_distributions().get(name))


def importlib_metadata(name: str) -> Times:
    """The same from the newer package."""
    from importlib_metadata import packages_distributions

    return first_and_repeated(lambda: packages_distributions().get(name))


# -- whole answers -----------------------------------------------------------------------------------------------------


def where(name: str) -> Times:
    """`%where NAME` beside a running IPython: the imports, the first answer and its faces, and the same again."""
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.instance()
    begin = process_time()
    import_ours()
    from ipython_where.answer.name import where as ask
    from ipython_where.answer.world import World
    from ipython_where.show import faces  # noqa: F401

    imported = process_time() - begin
    begin = process_time()
    answer = ask(name, World.here())
    first = process_time() - begin
    begin = process_time()
    str(answer), answer._repr_mimebundle_()
    shown = process_time() - begin
    answered = first_and_repeated(lambda: ask(name, World.here()))["repeated"]
    shown_again = first_and_repeated(answer._repr_mimebundle_)["repeated"]
    return {
        "import": imported * 1e3,
        "first": first * 1e3,
        "first shown": shown * 1e3,
        "repeated": answered,
        "repeated shown": shown_again,
    }


def imported(most: int = 300) -> Times:
    """`%where --imported` with up to ``most`` modules of the environment loaded, beside what others are installed for."""
    # in the measured environment alone
    from session_info2 import session_info  # type: ignore[import-not-found]
    from watermark import watermark  # type: ignore[import-not-found]

    namespace = _loaded(most)
    begin = process_time()
    import_ours()
    from ipython_where.answer.imported import imported as ask
    from ipython_where.answer.world import World

    ready = process_time()
    answer = ask(World.here(namespace=namespace))
    first = process_time() - ready
    return {
        "modules": len(answer.modules),
        "import": (ready - begin) * 1e3,
        "first": first * 1e3,
        "repeated": first_and_repeated(lambda: ask(World.here(namespace=namespace)))["repeated"],
        "session-info2": first_and_repeated(lambda: str(session_info(dependencies=True)))["first"],
        "watermark": first_and_repeated(lambda: watermark(iversions=True, globals_=namespace, machine=True))["first"],
    }


def _loaded(most: int) -> dict[str, Any]:
    """About ``most`` modules of the environment, loaded as a notebook would: nothing of ours has read any file yet."""
    import contextlib
    import importlib
    import io
    from importlib.metadata import packages_distributions

    namespace: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for name in sorted(packages_distributions()):
            with contextlib.suppress(BaseException):
                namespace[name] = importlib.import_module(name)
            if len({each.partition(".")[0] for each in sys.modules} - sys.stdlib_module_names) >= most:
                break
    return namespace


def others(name: str, home: str) -> Times:
    """The other environments found and looked into for a package; and, to compare, one listing of each's site-packages."""
    import_ours()
    from ipython_where.facts.environments.contents import search
    from ipython_where.facts.environments.others import find_environments

    environ = {"PATH": os.path.join(sys.prefix, "bin"), "HOME": home}

    def once() -> tuple[Any, Any]:
        candidates = find_environments(environ=environ, cwd=os.getcwd(), home=home, kernel_prefix=sys.prefix)
        return candidates.found, search(candidates, name, (name,)).found

    times = first_and_repeated(once)
    candidates, having = once()
    sites = [os.path.dirname(os.path.dirname(each.file)) for each in having]
    listed = first_and_repeated(lambda: [os.listdir(site) for site in sites])["repeated"]
    return {**times, "environments": len(candidates), "having it": len(having), "one listing each": listed}


def load_ext() -> Times:
    """`%load_ext` of this package, and of an extension that does nothing: the first of each."""
    from types import ModuleType

    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for warming in ("nothing_1", "nothing_2", "nothing_3"):
        module = ModuleType(warming)
        module.load_ipython_extension = lambda shell: None  # type: ignore[attr-defined]
        sys.modules[warming] = module
        begin = process_time()
        shell.run_line_magic("load_ext", warming)
        nothing = process_time() - begin
    sys.path.insert(0, ROOT)
    begin = process_time()
    shell.run_line_magic("load_ext", "ipython_where")
    ours = process_time() - begin
    return {"first": ours * 1e3, "nothing": nothing * 1e3}


def guard() -> Times:
    """Cells and commands in a shell with the guard and in the same shell without it, in turn; microseconds."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    import_ours()
    shell.run_line_magic("load_ext", "ipython_where")
    from ipython_where.magics import leave, stand

    guarding: Any = shell.var_expand
    bare = guarding.expand
    plain = "\n".join(f"x{number} = {number} != 1 and 7 % 3" for number in range(10))
    times = _commands(guarding, bare) | {"transform": _batches(lambda: shell.transform_cell(plain))}
    for name, call in (
        ("plain", lambda: shell.run_cell(plain)),
        ("magic", lambda: shell.run_line_magic("dirs", "")),
    ):
        taken: dict[str, list[float]] = {"": [], " guarded": []}
        for _ in range(25):
            leave(shell)
            taken[""].append(_batches(call, batches=3))
            stand(shell)
            taken[" guarded"].append(_batches(call, batches=3))
        times |= {name + how: min(each) for how, each in taken.items()}  # what the machine's noise adds is no cost
    asked: list[str] = []

    def expand(text: str, *_: object) -> str:
        asked.append(text)
        return text

    standing: Any = shell.var_expand
    standing.expand = expand
    shell.run_cell(plain)
    return times | {"asked for a plain cell": len(asked)}


def _commands(guarding: Any, bare: Any) -> Times:
    """A command that has nothing to do with packages, and one that a package manager gets, up to the shell."""
    ends: dict[str, Any] = {}
    exec("def getoutput(expand, text): return expand(text, 1)", ends)  # the guard goes by its caller's name
    times = {}
    for name, text in (("command", "ls -la"), ("pip", f"{sys.executable} -m pip install x")):
        begin = process_time()
        ends["getoutput"](guarding, text)
        times[f"{name} first"] = (process_time() - begin) * 1e6
        times[name] = _batches(partial(ends["getoutput"], bare, text))
        times[f"{name} guarded"] = _batches(partial(ends["getoutput"], guarding, text))
    return times


def _batches(call: Callable[[], object], *, batches: int = 15, seconds: float = 0.02) -> float:
    """Microseconds of CPU of a call: the median of batches."""
    call()
    begin = process_time()
    call()
    size = max(1, int(seconds / 10 / max(process_time() - begin, 1e-6)))
    taken = []
    for _ in range(batches):
        begin = process_time()
        for _ in range(size):
            call()
        taken.append((process_time() - begin) / size)
    return median(taken) * 1e6


# -- installs ----------------------------------------------------------------------------------------------------------


def proof(line: str) -> Times:
    """`%safepip install` of what is there: imports aside, with nothing known of the environment, and once more."""
    safepip, world = _ready_to_install()
    from ipython_where.facts.distributions.distributions import Distributions

    def once(distributions: Distributions) -> None:
        answer = safepip(line, replace(world(), distributions=distributions))
        assert answer.plan.satisfied and not answer.plan.changes, answer

    known = Distributions()
    taken = []
    for _ in range(31):
        begin = perf_counter(), process_time()
        once(known)
        taken.append((perf_counter() - begin[0], process_time() - begin[1]))
    return {
        "wall": taken[0][0] * 1e3,
        "cpu": taken[0][1] * 1e3,
        "wall again": median(wall for wall, _ in taken[1:]) * 1e3,
        "cpu again": median(cpu for _, cpu in taken[1:]) * 1e3,
    }


def install(line: str) -> Times:
    """`%safepip install` of what is not there, in a process that runs a kernel's modules, and taking it back."""
    import ipykernel.kernelapp  # noqa: F401

    safepip, _ = _ready_to_install()
    begin = perf_counter(), _cpu_with_children()
    answer = safepip(line)
    wall, cpu = perf_counter() - begin[0], _cpu_with_children() - begin[1]
    assert answer.transaction is not None, answer
    with open(os.path.join(sys.prefix, ".safepip", answer.transaction.id, "manifest.json"), encoding="utf-8") as file:
        files = len(json.load(file)["brought_in"])
    begin = perf_counter(), _cpu_with_children()
    safepip("undo")
    undone = perf_counter() - begin[0], _cpu_with_children() - begin[1]
    return {
        "wall": wall * 1e3,
        "cpu": cpu * 1e3,
        "undo wall": undone[0] * 1e3,
        "undo cpu": undone[1] * 1e3,
        "packages": len(answer.plan.changes),
        "files": files,
    }


def _cpu_with_children() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)  # `os.times` counts in hundredths of a second


def _ready_to_install() -> tuple[Callable[..., Any], Callable[[], Any]]:
    """`safepip` and the world of now, when all is imported that a request without work needs."""
    import IPython  # noqa: F401

    import_ours()
    from ipython_where.answer.world import World
    from ipython_where.change.commands.dispatch import safepip
    from ipython_where.facts.distributions.distributions import Distributions

    safepip("install pip>=1", replace(World.here(), distributions=Distributions()))
    return safepip, World.here


CASES: dict[str, Callable[..., Times]] = {
    each.__name__: each
    for each in (
        scan,
        owner,
        every_owner,
        packages_distributions,
        importlib_metadata,
        where,
        imported,
        others,
        load_ext,
        guard,
        proof,
        install,
    )
}

if __name__ == "__main__":
    main(*sys.argv[1:])
