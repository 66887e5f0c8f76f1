"""Runs a Python program again and again in one process: as a file, by the interpreter of an environment.

``resident.py REQUESTS ANSWERS -m MODULE``, or a path in place of ``-m MODULE``. Each line from the descriptor REQUESTS is
the JSON list of the words behind the program's name; when it has ended, and all that it printed is out, its exit status
is written to the descriptor ANSWERS. The process ends when REQUESTS does, or when its parent is gone. The program is
started as its own command starts it: nothing of it is imported by name.

It stands alone: any Python from 3.7 on runs it, with the standard library.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import sys
import traceback

_LOOK = 1.0
"""Seconds between two looks for the parent: another process may hold the other end of REQUESTS by accident."""


def main(requests: int, answers: int, program: list[str]) -> None:
    """Carry out what is asked for until nobody is left to ask."""
    parent = os.getppid()
    for descriptor in (requests, answers):
        os.set_inheritable(descriptor, False)  # what the program starts has no part in this
    pending = b""
    while os.getppid() == parent:
        if not select.select([requests], [], [], _LOOK)[0]:
            continue
        part = os.read(requests, 65536)
        if not part:
            break
        *lines, pending = (pending + part).split(b"\n")
        for line in lines:
            status = carry_out(program, json.loads(line))
            os.write(answers, b"%d\n" % status)
    os._exit(0)  # whoever asked is not to wait for the modules' own ends


def carry_out(program: list[str], words: list[str]) -> int:
    """Run the program once; its exit status."""
    environ, cwd = dict(os.environ), os.getcwd()
    sys.argv = [program[-1], *words]
    try:
        if program[0] == "-m":
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(program[0], run_name="__main__")
        return 0
    except SystemExit as end:
        return _status(end.code)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.environ.clear()  # pip leaves marks there for those that it starts, and would find them the next time
        os.environ.update(environ)
        os.chdir(cwd)


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != here]  # a Python without `-P` looks there first
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
