"""Secrets are references on disk and values in memory."""

from pathlib import Path

import pytest

from recyclic.runtime.errors import SecretMissingError
from recyclic.runtime.secret import with_secrets


def test_references_become_values_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the top, in tables and in lists; everything else stays as it is."""
    monkeypatch.setenv("TOKEN", "from the environment")
    (tmp_path / "secret").write_text("from a file\n")
    settings = {
        "token": {"env": "TOKEN"},
        "inner": {"key": {"file": str(tmp_path / "secret")}},
        "list": [{"env": "TOKEN"}, 3],
        "url": "https://example.org",
        "table": {"env": 3},
    }
    assert with_secrets("m", settings) == {
        "token": "from the environment",
        "inner": {"key": "from a file"},
        "list": ["from the environment", 3],
        "url": "https://example.org",
        "table": {"env": 3},
    }


@pytest.mark.parametrize(
    ("settings", "setting", "source"),
    [
        ({"token": {"env": "RECYCLIC_NOT_SET"}}, "token", "$RECYCLIC_NOT_SET"),
        ({"a": {"b": {"file": "/not/there"}}}, "a.b", "/not/there"),
        ({"a": [{"env": "RECYCLIC_NOT_SET"}]}, "a[0]", "$RECYCLIC_NOT_SET"),
    ],
)
def test_a_missing_secret_is_named_by_its_source(
    settings: dict[str, object], setting: str, source: str
) -> None:
    """The setting and the variable or file; there is no value to tell."""
    with pytest.raises(SecretMissingError) as caught:
        with_secrets("m", settings)
    assert caught.value.facts == {"module": "m", "setting": setting, "source": source}


def test_an_empty_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets it to nothing means nothing."""
    monkeypatch.setenv("TOKEN", "")
    assert with_secrets("m", {"token": {"env": "TOKEN"}}) == {"token": ""}
