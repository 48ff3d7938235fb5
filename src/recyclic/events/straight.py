"""The straight way of an entry: it comes for the first time, to one handler, which never waits.

Nearly all are such. All that one costs beyond its handler is in this loop, and it costs as little
as can be; whatever is out of the ordinary goes the worker's other ways.
"""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple

from recyclic.events.calling import WELL, Begun, Ended, attempt
from recyclic.events.codec import ORDINARY, UndecodableError, decode_ordinary
from recyclic.events.event import Event
from recyclic.events.hand import Hand
from recyclic.events.handler import Subscription
from recyclic.events.observer import QUICK_S, HandlingCounts, Observer
from recyclic.events.store import Batch, Delivery, Membership


class Left(NamedTuple):
    """An entry that left the straight way. With ``event`` and ``call``: how far its only handler
    came, which waits or has failed. Without: nothing is begun yet."""

    delivery: Delivery
    event: Event | None = None
    call: Ended | Begun | None = None


class Straight:
    """Handles the batches of one worker.

    Args:
        plain: The handler of each event that has only one, and its counts.
    """

    def __init__(
        self,
        module: str,
        plain: Mapping[str, tuple[Subscription, HandlingCounts]],
        hand: Hand,
        membership: Membership,
        observer: Observer,
        limit_bytes: int,
    ) -> None:
        self._module = module
        self._plain = plain
        self._hand = hand
        self._membership = membership
        self._observer = observer
        self._limit = limit_bytes

    def run(self, batch: Batch, until: float) -> Left | None:
        """Handle what is left of the batch, for as long as that goes well, and no longer than
        ``until``; returns the entry that did not go well, which counts as begun."""
        only = self._plain.get(batch.event)
        if only is None:
            batch.begun += 1
            return self._left(batch)
        subscription, counts = only
        name, limit, listener = batch.event, self._limit, self._observer.listener
        first, left = batch.begun, None
        quick, quick_s, now = 0, 0.0, 0.0
        for stored in batch.stored[first:]:
            if now > until:
                break
            batch.begun += 1
            if stored[::2] != ORDINARY:
                left = self._left(batch)
                break
            try:
                event = decode_ordinary(name, stored, limit)
            except UndecodableError:
                left = self._left(batch)
                break
            since = perf_counter()
            call = attempt(subscription, event, since)
            now = perf_counter()
            if call is not WELL:
                if isinstance(call, Ended):
                    counts.took(now - since)
                left = self._left(batch, event, call)
                break
            if now - since <= QUICK_S:
                quick += 1
                quick_s += now - since
            else:
                counts.took(now - since)
            if listener is not None:
                listener.handled(self._module, name, event.id)
        counts.took_quickly(quick, quick_s)
        self._handled(name, counts, batch.ids[first : batch.begun - (left is not None)])
        return left

    def _left(
        self, batch: Batch, event: Event | None = None, call: Ended | Begun | None = None
    ) -> Left:
        """The entry of the batch that was begun last."""
        last = batch.begun - 1
        delivery = self._hand.delivery(batch.event, batch.ids[last], batch.stored[last])
        return Left(delivery, event, call)

    def _handled(self, event: str, counts: HandlingCounts, ids: Sequence[str]) -> None:
        if ids:
            counts.handled += len(ids)
            self._membership.all_done(event, ids)
            self._hand.finish_some(len(ids))
