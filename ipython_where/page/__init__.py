"""This package's side of a Jupyter server and of JupyterLab's page: a kernel's JupyterLab extensions, used where the page is.

See docs/page.md. Nothing here runs in a kernel; what does, is `ipython_where.lab_probe`. Tested in `tests/page/`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it, without importing typing
if TYPE_CHECKING:
    from typing import Any


def _link_jupyter_server_extension(app: Any) -> None:
    from .server_extension import link

    link(app)


def _load_jupyter_server_extension(app: Any) -> None:
    from .server_extension import load

    load(app)
