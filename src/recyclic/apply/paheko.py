"""The Paheko that a config names: opened, looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recyclic.apply.host import ExtensionHost
from recyclic.model.diagnostic import Place
from recyclic.model.observed import ObservedPaheko
from recyclic.plan.target import host_from
from recyclic.site.tree import tree_hash

if TYPE_CHECKING:
    from recyclic.paheko.extension_host import PahekoExtensionHost


def open_host(hosts: Mapping[str, Mapping[str, Any]]) -> "PahekoExtensionHost | None":
    """The driver of ``[hosts.paheko]``, or None when there is no such table.

    Raises:
        PahekoError: it cannot be found.
    """
    table = hosts.get("paheko")
    if not table:
        return None
    # Loaded for sites that have a Paheko; a plan without one should not pay for it.
    from recyclic.paheko.extension_host import PahekoExtensionHost
    from recyclic.paheko.installation import PahekoInstallation
    from recyclic.paheko.location import locate

    host = host_from(table, Place("config.toml"))
    return PahekoExtensionHost(PahekoInstallation(locate(host)), tree_hash)


def observe_paheko(host: ExtensionHost, names: Iterable[str]) -> ObservedPaheko:
    """What Paheko has of the extensions ``names`` now. Changes nothing.

    Raises:
        PahekoError: it cannot be read.
    """
    seen, recorded = host.observe(), host.state()
    found = {
        name: replace(seen.extensions[name], is_recorded=recorded.find(name) is not None)
        for name in sorted(set(names))
        if name in seen.extensions
    }
    return replace(seen, extensions=found)
