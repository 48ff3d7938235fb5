"""When a command leaves, and when who waits for its reply goes on."""

import asyncio
from typing import Any

import pytest

from recyclic.events.streams.connection import Connection, ConnectionLostError
from recyclic.events.streams.reply import Reply

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[int] = []

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data).count(b"PING"))

    def abort(self) -> None:
        return None


def connected() -> tuple[Connection, Wire]:
    connection, wire = Connection(), Wire()
    connection.connection_made(wire)
    return connection, wire


async def test_a_command_leaves_at_once_and_those_behind_it_in_one_write() -> None:
    """Nobody waits for a turn of the loop while the connection is idle."""
    connection, wire = connected()
    replies = [connection.send("PING")]
    assert wire.writes == [1]
    replies += [connection.send("PING") for _ in range(3)]
    assert wire.writes == [1]
    await asyncio.sleep(0)
    assert wire.writes == [1, 3]
    connection.data_received(b"+PONG\r\n" * 4)
    assert [await one for one in replies] == [b"PONG"] * 4
    connection.send("PING")
    assert wire.writes == [1, 3, 1]


async def test_who_asked_goes_on_in_the_moment_the_reply_is_there() -> None:
    """In its own task and context, and only once."""
    connection, wire = connected()
    seen: list[Any] = []

    async def reader() -> None:
        for _ in range(2):
            seen.append(await connection.ask("PING"))
            seen.append(asyncio.current_task())

    task = asyncio.create_task(reader())
    await asyncio.sleep(0)

    def arrives() -> None:
        connection.data_received(b"+PONG\r\n")
        seen.append("arrived")

    for _ in range(2):
        asyncio.get_running_loop().call_soon(arrives)
    await task
    assert seen == [b"PONG", task, "arrived"] * 2
    assert wire.writes == [1, 1]


async def test_a_task_never_runs_within_another() -> None:
    """Whoever ends a connection, or sets a result by hand, goes on first."""
    loop = asyncio.get_running_loop()
    connection, _ = connected()
    by_hand = Reply(loop)
    ended: list[str] = []

    async def waits_for(reply: Reply) -> None:
        try:
            ended.append(str(await reply))
        except (ConnectionLostError, asyncio.CancelledError) as error:
            ended.append(type(error).__name__)

    asked = [connection.ask("PING"), by_hand, connection.ask("PING")]
    tasks = [asyncio.create_task(waits_for(one)) for one in asked]
    await asyncio.sleep(0)
    by_hand.set_result("by hand")
    tasks[2].cancel()
    connection.close()
    assert ended == []
    await asyncio.wait(tasks, timeout=5)
    assert sorted(ended) == ["CancelledError", "ConnectionLostError", "by hand"]


async def test_a_callback_that_fails_keeps_nobody_from_going_on() -> None:
    """It is told as the loop tells it; the connection, which gave the reply, sees nothing of it."""
    loop = asyncio.get_running_loop()
    told: list[object] = []
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    reply, went_on = Reply(loop), []
    mistake = ValueError("a mistake")

    def fail(_: object) -> None:
        raise mistake

    reply.add_done_callback(fail)
    reply.add_done_callback(lambda done: went_on.append(done.result()))
    loop.call_soon(reply.set_result, "it")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (told, went_on) == ([mistake], ["it"])
