"""The control socket of a served site: one JSON value a line each way, in ``run/control.sock``.

It belongs to the site's owner and to nobody else: whoever may connect may stop the site.
docs/runtime.md has the requests and their answers.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from recyclic.errors import RecyclicError
from recyclic.runtime.errors import ControlRequestError, NotServedError
from recyclic.runtime.listen import listen_privately, short_path
from recyclic.runtime.wire import line_of

SOCKET_NAME = "control.sock"
LONGEST_LINE_BYTES = 1 << 20


class Conversation(Protocol):
    """What answers the requests of one connection."""

    async def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one request. Raises a RecyclicError to refuse it."""
        ...

    async def hung_up(self) -> None:
        """The other side is gone."""
        ...


@contextlib.asynccontextmanager
async def control_server(run: Path, converse: Callable[[], Conversation]) -> AsyncIterator[None]:
    """Answer on the control socket in ``run`` while the context lasts."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = converse()
        try:
            async for line in reader:
                writer.write(line_of(await _answer(conversation, line)))
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # gone, or a line without end
        finally:
            await conversation.hung_up()
            writer.close()

    path = run / SOCKET_NAME
    server = await asyncio.start_unix_server(
        serve, sock=listen_privately(path), limit=LONGEST_LINE_BYTES
    )
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _answer(conversation: Conversation, line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
        if not isinstance(request, dict) or not isinstance(request.get("do"), str):
            raise ControlRequestError(request=str(request)[:200], reason="no request")
        return {"format": 1, "ok": True, **await conversation.answer(request)}
    except ValueError as error:
        refused: RecyclicError = ControlRequestError(request=repr(line[:200]), reason=str(error))
    except RecyclicError as error:
        refused = error
    return {"format": 1, "ok": False, "error": {"code": refused.code, "facts": dict(refused.facts)}}


class ControlClient:
    """One connection to a served site. Use it as a context."""

    def __init__(self, run: Path, timeout_s: float | None = None) -> None:
        """Connect.

        Args:
            run: The site's ``run`` folder.
            timeout_s: For each answer; None waits as long as it takes.

        Raises:
            NotServedError: nobody answers there.
        """
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            with short_path(run / SOCKET_NAME) as path:
                self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise NotServedError(site=str(run.parent)) from error
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, do: str, **rest: Any) -> dict[str, Any]:
        """The answer to one request, ``ok`` false when it was refused.

        Raises:
            NotServedError: the other side went away instead of answering.
        """
        try:
            self._socket.sendall(line_of({"do": do, **rest}))
            line = self._lines.readline()
        except ConnectionError as error:
            raise NotServedError(site="?") from error
        if not line:
            raise NotServedError(site="?")
        answer: dict[str, Any] = json.loads(line)
        return answer
