"""Paheko's pages as a stranger sees them: through its own web server, at its public address."""

import contextlib
import http.client
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

_ANSWER_SECONDS = 10.0
_RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """What a stranger was shown.

    Attributes:
        is_open: It was a page, and not a fault of the web server, of PHP, or of Paheko.
        detail: The status, or why there was none.
    """

    url: str
    is_open: bool
    detail: str


def look_from_outside(url: str, patience_seconds: float) -> PublicAnswer:
    """Open the log-in page below ``url``, again until it opens or patience is over.

    A web server may need a moment to notice that code has changed. No redirection is followed: one
    to a single sign-on is as good as a page, one to Paheko's own upgrade is not.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        answer = _look(url)
        if answer.is_open or time.monotonic() > deadline:
            return answer
        time.sleep(_RETRY_SECONDS)


def _look(url: str) -> PublicAnswer:
    page = url.rstrip("/") + "/admin/login.php"
    parts = urlsplit(page)
    try:
        with contextlib.closing(_connection(parts.scheme, parts.netloc)) as connection:
            connection.request("GET", parts.path, headers={"User-Agent": "recyclic"})
            answer = connection.getresponse()
            answer.read()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return PublicAnswer(page, False, str(error) or type(error).__name__)
    address = answer.headers.get("Location", "")
    led_away = "upgrade.php" in address or "install.php" in address
    is_open = answer.status < 400 and not led_away
    return PublicAnswer(page, is_open, f"{answer.status} {address}".rstrip())


def _connection(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme != "https":
        return http.client.HTTPConnection(netloc, timeout=_ANSWER_SECONDS)
    # Nothing secret is sent, and whether the page opens does not depend on who signed for it:
    # many a local server signs for itself.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(netloc, timeout=_ANSWER_SECONDS, context=context)
