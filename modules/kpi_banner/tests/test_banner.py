"""The banner in a booted site, and its stream."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from modules.kpi_banner.board import Board
from modules.kpi_banner.figures import Figure
from modules.kpi_banner.routes import frames
from modules.kpi_banner.tally import Tally

pytest_plugins = ["recyclic.testing.plugin"]
pytestmark = pytest.mark.anyio

Boot = Callable[..., Awaitable[Any]]
TOTALS = "/api/kpi_banner/totals"


async def test_events_become_totals(site: Boot) -> None:
    """Sales, refunds and deposits of today count; other days and repetitions don't."""
    shop = await site("kpi_banner")
    today = (await shop.client.get(TOTALS)).json()["day"]
    sale = {"sale_id": "s1", "day": today, "total_cents": 1500, "weight_g": 4200}
    await shop.bus.emit("sale_closed", **sale)
    await shop.bus.emit("sale_closed", **sale)
    await shop.bus.emit("sale_closed", **(sale | {"sale_id": "s2", "day": "2026-01-01"}))
    back = {"sale_id": "s3", "day": today, "total_cents": -500, "weight_g": -200}
    await shop.bus.emit("sale_closed", **back)
    await shop.bus.emit("deposit_recorded", deposit_id="d1", day=today, weight_g=9000)
    await shop.bus.handled("sale_closed", 4)
    await shop.bus.handled("deposit_recorded")
    assert (await shop.client.get(TOTALS)).json() == {
        "day": today, "sales": 1, "refunds": 1, "total_cents": 1000, "weight_out_g": 4000,
        "deposits": 1, "weight_in_g": 9000,
    }  # fmt: skip


async def test_an_event_of_another_shape_is_a_dead_letter(site: Boot) -> None:
    """Never a loop, never a stop: the next event is counted."""
    shop = await site("kpi_banner")
    today = (await shop.client.get(TOTALS)).json()["day"]
    await shop.bus.emit("sale_closed", nonsense=1)
    await shop.bus.died("sale_closed")
    await shop.bus.emit("sale_closed", sale_id="s", day=today, total_cents=1, weight_g=0)
    await shop.bus.handled("sale_closed")
    assert (await shop.client.get(TOTALS)).json()["sales"] == 1


async def test_the_page_needs_nothing_from_elsewhere(site: Boot) -> None:
    """No address of another host; both languages; a title cannot bring markup in."""
    title = "<script>alert(1)</script>"
    shop = await site("kpi_banner", settings={"kpi_banner": {"title": title}})
    french = await shop.client.get("/modules/kpi_banner", headers={"Accept-Language": "fr-FR"})
    english = await shop.client.get("/modules/kpi_banner")
    assert "ventes aujourd&#x27;hui" in french.text
    assert "sales today" in english.text
    assert title not in english.text
    assert "default-src 'self'" in english.headers["content-security-policy"]
    texts = [english.text]
    for address in re.findall(r'(?:href|src)="([^"]+)"', english.text):
        answer = await shop.client.get(f"/modules/{address}")
        assert answer.status_code == 200
        texts.append(answer.text)
    assert len(texts) == 3
    assert not any("//" in text.replace("// Shows", "") for text in texts)


async def test_a_change_by_another_worker_reaches_the_page(tmp_path: Path) -> None:
    """The stream begins with the totals, and tells what another process wrote."""
    tally, other = Tally(tmp_path / "f.sqlite"), Tally(tmp_path / "f.sqlite")
    board = Board(tally, lambda: date(2026, 11, 20), look_every_s=0.01)
    stream = board.watch()
    try:
        first = await anext(stream)
        assert first is not None
        assert first.total_cents == 0
        other.add(Figure("sale:1", "2026-11-20", sales=1, total_cents=700))
        async with asyncio.timeout(10):
            second = await anext(stream)
        assert second is not None
        assert second.total_cents == 700
    finally:
        await stream.aclose()  # type: ignore[attr-defined]
        await board.close()


async def test_midnight_starts_a_new_day(tmp_path: Path) -> None:
    """When the date on the wall changes, pages are told zeros without anyone selling."""
    today = [date(2026, 11, 20)]
    tally = Tally(tmp_path / "f.sqlite")
    tally.add(Figure("sale:1", "2026-11-20", sales=1, total_cents=700))
    board = Board(tally, lambda: today[0], look_every_s=0.01)
    stream = board.watch()
    try:
        await anext(stream)
        today[0] = date(2026, 11, 21)
        async with asyncio.timeout(10):
            totals = await anext(stream)
        assert totals is not None
        assert (totals.day, totals.total_cents) == ("2026-11-21", 0)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]
        await board.close()


async def test_a_quiet_stream_shows_signs_of_life(tmp_path: Path) -> None:
    """Frames are what EventSource reads: retry, then totals, then comments."""
    board = Board(Tally(tmp_path / "f.sqlite"), lambda: date(2026, 11, 20))
    text = frames(board.watch(silence_s=0.05))
    got = [await anext(text) for _ in range(3)]
    await text.aclose()  # type: ignore[attr-defined]
    await board.close()
    assert got[0].startswith("retry: ")
    assert got[1].startswith("event: totals\ndata: {")
    assert got[2].startswith(": ")
    assert all(frame.endswith("\n\n") for frame in got)
