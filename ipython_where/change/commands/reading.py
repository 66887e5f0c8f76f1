"""The installer's own reading commands, always of the kernel's environment.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

from ipython_where.change.plan.choose import choose
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import CommandError
from ipython_where.redact import masked


def read(request: Request, target: TargetEnvironment) -> str:
    """What `list`, `show`, `freeze` and the like print. Raises `CommandError` with the installer's words when it fails."""
    installer, _ = choose(request, target.settings, target.available, pip=target.pip_config.values)
    with target.site() as site:
        done = target.run(installer.run(request, site), lambda line: None, data=True)
    if done.returncode != 0 and not done.stdout.strip():
        lines = [masked(line) for line in done.stderr.splitlines() if line.strip()]
        raise CommandError(f"`{request.shown()}` failed", evidence=tuple(lines[-8:]))
    told = done.stdout
    if not told.strip():  # uv tells the outcome of a check beside it
        told = "".join(f"{line}\n" for line in done.stderr.splitlines() if not line.startswith("Using Python "))
    return masked(told.rstrip("\n"))
