"""`%safepip … --on CLIENT` in IPython: the client by its name.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Progress
from ipython_where.change.request.request import Request
from ipython_where.change.values import RolloutAnswer
from ipython_where.workers.clients import client_named
from ipython_where.workers.rollout import roll_out


def carry_out_on_workers(request: Request, name: str, world: World, progress: Progress) -> RolloutAnswer:
    """Carry a line out in the environments of the workers of the client that the notebook calls ``name``."""
    return roll_out(request, client_named(name, world), progress, cwd=world.system.cwd)
