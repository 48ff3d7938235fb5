"""One table of exit codes for all verbs."""

from enum import IntEnum

from recyclic.errors import RecyclicError


class ExitCode(IntEnum):
    """What a process ends with; scripts and CI rely on these numbers."""

    DONE = 0
    """Done, or nothing to do."""
    REFUSED = 1
    """Refused or failed; nothing changed."""
    CHANGES = 2
    """Changes or drift are present (``plan --exit-code``, ``drift``)."""
    ROLLED_BACK = 3
    """Failed and rolled back; the site is as before."""
    PERSON_NEEDED = 4
    """Only a person can decide what comes next."""
    LOCKED = 5
    """Another run holds the site."""
    STALE = 6
    """The approved plan no longer fits what it was made from."""
    USAGE = 64
    """Wrong usage. Source: ``EX_USAGE`` of sysexits.h."""
    INTERRUPTED = 130
    """Interrupted and undone."""


_BY_CODE = {
    "RCY-U001": ExitCode.USAGE,
    "RCY-U003": ExitCode.USAGE,
    "RCY-U004": ExitCode.USAGE,
}


def exit_code_of(error: RecyclicError) -> ExitCode:
    """The process's exit code for an error that reached the command line.

    An error that leaves the site in a special state says so itself (``exit_code``); any other
    means that nothing changed.
    """
    outcome = getattr(error, "exit_code", None)
    if outcome is not None:
        return ExitCode(outcome)
    return _BY_CODE.get(error.code, ExitCode.REFUSED)
