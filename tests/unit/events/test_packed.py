"""A message as the bytes that are sent."""

from typing import Any

import hiredis
from hypothesis import given
from hypothesis import strategies as st

from recyclic.events.codec import Message
from recyclic.events.streams.packed import packed_append

texts = st.text(max_size=20) | st.text("%db$\r\n", max_size=6)


@given(
    texts, texts, texts, st.integers(0, 2**50), st.binary(max_size=30) | texts.map(str.encode),
    st.none() | texts, st.integers(1, 2), st.none() | texts, st.none() | texts,
)  # fmt: skip
def test_the_form_is_what_packing_gives(
    stream: str, event_id: str, origin: str, at: int, data: bytes, key: str | None, version: int,
    trace: str | None, only: str | None,
) -> None:  # fmt: skip
    """Byte for byte, whatever the values are, and whichever fields there are."""
    message = Message("sold", event_id, origin, at, data, key, version, trace, only)
    words: Any = ("XADD", stream, "*", *message.fields())
    assert packed_append(stream, message) == hiredis.pack_command(words)
