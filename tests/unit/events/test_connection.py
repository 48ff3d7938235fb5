"""One connection: each reply goes to who asked."""

import asyncio
from typing import Any

import pytest

from recyclic.events.streams.connection import TOGETHER, Connection

pytestmark = pytest.mark.anyio


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def abort(self) -> None: ...


@pytest.mark.parametrize("way", ["send", "ask"])
async def test_what_cannot_be_sent_takes_nobodys_reply(way: str) -> None:
    """Half a character, as JSON may carry one, is no text: who sends it is told at once, and the
    replies that come are those of the others."""
    connection, wire = Connection(), Wire()
    connection.connection_made(wire)
    send = getattr(connection, way)
    with pytest.raises(UnicodeEncodeError):
        send("GET", "\ud800")
    assert connection.outstanding == 0
    first, second = send("PING"), send("ECHO", "x")
    await asyncio.sleep(0)
    connection.data_received(b"+PONG\r\n$1\r\nx\r\n")
    assert [await first, await second] == [b"PONG", b"x"]
    assert b"".join(wire.written).count(b"*") == 2
    connection.close()


async def test_many_commands_leave_some_at_a_time() -> None:
    """The first at once, what follows in the same turn of the loop together, in order."""
    connection, wire = Connection(), Wire()
    connection.connection_made(wire)
    count = 2 * TOGETHER + 5
    for number in range(count):
        connection.send("ECHO", number)
    assert [data.count(b"ECHO") for data in wire.written] == [1, TOGETHER, TOGETHER]
    await asyncio.sleep(0)
    assert [data.count(b"ECHO") for data in wire.written] == [1, TOGETHER, TOGETHER, 4]
    sent = b"".join(wire.written).split(b"\r\n")[4::5]
    assert sent == [str(number).encode() for number in range(count)]
    connection.close()
