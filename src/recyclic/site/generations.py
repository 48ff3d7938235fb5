"""Looking at the generations of a site. Nothing here can write."""

from packaging.version import InvalidVersion, Version

from recyclic.model.installed import Installed
from recyclic.model.package import Package, PackageKind
from recyclic.model.site_config import SiteConfig
from recyclic.site.config_file import read_config
from recyclic.site.errors import NoGenerationError
from recyclic.site.layout import Generation, Site


def read_installed(site: Site) -> Installed:
    """What the live generation has; generation 0 and nothing for a site that has none.

    Raises:
        ConfigUnreadableError, ConfigTooNewError: its config.toml is not what apply wrote.
    """
    number = site.current_number()
    if not number:
        return Installed()
    config = read_config(site.generation(number).config)
    return Installed(number, config, versions_of(config))


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
