"""``/api/events/...`` of a really served site: closed without a token, and with one what the
command line does, in the same words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes.runtime_site import RuntimeSite
from tests.integration.serving import Served, serving, until

from recyclic.cli import main

LEA, BOB, EVE = "lea-may-look-only", "bob-may-do-everything", "eve-may-write-as-well"
HTTP = httpx.Client(timeout=30, trust_env=False)
MANIFEST = """
[events]
emits = ["sold"]
consumes = [{ name = "sold", version = 2 }]
"""
TILL = """
def register_signals(self, bus):
    self.bus = bus
    bus.on("sold", self.book, max_attempts=1)

async def book(self, event):
    if event["n"] < 0:
        raise ValueError("the year is closed")

def register_routes(self, app):
    @app.post("/api/till/{n}")
    async def sell(n: int):
        return {"id": await self.bus.emit("sold", n=n)}
"""
READS = ("groups", "lag", "pending", "dead", "tail", "show/0-1", "audit", "catalog")
WRITES = {
    "emit": {"event": "sold", "payload": {"n": 1}},
    "requeue": {"all": True},
    "replay": {"event": "sold", "module": "till", "from": "2020-01-01", "dry_run": True},
}
REMOVES = {"discard": {"all": True}, "forget": {"module": "gone"}}


def a_site(root: Path, **operators: str) -> RuntimeSite:
    table = {
        name: {"token": {"env": f"TOKEN_OF_{name.upper()}"}, "level": level}
        for name, level in operators.items()
    }
    events = {"operators": table} if table else {}
    site = RuntimeSite(root, events).module("till", TILL, manifest=MANIFEST)
    site.write()
    return site


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served site with three operators, and a fourth whose token is too short."""
    site = a_site(
        tmp_path_factory.mktemp("shop"), lea="read", eve="write", bob="admin", mallory="admin"
    )
    tokens = {"TOKEN_OF_LEA": LEA, "TOKEN_OF_BOB": BOB, "TOKEN_OF_EVE": EVE}
    with serving(site, "--workers", "2", **tokens, TOKEN_OF_MALLORY="short") as served:
        yield served


@pytest.fixture(scope="module", autouse=True)
def _connections() -> Iterator[None]:
    """Kept between the tests, closed after the last."""
    yield
    HTTP.close()


class Caller:
    """Somebody who asks the API, with a token or without."""

    def __init__(self, served: Served, token: str | None = None, **headers: str) -> None:
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        self._url = f"{served.address}/api/events/"
        self._headers = headers

    def get(self, path: str, **query: Any) -> httpx.Response:
        return HTTP.get(self._url + path, params=query, headers=self._headers)

    def post(self, path: str, body: Any) -> httpx.Response:
        headers = {**self._headers, "content-type": "application/json"}
        return HTTP.post(self._url + path, content=json.dumps(body), headers=headers)

    def found(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        assert answer.json()["format"] == 1
        return answer.json()


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["status"], document["code"]) == (status, code)
    return document


def sell(served: Served, n: int) -> str:
    return str(HTTP.post(f"{served.address}/api/till/{n}").json()["id"])


def one_dead_letter(shop: Served) -> dict[str, Any]:
    """Sell what cannot be booked; the letter that comes of it."""
    event_id = sell(shop, -1)

    def died() -> list[Any]:
        return [
            one for one in Caller(shop, LEA).found("dead")["dead"] if one["event_id"] == event_id
        ]

    [letter] = until(died, "a dead letter")
    return dict(letter)


def everything(caller: Caller) -> Iterator[tuple[str, httpx.Response]]:
    yield from ((path, caller.get(path)) for path in READS)
    yield from ((path, caller.post(path, body)) for path, body in {**WRITES, **REMOVES}.items())


def test_without_a_token_nothing_is_told_and_nothing_done(shop: Served) -> None:
    """No token, a wrong one, a short one that was refused at boot, another scheme: 401 alike."""
    basic = {"authorization": "Basic bGVhOmxlYQ=="}
    guesses = [Caller(shop, token) for token in (None, "x" * 20, "short")]
    for caller in (*guesses, Caller(shop, **basic), Caller(shop, authorization="Bearer")):
        for _path, answer in everything(caller):
            assert is_problem(answer, 401, "RCY-R031")["facts"] == {}
            assert answer.headers["www-authenticate"] == "Bearer"
    assert "RCY-R034" in shop.log()
    assert BOB not in shop.log()


def test_a_site_without_operators_is_closed(tmp_path: Path) -> None:
    """The default: 403 for everybody, with what to do about it, in the asker's language."""
    site = a_site(tmp_path)
    with serving(site) as served:
        for _path, answer in everything(Caller(served, "x" * 20)):
            is_problem(answer, 403, "RCY-R030")
        french = Caller(served, **{"accept-language": "fr"}).get("lag").json()
        assert "personne" in french["detail"]


def test_levels(shop: Served) -> None:
    """read looks, write adds, admin removes; what is above is 403 and changes nothing."""
    one_dead_letter(shop)
    lea, eve = Caller(shop, LEA), Caller(shop, EVE)
    before = lea.found("dead")["dead"]
    for path, body in {**WRITES, **REMOVES}.items():
        facts = is_problem(lea.post(path, body), 403, "RCY-R032")["facts"]
        assert (facts["operator"], facts["level"]) == ("lea", "read")
    for path, body in REMOVES.items():
        is_problem(eve.post(path, body), 403, "RCY-R032")
    assert lea.found("dead")["dead"] == before
    assert eve.post("replay", WRITES["replay"]).status_code == 200


def test_the_same_as_the_command_line(shop: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """Byte for byte the same JSON values, for everything that can be looked at."""
    letter = one_dead_letter(shop)
    lea = Caller(shop, LEA)

    def told(*words: str) -> Any:
        assert main.invoke(["events", *words, "--json", "--instance", str(shop.site.root)]) == 0
        return json.loads(capsys.readouterr().out)

    for verb in ("dead", "audit", "catalog", "pending"):
        assert lea.found(verb) == told(verb), verb
    assert lea.found(f"show/{letter['event_id']}") == told("show", letter["event_id"])
    [group] = lea.found("groups")["groups"]
    assert group.keys() == told("groups")["groups"][0].keys()
    assert lea.found("lag")["groups"][0].keys() == told("lag")["groups"][0].keys()
    [flow] = lea.found("catalog")["events"]
    assert (flow["event"], flow["consumers"][0]["version"]) == ("sold", 2)
    [last] = lea.found("tail", count=1)["events"]
    assert {"format": 1, **last} == told("tail", "-n", "1")


def test_repairing_leaves_a_line_that_names_the_caller(shop: Served) -> None:
    """requeue, discard, replay, emit, forget: done, and written down with the operator's name."""
    bob = Caller(shop, BOB)
    letter = one_dead_letter(shop)
    done = bob.post("requeue", {"ids": [letter["id"]]}).json()
    assert [one["event_id"] for one in done["requeued"]] == [letter["event_id"]]

    def again() -> list[Any]:
        found = bob.found("dead")["dead"]
        return [one for one in found if one["event_id"] == letter["event_id"]]

    [again_dead] = until(again, "it dies once more")
    assert again_dead["id"] != letter["id"]
    gone = bob.post("discard", {"ids": [again_dead["id"]]}).json()["discarded"]
    assert [one["id"] for one in gone] == [again_dead["id"]]
    sent = bob.post("emit", {"event": "sold", "payload": {"n": 7}}).json()["id"]
    until(lambda: bob.found(f"show/{sent}")["modules"] == {"till": "handled"}, "it is handled")
    span = {"event": "sold", "module": "till", "from": "2020-01-01"}
    replayed = bob.post("replay", span).json()
    assert replayed["queued"] == replayed["found"] > 0
    assert bob.post("forget", {"module": "nobody"}).json() == {
        "format": 1, "module": "nobody", "removed": 0,
    }  # fmt: skip
    lines = [one for one in bob.found("audit")["audit"] if one["who"] == "bob (HTTP)"]
    actions = [one["action"] for one in lines]
    assert actions[-4:] == ["requeue", "discard", "emit", "replay"]
    assert lines[actions.index("emit")]["entry"] == sent


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("requeue", {}, 422, "RCY-R033"),
        ("requeue", {"ids": ["0-1"], "all": True}, 422, "RCY-R033"),
        ("requeue", {"ids": ["0-1"]}, 404, "RCY-B010"),
        ("requeue", {"ids": ["0-1"] * 1001}, 422, "RCY-R033"),
        ("discard", {"everything": True}, 422, "RCY-R033"),
        ("discard", [1], 422, "RCY-R033"),
        ("emit", {"event": "no such name"}, 422, "RCY-M010"),
        ("emit", {"event": "sold", "payload": [1]}, 422, "RCY-R033"),
        ("emit", {"event": "sold", "payload": {"n": "x" * (2 << 20)}}, 422, "RCY-B004"),
        ("replay", {"event": "sold", "module": "x", "from": "2020-01-01"}, 404, "RCY-B011"),
        ("replay", {"event": "x", "module": "till", "from": "2020-01-01"}, 404, "RCY-B011"),
        ("replay", {"event": "sold", "module": "till", "from": "soon"}, 422, "RCY-R033"),
        ("replay", {"event": "sold", "module": "till", "from": "0001-01-01"}, 422, "RCY-R033"),
        ("replay", {"event": "sold", "module": "\ud800", "from": "2026-01-01"}, 422, "RCY-R033"),
        ("emit", {"event": "sold", "key": "\ud800"}, 422, "RCY-R033"),
        ("requeue", {"ids": ["\ud800"]}, 422, "RCY-R033"),
        ("discard", {"all": True, "module": "\ud800"}, 422, "RCY-R033"),
        ("forget", {"module": "\ud800"}, 422, "RCY-R033"),
        (
            "replay",
            {"event": "sold", "module": "till", "from": "2026-01-02", "to": "2026-01-01"},
            422,
            "RCY-R033",
        ),
    ],
)
def test_what_makes_no_sense_is_told(
    shop: Served, path: str, body: Any, status: int, code: str
) -> None:
    """A problem document with a code, never a 500."""
    is_problem(Caller(shop, BOB).post(path, body), status, code)


def test_queries_that_make_no_sense(shop: Served) -> None:
    """Also in the query and in the path."""
    lea = Caller(shop, LEA)
    is_problem(lea.get("lag", event="*"), 422, "RCY-M010")
    is_problem(lea.get("dead", limit=0), 422, "RCY-R033")
    is_problem(lea.get("show/0-1"), 404, "RCY-B010")
    assert lea.found("groups", module="nobody")["groups"] == []
    is_problem(lea.get("audit", id="x"), 404, "RCY-B013")
    is_problem(lea.get("nosuch"), 404, "RCY-R033")
    assert is_problem(lea.post("lag", {}), 405, "RCY-R033")["facts"]["reason"] == (
        "Method Not Allowed"
    )


def test_it_stands_in_the_documents(shop: Served) -> None:
    """OpenAPI tells of each route, of the token and of the problems."""
    document = shop.get("/openapi.json")
    for path in (*READS, *WRITES, *REMOVES):
        path = path.replace("0-1", "{id}")
        (operation,) = document["paths"][f"/api/events/{path}"].values()
        assert operation["security"] == [{"HTTPBearer": []}]
        assert "application/problem+json" in operation["responses"]["403"]["content"]
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


def test_a_dead_server_is_told_in_time(tmp_path: Path) -> None:
    """503 with the bus's code, not a wait without end."""
    site = a_site(tmp_path, bob="admin")
    site.events = {**site.events, "url": "redis://127.0.0.1:1"}
    site.write()
    with serving(site, TOKEN_OF_BOB=BOB) as served:
        is_problem(Caller(served, BOB).get("lag"), 503, "RCY-B001")


def test_a_bus_in_memory_cannot_be_operated(tmp_path: Path) -> None:
    """501: there is nothing to look at from another worker."""
    site = a_site(tmp_path, bob="admin")
    site.events = {**site.events, "url": "memory://"}
    site.write()
    with serving(site, TOKEN_OF_BOB=BOB) as served:
        is_problem(Caller(served, BOB).get("lag"), 501, "RCY-R035")
