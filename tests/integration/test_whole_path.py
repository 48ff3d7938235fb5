"""The whole path as a user goes it: apply a profile, serve, sell, close, see the books.

Everything is real but Paheko, which is a stand-in on a loopback port.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from tests.fakes.paheko_api import Fault
from tests.fakes.paheko_api import PahekoApi as StandIn

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
PROFILE = """
site = "whole-path"
bundle = "ressourcerie-standard"

[settings.paheko_sync]
url = "{url}"
user = "{user}"
token = {{ env = "WHOLE_PATH_TOKEN" }}
"""
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` gives, once it gives something.

    Raises:
        AssertionError: not within PATIENCE_S.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {PATIENCE_S:g} s")


def recyclic(*words: str) -> list[str]:
    return [sys.executable, "-m", "recyclic", *words]


@pytest.fixture(scope="module")
def paheko() -> Iterator[StandIn]:
    """A stand-in of Paheko's API."""
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def instance(paheko: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with the standard bundle, applied once for this file."""
    folder = tmp_path_factory.mktemp("whole")
    profile = folder / "profile.toml"
    profile.write_text(PROFILE.format(url=paheko.url, user=paheko.user), encoding="utf-8")
    site = folder / "site"
    sources = ("--catalog", str(ROOT / "modules"), "--catalog", str(ROOT / "bundles"))
    command = recyclic("apply", "profile", str(profile), "--yes", "--instance", str(site), *sources)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    return site


@contextmanager
def serving(instance: Path, token: str) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """The site, served by two workers; it must end cleanly when asked to."""
    command = recyclic("serve", "--instance", str(instance), "--port", "0", "--workers", "2")
    log = (instance.parent / "serve.log").open("w+", encoding="utf-8")
    with (
        log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "WHOLE_PATH_TOKEN": token},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as server,
    ):
        try:
            address = _address(server)
            # A new connection for each request: a kept one may lead to a worker that was killed.
            limits = httpx.Limits(max_keepalive_connections=0)
            with httpx.Client(base_url=address, timeout=20, limits=limits) as client:
                until(lambda: _ready(client), "all four modules healthy")
                yield client, psutil.Process(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(timeout=45)
    assert code == 0


def _address(server: "subprocess.Popen[str]") -> str:
    """What the server prints once it serves; the rest of its output is read and dropped."""
    assert server.stdout is not None
    watchdog = threading.Timer(PATIENCE_S, server.kill)
    watchdog.start()
    for line in server.stdout:
        if found := re.search(r"http://[0-9.]+:\d+", line):
            watchdog.cancel()
            threading.Thread(target=server.stdout.read, daemon=True).start()
            return found[0]
    raise AssertionError("serve ended before it served")


def _ready(client: httpx.Client) -> bool:
    report = client.get("/health").json()
    states = {name: module["state"] for name, module in report["modules"].items()}
    wanted = ("caisse", "kpi_banner", "paheko_sync", "reception")
    return bool(report["ready"]) and states == dict.fromkeys(wanted, "started")


def sell_and_close(client: httpx.Client) -> str:
    """A till opened, one chair sold for five euros, the till closed; the session's id."""
    session = client.post("/api/caisse/sessions").json()["id"]
    sale = {
        "lines": [
            {"label": "Chaise", "category": "mobilier", "unit_price_cents": 500, "weight_g": 4200}
        ],
        "payments": [{"method": "cash", "amount_cents": 1000}],
    }
    sold = client.post(f"/api/caisse/sessions/{session}/sales", json=sale)
    assert sold.status_code == 201, sold.text
    assert client.post(f"/api/caisse/sessions/{session}/close").status_code == 200
    return str(session)


def entries_of(paheko: StandIn, session: str) -> list[dict[str, Any]]:
    reference = f"RECYCLIC-SESSION-{session}"
    return [entry for entry in paheko.transactions if entry["reference"] == reference]


def posted(client: httpx.Client, session: str) -> bool:
    """Whether our own record says so."""
    items = client.get("/api/paheko_sync/entries", params={"state": "posted"}).json()["items"]
    return any(item["session_id"] == session for item in items)


def test_a_day_of_work_reaches_the_books(instance: Path, paheko: StandIn) -> None:
    """Weigh, sell, close: the entry is in Paheko, and the banner shows the day."""
    with serving(instance, paheko.password) as (client, _):
        before = client.get("/api/kpi_banner/totals").json()
        came_in = {"lines": [{"category": "mobilier", "weight_g": 12_000}]}
        assert client.post("/api/reception/deposits", json=came_in).status_code == 201
        session = sell_and_close(client)
        until(lambda: posted(client, session), "the entry posted")
        (entry,) = entries_of(paheko, session)
        lines = [(line["account_code"], line["debit"], line["credit"]) for line in entry["lines"]]
        assert lines == [("530", 500, 0), ("707", 0, 500)]

        def counted() -> bool:
            now = client.get("/api/kpi_banner/totals").json()
            grown = {name: now[name] - before[name] for name in before if name != "day"}
            return grown == {
                "sales": 1, "refunds": 0, "total_cents": 500, "weight_out_g": 4200,
                "deposits": 1, "weight_in_g": 12_000,
            }  # fmt: skip

        until(counted, "the banner's totals")
        with client.stream("GET", "/api/kpi_banner/stream") as stream:
            data = next(line for line in stream.iter_lines() if line.startswith("data: "))
        assert (
            json.loads(data.removeprefix("data: ")) == client.get("/api/kpi_banner/totals").json()
        )


@pytest.mark.parametrize(
    "path",
    ["/api/sql", "/api/accounting/transaction"],
    ids=["while it looks", "after Paheko stored, before it said so"],
)
def test_a_worker_killed_in_the_handler(instance: Path, paheko: StandIn, path: str) -> None:
    """kill -9 in the middle of posting: the entry arrives all the same, and once."""
    with serving(instance, paheko.password) as (client, server):
        paheko.inject(Fault.SLOW, path=path, seconds=40)
        session = sell_and_close(client)
        worker = until(lambda: _talking_to(server, paheko), "a handler talking to Paheko")
        if "transaction" in path:
            until(lambda: entries_of(paheko, session), "the entry stored")
        worker.kill()
        until(lambda: posted(client, session), "the entry posted by the other worker")
        assert len(entries_of(paheko, session)) == 1


def _talking_to(server: psutil.Process, paheko: StandIn) -> psutil.Process | None:
    """The worker that has a connection to Paheko."""
    port = urlsplit(paheko.url).port
    for child in server.children(recursive=True):
        try:
            connections = child.net_connections(kind="tcp")
        except psutil.Error:
            continue
        if any(found.raddr and found.raddr.port == port for found in connections):
            return child
    return None
