"""What `%safepip` does, from a request to its answer. The edges call `safepip` and show what it returns."""

from .command import safepip

__all__ = ["safepip"]
