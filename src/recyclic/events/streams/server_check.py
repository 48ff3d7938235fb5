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
        run_id: Tells one run of one server from every other.
        spared: It took over from one that kept more: what it does not keep refuses nothing.
    """

    name: str = ""
    version: str = ""
    appendonly: bool | None = None
    appendfsync: str | None = None
    eviction: str | None = None
    waitaof: bool = False
    cluster: bool = False
    run_id: str = ""
    spared: bool = False

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
        return self.appendonly is not None and not self.synced and not self.spared

    @property
    def publish(self) -> str:
        """The command for a Pub/Sub message: sharded where that keeps it on one node."""
        return "SPUBLISH" if self.cluster else "PUBLISH"


async def read_facts(link: Link) -> ServerFacts:
    """The facts of one server. Raises: ReplyError, ConnectionLostError."""
    lines = await _info(link)
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
        run_id=lines.get("run_id", ""),
    )


async def read_run_id(link: Link) -> str:
    """Which run of which server answers. Raises: ReplyError, ConnectionLostError."""
    return (await _info(link)).get("run_id", "")


async def _info(link: Link) -> dict[str, str]:
    told = (await link.call("INFO", "server")).decode("utf-8", "replace")
    return dict(line.split(":", 1) for line in told.splitlines() if ":" in line)


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
    found = weaknesses(facts, promised)
    for one in found:
        unkept = promised is Durability.FSYNC and one.code != "RCY-B024"
        if strict or unkept or one.code == BusSettingsError.code:
            raise BusSettingsError(**dict(one.facts))
    return found


def weaknesses(facts: ServerFacts, promised: Durability) -> list[Warned]:
    """What of ``promised`` these facts weaken or break."""
    found = []
    if facts.eviction is not None and facts.eviction.startswith("allkeys"):
        # Measured: such a server threw away a whole stream with its groups, without an error.
        wanted = {"setting": "maxmemory-policy", "value": facts.eviction, "wanted": "noeviction"}
        found.append(Warned(BusSettingsError.code, wanted))
    weak = None if promised is Durability.MEMORY else _weakness(facts, promised)
    return found if weak is None else [*found, weak]


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
