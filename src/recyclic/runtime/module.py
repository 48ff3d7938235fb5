"""ModuleBase: what a module offers, and what it is given."""

from abc import ABC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from recyclic.events.bus import EventBus


class ModuleBase(ABC):  # noqa: B024 - every hook has a default; a module overrides what it uses
    """Base class of every module; ``modules/<name>/__init__.py`` exposes it as ``MODULE_CLASS``.

    The runtime calls, in this order: the constructor (no arguments), ``register_routes``,
    ``register_signals``, ``register_ui_extensions``, ``startup``; then serves; then ``shutdown``.
    Modules never import each other and never see Redis: they meet on the bus.
    """

    async def startup(self, app: "FastAPI", config: dict[str, Any]) -> None:  # noqa: B027
        """Get ready to serve.

        Args:
            app: The module's own app: its routes and ``state``.
            config: The module's settings, secrets resolved. ``config["_data_dir"]`` is a folder
                of its own that outlives generations.
        """

    async def shutdown(self) -> None:  # noqa: B027
        """Give back what ``startup`` took. Called once, also when a later module failed."""

    def register_routes(self, app: "FastAPI") -> None:  # noqa: B027
        """Add routes to ``app``. They are reachable at the paths written here."""

    def register_signals(self, bus: "EventBus") -> None:  # noqa: B027
        """Say which events to handle, with ``bus.on``; keep ``bus`` to emit later."""

    def register_ui_extensions(self) -> dict[str, list[str]]:
        """Slot name to the components this module puts there."""
        return {}
