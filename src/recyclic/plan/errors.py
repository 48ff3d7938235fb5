"""What can be wrong with a plan."""

from recyclic.errors import RecyclicError


class StalePlanError(RecyclicError):
    """What the approved plan was made from has moved. Facts: ``moved`` (names), ``base``."""

    code = "RCY-P001"
    exit_code = 6


class ApprovalUnreadableError(RecyclicError):
    """A file is no approved plan. Facts: ``path``, ``detail``."""

    code = "RCY-P002"


class ApprovalTooNewError(RecyclicError):
    """An approved plan of another format. Facts: ``path``, ``found``, ``known``."""

    code = "RCY-P003"


class OneWayStepError(RecyclicError):
    """A step that cannot be undone was not accepted.

    Facts: ``steps``, ``accepted``, ``options`` (what to add to the command line).
    """

    code = "RCY-P004"


class ExtensionCodeMissingError(RecyclicError):
    """An extension is to be enabled and nobody has its files. Facts: ``name``, ``version``."""

    code = "RCY-P005"
