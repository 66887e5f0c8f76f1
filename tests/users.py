"""A second user of this machine, as root can become one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable

import pytest

from ipython_where.errors import WhereError

ALONE_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

SOMEBODY = 65534
"""The user id of `nobody`."""


def as_somebody(work: Callable[[], str], user: int = SOMEBODY) -> str:
    """What ``work`` returns, or the lines of its error, when another user does it: in a child that has become that user.

    What it imports has to be imported already: that user may not be allowed to read it.
    """
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child of a process with threads; it starts none
        pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            said = work()
        except WhereError as error:
            said = "\n".join(error.lines())
        except BaseException as error:
            said = repr(error)
        finally:
            os.write(write, said.encode())
            os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said
