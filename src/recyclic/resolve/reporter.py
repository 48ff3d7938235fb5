"""What a listener may be told while solving goes on; does nothing by default."""

from recyclic.resolve.incompatibility import Incompatibility


class Reporter:
    """Hears of every step. Subclass what you want to hear; answers are not looked at."""

    def decided(self, package: int, state: int, level: int) -> None:
        """``package`` was set to ``state``; ``level`` decisions stand now."""

    def learned(self, incompatibility: Incompatibility, start: int, end: int) -> None:
        """A conflict was resolved to ``incompatibility``; solving goes back from level to level."""


class CountingReporter(Reporter):
    """Counts what happened, so that a test can ask whether its generator reaches anything."""

    def __init__(self) -> None:
        self.decisions = 0
        self.conflicts = 0
        self.backjumps = 0
        self.deepest = 0

    def decided(self, package: int, state: int, level: int) -> None:  # noqa: ARG002 - the port's
        """See :class:`Reporter`."""
        self.decisions += 1
        self.deepest = max(self.deepest, level)

    def learned(self, incompatibility: Incompatibility, start: int, end: int) -> None:  # noqa: ARG002
        """See :class:`Reporter`."""
        self.conflicts += 1
        self.backjumps += end + 1 < start
