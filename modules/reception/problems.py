"""Refusals as HTTP answers: a stable code, and a sentence in the reader's language."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from .refusal import ReceptionRefusalError


def add_problem_handlers(app: FastAPI) -> None:
    """Have every refusal of the reception, and every malformed request, answered in one shape:
    ``{"code": ..., "detail": ..., ...facts}``.
    """

    @app.exception_handler(ReceptionRefusalError)
    async def refused(request: Request, error: ReceptionRefusalError) -> JSONResponse:
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
