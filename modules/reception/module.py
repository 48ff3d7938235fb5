"""ReceptionModule: the reception, joined to the site."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.from_thread
import anyio.to_thread
from sqlalchemy.orm import Session

from recyclic.kit.calendar import Calendar
from recyclic.kit.database import Database
from recyclic.kit.refusal import answer_refusals
from recyclic.runtime.module import ModuleBase

from .reception import Reception
from .routes import reception_routes
from .schema import STEPS
from .settings import ReceptionSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from recyclic.events.bus import EventBus


class ReceptionModule(ModuleBase):
    """Opens the deposits' file when it starts, closes it when it stops."""

    _bus: "EventBus"
    _database: Database | None = None
    _reception: Reception

    def register_routes(self, app: "FastAPI") -> None:
        """Everything below /api/reception."""
        app.include_router(reception_routes(lambda: self._reception))
        answer_refusals(app)

    def register_signals(self, bus: "EventBus") -> None:
        """Emits ``deposit_recorded``; handles nothing."""
        self._bus = bus

    def register_ui_extensions(self) -> dict[str, list[str]]:
        """Where a front end shows the scales."""
        return {"reception_menu": ["reception-deposits"]}

    async def startup(self, app: "FastAPI", config: dict[str, Any]) -> None:  # noqa: ARG002
        """Open (and if need be migrate) the file, and have the bus relay what was left unsent."""
        settings = ReceptionSettings.decode(config)
        path = Path(config["_data_dir"]) / "reception.sqlite"
        self._database = await anyio.to_thread.run_sync(Database, path, STEPS)
        self._bus.use_outbox(self._database.engine)
        calendar = Calendar(settings.zone)
        self._reception = Reception(self._database, settings, calendar, self._announce)

    async def health(self) -> None:
        """Raises when the file cannot be read."""
        if self._database is not None:
            await anyio.to_thread.run_sync(self._database.check)

    async def shutdown(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()

    def _announce(self, rows: Session, event: str, payload: dict[str, Any]) -> None:
        # Routes run in worker threads; the bus lives on the loop. The write lock is held already,
        # so the loop does not wait for the file.
        anyio.from_thread.run(partial(self._bus.within(rows).emit, event, **payload))
