"""Names, each its own type, checked once on the way in."""

import re
from typing import Self

from recyclic.errors import RecyclicError


class InvalidNameError(RecyclicError):
    """A text that cannot be the name it was given as."""

    code = "RCY-M010"


class Name(str):
    """A checked name; compares, sorts and serialises as the ``str`` it is."""

    __slots__ = ()
    kind = "name"
    pattern = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")

    def __new__(cls, text: str) -> Self:
        """Return ``text`` as this kind of name.

        Raises:
            InvalidNameError: with facts ``kind``, ``text`` and ``pattern``.
        """
        if len(text) > 100 or cls.pattern.fullmatch(text) is None:
            raise InvalidNameError(kind=cls.kind, text=text[:100], pattern=cls.pattern.pattern)
        return super().__new__(cls, text)


class ModuleName(Name):
    """A module: an ASCII Python identifier, the name of its folder."""

    __slots__ = ()
    kind = "module"
    pattern = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ExtensionName(Name):
    """A Paheko plugin or Brindille module.

    Source: Paheko accepts ``^[a-z][a-z0-9]*(_[a-z0-9]+)*$`` and calls all else unknown.
    """

    __slots__ = ()
    kind = "extension"
    pattern = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


class BundleName(Name):
    """A bundle: lower-case words joined by ``-``, ``_`` or ``.``."""

    __slots__ = ()
    kind = "bundle"


class CapabilityName(Name):
    """Something a module offers under a name other than its own."""

    __slots__ = ()
    kind = "capability"


class SiteName(Name):
    """One installed site; also the name of its folder, so nothing in it can leave that folder."""

    __slots__ = ()
    kind = "site"


class EventName(Name):
    """A kind of event, as in ``sale_closed`` or ``caisse.sale_closed``."""

    __slots__ = ()
    kind = "event"
