"""Lists of any length in little memory: the whole is printed, or nothing when something fails."""

import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from textwrap import indent
from typing import IO, Any

from recyclic.cli.printable import printable
from recyclic.cli.render import JSON_FORMAT, json_text

HELD_BYTES = 1 << 20
"""What is longer waits in a temporary file until the list is whole."""


@contextmanager
def _kept() -> Iterator[IO[str]]:
    with SpooledTemporaryFile(HELD_BYTES, "w+", encoding="utf-8", newline="") as kept:
        yield kept


async def print_json_list(key: str, documents: AsyncIterator[Mapping[str, Any]]) -> None:
    """One JSON value with all ``documents`` under ``key``, as :func:`json_text` writes it."""
    with _kept() as kept:
        separator = "\n"
        async for one in documents:
            kept.write(separator + indent(json_text(one), "    "))
            separator = ",\n"
        kept.seek(0)
        print(f'{{\n  "format": {JSON_FORMAT},\n  "{key}": [', end="")
        for line in kept:
            print(line, end="")
        print("]\n}" if separator == "\n" else "\n  ]\n}")


async def print_table(
    heads: Sequence[str], rows: AsyncIterator[Sequence[Any]], nothing: str
) -> None:
    """Columns on standard output, or a word on standard error when there are no rows."""
    first = [printable(one) for one in heads]
    widths = [len(one) for one in first]
    with _kept() as kept:
        async for row in rows:
            texts = [printable(str(cell)) for cell in row]
            widths = [max(width, len(text)) for width, text in zip(widths, texts, strict=True)]
            kept.write(json.dumps(texts) + "\n")
        if not kept.tell():
            print(nothing, file=sys.stderr)
            return
        kept.seek(0)
        print(line_of_table(first, widths))
        for line in kept:
            print(line_of_table(json.loads(line), widths))


def line_of_table(texts: Sequence[str], widths: Sequence[int]) -> str:
    """Columns of these widths, without spaces at the end."""
    return "  ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip()
