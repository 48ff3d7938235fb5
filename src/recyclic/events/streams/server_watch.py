"""What the servers of one address keep, looked at again whenever another one answers."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from recyclic.events.settings import BusSettings
from recyclic.events.store import StoreError, Warned
from recyclic.events.streams.link import Link
from recyclic.events.streams.router import Router
from recyclic.events.streams.server_check import (
    ServerFacts,
    check,
    read_facts,
    read_run_id,
    weaknesses,
)

_log = logging.getLogger("recyclic.events")


class ServerWatch:
    """A failover, a slot that moves or a restart may bring a server with other settings. At start
    a server may be refused; whoever follows it is only warned of, for the site runs.

    Attributes:
        warnings: What the servers' settings make untrue of the promises, as last looked at.
    """

    def __init__(
        self, router: Router, settings: BusSettings, tell: Callable[[ServerFacts], None]
    ) -> None:
        self.warnings: Sequence[Warned] = ()
        self._router = router
        self._settings = settings
        self._tell = tell
        self._facts: dict[Link, ServerFacts] = {}
        self._looking: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Look at every server. Raises: ReplyError, ConnectionLostError."""
        self._facts = {link: await read_facts(link) for link in self._router.masters()}
        self._tell(_weakest(self._facts.values()))

    def judge(self) -> Sequence[Warned]:
        """The warnings; from now on whoever takes over is looked at as well.

        Raises:
            BusSettingsError: one of the servers breaks a promise.
        """
        settings = self._settings
        for facts in self._facts.values():
            check(facts, settings.durability, settings.strict)
        self.warnings = self._found()
        self._router.on_return(self._returned)
        return self.warnings

    async def end(self) -> None:
        """Look no more."""
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)

    def _found(self) -> Sequence[Warned]:
        promised = self._settings.durability
        found = [one for facts in self._facts.values() for one in weaknesses(facts, promised)]
        return tuple({one.code: one for one in found}.values())

    def _returned(self, link: Link) -> None:
        task = asyncio.create_task(self._look_again(link))
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look_again(self, link: Link) -> None:
        try:
            before = self._facts.get(link)
            if before is not None and before.run_id == await read_run_id(link):
                return
            facts = await read_facts(link)
        except StoreError as error:
            # It is gone again, and is looked at when it, or another one, comes back.
            _log.info("settings of %s: %s", link.label, error)
            return
        # What nobody refused at start is not refused in the middle of a day either.
        spared = not _weakest(self._facts.values()).never_synced
        masters = set(self._router.masters())
        kept = {one: known for one, known in self._facts.items() if one in masters}
        self._facts = {**kept, link: facts}
        self._tell(replace(_weakest(self._facts.values()), spared=spared))
        known, self.warnings = set(map(str, self.warnings)), self._found()
        for one in self.warnings:
            if str(one) not in known:
                _log.warning(
                    "%s: the server that now answers at %s weakens a promise: %s",
                    *(one.code, link.label, one.facts),
                )


def _weakest(several: Iterable[ServerFacts]) -> ServerFacts:
    """What one node of a cluster does not keep is not kept."""
    return min(several, key=lambda node: (node.synced, node.written, node.waitaof))
