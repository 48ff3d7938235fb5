"""From loaded modules to hosted ones: the register hooks, and the paths they claim."""

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from recyclic.events.bus import EventBus
from recyclic.runtime.claims import claims_of
from recyclic.runtime.dispatch import HasApp, PathTable, PathTakenError
from recyclic.runtime.errors import HookError, ModuleError, RouteClaimedError
from recyclic.runtime.fault import fault_facts
from recyclic.runtime.hosted import HostedModule
from recyclic.runtime.loader import LoadedModule
from recyclic.runtime.module_app import module_app
from recyclic.runtime.state import ModuleState
from recyclic.runtime.unavailable import Unavailable
from recyclic.runtime.watch import Watch, unwatched

logger = logging.getLogger("recyclic.runtime")


def host(
    loaded: LoadedModule, bus: EventBus, table: PathTable[HasApp], watch: Watch = unwatched
) -> HostedModule:
    """Make the module's object, call its register hooks, enter its paths in ``table``.

    A module that fails comes back failed, with the reason; nothing is raised for its sake.
    """
    folder = loaded.source if isinstance(loaded.source, Path) else None
    hosted = HostedModule(loaded.descriptor, module_app(loaded.name), folder)
    try:
        if loaded.error is not None:
            raise loaded.error
        with watch(loaded.name, "register", loaded.descriptor.startup_timeout_s):
            _register(hosted, loaded, bus)
        claim_paths(hosted, table)
    except ModuleError as error:
        set_out(hosted, ModuleState.FAILED, error)
    return hosted


def _register(hosted: HostedModule, loaded: LoadedModule, bus: EventBus) -> None:
    name = loaded.name
    assert loaded.module_class is not None
    instance = _call(name, "__init__", loaded.module_class)
    hosted.instance = instance
    _call(name, "register_routes", instance.register_routes, hosted.routes_app)
    _call(name, "register_signals", instance.register_signals, bus)
    slots = _call(name, "register_ui_extensions", instance.register_ui_extensions)
    hosted.slots = _slots(name, slots)


def _call(module: str, hook: str, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        raise HookError(module=module, hook=hook, **fault_facts(error)) from error


def _slots(module: str, answer: object) -> dict[str, list[str]]:
    """``answer`` when it is slots to components, as the contract says."""
    if answer is None:
        return {}
    try:
        if not isinstance(answer, Mapping):
            raise TypeError(f"not a mapping: {answer!r}"[:200])
        return {str(slot): _components(parts) for slot, parts in answer.items()}
    except TypeError as error:
        hook = "register_ui_extensions"
        raise HookError(module=module, hook=hook, **fault_facts(error)) from error


def _components(parts: Iterable[object]) -> list[str]:
    if isinstance(parts, (str, bytes)):  # one name, not its letters
        raise TypeError(f"not a list: {parts!r}"[:200])
    return [str(component) for component in parts]


def claim_paths(hosted: HostedModule, table: PathTable[HasApp]) -> None:
    """Enter the paths of the routes that the module has now.

    Raises:
        RouteClaimedError: one of them is another module's, or the runtime's own.
    """
    claims = claims_of(hosted.routes_app)
    if claims == hosted.claims:
        return
    hosted.claims = claims
    try:
        table.add(hosted, claims)
    except PathTakenError as taken:
        owner = taken.owner.name if isinstance(taken.owner, HostedModule) else "recyclic"
        path = taken.claim.pattern
        raise RouteClaimedError(module=hosted.name, path=path, owner=owner) from taken


def set_out(hosted: HostedModule, state: ModuleState, error: ModuleError) -> None:
    """Take a module out of service, loudly."""
    hosted.end(state, error, Unavailable(hosted.name, state, error))
    logger.error(
        "module %s %s: %s",
        hosted.name,
        state,
        error,
        extra={"module_name": hosted.name, "code": error.code},
        exc_info=error.__cause__,
    )
