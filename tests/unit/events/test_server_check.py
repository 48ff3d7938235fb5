"""What a server's settings make of a promise."""

import pytest

from recyclic.events.bus import Durability
from recyclic.events.errors import BusSettingsError
from recyclic.events.streams.server_check import ServerFacts, check

SAFE = ServerFacts(appendonly=True, appendfsync="always", eviction="noeviction")
LAZY = ServerFacts(appendonly=True, appendfsync="everysec", eviction="noeviction")
ASKABLE = ServerFacts(appendonly=True, appendfsync="everysec", eviction="noeviction", waitaof=True)
UNSYNCED = ServerFacts(appendonly=True, appendfsync="no", eviction="noeviction")
NOTHING = ServerFacts(appendonly=False, appendfsync="everysec", eviction="noeviction")
SILENT = ServerFacts()


@pytest.mark.parametrize(
    ("facts", "promised", "code"),
    [
        (SAFE, Durability.LOG, None),
        (SAFE, Durability.FSYNC, None),
        (LAZY, Durability.LOG, "RCY-B023"),
        (ASKABLE, Durability.LOG, None),
        (UNSYNCED, Durability.LOG, None),
        (NOTHING, Durability.LOG, "RCY-B022"),
        (NOTHING, Durability.MEMORY, None),
        (SILENT, Durability.LOG, "RCY-B024"),
    ],
)
def test_a_weakness_is_warned_of(
    facts: ServerFacts, promised: Durability, code: str | None
) -> None:
    """And with ``strict`` refused."""
    assert [one.code for one in check(facts, promised, strict=False)] == ([code] if code else [])
    if code:
        with pytest.raises(BusSettingsError):
            check(facts, promised, strict=True)


@pytest.mark.parametrize("facts", [LAZY, ASKABLE, UNSYNCED, NOTHING])
def test_fsync_is_never_promised_in_vain(facts: ServerFacts) -> None:
    """Only appendfsync always keeps it: WAITAOF's answer does not prove a sync."""
    with pytest.raises(BusSettingsError):
        check(facts, Durability.FSYNC, strict=False)
