"""Sessions that were closed while there was no Paheko to tell: posted once there is one."""

import asyncio
import logging

from .entry import SessionClosed, UnbalancedSessionError, UnknownMethodError
from .errors import PahekoError, PahekoRefusedError
from .ledger import Ledger, Record, State
from .posting import Poster

log = logging.getLogger(__name__)

TRY_AGAIN_S = 15.0


async def catch_up(ledger: Ledger, poster: Poster, again_s: float = TRY_AGAIN_S) -> None:
    """Return once nothing waits. What Paheko refuses is left aside with its words."""
    while waiting := await asyncio.to_thread(ledger.unsettled):
        for record in waiting:
            if not await _settled(ledger, poster, record):
                await asyncio.sleep(again_s)
                break


async def _settled(ledger: Ledger, poster: Poster, record: Record) -> bool:
    """Whether that session needs no more attempts."""
    session = SessionClosed.model_validate_json(record.payload)
    try:
        await poster.settle(session)
    except PahekoRefusedError as error:
        log.warning("session %s was refused by Paheko: %s", record.session_id, error)
    except (UnbalancedSessionError, UnknownMethodError) as error:
        await asyncio.to_thread(ledger.settle, record.session_id, State.REFUSED, str(error))
    except PahekoError as error:
        log.info("session %s waits for Paheko: %s", record.session_id, error)
        return False
    return True
