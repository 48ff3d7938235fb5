"""``/metrics``: what Prometheus reads of a served site, whichever worker it comes to."""

import asyncio
import ipaddress
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recyclic.errors import RecyclicError
from recyclic.events.exposition import CONTENT_TYPE, exposition
from recyclic.events.metrics import Family, Kind, Sample, counted, in_hand, lagging, waiting_dead
from recyclic.events.observer import Observer
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.store import StoreError
from recyclic.events.streams.survey import Survey, survey
from recyclic.runtime.boot import Boot
from recyclic.runtime.operators import Level, Operators
from recyclic.runtime.speech import Speech, preferred_language
from recyclic.runtime.state import ModuleState
from recyclic.runtime.totals import Totals

SURVEY_STAYS_TRUE_S = 2.0
"""How old what the server said may be: asking often costs it nothing more."""
SURVEY_TIMEOUT_S = 3.0
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def metrics_router(boot: Boot, operators: Operators, totals: Totals, speech: Speech) -> APIRouter:
    """The route. Anybody on this machine may ask; from elsewhere, or through a proxy, it takes
    an operator's token: how much a shop sells is its own affair."""
    router = APIRouter(tags=["recyclic"])
    surveys = Surveys(boot)

    @router.get("/metrics", summary="Counts and lags, for Prometheus")
    async def metrics(request: Request) -> Response:
        try:
            if not from_this_machine(request):
                operators.require(request.headers.get("authorization"), Level.READ)
            total = await totals()
        except RecyclicError as error:
            from recyclic.runtime.problem import problem

            language = preferred_language(request.headers.get("accept-language", ""))
            return problem(error, speech, language)
        observer = Observer()
        observer.add(total["observer"])
        seen = await surveys.latest(observer.emitted)
        families = (
            *counted(observer),
            *in_hand(total["connected"], total["in_hand"]),
            *lagging(seen.standings),
            *waiting_dead(seen.dead or {}),
            *about_the_site(boot, total),
        )
        headers = {"content-type": CONTENT_TYPE, "cache-control": "no-store"}
        return Response(exposition(families), headers=headers)

    return router


def from_this_machine(request: Request) -> bool:
    """Whether a request comes from loopback, and no proxy passed it on."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def about_the_site(boot: Boot, total: Mapping[str, Any]) -> Iterator[Family]:
    """Workers and modules."""
    workers = [Sample(total["workers"])]
    yield Family("recyclic_workers", Kind.GAUGE, "Worker processes.", workers)
    started = [
        Sample(int(one.state is ModuleState.STARTED), (("module", one.name),))
        for one in boot.modules
    ]
    yield Family("recyclic_module_started", Kind.GAUGE, "1 for a module that runs.", started)


class Surveys:
    """What the event server says, asked at most every other second, whoever asks. While it is
    away there is nothing: a gap is better than a number that is not true."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot
        self._one = asyncio.Lock()
        self._made_at = float("-inf")
        self._found = Survey()

    async def latest(self, emitted: Iterable[str]) -> Survey:
        """How everybody stands on all events that are known here."""
        async with self._one:
            if time.monotonic() - self._made_at > SURVEY_STAYS_TRUE_S:
                self._found = await self._make({*emitted, *self._boot.bus.events})
                self._made_at = time.monotonic()
            return self._found

    async def _make(self, events: set[str]) -> Survey:
        bus = self._boot.bus
        if not isinstance(bus, RedisStreamsBus) or not self._boot.bus_connected:
            return Survey()
        try:
            async with asyncio.timeout(SURVEY_TIMEOUT_S):
                return await survey(bus.streams, events)
        except (StoreError, TimeoutError):
            return Survey()
