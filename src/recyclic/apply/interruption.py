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
    """Let the signals that end a process raise :class:`InterruptionError` instead.

    Raises:
        KeyboardInterrupt: one that nobody inside answered: there was nothing to undo.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _raise)
    try:
        yield
    except InterruptionError as error:
        raise KeyboardInterrupt from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Do what must not be cut short and ends the run anyway: signals meanwhile are forgotten.

    One that arrived a moment later would say "undone" of what was just committed.
    """
    with _holding():
        yield


@contextmanager
def no_interruption() -> Iterator[None]:
    """Hold those signals back; one that came meanwhile arrives afterwards."""
    with _holding() as held:
        yield
    for number in held[:1]:
        signal.raise_signal(number)


@contextmanager
def _holding() -> Iterator[list[int]]:
    """Take note of those signals instead of acting on them; gives the list of what came.

    Handlers, not a mask: a mask holds for one thread, and a progress display has others. Children
    would inherit a mask, too.
    """
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda came, _frame: held.append(came))
    try:
        yield held
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
