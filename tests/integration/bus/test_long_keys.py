"""Very many events of a few keys: a chain moves on at once, however many wait behind it."""

import asyncio
import time
from collections import defaultdict

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on, consuming, until

from recyclic.events.event import Event

pytestmark = pytest.mark.anyio
KEYS, EACH = 8, 250


async def test_a_chain_of_parked_events_moves_on_at_once(
    server: EventServer, client: object
) -> None:
    """Two workers, most events with the one that may not run them yet: a key's next event
    begins as soon as the one before it is done, not at the next look."""
    order: dict[str, list[int]] = defaultdict(list)
    held = asyncio.Event()

    async def handle(event: Event) -> None:
        if event["n"] == 0:
            await held.wait()
        assert event.key is not None
        order[event.key].append(event["n"])

    workers = [bus_on(server, consumer=f"worker{n}.0.1.1") for n in range(2)]
    for bus in workers:
        bus.for_module("books").on("line_added", handle)
    till = bus_on(server)
    await till.start()
    async with consuming(workers[0]), consuming(workers[1]):
        for n in range(EACH):
            await asyncio.gather(
                *(till.for_module("till").emit("line_added", key=f"k{k}", n=n) for k in range(KEYS))
            )
        # Everything has been looked at once, and waits for the first event of its key.
        await until(lambda: sum(sum(one.health().in_hand.values()) for one in workers) < 900)
        held.set()
        began = time.monotonic()
        await until(lambda: sum(map(len, order.values())) == KEYS * EACH, 40)
    await till.stop(timeout_s=1)
    assert all(numbers == list(range(EACH)) for numbers in order.values())
    print(f"{KEYS * EACH / (time.monotonic() - began):.0f} events a second")
