"""Whether events come so fast that a moment's patience saves most of the reads; pure."""

GATHER_S = 0.002
"""For how long the events of a busy stream are gathered before they are read together..."""
BUSY = 32
"""...when at least so many came in as long a time before. That is more than one emitter sends that
waits for each of its events, whom a sleeping consumer would make wait longer: the system puts the
server on the core that is idle, away from the emitter's. A quieter stream's event never waits."""


class Pace:
    """Of one source.

    Attributes:
        gather: Wait for GATHER_S before the next read.
    """

    def __init__(self) -> None:
        self.gather = False
        self._since = 0.0
        self._came = 0

    def came(self, count: int, now: float, *, more: bool) -> None:
        """So many came with one read.

        Args:
            now: ``loop.time()``.
            more: Others wait already: to read on is better.
        """
        self._came += count
        took = now - self._since
        if more:
            self.gather = False
        elif took >= GATHER_S:
            # Not sooner: what comes all at once may be all there is.
            self.gather = self._came * GATHER_S >= BUSY * took
            self._since, self._came = now, 0
