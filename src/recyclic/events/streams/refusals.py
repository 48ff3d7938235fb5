"""What goes wrong between an operator and the server, as errors that people are told."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from recyclic.events.errors import BusUnavailableError, ServerRefusedError
from recyclic.events.store import StoreError
from recyclic.events.streams.connection import ReplyError

_IN_A_SCRIPT = re.compile(r" script: [0-9a-f]{40}, on @user_script:\d+\.?")
"""What a server adds to a refusal of a command within a script: nothing to a person."""


@contextmanager
def refusals_told(address: str) -> Iterator[None]:
    """Raises: ServerRefusedError, BusUnavailableError: in place of what the store raises."""
    try:
        yield
    except ReplyError as error:
        reason = _IN_A_SCRIPT.sub("", str(error))
        raise ServerRefusedError(address=address, reason=reason) from None
    except StoreError as error:
        reason = str(error) or "the connection was lost"
        raise BusUnavailableError(address=address, reason=reason) from error
