"""Rules about settings: each is read by somebody, fits, and is no secret in plain sight."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from recyclic.catalog.settings import bundles_nearest_first, properties_of
from recyclic.catalog.subject import Subject
from recyclic.model.diagnostic import Diagnostic, Place, Severity
from recyclic.model.package import PackageKind, Release
from recyclic.model.settings import LayeredValue, is_secret_reference
from recyclic.model.settings_schema import (
    dotted,
    misfits,
    secret_paths,
)


def check_schemas(subject: Subject) -> Iterator[Diagnostic]:
    """What a module calls a schema, of its settings or its events, is one; and holds no secret."""
    for found in subject.schema_findings.values():
        yield from found


def check_settings_read(subject: Subject) -> Iterator[Diagnostic]:
    """Every setting that somebody wrote is for a module that is enabled, and one it declares."""
    enabled = {release.package.name: release for release in subject.modules}
    for module, key, place in _written(subject):
        release = enabled.get(module)
        if release is None:
            yield _unread_module(subject, module, key, place, sorted(enabled))
        elif release.settings_schema is None:
            yield Diagnostic("RCY-C019", Severity.WARNING, place, {"module": module, "key": key})
        elif not _declares(release.settings_schema, key):
            yield _unread_key(module, key, place, sorted(properties_of(release.settings_schema)))


def _written(subject: Subject) -> Iterator[tuple[str, str, Place]]:
    """Module, key and line of every setting in the profile and in the bundles."""
    for module, values in subject.request.settings.items():
        for key, value in values.items():
            yield module, key, value.place
    for bundle in bundles_nearest_first(subject.resolution, subject.request):
        for module, table in bundle.settings.items():
            for key in table:
                yield module, key, bundle.setting_places.get((module, key), bundle.place)


def _unread_key(module: str, key: str, place: Place, known: list[str]) -> Diagnostic:
    facts = {"module": module, "key": key, "known": known}
    near = get_close_matches(key, known, n=1)
    if near:
        return Diagnostic("RCY-C010", place=place, facts=facts | {"near": near[0]})
    return Diagnostic("RCY-C021", place=place, facts=facts)


def _unread_module(
    subject: Subject, module: str, key: str, place: Place, enabled: list[str]
) -> Diagnostic:
    """An error for a name nobody mentions; a warning for one that is only not enabled here."""
    severity = Severity.WARNING if module in _mentioned(subject) else Severity.ERROR
    facts = {"module": module, "key": key, "known": enabled}
    near = get_close_matches(module, enabled, n=1)
    if near:
        return Diagnostic("RCY-C009", severity, place, facts | {"near": near[0]})
    return Diagnostic("RCY-C022", severity, place, facts)


def _mentioned(subject: Subject) -> set[str]:
    """Modules that are left out, or that only a feature or an optional dependency would add."""
    names = {package.name for package in subject.omitted if package.kind is PackageKind.MODULE}
    for release in subject.releases:
        wishes = [*release.optional, *(each for some in release.features.values() for each in some)]
        names |= {each.package.name for each in wishes}
    return names


def _declares(schema: Mapping[str, Any], key: str) -> bool:
    """True when the schema names the key, or says that keys of any name are welcome."""
    if key in properties_of(schema):
        return True
    if schema.get("patternProperties"):
        return True
    return bool(schema.get("additionalProperties", False))


def check_settings_fit(subject: Subject) -> Iterator[Diagnostic]:
    """The settings of each module, all layers together, fit its schema."""
    for release in subject.modules:
        schema = release.settings_schema
        if schema is None or release.package.name in subject.schema_findings:
            continue
        laid = subject.resolution.settings.get(release.package.name, {})
        for misfit in misfits({key: value.value for key, value in laid.items()}, schema):
            if misfit.rule != "additionalProperties":
                key = str(misfit.path[0]) if misfit.path else ""
                yield Diagnostic(
                    "RCY-C013" if misfit.rule == "required" else "RCY-C011",
                    place=_fault_place(subject, release, laid, key),
                    facts={
                        "module": release.package.name,
                        "key": dotted(misfit.path),
                        "rule": misfit.rule,
                        "expected": misfit.expected,
                    },
                )


def _fault_place(
    subject: Subject, release: Release, laid: Mapping[str, LayeredValue], key: str
) -> Place:
    """The line that set the value; for one that nobody set, the line that brings the module."""
    if key in laid:
        return laid[key].place
    reasons = subject.resolution.required_by.get(release.package, ())
    return reasons[0].requirement.place if reasons else release.place


def check_secrets(subject: Subject) -> Iterator[Diagnostic]:
    """A secret is given as a reference, in every layer: also a value that lost is in the file."""
    for release in subject.modules:
        laid = subject.resolution.settings.get(release.package.name, {})
        for path in secret_paths(release.settings_schema or {}):
            for value, place in _layers(laid.get(path[0])):
                if _is_plain(value, path[1:]):
                    facts = {"module": release.package.name, "key": dotted(path)}
                    yield Diagnostic("RCY-C012", place=place, facts=facts)
    url = subject.request.events_url
    if isinstance(url, str) and _has_password(url):
        at = subject.request.events_place
        yield Diagnostic("RCY-C012", place=at, facts={"module": "events", "key": "url"})


def _layers(value: LayeredValue | None) -> Iterator[tuple[Any, Place]]:
    if value is not None:
        if not value.layer.startswith("module:"):
            yield value.value, value.place
        yield from ((lost, at) for lost, at, layer in value.lost if not layer.startswith("module:"))


def _is_plain(value: Any, path: tuple[str, ...]) -> bool:
    """True when something that is no reference stands at ``path`` within ``value``."""
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return not is_secret_reference(value)


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False
