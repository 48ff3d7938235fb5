"""Another server answers than before, with other settings: the site goes on, and is warned."""

import logging
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import QUICK, bus_on, until

from recyclic.events.bus import Durability
from recyclic.events.errors import BusSettingsError
from recyclic.events.site_bus import SiteBus

pytestmark = pytest.mark.anyio

STRICT = replace(QUICK, durability=Durability.FSYNC, strict=True)


def warned(bus: SiteBus) -> set[str]:
    return {code for code, _facts in bus.health().warnings}


async def test_weaker_settings_are_warned_of_once_and_refuse_nothing(
    server: EventServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Even where the site would not have started on it. What is mended is warned of no longer."""
    bus = bus_on(server, STRICT)
    await bus.start()
    assert warned(bus) == set()
    good = dict(server.options)
    server.options |= {"appendonly": "no", "maxmemory-policy": "allkeys-lru"}
    server.stop()
    server.start()
    await until(lambda: warned(bus) == {"RCY-B002", "RCY-B022"})
    assert await bus.for_module("till").emit("sold", n=1)
    told = [one for one in caplog.records if "weakens a promise" in one.message]
    assert [(one.levelno, one.message[:8]) for one in told] == [
        (logging.WARNING, "RCY-B002"),
        (logging.WARNING, "RCY-B022"),
    ]
    with pytest.raises(BusSettingsError):
        await bus_on(server, STRICT).start()
    server.options = good
    server.stop()
    server.start()
    await until(lambda: warned(bus) == set())
    assert await bus.for_module("till").emit("sold", n=2)
    await bus.stop(timeout_s=1)


async def test_what_the_server_does_not_keep_is_still_refused_after_its_restart(
    server: EventServer,
) -> None:
    """A call that wants more than the server ever kept: as at start."""
    server.options |= {"appendfsync": "everysec"}
    server.stop()
    server.start()
    bus = bus_on(server)
    await bus.start()
    run = bus.streams.facts.run_id
    for _ in range(2):
        with pytest.raises(Exception, match="durability fsync"):
            await bus.for_module("till").emit("sold", durability=Durability.FSYNC, n=1)
        server.stop()
        server.start()
        await until(lambda: bus.streams.facts.run_id != run)
    await bus.stop(timeout_s=1)


async def test_the_same_server_is_not_asked_again(server: EventServer, client: Any) -> None:
    """A connection that was lost and came back is one question, not all of them."""
    bus = bus_on(server)
    await bus.start()
    client.config_resetstat()
    client.client_kill_filter(_type="normal", skipme=True)
    ours = count()

    def asked() -> bool:
        """Whether somebody else asked, too."""
        calls = client.info("commandstats").get("cmdstat_info", {"calls": 0})["calls"]
        return bool(calls > next(ours))

    await until(asked)
    assert await bus.for_module("till").emit("sold", n=1)
    assert "cmdstat_config|get" not in client.info("commandstats")
    await bus.stop(timeout_s=1)
