"""KpiBannerModule: counts what the other modules tell, and shows it."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recyclic.runtime.module import ModuleBase

from .board import Board
from .figures import DepositRecorded, Figure, SaleClosed, figure_of_deposit, figure_of_sale
from .routes import banner_routes
from .settings import BannerSettings
from .tally import Tally

if TYPE_CHECKING:
    from fastapi import FastAPI

    from recyclic.events.bus import EventBus


class KpiBannerModule(ModuleBase):
    """Needs no other module: what nobody tells it stays at zero."""

    _settings: BannerSettings
    _tally: Tally
    _board: Board | None = None

    def register_routes(self, app: "FastAPI") -> None:
        """The data below /api/kpi_banner, the page at /modules/kpi_banner."""
        app.include_router(banner_routes(self._started_board, lambda: self._settings))

    def register_signals(self, bus: "EventBus") -> None:
        """Handles sales and deposits; each counts once, however often it is told."""
        bus.on("sale_closed", self.count_sale, idempotent=True)
        bus.on("deposit_recorded", self.count_deposit, idempotent=True)

    def register_ui_extensions(self) -> dict[str, list[str]]:
        """Where a front end shows the banner."""
        return {"page_header": ["kpi-banner"]}

    async def startup(self, app: "FastAPI", config: dict[str, Any]) -> None:  # noqa: ARG002
        """Open the figures, and drop those that are older than this site keeps."""
        self._settings = BannerSettings.decode(config)
        path = Path(config["_data_dir"]) / "figures.sqlite"
        self._tally = await asyncio.to_thread(Tally, path)
        await asyncio.to_thread(self._tally.forget_before, self._oldest_day())
        self._board = Board(self._tally, self._today)

    async def shutdown(self) -> None:
        """Stop watching the figures."""
        if self._board is not None:
            await self._board.close()

    async def health(self) -> None:
        """Raises when the figures cannot be read."""
        await self._started_board().totals()

    async def count_sale(self, sale: SaleClosed) -> None:
        """A sale or refund of some day."""
        await self._count(figure_of_sale(sale))

    async def count_deposit(self, deposit: DepositRecorded) -> None:
        """A deposit, or the correction of one."""
        await self._count(figure_of_deposit(deposit))

    async def _count(self, figure: Figure) -> None:
        # A replay of history must not bring back, and so count twice, what was dropped.
        if figure.day >= self._oldest_day():
            await asyncio.to_thread(self._tally.add, figure)

    def _today(self) -> date:
        return datetime.now(self._settings.zone).date()

    def _oldest_day(self) -> str:
        return (self._today() - timedelta(days=self._settings.keep_days)).isoformat()

    def _started_board(self) -> Board:
        if self._board is None:
            raise RuntimeError("kpi_banner was not started")
        return self._board
