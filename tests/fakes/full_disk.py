"""A disk on which, from one operation on, nothing more can be written, until room is made."""

import errno
import os

from recyclic.site.disk import Act, Operation

_NEED_SPACE = (Act.MAKE_FOLDER, Act.WRITE, Act.APPEND, Act.LINK, Act.SYMLINK, Act.FLUSH, Act.RUN)


class FullDisk:
    """A witness that refuses what needs space; removing and renaming still work."""

    def __init__(self, first: int) -> None:
        self._left = first

    def before(self, operation: Operation) -> None:
        """Refuse what needs space."""
        self._left -= 1
        if operation.act is Act.TRUNCATE and operation.path.name.startswith("room-"):
            self._left = 1 << 30  # room that was kept for this is given up
        if self._left < 0 and operation.act in _NEED_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(operation.path))

    def after(self, operation: Operation) -> None:
        """Nothing."""
