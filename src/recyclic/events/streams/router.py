# ruff: noqa: ARG002 - with one server, keys make no difference
"""Which server holds a key: one server, the master that sentinels name, or a node of a cluster."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from recyclic.events.streams.address import Address, Topology
from recyclic.events.streams.connection import Argument, Connection, ConnectionLostError
from recyclic.events.streams.dial import ASKING, DialError, Listen, dial
from recyclic.events.streams.link import Link


class Router(Protocol):
    """All servers of one address.

    Attributes:
        label: The address as it may be shown.
    """

    label: str

    async def open(self) -> None:
        """Connect. Raises: DialError."""
        ...

    async def close(self) -> None:
        """Close every link that was handed out."""
        ...

    def link(self, key: str) -> Link:
        """The shared link to the server that holds ``key``, as far as is known."""
        ...

    async def connection(self, key: str, timeout_s: float) -> Connection:
        """A connection to the server that holds ``key``, waiting for it.

        Raises: ConnectionLostError: it did not come in that time.
        """
        ...

    def reading_link(self, key: str, listen: "Listen | None" = None) -> Link:
        """A further link of one's own, for commands that block, or that listens; closed by the
        router at the end."""
        ...

    def together(self, keys: Sequence[str]) -> list[list[str]]:
        """``keys`` in groups that one command may name."""
        ...

    async def call(self, key: str, *command: Argument, timeout_s: float | None = None) -> Any:
        """The reply of the server that holds ``key``. Raises: as :meth:`Link.call`."""
        ...

    async def run(
        self,
        name: str,
        keys: list[str],
        arguments: list[Argument],
        timeout_s: float | None = None,
    ) -> Any:
        """The result of a script at the server that holds ``keys``. Raises: as :meth:`Link.run`."""
        ...

    def masters(self) -> list[Link]:
        """A link to each server that takes writes."""
        ...

    def on_return(self, tell: Callable[[Link], None]) -> None:
        """Have ``tell`` called with the link to such a server whenever it stands anew, but for the
        first time at :meth:`open`."""
        ...


class SingleRouter:
    """One server. Before each dialling it is looked for anew: it may have moved."""

    def __init__(self, address: Address, name: str, locate: "Locate | None" = None) -> None:
        self.label = address.shown()
        self._address = address
        self._name = name
        self._locate = locate or _fixed(address)
        self._links: list[Link] = []
        self._main = self._new_link()

    async def open(self) -> None:
        await self._main.open()

    async def close(self) -> None:
        for link in reversed(self._links):
            await link.close()

    def link(self, key: str) -> Link:
        return self._main

    async def connection(self, key: str, timeout_s: float) -> Connection:
        return await self._main.up(timeout_s)

    def reading_link(self, key: str, listen: "Listen | None" = None) -> Link:
        return self._new_link(listen)

    def together(self, keys: Sequence[str]) -> list[list[str]]:
        return [list(keys)] if keys else []

    def masters(self) -> list[Link]:
        return [self._main]

    def on_return(self, tell: Callable[[Link], None]) -> None:
        self._main.on_return = tell

    async def call(self, key: str, *command: Argument, timeout_s: float | None = None) -> Any:
        return await self._main.call(*command, timeout_s=timeout_s)

    async def run(
        self,
        name: str,
        keys: list[str],
        arguments: list[Argument],
        timeout_s: float | None = None,
    ) -> Any:
        return await self._main.run(name, keys, arguments, timeout_s)

    def _new_link(self, listen: "Listen | None" = None) -> Link:
        async def connect(on_lost: Callable[[Connection], None]) -> Connection:
            address = await self._locate()
            return await dial(address, name=self._name, on_lost=on_lost, listen=listen)

        link = Link(connect, self._address.shown())
        # Pages come and go: what they left behind is forgotten here. The first one is our own.
        self._links[1:] = [one for one in self._links[1:] if not one.closed]
        self._links.append(link)
        return link


class Locate(Protocol):
    """Finds the server that is to be asked now."""

    async def __call__(self) -> Address:
        """Its address. Raises: DialError."""
        ...


def _fixed(address: Address) -> Locate:
    async def locate() -> Address:
        return address

    return locate


def master_by_sentinels(address: Address) -> Locate:
    """Asks each sentinel in turn for the master.

    Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/
    """

    async def locate() -> Address:
        reasons = []
        for host in address.hosts:
            try:
                found = await _ask_sentinel(address, host)
            except (DialError, ConnectionLostError, OSError) as error:
                reasons.append(f"{host[0]}:{host[1]}: {error}")
                continue
            if found is not None:
                return found
            reasons.append(f"{host[0]}:{host[1]} knows no master {address.service}")
        raise DialError("; ".join(reasons))

    return locate


async def _ask_sentinel(address: Address, host: tuple[str, int]) -> Address | None:
    from dataclasses import replace

    to_sentinel = Address(
        Topology.SINGLE,
        hosts=(host,),
        username=address.sentinel_username,
        password=address.sentinel_password,
        tls=address.tls,
    )
    connection = await dial(to_sentinel, name=ASKING)
    try:
        async with asyncio.timeout(5):
            answer = await connection.send("SENTINEL", "GET-MASTER-ADDR-BY-NAME", address.service)
    except TimeoutError as error:
        raise DialError("the sentinel does not answer") from error
    finally:
        connection.close()
    if not isinstance(answer, list):
        return None
    return replace(address, topology=Topology.SINGLE, hosts=((answer[0].decode(), int(answer[1])),))


def router_for(address: Address, name: str, locate: Locate | None = None) -> Router:
    """The router an address needs."""
    if address.topology is Topology.CLUSTER:
        from recyclic.events.streams.cluster import ClusterRouter

        return ClusterRouter(address, name)
    if address.topology is Topology.SENTINEL:
        return SingleRouter(address, name, master_by_sentinels(address))
    return SingleRouter(address, name, locate)
