"""The FastAPI app that one module is given."""

import contextlib
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
            self._log(scope)
            if scope["type"] != "http":
                raise
        except SystemExit:
            # It would end the worker, and with it every other module's requests.
            self._log(scope)
            with contextlib.suppress(RuntimeError):  # an answer was on its way already
                await _INTERNAL_ERROR(scope, receive, send)

    def _log(self, scope: Scope) -> None:
        verb = scope.get("method", scope["type"])
        logger.exception(
            *("%s %s failed in module %s", verb, scope["path"], self.title),
            extra={"module_name": self.title},
        )


_INTERNAL_ERROR = JSONResponse({"detail": "Internal Server Error"}, status_code=500)


async def _answer_500(_request: Request, _error: Exception) -> JSONResponse:
    return _INTERNAL_ERROR


def module_app(name: str) -> FastAPI:
    """A fresh app for the module called ``name``; its operations carry that name as their tag."""
    return ModuleApp(name)
