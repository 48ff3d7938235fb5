"""PahekoSyncModule: hears of closed tills, sees that Paheko has their entries."""

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from recyclic.events.bus import RejectEventError, RetryLaterError
from recyclic.events.event import Event
from recyclic.kit.refusal import answer_refusals
from recyclic.runtime.module import ModuleBase

from .api import PahekoApi
from .catching_up import catch_up
from .entry import SessionClosed, UnbalancedSessionError, UnknownMethodError
from .errors import PahekoError, PahekoRefusedError
from .ledger import Ledger, State
from .posting import DOUBT_S, Poster
from .routes import sync_routes
from .settings import SyncSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from recyclic.events.bus import EventBus

FIRST_RETRY_S = 0.5
PATIENCE_S = 15.0
"""Attempts come further and further apart while Paheko is away, up to this."""

MAX_ATTEMPTS = 100_000
"""A fortnight and more: a Paheko that is down is no reason to give an entry up."""


class PahekoSyncModule(ModuleBase):
    """Without a url it only remembers; what it remembers is posted once there is one."""

    _ledger: Ledger
    _poster: Poster | None = None
    _api: PahekoApi | None = None
    _catching_up: asyncio.Task[None] | None = None

    def register_routes(self, app: "FastAPI") -> None:
        """Everything below /api/paheko_sync."""
        app.include_router(sync_routes(lambda: self._ledger, lambda: self._poster))
        answer_refusals(app)

    def register_signals(self, bus: "EventBus") -> None:
        """Handles ``session_closed``; a second delivery finds the entry and does nothing."""
        bus.on(
            "session_closed",
            self.sync_session,
            max_attempts=MAX_ATTEMPTS,
            timeout_s=120.0,
            idempotent=True,
        )

    def register_ui_extensions(self) -> dict[str, list[str]]:
        """Where a front end shows what waits."""
        return {"accounting_menu": ["paheko-sync-entries"]}

    async def startup(self, app: "FastAPI", config: dict[str, Any]) -> None:  # noqa: ARG002
        """Open the record; with a url, post what waits, in the background."""
        settings = SyncSettings.decode(config)
        folder = Path(config["_data_dir"])
        self._ledger = await asyncio.to_thread(Ledger, folder / "entries.sqlite")
        if settings.access is None:
            return
        self._api = PahekoApi(settings.access)
        self._poster = Poster(
            ledger=self._ledger,
            api=self._api,
            accounts=settings.accounts,
            year=settings.year,
            lock=folder / "posting.lock",
            doubt_s=max(DOUBT_S, settings.access.timeout_s),
        )
        self._catching_up = asyncio.create_task(catch_up(self._ledger, self._poster))

    async def shutdown(self) -> None:
        """Stop posting; what was not posted is known to the record and to the bus."""
        if self._catching_up is not None:
            self._catching_up.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._catching_up
        if self._api is not None:
            await self._api.close()

    async def health(self) -> dict[str, Any]:
        """Well even while Paheko is not: nothing is lost, and ``detail`` says what waits."""
        counts = await asyncio.to_thread(self._ledger.counts)
        waiting = counts[State.WAITING] + counts[State.POSTING]
        where = "" if self._poster else "not configured: entries wait; "
        return {"ok": True, "detail": f"{where}{waiting} waiting, {counts[State.REFUSED]} refused"}

    async def sync_session(self, event: Event) -> None:
        """One closed till, one entry in Paheko.

        Raises:
            RejectEventError: trying again is useless until a person has changed something.
            RetryLaterError: Paheko is away, or has not said what it did.
        """
        try:
            closed = SessionClosed.model_validate(dict(event.payload))
            if self._poster is None:
                await self._remember(closed)
            else:
                await self._poster.settle(closed)
        except (PahekoRefusedError, UnbalancedSessionError, UnknownMethodError) as error:
            raise RejectEventError(str(error)) from error
        except ValidationError as error:
            raise RejectEventError(f"not a closed session: {error}") from error
        except PahekoError as error:
            delay_s = min(FIRST_RETRY_S * 2 ** min(event.attempt - 1, 10), PATIENCE_S)
            raise RetryLaterError(delay_s, str(error)) from error

    async def _remember(self, closed: SessionClosed) -> None:
        await asyncio.to_thread(
            self._ledger.remember,
            closed.session_id, closed.reference, closed.day, closed.model_dump_json(),
        )  # fmt: skip
