"""One round of one event: every handler of a module that still owes it something."""

import asyncio
import logging
import random
from collections.abc import Sequence

from recyclic.events.calling import Begun, Ended, begin, call_handler, finish
from recyclic.events.codec import UndecodableError, decode
from recyclic.events.delivery import Fate, Outcome, decide
from recyclic.events.event import Event
from recyclic.events.handler import Subscription
from recyclic.events.observer import Observer
from recyclic.events.settings import BusSettings
from recyclic.events.store import (
    HOLD,
    Death,
    Delivery,
    HandlerFate,
    Membership,
    Settlement,
)

_log = logging.getLogger("recyclic.events")
EVERY_HANDLER = "*"


class Round:
    """Runs the handlers side by side. One that fails is tried again while the others still run,
    and otherwise left to the server until it is due."""

    def __init__(
        self,
        module: str,
        delivery: Delivery,
        subscriptions: Sequence[Subscription],
        membership: Membership,
        settings: BusSettings,
        observer: Observer,
    ) -> None:
        self._module = module
        self._delivery = delivery
        self._subscriptions = subscriptions
        self._membership = membership
        self._settings = settings
        self._observer = observer
        self._counts = observer.handling[module, delivery.event]
        self._fates = dict(delivery.fates)
        self._deaths: list[Death] = []
        self._event_id = ""
        self._news = False

    async def run(self) -> Settlement | None:
        """What is to be written down; None when there is nothing but to acknowledge."""
        delivery = self._delivery
        if delivery.fields is None:
            _log.error(
                "%s %s was destroyed before %s handled it",
                *(*delivery.place, self._module),
                extra=self._facts(),
            )
            self._counts.lost += 1
            return None
        try:
            event = decode(delivery.event, delivery.fields, self._settings.max_payload_bytes)
        except UndecodableError as error:
            return self._set_aside("not an event", str(error))
        self._event_id = event.id
        if delivery.crashes > self._settings.max_crashes:
            return self._set_aside("crash", f"{delivery.crashes} workers died with it in hand")
        only = delivery.fields.get(b"only")
        if only is None:
            wanted = self._subscriptions
        else:
            chosen = self._only(only.decode("utf-8", "replace"))
            if chosen is None:
                return None
            if not chosen:
                return self._set_aside("no handler", f"{only.decode('utf-8', 'replace')} is gone")
            wanted = chosen
        return await self._several(event, wanted)

    def _only(self, only: str) -> Sequence[Subscription] | None:
        """The handlers a requeued event is for; None when it is another module's."""
        module, _, handler = only.partition("/")
        if module != self._module:
            return None
        return [one for one in self._subscriptions if not handler or one.name == handler]

    def _set_aside(self, reason: str, detail: str) -> Settlement:
        _log.error(
            "%s %s set aside for %s: %s (%s)",
            *(*self._delivery.place, self._module, reason, detail),
            extra=self._facts(),
        )
        self._died(EVERY_HANDLER, reason, detail, self._delivery.crashes + 1)
        return Settlement(self._fates, None, self._deaths)

    # -- one handler, first time: the usual case, called by the worker itself --------------

    def after_first(self, subscription: Subscription, event: Event, ended: Ended) -> Settlement:
        """What follows from the failure of the only handler's first call."""
        self._event_id = event.id
        delay = self._judge(subscription, ended, 1)
        return Settlement(self._fates, delay, self._deaths)

    def _handled(self) -> None:
        self._counts.handled += 1
        if self._observer.listener is not None:
            self._observer.listener.handled(self._module, self._delivery.event, self._event_id)

    # -- several handlers, or a further round ----------------------------------------------

    async def _several(
        self, event: Event, subscriptions: Sequence[Subscription]
    ) -> Settlement | None:
        self._part_with_missing()
        owed = [one for one in subscriptions if self._owes(one)]
        due: dict[Subscription, float] = {}
        waiting = self._begin_each(event, owed, due)
        if waiting is not None:
            await self._beside(event, waiting, owed, due)
        now = asyncio.get_running_loop().time()
        return self._conclude({one: at - now for one, at in due.items()})

    def _begin_each(
        self, event: Event, owed: list[Subscription], due: dict[Subscription, float]
    ) -> Begun | None:
        """Call one after the other up to the first that waits for something; its call, or None.

        Those not called are left in ``owed``; those to be called again are put in ``due``.
        """
        while owed:
            one = owed.pop(0)
            call = begin(one, self._again(event, one), self._counts)
            if isinstance(call, Begun):
                return call
            self._note(one, call, due)
        return None

    def _note(
        self, subscription: Subscription, ended: Ended, due: dict[Subscription, float]
    ) -> None:
        self._news = True
        delay = self._judge(subscription, ended, self._attempts(subscription) + 1)
        if delay is not None:
            due[subscription] = asyncio.get_running_loop().time() + delay / 1000

    async def _beside(
        self,
        event: Event,
        waiting: Begun,
        owed: Sequence[Subscription],
        due: dict[Subscription, float],
    ) -> None:
        """The call that waits goes on in this task, in which it began; others have their own."""
        if not (owed or due or self._news):
            self._note(waiting.subscription, await finish(waiting, self._counts), due)
            return
        mine: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        due.update(dict.fromkeys(owed, 0.0))
        others = asyncio.create_task(self._oversee(event, {mine: waiting.subscription}, due))
        try:
            ended = await finish(waiting, self._counts)
            if not mine.done():
                mine.set_result(ended)
            await others
        finally:
            others.cancel()
            await asyncio.gather(others, return_exceptions=True)

    async def _oversee(
        self,
        event: Event,
        running: dict[asyncio.Future[Ended], Subscription],
        due: dict[Subscription, float],
    ) -> None:
        """Until none runs: note how each call ends, and call again what is due meanwhile."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                now = loop.time()
                for one in [one for one, at in due.items() if at <= now]:
                    del due[one]
                    call = call_handler(one, self._again(event, one), self._counts)
                    running[asyncio.create_task(call)] = one
                if not running:
                    break
                if self._news:
                    await self._write_progress()
                pause = max(0.0, min(due.values()) - loop.time()) if due else None
                ended, _ = await asyncio.wait(
                    running, timeout=pause, return_when=asyncio.FIRST_COMPLETED
                )
                for task in ended:
                    self._note(running.pop(task), task.result(), due)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _part_with_missing(self) -> None:
        """A handler that was to be tried again and that this generation no longer has: kept as a
        dead letter, from which a generation that has it may take it up again."""
        there = {one.name for one in self._subscriptions}
        for name, known in self._fates.items():
            if known.fate is Fate.RETRY and name not in there:
                self._fates[name] = HandlerFate(Fate.DEAD, known.attempts)
                detail = f"{name} is not a handler of this generation"
                _log.error("%s of %s is gone", name, self._module, extra=self._facts())
                self._died(name, "no handler", detail, known.attempts)

    def _owes(self, subscription: Subscription) -> bool:
        known = self._fates.get(subscription.name)
        return known is None or known.fate is Fate.RETRY

    def _attempts(self, subscription: Subscription) -> int:
        known = self._fates.get(subscription.name)
        return 0 if known is None else known.attempts

    def _again(self, event: Event, subscription: Subscription) -> Event:
        attempts = self._attempts(subscription)
        replay = self._delivery.replay
        if not attempts and not replay:
            return event
        return event.delivered(attempt=attempts + 1, replay=replay)

    async def _write_progress(self) -> None:
        """Others still run: what is known now must survive a crash, so it is not done again."""
        self._news = False
        deaths, self._deaths = self._deaths, []
        # What the server knows, the acknowledgement must remove as well.
        self._delivery.fates = dict(self._fates)
        await self._membership.settle(self._delivery, Settlement(dict(self._fates), HOLD, deaths))

    def _conclude(self, waits: dict[Subscription, float]) -> Settlement | None:
        if waits:
            delay = max(0, int(min(waits.values()) * 1000))
            return Settlement(self._fates, delay, self._deaths)
        if self._deaths:
            return Settlement(self._fates, None, self._deaths)
        if all(one.fate is Fate.DONE for one in self._fates.values()):
            self._handled()
        return None

    # -- what is made of it ----------------------------------------------------------------

    def _judge(self, subscription: Subscription, ended: Ended, attempt: int) -> int | None:
        """Write the fate down; returns the delay in ms before the next attempt, if there is one."""
        verdict = decide(
            ended.outcome, attempt, subscription.policy, random.random(), ended.asked_delay_ms
        )
        self._fates[subscription.name] = HandlerFate(verdict.fate, attempt)
        if ended.outcome is Outcome.DONE:
            return None
        self._counts.failed += 1
        place = (subscription.name, self._module, self._delivery.event, self._event_id)
        if verdict.fate is Fate.DEAD:
            _log.error("%s of %s gave up %s %s: %s", *place, ended.why, extra=self._facts())
            self._died(subscription.name, ended.reason, ended.detail, attempt)
            return None
        self._counts.retried += 1
        _log.warning(
            "%s of %s failed on %s %s (attempt %d, again in %d ms): %s",
            *(*place, attempt, verdict.delay_ms, ended.why),
            extra=self._facts(),
        )
        return verdict.delay_ms

    def _facts(self) -> dict[str, str]:
        """What a log line is found by: the same names as on lines that a handler writes."""
        return {
            "event": self._delivery.event,
            "event_id": self._event_id or self._delivery.id,
            "module_name": self._module,
        }

    def _died(self, handler: str, reason: str, detail: str, attempts: int) -> None:
        self._deaths.append(Death(handler, reason[:500], detail, attempts))
        self._counts.dead += 1
        if self._observer.listener is not None:
            place = (self._module, self._delivery.event, self._event_id)
            self._observer.listener.died(*place, handler, reason)
