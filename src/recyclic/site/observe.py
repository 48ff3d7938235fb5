"""What is on a site's disk now, against what was applied. Nothing here can write."""

from collections.abc import Iterator
from pathlib import Path

from recyclic.model.observed import Drift, DriftKind, Observed
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import read_config
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
    config = read_config(generation.config)
    return Observed(
        config_hash=file_hash(generation.config),
        drift=tuple(sorted(code_drift(generation, config))),
        data_bytes={name: _size(site.data / name) for name in config.modules},
    )


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
