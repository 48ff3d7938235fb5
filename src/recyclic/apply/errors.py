"""What can stop an apply. Each says in its exit code what is now true of the site."""

from recyclic.errors import RecyclicError


class StepFailedError(RecyclicError):
    """A step failed and everything was undone; its cause is ``__cause__``.

    Facts: ``step``, ``generation``, ``base``, ``logs`` (where they were kept), ``quarantined``.
    """

    code = "RCY-A001"
    exit_code = 3


class ApplyInterruptedError(RecyclicError):
    """Someone interrupted the run and everything was undone. Facts: ``step``, ``base``."""

    code = "RCY-A002"
    exit_code = 130


class UndoFailedError(RecyclicError):
    """Something could not be undone; the journal stays, and ``recover`` goes on from it.

    Facts: ``step``, ``site``.
    """

    code = "RCY-A003"
    exit_code = 4


class JournalTooNewError(RecyclicError):
    """A newer recyclic left its journal; nothing was touched.

    Facts: ``path``, ``found``, ``known``.
    """

    code = "RCY-A004"
    exit_code = 4


class JournalDamagedError(RecyclicError):
    """The journal holds a line that no apply wrote; nothing was touched.

    Facts: ``path``, ``line``.
    """

    code = "RCY-A005"
    exit_code = 4


class QuarantinedPlanError(RecyclicError):
    """This very plan failed before, and nothing changed since.

    Facts: ``generation``, ``failed_at``, ``because``.
    """

    code = "RCY-A006"


class ConflictingRequirementsError(RecyclicError):
    """No set of Python distributions suits all modules.

    Facts: ``asks`` (``module: requirement (file:line)``, in no language), ``detail`` (uv's words).
    """

    code = "RCY-A007"


class RequirementsUnavailableError(RecyclicError):
    """Python requirements could not be found or fetched. Facts: ``asks``, ``detail``."""

    code = "RCY-A008"


class EnvironmentFailedError(RecyclicError):
    """``env/`` could not be built. Facts: ``detail``."""

    code = "RCY-A009"


class HealthFailedError(RecyclicError):
    """A required check failed after the switch. Facts: ``check``, ``detail``, ``waited_s``."""

    code = "RCY-A010"


class CodeMissingError(RecyclicError):
    """A release is known, its files are nowhere. Facts: ``package``, ``version``, ``origin``."""

    code = "RCY-A011"


class ArtifactRefusedError(RecyclicError):
    """An artifact is not what the index says. Facts: ``location``, ``expected``, ``found``."""

    code = "RCY-A012"


class ArtifactUnavailableError(RecyclicError):
    """An artifact cannot be fetched. Facts: ``location``, ``detail``."""

    code = "RCY-A013"


class HostileArchiveError(RecyclicError):
    """An archive holds what none of ours holds. Facts: ``archive``, ``entry``, ``problem``."""

    code = "RCY-A014"


class ArchiveUnreadableError(RecyclicError):
    """A file is no archive that ``pack`` wrote. Facts: ``archive``, ``detail``."""

    code = "RCY-A015"


class HashMismatchError(RecyclicError):
    """The code at hand is not the code that was asked for exactly.

    Facts: ``package``, ``expected``, ``found``.
    """

    code = "RCY-A016"


class NameNotConfirmedError(RecyclicError):
    """Deleting data needs the site's name, typed in full. Facts: ``site``, ``given``."""

    code = "RCY-A017"


class RollbackImpossibleError(RecyclicError):
    """A generation's code or data is no longer there. Facts: ``generation``, ``missing``."""

    code = "RCY-A018"


class NoEarlierGenerationError(RecyclicError):
    """There is nothing before the live generation. Facts: ``generation``."""

    code = "RCY-A040"


class NoHostError(RecyclicError):
    """Undoing needs the Paheko that the journal names. Facts: ``root``."""

    code = "RCY-A019"
    exit_code = 4


class NothingToAdoptError(RecyclicError):
    """No setting of that name was edited in the live config.toml. Facts: ``key``, ``known``."""

    code = "RCY-A021"


class NotAdoptedError(RecyclicError):
    """The profile was left as it is. Facts: ``profile``, ``obstacle``, ``at``, ``lines``."""

    code = "RCY-A022"


class WheelsUnfitError(RecyclicError):
    """An archive was packed for another machine. Facts: ``wheels``, ``platform``, ``python``."""

    code = "RCY-A023"


class PackingError(RecyclicError):
    """Another run writes that very archive now. Facts: ``archive``."""

    code = "RCY-A024"


class HandOverError(RecyclicError):
    """The serving process would not change over. Facts: ``request``, ``reason``."""

    code = "RCY-A020"


class NewerDataError(RecyclicError):
    """Older code of extensions would meet data that newer code has migrated.

    Facts: ``generation``, ``names``.
    """

    code = "RCY-A031"
