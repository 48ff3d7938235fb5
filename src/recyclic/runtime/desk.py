"""Where an installer asks: the requests of one control connection, and their answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recyclic.runtime.errors import ControlRequestError
from recyclic.runtime.supervisor import Supervisor


class Desk:
    """Answers the requests of one control connection. What a connection prepared is sent away
    again when it hangs up without a commit: an installer that was killed leaves nothing."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._prepared = False

    async def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """See :class:`recyclic.runtime.control.Conversation`."""
        do = request["do"]
        if do == "status":
            return self._supervisor.status()
        if do == "count":
            return await self._supervisor.counts()
        if do == "stop":
            self._supervisor.stop()
            return {}
        if do == "reload":
            return await self._supervisor.reload()
        if do == "prepare":
            answer = await self._supervisor.prepare(Path(str(request.get("config"))))
            self._prepared = True
            return answer
        if do == "commit" and self._prepared:
            self._prepared = False
            return await self._supervisor.commit()
        if do == "abort":
            # Also what another connection prepared: of an installer that was killed, whose files
            # the next one is about to take away.
            self._prepared = False
            await self._supervisor.abort()
            return {}
        raise ControlRequestError(request=do, reason="unknown, or out of turn")

    async def hung_up(self) -> None:
        """Send away what was prepared and not committed."""
        if self._prepared:
            await self._supervisor.abort()
