"""Laws of config.toml: there and back, and the same bytes for the same value."""

import string
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recyclic.errors import RecyclicError
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import HEADER, parse_config, read_config, write_config

NAMES = st.text(string.ascii_lowercase, min_size=2, max_size=6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
SECRETS = st.fixed_dictionaries({"env": NAMES}) | st.fixed_dictionaries({"file": TEXTS})
SCALARS = (
    st.booleans() | st.integers(-(2**62), 2**62) | TEXTS | st.floats(allow_nan=False) | SECRETS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
HASHES = st.integers(0, 2**256 - 1).map(lambda number: f"sha256:{number:064x}")
VERSIONS = st.dictionaries(NAMES, st.sampled_from(["1", "0.8.12", "2.0rc1"]), max_size=3)
TABLES = st.dictionaries(NAMES, st.dictionaries(TEXTS, VALUES, max_size=2), max_size=2)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def configs(draw: st.DrawFn) -> SiteConfig:
    """Any config, deep settings and odd keys included."""
    modules = draw(st.lists(NAMES, unique=True, max_size=4))
    return SiteConfig(
        site=draw(NAMES),
        bundle=draw(NAMES),
        bundle_version="1.0",
        modules=tuple(modules),
        module_versions=dict.fromkeys(modules, "1.0"),
        paheko_versions=draw(VERSIONS),
        bundle_versions=draw(VERSIONS),
        module_hashes=draw(st.dictionaries(NAMES, HASHES, max_size=2)),
        paheko_hashes=draw(st.dictionaries(NAMES, HASHES, max_size=2)),
        requirements_hash=draw(st.none() | HASHES),
        settings={name: table for name, table in draw(TABLES).items() if table},
        hosts={name: table for name, table in draw(TABLES).items() if table},
        events=draw(st.dictionaries(NAMES, SCALARS, max_size=3)),
        overrides=draw(VERSIONS),
    )


@QUICK
@given(configs())
def test_what_is_written_is_read_back(config: SiteConfig) -> None:
    """config.toml loses nothing and adds nothing."""
    content = write_config(config)
    assert content.startswith(HEADER.encode())
    assert parse_config(content, "config.toml") == config


@QUICK
@given(configs(), st.randoms(use_true_random=False))
def test_equal_values_give_equal_bytes(config: SiteConfig, random: Any) -> None:
    """The order in which settings were found never shows."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, list):
            return [shuffled(item) for item in value]
        if not isinstance(value, dict):
            return value
        items = [(key, shuffled(item)) for key, item in value.items()]
        random.shuffle(items)
        return dict(items)

    other = replace(
        config,
        settings=shuffled(config.settings),
        hosts=shuffled(config.hosts),
        events=shuffled(config.events),
        paheko_versions=shuffled(config.paheko_versions),
    )
    assert write_config(other) == write_config(config)


@given(st.text(string.printable, max_size=200) | st.binary(max_size=100))
def test_any_content_is_a_config_or_a_coded_error(content: str | bytes) -> None:
    """The runtime reads what may have been edited: never a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(RecyclicError):
            read_config(path)
