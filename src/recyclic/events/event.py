"""An event: what happened, where, when, with which payload."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from dataclasses import replace as dataclass_replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event(Mapping[str, Any]):
    """One thing that happened. Reads like the mapping of its payload: ``event["session_id"]``.

    Attributes:
        id: Unique for ever and the same on every delivery: the key for idempotent handlers.
        name: The kind of event, ``sale_closed``.
        payload: JSON values only.
        origin: The module that emitted it.
        time: When ``emit`` was called, in UTC.
        key: Events with the same key are handled in order within a module; None for no order.
        version: Of the payload's schema.
        attempt: Which delivery this is to this handler, counted from 1.
        trace: W3C ``traceparent`` of the emitter, or None.
        replay: 0, or the number of the replay that has it handled again.
    """

    id: str
    name: str
    payload: Mapping[str, Any]
    origin: str
    time: datetime
    key: str | None = None
    version: int = 1
    attempt: int = field(default=1, compare=False)
    trace: str | None = field(default=None, compare=False)
    replay: int = field(default=0, compare=False)

    def delivered(self, *, attempt: int, replay: int = 0) -> "Event":
        """The same event as another delivery of it."""
        return dataclass_replace(self, attempt=attempt, replay=replay)

    def __getitem__(self, name: str) -> Any:
        return self.payload[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.payload)

    def __len__(self) -> int:
        return len(self.payload)

    def __hash__(self) -> int:
        return hash(self.id)


class _Draft(Mapping[str, Any]):
    """An event while its attributes are filled in: the same slots, not yet frozen."""

    __slots__ = tuple(one.name for one in fields(Event))

    id: str
    name: str
    payload: Mapping[str, Any]
    origin: str
    time: datetime
    key: str | None
    version: int
    attempt: int
    trace: str | None
    replay: int

    __getitem__ = __iter__ = __len__ = None  # type: ignore[assignment]


def event_of(
    event_id: str,
    name: str,
    payload: Mapping[str, Any],
    origin: str,
    time: datetime,
    key: str | None,
    version: int,
    attempt: int,
    trace: str | None,
) -> Event:
    """The same as ``Event(...)``, in a fifth of its time: for those who make one per delivery.

    A frozen dataclass sets each attribute by a call of ``object.__setattr__``; that is 2.0 us an
    event, and 0.4 this way.
    """
    draft: Any = object.__new__(_Draft)
    draft.id = event_id
    draft.name = name
    draft.payload = payload
    draft.origin = origin
    draft.time = time
    draft.key = key
    draft.version = version
    draft.attempt = attempt
    draft.trace = trace
    draft.replay = 0
    draft.__class__ = Event
    event: Event = draft
    return event
