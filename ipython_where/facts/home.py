"""Where the user's home is for a program started with given environment variables.

Tested in `tests/answer/test_world.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def home_of(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """This user's home for a program that has these variables."""
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME")
    if home:
        return home
    try:
        import pwd  # under a kernel gateway, the kernel has no HOME

        return pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, AttributeError, KeyError):
        return os.path.expanduser("~")


def expand_user(path: str, environ: Mapping[str, str]) -> str:
    """``path`` with a leading `~` expanded by the given variables."""
    if path == "~" or path.startswith(("~/", "~\\")):
        return home_of(environ) + path[1:]
    return os.path.expanduser(path)
