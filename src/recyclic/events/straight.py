"""The straight way of an entry: it comes for the first time, to one handler, which never waits.

Nearly all are such. All that one costs beyond its handler is in this loop, and it costs as little
as can be; whatever is out of the ordinary goes the worker's other ways.
"""

from collections.abc import Mapping
from time import perf_counter
from typing import NamedTuple

from recyclic.events.calling import WELL, Begun, Ended, attempt
from recyclic.events.codec import ORDINARY, UndecodableError, decode_ordinary
from recyclic.events.event import Event
from recyclic.events.hand import Hand
from recyclic.events.handler import Subscription
from recyclic.events.observer import QUICK_S, HandlingCounts, Observer
from recyclic.events.store import Batch, Delivery, Membership
from recyclic.events.tracing import spans_wanted


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
        if only is None or spans_wanted():
            return self._left(batch, batch.begun)
        subscription, counts = only
        name, limit, listener = batch.event, self._limit, self._observer.listener
        at = first = batch.begun
        end, left, now, seconds, slow = len(batch.ids), None, 0.0, 0.0, 0
        while at < end and now <= until:
            stored = batch.stored[at]
            if stored[::2] != ORDINARY:
                left = self._left(batch, at)
                break
            try:
                event = decode_ordinary(name, stored, limit)
            except UndecodableError:
                left = self._left(batch, at)
                break
            since = perf_counter()
            call = attempt(subscription, event, since)
            now = perf_counter()
            if call is not WELL:
                if isinstance(call, Ended):
                    counts.took(now - since)
                left = self._left(batch, at, event, call)
                break
            at += 1
            took = now - since
            if took <= QUICK_S:
                seconds += took
            else:
                counts.took(took)
                slow += 1
            if listener is not None:
                listener.handled(self._module, name, event.id)
        if at > first:
            counts.took_quickly(at - first - slow, seconds)
            self._handled(batch, counts, first, at)
        return left

    def _left(
        self, batch: Batch, at: int, event: Event | None = None, call: Ended | Begun | None = None
    ) -> Left:
        delivery = self._hand.delivery(batch.event, batch.ids[at], batch.stored[at])
        batch.begun = at + 1
        return Left(delivery, event, call)

    def _handled(self, batch: Batch, counts: HandlingCounts, first: int, end: int) -> None:
        """Those from ``first`` up to ``end`` went well."""
        batch.begun = max(batch.begun, end)
        counts.handled += end - first
        self._membership.all_done(batch.event, batch.ids[first:end])
        self._hand.finish_some(end - first)
