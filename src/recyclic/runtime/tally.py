"""What all workers of a site counted together, also those that have ended meanwhile.

A worker's counts are ``{"observer": ..., "in_hand": {module: n}, "connected": 0 or 1}``; a
total has ``workers`` as well, and in ``connected`` how many of them are.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from recyclic.events.observer import Observer
from recyclic.runtime.boot import Boot
from recyclic.runtime.worker_process import WorkerProcess, WorkerState

ANSWER_WITHIN_S = 1.0
"""A worker that says nothing for longer counts with what it said last."""


def counts_of(boot: Boot) -> dict[str, Any]:
    """What one process counted since it began, as values for JSON."""
    health = boot.bus.health()
    return {
        "observer": boot.bus.observer.plain(),
        "in_hand": {name: count for name, count in health.in_hand.items() if count},
        "connected": int(health.connected),
    }


def no_counts() -> dict[str, Any]:
    """The counts of a process that has not begun."""
    return {"observer": Observer().plain(), "in_hand": {}, "connected": 0}


class Tally:
    """Totals that never go down, however often workers are replaced."""

    def __init__(self) -> None:
        self._gone = Observer()
        self._living: set[WorkerProcess] = set()
        self._endings: set[asyncio.Task[None]] = set()

    def follow(self, worker: WorkerProcess) -> None:
        """Count ``worker`` in, from now on and for good."""
        self._living.add(worker)
        ending = asyncio.create_task(self._until_gone(worker))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _until_gone(self, worker: WorkerProcess) -> None:
        await worker.gone()
        self._living.discard(worker)
        if worker.counts is not None:
            self._gone.add(worker.counts["observer"])

    async def total(self) -> dict[str, Any]:
        """All counts, as they are now."""
        serving = [one for one in self._living if one.state is not WorkerState.BOOTING]
        asked = [asyncio.ensure_future(one.count()) for one in serving]
        if asked:
            _told, silent = await asyncio.wait(asked, timeout=ANSWER_WITHIN_S)
            for one in silent:
                one.cancel()
        return self._added([one.counts for one in self._living if one.counts is not None])

    def _added(self, counts: list[Mapping[str, Any]]) -> dict[str, Any]:
        whole = Observer()
        whole.add(self._gone.plain())
        in_hand: Counter[str] = Counter()
        for one in counts:
            whole.add(one["observer"])
            in_hand.update(one["in_hand"])
        return {
            "observer": whole.plain(),
            "in_hand": dict(in_hand),
            "connected": sum(one["connected"] for one in counts),
            "workers": len(counts),
        }
