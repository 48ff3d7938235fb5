"""What stores an event, as the bytes that are sent.

Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ (sending commands).
"""

from functools import lru_cache
from typing import Any

import hiredis

from recyclic.events.codec import Message

_FORMS = 1024
"""Of pairs of an event and who emits it; a site has a few dozen."""
_ORDINARY = Message("", "", "", 0, b"")[5:]


def packed_append(stream: str, message: Message) -> bytes:
    """``XADD stream *`` and the message's fields.

    Nearly all have the same four fields: what changes of them is put into a form, which takes a
    third of the time that packing eleven words does.
    """
    if message[5:] != _ORDINARY:
        words: Any = ("XADD", stream, "*", *message.fields())
        packed: bytes = hiredis.pack_command(words)
        return packed
    event_id, at, data = message.id.encode(), b"%d" % message.at_ms, message.data
    values = (len(event_id), event_id, len(at), at, len(data), data)
    return _form(stream, message.origin) % values


@lru_cache(_FORMS)
def _form(stream: str, origin: str) -> bytes:
    """All of it that does not change from one event to the next."""
    words = ("XADD", stream, "*", "id", None, "from", origin, "at", None, "data", None)
    return b"*%d\r\n" % len(words) + b"".join(map(_word, words))


def _word(text: str | None) -> bytes:
    """A word of a form; None for a value that is yet to come, after its length."""
    if text is None:
        return b"$%d\r\n%b\r\n"
    encoded = text.encode()
    return b"$%d\r\n%b\r\n" % (len(encoded), encoded.replace(b"%", b"%%"))
