"""The app behind ``/api/events/...``, made when it is first asked for: most workers never are."""

from functools import cached_property
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from recyclic.runtime.boot import Boot
from recyclic.runtime.claims import Claim, claim_on
from recyclic.runtime.dispatch import HasApp
from recyclic.runtime.module_app import module_app
from recyclic.runtime.operators import Operators
from recyclic.runtime.speech import Speech

if TYPE_CHECKING:
    from fastapi import APIRouter

NAME = "recyclic.events"
DESCRIPTION = "Looking at the bus and repairing it; for operators"


class EventApi(HasApp):
    """Owner of the paths below ``/api/events``.

    Attributes:
        claim: What it owns.
    """

    __slots__ = ("__dict__", "_boot", "_operators", "_site", "_speech", "claim")

    def __init__(self, site: str, boot: Boot, operators: Operators, speech: Speech) -> None:
        super().__init__(self._answer_first)
        self.claim: Claim = claim_on("/api/events/{path:path}")
        self._site = site
        self._boot = boot
        self._operators = operators
        self._speech = speech

    @cached_property
    def routes_app(self) -> FastAPI:
        """The app with all routes."""
        from recyclic.runtime.problem import answer_with_problems

        app = module_app(NAME)
        app.include_router(self._router())
        answer_with_problems(app, self._speech)
        return app

    def _router(self) -> "APIRouter":
        from recyclic.runtime.event_routes import event_router

        return event_router(self._site, self._boot, self._operators)

    async def _answer_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.app = self.routes_app
        await self.app(scope, receive, send)
