"""What the parser says, said in our words and in the user's language."""

from pathlib import Path
from typing import Annotated

import pytest
import typer

from recyclic.cli.parser_words import parser_message

app = typer.Typer(rich_markup_mode=None)


@app.command("one")
def one(
    count: int,
    level: Annotated[int, typer.Option(min=1, max=5)] = 1,
    file: Annotated[Path | None, typer.Option(exists=True)] = None,
    quiet: bool = False,
) -> None:
    """Do one thing."""


@app.command("two")
def two() -> None:
    """Do another."""


CASES = {
    ("zebra",): "there is no command 'zebra'",
    ("onne",): "there is no command 'onne'; did you mean 'one'?",
    (): "a command is needed",
    ("one",): "COUNT is missing",
    ("one", "x"): "COUNT must be a number",
    ("one", "1", "2", "3"): "too many words: 2 3",
    ("one", "1", "--level"): "option --level needs a value",
    ("one", "1", "--level", "9"): "--level must be at most 5",
    ("one", "1", "--level", "0"): "--level must be at least 1",
    ("one", "1", "--file", "/nowhere"): "--file: '/nowhere' does not exist",
    ("one", "1", "--nothing"): "there is no option --nothing",
    ("one", "1", "--leve", "2"): "there is no option --leve; did you mean --file, --level?",
    ("one", "1", "--quiet=yes"): "option --quiet takes no value",
}


def message_for(arguments: tuple[str, ...]) -> str:
    with pytest.raises(typer.TyperException) as mistake:
        app(list(arguments), prog_name="recyclic", standalone_mode=False)
    return parser_message(mistake.value)


@pytest.mark.parametrize("arguments", CASES)
def test_each_mistake_has_words_of_ours(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert message_for(arguments).lower() == CASES[arguments].lower()
