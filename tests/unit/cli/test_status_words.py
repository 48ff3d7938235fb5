"""How the last run ended, for people: a word of their language, a code they can look up."""

import pytest

from recyclic.cli.status import last_run_text

FAILED = {"result": "failed", "because": "RCY-S006 StoreDamagedError(folder='/site/store/x')"}


def test_an_error_of_ours_is_told_by_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a log line says of it is for developers."""
    monkeypatch.setenv("LC_ALL", "C")
    told = last_run_text(FAILED)
    assert told.endswith(" with RCY-S006. What that is: recyclic explain RCY-S006")
    assert "StoreDamagedError" not in told


def test_the_result_is_a_word_of_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """French people read no English past participles."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "failed" not in last_run_text(FAILED)


def test_what_has_no_code_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal, say."""
    monkeypatch.setenv("LC_ALL", "C")
    assert last_run_text({"result": "odd", "because": "signal 15"}).endswith(" odd: signal 15")
