"""What can be wrong with a site's folder."""

from recyclic.errors import RecyclicError


class SiteLockedError(RecyclicError):
    """Another run holds the site.

    Facts: ``site``, ``holder``, ``pid``, ``since``, ``step``, ``waited_s``.
    """

    code = "RCY-S001"
    exit_code = 5


class ConfigUnreadableError(RecyclicError):
    """A config.toml cannot be read or is not one. Facts: ``path``, ``detail``."""

    code = "RCY-S002"


class ConfigTooNewError(RecyclicError):
    """A config.toml of another format. Facts: ``path``, ``found``, ``known``."""

    code = "RCY-S003"


class NoGenerationError(RecyclicError):
    """There is no such generation any more, or never was. Facts: ``number``, ``known``."""

    code = "RCY-S004"


class UnsafeTreeError(RecyclicError):
    """A folder holds what may not be installed. Facts: ``folder``, ``entry``, ``problem``."""

    code = "RCY-S005"


class StoreDamagedError(RecyclicError):
    """A stored tree is not what its name says. Facts: ``folder``, ``expected``, ``found``."""

    code = "RCY-S006"


class SourceMovedError(RecyclicError):
    """A folder changed after its hash was taken. Facts: ``folder``, ``expected``, ``found``."""

    code = "RCY-S007"


class HistoryDamagedError(RecyclicError):
    """A line of the history was changed or cut out. Facts: ``path``, ``line``."""

    code = "RCY-S008"
    exit_code = 4


class NotASiteError(RecyclicError):
    """A folder holds things that no site has. Facts: ``folder``, ``found``."""

    code = "RCY-S009"
