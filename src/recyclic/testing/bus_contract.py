"""The suite that any bus must pass: in memory, embedded, on Redis, on Valkey, or yours.

    class TestMyBus(BusContract):
        @pytest.fixture
        def open_bus(self) -> Callable[[], SiteBus]: ...

``open_bus()`` gives a new bus, not started, each time; all of one test share what they keep, as
the processes of one site do. Tests are asynchronous, for anyio's pytest plugin.
"""

import asyncio
from collections import Counter
from typing import Any

import pytest

from recyclic.events.errors import HandlerError, PayloadError
from recyclic.events.event import Event
from recyclic.model.names import InvalidNameError
from recyclic.testing.failure_contract import FailureContract
from recyclic.testing.live import OpenBus, running

pytestmark = pytest.mark.anyio


class BusContract(FailureContract):
    """What every bus promises to modules."""

    @pytest.fixture
    def open_bus(self) -> OpenBus:
        """A maker of buses on one common store. Override it."""
        raise NotImplementedError

    # -- delivery --------------------------------------------------------------------------

    @pytest.mark.anyio
    async def test_every_module_handles_every_event(self, open_bus: OpenBus) -> None:
        """Each module has its own copy; modules that listen to something else have none."""
        bus = open_bus()
        seen: Counter[tuple[str, int]] = Counter()

        def counting(module: str) -> Any:
            async def handle(event: Event) -> None:
                seen[module, event["n"]] += 1

            return handle

        for module in ("stock", "books"):
            bus.for_module(module).on("sold", counting(module))
        bus.for_module("mailer").on("member_joined", counting("mailer"))
        async with running(bus) as live:
            for n in range(50):
                await live.emit("sold", n=n)
            await live.handled("sold", 100)
        assert seen == {(module, n): 1 for module in ("stock", "books") for n in range(50)}

    @pytest.mark.anyio
    async def test_an_event_carries_what_was_emitted(self, open_bus: OpenBus) -> None:
        """Id, name, payload, origin, key, time and attempt arrive as they were given."""
        bus = open_bus()
        got: list[Event] = []

        async def handle(event: Event) -> None:
            got.append(event)

        bus.for_module("books").on("sold", handle)
        async with running(bus) as live:
            till = bus.for_module("till")
            sent = await till.emit("sold", key="s1", total=1250, lines=[{"name": "é", "qty": 2}])
            await live.handled("sold")
        [event] = got
        assert (event.id, event.name, event.origin, event.key) == (sent, "sold", "till", "s1")
        assert event.payload == {"total": 1250, "lines": [{"name": "é", "qty": 2}]}
        assert event.attempt == 1
        assert event.time.tzinfo is not None

    @pytest.mark.anyio
    async def test_a_handler_gets_what_its_signature_asks_for(self, open_bus: OpenBus) -> None:
        """The event, the payload, or its fields by name."""
        bus = open_bus()
        got: dict[str, Any] = {}

        async def whole(event: Event) -> None:
            got["whole"] = event.name

        async def as_dict(payload: dict[str, Any]) -> None:
            got["dict"] = payload

        async def by_name(session_id: str, total: int = 0) -> None:
            got["names"] = (session_id, total)

        async def everything(**fields: Any) -> None:
            got["fields"] = fields

        for handler in (whole, as_dict, by_name, everything):
            bus.for_module("books").on("closed", handler)
        async with running(bus) as live:
            await live.emit("closed", session_id="123", extra=True)
            await live.handled("closed")
        payload = {"session_id": "123", "extra": True}
        assert got == {"whole": "closed", "dict": payload, "names": ("123", 0), "fields": payload}

    @pytest.mark.anyio
    async def test_a_handler_may_emit(self, open_bus: OpenBus) -> None:
        """What it emits belongs to the trace of the event it handles."""
        bus = open_bus()
        traces: dict[str, str | None] = {}

        async def first(event: Event) -> None:
            traces["first"] = event.trace
            await bus.for_module("a").emit("second_step")

        async def second(event: Event) -> None:
            traces["second"] = event.trace

        bus.for_module("a").on("first_step", first)
        bus.for_module("b").on("second_step", second)
        async with running(bus) as live:
            await live.emit("first_step")
            await live.handled("second_step")
        assert traces["first"] is not None
        assert traces["second"] == traces["first"]

    # -- order -----------------------------------------------------------------------------

    @pytest.mark.anyio
    async def test_events_of_one_key_stay_in_order(self, open_bus: OpenBus) -> None:
        """Also when one of them fails first; other keys do not wait for it."""
        first, second = open_bus(), open_bus()
        order: dict[str, list[int]] = {"a": [], "b": []}
        failed = False

        async def handle(event: Event) -> None:
            nonlocal failed
            if event.key == "a" and event["n"] == 3 and not failed:
                failed = True
                raise ConnectionError("not now")
            assert event.key is not None
            await asyncio.sleep(0)
            order[event.key].append(event["n"])

        for bus in (first, second):
            bus.for_module("books").on("line_added", handle)
        async with running(first) as live, running(second) as other:
            for n in range(20):
                await live.emit("line_added", key="a", n=n)
                await live.emit("line_added", key="b", n=n)
            handled = [live.probe.handlings, other.probe.handlings]
            async with asyncio.timeout(15):
                while sum(map(len, handled)) < 40:  # noqa: ASYNC110 - two probes, one wait
                    await asyncio.sleep(0.01)
        assert order == {"a": list(range(20)), "b": list(range(20))}

    # -- coming and going ------------------------------------------------------------------

    @pytest.mark.anyio
    async def test_what_was_emitted_meanwhile_is_handled_later(self, open_bus: OpenBus) -> None:
        """A module that was there once misses nothing while it is away."""
        got: list[int] = []

        async def handle(event: Event) -> None:
            got.append(event["n"])

        for round_number in range(3):
            away = open_bus()
            await away.start()
            await away.for_module("till").emit("sold", n=round_number)
            await away.stop(timeout_s=1)
            bus = open_bus()
            bus.for_module("books").on("sold", handle)
            async with running(bus) as live:
                await live.handled("sold")
        assert got == [0, 1, 2]

    @pytest.mark.anyio
    async def test_a_new_module_chooses_where_it_starts(self, open_bus: OpenBus) -> None:
        """From the beginning by default, or from now."""
        early = open_bus()
        await early.start()
        for n in range(3):
            await early.for_module("till").emit("sold", n=n)
        await early.stop(timeout_s=1)
        got: dict[str, list[int]] = {"books": [], "mailer": []}

        def keeping(module: str) -> Any:
            async def handle(event: Event) -> None:
                got[module].append(event["n"])

            return handle

        bus = open_bus()
        bus.for_module("books").on("sold", keeping("books"))
        bus.for_module("mailer").on("sold", keeping("mailer"), start="now")
        async with running(bus) as live:
            await live.emit("sold", n=3)
            await live.handled("sold", 4, module="books")
            await live.handled("sold", 1, module="mailer")
        assert got["mailer"] == [3]
        assert sorted(got["books"]) == [0, 1, 2, 3]

    @pytest.mark.anyio
    async def test_a_stop_hands_back_what_was_not_begun(self, open_bus: OpenBus) -> None:
        """Another worker handles it at once; a running handler is waited for."""
        first = open_bus()
        begun = asyncio.Event()
        counts: Counter[int] = Counter()

        async def slow(event: Event) -> None:
            begun.set()
            await asyncio.sleep(0.2)
            counts[event["n"]] += 1

        async def quick(event: Event) -> None:
            counts[event["n"]] += 1

        first.for_module("books").on("sold", slow)
        await first.start()
        consuming = asyncio.create_task(first.consume())
        for n in range(100):
            await first.for_module("till").emit("sold", n=n)
        await begun.wait()
        report = await first.stop(timeout_s=5)
        await consuming
        assert report.cut_short == 0
        second = open_bus()
        second.for_module("books").on("sold", quick)
        async with running(second) as live:
            await live.probe.until(lambda: len(counts) == 100)
        assert set(counts.values()) == {1}

    @pytest.mark.anyio
    async def test_a_module_set_aside_is_called_no_more(self, open_bus: OpenBus) -> None:
        """The others go on; when it comes back, it has missed nothing."""
        bus = open_bus()
        got: list[int] = []

        async def handle(event: Event) -> None:
            got.append(event["n"])

        async def other(event: Event) -> None:
            pass

        bus.for_module("books").on("sold", handle)
        bus.for_module("stock").on("sold", other)
        async with running(bus) as live:
            await live.emit("sold", n=1)
            await live.handled("sold", 2)
            await bus.remove_module("books")
            await live.emit("sold", n=2)
            await live.handled("sold", 2, module="stock")
            assert got == [1]
            bus.for_module("books").on("sold", handle)
            await live.handled("sold", 2, module="books")
        assert got == [1, 2]

    # -- refusals --------------------------------------------------------------------------

    @pytest.mark.anyio
    @pytest.mark.parametrize(
        "payload",
        [{"amount": float("nan")}, {"what": object()}, {"big": "x" * (2 << 20)}, {"n": 2**70}],
        ids=["nan", "object", "large", "huge-number"],
    )
    async def test_what_is_no_payload_is_refused(
        self, open_bus: OpenBus, payload: dict[str, Any]
    ) -> None:
        """Before anything is sent."""
        bus = open_bus()
        await bus.start()
        with pytest.raises(PayloadError):
            await bus.for_module("till").emit("sold", **payload)
        await bus.stop(timeout_s=1)
        assert bus.observer.emitted["sold"] == 0

    @pytest.mark.anyio
    async def test_a_key_that_is_no_text_is_refused(self, open_bus: OpenBus) -> None:
        """Half a character, as JSON may carry one; and nobody else is the worse for it."""
        bus = open_bus()
        got = []

        async def handle(event: Event) -> None:
            got.append(event["n"])

        bus.for_module("books").on("sold", handle)
        async with running(bus) as live:
            for n in range(3):
                with pytest.raises(PayloadError):
                    await bus.for_module("till").emit("sold", key="\ud800", n=-1)
                await live.emit("sold", key="a", n=n)
            await live.handled("sold", 3)
        assert got == [0, 1, 2]

    @pytest.mark.anyio
    async def test_what_is_no_handler_is_refused(self, open_bus: OpenBus) -> None:
        """A plain function, an unknown option, a name that is none."""
        books = open_bus().for_module("books")

        async def good(event: Event) -> None:
            pass

        def plain(event: Event) -> None:
            pass

        with pytest.raises(HandlerError):
            books.on("sold", plain)  # type: ignore[type-var]
        with pytest.raises(HandlerError):
            books.on("sold", good, retries=3)
        with pytest.raises(InvalidNameError):
            books.on("no such name", good)
