"""config.toml given by hand: read like every manifest, each mistake with its place."""

from pathlib import Path

import pytest

from recyclic.manifest.config_file import load_config
from recyclic.model.diagnostic import DiagnosticsError
from recyclic.model.site_config import SiteConfig, StepBack
from recyclic.site.config_file import write_config

HASH = "sha256:" + "ab" * 32
FULL = SiteConfig(
    site="lyon",
    bundle="ressourcerie-standard",
    bundle_version="1.0.0",
    modules=("caisse", "paheko_sync"),
    module_versions={"caisse": "0.1.0", "paheko_sync": "0.1.0"},
    paheko_versions={"caisse": "0.8.12", "saisie_poids": "0"},
    bundle_versions={"socle": "1.0"},
    module_hashes={"caisse": HASH, "paheko_sync": HASH},
    paheko_hashes={"caisse": HASH},
    requirements_hash=HASH,
    settings={"caisse": {"currency": "EUR"}, "paheko_sync": {"token": {"env": "T"}}},
    hosts={"paheko": {"root": "/var/www/paheko"}},
    events={"url": {"env": "REDIS_URL"}, "max_attempts": 3},
    overrides={"caisse": "0.1.0", "paheko:caisse": "0.8.12"},
    displaced={"module:caisse": ("0.2.0", None, "0.1.5"), "module:bench": (None,)},
    before=(
        StepBack({"module:caisse": "0.2.0"}),
        StepBack({"module:bench": None}, {"module:bench": (None,), "module:caisse": ("0.2.0",)}),
    ),
)


def told(path: Path) -> list[tuple[str, int]]:
    """Code and line of every finding."""
    with pytest.raises(DiagnosticsError) as caught:
        load_config(path)
    return [(each.code, each.place.line if each.place else 0) for each in caught.value.diagnostics]


def test_what_apply_writes_is_read_back(tmp_path: Path) -> None:
    """Every field, through the real writer."""
    (tmp_path / "config.toml").write_bytes(write_config(FULL))
    assert load_config(tmp_path / "config.toml") == FULL


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("format = 1", "format = 2", [("RCY-M032", 2)]),
        ("format = 1", 'format = "1"', [("RCY-M032", 2)]),
        ("format = 1", "format = true", [("RCY-M032", 2)]),
        ('site = "lyon"', 'site = "../lyon"', [("RCY-M010", 3)]),
        ('site = "lyon"\n', "", [("RCY-M020", 1)]),
        ('    "caisse",', '    "caisse",\n    "caisse",', [("RCY-M048", 10)]),
        ('    "caisse",', '    "caisse",\n    "barcodes",', [("RCY-M049", 10)]),
        ('    "caisse",\n', "", [("RCY-M050", 13)]),
        ('    "caisse",', '    "../../etc",', [("RCY-M010", 9)]),
        (HASH, "sha256:x", [("RCY-M033", 43)]),
    ],
)
def test_one_mistake(old: str, new: str, expected: list[tuple[str, int]], tmp_path: Path) -> None:
    """Each with its code and line."""
    text = write_config(FULL).decode()
    assert old in text, text
    (tmp_path / "config.toml").write_text(text.replace(old, new, 1))
    assert told(tmp_path / "config.toml") == expected


def test_a_newer_format_is_told_alone(tmp_path: Path) -> None:
    """What else it holds, this version cannot judge."""
    (tmp_path / "config.toml").write_text("format = 9\n[brand_new]\nkey = 1\n")
    assert told(tmp_path / "config.toml") == [("RCY-M032", 1)]
