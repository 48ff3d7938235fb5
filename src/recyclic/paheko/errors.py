"""What can go wrong with a Paheko; ``said`` is always Paheko's own words, freed of colours."""

from recyclic.errors import RecyclicError


class PahekoError(RecyclicError):
    """The root of everything this package raises."""

    code = "RCY-H001"


class PahekoNotFoundError(PahekoError):
    """Facts: ``root``, ``missing`` (the file that would have been Paheko's command)."""

    code = "RCY-H001"


class PahekoConfigMissingError(PahekoError):
    """Facts: ``config``. With a missing file Paheko would silently work on another site."""

    code = "RCY-H002"


class PhpMissingError(PahekoError):
    """Facts: ``php``."""

    code = "RCY-H003"


class PahekoRefusedError(PahekoError):
    """A command ended with a failure. Facts: ``command``, ``status``, ``said``."""

    code = "RCY-H004"


class PahekoTimeoutError(PahekoError):
    """A command did not end and was killed. Facts: ``command``, ``seconds``, ``said``."""

    code = "RCY-H005"


class PahekoBusyError(PahekoError):
    """The database stayed locked. Facts: ``command``, ``seconds``."""

    code = "RCY-H006"


class PahekoUpgradeDueError(PahekoError):
    """The database and the code differ in version. Facts: ``database``, ``code_version``."""

    code = "RCY-H007"


class PahekoDatabaseError(PahekoError):
    """The database cannot be read. Facts: ``file``, ``detail``."""

    code = "RCY-H008"


class ExtensionCodeError(PahekoError):
    """Paheko would choke on this code. Facts: ``name``, ``problem`` (a keyword), ``detail``."""

    code = "RCY-H009"


class ExtensionNotEnabledError(PahekoError):
    """``enable`` reported success and the extension is not enabled. Facts: ``name``, ``said``."""

    code = "RCY-H010"


class ExtensionNotUpgradedError(PahekoError):
    """An upgrade is not done. Facts: ``name``, ``recorded``, ``wanted``, ``said``."""

    code = "RCY-H011"


class LoopbackServerError(PahekoError):
    """Paheko's pages cannot be had on loopback. Facts: ``said``."""

    code = "RCY-H012"


class OrphanModulesError(PahekoError):
    """Registering modules would erase the data of those whose code is gone. Facts: ``names``."""

    code = "RCY-H013"


class SnapshotError(PahekoError):
    """A snapshot cannot be made or used. Facts: ``path``, ``detail``."""

    code = "RCY-H014"


class PahekoPageError(PahekoError):
    """A page does not answer as it should. Facts: ``page``, ``status``, ``said``."""

    code = "RCY-H015"


class UnexpectedStateError(PahekoError):
    """What is recorded is not what was asked for. Facts: ``differences``."""

    code = "RCY-H016"


class ExtensionForbiddenError(PahekoError):
    """The host's own lists forbid it. Facts: ``name``, ``list_name``."""

    code = "RCY-H017"


class WrongUserError(PahekoError):
    """We may not act on this Paheko. Facts: ``path``, ``owner``, ``user``."""

    code = "RCY-H018"


class BrokenExtensionsError(PahekoError):
    """Enabled extensions lack working code; Paheko would disable them on being looked at.

    Facts: ``names``.
    """

    code = "RCY-H019"


class SiteNameNeededError(PahekoError):
    """A multi-site Paheko was not told which site. Facts: ``root``, ``said``."""

    code = "RCY-H020"


class OldCodeMissingError(PahekoError):
    """A disabled plugin cannot be upgraded without the code it was installed with.

    Facts: ``name``, ``recorded``, ``wanted``.
    """

    code = "RCY-H021"


class PahekoHeldError(PahekoError):
    """Another run of ours works on this Paheko. Facts: ``config``."""

    code = "RCY-H022"


class ForeignWritesError(PahekoError):
    """People wrote what cannot stand without the change that is to be taken back.

    Facts: ``tables``, or SQLite's words for what stands in the way.
    """

    code = "RCY-H023"


class WebServerReloadError(PahekoError):
    """The command that reloads Paheko's web server failed. Facts: ``command``, ``said``."""

    code = "RCY-H024"


class PublicPagesError(PahekoError):
    """Paheko's public pages do not open. Facts: ``url``, ``detail``."""

    code = "RCY-H025"
