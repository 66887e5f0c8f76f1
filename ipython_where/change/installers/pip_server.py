"""Runs a Python program (pip) repeatedly in one process; started as a file, by the interpreter of an environment.

``pip_server.py REQUESTS ANSWERS KEPT -m MODULE``, or a path instead of ``-m MODULE``. Each line from the descriptor REQUESTS is a
JSON list of arguments for the program. When it has ended and flushed its output, its exit status is written to the
descriptor ANSWERS. The process ends at the line `null`, or when REQUESTS is closed or its parent is gone. The program runs as
`__main__`, as its own command would run it: this file imports none of its internals, which change between versions.

The wheels that it downloads are linked into the folder KEPT (empty: into none) before it deletes them, so that the next command
need not download them again. A pip that names its temporary folders differently downloads twice. Where the parent is gone
without a `null`, nobody else removes KEPT, so that this process does.

Standard library only: any Python from 3.7 on runs it.

Tested in `tests/change/installers/test_sessions.py`.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import shutil
import sys
import traceback

_LOOK = 1.0
"""Seconds between checks for the parent: another process may have inherited the other end of REQUESTS."""


def main(requests: int, answers: int, kept: str, program: list[str]) -> None:
    """Carry out requests, and end."""
    if not serve(requests, answers, program) and kept:
        shutil.rmtree(kept, ignore_errors=True)
    os._exit(0)  # skips interpreter shutdown, so that the parent does not wait for it


def serve(requests: int, answers: int, program: list[str]) -> bool:
    """Carry out requests until told to end (True) or the parent is gone (False)."""
    parent = os.getppid()
    for descriptor in (requests, answers):
        os.set_inheritable(descriptor, False)  # programs that pip starts must not hold these open
    pending = b""
    while os.getppid() == parent:
        if not select.select([requests], [], [], _LOOK)[0]:
            continue
        part = os.read(requests, 65536)
        if not part:
            break
        *lines, pending = (pending + part).split(b"\n")
        for line in lines:
            words = json.loads(line)
            if words is None:
                return True
            try:
                os.write(answers, b"%d\n" % carry_out(program, words))
            except BrokenPipeError:  # nobody reads what it prints any more, or its answer
                return False
    return False


def keep_wheels(folder: str) -> None:
    """Link downloaded wheels into ``folder`` as pip is about to delete them (`shutil.rmtree` tells the audit hooks)."""

    def linked(event: str, arguments: tuple[object, ...]) -> None:
        path = str(arguments[0]) if event == "shutil.rmtree" else ""
        if not os.path.basename(path).startswith("pip-unpack-"):
            return
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            for name in os.listdir(path):
                if name.endswith(".whl"):
                    os.link(os.path.join(path, name), os.path.join(folder, name))
        except OSError:  # it is downloaded again then
            pass

    sys.addaudithook(linked)


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
        os.environ.clear()  # pip sets variables for its child processes, and must not find them on its next run
        os.environ.update(environ)
        os.chdir(cwd)


def _status(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != here]  # a Python without `-P` searches this folder first
    if sys.argv[3] and sys.version_info >= (3, 8):
        keep_wheels(sys.argv[3])
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
