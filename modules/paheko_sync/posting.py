"""Exactly one entry for one session, whatever dies or answers nothing on the way.

Paheko keeps no two entries apart for us, so: one poster at a time, look before each post, note the
post before making it, and look again after anything but a plain success. When a post was begun and
nobody knows its outcome, Paheko may still be at it: nothing is posted again before it must be over.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .api import PahekoApi, Stored
from .entry import Entry, SessionClosed, entry_of_session
from .errors import (
    PahekoDoubtError,
    PahekoError,
    PahekoRefusedError,
    PahekoUnavailableError,
    PahekoUnreachableError,
)
from .ledger import Ledger, Record, State
from .settings import Accounts
from .turn import our_turn

DOUBT_S = 15.0
"""How long after its start a post whose answer was lost may still take effect in Paheko."""

LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts sessions to one Paheko.

    Attributes:
        lock: A file of all the site's workers.
        doubt_s: See DOUBT_S.
    """

    ledger: Ledger
    api: PahekoApi
    accounts: Accounts
    year: str
    lock: Path
    doubt_s: float = DOUBT_S
    clock: Callable[[], float] = time.time

    async def settle(self, session: SessionClosed) -> Record:
        """See that Paheko has this session's entry, and return the record that says so.

        Raises:
            PahekoUnavailableError, PahekoDoubtError: try again later.
            PahekoRefusedError: a person has to do something first.
            UnbalancedSessionError, UnknownMethodError: there is no entry for such a session.
        """
        entry = entry_of_session(session, self.accounts)
        async with our_turn(self.lock):
            record = await asyncio.to_thread(
                self.ledger.remember,
                session.session_id, session.reference, session.day, session.model_dump_json(),
            )  # fmt: skip
            if record.state in (State.POSTED, State.EMPTY):
                return record
            if entry is None:
                return await self._note(session, State.EMPTY)
            try:
                stored = await self._stored(session, record, entry)
            except PahekoError as error:
                await asyncio.to_thread(self.ledger.explain, session.session_id, str(error))
                raise
            return await self._note(session, State.POSTED, stored.remark, stored.transaction_id)

    async def _stored(self, session: SessionClosed, record: Record, entry: Entry) -> Stored:
        found = await self.api.find(entry.reference)
        if found is None and record.state is State.POSTING:
            found = await self._wait_out(record, entry)
        return found or await self._post(session, entry)

    async def _wait_out(self, record: Record, entry: Entry) -> Stored | None:
        """The entry, as soon as it shows; None once an earlier post cannot bring it any more."""
        began = record.posting_since or 0.0
        # A clock that was set back must not keep us here longer than the doubt lasts.
        left = min(began + self.doubt_s - self.clock(), self.doubt_s)
        end = asyncio.get_running_loop().time() + left
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(LOOK_EVERY_S)
            if (found := await self.api.find(entry.reference)) is not None:
                return found
        return None

    async def _post(self, session: SessionClosed, entry: Entry) -> Stored:
        await asyncio.to_thread(self.ledger.begin_post, session.session_id, self.clock())
        try:
            return await self.api.post(entry, self.year)
        except PahekoUnreachableError as error:
            await self._note(session, State.WAITING, str(error))
            raise
        except PahekoDoubtError:
            # It stays "posting": if it does not show now, the next attempt waits until it can't.
            found = await self.api.find(entry.reference)
            if found is None:
                raise
            return found
        except (PahekoRefusedError, PahekoUnavailableError) as error:
            found = await self.api.find(entry.reference)
            if found is not None:
                return Stored(found.transaction_id, f"stored, although Paheko said: {error}")
            refused = isinstance(error, PahekoRefusedError)
            await self._note(session, State.REFUSED if refused else State.WAITING, str(error))
            raise

    async def _note(
        self, session: SessionClosed, state: State, detail: str = "", number: int | None = None
    ) -> Record:
        return await asyncio.to_thread(
            self.ledger.settle, session.session_id, state, detail, number
        )
