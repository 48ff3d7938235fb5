"""Changing a served site to another generation: nothing lost, nothing half done."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes.runtime_site import RuntimeSite
from tests.integration.serving import DEADLINE_S, Served, lines, serving, until

SHOP = """
generation = {generation}

def register_signals(self, bus):
    self.bus = bus
    bus.on("sold", self.handle)

def register_routes(self, app):
    @app.get("/api/shop/generation")
    async def generation():
        await asyncio.sleep(0.002)
        return self.generation

    @app.post("/api/shop/sell")
    async def sell(number: int):
        return await self.bus.emit("sold", number=number)

async def handle(self, number: int):
    with (self.data / "handled").open("a") as log:
        log.write(f"{{number}}\\n")

async def startup(self, app, config):
    self.data = Path(config["_data_dir"])
    {more}
"""


def shop(site: RuntimeSite, more: str = "pass") -> RuntimeSite:
    site.module("shop", SHOP.format(generation=site.number, more=more)).write()
    return site


@pytest.fixture
def site(tmp_path: Path) -> RuntimeSite:
    return shop(RuntimeSite(tmp_path / "site", events={}))


class Load:
    """Clients that never stop asking, on connections they keep open as browsers do."""

    def __init__(self, address: str) -> None:
        self.answers: Counter[int] = Counter()
        self.failures: list[str] = []
        self.sold: list[int] = []
        self._address = address
        self._ending = threading.Event()

    def ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=DEADLINE_S) as client:
            while not self._ending.is_set():
                self._try(lambda: self._count(client.get("/api/shop/generation")))

    def sell(self) -> None:
        with httpx.Client(base_url=self._address, timeout=DEADLINE_S) as client:
            number = 0
            while not self._ending.wait(0.005):
                number += 1
                self._try(lambda: self._note(client, number))  # noqa: B023 - called at once

    def _count(self, answer: httpx.Response) -> None:
        answer.raise_for_status()
        self.answers[answer.json()] += 1

    def _note(self, client: httpx.Client, number: int) -> None:
        client.post("/api/shop/sell", params={"number": number}).raise_for_status()
        self.sold.append(number)

    def _try(self, request: Any) -> None:
        try:
            request()
        except httpx.HTTPError as error:
            self.failures.append(repr(error))

    @contextmanager
    def running(self) -> Iterator["Load"]:
        threads = [threading.Thread(target=work) for work in (self.ask, self.ask, self.sell)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()


def test_a_reload_under_load_loses_no_request_and_no_event(site: RuntimeSite) -> None:
    """Old and new answer; every request is answered; every event is handled."""
    with serving(site, "--workers", "2") as served, Load(served.address).running() as load:
        until(lambda: load.answers[1] > 20, "load on the first generation")
        shop(site.next())
        served.process.send_signal(signal.SIGHUP)
        until(lambda: load.answers[2] > 20, "load on the second generation")
        until(lambda: set(load.sold) <= handled(site), "every event to be handled")
    print(f"{sum(load.answers.values())} requests, {len(load.sold)} events")
    assert load.failures == []


def handled(site: RuntimeSite) -> set[int]:
    return set(map(int, lines(site.root / "data" / "shop" / "handled")))


def test_a_generation_that_boots_worse_is_refused(site: RuntimeSite) -> None:
    """The old one serves on, and the answer says which module did not start."""
    with serving(site) as served:
        workers = served.workers()
        shop(site.next(), more="raise ValueError('no')")
        with served.control() as control:
            answer = control.ask("reload")
            assert (answer["ok"], answer["error"]["code"]) == (False, "RCY-R025")
            assert "shop" in answer["error"]["facts"]["reason"]
        assert served.get("/api/shop/generation") == 1
        assert served.workers() == workers
        shop(RuntimeSite(site.root, site.events, 3))
        with served.control() as control:
            assert control.ask("reload")["status"]["generation"] == 3
        assert served.get("/api/shop/generation") == 3


def test_prepared_workers_answer_on_their_own_socket_until_committed(site: RuntimeSite) -> None:
    """An installer looks first. One that hangs up, killed perhaps, changes nothing."""
    with serving(site) as served:
        second = shop(site.next())
        with served.control() as control:
            prepared = control.ask("prepare", config=str(second.config))
            assert prepared["report"]["ready"] is True
            assert probe(prepared["probe"], "/api/shop/generation") == 2
            assert probe(prepared["probe"], "/health")["generation"] == 2
            assert served.get("/api/shop/generation") == 1
        until(lambda: not Path(prepared["probe"]).exists(), "what was prepared to be gone")
        with served.control() as control:
            until(lambda: control.ask("prepare", config=str(second.config))["ok"], "a second try")
            assert control.ask("commit")["ok"] is True
        assert served.get("/api/shop/generation") == 2
        check_bad_requests(served)


def check_bad_requests(served: Served) -> None:
    with served.control() as control:
        outside = control.ask("prepare", config="/etc/passwd")
        assert outside["error"]["code"] == "RCY-R026"
        missing = control.ask(
            "prepare", config=str(served.site.root / "generations/000009/config.toml")
        )
        assert missing["ok"] is False


def probe(path: str, url: str) -> Any:
    with httpx.Client(transport=httpx.HTTPTransport(uds=path), timeout=DEADLINE_S) as client:
        return client.get(f"http://site{url}").json()
