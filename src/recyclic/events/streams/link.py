"""A connection that comes back: what everything else of the bus talks through."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from recyclic.events.streams.connection import (
    Argument,
    Connection,
    ConnectionLostError,
    ReplyError,
)
from recyclic.events.streams.dial import DialError
from recyclic.events.streams.scripts import script

_log = logging.getLogger("recyclic.events")

Dial = Callable[[Callable[[Connection], None]], Awaitable[Connection]]
"""Makes a new connection; is given what to call when it ends."""

SHORTEST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0
LOOK_EVERY_S = 6.0
"""How often a link looks whether its server still speaks; longer than any blocking command."""
_DEMOTED = ("READONLY", "MASTERDOWN", "LOADING", "UNKILLABLE")


class Link:
    """One server, reached through one connection at a time, dialled again whenever it ends.

    Commands are sent once: who calls decides what a lost reply means.

    Attributes:
        connection: The one that stands now. For others to read.
    """

    def __init__(self, dial: Dial, label: str) -> None:
        self.label = label
        self.last_error = ""
        self._dial = dial
        self.connection: Connection | None = None
        self._up = asyncio.Event()
        self._redial: asyncio.Task[None] | None = None
        self._stopped = False
        self.on_return: Callable[[Link], None] | None = None
        """Is called whenever it was dialled again, with success."""

    @property
    def connected(self) -> bool:
        """Whether a connection stands now."""
        return self.connection is not None

    @property
    def closed(self) -> bool:
        """Whether it was closed, and not opened again."""
        return self._stopped

    def connection_or_fail(self) -> Connection:
        """The connection that stands now. Raises: ConnectionLostError: none does."""
        if self.connection is None:
            raise ConnectionLostError(self.last_error)
        return self.connection

    async def open(self) -> None:
        """Connect now.

        Raises:
            DialError: the first attempt failed; none is made in the background.
        """
        self._stopped = False
        self._take(await self._dial(self._lost))

    async def up(self, timeout_s: float | None = None) -> Connection:
        """The connection, waiting for it at most ``timeout_s``.

        Raises:
            ConnectionLostError: it does not come in that time, or the link was closed.
        """
        if self.connection is None and not self._stopped:
            self._start_redial()
            try:
                # Not asyncio.wait_for: before Python 3.12 that forgets a cancellation which comes
                # together with what it waits for, and a page that was left listened for ever.
                async with asyncio.timeout(timeout_s):
                    await self._up.wait()
            except TimeoutError as error:
                raise ConnectionLostError(self.last_error) from error
        if self.connection is None:
            raise ConnectionLostError("closed")
        return self.connection

    async def call(self, *command: Argument, timeout_s: float | None = None) -> Any:
        """The reply to one command on the connection that stands, or comes in ``timeout_s``.

        Raises:
            ReplyError, ConnectionLostError: see :meth:`Connection.call`.
        """
        connection = self.connection or await self.up(timeout_s)
        try:
            return await connection.call(*command)
        except ReplyError as error:
            if error.kind in _DEMOTED:
                # This server no longer takes writes: whoever is the master now must be asked.
                self.drop(str(error))
                raise ConnectionLostError(str(error)) from error
            raise

    async def run(
        self,
        name: str,
        keys: list[str],
        arguments: list[Argument],
        timeout_s: float | None = None,
    ) -> Any:
        """The result of the script ``name``; sends its text only to a server that lacks it."""
        wanted = script(name)
        tail = (len(keys), *keys, *arguments)
        try:
            return await self.call("EVALSHA", wanted.sha, *tail, timeout_s=timeout_s)
        except ReplyError as error:
            if error.kind != "NOSCRIPT":
                raise
        return await self.call("EVAL", wanted.text, *tail, timeout_s=timeout_s)

    def drop(self, reason: str) -> None:
        """End the connection that stands and dial again."""
        self.last_error = reason
        if self.connection is not None:
            self.connection.close()

    async def close(self) -> None:
        """End for good; waiting callers get :class:`ConnectionLostError`."""
        self._stopped = True
        if self._redial is not None:
            self._redial.cancel()
            await asyncio.gather(self._redial, return_exceptions=True)
            self._redial = None
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self._up.set()

    def _take(self, connection: Connection) -> None:
        if not connection.closed:
            self.connection = connection
            self._up.set()
            self._watch(connection, -1)

    def _watch(self, connection: Connection, received_before: int) -> None:
        """A server that owed something at the last look and has sent nothing at all since is not
        there any more. It always owes something: without a command of ours, a sign of life."""
        if connection.closed or self.connection is not connection:
            return
        if connection.received == received_before:
            self.drop(f"no reply for {LOOK_EVERY_S:g} s")
            return
        if not connection.outstanding:
            connection.send("PING")
        asyncio.get_running_loop().call_later(
            LOOK_EVERY_S, self._watch, connection, connection.received
        )

    def _lost(self, connection: Connection) -> None:
        if self._stopped or self.connection is not connection:
            return
        self.connection = None
        self._up.clear()
        _log.warning("connection to %s lost; dialling again", self.label)
        self._start_redial()

    def _start_redial(self) -> None:
        if self._redial is None and not self._stopped:
            self._redial = asyncio.create_task(self._dial_again())

    async def _dial_again(self) -> None:
        wait = SHORTEST_WAIT_S
        try:
            while self.connection is None and not self._stopped:
                try:
                    self._take(await self._dial(self._lost))
                except DialError as error:
                    if self.last_error != str(error):
                        _log.warning("%s cannot be reached: %s", self.label, error)
                    self.last_error = str(error)
                    await asyncio.sleep(wait * random.uniform(0.5, 1.0))
                    wait = min(LONGEST_WAIT_S, wait * 2)
            if self.connection is not None:
                self.last_error = ""
                _log.info("connected to %s", self.label)
                if self.on_return is not None:
                    self.on_return(self)
        finally:
            self._redial = None
