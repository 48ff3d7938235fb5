"""Looking at the generations of a site. Nothing here can write."""

import json

from packaging.version import InvalidVersion, Version

from recyclic.model.installed import Installed
from recyclic.model.lock import before_of, displaced_of
from recyclic.model.package import Package, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import config_from_plain, read_config
from recyclic.site.errors import ConfigTooNewError, ConfigUnreadableError, NoGenerationError
from recyclic.site.layout import Generation, Site


def read_installed(site: Site) -> Installed:
    """What the live generation has; generation 0 and nothing for a site that has none.

    Raises:
        ConfigUnreadableError, ConfigTooNewError: its config.toml is not what apply wrote.
    """
    number = site.current_number()
    if not number:
        return Installed()
    config = live_config(site.generation(number))
    versions = versions_of(config)
    displaced, before = displaced_of(config.displaced), before_of(config, versions)
    return Installed(number, config, versions, displaced, before)


def live_config(generation: Generation) -> SiteConfig:
    """What a generation's config.toml says; what it said when it was applied, if somebody has
    made it unreadable since: an apply has to be able to mend that.

    Raises:
        ConfigUnreadableError, ConfigTooNewError: that is not known either.
    """
    try:
        return read_config(generation.config)
    except (ConfigUnreadableError, ConfigTooNewError):
        applied = applied_config(generation)
        if applied is None:
            raise
        return applied


def applied_config(generation: Generation) -> SiteConfig | None:
    """What apply wrote into config.toml, whatever it says now; None when that is not known."""
    try:
        document = json.loads(generation.plan.read_text(encoding="utf-8"))
        return config_from_plain(document["config"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def versions_of(config: SiteConfig) -> dict[Package, Version]:
    """Every package of a config with its version; a text that is no version is left out."""
    named = (
        (PackageKind.MODULE, config.module_versions),
        (PackageKind.EXTENSION, config.paheko_versions),
        (PackageKind.BUNDLE, config.bundle_versions),
    )
    found: dict[Package, Version] = {}
    for kind, versions in named:
        for name, text in versions.items():
            try:
                found[Package(kind, name)] = Version(text)
            except InvalidVersion:
                continue
    return found


def find_generation(site: Site, number: int) -> Generation:
    """A generation that is there, with its config.toml.

    Raises:
        NoGenerationError: it is not; the numbers that are, are among the facts.
    """
    generation = site.generation(number)
    if not generation.config.is_file():
        known = [each for each in site.numbers() if site.generation(each).config.is_file()]
        raise NoGenerationError(number=number, known=known)
    return generation
