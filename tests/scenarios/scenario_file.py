"""One scenario: a sentence, a catalog, a request, and the exact answer or explanation."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.model.catalog import MemoryCatalog
from recyclic.model.diagnostic import Place
from recyclic.model.package import (
    CORE,
    PAHEKO,
    PYTHON,
    Capability,
    Origin,
    OriginKind,
    Package,
    PackageKind,
    Release,
    Requirement,
)
from recyclic.model.profile import FeatureChoice, Omission, Override, Request
from recyclic.resolve.preferences import ALL, HostFacts, Preferences, Strategy

_HOST = {CORE.name: CORE, PAHEKO.name: PAHEKO, PYTHON.name: PYTHON}
_KINDS = {"paheko": PackageKind.EXTENSION, "bundle": PackageKind.BUNDLE}


@dataclass(frozen=True)
class Scenario:
    """What a file says, ready to be resolved."""

    about: str
    request: Request
    catalog: MemoryCatalog
    host: HostFacts
    preferences: Preferences
    expect: Mapping[str, Any]


def read_scenario(path: Path) -> Scenario:
    return scenario_of(tomllib.loads(path.read_text("utf-8")))


def scenario_of(document: Mapping[str, Any]) -> Scenario:
    """What a file with that content says; it needs no ``about`` and no ``expect``."""
    asked = document["ask"]
    host = {"core": "1.0", "python": "3.12", **document.get("host", {})}
    return Scenario(
        about=document.get("about", ""),
        request=_request(asked),
        catalog=MemoryCatalog(_releases(document.get("catalog", {}))),
        host=HostFacts(**{name: Version(text) for name, text in host.items()}),
        preferences=_preferences(document.get("prefer", {})),
        expect=document.get("expect", {}),
    )


def package(text: str) -> Package:
    kind, colon, name = text.partition(":")
    if text in _HOST:
        return _HOST[text]
    return Package(_KINDS[kind], name) if colon else Package(PackageKind.MODULE, text)


def requirement(text: str, place: Place) -> Requirement:
    """``caisse>=1``, ``paheko:caisse``, ``python>=3.12``."""
    found = re.fullmatch(r"([\w:-]+?)\s*([<>=!~].*)?", text)
    assert found is not None, text
    return Requirement(package(found[1]), SpecifierSet(found[2] or ""), place)


def _requirements(texts: list[str], file: str, first: int = 1) -> tuple[Requirement, ...]:
    return tuple(requirement(text, Place(file, line)) for line, text in enumerate(texts, first))


def _request(asked: Mapping[str, Any]) -> Request:
    file = "profile.toml"
    features = [text.split("/") for text in asked.get("features", [])]
    bundle = asked.get("bundle")
    return Request(
        site="scenario",
        bundle=requirement(bundle, Place(file, 1)) if bundle else None,
        requirements=_requirements(asked.get("modules", []), file, 2),
        omissions=tuple(
            Omission(package(text), Place(file, line))
            for line, text in enumerate(asked.get("omit", []), 20)
        ),
        overrides=tuple(
            Override(package(name), Version(text), Place(file, line))
            for line, (name, text) in enumerate(asked.get("override", {}).items(), 30)
        ),
        features=tuple(FeatureChoice(b, f, Place(file, 40)) for b, f in features),
    )


def _preferences(wanted: Mapping[str, Any]) -> Preferences:
    upgrade = wanted.get("upgrade", [])
    return Preferences(
        locked=_versions(wanted.get("locked", {})),
        installed=_versions(wanted.get("installed", {})),
        upgrade=ALL if upgrade == "all" else frozenset(map(package, upgrade)),
        strategy=Strategy(wanted.get("strategy", "highest")),
    )


def _versions(texts: Mapping[str, str]) -> dict[Package, Version]:
    return {package(name): Version(text) for name, text in texts.items()}


def _releases(catalog: Mapping[str, Mapping[str, Any]]) -> list[Release]:
    return [
        _release(package(name), text, entry)
        for name, versions in catalog.items()
        for text, entry in versions.items()
    ]


def _release(found: Package, version: str, entry: Mapping[str, Any]) -> Release:
    suffix = "toml" if found.kind is PackageKind.BUNDLE else "json"
    file = f"{found.name}-{version}.{suffix}"
    return Release(
        found,
        Version(version),
        Place(file),
        Origin(OriginKind.INDEX, "index.json"),
        requires=_requirements(entry.get("requires", []), file),
        optional=_requirements(entry.get("optional", []), file, 10),
        conflicts=_requirements(entry.get("conflicts", []), file, 20),
        provides=tuple(_capability(text, file) for text in entry.get("provides", [])),
        features={
            name: _requirements(texts, file, 30)
            for name, texts in entry.get("features", {}).items()
        },
        yanked=entry.get("yanked"),
    )


def _capability(text: str, file: str) -> Capability:
    name, _, version = text.partition("==")
    return Capability(name, Version(version) if version else None, Place(file, 40))
