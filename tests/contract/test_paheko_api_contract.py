"""Paheko's HTTP API: what a client may build on, on the stand-in always, on a real one when named.

What the real one surprises with is here too: amounts go in as euros and come out as cents, a
reference may be stored twice, and a refusal may have stored the entry.
"""

import base64
import contextlib
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.paheko_api import Fault, PahekoApi
from tests.fakes.paheko_benches import KINDS, make_bench

from recyclic.paheko.command import PahekoCommand
from recyclic.paheko.environment import parse_environment
from recyclic.paheko.location import locate
from recyclic.paheko.server import loopback_server

TODAY = date.today().isoformat()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API answered."""

    status: int
    content_type: str
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Client:
    """A small client with a name and a password."""

    url: str
    user: str
    password: str

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """One request; JSON for anything but text."""
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}api/{path}", method=method)
        if body is not None:
            request.data = data
            kind = "text/plain" if isinstance(body, str) else "application/json"
            request.add_header("Content-Type", kind)
        if self.user:
            pair = f"{self.user}:{self.password}".encode()
            request.add_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Reply(answer.status, answer.headers["Content-Type"], answer.read().decode())
        except urllib.error.HTTPError as answer:
            with answer:
                return Reply(answer.code, answer.headers["Content-Type"], answer.read().decode())

    def post(self, **changes: Any) -> Reply:
        """Post a good entry with some changes."""
        return self.ask("POST", "accounting/transaction", entry(**changes))

    def count(self, reference: str) -> int:
        """How many entries have that reference."""
        query = f"SELECT id FROM acc_transactions WHERE reference = '{reference}'"
        return int(self.ask("POST", "sql", query).json["count"])


def entry(**changes: Any) -> dict[str, Any]:
    """A balanced sale of 12.50 euros; a change to None takes a key away."""
    good: dict[str, Any] = {
        "id_year": "match",
        "label": "Vente 42",
        "date": TODAY,
        "type": "ADVANCED",
        "reference": "RECYCLIC-SALE-42",
        "lines": [
            {"account": "530", "debit": "12.50", "label": "especes"},
            {"account": "707", "credit": "12.50"},
        ],
    }
    return {key: value for key, value in (good | changes).items() if value is not None}


@pytest.fixture(scope="module", params=KINDS)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """A client of one Paheko with an open year; shared, so each test has its own references."""
    if request.param == "stand-in":
        with PahekoApi() as api:
            yield Client(api.url, api.user, api.password)
    else:
        with _real_api(tmp_path_factory.mktemp("real")) as url:
            yield Client(url, "lab", "lab-api-password")


def test_amounts_go_in_as_euros_and_come_out_as_cents(client: Client) -> None:
    """The account's code and the line's label come back too."""
    reply = client.post(reference="AMOUNTS")
    assert reply.status == 200
    assert reply.content_type.startswith("application/json")
    made = reply.json
    assert made["reference"] == "AMOUNTS"
    assert made["date"]["date"].startswith(TODAY)
    told = [(line["account_code"], line["debit"], line["credit"]) for line in made["lines"]]
    assert told == [("530", 1250, 0), ("707", 0, 1250)]
    assert client.ask("GET", f"accounting/transaction/{made['id']}").json["label"] == "Vente 42"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("12,50", 1250),
        (12.5, 1250),
        ("1 250,00", 125000),
        ("1.250,00", 125000),
        (1250, 125000),
        ("-5", 500),
        ("12.505", 1250),
    ],
)
def test_amounts_are_read_in_many_ways(client: Client, written: object, stored: int) -> None:
    """A sign is dropped and a third decimal cut, without a word."""
    lines = [{"account": "530", "debit": written}, {"account": "707", "credit": written}]
    assert client.post(lines=lines).json["lines"][0]["debit"] == stored


def test_a_day_that_does_not_exist_becomes_another(client: Client) -> None:
    """The 31st of February is the 3rd of March, or the 2nd in a leap year."""
    year = date.today().year
    made = client.post(date=f"{year}-02-31").json
    assert made["date"]["date"].startswith(f"{year}-03-0")


def test_the_same_reference_is_stored_twice(client: Client) -> None:
    """Nothing but the client keeps an entry from being doubled."""
    assert [client.post(reference="TWICE").status for _ in range(2)] == [200, 200]
    assert client.count("TWICE") == 2


def test_a_refusal_may_have_stored_the_entry(client: Client) -> None:
    """An unknown member is noticed after the entry was made."""
    reply = client.post(reference="REFUSED", linked_users=[999])
    assert (reply.status, reply.json["error"]) == (400, "User ID does not exist: 999")
    assert client.count("REFUSED") == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": None}, "Le champ libellé ne peut rester vide."),
        ({"date": None}, "Le champ date ne peut rester vide."),
        ({"lines": []}, "Cette écriture ne comporte aucune ligne."),
        ({"id_year": None}, "L'identifiant de l'exercice comptable n'est pas précisé."),
        (
            {"lines": [{"account": "530", "debit": "1"}]},
            "Cette écriture comporte moins de deux lignes.",
        ),
        (
            {"lines": [{"account": "530", "debit": "1"}, {"account": "99999", "credit": "1"}]},
            'Le compte avec le code "99999" sur la ligne 2 n\'existe pas.',
        ),
        (
            {"lines": [{"account": "530", "debit": "1.5"}, {"account": "707", "credit": "1"}]},
            "Écriture non équilibrée : déséquilibre (-0,50) entre débits et crédits",
        ),
        ({"date": "1999-03-01"}, 'Cannot find a valid open year matching "match"'),
        ({"id_creator": 999}, "Le membre créateur de l'écriture n'existe pas ou plus"),
    ],
    ids=["label", "date", "lines", "year", "one-line", "account", "balance", "no-year", "creator"],
)
def test_a_mistake_is_told_in_pahekos_words(
    client: Client, changes: Mapping[str, Any], words: str
) -> None:
    """Status 400, JSON, and nothing stored."""
    reply = client.post(reference="MISTAKE", **changes)
    assert (reply.status, reply.json) == (400, {"error": words})
    assert client.count("MISTAKE") == 0


def test_an_empty_request_is_a_mistake_too(client: Client) -> None:
    """As malformed JSON is."""
    words = {"error": "L'ID de l'exercice doit être renseigné."}
    assert client.ask("POST", "accounting/transaction", {}).json == words


def test_sql_only_reads(client: Client) -> None:
    """Writes are refused, secret tables too, mistakes are told."""
    errors = {
        "DELETE FROM acc_transactions": 400,
        "SELECT * FROM config": 400,
        "SELECT * FROM nope": 400,
    }
    for query, status in errors.items():
        reply = client.ask("POST", "sql", query)
        assert (reply.status, list(reply.json)) == (status, ["error"]), query
    assert "no such table: nope" in client.ask("POST", "sql", "SELECT * FROM nope").text


def test_who_one_is_matters(client: Client) -> None:
    """401 without a name, 403 with a wrong password."""
    assert Client(client.url, "", "").post().status == 401
    assert Client(client.url, client.user, "wrong").post().status == 403


def test_what_is_unknown_is_404(client: Client) -> None:
    """Entries and paths."""
    reply = client.ask("GET", "accounting/transaction/99999")
    assert (reply.status, reply.json) == (404, {"error": "Transaction #99999 not found"})
    assert client.ask("GET", "nonsense").status == 404
    assert client.ask("DELETE", "accounting/transaction").status == 400


def test_years_tell_what_is_open(client: Client) -> None:
    """Status 0 is open."""
    (year,) = client.ask("GET", "accounting/years").json
    assert (year["id"], year["status"], year["status_tag_preset"]) == (1, 0, "open")
    assert year["start_date"] <= TODAY <= year["end_date"]


@pytest.mark.parametrize(
    ("fault", "stored"),
    [(Fault.LOSE_ANSWER, 1), (Fault.LOSE_REQUEST, 0), (Fault.LOCKED, 0), (Fault.CRASH_AFTER, 1)],
)
def test_the_stand_in_fails_as_it_is_told(fault: Fault, stored: int) -> None:
    """Once, and with or without having stored the entry."""
    with PahekoApi() as api:
        client = Client(api.url, api.user, api.password)
        api.inject(fault, path="/api/accounting/transaction")
        with contextlib.suppress(OSError):
            assert client.post().status == 500
        assert len(api.transactions) == stored
        assert client.post().status == 200


def test_the_stand_in_can_be_down_and_back() -> None:
    """What it stored is still there."""
    with PahekoApi() as api:
        client = Client(api.url, api.user, api.password)
        assert client.post().status == 200
        api.stop()
        with pytest.raises(urllib.error.URLError):
            client.post()
        api.start()
        assert client.count("RECYCLIC-SALE-42") == 1


@contextlib.contextmanager
def _real_api(folder: Path) -> Iterator[str]:
    """The pages of a real Paheko with this year opened, as an administrator would, by its forms."""
    bench = make_bench("real", folder)
    command = PahekoCommand(locate(bench.host))
    environment = parse_environment(command.run("env").output)
    with loopback_server(command, environment) as server:
        url = f"http://127.0.0.1:{server.port}/"
        _open_year(url, date.today().year)
        yield url


def _open_year(url: str, year: int) -> None:
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar, _NoRedirect())
    form = {
        "step": "4",
        "chart": "fr_pca_2025",
        "start_date": f"01/01/{year}",
        "end_date": f"31/12/{year}",
    }
    page = f"{url}admin/acc/years/first_setup.php?{urllib.parse.urlencode(form)}"
    with browser.open(page) as answer:
        found = re.search(r'name="(ct_[^"]+)" value="([^"]+)"', answer.read().decode())
    assert found is not None
    more = {"result": "", "negative": "0", "save": "1", found[1]: found[2]}
    bank = [("accounts[label][]", "Compte courant"), ("accounts[balance][]", "")]
    body = urllib.parse.urlencode([*form.items(), *bank, *more.items()]).encode()
    with contextlib.suppress(urllib.error.HTTPError), browser.open(page, body):
        pass


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirections lead to the public address, which is not ours."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""
