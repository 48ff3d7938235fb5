"""What a lock remembers, between packages with versions and the texts in config.toml."""

from collections.abc import Iterable, Mapping

from packaging.version import InvalidVersion, Version

from recyclic.model.package import Package, package_from
from recyclic.model.resolution import MOST_FORMER, Displaced, Former
from recyclic.model.site_config import SiteConfig, StepBack, Stood


def stood_of(displaced: Displaced) -> Stood:
    """``displaced`` as texts, sorted."""
    return {str(package): tuple(map(_text, stood)) for package, stood in sorted(displaced.items())}


def displaced_of(stood: Stood) -> Displaced:
    """``stood`` as packages and versions; what is neither is left out."""
    found: dict[Package, tuple[Version | None, ...]] = {}
    for name, texts in stood.items():
        try:
            versions = tuple(map(_version, texts))
            found |= {package_from(name): versions} if versions else {}
        except (ValueError, InvalidVersion):
            continue
    return found


def steps_back(before: Iterable[Former], now: Mapping[Package, Version]) -> tuple[StepBack, ...]:
    """Each of those states as what it had otherwise than the next; the last one's next is
    ``now``."""
    found = list[StepBack]()
    for former in reversed(tuple(before)):
        then = former.versions
        changed = sorted(each for each in then.keys() | now if then.get(each) != now.get(each))
        versions = {str(package): _text(then.get(package)) for package in changed}
        found.append(StepBack(versions, stood_of(former.displaced)))
        now = then
    return tuple(reversed(found))


def before_of(config: SiteConfig, now: Mapping[Package, Version]) -> tuple[Former, ...]:
    """The states that ``config.before`` leads to from ``now``, oldest first; none where a step
    cannot be read."""
    found = list[Former]()
    for step in reversed(config.before[-MOST_FORMER:]):
        try:
            changed = {package_from(name): _version(to) for name, to in step.versions.items()}
        except (ValueError, InvalidVersion):
            return ()
        then = {**now, **changed}
        now = {package: version for package, version in sorted(then.items()) if version is not None}
        found.append(Former(now, displaced_of(step.displaced)))
    return tuple(reversed(found))


def _text(version: Version | None) -> str | None:
    return None if version is None else str(version)


def _version(text: str | None) -> Version | None:
    return None if text is None else Version(text)
