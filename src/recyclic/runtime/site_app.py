"""The site's own FastAPI app: dispatch in front, the few routes of the runtime behind."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from recyclic import __version__
from recyclic.events.pages import page_routes
from recyclic.model.site_config import SiteConfig
from recyclic.runtime.boot import Boot
from recyclic.runtime.claims import claim_on, claims_of
from recyclic.runtime.core_routes import core_router
from recyclic.runtime.dispatch import Dispatcher, HasApp, PathTable
from recyclic.runtime.event_api import DESCRIPTION, NAME, EventApi
from recyclic.runtime.location import Location
from recyclic.runtime.metrics_page import metrics_router
from recyclic.runtime.openapi import merged_openapi
from recyclic.runtime.operators import Operators
from recyclic.runtime.speech import Speech
from recyclic.runtime.state import ModuleState
from recyclic.runtime.totals import Totals


class SiteApp(FastAPI):
    """Answers every request of a site.

    Attributes:
        boot: The modules and their states.
        table: Which path belongs to whom.
    """

    def __init__(
        self,
        config: SiteConfig,
        location: Location,
        boot: Boot,
        table: PathTable[HasApp],
        *,
        lifespan: Lifespan[Any],
        speech: Speech,
        totals: Totals,
    ) -> None:
        super().__init__(
            title=config.site,
            version=__version__,
            docs_url=None,
            redoc_url=None,
            lifespan=lifespan,
        )
        self.boot = boot
        self.table = table
        self._own = HasApp(self.router)
        self._documented: frozenset[str] = frozenset()
        self.include_router(core_router(config, location, boot, speech))
        operators = Operators.of(config.site, config.events.get("operators", {}))
        self.include_router(metrics_router(boot, operators, totals, speech))
        self.router.routes.extend(page_routes(boot.bus))
        # A site whose front end is a module may put it at "/" instead of the page there.
        table.add(self._own, (claim for claim in claims_of(self) if claim != claim_on("/")))
        self._event_api = EventApi(config.site, boot, operators, speech)
        table.add(self._event_api, [self._event_api.claim])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Straight to the stack: the module's own app does what FastAPI does around one."""
        if self.middleware_stack is None or scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Dispatch first. What is no module's goes the way of any FastAPI app; middleware that
        was added to the site stands around both."""
        added, self.user_middleware = self.user_middleware, []
        self._own.app = super().build_middleware_stack()
        self.user_middleware = added
        stack: ASGIApp = Dispatcher(self.table, self._own.app)
        for middleware in reversed(added):
            stack = middleware.cls(stack, *middleware.args, **middleware.kwargs)
        return stack

    def openapi(self) -> dict[str, Any]:
        """The site's OpenAPI document, built when first asked for and kept until a module
        starts or stops."""
        running = [
            hosted
            for hosted in self.boot.modules
            if hosted.state in (ModuleState.LOADED, ModuleState.STARTED)
        ]
        names = frozenset(hosted.name for hosted in running)
        if self.openapi_schema is None or names != self._documented:
            parts = [(one.name, one.descriptor.description, one.routes_app) for one in running]
            parts.append((NAME, DESCRIPTION, self._event_api.routes_app))
            self.openapi_schema = merged_openapi(self.title, self.version, self, parts)
            self._documented = names
        return self.openapi_schema
