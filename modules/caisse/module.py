"""CaisseModule: the till, joined to the site."""

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

from .routes import till_routes
from .schema import STEPS
from .settings import TillSettings
from .till import Till

if TYPE_CHECKING:
    from fastapi import FastAPI

    from recyclic.events.bus import EventBus


class CaisseModule(ModuleBase):
    """Opens the till's file when it starts, closes it when it stops."""

    _bus: "EventBus"
    _database: Database | None = None
    _till: Till

    def register_routes(self, app: "FastAPI") -> None:
        """Everything below /api/caisse."""
        app.include_router(till_routes(lambda: self._till))
        answer_refusals(app)

    def register_signals(self, bus: "EventBus") -> None:
        """Emits ``sale_closed`` and ``session_closed``; handles nothing."""
        self._bus = bus

    def register_ui_extensions(self) -> dict[str, list[str]]:
        """Where a front end shows the till."""
        return {"till_menu": ["caisse-till"], "sale_details": ["caisse-lines"]}

    async def startup(self, app: "FastAPI", config: dict[str, Any]) -> None:  # noqa: ARG002
        """Open (and if need be migrate) the file, and have the bus relay what was left unsent."""
        settings = TillSettings.decode(config)
        path = Path(config["_data_dir"]) / "caisse.sqlite"
        self._database = await anyio.to_thread.run_sync(Database, path, STEPS)
        self._bus.use_outbox(self._database.engine)
        self._till = Till(self._database, settings, Calendar(settings.zone), self._announce)

    async def health(self) -> None:
        """Raises when the file cannot be read."""
        if self._database is not None:
            await anyio.to_thread.run_sync(self._database.check)

    async def shutdown(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()

    def _announce(self, rows: Session, event: str, key: str, payload: dict[str, Any]) -> None:
        # Routes run in worker threads; the bus lives on the loop. The write lock is held already,
        # so the loop does not wait for the file.
        emit = partial(self._bus.within(rows).emit, event, key=key, **payload)
        anyio.from_thread.run(emit)
