"""What authors of modules and of buses test with.

``pytest_plugins = ["recyclic.testing.plugin"]`` gives the fixtures ``bus``, ``live_bus`` and
``site``; :class:`BusContract` is the suite that any bus must pass.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recyclic.testing.bus_contract import BusContract
    from recyclic.testing.live import EventProbe, LiveBus
    from recyclic.testing.site_under_test import SiteUnderTest, booted_site

__all__ = ["BusContract", "EventProbe", "LiveBus", "SiteUnderTest", "booted_site"]

_HOMES = {
    "BusContract": "recyclic.testing.bus_contract",
    "EventProbe": "recyclic.testing.live",
    "LiveBus": "recyclic.testing.live",
    "SiteUnderTest": "recyclic.testing.site_under_test",
    "booted_site": "recyclic.testing.site_under_test",
}


def __getattr__(name: str) -> Any:
    """Import a name from its home on first use: not every test needs pytest or an app."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'recyclic.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
