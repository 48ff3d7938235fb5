"""One worker process: boots the site, serves when told to, ends when told to or left alone."""

import asyncio
import contextlib
import json
import os
import signal
import site
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from recyclic.errors import RecyclicError
from recyclic.events.tracing import follow_opentelemetry
from recyclic.runtime.app import create_app
from recyclic.runtime.drain import IDLE_LIMIT_S, Leaving, WorkerServer
from recyclic.runtime.errors import ModuleCrashError
from recyclic.runtime.health import health_report
from recyclic.runtime.location import Location
from recyclic.runtime.log import log_to_stderr
from recyclic.runtime.site_app import SiteApp
from recyclic.runtime.speech import Speech
from recyclic.runtime.tally import counts_of, no_counts
from recyclic.runtime.totals import ask_for_totals
from recyclic.runtime.wire import Notice, Order, WorkerTask, line_of

TELL_EVERY_S = 5.0
"""How old counts may be when their process is killed."""

END_MARGIN_S = 5.0
"""What ending may take beyond the time that requests and handlers were given."""


def run_worker(speech: Speech) -> None:
    """Be a worker: the task is the first line of standard input. Ends with the process."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    task = WorkerTask.from_line(_read_line(0))
    worker = Worker(task, speech)
    log_to_stderr()
    follow_opentelemetry()
    try:
        # uvloop where there is one, as uvicorn itself would choose.
        factory = uvicorn.Config("", log_config=None).get_loop_factory()
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(worker.run())
    except RecyclicError as error:
        worker.tell(Notice.FAILED, code=error.code, facts=dict(error.facts))
        sys.exit(1)


class Worker:
    """A worker's life, from its task to its end."""

    def __init__(self, task: WorkerTask, speech: Speech) -> None:
        self._task = task
        self._speech = speech
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._counts: Callable[[], dict[str, Any]] = no_counts

    def tell(self, notice: Notice, **facts: Any) -> None:
        """Send one notice to the parent, if there still is one."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._task.notices, line_of({"notice": notice.value, **facts}))

    async def run(self) -> None:
        """Boot, wait to be told to serve, serve, end.

        Raises:
            RecyclicError: the site cannot be booted at all.
        """
        self._listen_for_orders()
        app = self._make_app()
        self._counts = partial(counts_of, app.boot)
        try:
            async with app.router.lifespan_context(app):
                report = await health_report(app.boot, self._describe)
                self.tell(Notice.BOOTED, report=report)
                order = await self._first_order(app)
                if order is Order.SERVE:
                    await self._serve(app)
                elif Order.WITHDRAW in (order, *self._further_orders()):
                    await app.boot.withdraw()
        finally:
            self._tell_counts()

    def _describe(self, error: RecyclicError) -> str:
        return self._speech.describe(error, "en")

    def _make_app(self) -> SiteApp:
        path = Path(self._task.config)
        site_packages = Location.of_config(path).site_packages
        if site_packages.is_dir():
            # After the core's own: a module's requirement never replaces what serves it.
            site.addsitedir(str(site_packages))
        refused = {name: ModuleCrashError(**facts) for name, facts in self._task.refused.items()}
        return create_app(
            path,
            events_url=self._task.events_url,
            refused=refused,
            speech=self._speech,
            watch=self._watch,
            hold_events=True,
            totals=partial(ask_for_totals, Location.of_config(path).run),
        )

    def _tell_counts(self) -> None:
        self.tell(Notice.COUNTED, counts=self._counts())

    async def _keep_telling_counts(self) -> None:
        """So that little is missing from the totals when this process is killed."""
        told = self._counts()
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            if (counts := self._counts()) != told:
                told = counts
                self._tell_counts()

    @contextlib.contextmanager
    def _watch(self, module: str, phase: str, limit_s: float) -> Iterator[None]:
        self.tell(Notice.ENTERED, module=module, phase=phase, limit_s=limit_s)
        try:
            yield
        finally:
            self.tell(Notice.LEFT)

    def _listen_for_orders(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._orders.put_nowait, Order.STOP)

        def obey(order: Order) -> None:
            if order is Order.COUNT:
                loop.call_soon_threadsafe(self._tell_counts)
            else:
                loop.call_soon_threadsafe(self._orders.put_nowait, order)

        threading.Thread(target=_read_orders, args=(obey, self._task), daemon=True).start()

    async def _first_order(self, app: SiteApp) -> Order:
        """The order after boot; until it comes the app answers on the probe's socket."""
        if self._task.probe is None:
            return await self._orders.get()
        probe = WorkerServer(self._config(app), Leaving(app))
        listener = socket.socket(fileno=self._task.probe)
        answering = asyncio.create_task(probe.serve([listener]))
        order = await self._orders.get()
        probe.leave(patient=False)
        await answering
        return order

    def _further_orders(self) -> Iterator[Order]:
        """Those that came meanwhile."""
        while not self._orders.empty():
            yield self._orders.get_nowait()

    def _config(self, app: Any) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            ws="websockets-sansio",
            access_log=self._task.access_log,
            server_header=False,
            forwarded_allow_ips="*" if self._task.trusts_proxy else None,
            timeout_keep_alive=IDLE_LIMIT_S,
            timeout_graceful_shutdown=max(1, round(self._task.grace_s)),
        )

    async def _serve(self, app: SiteApp) -> None:
        app.boot.handle_events()
        layer = Leaving(app)
        server = WorkerServer(self._config(layer), layer)
        listener = socket.socket(fileno=self._task.listener)
        serving = asyncio.create_task(server.serve([listener]))
        self.tell(Notice.SERVING)
        telling = asyncio.create_task(self._keep_telling_counts())
        order = await self._orders.get()
        server.leave(patient=order is Order.DRAIN)
        await serving
        telling.cancel()


def _read_line(descriptor: int) -> bytes:
    """One line, and not a byte of what follows it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            raise EOFError("the parent is gone")
        line += byte
    return bytes(line)


def _read_orders(obey: Callable[[Order], None], task: WorkerTask) -> None:
    """Pass on what the parent says; when it is gone, stop, by force if need be."""
    # Not sys.stdin: a thread that waits in a buffered reader makes Python abort at its exit.
    with contextlib.suppress(ValueError, RuntimeError), open(0, "rb", buffering=0) as orders:
        for line in orders:
            obey(Order(json.loads(line)["order"]))
        obey(Order.STOP)
    ending = threading.Timer(2 * task.grace_s + END_MARGIN_S, os._exit, (1,))
    ending.daemon = True
    ending.start()
