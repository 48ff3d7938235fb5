"""The parent: holds the listening socket, keeps a crew of workers, changes it without a gap."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.events.embedded import EmbeddedServer
from recyclic.events.errors import EmbeddedServerError
from recyclic.runtime.crew import Crew
from recyclic.runtime.errors import ControlRequestError, ReloadRefusedError, WorkersFailedError
from recyclic.runtime.listen import listen_privately
from recyclic.runtime.location import Location
from recyclic.runtime.state import ModuleState
from recyclic.runtime.tally import Tally
from recyclic.runtime.wire import Order, WorkerTask

logger = logging.getLogger("recyclic.runtime")

END_MARGIN_S = 5.0
EVENTS_CHECK_S = 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be served, and how.

    Attributes:
        root: The site's folder.
        config: The config.toml of the generation to begin with.
        listener: File descriptor of the listening socket.
        address: What people open, for messages.
        worker_module: Run as ``python -m`` for each worker.
    """

    site: str
    root: Path
    config: Path
    listener: int
    address: str
    workers: int
    worker_module: str
    grace_s: float
    trusts_proxy: bool
    access_log: bool


class Supervisor:
    """Runs a service until it is told to stop."""

    def __init__(
        self,
        service: Service,
        events: EmbeddedServer | None,
        on_ready: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Nothing runs yet.

        Args:
            events: The site's own event server, started; it is kept up from here.
            on_ready: Called once, with the status, when every worker serves.
        """
        self._service = service
        self._events = events
        self._on_ready = on_ready
        self._stopping = asyncio.Event()
        self._probe: socket.socket | None = None
        self._probe_path = service.root / "run" / "probe.sock"
        self._crew: Crew | None = None
        self._standby: Crew | None = None
        self._change = asyncio.Lock()
        self._sending_away = asyncio.Lock()
        self._tally = Tally()
        self._background: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Serve; returns when everything has ended.

        Raises:
            WorkersFailedError: workers keep dying.
        """
        self._handle_signals()
        self._background.add(asyncio.create_task(self._keep_events_up()))
        crew = self._crew = self._new_crew(self._service.config)
        try:
            if await self._unless_stopping(crew.boot()):
                await crew.serve()
                self._on_ready(self.status())
                await self._watch()
        finally:
            await self._end()

    def status(self) -> dict[str, Any]:
        """What is served, by whom."""
        crew = self._crew
        assert crew is not None
        location = Location.of_config(Path(crew.task.config))
        return {
            "pid": os.getpid(),
            "site": self._service.site,
            "address": self._service.address,
            "generation": location.generation,
            "config": crew.task.config,
            "workers": [{"pid": one.pid, "state": one.state.value} for one in crew.workers],
            "refused": crew.refused,
            "report": next((one.report for one in crew.workers if one.report), None),
        }

    async def counts(self) -> dict[str, Any]:
        """What all workers counted, those that are gone included."""
        return await self._tally.total()

    def stop(self) -> None:
        """Begin to end; asked twice, at once."""
        if self._stopping.is_set():
            for crew in (self._crew, self._standby):
                for worker in crew.workers if crew is not None else ():
                    worker.kill()
        self._stopping.set()

    async def prepare(self, config: Path) -> dict[str, Any]:
        """Boot workers on ``config`` beside the ones that serve.

        Returns:
            Their health ``report``, and the path of a Unix socket, ``probe``, on which the new
            site answers HTTP already.

        Raises:
            ReloadRefusedError: they do not boot, or others stand by already.
        """
        if self._standby is not None:
            raise ReloadRefusedError(reason="busy")
        if Location.of_config(config).root != self._service.root.resolve():
            raise ControlRequestError(request="prepare", reason=f"{config} is not of this site")
        self._probe = listen_privately(self._probe_path)
        crew = self._standby = self._new_crew(config, self._probe.fileno())
        try:
            await crew.boot()
        except WorkersFailedError as error:
            await self.abort()
            raise ReloadRefusedError(reason=str(error)) from error
        except BaseException:
            await self.abort()
            raise
        report = next(one.report for one in crew.workers if one.report is not None)
        return {"report": dict(report), "probe": str(self._probe_path)}

    async def commit(self) -> dict[str, Any]:
        """Hand over: those that stand by serve, those that served let their clients finish.
        Returns when the last of them has ended.

        Raises:
            ControlRequestError: nobody stands by.
        """
        new, old = self._standby, self._crew
        if new is None or old is None:
            raise ControlRequestError(request="commit", reason="nothing is prepared")
        self._stop_probing()
        await new.serve()
        self._crew, self._standby = new, None
        logger.info("handed over to %s", new.task.config)
        await old.end(Order.DRAIN, 2 * self._service.grace_s + 2 * END_MARGIN_S)
        return {"status": self.status()}

    async def abort(self) -> None:
        """Send those that stand by away, also such as still boot; returns when they have ended,
        whoever asked first."""
        self._stop_probing()
        async with self._sending_away:
            crew, self._standby = self._standby, None
            if crew is not None:
                await crew.end(Order.WITHDRAW, END_MARGIN_S)

    def _stop_probing(self) -> None:
        if self._probe is not None:
            self._probe.close()
            self._probe = None
            self._probe_path.unlink(missing_ok=True)

    async def reload(self) -> dict[str, Any]:
        """Change to the site's current generation, if it boots no worse than what serves now.

        Raises:
            ReloadRefusedError: it does not; what served goes on serving.
        """
        async with self._change:
            prepared = await self.prepare(Location.of_site(self._service.root).config)
            worse = self._worse(prepared["report"])
            if worse:
                await self.abort()
                raise ReloadRefusedError(reason=worse, report=prepared["report"])
            return await self.commit()

    def _worse(self, report: Mapping[str, Any]) -> str:
        """Why ``report`` is worse than what serves now; empty when it is not."""
        modules: Mapping[str, Mapping[str, Any]] = report["modules"]
        before = (self.status()["report"] or {}).get("modules", {})
        fallen = [
            name
            for name, module in modules.items()
            if module["state"] != ModuleState.STARTED
            and before.get(name, {}).get("state", ModuleState.STARTED) == ModuleState.STARTED
        ]
        if fallen:
            return f"not started: {', '.join(fallen)}"
        return "" if report["ready"] else "not ready"

    def _new_crew(self, config: Path, probe: int | None = None) -> Crew:
        service = self._service
        task = WorkerTask(
            config=str(config),
            listener=service.listener,
            notices=-1,
            probe=probe,
            events_url=self._events.url if self._events is not None else None,
            grace_s=service.grace_s,
            trusts_proxy=service.trusts_proxy,
            access_log=service.access_log,
        )
        return Crew(service.worker_module, task, service.workers, self._tally)

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        # On a terminal a hang-up means that the terminal is gone; elsewhere, by custom, reload.
        hung_up = self.stop if sys.stderr.isatty() else self._reload_in_background
        loop.add_signal_handler(signal.SIGHUP, hung_up)

    def _reload_in_background(self) -> None:
        task = asyncio.create_task(self._reload_loudly())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _reload_loudly(self) -> None:
        try:
            await self.reload()
        except (ReloadRefusedError, ControlRequestError) as error:
            logger.error("not reloaded: %s", error, extra={"code": error.code})

    async def _unless_stopping(self, work: Awaitable[None]) -> bool:
        """Do ``work``; False when the order to stop came first."""
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            return task.done()
        finally:
            task.cancel()
            stopping.cancel()

    async def _watch(self) -> None:
        """Return when told to stop; a crew that gives up ends the service."""
        while not self._stopping.is_set():
            crew = self._crew
            assert crew is not None
            await self._unless_stopping(crew.failed())

    async def _keep_events_up(self) -> None:
        """Start the event server again when it has died. In this thread on purpose: it ends with
        the thread that starts it."""
        while self._events is not None:
            await asyncio.sleep(EVENTS_CHECK_S)
            try:
                self._events.ensure()
            except EmbeddedServerError as error:
                logger.error("event server: %s", error, extra={"code": error.code})

    async def _end(self) -> None:
        for task in self._background:
            task.cancel()
        self._stop_probing()
        limit_s = 2 * self._service.grace_s + END_MARGIN_S
        crews = [crew for crew in (self._crew, self._standby) if crew is not None]
        await asyncio.gather(*(crew.end(Order.STOP, limit_s) for crew in crews))
