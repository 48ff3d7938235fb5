"""Everything that stops the bus's work; words for these codes are in cli/words/events.py."""

from recyclic.errors import RecyclicError


class BusError(RecyclicError):
    """The root of the bus's own errors."""

    code = "RCY-B001"


class BusUnavailableError(BusError):
    """The server cannot be reached. Facts: ``address``, ``reason``."""

    code = "RCY-B001"


class BusSettingsError(BusError):
    """The server's settings break a promise. Facts: ``setting``, ``value``, ``wanted``."""

    code = "RCY-B002"


class EmitError(BusError):
    """Nothing was published, or it is not known to have been. Facts: ``event``, ``reason``."""

    code = "RCY-B003"


class PayloadError(EmitError):
    """The payload cannot be published as it is. Facts: ``event``, ``reason``."""

    code = "RCY-B004"


class HandlerError(BusError):
    """A handler cannot be registered. Facts: ``handler``, ``event``, ``reason``."""

    code = "RCY-B005"


class ForeignSiteError(BusError):
    """The keys on the server belong to another site. Facts: ``site``, ``owner``, ``prefix``."""

    code = "RCY-B006"


class BusUrlError(BusError):
    """An address that is not one of a bus. Facts: ``url`` (without its password), ``reason``."""

    code = "RCY-B007"


class EmbeddedServerError(BusError):
    """The embedded server does not start. Facts: ``folder``, ``reason``."""

    code = "RCY-B008"


class SchemaMismatchError(PayloadError):
    """A payload that its event's schema refuses. Facts: ``event``, ``version``, ``reason``."""

    code = "RCY-B009"


class RoundTripError(BusError):
    """An event cannot go there and back. Facts: ``address``, ``reason``."""

    code = "RCY-B030"


class UnknownEntryError(BusError):
    """No event or dead letter has that id. Facts: ``id``."""

    code = "RCY-B010"


class AmbiguousEntryError(BusError):
    """Entries of several events have that id. Facts: ``id``, ``events``."""

    code = "RCY-B012"


class ServerRefusedError(BusError):
    """The server answers, and refuses a command. Facts: ``address``, ``reason``."""

    code = "RCY-B014"


class UnknownAuditLineError(UnknownEntryError):
    """No line of the audit has that id. Facts: ``id``."""

    code = "RCY-B013"


class UnknownGroupError(BusError):
    """No module of that name listens to that event. Facts: ``module``, ``event``, ``known``."""

    code = "RCY-B011"
