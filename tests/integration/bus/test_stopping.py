"""A process that is told to stop: it finishes what runs, hands back the rest, and says nothing."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer, wait_until
from tests.integration.bus.conftest import consuming

from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings

WORKER = """
import asyncio, json, signal, sys
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings

async def main(url):
    few = BusSettings(in_flight=40, concurrency=4, emit_timeout_s=5)
    bus = RedisStreamsBus(url, site="test", settings=few)

    async def slow(event):
        await asyncio.sleep(0.4)
        print(event["n"], flush=True)

    async def fails(event):
        raise ConnectionError("not now")

    bus.for_module("books").on("sold", slow)
    bus.for_module("stock").on("sold", fails, backoff_s=60)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await bus.start()
    consuming = asyncio.create_task(bus.consume())
    for n in range(100):
        await bus.for_module("till").emit("sold", n=n, key="k" if n % 3 == 0 else None)
    page = bus.listen("progress", latest=True)
    listening = asyncio.ensure_future(anext(page))
    print("ready", flush=True)
    await stopping.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    report = await bus.stop(timeout_s=2)
    await consuming
    left = [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    print(json.dumps({"left": left, "cut_short": report.cut_short}), flush=True)

asyncio.run(main(sys.argv[1]), debug=True)
"""


@pytest.mark.parametrize("server_away", [False, True], ids=["server-there", "server-away"])
def test_a_stop_leaves_no_task_and_prints_no_warning(
    server: EventServer, client: Any, server_away: bool
) -> None:
    """In Python's development mode, with every warning an error: unclosed transports, coroutines
    never awaited and pending tasks would all be told. Also when the server went away before."""
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", WORKER, server.url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line == "ready\n":
            break
    wait_until(lambda: client.xinfo_groups("events:sold")[0]["pending"] > 0)
    if server_away:
        server.kill()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    last = json.loads(out.splitlines()[-1])
    assert last["left"] == []
    assert server_away or last["cut_short"] == 0
    assert process.returncode == 0
    told = [line for line in err.splitlines() if not _is_expected(line, server_away=server_away)]
    assert told == []
    if not server_away:
        pending = client.xpending_range("events:sold", "books", "-", "+", 1000)
        assert {one["consumer"] for one in pending} <= {"waiting"}


def _is_expected(line: str, *, server_away: bool) -> bool:
    """What the bus itself says on purpose: failed handlers, and a server that is away; and what
    asyncio's debug mode says of slow steps on a busy machine."""
    expected = ["not now", "Executing <", "took"]
    if server_away:
        expected += ["lost; dialling again", "cannot be reached", "could not hand back", "sweep of"]
    return any(one in line for one in expected)


@pytest.mark.anyio
async def test_what_is_made_ready_ahead_is_handed_back_at_once(
    server: EventServer, client: Any
) -> None:
    """A busy worker that is stopped has a batch in its hand and a further one under way: the next
    worker handles both without waiting for a lease, and nothing a second time."""
    settings = BusSettings(lease_s=60.0, sweep_s=0.1)
    first, second = (RedisStreamsBus(server.url, site="t", settings=settings) for _ in range(2))
    seen: Counter[int] = Counter()
    stopping: list[asyncio.Task[Any]] = []

    async def handle(event: Event) -> None:
        seen[event["n"]] += 1
        if event["n"] == 250:
            stopping.append(asyncio.create_task(first.stop()))
        if stopping:
            time.sleep(0.001)  # noqa: ASYNC251 - the batch is to last until the stop

    async def last(event: Event) -> None:
        seen[event["n"]] += 1

    first.for_module("books").on("sold", handle)
    second.for_module("books").on("sold", last)
    await first.start()
    for n in range(1000):
        await first.for_module("till").emit("sold", n=n)
    await first.consume()
    report = await stopping[0]
    assert report.handed_back > 100
    pending = client.xpending_range("events:sold", "books", "-", "+", 1000)
    assert {one["consumer"] for one in pending} <= {"waiting"}
    async with consuming(second):
        async with asyncio.timeout(10):
            while sum(seen.values()) < 1000:  # noqa: ASYNC110 - no event of ours says so
                await asyncio.sleep(0.01)
    assert set(seen.values()) == {1}
