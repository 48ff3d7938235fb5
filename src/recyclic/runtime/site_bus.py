"""What the runtime itself needs of a bus, beyond what modules see."""

from typing import Any, Protocol

from recyclic.events.bus import EventBus


class SiteBus(Protocol):
    """One worker's bus: every module gets a view of it."""

    def for_module(self, name: str, /) -> EventBus:
        """The view bound to one module, as given to ``register_signals``."""
        ...

    async def start(self) -> None:
        """Connect. Raises a RecyclicError when the server cannot be reached or does not fit."""
        ...

    async def consume(self) -> None:
        """Handle events until ``stop``."""
        ...

    async def stop(self, *, timeout_s: float) -> Any:
        """Take nothing more, finish what runs within the limit, close."""
        ...

    async def remove_module(self, name: str, /) -> None:
        """Dispose of a module's handlers; its events are kept for when it comes back."""
        ...

    def health(self) -> Any:
        """How it is now: an object with ``connected``."""
        ...
