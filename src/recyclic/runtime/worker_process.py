"""One worker as its parent sees it."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from recyclic.runtime.wire import ENDING, Notice, Order, WorkerTask, line_of

LONGEST_NOTICE_BYTES = 1 << 24
"""A report on thousands of modules is one line."""

PROGRESS_MARGIN_S = 3.0
"""Beyond a module's own limit before a worker that shows no progress counts as standing still:
the worker notices a slow module itself, unless the module blocks the whole process."""


class WorkerState(StrEnum):
    """Where a worker is in its life."""

    BOOTING = "booting"
    BOOTED = "booted"
    SERVING = "serving"
    ENDING = "ending"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Loading:
    """What a worker said it was about to do, and when it should have said more (monotonic)."""

    module: str
    phase: str
    deadline: float


class WorkerProcess:
    """A worker process.

    Attributes:
        report: What it said of the site's health when it had booted.
        failure: Code and facts, when the site could not be booted at all.
        loading: The module whose code it was in, as far as is known.
        stalled: Killed by us for standing still in that module.
        counts: What it last said of its counts; see :mod:`recyclic.runtime.tally`.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.state = WorkerState.BOOTING
        self.started_at = time.monotonic()
        self.report: Mapping[str, Any] | None = None
        self.failure: Mapping[str, Any] | None = None
        self.loading: Loading | None = None
        self.stalled = False
        self.counts: Mapping[str, Any] | None = None
        self._counted = asyncio.Event()
        self.changed = asyncio.Event()

    @classmethod
    async def spawn(cls, worker_module: str, task: WorkerTask) -> Self:
        """Start a worker on ``task`` and follow it; it ends by itself when this process does.

        Args:
            worker_module: Python module that runs a worker as ``python -m``.
            task: Its file descriptors are inherited; ``task.notices`` is made here.
        """
        inherited = [task.listener] if task.probe is None else [task.listener, task.probe]
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                # -P: a folder that happens to be the working directory shadows nothing.
                *(sys.executable, "-P", "-m", worker_module),
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(*inherited, writing),
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        worker = cls(process)
        worker._write(replace(task, notices=writing).to_line())
        worker._following = asyncio.create_task(worker._follow(reading))
        return worker

    _following: asyncio.Task[None]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """As of :mod:`subprocess`: minus the signal's number; None while it runs."""
        return self._process.returncode

    def order(self, order: Order) -> None:
        """Tell it something; one that is gone hears nothing."""
        if order in ENDING and self.state is not WorkerState.GONE:
            self._become(WorkerState.ENDING)
        self._write(line_of({"order": order.value}))

    async def count(self) -> None:
        """Have ``counts`` be those of now."""
        self._counted.clear()
        self.order(Order.COUNT)
        await self._counted.wait()

    def terminate(self, order: Order) -> None:
        """Ask it to stop, whatever it is doing: as ``order`` says if it comes to where it obeys."""
        self._write(line_of({"order": order.value}))
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it now."""
        self._signal(signal.SIGKILL)

    async def gone(self) -> None:
        """Return when the process has ended and everything it said was read."""
        # Shielded: who stops waiting for it must not stop it being followed.
        await asyncio.shield(self._following)

    async def reached(self, *states: WorkerState) -> bool:
        """Wait until it is in one of ``states``; False when it is gone instead."""
        while self.state not in (*states, WorkerState.GONE):
            self.changed.clear()
            await self.changed.wait()
        return self.state in states

    def kill_if_stalled(self, now: float) -> None:
        """End it when the module it is in has taken far longer than it may."""
        if self.loading is not None and now > self.loading.deadline:
            self.stalled = True
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(number)

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(line)

    def _become(self, state: WorkerState) -> None:
        self.state = state
        self.changed.set()

    async def _follow(self, reading: int) -> None:
        reader = asyncio.StreamReader(LONGEST_NOTICE_BYTES)
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(reading, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            async for line in reader:
                self._heard(json.loads(line))
            await self._process.wait()
        finally:
            transport.close()
            self._become(WorkerState.GONE)
            self._counted.set()

    def _heard(self, message: Mapping[str, Any]) -> None:
        notice = Notice(message["notice"])
        if notice is Notice.ENTERED:
            deadline = time.monotonic() + message["limit_s"] + PROGRESS_MARGIN_S
            self.loading = Loading(message["module"], message["phase"], deadline)
        elif notice is Notice.LEFT:
            self.loading = None
        elif notice is Notice.BOOTED:
            self.report = message["report"]
            self._become(WorkerState.BOOTED)
        elif notice is Notice.COUNTED:
            self.counts = message["counts"]
            self._counted.set()
        elif notice is Notice.SERVING:
            self._become(WorkerState.SERVING)
        elif notice is Notice.FAILED:
            self.failure = {"code": message["code"], "facts": message["facts"]}
