"""Paheko's HTTP API: look for an entry, post an entry. The only file that speaks HTTP.

Source: Paheko 1.3.22, observed. A reference is not unique there, an entry posted twice is stored
twice, and even a 400 may have stored it: after every answer but a plain success, look.
"""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from .entry import Entry
from .errors import (
    PahekoDoubtError,
    PahekoRefusedError,
    PahekoUnavailableError,
    PahekoUnreachableError,
)
from .settings import Access

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BODY_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry that Paheko has.

    Attributes:
        transaction_id: Its number there.
        remark: What a person should look at, or nothing.
    """

    transaction_id: int
    remark: str = ""


class PahekoApi:
    """One Paheko, as its API user; ``close`` it."""

    def __init__(self, access: Access) -> None:
        # A redirect means that Paheko wants its upgrade page visited; following it would turn
        # our POST into a GET of that page.
        self._client = httpx.AsyncClient(
            base_url=f"{access.url}api/",
            auth=httpx.BasicAuth(access.user, access.token),
            timeout=access.timeout_s,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def find(self, reference: str) -> Stored | None:
        """The entry with that reference, the first when there are several, or None.

        Raises:
            PahekoUnavailableError, PahekoRefusedError: it is not known.
        """
        quoted = reference.replace("'", "''")
        query = f"SELECT id FROM acc_transactions WHERE reference = '{quoted}' ORDER BY id"
        try:
            answer = await self._client.post("sql", json={"sql": query})
            found = _decoded(answer)["results"]
            numbers = [int(row["id"]) for row in found]
        except httpx.TransportError as error:
            raise PahekoUnavailableError(_reason(error)) from error
        except (PahekoDoubtError, KeyError, TypeError, ValueError) as error:
            raise PahekoUnavailableError(f"the look-up was not answered: {error}") from error
        if not numbers:
            return None
        copies = "" if len(numbers) == 1 else f"{len(numbers)} entries have this reference"
        return Stored(numbers[0], copies)

    async def post(self, entry: Entry, year: str) -> Stored:
        """Store ``entry``. Stores it again if it is there already: look first.

        Raises:
            PahekoUnreachableError: nothing was stored.
            PahekoUnavailableError, PahekoRefusedError: it failed, and yet may have been stored.
            PahekoDoubtError: it may have been stored, or may still be.
        """
        try:
            answer = await self._client.post("accounting/transaction", json=entry.body(year))
        except _NEVER_SENT as error:
            raise PahekoUnreachableError(_reason(error)) from error
        except httpx.TransportError as error:
            raise PahekoDoubtError(_reason(error)) from error
        stored = _decoded(answer)
        try:
            number = int(stored["id"])
            cents = sum(int(line["debit"]) for line in stored["lines"])
        except (KeyError, TypeError, ValueError) as error:
            raise PahekoDoubtError(f"an answer without the entry: {error!r}") from error
        if cents != entry.total_cents:
            return Stored(number, f"Paheko stored {cents} cents instead of {entry.total_cents}")
        return Stored(number)


def _reason(error: httpx.TransportError) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _decoded(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of a success.

    Raises:
        PahekoUnavailableError: Paheko itself fell over, or sends us elsewhere.
        PahekoDoubtError: someone else answered: a proxy, a web server, an upgrade page.
        PahekoRefusedError: Paheko's own words.
    """
    status = answer.status_code
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if 300 <= status < 400:
        where = answer.headers.get("location", "nowhere")
        raise PahekoUnavailableError(f"redirected to {where}: Paheko may need an upgrade")
    if kind == "text/plain" and status >= 500:
        raise PahekoUnavailableError(f"Paheko failed ({status}): {answer.text[:_BODY_SHOWN]}")
    if kind != "application/json":
        raise PahekoDoubtError(f"{status} with {kind or 'no type'} instead of JSON")
    try:
        body = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise PahekoDoubtError(f"{status} with broken JSON") from error
    if not isinstance(body, dict):
        raise PahekoDoubtError(f"{status} with a {type(body).__name__}")
    if status >= 500 or status == 429:
        raise PahekoUnavailableError(f"{status}: {body.get('error', '')}")
    if status >= 400:
        raise PahekoRefusedError(str(body.get("error", status)))
    return body
