"""``/metrics``, log lines and spans of a really served site with several workers."""

import json
import os
import signal
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.fakes.runtime_site import RuntimeSite
from tests.integration.serving import Served, serving, until

HTTP = httpx.Client(timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
"""A connection of its own for each request, so that every worker gets some."""
SHOP = """
def register_signals(self, bus):
    self.bus = bus
    bus.on("sold", self.book, max_attempts=2, backoff_s=0.05)

async def book(self, event):
    import logging
    logging.getLogger("shop").warning("booking")
    if event["n"] < 0:
        raise ValueError("the year is closed")

def register_routes(self, app):
    @app.post("/api/shop/{n}")
    async def sell(n: int):
        return {"id": await self.bus.emit("sold", n=n), "pid": os.getpid()}
"""
TOKEN = "lea-may-look-only"
OPERATORS = {"operators": {"lea": {"token": {"env": "LEA"}, "level": "read"}}}
HERE = (("event", "sold"), ("module", "shop"))


def a_shop(root: Path) -> RuntimeSite:
    site = RuntimeSite(root, OPERATORS).module("shop", SHOP)
    site.write()
    return site


def scraped(served: Served) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample, by name and labels."""
    answer = HTTP.get(f"{served.address}/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


def handled(served: Served) -> float:
    return scraped(served).get(("recyclic_events_handled_total", HERE), 0)


def sell(served: Served, count: int) -> Counter[int]:
    """Sales by the worker that took them: each on a connection of its own."""
    return Counter(HTTP.post(f"{served.address}/api/shop/{n}").json()["pid"] for n in range(count))


def test_one_scrape_tells_of_all_workers_also_the_dead(tmp_path: Path) -> None:
    """Emitted, handled, failed, retried, dead, lag, seconds: of the site, and never less."""
    site = a_shop(tmp_path)
    with serving(site, "--workers", "2", LEA=TOKEN) as served:
        workers = sell(served, 30)
        HTTP.post(f"{served.address}/api/shop/-1")
        until(lambda: handled(served) == 30, "all handled")
        until(lambda: scraped(served)["recyclic_events_dead_total", HERE] == 1, "one dead")
        letters = ("recyclic_dead_letters", (("event", "sold"),))
        until(lambda: scraped(served)[letters] == 1, "the server was asked again")
        before = scraped(served)
        assert before["recyclic_workers", ()] == before["recyclic_bus_connected", ()] == 2
        assert before["recyclic_events_emitted_total", (("event", "sold"),)] == 31
        assert before["recyclic_events_failed_total", HERE] == 2
        assert before["recyclic_events_retried_total", HERE] == 1
        assert before["recyclic_handler_seconds_count", HERE] == 32
        assert before["recyclic_events_lag", HERE] == before["recyclic_events_lag_s", HERE] == 0
        assert before["recyclic_module_started", (("module", "shop"),)] == 1
        os.kill(next(iter(workers)), signal.SIGKILL)
        until(lambda: len(served.workers()) == 2, "another worker")
        with served.control() as control:
            assert control.ask("reload")["ok"]
        sell(served, 5)
        until(lambda: handled(served) == 35, "the totals of the dead and of the gone are kept")
        after = scraped(served)
    counters = [name for name in before if name[0].endswith(("_total", "_bucket", "_count"))]
    assert all(after[name] >= before[name] for name in counters)


@pytest.fixture(scope="module", autouse=True)
def _connections() -> Iterator[None]:
    yield
    HTTP.close()


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
def test_metrics_are_for_this_machine_or_an_operator(header: str, one_shop: Served) -> None:
    """What comes through a proxy needs a token, like the rest of the operators' API."""
    url = f"{one_shop.address}/metrics"
    passed_on = {header: "192.0.2.7"}
    refused = HTTP.get(url, headers=passed_on)
    assert (refused.status_code, refused.json()["code"]) == (401, "RCY-R031")
    allowed = HTTP.get(url, headers={**passed_on, "authorization": f"Bearer {TOKEN}"})
    assert allowed.status_code == 200


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with serving(a_shop(tmp_path_factory.mktemp("one")), LEA=TOKEN) as served:
        yield served


def test_log_lines_name_the_event(one_shop: Served) -> None:
    """What a module logs while it handles an event, and what the bus says of its failure."""
    sent = HTTP.post(f"{one_shop.address}/api/shop/-5").json()["id"]

    def about() -> list[dict[str, Any]]:
        lines = [json.loads(one) for one in one_shop.log().splitlines() if one.startswith("{")]
        return [one for one in lines if one.get("event_id") == sent]

    until(lambda: len(about()) == 4, "two attempts, two lines each")
    found = about()
    assert [one["logger"] for one in found] == ["shop", "recyclic.events"] * 2
    assert {one["event"] for one in found} == {"sold"}
    assert found[-1]["level"] == "error"


SITECUSTOMIZE = """
import sys

if "recyclic.cli.serve_worker" in sys.orig_argv:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

    spans = open({file!r}, "a", buffering=1)
    provider = TracerProvider()
    written = lambda span: span.to_json(indent=None) + "\\n"
    exporter = ConsoleSpanExporter(out=spans, formatter=written)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
"""


def test_a_process_set_up_for_opentelemetry_makes_spans(tmp_path: Path) -> None:
    """As ``opentelemetry-instrument`` sets processes up: nothing else has to be said."""
    spans, setup = tmp_path / "spans", tmp_path / "setup"
    setup.mkdir()
    code = textwrap.dedent(SITECUSTOMIZE).format(file=str(spans))
    (setup / "sitecustomize.py").write_text(code)
    with serving(a_shop(tmp_path / "site"), LEA=TOKEN, PYTHONPATH=str(setup)) as served:
        sent = HTTP.post(f"{served.address}/api/shop/1").json()["id"]
        until(lambda: spans.exists() and sent in spans.read_text(), "a span of the handler")
        found = [json.loads(one) for one in spans.read_text().splitlines()]
    [span] = [one for one in found if one["attributes"].get("messaging.message.id") == sent]
    assert span["kind"] == "SpanKind.CONSUMER"
    assert span["attributes"]["messaging.destination.name"] == "sold"
