"""What is confirmed, and when it is told."""

from typing import Any

import pytest

from recyclic.events.streams.acknowledging import Acknowledgements
from recyclic.events.streams.connection import Connection
from recyclic.events.streams.keys import Keys

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class OneLink:
    """A router and its only link."""

    def __init__(self) -> None:
        self.connection = Connection()

    def link(self, _key: str) -> "OneLink":
        return self


async def test_what_is_confirmed_while_pending_entries_are_read_again_is_told_afterwards() -> None:
    """Else one that the server still called pending would be new to the hand, and handled twice."""
    told: list[tuple[str, list[str]]] = []
    router: Any = OneLink()
    acknowledgements = Acknowledgements(
        "books", router, Keys("events:"), 10.0, lambda *one: told.append(one), lambda: None
    )
    acknowledgements.add("sold", ["1-0", "2-0"])
    acknowledgements.flush()
    acknowledgements.hold()
    acknowledgements.hold()
    router.connection.data_received(b":2\r\n")
    await acknowledgements.finish()
    acknowledgements.release()
    assert told == []
    acknowledgements.release()
    assert told == [("sold", ["1-0", "2-0"])]
    acknowledgements.add("sold", ["3-0"])
    acknowledgements.flush()
    router.connection.data_received(b":1\r\n")
    await acknowledgements.finish()
    assert told[1:] == [("sold", ["3-0"])]
