"""The states of a module, and the one that each hosted module is in."""

from collections.abc import Mapping
from enum import StrEnum

from recyclic.runtime.errors import ModuleError


class ModuleState(StrEnum):
    """Where a module is in its life. Only a started module answers requests."""

    LOADED = "loaded"
    """Imported and registered; its ``startup`` has not returned."""
    STARTED = "started"
    FAILED = "failed"
    """Its own fault: the error says which."""
    SET_ASIDE = "set aside"
    """Nothing wrong with it, but something it needs is not running."""
    STOPPED = "stopped"
    """Shut down with the site; it begins again as loaded when the same app is run again."""


_NEXT: Mapping[ModuleState, frozenset[ModuleState]] = {
    ModuleState.LOADED: frozenset(
        {ModuleState.STARTED, ModuleState.FAILED, ModuleState.SET_ASIDE, ModuleState.STOPPED}
    ),
    ModuleState.STARTED: frozenset(
        {ModuleState.STOPPED, ModuleState.FAILED, ModuleState.SET_ASIDE}
    ),
    ModuleState.FAILED: frozenset(),
    ModuleState.SET_ASIDE: frozenset(),
    ModuleState.STOPPED: frozenset({ModuleState.LOADED}),
}


class Life:
    """One module's state, and the error that ended it early."""

    __slots__ = ("error", "state")

    def __init__(self) -> None:
        self.state = ModuleState.LOADED
        self.error: ModuleError | None = None

    def become(self, state: ModuleState, error: ModuleError | None = None) -> None:
        """Move on to ``state``; a step that makes no sense is a bug and says so."""
        if state not in _NEXT[self.state]:
            raise AssertionError(f"[BUG] a module went from {self.state} to {state}")
        self.state, self.error = state, error
