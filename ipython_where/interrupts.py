"""Holds Ctrl-C and the stop button back for the fraction of a second in which a change must not be torn.

Tested in `tests/test_late_interrupt.py`.
"""

from __future__ import annotations

import signal
import threading
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
