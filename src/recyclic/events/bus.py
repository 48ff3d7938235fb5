"""EventBus: the small protocol that modules see; its docstrings are the promises."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol, TypeVar, runtime_checkable

HandlerFunction = Callable[..., Awaitable[Any]]
"""A coroutine function. What it is called with follows from its signature:

- a parameter named ``event`` or annotated :class:`~recyclic.events.event.Event`: the event;
- a parameter annotated with a pydantic model: the payload, validated;
- one parameter named ``payload`` or ``data`` or annotated ``dict``: the payload as a dict;
- anything else: the payload as keyword arguments (only those it names, unless ``**kwargs``).
"""

H = TypeVar("H", bound=HandlerFunction)


class Durability(StrEnum):
    """What is true once ``emit`` has returned."""

    MEMORY = "memory"
    """The server has it in memory: lost if the server dies."""
    LOG = "log"
    """The server has written it to its append-only file: survives a kill of the server."""
    FSYNC = "fsync"
    """On disk: survives a power cut. Needs ``appendfsync always`` at the server."""
    OUTBOX = "outbox"
    """In the emitter's own database, in the same commit as its rows; relayed afterwards."""


class RejectEventError(Exception):
    """Raised by a handler: trying again is useless. It becomes a dead letter with this text."""


class RetryLaterError(Exception):
    """Raised by a handler: not now. Counts as a failed attempt.

    Args:
        delay_s: Seconds until the next attempt, instead of the bus's own backoff.
    """

    def __init__(self, delay_s: float, reason: str = "") -> None:
        super().__init__(reason or f"asked to be called again in {delay_s:g} s")
        self.delay_s = delay_s


@runtime_checkable
class EventBus(Protocol):
    """What a module is given in ``register_signals``: already bound to that module."""

    def on(self, event: str, handler: H, **options: Any) -> H:
        """Have ``handler`` called, at least once, for every ``event`` from now on.

        The module's group starts at the first event kept on its first boot and never misses
        one after that. Several handlers of one module have their own outcomes: one that fails
        is tried again alone, after a delay, and neither blocks nor repeats the others.

        Args:
            event: The event's name.
            handler: See :data:`HandlerFunction`.
            options: ``max_attempts``, ``backoff_s`` (before the first retry), ``timeout_s``,
                ``idempotent``, ``start`` (``"beginning"`` or ``"now"``: where a module that was
                just added starts), ``inbox`` (a SQLAlchemy sessionmaker: the handler is given
                a ``session``, and its writes and "handled" are one commit).

        Returns:
            The handler, so that it can be used as a decorator.
        """
        ...

    async def emit(
        self,
        event: str,
        /,
        *,
        key: str | None = None,
        durability: Durability | None = None,
        **payload: Any,
    ) -> str:
        """Publish ``event``; returns its id once the stated durability holds.

        ``payload`` is JSON values, or pydantic models that become them. A payload of more than
        the set size, or one that is not JSON, is refused before anything is sent.

        Raises:
            EmitError: nothing was published, or it is not known to have been; emitting again
                with the same call is the caller's decision.
        """
        ...

    async def emit_ephemeral(self, channel: str, /, **payload: Any) -> int:
        """Tell whoever listens right now; returns how many did. Promised to nobody.

        The last one of each channel is kept for a day, for pages that open later.
        """
        ...

    def use_outbox(self, engine: Any) -> None:
        """Publish, now and from now on, what was emitted within sessions of ``engine``.

        To be called in ``startup``: it makes the tables of outbox and inbox where they are
        missing (for an ``AsyncEngine``, run ``metadata.create_all`` of
        :mod:`recyclic.events.outbox` yourself), and relays what an earlier process left.
        """
        ...

    def within(self, session: Any) -> "EventBus":
        """This bus with ``emit`` writing into ``session``, a SQLAlchemy session, sync or async.

        The event is published after the session's commit, exactly if it commits: durability
        ``outbox``.
        """
        ...
