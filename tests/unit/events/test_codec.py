"""An event to its fields and back, and what is no event."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recyclic.events.codec import (
    ORDINARY,
    Message,
    UndecodableError,
    decode,
    decode_ordinary,
    encode_payload,
)
from recyclic.events.errors import PayloadError
from recyclic.events.event import Event

LIMIT = 1 << 20
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)  # fmt: skip
payloads = st.dictionaries(st.text(max_size=12), json_values, max_size=6)


def flat_of(message: Message) -> list[bytes]:
    return [one if isinstance(one, bytes) else str(one).encode() for one in message.fields()]


def stored(message: Message) -> dict[bytes, bytes]:
    flat = flat_of(message)
    return dict(zip(flat[::2], flat[1::2], strict=True))


@given(payloads, st.none() | st.text(max_size=30), st.integers(1, 9), st.integers(0, 2**41))
def test_there_and_back(payload: dict[str, Any], key: str | None, version: int, at: int) -> None:
    """What was emitted is what is handled."""
    data = encode_payload("sold", payload, LIMIT)
    event = decode("sold", stored(Message("sold", "i" * 32, "till", at, data, key, version)), LIMIT)
    assert event.payload == payload
    assert (event.id, event.origin, event.key, event.version) == ("i" * 32, "till", key, version)
    assert round(event.time.timestamp() * 1000) == at


@given(payloads, st.none() | st.text(max_size=9), st.none() | st.just("00-a-b-01"))
def test_the_quick_way_sees_the_same_event(
    payload: dict[str, Any], key: str | None, trace: str | None
) -> None:
    """It is taken for nearly all events, and for none with a key, a trace or an addressee."""
    data = encode_payload("sold", payload, LIMIT)
    flat = flat_of(Message("sold", "i" * 32, "till", 1, data, key, trace=trace))
    assert (flat[::2] == ORDINARY) is (key is None and trace is None)
    if flat[::2] == ORDINARY:
        event = decode_ordinary("sold", flat, LIMIT)
        slow = decode("sold", dict(zip(flat[::2], flat[1::2], strict=True)), LIMIT)
        assert event == slow
        assert (event.trace, event.attempt) == (slow.trace, slow.attempt)


def test_an_event_is_frozen_however_it_was_made() -> None:
    """A handler cannot change what the next one is given."""
    event = decode_ordinary("sold", flat_of(Message("sold", "i", "till", 1, b'{"n":1}')), LIMIT)
    assert type(event) is Event
    same = Event(event.id, "sold", {"n": 1}, "till", event.time, trace=event.trace)
    assert event == same == copy.copy(event) == pickle.loads(pickle.dumps(event))
    assert repr(event) == repr(same)
    with pytest.raises(FrozenInstanceError):
        event.name = "other"


@given(st.lists(st.binary(max_size=40), min_size=4, max_size=4))
def test_any_bytes_in_their_place_are_an_event_or_undecodable(values: list[bytes]) -> None:
    """Never another exception, on the quick way too."""
    names = (b"id", b"from", b"at", b"data")
    flat = [one for pair in zip(names, values, strict=True) for one in pair]
    try:
        decode_ordinary("sold", flat, LIMIT)
    except UndecodableError as error:
        assert str(error)


@given(st.dictionaries(st.sampled_from([b"id", b"from", b"at", b"data", b"key", b"v", b"trace"]),
                       st.binary(max_size=40)))  # fmt: skip
def test_any_bytes_are_an_event_or_undecodable(fields: dict[bytes, bytes]) -> None:
    """Never another exception: poison must not stop a worker."""
    try:
        decode("sold", fields, LIMIT)
    except UndecodableError as error:
        assert str(error)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_refused(number: float) -> None:
    """Written as null it would turn an amount into nothing; deep inside as well."""
    with pytest.raises(PayloadError):
        encode_payload("sold", {"lines": [{"total": number}]}, LIMIT)


def test_null_itself_is_a_value() -> None:
    """None is not mistaken for such a number."""
    assert encode_payload("sold", {"discount": None}, LIMIT) == b'{"discount":null}'
