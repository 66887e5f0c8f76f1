"""A project whose build begins and has no end: what is in the middle of it is so for certain."""

from __future__ import annotations

from pathlib import Path

from tests.change.installers import local

_BUILD = """
def build_wheel(folder, config_settings=None, metadata_directory=None):
    import signal
    open({began!r}, "w").close()
    signal.pause()
"""


def write_endless_project(folder: Path, name: str, began: Path) -> None:
    """The project ``name`` in a new ``folder``; the file ``began`` is there when its build is under way."""
    project = local.project(folder, name)
    with (project / "backend.py").open("a") as backend:
        backend.write(_BUILD.format(began=str(began)))
