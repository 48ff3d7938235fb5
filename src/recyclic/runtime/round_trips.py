"""Whether an event goes there and back now, for whoever asks however often."""

import asyncio
import time

from recyclic.errors import RecyclicError
from recyclic.events.site_bus import SiteBus

STAYS_TRUE_S = 1.0
"""How old an answer may be: asking is open to everybody, and each trip writes to a disk."""


class RoundTrips:
    """One trip at a time, and at most one a second, whoever asks."""

    def __init__(self, bus: SiteBus) -> None:
        self._bus = bus
        self._one = asyncio.Lock()
        self._made_at = float("-inf")
        self._error: RecyclicError | None = None

    async def latest(self) -> RecyclicError | None:
        """What stood in the way of the last trip, made within the last second; None for nothing."""
        async with self._one:
            if time.monotonic() - self._made_at > STAYS_TRUE_S:
                self._error = await self._make()
                self._made_at = time.monotonic()
            return self._error

    async def _make(self) -> RecyclicError | None:
        try:
            await self._bus.there_and_back()
        except RecyclicError as error:
            return error
        return None
