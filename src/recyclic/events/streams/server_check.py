"""Whether the server keeps what is promised: facts read from it, and a pure judgement of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from recyclic.events.bus import Durability
from recyclic.events.errors import BusSettingsError
from recyclic.events.store import Warned
from recyclic.events.streams.connection import ReplyError
from recyclic.events.streams.link import Link


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself; None where it would not say.

    Attributes:
        waitaof: Its WAITAOF answers at once when its log is written. So Valkey does with
            everysec; Redis 7.2 and later answer with the next sync, up to a second later, which
            no till can wait for at each sale.
        cluster: It is a node of a cluster.
    """

    name: str = ""
    version: str = ""
    appendonly: bool | None = None
    appendfsync: str | None = None
    eviction: str | None = None
    waitaof: bool = False
    cluster: bool = False

    @property
    def synced(self) -> bool:
        """Each write is on disk before its reply."""
        return bool(self.appendonly) and self.appendfsync == "always"

    @property
    def written(self) -> bool:
        """Each write is in the log, though perhaps not on disk, before its reply.

        With ``everysec`` it is not: while a sync runs, writing waits for it up to two seconds and
        replies do not. With ``no`` nothing is synced, so nothing is waited for.
        Source: src/aof.c of the server, flushAppendOnlyFile.
        """
        return bool(self.appendonly) and self.appendfsync in ("always", "no")

    @property
    def never_synced(self) -> bool:
        """It says itself that a write is not on disk before its reply."""
        return self.appendonly is not None and not self.synced

    @property
    def publish(self) -> str:
        """The command for a Pub/Sub message: sharded where that keeps it on one node."""
        return "SPUBLISH" if self.cluster else "PUBLISH"


async def read_facts(link: Link) -> ServerFacts:
    """The facts of one server. Raises: ReplyError, ConnectionLostError."""
    info = await link.call("INFO", "server")
    lines = dict(
        line.split(":", 1) for line in info.decode("utf-8", "replace").splitlines() if ":" in line
    )
    name = lines.get("server_name", "redis")
    version = lines.get("valkey_version") or lines.get("redis_version", "")
    known = await _config(link, ("appendonly", "appendfsync", "maxmemory-policy"))
    commands = await link.connection_or_fail().send("COMMAND", "INFO", "WAITAOF")
    has_waitaof = isinstance(commands, list) and bool(commands) and commands[0] is not None
    appendonly = known.get("appendonly")
    return ServerFacts(
        name=name,
        version=version,
        appendonly=None if appendonly is None else appendonly == "yes",
        appendfsync=known.get("appendfsync"),
        eviction=known.get("maxmemory-policy"),
        waitaof=has_waitaof and name == "valkey" and known.get("appendfsync") == "everysec",
        cluster=lines.get("redis_mode", lines.get("server_mode")) == "cluster",
    )


async def _config(link: Link, names: Sequence[str]) -> dict[str, str]:
    """The settings of these names; those we may not read are left out."""
    known: dict[str, str] = {}
    for name in names:
        try:
            answer = await link.call("CONFIG", "GET", name)
        except ReplyError:
            continue
        if isinstance(answer, list) and len(answer) == 2:
            known[name] = answer[1].decode()
    return known


def check(facts: ServerFacts, promised: Durability, strict: bool) -> list[Warned]:
    """What of ``promised`` these facts weaken.

    Raises:
        BusSettingsError: events could be destroyed while unread; or ``strict`` and any weakness;
            or ``fsync`` is promised and the server does not sync.
    """
    if facts.eviction is not None and facts.eviction.startswith("allkeys"):
        # Measured: such a server threw away a whole stream with its groups, without an error.
        raise BusSettingsError(
            setting="maxmemory-policy", value=facts.eviction, wanted="noeviction"
        )
    if promised is Durability.MEMORY:
        return []
    weak = _weakness(facts, promised)
    if weak is None:
        return []
    if strict or (promised is Durability.FSYNC and weak.code != "RCY-B024"):
        raise BusSettingsError(**dict(weak.facts))
    return [weak]


def _weakness(facts: ServerFacts, promised: Durability) -> Warned | None:
    if facts.appendonly is None:
        return Warned("RCY-B024", {"setting": "appendonly", "value": "?", "wanted": "yes"})
    if not facts.appendonly:
        return Warned("RCY-B022", {"setting": "appendonly", "value": "no", "wanted": "yes"})
    if facts.synced or (promised is not Durability.FSYNC and (facts.written or facts.waitaof)):
        return None
    return Warned(
        "RCY-B023",
        {"setting": "appendfsync", "value": facts.appendfsync or "?", "wanted": "always"},
    )
