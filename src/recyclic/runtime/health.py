"""How the site is: live, ready, each module with its state and reason, the bus."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from recyclic.errors import RecyclicError
from recyclic.runtime.boot import Boot
from recyclic.runtime.hosted import HostedModule
from recyclic.runtime.state import ModuleState
from recyclic.runtime.time_limit import RanOutOfTimeError, within

CHECK_TIMEOUT_S = 2.0
"""How long a module's own ``health`` may take before it counts as failing."""

Describe = Callable[[RecyclicError], str]
"""One line for people about an error."""


async def health_report(boot: Boot, describe: Describe) -> dict[str, Any]:
    """The document of ``GET /health``.

    ``ready`` is whether requests can be served now: booted, the bus connected, and no check of
    a started module failing. A module that never started makes the site degraded, not unready:
    the others serve, and waiting would not mend it.
    """
    checks = await _checks(boot)
    bus = _bus_report(boot, describe)
    modules = {
        hosted.name: _module_report(hosted, checks.get(hosted.name), describe)
        for hosted in boot.modules
    }
    running = [hosted for hosted in boot.modules if hosted.state is ModuleState.STARTED]
    ready = (
        boot.finished
        and bool(bus["connected"])
        and all(check["ok"] for check in checks.values())
        and (bool(running) or not boot.modules)
    )
    whole = len(running) == len(boot.modules)
    status = ("ok" if whole else "degraded") if ready else "not ready"
    return {
        "format": 1,
        "status": status,
        "live": True,
        "ready": ready,
        "modules": modules,
        "bus": bus,
    }


def _module_report(
    hosted: HostedModule, check: Mapping[str, Any] | None, describe: Describe
) -> dict[str, Any]:
    error = hosted.error
    report: dict[str, Any] = {
        "state": hosted.state.value,
        "version": hosted.descriptor.version,
        "reason": describe(error) if error is not None else None,
        "code": error.code if error is not None else None,
    }
    if check is not None:
        report["check"] = dict(check)
    return report


def _bus_report(boot: Boot, describe: Describe) -> dict[str, Any]:
    if boot.bus_error is not None:
        return {"connected": False, "reason": describe(boot.bus_error), "code": boot.bus_error.code}
    state = boot.bus.health()
    facts: dict[str, Any] = dataclasses.asdict(state)
    return facts


async def _checks(boot: Boot) -> dict[str, dict[str, Any]]:
    """The answer of every started module's ``health``, all asked at once."""
    asked = {
        hosted.name: hook
        for hosted in boot.modules
        if hosted.state is ModuleState.STARTED
        and (hook := getattr(hosted.instance, "health", None)) is not None
    }
    answers = await asyncio.gather(*(_check(hook) for hook in asked.values()))
    return dict(zip(asked, answers, strict=True))


async def _check(hook: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    async def ask() -> Any:
        return await hook()

    try:
        answer = await within(CHECK_TIMEOUT_S, ask())
    except RanOutOfTimeError:
        return {"ok": False, "detail": f"no answer within {CHECK_TIMEOUT_S:g} s"}
    except Exception as error:  # noqa: BLE001 - a check that fails, in whatever way, is the answer
        return {"ok": False, "detail": f"{type(error).__name__}: {error}"[:300]}
    if isinstance(answer, Mapping):
        return {
            "ok": bool(answer.get("ok", True)),
            **{k: v for k, v in answer.items() if k != "ok"},
        }
    return {"ok": answer is None or bool(answer)}
