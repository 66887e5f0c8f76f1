"""Holds Ctrl-C and the stop button back for the fraction of a second in which a change must not be torn.

And lets go of what an interrupt left held: one that comes just as a block is left skips the block's end.

Tested in `tests/test_late_interrupt.py`.
"""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class DeferredInterrupts:
    """Whether an interrupt came in meanwhile."""

    noted = False

    def check(self) -> None:
        """Raise the interrupt that came in, if one did."""
        if self.noted:
            raise KeyboardInterrupt

    def note(self, number: int, frame: object) -> None:
        """The signal handler."""
        self.noted = True


@contextmanager
def held() -> Iterator[DeferredInterrupts]:
    """Note interrupts instead of raising them. Python raises them in the main thread alone, so others need nothing.

    ``pthread_sigmask`` would not do: a kernel has other threads, the signal goes to one of them, and Python still
    raises in the main thread.
    """
    state = DeferredInterrupts()
    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    before = signal.getsignal(signal.SIGINT)
    if before is None:  # set by C code: nothing that Python could put back
        yield state
        return
    try:
        signal.signal(signal.SIGINT, state.note)
        yield state
    finally:
        signal.signal(signal.SIGINT, before)


def let_go(error: KeyboardInterrupt) -> None:
    """End the blocks whose end an interrupt skipped, and release what they hold: a lock, a private folder, a child.

    Python calls a block's `__exit__`, and an interrupt there comes before its first line. From then on only the traceback
    keeps the block's generator or file alive, often until the next error in the kernel.
    """
    traceback.clear_frames(error.__traceback__)
