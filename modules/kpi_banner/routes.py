"""The totals as JSON, as a stream of server-sent events, and as a page."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from .board import Board, TooManyWatchersError
from .figures import DayTotals
from .page import FOLDER, POLICY, language_of, render_page
from .settings import BannerSettings

RETRY_MS = 2000
"""After how long a browser that lost the stream opens it again."""


class TotalsAnswer(BaseModel):
    """The day so far; amounts in cents, weights in grams."""

    model_config = ConfigDict(from_attributes=True)

    day: str
    sales: int
    refunds: int
    total_cents: int
    weight_out_g: int
    deposits: int
    weight_in_g: int


def banner_routes(board: Callable[[], Board], settings: Callable[[], BannerSettings]) -> APIRouter:
    """Every route of the banner."""
    routes = APIRouter(tags=["kpi_banner"])
    _add_data(routes, board)
    _add_pages(routes, settings)
    return routes


def _add_data(routes: APIRouter, board: Callable[[], Board]) -> None:
    @routes.get("/api/kpi_banner/totals")
    async def totals() -> TotalsAnswer:
        """The totals of today."""
        return TotalsAnswer.model_validate(await board().totals())

    @routes.get("/api/kpi_banner/stream", response_class=StreamingResponse)
    async def stream() -> StreamingResponse:
        """The totals of today as server-sent events ``totals``: at once, and at every change."""
        try:
            news = board().watch()
        except TooManyWatchersError as error:
            raise HTTPException(503, "too many pages", {"Retry-After": "10"}) from error
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(frames(news), media_type="text/event-stream", headers=headers)


def _add_pages(routes: APIRouter, settings: Callable[[], BannerSettings]) -> None:
    @routes.get("/modules/kpi_banner", response_class=HTMLResponse)
    def page(accept_language: Annotated[str, Header()] = "") -> HTMLResponse:
        """The banner for a screen in the shop."""
        html = render_page(settings(), language_of(accept_language))
        headers = {"Content-Security-Policy": POLICY, "Vary": "Accept-Language"}
        return HTMLResponse(html, headers=headers)

    @routes.get("/modules/kpi_banner/banner.css", include_in_schema=False)
    def style() -> FileResponse:
        return FileResponse(FOLDER / "banner.css", media_type="text/css")

    @routes.get("/modules/kpi_banner/banner.js", include_in_schema=False)
    def script() -> FileResponse:
        return FileResponse(FOLDER / "banner.js", media_type="text/javascript")


async def frames(news: AsyncIterator[DayTotals | None]) -> AsyncIterator[str]:
    """Totals as the text of server-sent events; a comment is the sign of life.

    Source: the HTML standard, section 9.2 "Server-sent events".
    """
    yield f"retry: {RETRY_MS}\n\n"
    async for totals in news:
        yield ": still here\n\n" if totals is None else _frame(asdict(totals))


def _frame(totals: dict[str, Any]) -> str:
    return f"event: totals\ndata: {json.dumps(totals)}\n\n"
