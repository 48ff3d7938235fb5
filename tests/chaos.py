"""Kill workers and the server at random; no event that ``emit`` returned for may be lost.

    python -m tests.chaos [--events 100000] [--seed N] [--server redis|valkey]

Emitters and workers are processes. Workers are killed and paused, the server is killed, paused and
given a full disk. Each handler writes down what it handled; at the end every event that an emitter
was told is safe must have been handled by each of three modules, or be a dead letter.
"""

import argparse
import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from tests.fakes.event_servers import REDIS, VALKEY, EventServer, ServerKind

from recyclic.events.errors import BusUnavailableError, EmitError
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.settings import BusSettings

MODULES = ("books", "stock", "mailer")
SETTINGS = BusSettings(
    lease_s=2.0, sweep_s=0.2, backoff_base_s=0.05, max_attempts=50, max_crashes=1000
)
PATIENCE_S = 60.0
"""Without a single event handled, before what is left counts as lost."""


# -- processes -------------------------------------------------------------------------------


async def emit(url: str, count: int, notes: Path) -> None:
    """Emit ``count`` events, noting the id of each once it is said to be safe."""
    bus = RedisStreamsBus(url, site="chaos", settings=SETTINGS)
    await started(bus)
    till = bus.for_module("till")
    note = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def some(numbers: range) -> None:
        for n in numbers:
            while True:
                try:
                    event_id = await till.emit(
                        "sold", n=n, key=f"k{n % 50}" if n % 4 == 0 else None
                    )
                except EmitError:
                    await asyncio.sleep(0.1)
                    continue
                os.write(note, f"{event_id}\n".encode())
                break

    share = count // 10
    await asyncio.gather(*(some(range(one * share, (one + 1) * share)) for one in range(10)))
    await bus.stop(timeout_s=5)


async def started(bus: RedisStreamsBus) -> None:
    """Start, however often the server is away just then."""
    while True:
        try:
            await bus.start()
        except BusUnavailableError:
            await asyncio.sleep(0.1)
            continue
        return


async def work(url: str, notes: Path) -> None:
    """Handle until killed; some handlings fail at random, and are tried again."""
    bus = RedisStreamsBus(url, site="chaos", settings=SETTINGS)
    note = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def handler(module: str) -> Any:
        async def handle(event: Event) -> None:
            if random.random() < 0.01:
                raise ConnectionError("a bad day")
            if random.random() < 0.05:
                await asyncio.sleep(random.random() / 50)
            os.write(note, f"{module} {event.id}\n".encode())

        return handle

    for module in MODULES:
        bus.for_module(module).on("sold", handler(module))
    await started(bus)
    await bus.consume()


@dataclass
class Chaos:
    """One run."""

    server: EventServer
    folder: Path
    events: int
    dice: random.Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    emitters: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    started: int = 0

    def run(self, workers: int, emitters: int, pause_s: float) -> dict[str, int]:
        """The counts, by name."""
        for _ in range(workers):
            self.workers.append(self.process("work"))
        for _ in range(emitters):
            self.emitters.append(self.process("emit", str(self.events // emitters)))
        while any(one.poll() is None for one in self.emitters):
            time.sleep(self.dice.uniform(0.5, 1.5) * pause_s)
            self.strike()
        return self.settle()

    def process(self, role: str, *more: str) -> subprocess.Popen[bytes]:
        """A process of this file in another role."""
        self.started += 1
        notes = self.folder / f"{role}{self.started}.txt"
        log = (self.folder / f"{role}{self.started}.log").open("wb")
        command = [sys.executable, "-m", "tests.chaos", "--role", role, self.server.url, str(notes)]
        with log:
            return subprocess.Popen([*command, *more], stdout=log, stderr=log)

    def strike(self) -> None:
        """One misfortune."""
        strikes = (self.kill_worker, self.pause_worker, self.kill_server, self.pause_server,
                   self.fill_disk)  # fmt: skip
        strike = self.dice.choices(strikes, weights=(5, 3, 2, 2, 1))[0]
        strike()
        self.kills[strike.__name__] += 1
        self.revive()

    def kill_worker(self) -> None:
        number = self.dice.randrange(len(self.workers))
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self.process("work")

    def pause_worker(self) -> None:
        worker = self.dice.choice(self.workers)
        worker.send_signal(signal.SIGSTOP)
        # Longer than the lease: others take its events over, and it wakes up with them in hand.
        time.sleep(self.dice.uniform(0.5, 1.5) * SETTINGS.lease_s)
        worker.send_signal(signal.SIGCONT)

    def kill_server(self) -> None:
        self.server.kill()
        time.sleep(self.dice.uniform(0, 0.5))
        self.server.start()

    def pause_server(self) -> None:
        self.server.pause()
        time.sleep(self.dice.uniform(0.1, 1.0))
        self.server.resume()

    def fill_disk(self) -> None:
        """No file may grow: a server that must sync gives up, as on a full disk."""
        assert self.server.process is not None
        files = (self.server.folder / "appendonlydir").glob("*.incr.aof")
        size = max((one.stat().st_size for one in files), default=0)
        unlimited = resource.RLIM_INFINITY
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (size, unlimited))
        time.sleep(0.3)
        if self.server.process.poll() is None:
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))

    def revive(self) -> None:
        """What ended by itself comes back."""
        if self.server.process is not None and self.server.process.poll() is not None:
            self.server.process = None
            self.server.start()
        for number, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.workers[number] = self.process("work")

    def settle(self) -> dict[str, int]:
        """Leave everybody in peace, wait until nothing is left to do, and count."""
        for emitter in self.emitters:
            if emitter.returncode:
                logs = [one.read_text()[-3000:] for one in self.folder.glob("emit*.log")]
                raise AssertionError("an emitter failed:\n" + "\n".join(logs))
        with redis.Redis(port=self.server.port, decode_responses=True) as client:
            counts = self.count(client)
            moved = time.monotonic()
            while counts["lost"] and time.monotonic() < moved + PATIENCE_S:
                time.sleep(1)
                before, counts = counts, self.count(client)
                if counts["lost"] < before["lost"]:
                    moved = time.monotonic()
            if counts["lost"]:
                print(self.standing(client), file=sys.stderr)
        return counts

    def end(self) -> None:
        """Leave no process behind, whatever happened."""
        for process in (*self.workers, *self.emitters):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def count(self, client: Any) -> dict[str, int]:
        """Emitted, handled, duplicates, dead, lost."""
        safe = set(self.noted("emit"))
        handled = Counter(self.noted("work"))
        letters = client.xrange("{events:sold}:dead")
        dead = {f"{fields['module']} {fields['id']}" for _, fields in letters}
        owed = {f"{module} {event_id}" for module in MODULES for event_id in safe}
        return {
            "emitted": len(safe),
            "handled": len(handled),
            "duplicates": sum(handled.values()) - len(handled),
            "dead": len(dead),
            "lost": len(owed - handled.keys() - dead),
        }

    def standing(self, client: Any) -> str:
        """Where the server has what is lost, for whoever looks for the reason."""
        groups = client.xinfo_groups("events:sold")
        kept = sorted(path.name for path in self.folder.iterdir())
        return f"{groups}\n{client.xinfo_stream('events:sold')}\n{kept}"

    def noted(self, role: str) -> list[str]:
        return [
            line
            for file in self.folder.glob(f"{role}*.txt")
            for line in file.read_text().splitlines()
        ]


def chaos(
    kind: ServerKind,
    folder: Path,
    *,
    events: int,
    seed: int,
    workers: int = 3,
    emitters: int = 2,
    pause_s: float = 1.0,
) -> tuple[dict[str, int], Counter[str]]:
    """Counts and strikes of one run."""
    home = folder / "server"
    home.mkdir()
    server = EventServer(kind, home).start()
    try:
        run = Chaos(server, folder, events, random.Random(seed))
        try:
            return run.run(workers, emitters, pause_s), run.kills
        finally:
            run.end()
    finally:
        server.stop()


def main() -> None:
    """Parse and run; exit 1 when an event was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--server", choices=("redis", "valkey"), default="valkey")
    parser.add_argument("--role", choices=("emit", "work"), help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "emit":
        asyncio.run(emit(options.rest[0], int(options.rest[2]), Path(options.rest[1])))
        return
    if options.role == "work":
        asyncio.run(work(options.rest[0], Path(options.rest[1])))
        return
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    kind = REDIS if options.server == "redis" and REDIS.binary else VALKEY
    print(f"{kind.name}, seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        counts, kills = chaos(kind, Path(folder), events=options.events, seed=seed)
    print("struck:", ", ".join(f"{name} {count}" for name, count in sorted(kills.items())))
    print("  ".join(f"{name} {count}" for name, count in counts.items()))
    sys.exit(1 if counts["lost"] else 0)


if __name__ == "__main__":
    main()
