"""Errors of the site's own API as problem documents.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

import json
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from recyclic.errors import RecyclicError
from recyclic.events.errors import (
    AmbiguousEntryError,
    BusError,
    PayloadError,
    UnknownEntryError,
    UnknownGroupError,
)
from recyclic.model.names import InvalidNameError
from recyclic.runtime.errors import (
    ApiError,
    NoOperatorsError,
    NotOperableError,
    NotServedError,
    OperatorMayNotError,
    OperatorUnknownError,
    RequestError,
)
from recyclic.runtime.speech import Speech, preferred_language

_STATUS: tuple[tuple[type[RecyclicError], HTTPStatus], ...] = (
    (OperatorUnknownError, HTTPStatus.UNAUTHORIZED),
    (OperatorMayNotError, HTTPStatus.FORBIDDEN),
    (NoOperatorsError, HTTPStatus.FORBIDDEN),
    (NotOperableError, HTTPStatus.NOT_IMPLEMENTED),
    (RequestError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidNameError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (PayloadError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnknownEntryError, HTTPStatus.NOT_FOUND),
    (UnknownGroupError, HTTPStatus.NOT_FOUND),
    (AmbiguousEntryError, HTTPStatus.CONFLICT),
    (NotServedError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BusError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ApiError, HTTPStatus.BAD_REQUEST),
)
"""The first that fits. What is not here is our own mistake."""


def status_of(error: RecyclicError) -> HTTPStatus:
    """With which status an error is answered."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(
    error: RecyclicError, speech: Speech, language: str, status: HTTPStatus | None = None
) -> Response:
    """The answer that tells of ``error``: its code and facts for programs, a line for people.

    Args:
        status: With which it is answered, where its kind does not say.
    """
    status = status or status_of(error)
    document = {
        "type": f"urn:recyclic:error:{error.code}",
        "title": status.phrase,
        "status": status.value,
        "detail": speech.describe(error, language),
        "code": error.code,
        "facts": dict(error.facts),
    }
    headers = {"content-language": language, "vary": "accept-language", "cache-control": "no-store"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    content = json.dumps(document, default=str, ensure_ascii=False)
    return Response(content, status, headers, media_type="application/problem+json")


def answer_with_problems(app: FastAPI, speech: Speech) -> None:
    """Have ``app`` answer with a problem wherever one of our errors ends a request."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, RecyclicError)
        return problem(error, speech, _language(request))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        told = RequestError(where=where, reason=str(first["msg"]))
        return problem(told, speech, _language(request))

    async def theirs(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        told = RequestError(where=request.url.path, reason=str(error.detail))
        answer = problem(told, speech, _language(request), HTTPStatus(error.status_code))
        answer.headers.update(error.headers or {})
        return answer

    app.add_exception_handler(RecyclicError, ours)
    app.add_exception_handler(HTTPException, theirs)
    app.add_exception_handler(RequestValidationError, invalid)


def _language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language", ""))
