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
            options: ``max_attempts``, ``timeout_s``, ``idempotent``, ``start`` (``"beginning"``
                or ``"now"``: where a module that was just added starts).

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
        """Tell whoever listens right now; returns how many did. Kept nowhere, promised nothing."""
        ...
