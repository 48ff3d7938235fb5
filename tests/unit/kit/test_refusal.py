"""Refusals of a module, as its clients get them."""

from http import HTTPStatus
from typing import Annotated

import httpx
import pytest
from fastapi import Body, FastAPI

from recyclic.kit.refusal import Reason, RefusalError, answer_refusals, documented


class _ShelfReason(Reason):
    SOLD_OUT = (409, "{label} is sold out.", "{label} est épuisé.")


async def _ask(query: str, language: str = "de") -> httpx.Response:
    app = FastAPI()
    answer_refusals(app)

    @app.get("/shelf")
    def shelf(count: int) -> None:
        raise RefusalError(_ShelfReason.SOLD_OUT, label="vélo", count=count)

    wire = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=wire, base_url="http://site") as client:
        return await client.get(f"/shelf?{query}", headers={"Accept-Language": language})


@pytest.mark.anyio
async def test_a_refusal_has_a_code_and_the_readers_words() -> None:
    answer = await _ask("count=2", "fr-FR,fr;q=0.9")

    assert answer.status_code == 409
    assert answer.json() == {
        "code": "sold_out",
        "detail": "vélo est épuisé.",
        "label": "vélo",
        "count": 2,
    }


@pytest.mark.anyio
async def test_other_languages_read_english() -> None:
    assert (await _ask("count=2")).json()["detail"] == "vélo is sold out."


@pytest.mark.anyio
async def test_a_malformed_request_is_told_without_its_input() -> None:
    answer = await _ask("count=many")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"] == [
        {
            "at": ["query", "count"],
            "code": "int_parsing",
            "detail": "Input should be a valid integer, unable to parse string as an integer",
        }
    ]
    assert "many" not in answer.text


@pytest.mark.anyio
async def test_a_body_that_is_no_text_is_a_malformed_request() -> None:
    app = FastAPI()
    answer_refusals(app)

    @app.post("/shelf")
    def fill(label: Annotated[str, Body(embed=True)]) -> str:
        return label

    wire = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=wire, base_url="http://site") as client:
        answer = await client.post(
            "/shelf", content=b"\xff{", headers={"content-type": "application/json"}
        )
        missing = await client.get("/nowhere")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert missing.status_code == 404


def test_openapi_tells_of_every_refusal() -> None:
    told = documented(_ShelfReason)

    assert {status: answer["description"] for status, answer in told.items()} == {
        400: "Bad Request: invalid_request",
        409: "Conflict: sold_out",
        422: f"{HTTPStatus(422).phrase}: invalid_request",
    }
