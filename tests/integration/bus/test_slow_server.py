"""A server that takes its time."""

import asyncio
from pathlib import Path

import pytest
from tests.fakes.event_servers import VALKEY, running
from tests.integration.bus.conftest import bus_on, until

from recyclic.events.streams import link

pytestmark = pytest.mark.anyio


async def test_a_slow_server_is_not_taken_for_a_dead_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a quiet site an event is now and then under way just when the link looks: that is no
    reason to end the connection. It is one when nothing came for a whole look."""
    look_s, slow_s = 1.0, 0.45
    monkeypatch.setattr(link, "LOOK_EVERY_S", look_s)
    with running(VALKEY, tmp_path / "slow") as server:
        bus = bus_on(server)
        await bus.start()
        connection = bus.streams.router.link("events:sold").connection
        for n in range(3):
            server.pause()
            emitting = asyncio.create_task(bus.for_module("till").emit("sold", n=n))
            # The moments of three rounds together are all there can be between two looks.
            await asyncio.sleep(slow_s)
            server.resume()
            await emitting
            await asyncio.sleep(look_s)
            assert bus.streams.router.link("events:sold").connection is connection
        server.pause()
        emitting = asyncio.create_task(bus.for_module("till").emit("sold", n=3))
        await until(lambda: not bus.health().connected, 3 * look_s)
        server.resume()
        await emitting
        await bus.stop(timeout_s=1)
