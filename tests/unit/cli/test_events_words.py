"""``recyclic events`` and words that no server would know what to do with."""

import pytest

from recyclic.cli import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tail", "-n", "0"), "RCY-U001  --count must be at least 1\n"),
        (("tail", "-n", "ten"), "RCY-U001  --count must be a number\n"),
        (("tail", "--event", "no such"), "'no such' is no valid event name\n"),
        (("lag", "--event", ""), "'' is no valid event name\n"),
        (("emit", "*"), "'*' is no valid event name\n"),
        (("emit", "sold", "[" * 100_000), "the payload is not JSON"),
        (("emit", "sold", "--key", "a\udcff"), "'a\\udcff' is no UTF-8\n"),
        (("show", "a\udcff"), "'a\\udcff' is no UTF-8\n"),
        (("requeue", "x", "a\udcff"), "'a\\udcff' is no UTF-8\n"),
        (("replay", "--event", "sold", "--module", "books", "--from", "1969-12-30"), "before 1970"),
        (("replay", "--event", "sold", "--module", "books", "--from", ""), "2026-11-01"),
    ],
)
def test_words_that_make_no_sense(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    """Wrong usage, told before any server is asked: there is none."""
    assert main.invoke(["events", *words, "--url", "redis://127.0.0.1:1"]) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
