"""Why a module says no: a code for programs, a sentence for people, an HTTP answer for both."""

from enum import Enum
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException


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

    def __init__(self, reason: Reason, /, **facts: Any) -> None:
        super().__init__(reason.code, facts)
        self.reason = reason
        self.facts = facts


class Problem(BaseModel):
    """The answer to what was refused; the facts of the case stand beside ``code`` and ``detail``.

    Attributes:
        code: For programs; ``invalid_request`` for a request that is malformed.
        detail: For people, in the language that the request prefers.
    """

    model_config = ConfigDict(extra="allow")

    code: str
    detail: str


def documented(reasons: type[Reason]) -> dict[int | str, dict[str, Any]]:
    """What ``APIRouter(responses=...)`` takes, so that OpenAPI tells of every refusal."""
    codes: dict[int, list[str]] = {400: [_INVALID], 422: [_INVALID]}
    for reason in reasons:
        codes.setdefault(reason.status, []).append(reason.code)
    return {
        status: {
            "model": Problem,
            "description": f"{HTTPStatus(status).phrase}: {', '.join(sorted(found))}",
        }
        for status, found in sorted(codes.items())
    }


_INVALID = "invalid_request"


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
        return _invalid(request, 422, [_finding(found) for found in error.errors()])

    @app.exception_handler(HTTPException)
    async def unreadable(request: Request, error: HTTPException) -> Response:
        """A body that is no text at all is answered like any other malformed request."""
        if error.status_code == HTTPStatus.BAD_REQUEST:
            return _invalid(request, 400, [])
        return await http_exception_handler(request, error)


def _invalid(request: Request, status: int, errors: list[dict[str, Any]]) -> JSONResponse:
    french = language_of(request) == "fr"
    detail = "La demande est mal formée." if french else "The request is malformed."
    body = {"code": _INVALID, "detail": detail, "errors": errors}
    return JSONResponse(body, status_code=status)


def language_of(request: Request) -> str:
    """``fr`` when the client puts French first, else ``en``."""
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "fr" if first.startswith("fr") else "en"


def _finding(found: dict[str, Any]) -> dict[str, Any]:
    """Where and why, but never the input itself: it may not even be text."""
    return {"at": list(found["loc"]), "code": found["type"], "detail": found["msg"]}
