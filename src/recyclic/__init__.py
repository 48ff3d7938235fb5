"""Declarative installer and runtime for modular FastAPI sites that live beside Paheko.

What module authors need is importable from here, and loaded only when touched:
``ModuleBase``, ``ModuleRegistry``, ``EventBus``, ``Event``, ``create_app``.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from recyclic.events.bus import EventBus
    from recyclic.events.event import Event
    from recyclic.runtime.app import create_app
    from recyclic.runtime.loader import ModuleRegistry
    from recyclic.runtime.module import ModuleBase

__all__ = ["Event", "EventBus", "ModuleBase", "ModuleRegistry", "__version__", "create_app"]

_HOMES = {
    "Event": "recyclic.events.event",
    "EventBus": "recyclic.events.bus",
    "ModuleBase": "recyclic.runtime.module",
    "ModuleRegistry": "recyclic.runtime.loader",
    "create_app": "recyclic.runtime.app",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home on first use, so that ``import recyclic`` stays free."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'recyclic' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
