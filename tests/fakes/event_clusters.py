"""Real clusters and sentinels for tests: several server processes that know each other."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis
from tests.fakes.event_servers import EventServer, ServerKind, free_port, wait_until


def _port_with_bus() -> int:
    """A port whose cluster bus port, 10000 above, is one too."""
    while True:
        port = free_port()
        if port < 55000:
            return port


@dataclass
class EventCluster:
    """Three masters with a replica each: nodes 0 to 2, and 3 to 5."""

    nodes: list[EventServer]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:3])
        return f"redis+cluster://{hosts}"

    def client(self) -> "redis.RedisCluster":
        return redis.RedisCluster(host="127.0.0.1", port=self.nodes[3].port, decode_responses=True)

    def replica_of(self, port: int) -> EventServer:
        """The replica of the master on ``port``."""
        for node in self.nodes:
            role = node.ask("ROLE")
            if role.startswith(b"*5\r\n$5\r\nslave") and f":{port}\r\n".encode() in role:
                return node
        raise AssertionError(f"no replica of {port}")


@contextmanager
def cluster(kind: ServerKind, folder: Path) -> Iterator[EventCluster]:
    """A cluster of six servers, once it is whole."""
    options = {
        "cluster-enabled": "yes",
        "cluster-node-timeout": "1000",
        "cluster-replica-validity-factor": "0",
        "appendfsync": "everysec",
        "repl-diskless-sync-delay": "0",
    }
    with ExitStack() as stack:
        nodes = []
        for number in range(6):
            home = folder / f"node{number}"
            home.mkdir(parents=True)
            server = EventServer(kind, home, options, port=_port_with_bus())
            stack.callback(server.stop)
            nodes.append(server.start())
        _join(nodes)
        yield EventCluster(nodes)


def _join(nodes: list[EventServer]) -> None:
    bounds = [0, 5461, 10923, 16384]
    for number, node in enumerate(nodes[:3]):
        node.ask("CLUSTER", "ADDSLOTSRANGE", str(bounds[number]), str(bounds[number + 1] - 1))
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
    for node in nodes[1:]:
        node.ask("CLUSTER", "MEET", "127.0.0.1", str(nodes[0].port))
    wait_until(lambda: all(b"cluster_known_nodes:6" in one.ask("CLUSTER", "INFO") for one in nodes))
    ids = [node.ask("CLUSTER", "MYID").split(b"\r\n")[1].decode() for node in nodes[:3]]
    for replica, master_id in zip(nodes[3:], ids, strict=True):
        wait_until(partial(_follows, replica, master_id))
    wait_until(lambda: all(b"cluster_state:ok" in one.ask("CLUSTER", "INFO") for one in nodes))
    wait_until(lambda: all(b"\r\n$9\r\nconnected\r\n" in one.ask("ROLE") for one in nodes[3:]))


def _follows(replica: EventServer, master_id: str) -> bool:
    return replica.ask("CLUSTER", "REPLICATE", master_id) == b"+OK\r\n"


@dataclass
class Watched:
    """A master, its replica, and three sentinels that watch them under the name ``site``."""

    master: EventServer
    replica: EventServer
    sentinels: list[EventServer]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{hosts}/site"


@contextmanager
def watched(kind: ServerKind, folder: Path) -> Iterator[Watched]:
    """A master with a replica and three sentinels, once all know each other."""
    with ExitStack() as stack:

        def started(name: str, options: dict[str, str]) -> EventServer:
            home = folder / name
            home.mkdir(parents=True)
            server = EventServer(kind, home, options)
            stack.callback(server.stop)
            return server.start()

        pace = {"repl-diskless-sync-delay": "0"}
        master = started("master", pace)
        replica = started("replica", {**pace, "replicaof": f"127.0.0.1 {master.port}"})
        wait_until(lambda: b"connected\r\n" in replica.ask("ROLE"))
        sentinels = [_sentinel(kind, folder / f"sentinel{n}", master.port, stack) for n in range(3)]
        wait_until(lambda: all(_knows_all(one) for one in sentinels))
        yield Watched(master, replica, sentinels)


def _knows_all(sentinel: EventServer) -> bool:
    """Whether it has found both other sentinels and the replica."""
    told = sentinel.ask("SENTINEL", "MASTER", "site")
    return b"num-other-sentinels\r\n$1\r\n2" in told and b"num-slaves\r\n$1\r\n1" in told


def _sentinel(kind: ServerKind, home: Path, master_port: int, stack: ExitStack) -> EventServer:
    home.mkdir(parents=True)
    (home / "sentinel.conf").write_text(
        f"sentinel monitor site 127.0.0.1 {master_port} 2\n"
        "sentinel down-after-milliseconds site 700\n"
        "sentinel failover-timeout site 3000\n"
    )
    server = SentinelServer(kind, home)
    stack.callback(server.stop)
    server.start()
    return server


class SentinelServer(EventServer):
    """A server in sentinel mode; its settings are in a file that it rewrites."""

    def arguments(self) -> list[str]:
        assert self.kind.binary is not None
        return [
            self.kind.binary, str(self.folder / "sentinel.conf"), "--sentinel",
            "--port", str(self.port), "--bind", "127.0.0.1",
        ]  # fmt: skip
