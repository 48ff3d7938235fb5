"""Event to and from the flat fields it is stored as; pure.

Fields: ``id``, ``from`` (the emitting module), ``at`` (ms since 1970), ``data`` (JSON object), and
where they apply ``key``, ``prev`` (set by the server), ``v``, ``trace``, ``only``, ``replay``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from recyclic.events.errors import PayloadError
from recyclic.events.event import OWN_TRACE, Draft, Event, new_draft


class UndecodableError(ValueError):
    """Stored fields that are no event of ours; the text says why. Such entries are set aside."""


class Message(NamedTuple):
    """An event as it is about to be stored. ``data`` is the payload's JSON.

    Attributes:
        only: ``module`` or ``module/handler``: the only one that handles it (a requeued one).
    """

    name: str
    id: str
    origin: str
    at_ms: int
    data: bytes
    key: str | None = None
    version: int = 1
    trace: str | None = None
    only: str | None = None

    def fields(self) -> list[bytes | str | int]:
        """Names and values, flat, in the order they are stored."""
        flat: list[bytes | str | int] = [
            b"id", self.id, b"from", self.origin, b"at", self.at_ms, b"data", self.data,
        ]  # fmt: skip
        if self.key is not None:
            flat += (b"key", self.key)
        if self.version != 1:
            flat += (b"v", self.version)
        if self.trace is not None:
            flat += (b"trace", self.trace)
        if self.only is not None:
            flat += (b"only", self.only)
        return flat


def encode_payload(event: str, payload: Mapping[str, Any], limit_bytes: int) -> bytes:
    """``payload`` as one JSON object.

    Raises:
        PayloadError: not JSON (a number that is none, a foreign object), or too large.
    """
    try:
        data = orjson.dumps(payload, default=_model_as_json)
    except (TypeError, ValueError, RecursionError) as error:
        raise PayloadError(event=event, reason=str(error)) from error
    # orjson writes null for NaN and infinity: silence would turn an amount into nothing.
    if b"null" in data and _has_nan(payload):
        raise PayloadError(event=event, reason="NaN and infinity are not JSON")
    if len(data) > limit_bytes:
        raise PayloadError(event=event, reason=f"{len(data)} bytes, at most {limit_bytes}")
    return data


def check_key(event: str, key: str) -> None:
    """Raises: PayloadError: it cannot be stored, as it is no text that there is bytes for."""
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise PayloadError(event=event, reason=f"its key: {error.reason}") from error


def _model_as_json(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise TypeError(f"{type(value).__name__} is not JSON")
    return dump(mode="json")


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, Mapping):
        return any(_has_nan(item) for item in value.values())
    return isinstance(value, list | tuple) and any(_has_nan(item) for item in value)


_loads = orjson.loads
ORDINARY = [b"id", b"from", b"at", b"data"]
"""The fields of an event with neither key, trace, version nor addressee, in the order of
:meth:`Message.fields`: nearly all are such."""
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999
"""Between these there is a date for every time."""


def decode_ordinary(name: str, flat: Sequence[bytes], limit_bytes: int) -> Event:
    """The event stored as ``flat``, whose fields are ORDINARY. Raises: as :func:`decode`."""
    _, event_id, _, origin, _, at, _, data = flat
    if len(data) > limit_bytes:
        raise UndecodableError(f"payload of {len(data)} bytes, at most {limit_bytes}")
    # One of these is made per entry and module: the draft is filled in here, without a call.
    draft = new_draft(Draft)
    try:
        draft.payload = payload = _loads(data)
        draft.id = event_id.decode()
        draft.origin = origin.decode()
        # Of thirteen digits there is a date for each; nearly all have as many.
        dated = (len(at) == 13 and at.isdigit()) or _FIRST_MS <= int(at) <= _LAST_MS
    except ValueError as error:
        raise UndecodableError(str(error)) from error
    if type(payload) is not dict:
        raise UndecodableError("the payload is not a JSON object")
    if not dated:
        raise UndecodableError(f"there is no time {int(at)} ms after 1970")
    draft.name = name
    draft.key = None
    draft.version = draft.attempt = 1
    draft.replay = 0
    draft.at = at
    draft.traceparent = OWN_TRACE
    draft.__class__ = Event
    event: Event = draft
    return event


def decode(name: str, fields: Mapping[bytes, bytes], limit_bytes: int) -> Event:
    """The event stored as ``fields``.

    Raises:
        UndecodableError: a field is missing, not text, not JSON, or too large.
    """
    try:
        event_id, origin, at, data = fields[b"id"], fields[b"from"], fields[b"at"], fields[b"data"]
    except KeyError as error:
        raise UndecodableError(f"no field {error.args[0].decode()}") from error
    flat = (b"id", event_id, b"from", origin, b"at", at, b"data", data)
    event = decode_ordinary(name, flat, limit_bytes)
    key, version, trace = fields.get(b"key"), fields.get(b"v"), fields.get(b"trace")
    if key is None and version is None and trace is None:
        return event
    return Event(
        event.id,
        name,
        event.payload,
        event.origin,
        event.time,
        None if key is None else key.decode("utf-8", "replace"),
        1 if version is None or not version.isdigit() else int(version),
        trace=event.trace if trace is None else trace.decode("ascii", "replace"),
    )
