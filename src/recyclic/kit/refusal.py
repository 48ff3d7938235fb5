"""Why a module says no: a code for programs, a sentence for people, an HTTP answer for both."""

from enum import Enum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


class Reason(Enum):
    """Base of a module's closed list of reasons.

    A member's value is the HTTP status, and the words in English and in French, in which facts
    are named in braces: ``SOLD_OUT = (409, "{label} is sold out.", "{label} est épuisé.")``.
    """

    @property
    def code(self) -> str:
        """What programs compare with: ``sold_out``."""
        return self.name.lower()

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.value[0])

    def words(self, language: str, facts: dict[str, Any]) -> str:
        """The sentence, in French for ``fr``, else in English."""
        template = str(self.value[2] if language == "fr" else self.value[1])
        return template.format_map(facts)


class RefusalError(Exception):
    """The module refused, and nothing changed; ``facts`` fill the words of ``reason``."""

    def __init__(self, reason: Reason, **facts: Any) -> None:
        super().__init__(reason.code, facts)
        self.reason = reason
        self.facts = facts


def answer_refusals(app: FastAPI) -> None:
    """Have every refusal, and every malformed request, answered in one shape:
    ``{"code": ..., "detail": ..., ...facts}``. Call it in ``register_routes``.
    """

    @app.exception_handler(RefusalError)
    async def refused(request: Request, error: RefusalError) -> JSONResponse:
        reason = error.reason
        detail = reason.words(language_of(request), error.facts)
        body = {"code": reason.code, "detail": detail, **error.facts}
        return JSONResponse(body, status_code=reason.status)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        french = language_of(request) == "fr"
        detail = "La demande est mal formée." if french else "The request is malformed."
        errors = [_finding(found) for found in error.errors()]
        body = {"code": "invalid_request", "detail": detail, "errors": errors}
        return JSONResponse(body, status_code=422)


def language_of(request: Request) -> str:
    """``fr`` when the client puts French first, else ``en``."""
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "fr" if first.startswith("fr") else "en"


def _finding(found: dict[str, Any]) -> dict[str, Any]:
    """Where and why, but never the input itself: it may not even be text."""
    return {"at": list(found["loc"]), "code": found["type"], "detail": found["msg"]}
