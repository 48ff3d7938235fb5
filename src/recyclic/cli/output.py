"""Standard output and standard error: always there, always UTF-8, and never a reason to stop.

A site is being changed while progress is told. When whoever listened has gone (``| head -1``, a
full disk behind a redirection), what is under way goes on to its end in silence; the exit code
still tells how it went.
"""

import os
import select
import sys
from io import TextIOWrapper
from typing import TextIO


def open_standard_streams() -> None:
    """Make the three streams usable, whatever this process was started with.

    A closed one becomes the null device, so that no file of ours gets its number. Texts are
    written as UTF-8 in every locale: a config.toml has the same bytes everywhere.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor < 3:
        os.set_inheritable(descriptor, True)
        descriptor = os.dup(descriptor)
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line at once, on standard output unless told otherwise, or lose it."""
    stream = stream or sys.stdout
    try:
        print(text, file=stream, flush=True)
    except OSError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Lead ``stream``, and what it still holds back, to the null device."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_cut_off(stream: TextIO) -> bool:
    """True when ``stream`` is a pipe that nobody reads any more."""
    looking = select.poll()
    looking.register(stream, select.POLLOUT)
    return any(found & select.POLLERR for _, found in looking.poll(0))
