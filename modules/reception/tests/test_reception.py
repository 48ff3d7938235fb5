"""The reception as a front end uses it, in a booted site."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

pytest_plugins = ["recyclic.testing.plugin"]
pytestmark = pytest.mark.anyio

Boot = Callable[..., Awaitable[Any]]
DEPOSITS = "/api/reception/deposits"
TOTALS = "/api/reception/totals"
EVENTS = Path(__file__).parents[1] / "events"


def brought(**grams: int) -> dict[str, Any]:
    """A deposit of some categories."""
    return {"lines": [{"category": name, "weight_g": weight} for name, weight in grams.items()]}


async def test_deposits_add_up_per_category_and_day(site: Boot) -> None:
    """What comes in is listed and counted; totals of a day and of a period agree."""
    shop = await site("reception")
    first = await shop.client.post(DEPOSITS, json=brought(textile=3000, livres=500))
    await shop.client.post(DEPOSITS, json=brought(textile=1000) | {"source": "collection"})
    assert (first.status_code, first.json()["weight_g"]) == (201, 3500)
    day = first.json()["day"]
    totals = (await shop.client.get(TOTALS)).json()
    assert totals["by_category"] == {"livres": 500, "textile": 4000}
    assert totals["days"] == [
        {"day": day, "deposits": 2, "weight_g": 4500, "by_category": totals["by_category"]}
    ]
    period = {"from": "2020-01-01", "to": day}
    assert (await shop.client.get(TOTALS, params=period)).json() == totals
    earlier = (await shop.client.get(TOTALS, params={"day": "2020-01-01"})).json()
    assert (earlier["deposits"], earlier["days"]) == (0, [])
    page = (await shop.client.get(DEPOSITS, params={"limit": 1})).json()
    rest = (await shop.client.get(DEPOSITS, params={"before": page["next"]})).json()
    assert {page["items"][0]["source"], rest["items"][0]["source"]} == {"collection", "drop_off"}


async def test_a_deposit_is_taken_back_once(site: Boot) -> None:
    """Five clicks on "take back": one correction, and the day is as if nothing had come."""
    shop = await site("reception")
    deposit = (await shop.client.post(DEPOSITS, json=brought(textile=900))).json()
    url = f"{DEPOSITS}/{deposit['id']}/correction"
    answers = await asyncio.gather(*(shop.client.post(url) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201]
    totals = (await shop.client.get(TOTALS)).json()
    assert (totals["deposits"], totals["weight_g"]) == (0, 0)
    again = await shop.client.post(f"{DEPOSITS}/{answers[0].json()['id']}/correction")
    assert (again.status_code, again.json()["code"]) == (409, "is_a_correction")


async def test_a_request_sent_again_is_recorded_once(site: Boot) -> None:
    """The same Idempotency-Key gives the same deposit; for another request it is refused."""
    shop = await site("reception")
    headers = {"Idempotency-Key": "k1"}
    same = [shop.client.post(DEPOSITS, json=brought(textile=1), headers=headers) for _ in "abcde"]
    answers = await asyncio.gather(*same)
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await shop.client.post(DEPOSITS, json=brought(textile=2), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


async def test_events_fit_their_schema(site: Boot) -> None:
    """A deposit and its correction are told as events/deposit_recorded.json promises."""
    shop = await site("reception")
    told: list[Any] = []

    async def hear(payload: dict[str, Any]) -> None:
        told.append(payload)

    shop.bus.on("deposit_recorded", hear)
    deposit = (await shop.client.post(DEPOSITS, json=brought(textile=900))).json()
    await shop.client.post(f"{DEPOSITS}/{deposit['id']}/correction")
    await shop.bus.handled("deposit_recorded", 2)
    schema = json.loads((EVENTS / "deposit_recorded.json").read_text(encoding="utf-8"))
    for payload in told:
        jsonschema.validate(payload, schema)
        assert set(payload) == set(schema["properties"])
    assert sorted(payload["weight_g"] for payload in told) == [-900, 900]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"lines": []}, "invalid_request"),
        (brought(textile=0), "invalid_request"),
        (brought(textile=-5), "invalid_request"),
        ({"lines": [{"category": "textile", "weight_g": 1.5}]}, "invalid_request"),
        ({"lines": [{"category": " ", "weight_g": 1}]}, "invalid_request"),
        (brought(textile=1) | {"source": "theft"}, "invalid_request"),
        (brought(textile=1) | {"colour": "red"}, "invalid_request"),
        (brought(gravats=1), "unknown_category"),
        (brought(textile=10_001), "weight_too_large"),
    ],
)
async def test_what_cannot_be_is_refused(site: Boot, body: dict[str, Any], code: str) -> None:
    """A 4xx with a stable code, and nothing is recorded."""
    rules = {"categories": ["textile"], "max_weight_g": 10_000}
    shop = await site("reception", settings={"reception": rules})
    answer = await shop.client.post(DEPOSITS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await shop.client.get(DEPOSITS)).json()["items"] == []
