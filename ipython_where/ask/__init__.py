"""Questions and their answers: what was read, judged and put together into one value. The edges call these and show them."""

from .environment import environment
from .name import where
from .world import World

__all__ = ["World", "environment", "where"]
