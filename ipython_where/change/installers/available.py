"""Where pip and uv are found for an environment: pip in it, pip of the base interpreter, the wheel that ensurepip bundles; uv.

Tested in `tests/change/installers/test_both.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from .interface import Surroundings
from .pip import IN_ENVIRONMENT, Pip
from .uv import Uv

_REPORT = (22, 2)
"""pip's dry run and its report came with 22.2, `--python` with 22.3."""


def find_pips(surroundings: Surroundings) -> Iterator[Pip]:
    """The environment's own first; what serves it from elsewhere needs no pip in it."""
    yield from (replace(each, is_debian=_is_debian(surroundings)) for each in _own_pip(surroundings))
    yield from _base_pip(surroundings.base_executable, surroundings.standard_library)
    yield from _bundled(surroundings.executable, surroundings.standard_library)


def find_uvs(surroundings: Surroundings) -> Iterator[Uv]:
    """Those that the environment's description names, in its order."""
    for each in surroundings.found:
        if each.name == "uv":
            stages = not _is_debian(surroundings)
            yield Uv(path=each.path, how=f"`{each.path}`", version=each.version, stages=stages)


def _is_debian(surroundings: Surroundings) -> bool:
    """Whether it is Debian's own Python, outside of virtual environments."""
    return os.path.basename(surroundings.site_directory) == "dist-packages"


def _own_pip(surroundings: Surroundings) -> Iterator[Pip]:
    pip = surroundings.installed.get("pip")
    if pip is not None and _is_young(pip.version, _REPORT):
        start = _started(surroundings.executable, os.path.dirname(pip.metadata), surroundings.standard_library)
        yield Pip(start=start, how=IN_ENVIRONMENT, version=pip.version)


def _started(executable: str, site: str, standard_library: str) -> tuple[str, ...]:
    """How the pip in a site directory is started. `-P` came with Python 3.11; an older one is given pip's folder."""
    series = re.fullmatch(r"python(\d+)\.(\d+)t?", os.path.basename(standard_library))
    if series is not None and (int(series[1]), int(series[2])) < (3, 11):
        return (executable, os.path.join(site, "pip"))
    return (executable, "-P", "-m", "pip")


def _base_pip(base_executable: str | None, standard_library: str) -> Iterator[Pip]:
    """The base interpreter's own, which drives this one by `--python`."""
    folder = os.path.join(standard_library, "site-packages")
    try:
        names = os.listdir(folder)
    except OSError:
        return
    versions = [found[1] for name in names if (found := re.fullmatch(r"pip-([\d.]+)\.dist-info", name))]
    if base_executable is not None and versions and _is_young(versions[0], (22, 3)):
        start = _started(base_executable, folder, standard_library)
        yield Pip(start=start, how=f"pip of `{base_executable}`", version=versions[0], needs_python=True)


def _bundled(executable: str, standard_library: str) -> Iterator[Pip]:
    """The wheel runs as it is: pip is not left behind in an environment that has none. Debian keeps it elsewhere."""
    for folder in (os.path.join(standard_library, "ensurepip", "_bundled"), "/usr/share/python-wheels"):
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            version = re.fullmatch(r"pip-([\d.]+)-py3-none-any\.whl", name)
            if version is not None and _is_young(version[1], _REPORT):
                start = (executable, os.path.join(folder, name, "pip"))
                yield Pip(start=start, how="the pip that Python bundles", version=version[1])
                return


def _is_young(version: str, least: tuple[int, int]) -> bool:
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2] or 0)) >= least
