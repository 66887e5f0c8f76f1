"""What `%config` sets: a class for each feature that can be switched, made when it is first asked for."""

from __future__ import annotations

from traitlets import Bool
from traitlets.config import Configurable


class Hints(Configurable):
    """Hints below the traceback of a failed import."""

    enabled = Bool(True, help="Say below the traceback of a failed import why it failed, where that is certain.").tag(
        config=True
    )
