"""What parent and worker tell each other: one JSON value a line, down the worker's standard
input and up a pipe of its own. The end of the first means that the parent is gone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class Order(StrEnum):
    """What the parent asks of a worker that has booted."""

    SERVE = "serve"
    """Accept connections and handle events."""
    DRAIN = "drain"
    """Others have taken over: accept nothing more, let clients finish, then end."""
    WITHDRAW = "withdraw"
    """Others go on serving, this generation was refused: leave nothing behind, then end."""
    STOP = "stop"
    """The site stops: finish what runs, then end."""
    COUNT = "count"
    """Say what was counted so far."""


ENDING = (Order.DRAIN, Order.WITHDRAW, Order.STOP)
"""After these a worker ends."""


class Notice(StrEnum):
    """What a worker tells its parent."""

    ENTERED = "entered"
    """A module's own code is about to run: ``module``, ``phase``, ``limit_s``."""
    LEFT = "left"
    """It has returned."""
    BOOTED = "booted"
    """Every module has been started or set aside: ``report`` as in ``/health``."""
    SERVING = "serving"
    COUNTED = "counted"
    """What this process counted since it began: ``counts``, see :mod:`runtime.tally`. When asked,
    every few seconds while it changes, and at the end."""
    FAILED = "failed"
    """The site cannot be booted at all: ``code``, ``facts``."""


@dataclass(frozen=True, slots=True)
class WorkerTask:
    """The first line a worker reads.

    Attributes:
        config: The config.toml to boot.
        listener, notices: Inherited file descriptors: the listening socket, the pipe up.
        probe: The descriptor of a Unix socket to answer on until SERVE comes, or None.
        events_url: The embedded server's address; None when config.toml names one.
        refused: Modules that may not be loaded, each with code and facts.
        grace_s: How long requests, and then handlers, may take to finish.
        trusts_proxy: Whether X-Forwarded headers count from anywhere.
    """

    config: str
    listener: int
    notices: int
    probe: int | None = None
    events_url: str | None = None
    refused: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    grace_s: float = 20.0
    trusts_proxy: bool = False
    access_log: bool = False

    def to_line(self) -> bytes:
        """As one line of JSON."""
        return line_of(asdict(self))

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """The inverse of :meth:`to_line`."""
        return cls(**json.loads(line))


def line_of(value: Mapping[str, Any]) -> bytes:
    """One JSON value as a line; what JSON does not know becomes text."""
    return json.dumps(value, default=str).encode() + b"\n"
