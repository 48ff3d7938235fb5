"""The suite as a third party uses it: on a store of their own; and it does find a bus's faults."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recyclic.events.bus import Durability
from recyclic.events.codec import Message
from recyclic.events.memory import MemoryStore
from recyclic.events.settings import BusSettings
from recyclic.events.site_bus import SiteBus
from recyclic.testing import BusContract
from recyclic.testing.live import QUICK


class JournalStore(MemoryStore):
    """A bus of somebody else's: in memory, with a line in a file for each event."""

    def __init__(self, journal: Path) -> None:
        super().__init__()
        self._journal = journal

    async def append(self, message: Message, durability: Durability, *, once: bool = False) -> str:
        entry = await super().append(message, durability, once=once)
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": message.name, "id": message.id}) + "\n")
        return entry


class TestJournalBus(BusContract):
    """Nothing is written but how to open one."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    def open_bus(self, tmp_path: Path) -> Callable[[], SiteBus]:
        settings: BusSettings = QUICK
        store = JournalStore(tmp_path / "journal.ndjson")
        return lambda: SiteBus(store, settings)


FAULTY = """
import pytest
from recyclic.events.memory import MemoryMembership, MemoryStore
from recyclic.events.site_bus import SiteBus
from recyclic.testing import BusContract
from recyclic.testing import live

live.PATIENCE_S = 0.5
pytest_plugins = ["recyclic.testing.plugin"]


class Forgetful(MemoryStore):
    async def append(self, message, durability, *, once=False):
        self.count = getattr(self, "count", 0) + 1
        if self.count % 3:
            return await super().append(message, durability, once=once)
        return "0"


class Careless(MemoryStore):
    def membership(self, module, on_done):
        member = super().membership(module, on_done)

        async def settle(delivery, settlement):
            member.done(delivery)
            return True

        member.settle = settle
        return member


class TestFault(BusContract):
    @pytest.fixture(params=[Forgetful, Careless])
    def open_bus(self, request):
        store = request.param()
        return lambda: SiteBus(store, live.QUICK)
"""


def test_the_suite_finds_faults(tmp_path: Path) -> None:
    """A bus that forgets every third event, and one that acknowledges what failed."""
    (tmp_path / "test_fault.py").write_text(FAULTY)
    wanted = "every_module_handles or failing_handler_is_tried or poison_event_dies"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", wanted, "."],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    failed = {line.split("::")[-1].split(" ")[0] for line in done.stdout.splitlines()
              if line.startswith("FAILED")}  # fmt: skip
    assert "test_every_module_handles_every_event[Forgetful]" in failed, done.stdout
    assert "test_a_failing_handler_is_tried_again_alone[Careless]" in failed, done.stdout
    assert "test_every_module_handles_every_event[Careless]" not in failed, done.stdout
