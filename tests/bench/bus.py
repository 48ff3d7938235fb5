"""The bus against plain redis-py and other buses: same run, same server, same 1 KB payload.

    python tests/bench/bus.py [--quick] [--server redis|valkey] [--only NAME] [--columns TEXT]
        [--beside emitter|consumer]

"raw-batch" is what a careful author writes with redis-py: read 100, handle, one XACK. "floor" is
the least that can be done, and keeps no promise. Emitter and consumer are two processes.
FastStream, arq and taskiq-redis take part when they can be imported.

Emitter and consumer have a core each. Where the system puts the server decides what one event
after the other takes: beside the emitter, a command wakes a process of its own core; beside the
consumer, every command and every reply wakes another core. So its place can be fixed as well.
"""

import argparse
import asyncio
import contextlib
import importlib
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.bare_client import BareClient
from tests.fakes.event_servers import REDIS, VALKEY, EventServer, running

PAYLOAD: dict[str, Any] = {"session_id": "2026-11-20-1", "lines": ["x" * 75] * 12, "total": 1250}
assert 950 < len(json.dumps(PAYLOAD)) < 1100
GROUPS = ("books", "stock", "mailer")
Emit = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """One measurement: how many events, who emits them how, and how many modules handle them."""

    events: int
    tasks: int
    groups: int
    drain: bool = False
    pause_s: float = 0.0


class Counter:
    """Ends when every group has handled every event; keeps latencies when asked to."""

    def __init__(self, expected: int) -> None:
        self.left = expected
        self.done = asyncio.Event()
        self.latencies: list[float] = []
        self.ended_at = 0.0

    def handled(self, sent_at: float | None = None) -> None:
        if sent_at is not None:
            self.latencies.append(time.monotonic() - sent_at)
        self.left -= 1
        if self.left == 0:
            self.ended_at = time.monotonic()
            self.done.set()


# -- contenders: each consumes until the counter is done, and emits on request ---------------


class Recyclic:
    """This repository's bus, with envelope, trace id and counts."""

    name = "recyclic"

    def __init__(self, url: str) -> None:
        from recyclic.events.redis_streams import RedisStreamsBus
        from recyclic.events.settings import BusSettings

        # The same durability as a plain XADD has on this server.
        settings = BusSettings().overlaid({"durability": "memory"})
        self.bus = RedisStreamsBus(url, site="bench", settings=settings)

    async def prepare(self, groups: int) -> None:
        async def never(event: Any) -> None:
            raise AssertionError

        for group in GROUPS[:groups]:
            self.bus.for_module(group).on("sold", never)
        await self.bus.start()
        await self.bus.stop(timeout_s=1)

    async def consume(self, groups: int, counter: Counter, ready: Callable[[], None]) -> None:
        async def handle(event: Any) -> None:
            counter.handled(event.payload.get("sent_at"))

        for group in GROUPS[:groups]:
            self.bus.for_module(group).on("sold", handle)
        await self.bus.start()
        consuming = asyncio.create_task(self.bus.consume())
        ready()
        await counter.done.wait()
        await self.bus.stop(timeout_s=5)
        await consuming

    async def emitter(self) -> Callable[..., Awaitable[Any]]:
        await self.bus.start()
        till = self.bus.for_module("till")
        return lambda **extra: till.emit("sold", **PAYLOAD, **extra)

    async def close(self) -> None:
        await self.bus.stop(timeout_s=5)


class RawBatch:
    """redis-py with hiredis: read 100, call the handler for each, acknowledge once."""

    name = "raw-batch"

    def __init__(self, url: str) -> None:
        import redis.asyncio as redis

        self.client = redis.Redis.from_url(url, max_connections=200)

    async def prepare(self, groups: int) -> None:
        for group in GROUPS[:groups]:
            await self.client.xgroup_create("sold", group, "0", mkstream=True)

    async def consume(self, groups: int, counter: Counter, ready: Callable[[], None]) -> None:
        async def handle(payload: dict[str, Any]) -> None:
            counter.handled(payload.get("sent_at"))

        async def group_loop(group: str) -> None:
            while True:
                reply: Any = await self.client.xreadgroup(
                    group, "c", {"sold": ">"}, count=100, block=1000
                )
                for _, entries in reply or ():
                    for _, fields in entries:
                        await handle(json.loads(fields[b"data"]))
                    await self.client.xack("sold", group, *(one for one, _ in entries))

        loops = [asyncio.create_task(group_loop(group)) for group in GROUPS[:groups]]
        ready()
        await counter.done.wait()
        await asyncio.sleep(0.05)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    async def emitter(self) -> Callable[..., Awaitable[Any]]:
        return lambda **extra: self.client.xadd("sold", {"data": json.dumps({**PAYLOAD, **extra})})

    async def close(self) -> None:
        await self.client.aclose()


class Floor:
    """The least that two processes can do on Redis Streams; keeps no promise."""

    name = "floor"

    def __init__(self, url: str) -> None:
        self.raw = RawBatch(url)
        self.client = BareClient(url, "sold", 200)

    async def prepare(self, groups: int) -> None:
        await self.raw.prepare(groups)

    async def consume(self, groups: int, counter: Counter, ready: Callable[[], None]) -> None:
        async def handle(payload: dict[str, Any]) -> None:
            counter.handled(payload.get("sent_at"))

        wires = [await self.client.consume(group, handle) for group in GROUPS[:groups]]
        ready()
        await counter.done.wait()
        for wire in wires:
            wire.transport.abort()

    async def emitter(self) -> Callable[..., Awaitable[Any]]:
        emit = await self.client.emitter()
        return lambda **extra: emit({**PAYLOAD, **extra})

    async def close(self) -> None:
        await self.raw.close()


class FastStream:
    """FastStream's Redis broker, a stream subscriber per group, 100 records a read."""

    name = "faststream"

    def __init__(self, url: str) -> None:
        from faststream.redis import RedisBroker

        self.broker = RedisBroker(url, logger=None)

    async def prepare(self, groups: int) -> None:
        import redis.asyncio as redis

        client = redis.Redis.from_url(str(self.broker.specification.url[0]))
        for group in GROUPS[:groups]:
            await client.xgroup_create("sold", group, "0", mkstream=True)
        await client.aclose()

    async def consume(self, groups: int, counter: Counter, ready: Callable[[], None]) -> None:
        from faststream.redis import StreamSub

        for group in GROUPS[:groups]:

            async def handle(payload: dict) -> None:  # type: ignore[type-arg]
                counter.handled(payload.get("sent_at"))

            stream = StreamSub("sold", group=group, consumer="c", max_records=100)
            self.broker.subscriber(stream=stream)(handle)
        await self.broker.start()
        ready()
        await counter.done.wait()
        await self.broker.stop()

    async def emitter(self) -> Callable[..., Awaitable[Any]]:
        await self.broker.connect()
        return lambda **extra: self.broker.publish({**PAYLOAD, **extra}, stream="sold")

    async def close(self) -> None:
        await self.broker.stop()


class TaskiqRedis:
    """taskiq-redis's stream broker with its own receiver; a broker per group."""

    name = "taskiq-redis"

    def __init__(self, url: str) -> None:
        self._url = url

    def _broker(self, group: str) -> Any:
        from taskiq_redis import RedisStreamBroker

        return RedisStreamBroker(self._url, queue_name="sold", consumer_group_name=group)

    async def prepare(self, groups: int) -> None:
        for group in GROUPS[:groups]:
            broker = self._broker(group)
            await broker.startup()
            await broker.shutdown()

    async def consume(self, groups: int, counter: Counter, ready: Callable[[], None]) -> None:
        from taskiq.api import run_receiver_task

        async def handle(payload: dict[str, Any]) -> None:
            counter.handled(payload.get("sent_at"))

        receivers = []
        for group in GROUPS[:groups]:
            broker = self._broker(group)
            broker.is_worker_process = True
            broker.register_task(handle, task_name="sold")
            await broker.startup()
            receivers.append(asyncio.create_task(run_receiver_task(broker, max_async_tasks=100)))
        ready()
        await counter.done.wait()
        for receiver in receivers:
            receiver.cancel()
        await asyncio.gather(*receivers, return_exceptions=True)

    async def emitter(self) -> Callable[..., Awaitable[Any]]:
        broker = self._broker(GROUPS[0])

        async def handle(payload: dict[str, Any]) -> None:
            raise AssertionError

        task = broker.register_task(handle, task_name="sold")
        await broker.startup()
        return lambda **extra: task.kiq({**PAYLOAD, **extra})

    async def close(self) -> None:
        return None


class Arq:
    """arq, 100 jobs at a time, polling every 10 ms. Its jobs go to one worker: no groups."""

    name = "arq"

    def __init__(self, url: str) -> None:
        from arq.connections import RedisSettings

        self._settings = RedisSettings.from_dsn(url)
        self._groups = 1

    async def prepare(self, groups: int) -> None:
        return None

    async def consume(self, groups: int, counter: Counter, ready: Callable[[], None]) -> None:
        from arq.worker import Worker, func

        async def sold(_: Any, payload: dict[str, Any]) -> None:
            counter.handled(payload.get("sent_at"))

        worker = Worker(
            [func(sold, name="sold")], redis_settings=self._settings, max_jobs=100, poll_delay=0.01,
            handle_signals=False, keep_result=0,
        )  # fmt: skip
        running = asyncio.create_task(worker.async_run())
        ready()
        await counter.done.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        # Its close() ends with the cancellation of its own main task.
        with contextlib.suppress(asyncio.CancelledError):
            await worker.close()

    async def emitter(self) -> Callable[..., Awaitable[Any]]:
        from arq import create_pool

        pool = await create_pool(self._settings)
        return lambda **extra: pool.enqueue_job("sold", {**PAYLOAD, **extra})

    async def close(self) -> None:
        return None


CONTENDERS: dict[str, type] = {
    one.name: one for one in (RawBatch, Floor, Recyclic, FastStream, TaskiqRedis, Arq)
}
WITHOUT_GROUPS = ("arq",)
NEEDS = {"faststream": "faststream", "taskiq-redis": "taskiq_redis", "arq": "arq"}


# -- processes -------------------------------------------------------------------------------


CORES = {"consumer": 0, "emitter": 1}


def _pin(core: int, process: int = 0) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(process, {core % (os.cpu_count() or 1)})


def _consumer(name: str, url: str, case: Case, told: "Queue[Any]") -> None:
    _pin(CORES["consumer"])

    async def work() -> None:
        contender = CONTENDERS[name](url)
        counter = Counter(case.events * case.groups)
        cpu = time.process_time()
        consuming = asyncio.create_task(
            contender.consume(case.groups, counter, lambda: told.put(("ready", time.monotonic())))
        )
        done = asyncio.create_task(counter.done.wait())
        await asyncio.wait((consuming, done), return_when=asyncio.FIRST_COMPLETED)
        if counter.done.is_set():
            used = time.process_time() - cpu
            told.put(("done", counter.ended_at, used, counter.latencies))
        await consuming
        await contender.close()

    _run(work())


def _emitter(name: str, url: str, case: Case, told: "Queue[Any]") -> None:
    _pin(CORES["emitter"])

    async def work() -> None:
        contender = CONTENDERS[name](url)
        emit = await contender.emitter()

        async def some(count: int) -> None:
            for _ in range(count):
                if case.pause_s:
                    await asyncio.sleep(case.pause_s)
                    await emit(sent_at=time.monotonic())
                else:
                    await emit()

        began = time.monotonic()
        await asyncio.gather(*(some(case.events // case.tasks) for _ in range(case.tasks)))
        told.put(("emitted", began, time.monotonic()))
        await contender.close()

    _run(work())


def _run(work: Any) -> None:
    import uvloop

    uvloop.run(work)


def _in_process(target: Callable[..., None], *arguments: Any) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    return process


def _prepare(name: str, url: str, groups: int) -> None:
    async def work() -> None:
        contender = CONTENDERS[name](url)
        await contender.prepare(groups)
        if name != "recyclic":
            await contender.close()

    _run(work())


END_S = 5


def measure(name: str, server: EventServer, case: Case) -> tuple[float, list[float], float]:
    """(events a second end to end, latencies, consumer CPU in µs an event)."""
    server.ask("FLUSHALL")
    told: Queue[Any] = multiprocessing.get_context("spawn").Queue()
    _prepare(name, server.url, case.groups)
    if case.drain:
        emitter = _in_process(_emitter, name, server.url, case, told)
        told.get(timeout=120)
        emitter.join()
    consumer = _in_process(_consumer, name, server.url, case, told)
    _, began = told.get(timeout=60)
    if not case.drain:
        time.sleep(0.2)
        emitter = _in_process(_emitter, name, server.url, case, told)
    facts: dict[str, tuple[Any, ...]] = {}
    while "done" not in facts or (not case.drain and "emitted" not in facts):
        kind, *rest = told.get(timeout=180)
        facts[kind] = tuple(rest)
    consumer.join(END_S)
    # How a contender stops is not measured here; one that does not would hold up the others.
    consumer.terminate()
    consumer.join()
    if not case.drain:
        emitter.join()
        began = facts["emitted"][0]
    ended, cpu, latencies = facts["done"]
    return case.events / (ended - began), latencies, cpu / case.events * 1e6


# -- the table -------------------------------------------------------------------------------


def cases(scale: float) -> dict[str, Case]:
    """The columns, by name."""
    return {
        "one by one": Case(int(20_000 * scale), 1, 1),
        "50 tasks": Case(int(40_000 * scale), 50, 1),
        "drain": Case(int(60_000 * scale), 50, 1, drain=True),
        "3, one by one": Case(int(20_000 * scale), 1, 3),
        "3, drain": Case(int(30_000 * scale), 50, 3, drain=True),
    }


Figures = dict[tuple[str, str], list[float]]


def compare(server: EventServer, names: list[str], columns: dict[str, Case], rounds: int) -> None:
    """Print events a second, and the consumer's CPU an event; medians of ``rounds``, with ratios
    to raw-batch.

    The contenders take turns in each round, so that a busy machine is busy for all of them. CPU
    time says more than events a second on such a machine.
    """
    rates: Figures = {}
    costs: Figures = {}
    for column, case in columns.items():
        for _ in range(rounds):
            for name in names:
                if case.groups == 1 or name not in WITHOUT_GROUPS:
                    rate, _, cost = measure(name, server, case)
                    rates.setdefault((name, column), []).append(rate)
                    costs.setdefault((name, column), []).append(cost)
    _table("events a second (ratio)", rates, names, columns, ",.0f")
    _table("\nconsumer's CPU, us (ratio)", costs, names, columns, ".1f")


def _table(
    title: str, figures: Figures, names: list[str], columns: dict[str, Case], form: str
) -> None:
    print(f"{title:28}" + "".join(f"{one:>20}" for one in columns))
    for name in names:
        cells = (_cell(figures, name, column, form) for column in columns)
        print(f"{name:28}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def _cell(figures: Figures, name: str, column: str, form: str) -> str:
    if (name, column) not in figures:
        return "-"
    figure = statistics.median(figures[name, column])
    return f"{figure:{form}} ({figure / statistics.median(figures['raw-batch', column]):4.2f})"


def latency(server: EventServer, names: list[str], scale: float) -> None:
    """Print emit to handler entry at 200 events a second."""
    print(f"\n{'at 200 events a second':24}{'p50 ms':>10}{'p99 ms':>10}")
    for name in names:
        count = max(100, int(2000 * scale))
        _, latencies, _ = measure(name, server, Case(count, 1, 1, pause_s=0.005))
        latencies.sort()
        p50, p99 = (latencies[int(len(latencies) * part)] * 1000 for part in (0.5, 0.99))
        print(f"{name:24}{p50:>10.3f}{p99:>10.3f}", flush=True)


def idle(server: EventServer, seconds: float) -> None:
    """Print the CPU of a consuming process, and of the server, while nothing happens."""
    import psutil

    print(f"\n{'idle, % of a core':24}{'1 event':>10}{'50 events':>12}")
    ours, servers = [], []
    assert server.process is not None
    watched = psutil.Process(server.process.pid)
    for events in (1, 50):
        server.ask("FLUSHALL")
        told: Queue[Any] = multiprocessing.get_context("spawn").Queue()
        process = _in_process(_idler, server.url, events, seconds, told)
        told.get(timeout=60)
        before = watched.cpu_times()
        ours.append(told.get(timeout=60 + seconds))
        after = watched.cpu_times()
        used = after.user + after.system - before.user - before.system
        servers.append(used / seconds * 100)
        process.join()
    print(f"{'recyclic':24}{ours[0]:>10.2f}{ours[1]:>12.2f}")
    print(f"{'its server':24}{servers[0]:>10.2f}{servers[1]:>12.2f}")


def _idler(url: str, events: int, seconds: float, told: "Queue[Any]") -> None:
    async def work() -> None:
        bus = Recyclic(url).bus

        async def handle(event: Any) -> None:
            pass

        for number in range(events):
            bus.for_module("books").on(f"event_{number}", handle)
        await bus.start()
        consuming = asyncio.create_task(bus.consume())
        await asyncio.sleep(1)
        told.put("idle")
        before = time.process_time()
        await asyncio.sleep(seconds)
        told.put((time.process_time() - before) / seconds * 100)
        await bus.stop(timeout_s=1)
        await consuming

    _run(work())


def memory(server: EventServer, names: list[str], scale: float) -> None:
    """Print the server's bytes an event, payload of 1 KB included."""
    import redis

    print(f"\n{'bytes in the server':24}{'an event':>10}")
    for name in names:
        server.ask("FLUSHALL")
        count = int(20_000 * scale)
        _prepare(name, server.url, 1)
        told: Queue[Any] = multiprocessing.get_context("spawn").Queue()
        with redis.Redis(port=server.port) as client:
            before = int(client.info("memory")["used_memory"])
            process = _in_process(_emitter, name, server.url, Case(count, 50, 1), told)
            process.join()
            used = int(client.info("memory")["used_memory"]) - before
        print(f"{name:24}{used / count:>10.0f}", flush=True)


def _hindrance(package: str) -> str:
    """Why a contender cannot take part, or ""."""
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        return "not installed" if error.name == package else str(error)
    except ImportError as error:
        return f"does not import: {error}"
    return ""


def main() -> None:
    """Parse, start the server, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a tenth of the events, one round")
    parser.add_argument("--server", choices=("redis", "valkey"), default="redis")
    parser.add_argument("--only", choices=sorted(CONTENDERS), help="raw-batch, floor and this one")
    parser.add_argument(
        "--columns", default="", help="only the columns whose name contains this, and nothing else"
    )
    parser.add_argument(
        "--beside", choices=sorted(CORES), help="whose core the server shares; else as it comes"
    )
    options = parser.parse_args()
    kind = REDIS if options.server == "redis" and REDIS.binary else VALKEY
    names = ["raw-batch", "floor", *([options.only] if options.only else ["recyclic", *NEEDS])]
    missing = {one: why for one in names if one in NEEDS and (why := _hindrance(NEEDS[one]))}
    scale, rounds = (0.1, 1) if options.quick else (1.0, 3)
    names = [one for one in dict.fromkeys(names) if one not in missing]
    with tempfile.TemporaryDirectory() as folder:  # noqa: SIM117 - the server lives in the folder
        with running(kind, Path(folder) / "server", appendfsync="everysec") as server:
            print(
                f"{kind.name}, append-only file, everysec; payload {len(json.dumps(PAYLOAD))} bytes"
            )
            if options.beside is not None:
                assert server.process is not None
                _pin(CORES[options.beside], server.process.pid)
            columns = cases(scale)
            wanted = {name: one for name, one in columns.items() if options.columns in name}
            compare(server, names, wanted, rounds)
            if wanted == columns:
                latency(server, names, scale)
                memory(server, names, scale)
                idle(server, 3 if options.quick else 20)
    for one, why in missing.items():
        print(f"{one}: {why}")


if __name__ == "__main__":
    main()
