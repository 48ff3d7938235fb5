"""A connection that comes back, and those who wait for it."""

import asyncio
from collections.abc import Callable

import pytest

from recyclic.events.streams.connection import Connection
from recyclic.events.streams.link import Link

pytestmark = pytest.mark.anyio


class Silence(asyncio.Transport):
    """The way to a server that says nothing."""

    def write(self, data: bytes | bytearray | memoryview) -> None: ...

    def abort(self) -> None: ...


@pytest.mark.parametrize("turns", range(6))
async def test_who_is_cancelled_while_the_connection_comes_is_not_forgotten(turns: int) -> None:
    """Whichever turn of the loop both meet in: a page that is left would listen for ever."""
    come = asyncio.Event()

    async def dial(on_lost: Callable[[Connection], None]) -> Connection:
        await come.wait()
        connection = Connection(on_lost)
        connection.connection_made(Silence())
        return connection

    link = Link(dial, "a server")

    async def page() -> None:
        await link.up(5)
        await asyncio.Event().wait()

    waiting = asyncio.create_task(page())
    for _ in range(3):
        await asyncio.sleep(0)
    come.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    ended, _ = await asyncio.wait([waiting], timeout=5)
    await link.close()
    assert waiting in ended
    assert waiting.cancelled()
