"""What monitoring sees: counts, spans that join emit and handler; and schemas at work."""

from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest
from tests.fakes.event_servers import VALKEY, running
from tests.integration.bus.conftest import bus_on, consuming, until

from recyclic.events.contracts import Contracts
from recyclic.events.errors import SchemaMismatchError
from recyclic.events.event import Event
from recyclic.events.prometheus import BusCollector
from recyclic.events.streams.inspect import Inspector
from recyclic.events.tracing import stop_opentelemetry, use_opentelemetry
from recyclic.model.diagnostic import Place
from recyclic.model.package import EventContract

pytestmark = pytest.mark.anyio


async def test_prometheus_reads_what_was_counted(tmp_path: Path) -> None:
    """Emitted, handled, failed, dead, lag, handler time: by module and event."""
    with running(VALKEY, tmp_path / "server") as server:
        bus = bus_on(server)

        async def books(event: Event) -> None:
            if event["n"] == 0:
                raise ValueError("no")

        bus.for_module("books").on("sold", books, max_attempts=2)
        registry = CollectorRegistry()
        collector = BusCollector(bus)
        registry.register(collector)
        async with consuming(bus):
            for n in range(3):
                await bus.for_module("till").emit("sold", n=n)
            counts = bus.observer.handling["books", "sold"]
            await until(lambda: counts.handled == 2 and counts.dead == 1)
            collector.groups = await Inspector(bus.streams).groups()
            text = generate_latest(registry).decode()
    where = '{event="sold",module="books"}'
    for line in (
        'recyclic_events_emitted_total{event="sold"} 3.0',
        f"recyclic_events_handled_total{where} 2.0",
        f"recyclic_events_failed_total{where} 2.0",
        f"recyclic_events_retried_total{where} 1.0",
        f"recyclic_events_dead_total{where} 1.0",
        f"recyclic_events_lag{where} 0.0",
        f"recyclic_handler_seconds_count{where} 4.0",
        "recyclic_bus_connected 1.0",
    ):
        assert line in text.splitlines()


async def test_a_span_leads_from_emit_to_handler(tmp_path: Path) -> None:
    """One trace: the request, the handler, and what the handler emitted."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    use_opentelemetry(provider)
    try:
        with running(VALKEY, tmp_path / "server") as server:
            bus = bus_on(server)

            async def first(event: Event) -> None:
                await bus.for_module("books").emit("booked")

            async def second(event: Event) -> None:
                trace.get_current_span().set_attribute("reached", True)

            bus.for_module("books").on("sold", first)
            bus.for_module("stock").on("booked", second)
            async with consuming(bus):
                with provider.get_tracer("test").start_as_current_span("request"):
                    await bus.for_module("till").emit("sold")
                await until(lambda: len(exporter.get_finished_spans()) == 3)
    finally:
        stop_opentelemetry()
    spans = {span.name.split()[-1]: span for span in exporter.get_finished_spans()}
    assert spans.keys() == {"request", "sold", "booked"}
    assert len({span.context.trace_id for span in spans.values() if span.context}) == 1
    parent, request = spans["sold"].parent, spans["request"].context
    assert parent is not None
    assert request is not None
    assert parent.span_id == request.span_id
    assert spans["booked"].attributes is not None
    assert spans["booked"].attributes["reached"] is True


async def test_schemas_hold_at_both_ends(tmp_path: Path) -> None:
    """An emitter cannot break its own promise; a reader is spared what it does not understand."""
    total = {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}
    place = Place("module.toml")
    contracts = Contracts()
    contracts.add("till", [EventContract("sold", place, 2, total)], [])
    contracts.add("books", [], [EventContract("sold", place, 1, total)])
    got: list[int] = []

    async def books(event: Event) -> None:
        got.append(event.version)

    with running(VALKEY, tmp_path / "server") as server:
        bus = bus_on(server)
        bus.use_contracts(contracts)
        bus.for_module("books").on("sold", books)
        async with consuming(bus):
            with pytest.raises(SchemaMismatchError):
                await bus.for_module("till").emit("sold", total="12.50")
            await bus.for_module("till").emit("sold", total=1250)
            await bus.for_module("elsewhere").emit("sold", total=None)
            await until(lambda: bus.observer.handling["books", "sold"].dead == 1)
            await until(lambda: got == [2])
