"""Ctrl-C and SIGTERM: an exception between two steps' work, never in the middle of undoing."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptionError(BaseException):
    """Someone asked us to stop. Not an ``Exception``, so that nothing takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _raise(number: int, _frame: FrameType | None) -> None:
    raise InterruptionError(number)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the signals that end a process raise :class:`InterruptionError` instead."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Do what must not be cut short and ends the run anyway: signals meanwhile are forgotten.

    One that arrived a moment later would say "undone" of what was just committed.
    """
    with no_interruption():
        try:
            yield
        finally:
            while signal.sigtimedwait(_SIGNALS, 0) is not None:
                pass


@contextmanager
def no_interruption() -> Iterator[None]:
    """Hold those signals back; one that came meanwhile arrives afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
