"""A cluster: each key's slot is on one node, slots move, nodes fail over.

Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from recyclic.events.streams.address import Address
from recyclic.events.streams.connection import (
    Argument,
    Connection,
    ConnectionLostError,
    ReplyError,
)
from recyclic.events.streams.dial import DialError, Listen, dial
from recyclic.events.streams.link import Link

_log = logging.getLogger("recyclic.events")
T = TypeVar("T")
Host = tuple[str, int]

SLOTS = 16384
MOMENT_S = 0.5
ATTEMPTS = 8
"""How often one command follows a slot that moves, or waits for a node that fails over."""


def slot_of(key: str) -> int:
    """The slot of a key: CRC16 (XMODEM) of what stands in its first braces, or of all of it."""
    start = key.find("{")
    if start >= 0:
        end = key.find("}", start + 1)
        if end > start + 1:
            key = key[start + 1 : end]
    crc = 0
    for byte in key.encode():
        crc = _CRC[(crc >> 8) ^ byte] ^ ((crc << 8) & 0xFFFF)
    return crc % SLOTS


def _table() -> list[int]:
    table = []
    for value in range(256):
        crc = value << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021) & 0xFFFF if crc & 0x8000 else (crc << 1) & 0xFFFF
        table.append(crc)
    return table


_CRC = _table()


class ClusterRouter:
    """Links to all masters of a cluster; the map of slots is read again whenever it proves old."""

    def __init__(self, address: Address, name: str) -> None:
        self.label = address.shown()
        self._address = address
        self._name = name
        self._seeds = list(address.hosts)
        self._hosts: list[Host | None] = [None] * SLOTS
        self._links: dict[Host, Link] = {}
        self._reading: list[Link] = []
        self._refreshing: asyncio.Task[None] | None = None
        self._on_return: Callable[[Link], None] | None = None

    async def open(self) -> None:
        await self._read_map()
        for host in self._masters():
            await self._link_to(host).open()

    async def close(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
            self._refreshing = None
        for link in [*self._reading, *self._links.values()]:
            await link.close()
        self._links.clear()
        self._reading.clear()

    def masters(self) -> list[Link]:
        return [self._link_to(host) for host in self._masters()]

    def on_return(self, tell: Callable[[Link], None]) -> None:
        self._on_return = tell
        for link in self._links.values():
            link.on_return = tell

    def _masters(self) -> list[Host]:
        return sorted({host for host in self._hosts if host is not None})

    def together(self, keys: Sequence[str]) -> list[list[str]]:
        by_slot: dict[int, list[str]] = {}
        for key in keys:
            by_slot.setdefault(slot_of(key), []).append(key)
        return list(by_slot.values())

    def link(self, key: str) -> Link:
        host = self._hosts[slot_of(key)]
        return self._link_to(host or self._seeds[0])

    def reading_link(self, key: str, listen: Listen | None = None) -> Link:
        slot = slot_of(key)

        async def connect(on_lost: Callable[[Connection], None]) -> Connection:
            host = self._hosts[slot]
            try:
                return await dial(
                    self._address,
                    host or self._seeds[0],
                    name=self._name,
                    on_lost=on_lost,
                    listen=listen,
                )
            except DialError:
                # The next attempt may find another master for the slot.
                self.refresh()
                raise

        link = Link(connect, f"{self._address.shown()} slot {slot}")
        # Pages come and go: what they left behind is forgotten here.
        self._reading = [one for one in self._reading if not one.closed]
        self._reading.append(link)
        return link

    def _link_to(self, host: Host) -> Link:
        link = self._links.get(host)
        if link is None:

            async def connect(on_lost: Callable[[Connection], None]) -> Connection:
                try:
                    return await dial(self._address, host, name=self._name, on_lost=on_lost)
                except DialError:
                    self.refresh()
                    raise

            link = self._links[host] = Link(connect, f"{host[0]}:{host[1]}")
            link.on_return = self._on_return
        return link

    # -- commands --------------------------------------------------------------------------

    async def call(self, key: str, *command: Argument, timeout_s: float | None = None) -> Any:
        return await self._follow(key, lambda link: link.call(*command, timeout_s=timeout_s))

    async def run(
        self,
        name: str,
        keys: list[str],
        arguments: list[Argument],
        timeout_s: float | None = None,
    ) -> Any:
        return await self._follow(keys[0], lambda link: link.run(name, keys, arguments, timeout_s))

    async def _follow(self, key: str, work: Callable[[Link], Awaitable[T]]) -> T:
        """``work`` on the node that holds ``key``, wherever it has gone meanwhile."""
        for attempt in range(ATTEMPTS):
            try:
                return await work(await self._standing(key))
            except ReplyError as error:
                if error.kind not in _ELSEWHERE or attempt == ATTEMPTS - 1:
                    raise
                self._moved(str(error))
                await asyncio.sleep(0.02 * 2**attempt)
                await self._refreshed()
        raise ConnectionLostError(f"no node for {key}")

    async def _standing(self, key: str) -> Link:
        """The link of the key's node, once it is connected."""
        await self.connection(key, MOMENT_S * ATTEMPTS)
        return self.link(key)

    async def connection(self, key: str, timeout_s: float) -> Connection:
        """See :meth:`Router.connection`. A node that is away may be replaced by another one at any
        time, so none is waited for longer than a moment."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            left = deadline - asyncio.get_running_loop().time()
            try:
                return await self.link(key).up(max(0.001, min(left, MOMENT_S)))
            except ConnectionLostError:
                if left <= 0:
                    raise
                await self._refreshed()

    # -- the map ---------------------------------------------------------------------------

    def _moved(self, reply: str) -> None:
        """``MOVED 3999 host:port``: use it at once, and read the whole map."""
        words = reply.split()
        if words[0] == "MOVED" and len(words) == 3:
            host, _, port = words[2].rpartition(":")
            slot = int(words[1])
            old = self._hosts[slot]
            self._hosts[slot] = (host or (old[0] if old else self._seeds[0][0]), int(port))
        self.refresh()

    def refresh(self) -> None:
        """Read the map again, in the background."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_quietly())

    async def _refreshed(self) -> None:
        self.refresh()
        assert self._refreshing is not None
        await asyncio.shield(self._refreshing)

    async def _refresh_quietly(self) -> None:
        try:
            await self._read_map()
        except DialError as error:
            _log.warning("map of the cluster: %s", error)
            await asyncio.sleep(0.2)

    async def _read_map(self) -> None:
        """Ask any node. Raises: DialError: none tells."""
        reasons = []
        for host in dict.fromkeys([*self._masters(), *self._seeds]):
            try:
                self._take_map(await self._ask(host), host)
            except (DialError, ConnectionLostError, TimeoutError) as error:
                reasons.append(f"{host[0]}:{host[1]}: {error}")
                continue
            return
        raise DialError("; ".join(reasons))

    async def _ask(self, host: Host) -> list[Any]:
        connection = await dial(self._address, host, name=self._name)
        try:
            async with asyncio.timeout(2):
                answer = await connection.send("CLUSTER", "SLOTS")
        finally:
            connection.close()
        if not isinstance(answer, list) or not answer:
            raise DialError(f"it tells no slots: {answer!r}")
        return answer

    def _take_map(self, ranges: list[Any], asked: Host) -> None:
        hosts: list[Host | None] = [None] * SLOTS
        for first, last, master, *replicas in ranges:
            host = _host(master, asked)
            hosts[first : last + 1] = [host] * (last - first + 1)
            for node in (master, *replicas):
                if _host(node, asked) not in self._seeds:
                    self._seeds.append(_host(node, asked))
        self._hosts = hosts


_ELSEWHERE = ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN")


def _host(node: Any, asked: Host) -> Host:
    """A node's address; an empty one means "where you asked"."""
    name = node[0].decode() if node[0] else asked[0]
    return name, int(node[1])
