"""A config.toml that a person gave: the lock of a site, read with every mistake told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from recyclic.manifest.document import TomlDocument, parse_toml
from recyclic.manifest.findings import Findings
from recyclic.manifest.source import read_source
from recyclic.manifest.validate import validate
from recyclic.manifest.wire import ConfigWire
from recyclic.model.site_config import CONFIG_FORMAT, SiteConfig, StepBack, Stood


def load_config(path: Path) -> SiteConfig:
    """What the config.toml in ``path`` says.

    Raises:
        DiagnosticsError: with everything that is wrong in it, such as a module that is enabled
            but has no version.
    """
    document, findings = parse_toml(read_source(path)), Findings()
    wire = _validated(document, findings)
    findings.stop_on_errors()
    assert wire is not None
    return SiteConfig(
        site=str(wire.site),
        bundle=wire.bundle,
        bundle_version=wire.bundle_version,
        modules=tuple(map(str, wire.modules.enabled)),
        module_versions=_texts(wire.versions.modules),
        paheko_versions=_texts(wire.versions.paheko),
        bundle_versions=_texts(wire.versions.bundles),
        module_hashes=_texts(wire.hashes.modules),
        paheko_hashes=_texts(wire.hashes.paheko),
        requirements_hash=wire.hashes.requirements,
        settings={str(module): table for module, table in wire.settings.items()},
        hosts=wire.hosts,
        events=document.values.get("events", {}),
        overrides=_texts(wire.overrides),
        displaced=_stood(wire.displaced),
        before=tuple(
            StepBack(
                {name: to or None for name, to in step.versions.items()}, _stood(step.displaced)
            )
            for step in wire.before.steps
        ),
    )


def _stood(table: Mapping[str, str | Literal[False] | list[str | Literal[False]]]) -> Stood:
    lists = {name: value if isinstance(value, list) else [value] for name, value in table.items()}
    return {name: tuple(each or None for each in values) for name, values in lists.items()}


def _texts(table: dict[Any, str]) -> dict[str, str]:
    return {str(name): text for name, text in table.items()}


def _validated(document: TomlDocument, findings: Findings) -> ConfigWire | None:
    found = document.values.get("format")
    if isinstance(found, int) and not isinstance(found, bool) and found != CONFIG_FORMAT:
        # A newer format may well have keys we do not know: say the one thing that matters.
        place = document.value_place(("format",))
        findings.error("RCY-M032", place, found=found, known=[CONFIG_FORMAT])
        return None
    wire = validate(ConfigWire, document.values, document, findings)
    if wire is not None:
        _check_enabled(wire, document, findings)
    return wire


def _check_enabled(wire: ConfigWire, document: TomlDocument, findings: Findings) -> None:
    """Each enabled module stands once, and has a version; each version is of an enabled one."""
    seen: set[str] = set()
    for at, name in enumerate(wire.modules.enabled):
        place = document.value_place(("modules", "enabled", at))
        if name in seen:
            findings.error("RCY-M048", place, name=str(name))
        elif name not in wire.versions.modules:
            findings.error("RCY-M049", place, name=str(name))
        seen.add(name)
    for name in wire.versions.modules:
        if name not in seen:
            place = document.key_place(("versions", "modules", name))
            findings.error("RCY-M050", place, name=str(name))
