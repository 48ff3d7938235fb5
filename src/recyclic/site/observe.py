"""What is on a site's disk now, against what was applied. Nothing here can write."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from recyclic.model.observed import Drift, DriftKind, Observed
from recyclic.model.settings import is_secret_reference
from recyclic.model.settings_schema import secret_paths
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import parse_config, write_config
from recyclic.site.errors import ConfigTooNewError
from recyclic.site.generations import applied_config, live_config
from recyclic.site.layout import Generation, Site
from recyclic.site.tree import file_hash, tree_hash


def observe_site(site: Site) -> Observed:
    """The live generation, looked at: its config's hash, its drift, how much data modules keep.

    Raises:
        ConfigUnreadableError: its config.toml is no such file.
    """
    number = site.current_number()
    if not number:
        return Observed()
    generation = site.generation(number)
    config = live_config(generation)
    return Observed(
        config_hash=file_hash(generation.config) if generation.config.is_file() else "",
        drift=tuple(sorted(drift_of(generation))),
        data_bytes={name: _size(site.data / name) for name in config.modules},
    )


def drift_of(generation: Generation) -> Iterator[Drift]:
    """Everything of a generation that is not as apply left it; settings key by key."""
    applied = applied_config(generation)
    config = applied or live_config(generation)
    yield from code_drift(generation, config)
    if applied is not None:
        yield from config_drift(generation, applied)
    if config.requirements_hash is not None:
        yield from _environment_drift(generation, config.requirements_hash)


def config_drift(generation: Generation, applied: SiteConfig) -> Iterator[Drift]:
    """What was edited in config.toml by hand: each value, or the file when it is none any more."""
    content = generation.config.read_bytes() if generation.config.is_file() else None
    if content == write_config(applied):
        return
    if content is None:
        yield Drift("config:config.toml", DriftKind.MISSING)
        return
    try:
        found = parse_config(content, str(generation.config))
    except (ValueError, TypeError, RecursionError, ConfigTooNewError):
        yield Drift("config:config.toml", DriftKind.MODIFIED)
        return
    before, after = _values(applied), _values(found)
    secrets = secret_settings(generation)
    for path in sorted(before.keys() | after.keys(), key=".".join):
        old, new = before.get(path), after.get(path)
        if old != new:
            kind = DriftKind.MISSING if path not in after else DriftKind.MODIFIED
            kind = DriftKind.EXTRA if path not in before else kind
            is_secret = path[1:] in secrets or is_secret_reference(old)
            is_shown = new is None or is_secret_reference(new) or not is_secret
            yield Drift(
                f"config:{'.'.join(path)}", kind, _text(old), _text(new) if is_shown else HIDDEN
            )
    if before == after:
        yield Drift("config:config.toml", DriftKind.MODIFIED)


HIDDEN = "***"
"""Instead of a secret that somebody wrote in plain sight: what is printed ends up in logs."""


def _text(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _values(config: SiteConfig) -> dict[tuple[str, ...], Any]:
    """Every value of a config by its path."""
    return dict(leaves({field.name: getattr(config, field.name) for field in fields(config)}))


def leaves(
    table: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that is no table, by its path; a secret's reference is one value."""
    for key, value in table.items():
        if isinstance(value, Mapping) and not is_secret_reference(value):
            yield from leaves(value, (*path, key))
        elif value is not None:
            yield (*path, key), value


def secret_settings(generation: Generation) -> frozenset[tuple[str, ...]]:
    """The settings that a generation's modules call secret: module first, then keys."""
    found: set[tuple[str, ...]] = set()
    for manifest in generation.modules.glob("*/module.toml"):
        with suppress(OSError, ValueError):
            schema = tomllib.loads(manifest.read_text(encoding="utf-8")).get("settings", {})
            found |= {(manifest.parent.name, *path) for path in secret_paths(schema)}
    return frozenset(found)


def _environment_drift(generation: Generation, expected: str) -> Iterator[Drift]:
    lock = generation.requirements
    if not lock.is_file() or not (generation.environment / "bin" / "python").exists():
        yield Drift("python:env", DriftKind.MISSING, expected)
    elif file_hash(lock) != expected:
        yield Drift("python:requirements.lock", DriftKind.MODIFIED, expected, file_hash(lock))


def code_drift(generation: Generation, config: SiteConfig) -> Iterator[Drift]:
    """Code of the generation that is not what its config.toml names."""
    for place, prefix, hashes in (
        ("modules", "module", config.module_hashes),
        ("extensions", "paheko", config.paheko_hashes),
    ):
        folder = generation.folder / place
        for name, expected in hashes.items():
            if not (folder / name).is_dir():
                yield Drift(f"{prefix}:{name}", DriftKind.MISSING, expected)
            elif (found := tree_hash(folder / name)) != expected:
                yield Drift(f"{prefix}:{name}", DriftKind.MODIFIED, expected, found)
        if folder.is_dir():
            for extra in sorted({child.name for child in folder.iterdir()} - hashes.keys()):
                if extra != "__pycache__":
                    yield Drift(f"{prefix}:{extra}", DriftKind.EXTRA)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
