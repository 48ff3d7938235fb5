"""What one worker has in hand: taken from the store, and not yet confirmed as acknowledged."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence

from recyclic.events.store import Batch, Delivery

Place = tuple[str, str]


class Hand:
    """A line of entries to handle, and what is known of those that left it.

    Args:
        bound: How many unfinished entries there may be: the worker's memory. An entry that is
            finished stays here without its body until the store has confirmed it, so that the
            same one, read again after a lost connection, is not handled a second time.
    """

    def __init__(self, bound: int) -> None:
        self.line: deque[Batch | Delivery] = deque()
        self.on_room: Callable[[], None] = lambda: None
        self._bound = bound
        # Of an entry of a batch only the time when it was taken is kept.
        self._held: dict[str, dict[str, float | Delivery]] = defaultdict(dict)
        self._count = 0
        self._unfinished = 0
        self._followers: dict[Place, Delivery] = {}
        self._enough = -1
        self._closed = False

    def __len__(self) -> int:
        return self._count

    def find(self, place: Place) -> Delivery | float | None:
        """The entry of that place, while it is in hand; of one of a batch, when it was taken."""
        return self._held[place[0]].get(place[1])

    def delivery(self, event: str, entry_id: str, stored: Sequence[bytes]) -> Delivery:
        """An entry of a batch, from now on as one that more is known of."""
        held = self._held[event]
        known = held.get(entry_id, 0.0)
        # It is one already when its lease was looked at meanwhile.
        if not isinstance(known, Delivery):
            known = held[entry_id] = Delivery(event, entry_id, None, known)
        known.came_with(stored)
        return known

    def older_than(self, time: float) -> list[Delivery]:
        """Those taken, or last renewed, before ``time`` and not taken over by anyone."""
        old = []
        for event, held in self._held.items():
            for entry_id, known in held.items():
                if not isinstance(known, Delivery):
                    if known >= time:
                        continue
                    known = held[entry_id] = Delivery(event, entry_id, {}, known)  # noqa: PLW2901
                if known.since < time and not known.lost:
                    old.append(known)
        return old

    # -- in --------------------------------------------------------------------------------

    def take(self, taken: Iterable[Batch | Delivery], now: float) -> int:
        """Put those that are not in hand yet in the line; returns how many entries that were."""
        fresh = 0
        for one in taken:
            held = self._held[one.event]
            if isinstance(one, Delivery):
                if one.id in held:
                    continue
                held[one.id] = one
                fresh += 1
            else:
                if not held.keys().isdisjoint(one.ids):
                    one = one.without(held)  # noqa: PLW2901
                    if not one:
                        continue
                held.update(dict.fromkeys(one.ids, now))
                fresh += len(one)
            self.line.append(one)
        self._count += fresh
        self._unfinished += fresh
        return fresh

    def room(self, share: int) -> int:
        """How many more may be taken, at most ``share``; 0 while that is not worth a read, and
        ``on_room`` is called once it is."""
        if self._closed:
            return 0
        worth = max(1, share // 4)
        # What waits for confirmation is small, and bounded as well.
        free = min(share, self.space, 2 * self._bound - self._count)
        if free >= worth:
            return free
        self._enough = self._bound - worth
        return 0

    def _look_for_room(self) -> None:
        """Tell who waits for room, once there is enough."""
        if self._unfinished <= self._enough:
            self._enough = -1
            self.on_room()

    @property
    def space(self) -> int:
        """How many more could be taken now; negative when there are too many."""
        return self._bound - self._unfinished

    # -- out -------------------------------------------------------------------------------

    def finish(self, delivery: Delivery) -> None:
        """All its handlers are done; the acknowledgement is under way."""
        delivery.finish()
        self.finish_some(1)

    def finish_some(self, count: int) -> None:
        """So many entries of a batch are finished: begun, and handled."""
        self._unfinished -= count
        self._look_for_room()

    def confirm(self, event: str, ids: Sequence[str]) -> None:
        """The store has acknowledged them for good."""
        held = self._held[event]
        before = len(held)
        for one in ids:
            held.pop(one, None)
        self._count -= before - len(held)
        if self._followers:
            for one in ids:
                self._release((event, one), settled=True)
        self._look_for_room()

    def drop(self, delivery: Delivery) -> None:
        """It is no longer ours: a later retry, parked, dead, or taken over."""
        if self._held[delivery.event].pop(delivery.id, None) is not None:
            self._count -= 1
            if not delivery.finished:
                self._unfinished -= 1
        self._release(delivery.place, settled=delivery.finished)
        self._look_for_room()

    # -- order by key ----------------------------------------------------------------------

    def follow(self, before: Place, delivery: Delivery) -> None:
        """``delivery`` is put first in the line once the entry ``before`` is out of hand."""
        self._followers[before] = delivery

    def _release(self, place: Place, *, settled: bool) -> None:
        follower = self._followers.pop(place, None)
        if follower is not None:
            follower.cleared = settled
            self.line.appendleft(follower)

    # -- the end ---------------------------------------------------------------------------

    def close(self) -> list[Delivery]:
        """Nothing more is to be taken; returns what was not begun."""
        self._closed = True
        rest: list[Delivery] = []
        for one in self.line:
            if isinstance(one, Delivery):
                rest.append(one)
                continue
            entries = zip(one.ids[one.begun :], one.stored[one.begun :], strict=True)
            rest += [self.delivery(one.event, entry_id, flat) for entry_id, flat in entries]
        rest += self._followers.values()
        self.line.clear()
        self._followers.clear()
        return rest
