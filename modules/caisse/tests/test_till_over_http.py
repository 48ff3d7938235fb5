"""The till as a front end uses it, in a booted site."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

pytest_plugins = ["recyclic.testing.plugin"]
pytestmark = pytest.mark.anyio

SESSIONS = "/api/caisse/sessions"
EVENTS = Path(__file__).parents[1] / "events"
Boot = Callable[..., Awaitable[Any]]


def chair(**changes: Any) -> dict[str, Any]:
    """A line: one chair of 4.2 kg for five euros."""
    line = {"label": "Chaise", "category": "mobilier", "unit_price_cents": 500, "weight_g": 4200}
    return line | changes


def cash(cents: int) -> dict[str, Any]:
    return {"method": "cash", "amount_cents": cents}


async def opened(client: httpx.AsyncClient, **body: Any) -> str:
    answer = await client.post(SESSIONS, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def sell(
    client: httpx.AsyncClient, session: str, key: str | None = None, **sale: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"lines": [chair()], "payments": [cash(500)]} | sale
    return await client.post(f"{SESSIONS}/{session}/sales", json=body, headers=headers)


async def test_a_day_at_the_till(site: Boot) -> None:
    """Open, sell for cash and card, take back, close: totals and drawer say what happened."""
    shop = await site("caisse")
    session = await opened(shop.client, opening_cash_cents=5000, opened_by="Jeanne")
    first = await sell(shop.client, session, payments=[cash(2000)])
    assert first.status_code == 201
    assert first.json()["change_cents"] == 1500
    await sell(
        shop.client,
        session,
        lines=[chair(quantity=2), chair(label="Livre", category="livres", weight_g=300)],
        payments=[{"method": "card", "amount_cents": 1500}],
    )
    back = await sell(
        shop.client,
        session,
        lines=[chair(quantity=-1)],
        payments=[cash(-500)],
        refund_of=first.json()["id"],
    )
    assert back.json()["weight_g"] == -4200
    closed = await shop.client.post(
        f"{SESSIONS}/{session}/close", json={"counted_cash_cents": 4990, "closed_by": "Paul"}
    )
    answer = closed.json()
    assert answer["state"] == "closed"
    assert answer["cash"] == {
        "opening_cents": 5000, "expected_cents": 5000, "counted_cents": 4990,
        "difference_cents": -10,
    }  # fmt: skip
    assert answer["totals"] == {
        "sales": 2, "refunds": 1, "total_cents": 1500, "weight_g": 4500,
        "by_method": {"card": 1500, "cash": 0},
        "by_category": {
            "livres": {"quantity": 1, "amount_cents": 500, "weight_g": 300},
            "mobilier": {"quantity": 2, "amount_cents": 1000, "weight_g": 4200},
        },
    }  # fmt: skip
    of_session = await shop.client.get(f"{SESSIONS}/{session}/totals")
    of_today = await shop.client.get("/api/caisse/totals")
    assert of_session.json() == of_today.json()["totals"] == answer["totals"]


async def test_events_fit_their_schemas(site: Boot) -> None:
    """What is emitted is what the files in events/ promise; nothing is told of what failed."""
    shop = await site("caisse")
    told: list[tuple[str, Any]] = []

    async def hear(event: Any) -> None:
        told.append((event.name, dict(event.payload)))

    for name in ("sale_closed", "session_closed"):
        shop.bus.on(name, hear)
    session = await opened(shop.client)
    assert (await sell(shop.client, session)).status_code == 201
    assert (await sell(shop.client, session, payments=[cash(499)])).status_code == 422
    await shop.client.post(f"{SESSIONS}/{session}/close")
    await shop.bus.handled("sale_closed")
    await shop.bus.handled("session_closed")
    assert sorted(name for name, _ in told) == ["sale_closed", "session_closed"]
    for name, payload in told:
        schema = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
        jsonschema.validate(payload, schema)
        assert set(payload) == set(schema["properties"])


async def test_a_request_sent_again_sells_once(site: Boot) -> None:
    """The same Idempotency-Key gives the same sale; for another request it is refused."""
    shop = await site("caisse")
    session = await opened(shop.client)
    answers = await asyncio.gather(*(sell(shop.client, session, key="k1") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await sell(shop.client, session, key="k1", payments=[cash(1000)])
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    totals = await shop.client.get(f"{SESSIONS}/{session}/totals")
    assert totals.json()["sales"] == 1


async def test_closing_happens_once(site: Boot) -> None:
    """Eight closings at once: one event; with another count, refused; no sale afterwards."""
    shop = await site("caisse")
    session = await opened(shop.client)
    url = f"{SESSIONS}/{session}/close"
    count = {"counted_cash_cents": 0}
    answers = await asyncio.gather(*(shop.client.post(url, json=count) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["closed_at"] for answer in answers}) == 1
    other = await shop.client.post(url, json={"counted_cash_cents": 5})
    assert (other.status_code, other.json()["code"]) == (409, "session_closed")
    late = await sell(shop.client, session)
    assert (late.status_code, late.json()["code"]) == (409, "session_closed")
    await opened(shop.client)
    next_one = (await shop.client.get(SESSIONS, params={"open": True})).json()["items"][0]["id"]
    await shop.client.post(f"{SESSIONS}/{next_one}/close")
    assert len(await shop.bus.emitted("session_closed", 2)) == 2


async def test_one_open_session_a_till(site: Boot) -> None:
    """A second click on "open" is told which session is open; another till is free."""
    shop = await site("caisse")
    session = await opened(shop.client, till="porte")
    again = await shop.client.post(SESSIONS, json={"till": "porte"})
    assert again.status_code == 409
    assert again.json()["session_id"] == session
    await opened(shop.client, till="cour")


@pytest.mark.parametrize(
    ("sale", "code"),
    [
        ({"payments": []}, "payments_unbalanced"),
        ({"payments": [cash(400)]}, "payments_unbalanced"),
        ({"payments": [{"method": "card", "amount_cents": 600}]}, "change_without_cash"),
        ({"payments": [cash(-500)]}, "payment_sign"),
        ({"lines": [chair(discount_cents=501)]}, "discount_too_large"),
        ({"discount_cents": 501}, "discount_too_large"),
        ({"lines": [chair(quantity=-1)], "discount_cents": 1}, "discount_on_refund"),
        ({"lines": [chair(unit_price_cents=2_000_000)]}, "amount_too_large"),
        ({"refund_of": "nothing", "lines": [chair(quantity=-1)]}, "no_such_sale"),
        ({"refund_of": "nothing"}, "refund_with_sale"),
        ({"lines": []}, "invalid_request"),
        ({"lines": [chair(quantity=0)]}, "invalid_request"),
        ({"lines": [chair(quantity=1.5)]}, "invalid_request"),
        ({"lines": [chair(unit_price_cents="500")]}, "invalid_request"),
        ({"lines": [chair(unit_price_cents=True)]}, "invalid_request"),
        ({"lines": [chair(weight_g=-1)]}, "invalid_request"),
        ({"lines": [chair(label="  ")]}, "invalid_request"),
        ({"lines": [chair(colour="red")]}, "invalid_request"),
        ({"payments": [{"method": "shells", "amount_cents": 500}]}, "invalid_request"),
        ({"payments": [cash(10**30)]}, "invalid_request"),
    ],
)
async def test_what_does_not_add_up_is_refused(site: Boot, sale: dict[str, Any], code: str) -> None:
    """A refused sale is a 4xx with a stable code, and leaves nothing behind."""
    shop = await site("caisse")
    session = await opened(shop.client)
    answer = await sell(shop.client, session, **sale)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code
    assert (await shop.client.get(f"{SESSIONS}/{session}/sales")).json()["items"] == []


async def test_a_sale_is_refunded_at_most_once_over(site: Boot) -> None:
    """Refunds of one sale never exceed it, not even two at the same time; nor is one refunded."""
    shop = await site("caisse")
    session = await opened(shop.client)
    sold = (await sell(shop.client, session)).json()["id"]
    refund = {"lines": [chair(quantity=-1)], "payments": [cash(-500)], "refund_of": sold}
    answers = await asyncio.gather(*(sell(shop.client, session, **refund) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    done = next(answer.json() for answer in answers if answer.status_code == 201)
    of_refund = await sell(shop.client, session, **(refund | {"refund_of": done["id"]}))
    assert of_refund.json()["code"] == "refund_of_refund"


async def test_the_sites_own_rules(site: Boot) -> None:
    """Categories, ways to pay and the limit come from the settings."""
    rules = {"categories": ["livres"], "payment_methods": ["cheque"], "max_amount_cents": 400}
    shop = await site("caisse", settings={"caisse": rules})
    session = await opened(shop.client)
    unknown = await sell(shop.client, session)
    assert (unknown.json()["code"], unknown.json()["known"]) == ("unknown_category", ["livres"])
    book = chair(category="livres")
    assert (await sell(shop.client, session, lines=[book])).json()["code"] == "method_refused"
    cheque = [{"method": "cheque", "amount_cents": 500}]
    dear = await sell(shop.client, session, lines=[book], payments=cheque)
    assert dear.json()["code"] == "amount_too_large"


async def test_refusals_speak_french(site: Boot) -> None:
    """The sentence follows Accept-Language, the code never does."""
    shop = await site("caisse")
    french = {"Accept-Language": "fr-FR,fr;q=0.9"}
    answer = await shop.client.get(f"{SESSIONS}/rien", headers=french)
    assert answer.status_code == 404
    assert answer.json()["code"] == "no_such_session"
    assert answer.json()["detail"] == "Il n'y a pas de session rien."


async def test_input_that_is_not_even_text(site: Boot) -> None:
    """A lone surrogate, bad JSON, a deep nest: 422, not a crash."""
    shop = await site("caisse")
    session = await opened(shop.client)
    headers = {"Content-Type": "application/json"}
    line = b'{"lines":[{"label":"\\ud800","category":"x","unit_price_cents":5}]}'
    for body in (line, b"{", b"[" * 500 + b"]" * 500, b"\xff\xfe", b""):
        answer = await shop.client.post(
            f"{SESSIONS}/{session}/sales", content=body, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_lists_come_in_pages(site: Boot) -> None:
    """Sales and sessions are read page by page, each exactly once."""
    shop = await site("caisse")
    session = await opened(shop.client)
    for _ in range(7):
        await sell(shop.client, session)
    numbers: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await shop.client.get(
            f"{SESSIONS}/{session}/sales", params={"after": after, "limit": 3}
        )
        numbers += [item["number"] for item in page.json()["items"]]
        after = page.json()["next"]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    await opened(shop.client, till="other")
    first = (await shop.client.get(SESSIONS, params={"limit": 1})).json()
    rest = (await shop.client.get(SESSIONS, params={"before": first["next"]})).json()
    assert {first["items"][0]["till"], rest["items"][0]["till"]} == {"main", "other"}
    assert rest["next"] is None
