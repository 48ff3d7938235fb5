"""Where a process learns what all processes of its site counted."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from recyclic.runtime.boot import Boot
from recyclic.runtime.control import SOCKET_NAME
from recyclic.runtime.errors import NotServedError
from recyclic.runtime.listen import short_path
from recyclic.runtime.tally import counts_of
from recyclic.runtime.wire import line_of

Totals = Callable[[], Awaitable[Mapping[str, Any]]]
"""The counts as :mod:`recyclic.runtime.tally` has them. Raises: NotServedError."""

TIMEOUT_S = 5.0
LONGEST_ANSWER_BYTES = 1 << 24


class Alone:
    """The totals of a process without neighbours."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot

    async def __call__(self) -> Mapping[str, Any]:
        return {**counts_of(self._boot), "workers": 1}


async def ask_for_totals(run: Path) -> Mapping[str, Any]:
    """The totals, from the parent of all workers, on the control socket in ``run``.

    Raises:
        NotServedError: it does not answer.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            with short_path(run / SOCKET_NAME) as path:
                reader, writer = await asyncio.open_unix_connection(
                    path, limit=LONGEST_ANSWER_BYTES
                )
            try:
                writer.write(line_of({"do": "count"}))
                answer: dict[str, Any] = json.loads(await reader.readline())
            finally:
                writer.close()
    except (OSError, ValueError) as error:
        raise NotServedError(site=str(run.parent)) from error
    return answer
