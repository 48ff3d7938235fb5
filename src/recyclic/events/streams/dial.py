"""From an address to a connection that is logged in and in the right database."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from recyclic.events.streams.address import Address, Tls, Topology
from recyclic.events.streams.connection import (
    Argument,
    Connection,
    ConnectionLostError,
    ReplyError,
)

CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_IDLE_S = 15
ASKING = "recyclic-asks"
"""The name of a connection to a sentinel, which keeps no data and knows few commands."""


@dataclass(frozen=True, slots=True)
class Listen:
    """What makes a connection one that listens.

    Attributes:
        prepare: Has it listen, once it is logged in.
        take: Takes whatever comes that is no reply; says whether this was.
    """

    prepare: Callable[[Connection], Awaitable[None]]
    take: Callable[[Any], bool]


class DialError(Exception):
    """No usable connection; the text is the reason, the cause what the system said."""


async def dial(
    address: Address,
    host: tuple[str, int] | None = None,
    *,
    name: str = "recyclic",
    on_lost: Callable[[Connection], None] = lambda _: None,
    listen: Listen | None = None,
) -> Connection:
    """A connection to ``host`` (or to the address's own), logged in; the caller closes it.

    Raises:
        DialError: refused, unreachable, wrong password, or no answer in CONNECT_TIMEOUT_S.
    """
    connection: Connection | None = None

    def made() -> Connection:
        nonlocal connection
        connection = Connection(on_lost, None if listen is None else listen.take)
        return connection

    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await _open(address, host, made)
            assert connection is not None
            await _introduce(connection, address, name)
            if listen is not None:
                await listen.prepare(connection)
        return connection
    except (OSError, ReplyError, ConnectionLostError, TimeoutError, ssl.SSLError) as error:
        if connection is not None:
            connection.close()
        raise DialError(_reason(error)) from error
    except asyncio.CancelledError:
        if connection is not None:
            connection.close()
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {CONNECT_TIMEOUT_S:g} s"
    if isinstance(error, ConnectionLostError):
        return "the connection was closed while it was set up"
    return str(error)


async def _open(
    address: Address, host: tuple[str, int] | None, made: Callable[[], Connection]
) -> None:
    loop = asyncio.get_running_loop()
    if address.path and host is None:
        await loop.create_unix_connection(made, address.path)
        return
    name, port = host or address.hosts[0]
    context = None if address.tls is None else tls_context(address.tls)
    transport, _ = await loop.create_connection(made, name, port, ssl=context)
    _keep_alive(transport.get_extra_info("socket"))


def _keep_alive(sock: Any) -> None:
    """A peer that vanished without a word is noticed within a minute, not never."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


def tls_context(tls: Tls) -> ssl.SSLContext:
    """What ``tls`` means to OpenSSL: verified by default."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.check_hostname = tls.check_hostname
    context.verify_mode = ssl.CERT_REQUIRED if tls.verify else ssl.CERT_NONE
    if tls.cert_file:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context


async def _introduce(connection: Connection, address: Address, name: str) -> None:
    if address.password is not None:
        login: list[Argument] = ["AUTH", address.password]
        if address.username is not None:
            login.insert(1, address.username)
        await connection.call(*login)
    if address.database and address.topology is not Topology.CLUSTER:
        await connection.call("SELECT", address.database)
    if name == ASKING:
        return
    # All at once: a reader that comes back waits for one round trip.
    replies = await asyncio.gather(
        connection.call("CLIENT", "INFO"),
        connection.call("TIME"),
        connection.send("CLIENT", "SETNAME", name),
    )
    ours = dict(pair.partition("=")[::2] for pair in replies[0].decode().split())
    connection.id, connection.peer = int(ours["id"]), ours["addr"]
    seconds, micros = replies[1]
    connection.set_clock(int(seconds) * 1000 + int(micros) / 1000)
