"""The systems beside us that a transaction changes, seen as a small port.

The driver of a real Paheko implements it. Each method can be called again after it was cut short.
"""

from typing import Protocol

from recyclic.model.observed import ObservedPaheko


class ExtensionHost(Protocol):
    """A host of extensions, with a database of its own."""

    def observe(self) -> ObservedPaheko:
        """What is there now. Changes nothing, not even a time stamp."""
        ...
