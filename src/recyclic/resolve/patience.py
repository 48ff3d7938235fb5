"""An end for questions that nobody can answer in any useful time.

Whether versions go together is NP-complete: a small index from a hostile hand can keep any solver
busy for ever. Real catalogs lead to a few conflicts, hard ones to a few thousand.
"""

from recyclic.resolve.errors import TooHardError
from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.reporter import Reporter

MOST_CONFLICTS = 12_000
"""A minute's work on a small machine; the same on every machine."""


class Patience(Reporter):
    """Passes on what it hears to ``reporter``, and stops a search that meets too many conflicts."""

    def __init__(self, reporter: Reporter | None, most: int = MOST_CONFLICTS) -> None:
        self._reporter = reporter or Reporter()
        self._most = most
        self._conflicts = 0

    def decided(self, package: int, state: int, level: int) -> None:
        """See :class:`Reporter`."""
        self._reporter.decided(package, state, level)

    def learned(self, incompatibility: Incompatibility, start: int, end: int) -> None:
        """See :class:`Reporter`.

        Raises:
            TooHardError: that was one too many.
        """
        self._conflicts += 1
        if self._conflicts > self._most:
            raise TooHardError(conflicts=self._most)
        self._reporter.learned(incompatibility, start, end)
