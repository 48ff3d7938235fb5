"""An event: what happened, where, when, with which payload."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any, NoReturn

_SLOTS = (
    "at",
    "attempt",
    "id",
    "key",
    "name",
    "origin",
    "payload",
    "replay",
    "traceparent",
    "version",
)
OWN_TRACE: Any = object()
"""In the place of a ``traceparent``: it is named by the event's own id."""


class Event(Mapping[str, Any]):
    """One thing that happened. Reads like the mapping of its payload: ``event["session_id"]``.

    Nothing of it can be set. What few handlers ask for (``time``, ``trace``) is made when asked.

    Attributes:
        id: Unique for ever and the same on every delivery: the key for idempotent handlers.
        name: The kind of event, ``sale_closed``.
        payload: JSON values only.
        origin: The module that emitted it.
        key: Events with the same key are handled in order within a module; None for no order.
        version: Of the payload's schema.
        attempt: Which delivery this is to this handler, counted from 1.
        replay: 0, or the number of the replay that has it handled again.
    """

    __slots__ = _SLOTS

    id: str
    name: str
    payload: Mapping[str, Any]
    origin: str
    key: str | None
    version: int
    attempt: int
    replay: int

    def __init__(
        self,
        id: str,
        name: str,
        payload: Mapping[str, Any],
        origin: str,
        time: datetime,
        key: str | None = None,
        version: int = 1,
        attempt: int = 1,
        trace: str | None = None,
        replay: int = 0,
    ) -> None:
        values = (time, attempt, id, key, name, origin, payload, replay, trace, version)
        for slot, value in zip(_SLOTS, values, strict=True):
            object.__setattr__(self, slot, value)

    @property
    def time(self) -> datetime:
        """When ``emit`` was called, in UTC."""
        at: datetime | bytes = self.at  # type: ignore[attr-defined]
        return at if isinstance(at, datetime) else datetime.fromtimestamp(int(at) / 1000, UTC)

    @property
    def trace(self) -> str | None:
        """W3C ``traceparent`` of the emitter, or None."""
        trace: str | None = self.traceparent  # type: ignore[attr-defined]
        return f"00-{self.id}-{self.id[:16]}-00" if trace is OWN_TRACE else trace

    def delivered(self, *, attempt: int, replay: int = 0) -> "Event":
        """The same event as another delivery of it."""
        same = (self.id, self.name, self.payload, self.origin, self.time, self.key, self.version)
        return Event(*same, attempt, self.trace, replay)

    def get(self, name: str, default: Any = None) -> Any:
        """The payload's value, or ``default``."""
        return self.payload.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.payload[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.payload)

    def __len__(self) -> int:
        return len(self.payload)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise FrozenInstanceError(f"{name} of an event cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"{name} of an event cannot be deleted")

    def _content(self) -> tuple[Any, ...]:
        """What makes two of them the same event; which delivery it is does not."""
        return self.id, self.name, self.payload, self.origin, self.time, self.key, self.version

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, Event) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return (
            f"Event(id={self.id!r}, name={self.name!r}, payload={self.payload!r},"
            f" origin={self.origin!r}, time={self.time!r}, key={self.key!r},"
            f" version={self.version!r}, attempt={self.attempt!r}, trace={self.trace!r},"
            f" replay={self.replay!r})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Event, (*self._content(), self.attempt, self.trace, self.replay)


class Draft(Mapping[str, Any]):
    """An event while its attributes are filled in: the same slots, which can be set.

    To make one, set all of them and then ``__class__`` to Event: for the decoder, which makes an
    event per delivery, in a fifth of the time that ``Event(...)`` takes.
    """

    __slots__ = _SLOTS
    __getitem__ = __iter__ = __len__ = None  # type: ignore[assignment]


new_draft: Callable[[type[Draft]], Any] = object.__new__
