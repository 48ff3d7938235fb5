"""The FastAPI app that one module is given."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

logger = logging.getLogger("recyclic.runtime")


class ModuleApp(FastAPI):
    """A plain FastAPI app without documentation pages of its own: the site has them. An error
    in a route is answered with a JSON 500, logged with the module's name, and ends there."""

    def __init__(self, name: str) -> None:
        super().__init__(title=name, openapi_url=None, exception_handlers={Exception: _answer_500})
        self.router.tags = [name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except Exception:
            # Starlette has answered by now and raises again for the server to log.
            logger.exception(
                "%s %s failed in module %s",
                scope.get("method", scope["type"]),
                scope["path"],
                self.title,
                extra={"module_name": self.title},
            )
            if scope["type"] != "http":
                raise


async def _answer_500(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "Internal Server Error"}, status_code=500)


def module_app(name: str) -> FastAPI:
    """A fresh app for the module called ``name``; its operations carry that name as their tag."""
    return ModuleApp(name)
