"""Starts modules in config.toml's order and stops them in reverse, whatever fails."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recyclic.errors import RecyclicError
from recyclic.events.site_bus import SiteBus
from recyclic.events.store import StoreError
from recyclic.runtime.dispatch import HasApp, PathTable
from recyclic.runtime.errors import (
    ModuleError,
    NeedsFailedModuleError,
    StartupError,
    StartupTimeoutError,
)
from recyclic.runtime.fault import fault_facts
from recyclic.runtime.hosted import HostedModule
from recyclic.runtime.module import ModuleBase
from recyclic.runtime.registration import claim_paths, set_out
from recyclic.runtime.secret import with_secrets
from recyclic.runtime.state import ModuleState
from recyclic.runtime.time_limit import RanOutOfTimeError, within
from recyclic.runtime.unavailable import Unavailable
from recyclic.runtime.watch import Watch, unwatched

logger = logging.getLogger("recyclic.runtime")

SHUTDOWN_TIMEOUT_S = 10.0
"""How long one module's ``shutdown`` may take."""

DRAIN_TIMEOUT_S = 10.0
"""How long handlers that run may still take when the site stops."""

BUS_RETRY_S = 1.0

WITHDRAW_TIMEOUT_S = 2.0


class Boot:
    """The modules of one worker, from loaded to stopped."""

    def __init__(
        self,
        *,
        bus: SiteBus,
        table: PathTable[HasApp],
        settings: Mapping[str, Mapping[str, Any]],
        data: Path,
        watch: Watch = unwatched,
    ) -> None:
        self.modules: list[HostedModule] = []
        self.bus = bus
        self.bus_error: RecyclicError | None = None
        self.finished = False
        self._suppliers: dict[str, list[HostedModule]] = {}
        self._table = table
        self._settings = settings
        self._data = data
        self._watch = watch
        self._consuming: asyncio.Task[None] | None = None

    @property
    def bus_connected(self) -> bool:
        """Whether the event server answers, as far as this process knows."""
        return self.bus_error is None and self.bus.health().connected

    def admit(self, hosted: HostedModule) -> None:
        """Add the next module of the boot order."""
        self.modules.append(hosted)
        for name in (hosted.name, *(name for name, _version in hosted.descriptor.provides)):
            self._suppliers.setdefault(name, []).append(hosted)

    async def start(self) -> None:
        """Start every module that can be; none of them can make this raise."""
        await self._dispose_of_failed()
        await self._try_bus()
        for hosted in self.modules:
            if hosted.state is ModuleState.STOPPED:
                hosted.begin_again()
            await self._bring_up(hosted)
        await self._dispose_of_failed()
        self.finished = True

    def handle_events(self) -> None:
        """Handle events from now on, until ``stop``."""
        self._consuming = asyncio.create_task(self._consume(), name="bus")

    async def withdraw(self) -> None:
        """Undo what booting did to the event server, which others go on with."""
        from recyclic.events.redis_streams import RedisStreamsBus

        if isinstance(self.bus, RedisStreamsBus) and self.bus_error is None:
            try:
                await within(WITHDRAW_TIMEOUT_S, self.bus.withdraw())
            except (StoreError, RanOutOfTimeError) as error:
                logger.error("groups of the refused generation stay: %s", error)

    async def stop(self) -> None:
        """Finish the handlers that run, then shut modules down in reverse."""
        self.finished = False
        with contextlib.suppress(RecyclicError):
            await self.bus.stop(timeout_s=DRAIN_TIMEOUT_S)
        if self._consuming is not None:
            self._consuming.cancel()
            await asyncio.wait({self._consuming})
        for hosted in reversed(self.modules):
            if hosted.state is ModuleState.STARTED:
                await self._take_down(hosted)

    async def _dispose_of_failed(self) -> None:
        """Take the handlers of modules that do not run off the bus. Before it starts, because a
        module may have failed half way through registering them; and after modules started."""
        for hosted in self.modules:
            if hosted.error is not None:
                await self.bus.remove_module(hosted.name)

    async def _try_bus(self) -> bool:
        try:
            await self.bus.start()
        except RecyclicError as error:
            if self.bus_error is None:
                logger.error("bus not available: %s", error, extra={"code": error.code})
            self.bus_error = error
            return False
        self.bus_error = None
        return True

    async def _consume(self) -> None:
        """Handle events, connecting first if that has not worked yet, and again after a fault."""
        while True:
            while self.bus_error is not None:
                await asyncio.sleep(BUS_RETRY_S)
                await self._try_bus()
            try:
                await self.bus.consume()
                return
            except Exception:
                logger.exception("handling events failed and begins again")
                await asyncio.sleep(BUS_RETRY_S)

    async def _bring_up(self, hosted: HostedModule) -> None:
        if hosted.error is not None:
            return
        broken = self._broken_need(hosted)
        if broken is not None:
            set_out(hosted, ModuleState.SET_ASIDE, broken)
            return
        assert hosted.instance is not None
        if type(hosted.instance).startup is not ModuleBase.startup:
            await self._start_one(hosted)
        if hosted.error is None:
            hosted.life.become(ModuleState.STARTED)

    async def _start_one(self, hosted: HostedModule) -> None:
        """Call ``startup``, then enter the routes that it added to the app it was given."""
        try:
            await self._startup_hook(hosted)
        except ModuleError as error:
            set_out(hosted, ModuleState.FAILED, error)
            return
        try:
            claim_paths(hosted, self._table)
        except ModuleError as error:
            await self._shutdown_hook(hosted)
            set_out(hosted, ModuleState.FAILED, error)

    def _broken_need(self, hosted: HostedModule) -> NeedsFailedModuleError | None:
        """The first thing the module needs that nobody running supplies."""
        for need in hosted.descriptor.requires:
            suppliers = [one for one in self._suppliers[need.name] if one is not hosted]
            if not any(one.state is ModuleState.STARTED for one in suppliers):
                other = suppliers[0]
                return NeedsFailedModuleError(
                    module=hosted.name, needs=other.name, state=other.state.value
                )
        return None

    async def _startup_hook(self, hosted: HostedModule) -> None:
        assert hosted.instance is not None
        limit_s = hosted.descriptor.startup_timeout_s
        config = self._config_of(hosted)
        try:
            with self._watch(hosted.name, "startup", limit_s):
                await within(limit_s, hosted.instance.startup(hosted.routes_app, config))
        except RanOutOfTimeError as error:
            raise StartupTimeoutError(module=hosted.name, limit_s=limit_s) from error
        except (Exception, SystemExit) as error:
            raise StartupError(module=hosted.name, **fault_facts(error)) from error

    def _config_of(self, hosted: HostedModule) -> dict[str, Any]:
        """What ``startup`` is given: settings with their secrets, and a folder that is there."""
        config = with_secrets(hosted.name, self._settings.get(hosted.name, {}))
        folder = self._data / hosted.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartupError(module=hosted.name, **fault_facts(error)) from error
        config["_data_dir"] = str(folder)
        return config

    async def _take_down(self, hosted: HostedModule) -> None:
        await self._shutdown_hook(hosted)
        hosted.end(ModuleState.STOPPED, None, Unavailable(hosted.name, ModuleState.STOPPED, None))

    async def _shutdown_hook(self, hosted: HostedModule) -> None:
        assert hosted.instance is not None
        try:
            await within(SHUTDOWN_TIMEOUT_S, hosted.instance.shutdown())
        except (Exception, SystemExit):  # whatever it is, the next one is shut down
            logger.exception(
                "shutdown of module %s failed", hosted.name, extra={"module_name": hosted.name}
            )
