"""``recyclic events ...`` from outside, on a real server."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on, consuming, until

from recyclic.cli import main
from recyclic.events.bus import RejectEventError
from recyclic.events.event import Event

Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def events(server: EventServer, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a verb on the server; its exit code, and what it printed."""

    def run(*words: str) -> tuple[int, Any]:
        code = main.invoke(["events", *words, "--url", server.url, "--json"])
        out = capsys.readouterr().out
        if words[0] == "tail":
            return code, [json.loads(line) for line in out.splitlines()]
        return code, json.loads(out)

    return run


async def a_bad_day(server: EventServer) -> None:
    """Three sales, of which books could not take the second; stock took all."""

    async def books(event: Event) -> None:
        if event["n"] == 1:
            raise ValueError("the year is closed")

    async def stock(event: Event) -> None:
        pass

    bus = bus_on(server)
    bus.for_module("books").on("sold", books, max_attempts=1)
    bus.for_module("stock").on("sold", stock, idempotent=True)
    async with consuming(bus):
        for n in range(3):
            await bus.for_module("till").emit("sold", n=n)
        counts = bus.observer.handling
        await until(lambda: counts["stock", "sold"].handled == 3)
        await until(lambda: counts["books", "sold"].dead and counts["books", "sold"].handled == 2)


def test_looking_changes_nothing_and_tells_what_is(server: EventServer, events: Command) -> None:
    """groups, lag, dead, tail, show, pending, with one value of JSON each."""
    asyncio.run(a_bad_day(server))
    code, groups = events("groups")
    assert (code, groups["format"]) == (0, 1)
    stood = {one["module"]: (one["lag"], one["pending"], one["dead"]) for one in groups["groups"]}
    assert stood == {"books": (0, 0, 1), "stock": (0, 0, 0)}
    [letter] = events("dead")[1]["dead"]
    assert (letter["reason"], letter["payload"]) == ("ValueError: the year is closed", {"n": 1})
    _, shown = events("show", letter["event_id"])
    assert shown["modules"] == {"books": "dead", "stock": "handled"}
    assert events("pending")[1]["pending"] == []
    assert [one["dead"] for one in events("lag", "--module", "books")[1]["groups"]] == [1]
    _, lines = events("tail", "-n", "2", "--event", "sold")
    assert [one["payload"] for one in lines] == [{"n": 1}, {"n": 2}]


def test_repairing_asks_first(server: EventServer, events: Command) -> None:
    """Without a terminal and without --yes nothing is changed."""
    asyncio.run(a_bad_day(server))
    replay = ("replay", "--event", "sold", "--module", "books", "--from", "2020-01-01")
    for words in (("discard", "--all"), ("requeue", "--all"), replay):
        assert events(*words)[0] == 64
    assert len(events("dead")[1]["dead"]) == 1
    code, counted = events(*replay, "--dry-run")
    assert (code, counted["found"], counted["queued"]) == (0, 3, 0)
    assert counted["unsafe"]
    assert events("requeue", "--all", "--yes")[0] == 0
    assert events("dead")[1]["dead"] == []
    assert [one["action"] for one in events("audit")[1]["audit"]] == ["requeue"]


def test_people_are_told_why(
    server: EventServer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A line a letter with the reason in it, of an exception as of a refused payload, and no word
    of a traceback, in the list as in the log; nor Python's words where ours say what to write."""

    async def spend(event: Event) -> None:
        if event["n"] == 0:
            raise RejectEventError("the till has no account 530\nask the treasurer")
        raise ValueError("the year is closed")

    async def two_deaths() -> None:
        bus = bus_on(server)
        bus.for_module("books").on("sold", spend, max_attempts=1)
        async with consuming(bus):
            for n in range(2):
                await bus.for_module("till").emit("sold", n=n)
            await until(lambda: bus.observer.handling["books", "sold"].dead == 2)

    asyncio.run(two_deaths())
    logged = [one.getMessage().split(": ", 1) for one in caplog.records]
    assert sorted(why for what, why in logged if "gave up" in what) == [
        "ValueError: the year is closed",
        "rejected: the till has no account 530",
    ]
    assert main.invoke(["events", "dead", "--url", server.url]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    why = sorted(row.split("  ")[-1].strip() for row in rows)
    assert why == ["ValueError: the year is closed", "rejected: the till has no account 530"]
    replay = ["events", "replay", "--event", "sold", "--module", "books", "--url", server.url]
    assert main.invoke([*replay, "--from", "yesterday"]) == 64
    told = capsys.readouterr().err
    assert "2026-11-01" in told
    assert "isoformat" not in told


def test_emitting(server: EventServer, events: Command) -> None:
    """An operator's event is an event; what is no payload is refused."""
    code, sent = events("emit", "sold", '{"n": 5}')
    assert code == 0
    _, shown = events("show", sent["id"])
    assert (shown["payload"], shown["from"]) == ({"n": 5}, "operator")
    assert events("emit", "sold", "[1]")[0] == 64
    assert events("emit", "no such name", "{}")[0] != 0


def test_what_is_not_there(server: EventServer, events: Command) -> None:
    """Refused with exit code 1, and nothing is changed."""
    assert events("show", "0-1")[0] == 1
    assert events("requeue", "0-1", "--yes")[0] == 1
    assert events("discard", "--all", "--yes") == (0, {"format": 1, "discarded": []})


def test_no_server_is_told_in_words() -> None:
    """Exit code 1, one error, no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "recyclic", "events", "lag", "--url", "redis://127.0.0.1:1"],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "RCY-B001" in done.stderr
    assert "Traceback" not in done.stderr
