"""The till over HTTP, below /api/caisse."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response

from recyclic.kit.refusal import documented

from .answers import DaysAnswer, SaleAnswer, SalePage, SessionAnswer, SessionPage, TotalsAnswer
from .lists import page_of_sales, page_of_sessions, read_days, read_sale, read_session
from .refusal import TillReason
from .requests import CloseSession, NewSale, OpenSession
from .till import Till

Limit = Annotated[int, Query(ge=1, le=500)]
Day = Annotated[date | None, Query(description="2026-11-20, as the calendar on the wall says")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Any text of your own; a request sent again with it is done once.",
    ),
]

_REPEATED: dict[int | str, dict[str, Any]] = {
    200: {"model": SaleAnswer, "description": "This very request had come before"}
}


def till_routes(till: Callable[[], Till]) -> APIRouter:
    """Every route of the till.

    Args:
        till: The till, once the module has started.
    """
    routes = APIRouter(prefix="/api/caisse", tags=["caisse"], responses=documented(TillReason))
    _add_commands(routes, till)
    _add_queries(routes, till)
    return routes


def _add_commands(routes: APIRouter, till: Callable[[], Till]) -> None:
    @routes.post("/sessions", status_code=201)
    def open_session(
        request: Annotated[OpenSession, Body()] = OpenSession(),  # noqa: B008 - frozen
    ) -> SessionAnswer:
        """Open a till."""
        return till().open(request)

    @routes.post("/sessions/{session_id}/sales", status_code=201, responses=_REPEATED)
    def sell(
        session_id: str,
        request: NewSale,
        response: Response,
        idempotency_key: IdempotencyKey = None,
    ) -> SaleAnswer:
        """Sell, or take back; 200 instead of 201 when this very request had come before."""
        sold = till().sell(session_id, request, idempotency_key)
        if sold.repeated:
            response.status_code = 200
        return sold.sale

    @routes.post("/sessions/{session_id}/close")
    def close_session(
        session_id: str,
        request: Annotated[CloseSession, Body()] = CloseSession(),  # noqa: B008 - frozen
    ) -> SessionAnswer:
        """Close a till and give its totals."""
        return till().close(session_id, request)


def _add_queries(routes: APIRouter, till: Callable[[], Till]) -> None:
    @routes.get("/sessions")
    def sessions(
        open_only: Annotated[bool, Query(alias="open")] = False,
        day: Day = None,
        before: str | None = None,
        limit: Limit = 50,
    ) -> SessionPage:
        """Till sessions, the latest first."""
        wanted_day = day.isoformat() if day else None
        return page_of_sessions(till().database, open_only, wanted_day, before, limit)

    @routes.get("/sessions/{session_id}")
    def session(session_id: str) -> SessionAnswer:
        """One session with its totals so far."""
        return read_session(till(), session_id)

    @routes.get("/sessions/{session_id}/totals")
    def session_totals(session_id: str) -> TotalsAnswer:
        """The totals of one session."""
        return read_session(till(), session_id).totals

    @routes.get("/sessions/{session_id}/sales")
    def sales(
        session_id: str, after: Annotated[int, Query(ge=0)] = 0, limit: Limit = 50
    ) -> SalePage:
        """The sales of one session, in order."""
        return page_of_sales(till().database, session_id, after, limit)

    @routes.get("/sales/{sale_id}")
    def sale(sale_id: str) -> SaleAnswer:
        """One sale with its lines and payments."""
        return read_sale(till().database, sale_id)

    @routes.get("/totals")
    def totals(
        day: Day = None,
        first: Annotated[date | None, Query(alias="from")] = None,
        last: Annotated[date | None, Query(alias="to")] = None,
    ) -> DaysAnswer:
        """The totals of a day, today when none is named, or from one day to another."""
        today = till().calendar.read().day
        start = first or day or last or today
        end = last or day or (today if first and first < today else start)
        return read_days(till(), start.isoformat(), end.isoformat())
