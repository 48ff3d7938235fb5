"""Long lists: as the short ones look, in little memory, whole or not at all."""

import tracemalloc
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

import pytest

from recyclic.cli.listing import print_json_list, print_table
from recyclic.cli.render import json_text

pytestmark = pytest.mark.anyio
T = TypeVar("T")


async def each(values: Iterable[T]) -> AsyncIterator[T]:
    for one in values:
        yield one


@pytest.mark.parametrize(
    "documents", [[], [{}], [{"id": "é\n\x1b", "payload": {"x": [1]}}, {"id": None}]]
)
async def test_json_is_what_one_value_would_be(
    documents: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Byte for byte."""
    await print_json_list("dead", each(documents))
    assert capsys.readouterr().out == json_text({"format": 1, "dead": documents}) + "\n"


async def test_columns_are_as_wide_as_the_widest(capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever in the list it stands; line ends within a cell stay, other control is shown."""
    await print_table(["a", "b"], each([(1, "x"), ("wide\x1b", ""), ("é", 2)]), "none")
    assert capsys.readouterr().out == "a         b\n1         x\nwide\\x1b\né         2\n"
    await print_table(["a", "b"], each([]), "none")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "none\n")


async def test_a_list_that_breaks_off_is_not_begun(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads it would take half a value for all of it."""

    async def broken() -> AsyncIterator[dict[str, Any]]:
        yield {"id": 1}
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await print_json_list("dead", broken())
    assert capsys.readouterr().out == ""


async def test_a_long_list_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 20 MB only what waits to be written."""
    printed = 0

    def count(*texts: str, **_options: object) -> None:
        nonlocal printed
        printed += sum(map(len, texts))

    monkeypatch.setattr("builtins.print", count)
    tracemalloc.start()
    await print_json_list("dead", each({"id": n, "text": "x" * 1000} for n in range(20_000)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert printed > 20_000_000
    assert peak < 4 << 20
