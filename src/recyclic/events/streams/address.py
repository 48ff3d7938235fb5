"""Where a server is, read from a URL; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from recyclic.events.errors import BusUrlError


class Topology(StrEnum):
    """How many servers there are, and who knows which one to ask."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Tls:
    """How the server is trusted, and how we show who we are; paths of PEM files or None."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    check_hostname: bool = True
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed URL.

    Attributes:
        hosts: (host, port) of the server, of the sentinels, or of some nodes of the cluster.
        path: The Unix socket, or "".
        service: The master's name at the sentinels.
        sentinel_password: For the sentinels themselves, when they ask.
        options: What else stood behind ``?``: names of bus settings.
    """

    topology: Topology
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    service: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> str:
        """The address as logs and people may see it: no password."""
        if self.path:
            return f"unix://{self.path}"
        if self.topology is Topology.MEMORY:
            return "memory://"
        kind = "" if self.topology is Topology.SINGLE else f"+{self.topology.value}"
        scheme = ("rediss" if self.tls else "redis") + kind
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        tail = f"/{self.service}" if self.service else ""
        return f"{scheme}://{hosts}{tail}/{self.database}"


_SCHEMES = {
    "memory": (Topology.MEMORY, False),
    "redis": (Topology.SINGLE, False),
    "valkey": (Topology.SINGLE, False),
    "rediss": (Topology.SINGLE, True),
    "valkeys": (Topology.SINGLE, True),
    "redis+sentinel": (Topology.SENTINEL, False),
    "rediss+sentinel": (Topology.SENTINEL, True),
    "valkey+sentinel": (Topology.SENTINEL, False),
    "redis+cluster": (Topology.CLUSTER, False),
    "rediss+cluster": (Topology.CLUSTER, True),
    "valkey+cluster": (Topology.CLUSTER, False),
}
_UNIX = ("unix", "redis+unix", "valkey+unix")


def parse_url(url: str) -> Address:
    """The address a URL means.

    ``redis://[user:password@]host[:port][/database]`` (``valkey://`` too, ``rediss://`` with TLS),
    ``unix:///path[?db=1]``, ``redis+sentinel://host:26379,host2:26379/master[/database]``,
    ``redis+cluster://host:7000,host2:7000``, ``memory://``.

    Raises:
        BusUrlError: not one of these.
    """
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        scheme = parts.scheme.lower()
        if scheme in _UNIX:
            return _unix(parts, query)
        if scheme not in _SCHEMES:
            known = ", ".join(sorted([*_SCHEMES, "unix"]))
            raise ValueError(f"{scheme or 'nothing'} is none of {known}")
        return _network(parts, query, *_SCHEMES[scheme])
    except ValueError as error:
        raise BusUrlError(url=without_password(url), reason=str(error)) from error


def without_password(url: str) -> str:
    """``url`` with the password, if any, made unreadable. Works on what cannot be parsed."""
    scheme, mark, rest = url.partition("://")
    authority, at, tail = rest.rpartition("@")
    if not at:
        return url
    user, colon, _ = authority.partition(":")
    return f"{scheme}{mark}{user}{colon}{'***' if colon else ''}@{tail}"


def _unix(parts: SplitResult, query: dict[str, str]) -> Address:
    user, password, _ = _credentials(parts.netloc)
    if not parts.path:
        raise ValueError("no path of a socket")
    return Address(
        Topology.SINGLE,
        path=unquote(parts.path),
        database=_database(query.pop("db", "0")),
        username=query.pop("username", user),
        password=query.pop("password", password),
        options=query,
    )


def _network(
    parts: SplitResult, query: dict[str, str], topology: Topology, secure: bool
) -> Address:
    if topology is Topology.MEMORY:
        return Address(topology, options=query)
    user, password, places = _credentials(parts.netloc)
    default_port = 26379 if topology is Topology.SENTINEL else 6379
    hosts = tuple(_host(place, default_port) for place in places.split(",") if place)
    path = [unquote(piece) for piece in parts.path.split("/") if piece]
    service = path.pop(0) if topology is Topology.SENTINEL and path else ""
    if topology is Topology.SENTINEL and not service:
        raise ValueError("no name of a master after the sentinels")
    database = _database(path[0] if path else query.pop("db", "0"))
    if topology is Topology.CLUSTER and database:
        raise ValueError("a cluster has no databases but 0")
    return Address(
        topology,
        hosts=hosts or (("localhost", default_port),),
        database=database,
        username=user,
        password=password,
        tls=_tls(query) if secure else None,
        service=service,
        sentinel_username=query.pop("sentinel_username", None),
        sentinel_password=query.pop("sentinel_password", None),
        options=query,
    )


def _credentials(authority: str) -> tuple[str | None, str | None, str]:
    secret, at, places = authority.rpartition("@")
    if not at:
        return None, None, places
    user, colon, password = secret.partition(":")
    return unquote(user) or None, unquote(password) if colon else None, places


def _host(place: str, default_port: int) -> tuple[str, int]:
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = place.partition(":")
    number = int(port) if port else default_port
    if not host or not 0 < number < 65536:
        raise ValueError(f"{place} is no host and port")
    return unquote(host), number


def _database(text: str) -> int:
    if not text.isdigit():
        raise ValueError(f"{text} is no number of a database")
    return int(text)


def _tls(query: dict[str, str]) -> Tls:
    requirement = query.pop("ssl_cert_reqs", "required").lower()
    verify = requirement not in ("none", "0")
    named = query.pop("ssl_check_hostname", "true").lower() in ("true", "1", "yes")
    return Tls(
        ca_file=query.pop("ssl_ca_certs", None),
        cert_file=query.pop("ssl_certfile", None),
        key_file=query.pop("ssl_keyfile", None),
        check_hostname=verify and named,
        verify=verify,
    )
