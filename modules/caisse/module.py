"""CaisseModule: the till, joined to the site."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recyclic.runtime.module import ModuleBase

from .announcements import Relay
from .calendar import Calendar
from .database import Database
from .problems import add_problem_handlers
from .routes import till_routes
from .settings import TillSettings
from .till import Till

if TYPE_CHECKING:
    from fastapi import FastAPI

    from recyclic.events.bus import EventBus


class CaisseModule(ModuleBase):
    """Opens the till's file when it starts, closes it when it stops."""

    _bus: "EventBus"
    _database: Database | None = None
    _relay: Relay | None = None
    _till: Till

    def register_routes(self, app: "FastAPI") -> None:
        """Everything below /api/caisse."""
        app.include_router(till_routes(lambda: self._till, self._wake))
        add_problem_handlers(app)

    def register_signals(self, bus: "EventBus") -> None:
        """Emits ``sale_closed`` and ``session_closed``; handles nothing."""
        self._bus = bus

    def register_ui_extensions(self) -> dict[str, list[str]]:
        """Where a front end shows the till."""
        return {"till_menu": ["caisse-till"], "sale_details": ["caisse-lines"]}

    async def startup(self, app: "FastAPI", config: dict[str, Any]) -> None:
        """Open (and if need be migrate) the file, and send what was left unsent."""
        settings = TillSettings.decode(config)
        folder = Path(config["_data_dir"])
        self._database = Database(folder / "caisse.sqlite")
        self._till = Till(self._database, settings, Calendar(settings.zone))
        self._relay = Relay(self._database, self._bus, folder / "relay.lock")

    async def shutdown(self) -> None:
        """Stop sending, close the file."""
        if self._relay is not None:
            await self._relay.stop()
        if self._database is not None:
            self._database.close()

    def _wake(self) -> None:
        if self._relay is not None:
            self._relay.wake()
