"""Errors of the command line itself."""

from recyclic.errors import RecyclicError


class UsageError(RecyclicError):
    """The command line cannot be understood. Facts: ``message``, ``verb``."""

    code = "RCY-U001"


class NobodyToAskError(RecyclicError):
    """Consent is needed and there is no terminal. Facts: ``verb``."""

    code = "RCY-U003"


class FileRefusedError(RecyclicError):
    """The operating system refused a path. Facts: ``path``, ``reason``."""

    code = "RCY-U006"


class UnknownCodeError(RecyclicError):
    """``explain`` was asked for something that is not there. Facts: ``text``, ``known``."""

    code = "RCY-U007"


class NotInResolutionError(RecyclicError):
    """``why`` was asked about a package that is not in. Facts: ``name``, ``known``."""

    code = "RCY-U008"


class RecyclicBugError(RecyclicError):
    """An exception nobody foresaw. Facts: ``kind``, ``detail``, ``report``."""

    code = "RCY-U999"
