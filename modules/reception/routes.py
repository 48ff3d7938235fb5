"""The reception over HTTP, below /api/reception."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from recyclic.kit.refusal import documented

from .bodies import DepositAnswer, DepositPage, NewDeposit, TotalsAnswer
from .reception import Reception, Recorded
from .refusal import ReceptionReason

IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Any text of your own; a request sent again with it is done once.",
    ),
]

_REPEATED: dict[int | str, dict[str, Any]] = {
    200: {"model": DepositAnswer, "description": "It had been done before"}
}


def reception_routes(reception: Callable[[], Reception]) -> APIRouter:
    """Every route of the reception; ``reception`` gives it once the module has started."""
    routes = APIRouter(
        prefix="/api/reception", tags=["reception"], responses=documented(ReceptionReason)
    )

    @routes.post("/deposits", status_code=201, responses=_REPEATED)
    def record(
        request: NewDeposit, response: Response, idempotency_key: IdempotencyKey = None
    ) -> DepositAnswer:
        """Record a deposit; 200 instead of 201 when this very request had come before."""
        return _answer(reception().record(request, idempotency_key), response)

    @routes.post("/deposits/{deposit_id}/correction", status_code=201, responses=_REPEATED)
    def take_back(deposit_id: str, response: Response) -> DepositAnswer:
        """Take a deposit back, once."""
        return _answer(reception().take_back(deposit_id), response)

    @routes.get("/deposits")
    def deposits(
        day: date | None = None,
        before: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> DepositPage:
        """Deposits, the latest first."""
        return reception().page(day.isoformat() if day else None, before, limit)

    @routes.get("/deposits/{deposit_id}")
    def deposit(deposit_id: str) -> DepositAnswer:
        """One deposit."""
        return reception().read(deposit_id)

    @routes.get("/totals")
    def totals(
        day: date | None = None,
        first: Annotated[date | None, Query(alias="from")] = None,
        last: Annotated[date | None, Query(alias="to")] = None,
    ) -> TotalsAnswer:
        """Totals per category and day: of a day, of today, or from one day to another."""
        today = reception().calendar.read().day
        start = first or day or last or today
        end = last or day or max(start, today)
        return reception().totals(start.isoformat(), end.isoformat())

    return routes


def _answer(recorded: Recorded, response: Response) -> DepositAnswer:
    if recorded.repeated:
        response.status_code = 200
    return recorded.deposit
