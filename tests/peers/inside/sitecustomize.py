"""Loads the extension into each IPython shell, of any class and in any child process, as soon as the shell is made.

Python imports this by itself where the folder is on its path. ``PEERS_MODE`` is the guard's mode; into the file
``PEERS_LOADED`` goes a line for each shell.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

SHELLS = "IPython.core.interactiveshell"


class Watch:
    """A finder that takes part in the import of IPython's shell, and then goes."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's own spec, whose execution is followed by ours."""
        if name != SHELLS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            watch(module.InteractiveShell)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def watch(shells: Any) -> None:
    """Load the extension at the end of the outermost ``__init__`` of this class and of all that will be derived from it."""

    def derived(cls: Any) -> None:
        super(shells, cls).__init_subclass__()
        follow(cls)

    shells.__init_subclass__ = classmethod(derived)
    follow(shells)


def follow(cls: Any) -> None:
    """Load the extension after ``cls.__init__``, where an object's own class has no other."""
    made = vars(cls).get("__init__")
    if made is None:
        return

    @functools.wraps(made)
    def __init__(self: Any, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        if type(self).__init__ is __init__:
            load(self)

    cls.__init__ = __init__


def load(shell: Any) -> None:
    """Load it as `%load_ext` does. The mode is not set by `%config`: it fails on the odd configuration of some tests."""
    shell.extension_manager.load_extension("ipython_where")
    (switch,) = (each for each in shell.configurables if each.__class__.__name__ == "PipGuard")
    switch.set_trait("mode", os.environ["PEERS_MODE"])
    assert switch.mode == os.environ["PEERS_MODE"]
    with open(os.environ["PEERS_LOADED"], "a", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {type(shell).__name__}\n")


if "PEERS_MODE" in os.environ:
    sys.meta_path.insert(0, Watch())
