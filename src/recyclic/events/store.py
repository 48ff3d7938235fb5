"""What the bus needs from whatever keeps the events: two small protocols."""

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from recyclic.events.bus import Durability
from recyclic.events.codec import Message
from recyclic.events.delivery import Fate


@dataclass(frozen=True, slots=True)
class Warned:
    """A promise that the server's settings weaken: a code, and facts for its words."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


class StoreError(Exception):
    """The store is away or refuses; what it says is for logs. Trying again later may help."""


class Batch:
    """Entries of one event that came together, each for the first time.

    Of most of them nothing more is ever known than that they were handled, so the least that does
    is made of each: a place in two lists.

    Attributes:
        ids: The store's own.
        stored: The fields of each as stored: names and values, flat.
        begun: How many of them, the first, are begun.
    """

    __slots__ = ("begun", "event", "ids", "stored")

    def __init__(self, event: str, ids: Sequence[str], stored: Sequence[Sequence[bytes]]) -> None:
        self.event = event
        self.ids = ids
        self.stored = stored
        self.begun = 0

    def __len__(self) -> int:
        """How many are not begun."""
        return len(self.ids) - self.begun

    def without(self, ids: Container[str]) -> "Batch":
        """Those that are not among ``ids``."""
        pairs = zip(self.ids, self.stored, strict=True)
        kept = [(one, flat) for one, flat in pairs if one not in ids]
        return Batch(self.event, [one for one, _ in kept], [flat for _, flat in kept])


class Delivery:
    """One stored event in the hands of one module's worker.

    Attributes:
        id: The store's own id of the entry; ordered in time within an event.
        place: What tells it from every other entry of its module.
        crashes: How many workers had it before and vanished.
        fates: What the server knows of each handler from earlier rounds; empty on the first.
        replay: Number of the replay this is part of; 0 for the first handling.
        since: ``loop.time()`` when it was taken, or its lease last renewed.
        lost: Another worker has taken it over.
        finished: All its handlers are done; only the acknowledgement is under way.
        cleared: The entry before it with the same key is settled.
    """

    __slots__ = (
        "_fields",
        "_stored",
        "cleared",
        "crashes",
        "event",
        "fates",
        "finished",
        "id",
        "lost",
        "place",
        "replay",
        "since",
    )

    def __init__(
        self, event: str, entry_id: str, fields: Mapping[bytes, bytes] | None, since: float
    ) -> None:
        self.event = event
        self.id = entry_id
        self.place = (event, entry_id)
        self.since = since
        self._fields = fields
        self._stored: Sequence[bytes] | None = None
        self.crashes = 0
        self.replay = 0
        self.lost = False
        self.finished = False
        self.cleared = False
        self.fates: Mapping[str, HandlerFate] = _NONE_KNOWN

    @property
    def fields(self) -> Mapping[bytes, bytes] | None:
        """As stored, or None when the body was destroyed under us."""
        if self._fields is None and self._stored is not None:
            self._fields = dict(zip(self._stored[::2], self._stored[1::2], strict=True))
        return self._fields

    def came_with(self, stored: Sequence[bytes]) -> None:
        """Its fields, flat: they are looked into when somebody asks."""
        self._fields, self._stored = None, stored

    def has_key(self) -> bool:
        """Whether it belongs in an order."""
        # The four fields that every event has, and no others.
        if self._stored is not None and len(self._stored) == 8:
            return False
        return b"key" in (self.fields or _LET_GO)

    def is_first(self) -> bool:
        """Whether it comes for the first time, and to everybody."""
        if self.crashes or self.fates or self.replay:
            return False
        return b"only" not in (self.fields or _LET_GO)

    def previous(self) -> str | None:
        """The entry before it with the same key; None when there is none, or it is settled."""
        if self.cleared:
            return None
        found = (self.fields or _LET_GO).get(b"prev")
        return None if found is None else found.decode("ascii", "replace")

    def finish(self) -> None:
        """All handlers are done; the body is let go of."""
        self.finished = True
        self._fields, self._stored = _LET_GO, None


@dataclass(frozen=True, slots=True)
class HandlerFate:
    """Where one handler stands with one event: how often called, and what comes next."""

    fate: Fate
    attempts: int


_NONE_KNOWN: Mapping[str, HandlerFate] = MappingProxyType({})
_LET_GO: Mapping[bytes, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Death:
    """One handler's dead letter. ``handler`` is ``*`` when no handler could be given the event."""

    handler: str
    reason: str
    detail: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written down about a delivery, in one step.

    Attributes:
        fates: Of every handler that has one.
        delay_ms: Until the next retry; None when nothing is left to do; HOLD to keep working.
        deaths: The dead letters that are new.
    """

    fates: Mapping[str, HandlerFate]
    delay_ms: int | None
    deaths: Sequence[Death] = ()


HOLD = -1
"""A ``delay_ms``: progress is written down, the entry stays in this worker's hands."""


@dataclass(slots=True)
class Swept:
    """What a sweep found: entries to handle, and ids whose bodies are gone."""

    deliveries: list[Delivery] = field(default_factory=list)
    ghosts: list[tuple[str, str]] = field(default_factory=list)
    next_due_s: float | None = None


class Reader(Protocol):
    """Where new entries come from; a module has one, or one per stream where it must."""

    async def read(self, limit: int) -> list[Batch | Delivery]:
        """New entries, at least one, in order; waits for them. After :meth:`interrupt` what was
        asked for before it, then [].

        Never cancel it: what the server delivers to a cancelled read is stranded. After a lost
        connection it may return entries that the caller has in hand already.
        """
        ...

    def ask(self, limit: int) -> None:
        """Have at most ``limit`` more made ready while others are handled, for the next
        :meth:`read`, which returns them whatever limit of its own it has."""
        ...

    async def interrupt(self) -> None:
        """Make a waiting :meth:`read` return, now and from now on; nothing delivered is lost."""
        ...


OnDone = Callable[[str, Sequence[str]], None]
"""Is told of one event's entries, by id."""


class Membership(Protocol):
    """One module's share of the store. Used by one worker at a time.

    Attributes:
        on_released: Called when an event was let go that waited for one of ours with its key: a
            sweep finds it now.
    """

    on_released: Callable[[], None]

    async def join(self, starts: Mapping[str, str], about: Mapping[str, Any]) -> None:
        """Have every event in ``starts`` kept for this module from now on.

        ``starts`` maps event to ``beginning`` or ``now``, which count the first time only.
        ``about`` is what operators are shown of the module's handlers.
        """
        ...

    def readers(self) -> Sequence[Reader]:
        """The sources of new entries of all events joined."""
        ...

    async def sweep(self, limit: int) -> Swept:
        """What is due again and what dead workers left, at most ``limit``."""
        ...

    def done(self, delivery: Delivery) -> None:
        """All handlers are done: acknowledge, soon, together with others."""
        ...

    def all_done(self, event: str, ids: Sequence[str]) -> None:
        """The same for several of one event, each of a :class:`Batch`."""
        ...

    async def settle(self, delivery: Delivery, settlement: Settlement) -> bool:
        """Write down a settlement; False when the entry is no longer ours (nothing changes)."""
        ...

    async def may_run(self, delivery: Delivery, previous: str) -> bool:
        """Whether the entry ``previous`` of the same key is settled; if not, this one is parked."""
        ...

    async def touch(self, deliveries: Sequence[Delivery]) -> None:
        """Renew the lease; those taken by someone else get ``lost`` set."""
        ...

    async def hand_back(self, deliveries: Sequence[Delivery]) -> int:
        """Give entries back unhandled, for any worker at once; returns how many were ours."""
        ...

    async def leave(self) -> None:
        """Finish what :meth:`done` began, hand back what is still ours, and close."""
        ...

    async def abandon(self) -> None:
        """End whatever still tries to reach the server, which is away: nothing of it goes on."""
        ...


class Store(Protocol):
    """Where events are kept."""

    async def open(self) -> Sequence[Warned]:
        """Connect and check; returns what the server's settings make untrue of the promises."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...

    async def append(self, message: Message, durability: Durability, *, once: bool = False) -> str:
        """Keep a message; returns the entry's id ("" when ``once`` and it was kept before)."""
        ...

    def membership(self, module: str, on_done: OnDone) -> Membership:
        """A module's share; ``on_done`` is told of the entries acknowledged for good."""
        ...

    async def trim(self, events: Sequence[str], retention_s: float) -> int:
        """Remove what all modules handled and retention does not keep; returns how many."""
        ...

    async def there_and_back(self) -> int:
        """Have an event stored, delivered and acknowledged on every server that takes writes, and
        leave nothing of it; how many servers there are.

        Raises:
            StoreError, EmitError: what stands in its way.
        """
        ...

    async def publish(self, channel: str, data: bytes) -> int:
        """Tell whoever listens; returns how many did."""
        ...

    async def latest(self, channel: str) -> bytes | None:
        """The last notice of a channel, if it is kept."""
        ...

    async def listen(
        self, channel: str, on_message: Callable[[bytes], None]
    ) -> Callable[[], Awaitable[None]]:
        """Have ``on_message`` called with each notice; returns what ends that."""
        ...

    @property
    def connected(self) -> bool:
        """Whether the store answers, as far as is known."""
        ...
