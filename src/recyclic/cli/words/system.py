"""What the operating system says when it refuses, in its own English; what is not here stays so."""

import re

from recyclic.cli.language import _
from recyclic.cli.words.entry import N_

_SAID = frozenset(
    {
        N_("Address already in use"),
        N_("Bad file descriptor"),
        N_("Broken pipe"),
        N_("Cannot allocate memory"),
        N_("Cannot assign requested address"),
        N_("Connection refused"),
        N_("Connection reset by peer"),
        N_("Device or resource busy"),
        N_("Directory not empty"),
        N_("Disk quota exceeded"),
        N_("File exists"),
        N_("File name too long"),
        N_("File too large"),
        N_("Input/output error"),
        N_("Invalid argument"),
        N_("Invalid cross-device link"),
        N_("Is a directory"),
        N_("Name or service not known"),
        N_("Network is unreachable"),
        N_("No space left on device"),
        N_("No such device or address"),
        N_("No such file or directory"),
        N_("Not a directory"),
        N_("Operation not permitted"),
        N_("Permission denied"),
        N_("Read-only file system"),
        N_("Stale file handle"),
        N_("Text file busy"),
        N_("Too many levels of symbolic links"),
        N_("Too many open files"),
    }
)
_WITH_NUMBER = re.compile(r"\[Errno -?[0-9]+\] (?P<said>[^:]+)(?:: .*)?", re.DOTALL)


def system_words(text: str) -> str:
    """``text`` in the user's language when a system call failed with it; the number and the path
    that Python writes around it go, since whoever tells it names the path."""
    numbered = _WITH_NUMBER.fullmatch(text)
    said = numbered["said"] if numbered else text
    return _(said) if said in _SAID else said
