"""Reading Paheko's pages: who we are there, and what went wrong."""

import html
import re

from recyclic.paheko.errors import PahekoPageError
from recyclic.paheko.server import Page

_COMPLAINTS = (
    # An exception that escaped, after the page or instead of one: in HTML, and in plain text.
    re.compile(r"<header>\s*<h1>(?P<said>.+?)</h2>", re.S),
    re.compile(r"/!\\\s*(?P<said>.+)", re.S),
    # What Paheko tells its users.
    re.compile(r'class="[^"]*\berror\b[^"]*"[^>]*>(?P<said>.+?)</(?:p|div|ul|section)>', re.S),
)
_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.S)


def check_page(path: str, page: Page) -> None:
    """Return when the page was shown to a logged-in administrator.

    A redirection elsewhere within the administration is well; one to the log-in, to the
    installation or to Paheko's own upgrade is not.

    Raises:
        PahekoPageError: With what the page says.
    """
    address = page.address
    led_away = any(f"{name}.php" in address for name in ("login", "upgrade", "install"))
    if led_away or page.status >= 400:
        raise PahekoPageError(page=path, status=page.status, said=complaint(page) or address)


def complaint(page: Page) -> str:
    """What the page says went wrong, in at most 600 characters; empty when it says nothing."""
    for pattern in _COMPLAINTS:
        if found := pattern.search(page.text):
            text = html.unescape(_TAGS.sub(" ", found["said"]))
            return " ".join(text.split())[:600]
    return ""
