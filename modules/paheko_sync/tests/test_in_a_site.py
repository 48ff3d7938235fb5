"""paheko_sync in a booted site, beside the till that its events come from."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.paheko_api import Fault
from tests.fakes.paheko_api import PahekoApi as StandIn

from recyclic.testing.site_under_test import booted_site

pytest_plugins = ["recyclic.testing.plugin"]
pytestmark = pytest.mark.anyio

Boot = Callable[..., Awaitable[Any]]
MODULES = Path(__file__).parents[2]
ENTRIES = "/api/paheko_sync/entries"


@pytest.fixture
def paheko() -> Iterator[StandIn]:
    """A stand-in of Paheko's API that is up."""
    with StandIn() as stand_in:
        yield stand_in


def leading_to(stand_in: StandIn) -> dict[str, Any]:
    """Settings with its address and its secret."""
    access = {"url": stand_in.url, "user": stand_in.user, "token": stand_in.password}
    return {"paheko_sync": access}


async def sell_and_close(client: Any) -> str:
    """A session with one sale of five euros, closed; its id."""
    session = (await client.post("/api/caisse/sessions")).json()["id"]
    sale = {
        "lines": [{"label": "Chaise", "category": "mobilier", "unit_price_cents": 500}],
        "payments": [{"method": "cash", "amount_cents": 500}],
    }
    sold = await client.post(f"/api/caisse/sessions/{session}/sales", json=sale)
    assert sold.status_code == 201
    await client.post(f"/api/caisse/sessions/{session}/close")
    return str(session)


async def entry_in(client: Any, state: str) -> dict[str, Any]:
    """The first entry in that state, once there is one."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        items = (await client.get(ENTRIES, params={"state": state})).json()["items"]
        if items:
            found: dict[str, Any] = items[0]
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"no entry became {state}: {(await client.get(ENTRIES)).text}")


async def test_a_closed_till_becomes_an_entry(site: Boot, paheko: StandIn) -> None:
    """Sell, close: Paheko has one entry, and the record has its number."""
    shop = await site("caisse", "paheko_sync", settings=leading_to(paheko))
    session = await sell_and_close(shop.client)
    posted = await entry_in(shop.client, "posted")
    (entry,) = paheko.transactions
    assert posted["transaction_id"] == entry["id"]
    assert entry["reference"] == f"RECYCLIC-SESSION-{session}"


async def test_without_a_url_entries_wait(site: Boot, paheko: StandIn) -> None:
    """Not configured is healthy, and says so; nothing is lost, as the list shows."""
    shop = await site("caisse", "paheko_sync")
    await sell_and_close(shop.client)
    waiting = await entry_in(shop.client, "waiting")
    health = (await shop.client.get("/health")).json()
    assert health["ready"] is True
    assert "not configured" in str(health["modules"])
    status = (await shop.client.get("/api/paheko_sync/status")).json()
    assert (status["configured"], status["entries"]["waiting"]) == (False, 1)
    retry = await shop.client.post(f"{ENTRIES}/{waiting['session_id']}/retry")
    assert (retry.status_code, retry.json()["code"]) == (409, "no_paheko")


async def test_what_waited_is_posted_once_there_is_a_url(paheko: StandIn, tmp_path: Path) -> None:
    """The next start, with a url, posts what the one before could only remember."""
    modules = ("caisse", "paheko_sync")
    async with booted_site(*modules, folder=tmp_path, sources=MODULES) as shop:
        session = await sell_and_close(shop.client)
        await entry_in(shop.client, "waiting")
    (tmp_path / "modules").unlink()
    settings = leading_to(paheko)
    async with booted_site(*modules, folder=tmp_path, sources=MODULES, settings=settings) as shop:
        assert (await entry_in(shop.client, "posted"))["session_id"] == session
    assert [entry["reference"] for entry in paheko.transactions] == [f"RECYCLIC-SESSION-{session}"]


async def test_refused_becomes_a_dead_letter(site: Boot, paheko: StandIn) -> None:
    """Paheko's words stand in the dead letter and in the list; a retry posts it when mended."""
    paheko.inject(Fault.REFUSE, path="/api/accounting/transaction")
    shop = await site("caisse", "paheko_sync", settings=leading_to(paheko))
    session = await sell_and_close(shop.client)
    await shop.bus.died("session_closed")
    (letter,) = shop.bus.site_bus.store.dead
    assert "Impossible de modifier un exercice clôturé." in letter.detail
    assert (await entry_in(shop.client, "refused"))["session_id"] == session
    paheko.inject(Fault.REFUSE, path="/api/accounting/transaction")
    retry = f"{ENTRIES}/{session}/retry"
    again = await shop.client.post(retry, headers={"Accept-Language": "fr"})
    assert (again.status_code, again.json()["code"]) == (502, "not_posted")
    assert again.json()["detail"].startswith(f"La session {session} n'a pas été comptabilisée")
    assert (await shop.client.post(retry)).json()["state"] == "posted"
    assert len(paheko.transactions) == 1


async def test_paheko_comes_back(site: Boot, paheko: StandIn) -> None:
    """Down while the till closes: the site stays healthy, the entry arrives when it is up."""
    paheko.stop()
    shop = await site("caisse", "paheko_sync", settings=leading_to(paheko))
    await sell_and_close(shop.client)
    assert (await entry_in(shop.client, "waiting"))["transaction_id"] is None
    assert (await shop.client.get("/health")).status_code == 200
    paheko.start()
    await entry_in(shop.client, "posted")
    assert len(paheko.transactions) == 1
