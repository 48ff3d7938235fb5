"""Exactly one entry, against a stand-in of Paheko that misbehaves."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from modules.paheko_sync.api import PahekoApi
from modules.paheko_sync.entry import SessionClosed, entry_of_session
from modules.paheko_sync.errors import (
    PahekoDoubtError,
    PahekoRefusedError,
    PahekoUnavailableError,
)
from modules.paheko_sync.ledger import Ledger, State
from modules.paheko_sync.posting import Poster
from modules.paheko_sync.settings import Access, Accounts
from tests.fakes.paheko_api import Fault
from tests.fakes.paheko_api import PahekoApi as StandIn

pytest_plugins = ["recyclic.testing.plugin"]
pytestmark = pytest.mark.anyio

POST = "/api/accounting/transaction"
TODAY = time.strftime("%Y-%m-%d")


def closed(number: int = 1, **changes: Any) -> SessionClosed:
    usual = {
        "session_id": f"session-{number}",
        "till": "main",
        "day": TODAY,
        "by_method": {"cash": 1250},
        "by_category": {"mobilier": 1250},
    }
    return SessionClosed.model_validate(usual | changes)


@pytest.fixture
def paheko() -> Iterator[StandIn]:
    """A stand-in of Paheko's API that is up."""
    with StandIn() as stand_in:
        yield stand_in


@asynccontextmanager
async def poster(
    stand_in: StandIn, folder: Path, *, timeout_s: float = 5, doubt_s: float = 0.6, **access: Any
) -> AsyncIterator[Poster]:
    """A worker's poster; several on one folder are several workers."""
    known = {"url": stand_in.url, "user": stand_in.user, "token": stand_in.password}
    api = PahekoApi(Access(**(known | access), timeout_s=timeout_s))
    try:
        ledger = await asyncio.to_thread(Ledger, folder / "entries.sqlite")
        yield Poster(ledger, api, Accounts(), "match", folder / "lock", doubt_s)
    finally:
        await api.close()


async def test_an_entry_arrives_as_it_should(paheko: StandIn, tmp_path: Path) -> None:
    """Balanced, in cents, with the reference; and a second time changes nothing."""
    async with poster(paheko, tmp_path) as posting:
        first = await posting.settle(closed())
        again = await posting.settle(closed())
    assert first == again
    assert first.state is State.POSTED
    (entry,) = paheko.transactions
    assert entry["id"] == first.transaction_id
    assert entry["reference"] == "RECYCLIC-SESSION-session-1"
    lines = [(line["account_code"], line["debit"], line["credit"]) for line in entry["lines"]]
    assert lines == [("530", 1250, 0), ("707", 0, 1250)]
    assert sum(seen.path == POST for seen in paheko.seen) == 1


async def test_many_workers_post_once(paheko: StandIn, tmp_path: Path) -> None:
    """Six deliveries of one event at the same time, in three workers, are one entry."""
    async with (
        poster(paheko, tmp_path) as one,
        poster(paheko, tmp_path) as two,
        poster(paheko, tmp_path) as three,
    ):
        await asyncio.gather(*(worker.settle(closed()) for worker in (one, two, three) * 2))
    assert len(paheko.transactions) == 1


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.CRASH_AFTER])
async def test_stored_without_a_good_answer(paheko: StandIn, tmp_path: Path, fault: Fault) -> None:
    """Stored, and the answer lost or a 500: found by looking, not posted again."""
    paheko.inject(fault, path=POST)
    async with poster(paheko, tmp_path) as posting:
        record = await posting.settle(closed())
    assert record.state is State.POSTED
    assert [entry["id"] for entry in paheko.transactions] == [record.transaction_id]


@pytest.mark.parametrize(
    "fault",
    [Fault.LOSE_REQUEST, Fault.LOCKED, Fault.UNAVAILABLE, Fault.NEEDS_UPGRADE],
)
async def test_not_stored_is_tried_again(paheko: StandIn, tmp_path: Path, fault: Fault) -> None:
    """Nothing was stored: an error that means "later", and the next attempt stores it once."""
    paheko.inject(fault, path=POST)
    async with poster(paheko, tmp_path) as posting:
        with pytest.raises((PahekoUnavailableError, PahekoDoubtError)):
            await posting.settle(closed())
        record = await posting.settle(closed())
    assert record.state is State.POSTED
    assert len(paheko.transactions) == 1


async def test_paheko_is_down_and_comes_back(paheko: StandIn, tmp_path: Path) -> None:
    """Down: "unavailable", the session waits; up again: posted."""
    async with poster(paheko, tmp_path) as posting:
        paheko.stop()
        with pytest.raises(PahekoUnavailableError):
            await posting.settle(closed())
        known = posting.ledger.find("session-1")
        assert known is not None
        assert known.state is State.WAITING
        paheko.start()
        assert (await posting.settle(closed())).state is State.POSTED


async def test_a_post_still_under_way_is_waited_out(paheko: StandIn, tmp_path: Path) -> None:
    """A worker died while Paheko was storing: the next one waits for it to show, and finds it."""
    async with poster(paheko, tmp_path, doubt_s=20) as posting:
        ledger, session = posting.ledger, closed()
        ledger.remember(session.session_id, session.reference, session.day, "{}")
        ledger.begin_post(session.session_id, time.time())
        settling = asyncio.create_task(posting.settle(session))
        while not paheko.seen:  # noqa: ASYNC110 - the stand-in runs in threads of its own
            await asyncio.sleep(0.01)
        async with poster(paheko, tmp_path / "elsewhere") as dying:
            entry = entry_of_session(session, Accounts())
            assert entry is not None
            await dying.api.post(entry, "match")
        record = await settling
    assert record.state is State.POSTED
    assert len(paheko.transactions) == 1


async def test_refused_in_pahekos_words(paheko: StandIn, tmp_path: Path) -> None:
    """A refusal keeps Paheko's sentence; once a person has mended it, the entry is posted."""
    paheko.inject(Fault.REFUSE, path=POST)
    async with poster(paheko, tmp_path) as posting:
        with pytest.raises(PahekoRefusedError, match="Impossible de modifier un exercice clôturé"):
            await posting.settle(closed())
        known = posting.ledger.find("session-1")
        assert known is not None
        assert (known.state, known.detail) == (
            State.REFUSED, "Impossible de modifier un exercice clôturé.",
        )  # fmt: skip
        assert (await posting.settle(closed())).state is State.POSTED
    assert len(paheko.transactions) == 1


async def test_wrong_password_is_refused(paheko: StandIn, tmp_path: Path) -> None:
    """Nothing is posted, and the password is in no message."""
    async with poster(paheko, tmp_path, token="wrong-secret") as posting:
        with pytest.raises(PahekoRefusedError) as caught:
            await posting.settle(closed())
    assert "Invalid username or password" in str(caught.value)
    assert "wrong-secret" not in str(caught.value)
    assert "wrong-secret" not in repr(posting)


async def test_a_day_outside_every_year(paheko: StandIn, tmp_path: Path) -> None:
    """Paheko has no open year for the day: refused, in its words."""
    async with poster(paheko, tmp_path) as posting:
        with pytest.raises(PahekoRefusedError, match="Cannot find a valid open year"):
            await posting.settle(closed(day="1999-12-31"))


async def test_a_slow_answer_is_not_a_second_entry(paheko: StandIn, tmp_path: Path) -> None:
    """Paheko stores at once and answers too late: the timeout is a doubt, the look settles it."""
    paheko.inject(Fault.SLOW, path=POST, seconds=5)
    async with poster(paheko, tmp_path, timeout_s=0.5) as posting:
        assert (await posting.settle(closed())).state is State.POSTED
    assert len(paheko.transactions) == 1


async def test_no_money_is_not_posted(paheko: StandIn, tmp_path: Path) -> None:
    """Nothing to book: recorded as empty, and Paheko hears nothing."""
    async with poster(paheko, tmp_path) as posting:
        record = await posting.settle(closed(by_method={}, by_category={}))
    assert record.state is State.EMPTY
    assert paheko.seen == []
