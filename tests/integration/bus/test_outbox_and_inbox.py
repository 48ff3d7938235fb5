"""An event and the rows it tells of are one commit; so are "handled" and the handler's own rows."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, select
from sqlalchemy.orm import Session, sessionmaker
from tests.fakes.event_servers import EventServer
from tests.integration.bus.conftest import bus_on, consuming, until

from recyclic.events.bus import Durability
from recyclic.events.errors import EmitError, PayloadError
from recyclic.events.event import Event
from recyclic.events.outbox import OUTBOX, create_tables

pytestmark = pytest.mark.anyio
metadata = MetaData()
SALES = Table("sales", metadata, Column("n", Integer, primary_key=True))


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    engine = create_engine(f"sqlite:///{tmp_path / 'till.db'}")
    metadata.create_all(engine)
    create_tables(engine)
    yield engine
    engine.dispose()


async def test_published_after_the_commit_and_only_then(
    server: EventServer, client: Any, engine: Any
) -> None:
    """A rollback publishes nothing; a commit publishes at once."""
    bus = bus_on(server)
    await bus.start()
    till = bus.for_module("till")
    with Session(engine) as session:
        await till.within(session).emit("sold", n=1)
        session.rollback()
    with Session(engine) as session:
        session.execute(insert(SALES).values(n=2))
        sent = await till.within(session).emit("sold", n=2, key="k")
        assert client.xlen("events:sold") == 0
        session.commit()
        await until(lambda: client.xlen("events:sold") == 1, 2)
    [(_, fields)] = client.xrange("events:sold")
    await bus.stop(timeout_s=2)
    assert (fields["id"], fields["from"], fields["key"]) == (sent, "till", "k")
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(OUTBOX)) == 0


async def test_what_a_dead_process_left_is_published_once(
    server: EventServer, client: Any, engine: Any
) -> None:
    """A row that was published, but whose removal did not happen, is not published again."""
    for _ in range(2):
        with Session(engine) as session:
            row = {"event_id": "a" * 32, "event": "sold", "origin": "till", "at_ms": 1,
                   "version": 1, "data": b"{}"}  # fmt: skip
            session.execute(insert(OUTBOX).values(**row))
            session.commit()
        bus = bus_on(server)
        await bus.start()
        bus.for_module("till").use_outbox(engine)
        with engine.connect() as connection:
            await until(lambda c=connection: not _waiting(c))  # type: ignore[misc]
        await bus.stop(timeout_s=2)
    assert client.xlen("events:sold") == 1


def _waiting(connection: Any) -> int:
    connection.rollback()
    return int(connection.scalar(select(func.count()).select_from(OUTBOX)))


async def test_an_outbox_needs_no_server_to_sell(
    server: EventServer, client: Any, engine: Any
) -> None:
    """The till goes on while the server is away; the events follow."""
    bus = bus_on(server)
    await bus.start()
    till = bus.for_module("till")
    till.use_outbox(engine)
    server.kill()
    for n in range(20):
        with Session(engine) as session:
            session.execute(insert(SALES).values(n=n))
            await till.within(session).emit("sold", n=n)
            session.commit()
    server.start()
    await until(lambda: client.xlen("events:sold") == 20)
    await bus.stop(timeout_s=2)


async def test_levels_are_not_mixed_up(server: EventServer, engine: Any) -> None:
    """outbox without a session, another level within one, a payload that is none: refused."""
    bus = bus_on(server)
    await bus.start()
    till = bus.for_module("till")
    with pytest.raises(EmitError):
        await till.emit("sold", durability=Durability.OUTBOX)
    with Session(engine) as session:
        with pytest.raises(EmitError):
            await till.within(session).emit("sold", durability=Durability.LOG)
        with pytest.raises(PayloadError):
            await till.within(session).emit("sold", what=object())
    await bus.stop(timeout_s=1)


async def test_an_inbox_makes_the_effect_happen_once(
    server: EventServer, client: Any, engine: Any
) -> None:
    """Delivered twice, and failed in the middle once: one row a sale."""
    calls: Counter[int] = Counter()

    async def book(event: Event, session: Session) -> None:
        calls[event["n"]] += 1
        session.execute(insert(SALES).values(n=event["n"]))
        if calls[event["n"]] == 1 and event["n"] == 3:
            raise ConnectionError("after the write")

    bus = bus_on(server)
    bus.for_module("books").on("sold", book, inbox=sessionmaker(engine))
    async with consuming(bus):
        for n in range(5):
            await bus.for_module("till").emit("sold", n=n)
        await until(lambda: bus.observer.handling["books", "sold"].handled == 5)
        # The same events once more, as after a crash between the commit and the acknowledgement.
        for _, fields in client.xrange("events:sold"):
            client.xadd("events:sold", fields)
        await until(lambda: bus.observer.handling["books", "sold"].handled == 10)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SALES)) == 5
    assert calls == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1}
