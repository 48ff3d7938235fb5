"""Entries of any size, and many: a list of them stays small, and one is shown whole."""

import json
import os
import time
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on

from recyclic.cli import main
from recyclic.events.streams.documents import latest_events, letter_document, shown_document
from recyclic.events.streams.operations import Operations
from recyclic.events.streams.stored import EXCERPT_BYTES

pytestmark = pytest.mark.anyio

LARGE = {"xy": "é" * 2_500_000}
LARGE_BYTES = 5_000_009
LETTER = {"module": "books", "handler": "book", "reason": "r", "attempts": "1", "entry": "1-1"}


def an_event(payload: Any, event_id: str = "x") -> dict[Any, Any]:
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return {"id": event_id, "from": "till", "at": "1", "data": data}


@pytest.fixture(autouse=True)
def _books(client: Any) -> None:
    """A module that listens to an event."""
    client.xgroup_create("events:sold", "books", "0", mkstream=True)


def sent_bytes(client: Any) -> int:
    return int(client.info("stats")["total_net_output_bytes"])


def test_lists_are_small_and_one_is_shown_whole(
    server: EventServer, client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server sends the beginning of each value, and says how long the whole is."""
    for _ in range(2):
        client.xadd("events:sold", an_event(LARGE))
        letter = client.xadd("{events:sold}:dead", LETTER | an_event(LARGE))

    def told(*words: str) -> str:
        assert main.invoke(["events", *words, "--url", server.url]) == 0
        return capsys.readouterr().out

    before = sent_bytes(client)
    [first, _second] = json.loads(told("dead", "--json"))["dead"]
    assert first["cut"] == {"payload": LARGE_BYTES}
    assert len(first["payload"].encode()) == EXCERPT_BYTES - 1, "a letter in two halves is left out"
    assert json.dumps(LARGE, ensure_ascii=False, separators=(",", ":")).startswith(first["payload"])
    last = json.loads(told("tail", "-n", "1", "--json"))
    assert (last["cut"], last["payload"]) == (first["cut"], first["payload"])
    assert f"… ({LARGE_BYTES} bytes)" in told("tail")
    for verb in ("groups", "lag", "dead", "pending"):
        assert len(told(verb)) < 1000
    dry = ("--event", "sold", "--module", "books", "--from", "2020-01-01", "--dry-run")
    told("replay", *dry)
    assert sent_bytes(client) - before < 100_000
    shown = json.loads(told("show", letter, "--json"))
    assert (shown["payload"], shown["cut"]) == (LARGE, {})


async def test_what_was_cut_in_a_list_is_mended_whole(server: EventServer, client: Any) -> None:
    """requeue and discard take a letter from a list: the event, and the audit, have all of it."""
    bus = bus_on(server)
    await bus.start()
    operations = Operations(bus.streams)
    for _ in range(2):
        client.xadd("{events:sold}:dead", LETTER | an_event(LARGE))
    again, gone = [one async for one in operations.dead()]
    await operations.requeue(again)
    await operations.discard(gone)
    [(_, event)] = client.xrange("events:sold")
    assert json.loads(event["data"]) == LARGE
    requeued, discarded = [one async for one in operations.look.audit()]
    assert discarded.about["action"] == "discard"
    assert discarded.cut["detail"] > LARGE_BYTES
    for line in (requeued, discarded):
        kept = await operations.look.audit_line(line.entry)
        assert json.loads(kept.about["detail"])["payload"] == LARGE
    await bus.stop(timeout_s=1)


def test_a_line_of_the_audit_is_shown_whole(
    server: EventServer, client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its id, which the list begins with; another id is of none."""
    client.xadd("{events:sold}:dead", LETTER | an_event({"x": "y" * 5000}))
    assert main.invoke(["events", "discard", "--all", "--yes", "--url", server.url]) == 0
    capsys.readouterr()

    def audit(*words: str) -> Any:
        code = main.invoke(["events", "audit", *words, "--url", server.url, "--json"])
        return code, json.loads(capsys.readouterr().out)

    _, document = audit()
    [line] = document["audit"]
    assert len(line["detail"]) == EXCERPT_BYTES
    _, document = audit(line["id"])
    [whole] = document["audit"]
    assert json.loads(whole["detail"])["payload"] == {"x": "y" * 5000}
    assert (len(whole["detail"]), whole["cut"]) == (line["cut"]["detail"], {})
    for nobodys in ("5-5", "x"):
        code, document = audit(nobodys)
        assert (code, document["error"]["code"]) == (1, "RCY-B013")


async def test_a_letter_says_who_gave_it_up(server: EventServer, client: Any) -> None:
    """A stranger's event may have fields of the same names, which stand behind ours."""
    bus = bus_on(server)
    await bus.start()
    ours = [part for pair in LETTER.items() for part in pair]
    strange = [
        "module",
        "evil",
        "attempts",
        "often",
        "reason",
        "x" * 9000,
        "data",
        "no JSON",
        "",
        "y",
    ]
    client.execute_command("XADD", "{events:sold}:dead", "5-1", *ours, *strange)
    client.execute_command("XADD", "{events:sold}:dead", "5-2", "attempts", b"\xff", b"\xfe", "z")
    operations = Operations(bus.streams)
    told = [letter_document(one) async for one in operations.dead()]
    assert [told[0][key] for key in ("module", "attempts", "reason", "cut")] == [
        "books",
        1,
        "r",
        {},
    ]
    assert told[1]["attempts"] == 0
    shown = await shown_document(operations, "5-1")
    assert shown == told[0]
    await bus.stop(timeout_s=1)


async def test_an_event_is_found_by_when_it_was_made(server: EventServer, client: Any) -> None:
    """Not by walking through everything; one that was stored much later is found as well, and so is
    one whose id is another's."""
    start = int(time.time() * 1000) - 3_600_000
    ids = [f"{start + 1000 * n:012x}{os.urandom(10).hex()}" for n in range(3000)]
    pipe = client.pipeline(transaction=False)
    for n, event_id in enumerate(ids):
        pipe.xadd("events:sold", an_event({"n": n}, event_id), id=f"{start + 1000 * n + 5}-0")
    pipe.execute()
    late = f"{start - 7_200_000:012x}{os.urandom(10).hex()}"
    for event_id in (late, "by hand", "fffffffffffff"):
        client.xadd("events:sold", an_event({"n": event_id}, event_id))
    bus = bus_on(server)
    await bus.streams.open_to_look()
    operations = Operations(bus.streams)
    client.config_resetstat()
    for n in (5, 1500, 2990):
        assert (await shown_document(operations, ids[n]))["payload"] == {"n": n}
    assert client.info("commandstats")["cmdstat_xrange"]["calls"] < 60
    for event_id in (late, "by hand", "fffffffffffff"):
        assert (await shown_document(operations, event_id))["payload"] == {"n": event_id}
    await bus.streams.close()


async def test_the_last_of_all_streams(server: EventServer, client: Any) -> None:
    """In time's order, from whichever streams; of a stream no more than is told of it."""
    for n in range(30):
        client.xadd(f"events:{'abc'[n % 3]}", an_event({"n": n}), id=f"{1000 + n}-0")
    client.xadd("events:a", an_event(LARGE), id="500000-0")
    bus = bus_on(server)
    await bus.streams.open_to_look()
    look = Operations(bus.streams).look
    told = await latest_events(look, None, 5)
    assert [one.entry for one in told] == ["1026-0", "1027-0", "1028-0", "1029-0", "500000-0"]
    assert [one.entry for one in await latest_events(look, "b", 2)] == ["1025-0", "1028-0"]
    assert len(await latest_events(look, None, 10**30)) == 31
    await bus.streams.close()


async def test_what_waits_is_asked_for_together(server: EventServer, client: Any) -> None:
    """A module that has failed for a weekend has many retries to come: not two questions each."""
    entries = [client.xadd("events:sold", an_event({"n": n})) for n in range(450)]
    client.xreadgroup("books", "waiting", {"events:sold": ">"}, count=450)
    due_ms = int(time.time() * 1000) + 60_000
    client.zadd("{events:sold}:due:books", dict.fromkeys(entries[:449], due_ms))
    kept = json.dumps({"handlers": {"book": ["retry", 2]}, "replay": 0})
    client.hset("{events:sold}:state:books", entries[300], kept)
    bus = bus_on(server)
    await bus.streams.open_to_look()
    client.config_resetstat()
    look = Operations(bus.streams).look
    told = {one.entry: one async for one in look.pending("sold", "books")}
    assert list(told) == entries
    assert told[entries[300]].attempts == {"book": ["retry", 2]}
    assert told[entries[301]].attempts == {}
    assert 50 < (told[entries[448]].due_in_s or 0) <= 60
    assert told[entries[449]].due_in_s is None
    stats = client.info("commandstats").values()
    assert sum(one["calls"] for one in stats) < 20
    await bus.streams.close()
