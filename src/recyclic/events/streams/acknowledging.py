"""Acknowledging what was handled: collected, sent together, insisted on until confirmed."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from recyclic.events.store import OnDone
from recyclic.events.streams.connection import ConnectionLostError, ReplyError
from recyclic.events.streams.keys import Keys
from recyclic.events.streams.router import Router

_log = logging.getLogger("recyclic.events")
_Ack = Callable[[str, Sequence[str]], Awaitable[None]]


class Acknowledgements:
    """One group's.

    Args:
        delay_s: For how long they are collected.
        on_done: Told of what the server has confirmed.
        on_released: Called when the server let an event go that waited for one of them.
    """

    def __init__(
        self,
        module: str,
        router: Router,
        keys: Keys,
        delay_s: float,
        on_done: OnDone,
        on_released: Callable[[], None],
    ) -> None:
        self._module = module
        self._router = router
        self._keys = keys
        self._delay_s = delay_s
        self._on_done = on_done
        self._on_released = on_released
        self._plain: dict[str, list[str]] = defaultdict(list)
        self._marked: dict[str, list[str]] = defaultdict(list)
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Future[Any]] = set()
        self._rereading = 0
        self._confirmed: list[tuple[str, Sequence[str]]] = []

    def add(self, event: str, ids: Sequence[str]) -> None:
        """Acknowledge entries that the server keeps nothing else about."""
        self._plain[event] += ids
        self._soon()

    def add_marked(self, event: str, entry_id: str) -> None:
        """Acknowledge an entry of which the server keeps more than that it is pending."""
        self._marked[event].append(entry_id)
        self._soon()

    def _soon(self) -> None:
        if self._timer is None:
            # A lane that is full of work comes back to the loop later than this: then everything
            # it finished meanwhile is acknowledged by one command.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._delay_s, self.flush)

    def flush(self) -> None:
        """Send now what was collected."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        plain, self._plain = self._plain, defaultdict(list)
        for event, ids in plain.items():
            self._send(event, ids)
        marked, self._marked = self._marked, defaultdict(list)
        for event, ids in marked.items():
            self._insist(event, ids, self._ack_marked)

    def hold(self) -> None:
        """Tell nobody what is confirmed, until :meth:`release`.

        Whoever reads its own pending entries once more may be given one whose acknowledgement is
        confirmed a moment later. It is to be known then that it was handled.
        """
        self._rereading += 1

    def release(self) -> None:
        """What was read once more has been looked through."""
        self._rereading -= 1
        if not self._rereading:
            confirmed, self._confirmed = self._confirmed, []
            for event, ids in confirmed:
                self._on_done(event, ids)

    def _done(self, event: str, ids: Sequence[str]) -> None:
        if self._rereading:
            self._confirmed.append((event, ids))
        else:
            self._on_done(event, ids)

    async def finish(self) -> None:
        """Send what was collected, and wait until all is confirmed."""
        self.flush()
        while self._under_way:
            await self._ended()

    async def abandon(self) -> None:
        """Forget what was collected, end what is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._plain.clear()
        self._marked.clear()
        while self._under_way:
            for one in self._under_way:
                one.cancel()
            await self._ended()

    async def _ended(self) -> None:
        """What was under way has ended, and had its turn to say so."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
        # From Python 3.12 on nothing is waited for when all had ended before.
        await asyncio.sleep(0)

    def _send(self, event: str, ids: Sequence[str]) -> None:
        """No task while the connection works."""
        stream = self._keys.stream(event)
        connection = self._router.link(stream).connection
        if connection is None:
            self._insist(event, ids, self._ack_plain)
            return
        reply = connection.send("XACK", stream, self._module, *ids)
        self._under_way.add(reply)
        reply.add_done_callback(lambda reply: self._after(event, ids, reply))

    def _after(self, event: str, ids: Sequence[str], reply: "asyncio.Future[Any]") -> None:
        self._under_way.discard(reply)
        if reply.cancelled():
            return
        if reply.exception() is None and not isinstance(reply.result(), ReplyError):
            self._done(event, ids)
        else:
            self._insist(event, ids, self._ack_plain)

    def _insist(self, event: str, ids: Sequence[str], ack: _Ack) -> None:
        task = asyncio.create_task(self._until_confirmed(event, ids, ack))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _until_confirmed(self, event: str, ids: Sequence[str], ack: _Ack) -> None:
        """An unconfirmed entry stays in hand, so a new read of our own pending entries does not
        run it a second time."""
        while True:
            try:
                await ack(event, ids)
                break
            except ConnectionLostError:
                await asyncio.sleep(0.05)
            except ReplyError as error:
                if error.kind in ("NOGROUP", "WRONGTYPE"):
                    break
                _log.error("acknowledging %s of %s: %s", event, self._module, error)
                await asyncio.sleep(1)
        self._done(event, ids)

    async def _ack_plain(self, event: str, ids: Sequence[str]) -> None:
        stream = self._keys.stream(event)
        await self._router.call(stream, "XACK", stream, self._module, *ids)

    async def _ack_marked(self, event: str, ids: Sequence[str]) -> None:
        keys = self._keys.of_entry(event, self._module)
        if await self._router.run("done", keys, [self._module, *ids]):
            self._on_released()
