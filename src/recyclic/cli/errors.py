"""Errors of the command line itself."""

from recyclic.errors import RecyclicError
from recyclic.model.names import InvalidNameError


class UsageError(RecyclicError):
    """The command line cannot be understood. Facts: ``message``, ``verb``, ``help``."""

    code = "RCY-U001"

    def __init__(self, message: str, verb: str) -> None:
        """``verb`` is the command as far as it was understood, ``""`` for none of it."""
        page = " ".join(["recyclic", *verb.split(), "--help"])
        super().__init__(message=message, verb=verb, help=page)


class NameOptionError(InvalidNameError):
    """What the command line gives can be no name of that kind. Facts: those of the name."""

    exit_code = 64


class NobodyToAskError(RecyclicError):
    """Consent is needed and there is no terminal. Facts: ``verb``."""

    code = "RCY-U003"


class FileRefusedError(RecyclicError):
    """The operating system refused a path. Facts: ``path``, ``reason``."""

    code = "RCY-U006"


class UnknownCodeError(RecyclicError):
    """``explain`` was asked for a code that is not there. Facts: ``text``, ``known``."""

    code = "RCY-U007"


class UnknownSettingError(RecyclicError):
    """``explain`` was asked for a setting that nobody sets. Facts: ``text``, ``known``."""

    code = "RCY-U011"


class NotInResolutionError(RecyclicError):
    """``why`` was asked about a package that is not in. Facts: ``name``, ``known``."""

    code = "RCY-U008"


class RecyclicBugError(RecyclicError):
    """An exception nobody foresaw. Facts: ``kind``, ``detail``, ``report``."""

    code = "RCY-U999"
