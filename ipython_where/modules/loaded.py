"""What this process has loaded, read without waking anything lazy, and whether that is still what is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..model import Loaded
from ..places.files import read_bytes
from .finding import namespace_of
from .metadata import same_version


def read_loaded(name: str, modules: Mapping[str, Any]) -> Loaded | None:
    """The module ``name`` as it stands in ``sys.modules``, or None."""
    module = modules.get(name)
    if module is None:
        return None
    names = namespace_of(module)
    file, version = names.get("__file__"), names.get("__version__")
    return Loaded(file=file if isinstance(file, str) else None, version=version if isinstance(version, str) else None)


def judge_stale(
    loaded: Loaded,
    *,
    file: str | None,
    same_file: bool,
    file_changed: float | None,
    metadata_changed: float | None,
    version_on_disk: str | None,
    started: float | None,
) -> bool | None:
    """Whether what is loaded is older than, or other than, what an import would bring now. None: not proven either way.

    Times are seconds since the epoch: when file and metadata came to be what they are, and when this process started. What
    has not changed since the start cannot be stale. Else the versions decide: the one that the module holds, and the one that
    its source would give it now. The distribution's version is no measure: `cv2` 4.10.0 is `opencv-python` 4.10.0.84.
    """
    if file is not None and loaded.file is not None and not same_file:
        return True
    if file is None or file_changed is None or started is None:
        return None
    if file_changed < started and (metadata_changed is None or metadata_changed < started):
        return False
    if loaded.version is None or version_on_disk is None:
        return None
    return not same_version(loaded.version, version_on_disk)


def read_version_on_disk(file: str | None, installed_version: str | None) -> str | None:
    """The ``__version__`` that a module's source would give it now, as far as reading tells; None where it does not.

    It is a literal there or in a `version` module beside a package, or it is asked of the installed metadata.
    """
    if file is None or not file.endswith(".py"):
        return None
    folder = os.path.dirname(file)
    names = _VERSION_MODULES if os.path.basename(file) == "__init__.py" else ()
    asks_metadata = False
    for path in (file, *(os.path.join(folder, name) for name in names)):
        code = read_bytes(path)
        if code is None:
            continue
        found = parse_version_literal(code)
        if found is not None:
            return found
        asks_metadata = asks_metadata or b"importlib.metadata" in code or b"importlib_metadata" in code
    return installed_version if asks_metadata else None


_VERSION_MODULES = ("_version.py", "version.py", "__version__.py", "__about__.py", "_version_meson.py")


def parse_version_literal(source: bytes) -> str | None:
    """The one literal that a source assigns to ``__version__`` at its top level; None where there is none, or several."""
    import re

    literal = rb"[\"']([^\"'\n]+)[\"']"
    found = set(re.findall(rb"(?m)^__version__(?:\s*:\s*str)?\s*=\s*(?:version\s*=\s*)?" + literal, source))
    if not found and re.search(rb"(?m)^__version__\s*=\s*version\b", source):
        found = set(re.findall(rb"(?m)^version(?:\s*:\s*str)?\s*=\s*" + literal, source))
    return found.pop().decode("utf-8", "replace") if len(found) == 1 else None


def changed_at(path: str | None) -> float | None:
    """When a file or directory came to be what it is: the later of its modification and status-change times."""
    if path is None:
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    return max(status.st_mtime, status.st_ctime)


def read_process_start(pid: int | None = None) -> float | None:
    """When a process (this one) started, in seconds since the epoch; None where neither Linux nor psutil tells."""
    import time

    try:
        with open(f"/proc/{pid or 'self'}/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - age
    except (OSError, AttributeError, ValueError, IndexError):
        pass
    try:
        import psutil  # type: ignore[import-untyped]

        return float(psutil.Process(pid).create_time())
    except Exception:  # psutil is optional, and has errors of its own
        return None
