"""What takes new entries from one source into a worker's hand: how many, and when."""

import asyncio

from recyclic.events.hand import Hand
from recyclic.events.pace import GATHER_S, Pace
from recyclic.events.store import Reader


class Intake:
    """One reader, and the pace at which it is read.

    Args:
        share: How many entries it takes at most at a time.
    """

    def __init__(self, reader: Reader, hand: Hand, share: int) -> None:
        self.reader = reader
        self._hand = hand
        self._share = share
        self._pace = Pace()
        self._ended = False

    @property
    def room(self) -> int:
        """How many entries may be taken now; when 0, the hand tells once there is room. After
        :meth:`end` there is none: a read that returns at once would keep its lane from others."""
        return 0 if self._ended else self._hand.room(self._share)

    async def fetch(self, room: int) -> None:
        """Put the entries that come next in the line; waits for them."""
        if self._pace.gather:
            await asyncio.sleep(GATHER_S)
        taken = await self.reader.read(room)
        now = asyncio.get_running_loop().time()
        count = self._hand.take(taken, now)
        self._pace.came(count, now, more=count >= self._share // 2)
        if count > room // 4 and not self._pace.gather:
            # The server prepares the next batch while this one is handled. On a quiet stream the
            # handlers go first: what was just read has waited, the next read has not.
            ahead = self.room
            if ahead:
                self.reader.ask(ahead)

    async def end(self) -> None:
        """Take no more, after what was asked for before."""
        self._ended = True
        await self.reader.interrupt()
        self._hand.take(await self.reader.read(1), asyncio.get_running_loop().time())
