"""Why a new module is not written."""

from recyclic.errors import RecyclicError


class FolderTakenError(RecyclicError):
    """Something of that name is there already. Facts: ``path``."""

    code = "RCY-U020"
