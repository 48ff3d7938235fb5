"""What can go wrong between us and Paheko, told apart by what may have happened there."""


class PahekoError(Exception):
    """The root of them all; its text is for people, and has no secret in it."""


class PahekoUnavailableError(PahekoError):
    """Paheko cannot be reached or used now; when posting, it is over and may have been stored."""


class PahekoUnreachableError(PahekoUnavailableError):
    """No connection: the request was not even sent."""


class PahekoDoubtError(PahekoError):
    """No answer that means anything: it may have been stored, now or in a moment."""


class PahekoRefusedError(PahekoError):
    """Paheko says no, in its own words. A person has to change something."""
