"""What one worker has in hand: taken from the store, and not yet confirmed as acknowledged."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

from recyclic.events.store import Delivery

Place = tuple[str, str]


class Hand:
    """A line of entries to handle, and what is known of those that left it.

    Args:
        bound: How many unfinished entries there may be: the worker's memory. An entry that is
            finished stays here without its body until the store has confirmed it, so that the
            same one, read again after a lost connection, is not handled a second time.
    """

    def __init__(self, bound: int) -> None:
        self.line: deque[Delivery] = deque()
        self._bound = bound
        self._held: dict[Place, Delivery] = {}
        self._unfinished = 0
        self._followers: dict[Place, Delivery] = {}
        self._room = asyncio.Event()
        self._enough = -1
        self._closed = False

    def __len__(self) -> int:
        return len(self._held)

    def find(self, place: Place) -> Delivery | None:
        """The entry of that place, while it is in hand."""
        return self._held.get(place)

    def older_than(self, time: float) -> list[Delivery]:
        """Those taken, or last renewed, before ``time`` and not taken over by anyone."""
        return [one for one in self._held.values() if one.since < time and not one.lost]

    # -- in --------------------------------------------------------------------------------

    def take(self, deliveries: Iterable[Delivery]) -> int:
        """Put those that are not in hand yet in the line; returns how many that were."""
        before = len(self._held)
        held, line = self._held, self.line
        for delivery in deliveries:
            if delivery.place not in held:
                held[delivery.place] = delivery
                line.append(delivery)
        fresh = len(held) - before
        self._unfinished += fresh
        return fresh

    async def room(self, share: int) -> int:
        """How many more may be taken, at most ``share``, once that is worth a read; 0 after
        :meth:`close`."""
        worth = max(1, share // 4)
        while not self._closed:
            # What waits for confirmation is small, and bounded as well.
            free = min(share, self.space, 2 * self._bound - len(self._held))
            if free >= worth:
                return free
            self._enough = self._bound - worth
            self._room.clear()
            await self._room.wait()
        return 0

    def _look_for_room(self) -> None:
        """Wake who waits for room, once there is enough."""
        if self._unfinished <= self._enough:
            self._enough = -1
            self._room.set()

    @property
    def space(self) -> int:
        """How many more could be taken now; negative when there are too many."""
        return self._bound - self._unfinished

    # -- out -------------------------------------------------------------------------------

    def finish(self, delivery: Delivery) -> None:
        """All its handlers are done; the acknowledgement is under way."""
        delivery.finish()
        self._unfinished -= 1
        if self._unfinished <= self._enough:
            self._look_for_room()

    def confirm(self, deliveries: Sequence[Delivery]) -> None:
        """The store has acknowledged them for good."""
        for delivery in deliveries:
            self._held.pop(delivery.place, None)
        if self._followers:
            for delivery in deliveries:
                self._release(delivery)
        self._look_for_room()

    def drop(self, delivery: Delivery) -> None:
        """It is no longer ours: a later retry, parked, dead, or taken over."""
        if self._held.pop(delivery.place, None) is not None and not delivery.finished:
            self._unfinished -= 1
        self._release(delivery)
        self._look_for_room()

    # -- order by key ----------------------------------------------------------------------

    def follow(self, before: Delivery, delivery: Delivery) -> None:
        """``delivery`` is put first in the line once ``before`` is out of hand."""
        self._followers[before.place] = delivery

    def _release(self, delivery: Delivery) -> None:
        follower = self._followers.pop(delivery.place, None)
        if follower is not None:
            follower.cleared = delivery.finished
            self.line.appendleft(follower)

    # -- the end ---------------------------------------------------------------------------

    def close(self) -> list[Delivery]:
        """Nothing more is to be taken; returns what was not begun."""
        self._closed = True
        rest = [*self.line, *self._followers.values()]
        self.line.clear()
        self._followers.clear()
        self._room.set()
        return rest
