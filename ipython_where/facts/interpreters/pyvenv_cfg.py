"""What an environment's folder shows: its ``pyvenv.cfg`` (PEP 405), and its Python."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ipython_where.facts.files import read_text
from ipython_where.judge.pyvenv_cfg import parse_pyvenv_cfg

_PYTHON_NAME = r"(?i)(python|pypy)[\d.]*t?w?(\.exe)?$"


def is_python_name(name: str) -> bool:
    """Whether a program is named like an interpreter: `python3.13t`, `pypy3`, `pythonw.exe`."""
    return re.match(_PYTHON_NAME, name) is not None


def python_in(prefix: str) -> str | None:
    """The `python` of an environment, unresolved; None if there is none in its usual place."""
    for name in ("bin/python", "bin/python3", "python.exe", "Scripts/python.exe"):
        path = os.path.join(prefix, *name.split("/"))
        if os.path.exists(path):
            return path
    return None


def read_pyvenv_cfg(prefix: str) -> Mapping[str, str] | None:
    """The keys of the ``pyvenv.cfg`` in ``prefix``, or None if it has none."""
    return parse_pyvenv_cfg(read_text(os.path.join(prefix, "pyvenv.cfg")))
