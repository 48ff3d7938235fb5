"""The workers of one generation: as many as were asked for, kept up, ended together."""

import asyncio
import logging
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from recyclic.runtime.errors import WorkersFailedError
from recyclic.runtime.tally import Tally
from recyclic.runtime.wire import Order, WorkerTask
from recyclic.runtime.worker_process import WorkerProcess, WorkerState

logger = logging.getLogger("recyclic.runtime")

MAX_FAILED_BOOTS = 5
"""Workers that may die while booting, for no module's fault, before the crew gives up."""

MAX_CRASHES = 2
"""Workers that may die in one module's code before it is not loaded any more: one death may be
someone else's kill."""

STEADY_S = 10.0
"""A worker that served this long was fine: its successor starts at once."""

LONGEST_PAUSE_S = 30.0
"""Between the deaths of workers that never last."""

STALL_CHECK_S = 0.5


class Crew:
    """Workers on one config.toml.

    Attributes:
        task: What every one of them is given.
        refused: Modules that killed workers, with code and facts; never loaded again here.
        workers: Those that run now.
    """

    def __init__(self, worker_module: str, task: WorkerTask, count: int, tally: Tally) -> None:
        self.task = task
        self.refused: dict[str, dict[str, Any]] = {}
        self.workers: list[WorkerProcess] = []
        self.serving = False
        self._worker_module = worker_module
        self._count = count
        self._tally = tally
        self._crashes: Counter[str] = Counter()
        self._failed_boots = 0
        self._short_lives = 0
        self._ending = False
        self._keepers: set[asyncio.Task[None]] = set()
        self._booted = asyncio.Event()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def boot(self) -> None:
        """Start all workers; returns when every one has booted.

        Raises:
            WorkersFailedError: they keep dying, and no module is to blame.
        """
        for _ in range(self._count):
            self._keepers.add(asyncio.create_task(self._keep_one()))
        self._keepers.add(asyncio.create_task(self._watch_for_stalls()))
        await self._or_failure(self._all_are(WorkerState.BOOTED, WorkerState.SERVING))

    async def serve(self) -> None:
        """Have all of them, and their successors, accept requests."""
        self.serving = True
        self.task = replace(self.task, probe=None)
        for worker in self.workers:
            if worker.state is WorkerState.BOOTED:
                worker.order(Order.SERVE)
        await self._or_failure(self._all_are(WorkerState.SERVING))

    async def failed(self) -> None:
        """Never returns.

        Raises:
            WorkersFailedError: when the crew has given up.
        """
        await asyncio.shield(self._failure)

    async def end(self, order: Order, limit_s: float) -> None:
        """End all workers and wait for it; those that outstay ``limit_s`` are killed."""
        self._ending = True
        workers = list(self.workers)
        for worker in workers:
            if worker.state is WorkerState.BOOTING:
                worker.terminate(order)
            else:
                worker.order(order)
        for keeper in self._keepers:
            keeper.cancel()
        ended = [asyncio.ensure_future(worker.gone()) for worker in workers]
        if ended:
            _done, late = await asyncio.wait(ended, timeout=limit_s)
            for worker in workers:
                worker.kill()
            if late:
                logger.warning(
                    "%d workers were killed: they took more than %.0f s", len(late), limit_s
                )
                await asyncio.wait(late)
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def kill(self) -> None:
        """End all workers now."""
        await self.end(Order.STOP, 0.0)

    async def _all_are(self, *states: WorkerState) -> None:
        while True:
            workers = list(self.workers)
            arrived = [await worker.reached(*states) for worker in workers]
            if len(workers) == self._count and all(arrived) and workers == self.workers:
                return
            await asyncio.sleep(0.01)

    async def _or_failure(self, awaited: Any) -> None:
        task = asyncio.ensure_future(awaited)
        try:
            await asyncio.wait({task, self._failure}, return_when=asyncio.FIRST_COMPLETED)
            if self._failure.done():
                self._failure.result()
            task.result()
        finally:
            task.cancel()

    async def _keep_one(self) -> None:
        """Have one worker run; when it ends, another one."""
        while not self._ending:
            task = replace(self.task, refused=self.refused)
            worker = await WorkerProcess.spawn(self._worker_module, task)
            self.workers.append(worker)
            self._tally.follow(worker)
            if await worker.reached(WorkerState.BOOTED):
                self._failed_boots = 0
                if self.serving:
                    worker.order(Order.SERVE)
            await worker.gone()
            self.workers.remove(worker)
            if not self._ending:
                await self._mourn(worker)

    async def _mourn(self, worker: WorkerProcess) -> None:
        """Learn what can be learned from a worker's death, and wait before the next one."""
        how = _how_it_ended(worker)
        logger.error("worker %d ended: %s", worker.pid, how, extra={"worker": worker.pid})
        if worker.loading is not None:
            self._blame(worker, how)
            return
        if worker.report is None:
            self._failed_boots += 1
            if worker.failure is not None or self._failed_boots >= MAX_FAILED_BOOTS:
                self._give_up(worker, how)
        steady = time.monotonic() - worker.started_at > STEADY_S
        self._short_lives = 0 if steady else self._short_lives + 1
        if self._short_lives > 1:
            await asyncio.sleep(min(LONGEST_PAUSE_S, 0.25 * 2 ** (self._short_lives - 1)))

    def _blame(self, worker: WorkerProcess, how: str) -> None:
        loading = worker.loading
        assert loading is not None
        self._crashes[loading.module] += 1
        if worker.stalled or self._crashes[loading.module] >= MAX_CRASHES:
            facts = {"module": loading.module, "phase": loading.phase, "how": how}
            self.refused[loading.module] = facts
            logger.error("module %s is set aside: %s in %s", loading.module, how, loading.phase)

    def _give_up(self, worker: WorkerProcess, how: str) -> None:
        if not self._failure.done():
            reason = how if worker.failure is None else f"{worker.failure}"
            error = WorkersFailedError(reason=reason, attempts=self._failed_boots)
            self._failure.set_exception(error)

    async def _watch_for_stalls(self) -> None:
        while True:
            await asyncio.sleep(STALL_CHECK_S)
            for worker in self.workers:
                worker.kill_if_stalled(time.monotonic())


def _how_it_ended(worker: WorkerProcess) -> str:
    if worker.stalled:
        return "it stood still"
    code = worker.exit_code
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
