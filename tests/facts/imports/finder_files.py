"""The finders of real projects: their own files, loaded under the names that they have where they are installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

from tests.environments import call, kept, site_packages

OLD_VIRTUALENV = "virtualenv==20.17.1"


@cache
def finders() -> Path:
    """The site-packages of an environment that has them; nothing in it is run."""
    packages = [
        OLD_VIRTUALENV,
        "scikit-build-core",
        "meson-python",
        "six",
        "editables",
        "setuptools==70.0.0",
        "wrapt",
        "toolz",
    ]
    return site_packages(kept("finders", packages))


VIRTUALENV = "virtualenv/create/via_global_ref/_virtualenv.py"
SCIKIT = "scikit_build_core/resources/_editable_redirect.py"
MESON = "mesonpy/_editable.py"


@contextmanager
def loaded(name: str, code: str | Path) -> Iterator[ModuleType]:
    """The module of a file, or of its text; what it does to the finders of this process is taken back."""
    text = code if isinstance(code, str) else code.read_text(encoding="utf-8")
    module = ModuleType(name)
    module.__file__ = f"/gone/{name}.py"
    before, hooks, path, known = sys.meta_path[:], sys.path_hooks[:], sys.path[:], sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(compile(text, module.__file__, "exec"), module.__dict__)
        yield module
    finally:
        sys.meta_path[:], sys.path_hooks[:], sys.path[:] = before, hooks, path
        sys.modules.pop(name)
        if known is not None:
            sys.modules[name] = known


@cache
def editable_finder(name: str, mapping: tuple[tuple[str, str], ...], namespaces: tuple[str, ...] = ()) -> str:
    """The text of the finder that setuptools writes for an editable installation."""
    argument = f"{f'__editable__.{name}.finder'!r}, {dict(mapping)!r}, { {key: [] for key in namespaces}!r}"
    code = f"from setuptools.command.editable_wheel import _finder_template; print(_finder_template({argument}))"
    return call(sys.executable, "-W", "ignore", "-c", code, PYTHONPATH=str(finders()))
