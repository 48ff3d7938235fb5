"""Checks across a resolved set of modules: one function per rule, all with one signature."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from recyclic.catalog.event_rules import check_events_heard, check_events_understood
from recyclic.catalog.order import check_cycles
from recyclic.catalog.setting_rules import (
    check_schemas,
    check_secrets,
    check_settings_fit,
    check_settings_read,
)
from recyclic.catalog.settings import lay_settings
from recyclic.catalog.subject import Subject
from recyclic.model.diagnostic import Diagnostic, Place, Severity
from recyclic.model.package import Package, PackageKind, Release, Requirement
from recyclic.model.permission import LEVELS_OF_SECTION
from recyclic.model.profile import Request
from recyclic.model.resolution import Resolution

Rule = Callable[[Subject], Iterable[Diagnostic]]

RESERVED_ROUTES = ("/", "/health", "/api/modules", "/api/ui/slots", "/docs", "/openapi.json")
"""What the core itself answers."""


def check_resolution(resolution: Resolution, request: Request) -> list[Diagnostic]:
    """Everything that is wrong, or odd, about ``resolution`` as an answer to ``request``; sorted.

    A resolution without settings gets them laid first.
    """
    if not resolution.settings:
        resolution = replace(resolution, settings=lay_settings(resolution, request))
    subject = Subject(resolution, request)
    found = [diagnostic for rule in RULES for diagnostic in rule(subject)]
    return sorted(found, key=Diagnostic.sort_key)


def check_missing(subject: Subject) -> Iterator[Diagnostic]:
    """Whatever is required is there, at a version that fits (unless it was overridden)."""
    for release in subject.releases:
        for requirement in release.requires:
            if requirement.package.kind not in _INSTALLABLE or _waived(
                subject, release, requirement
            ):
                continue
            answering = subject.answers.to(requirement)
            if not any(subject.answers.fits(requirement, package) for package in answering):
                yield Diagnostic(
                    "RCY-C001",
                    place=requirement.place,
                    facts={"depender": release.package.name, "requirement": str(requirement)},
                )


_INSTALLABLE = (PackageKind.MODULE, PackageKind.EXTENSION, PackageKind.BUNDLE)


def _waived(subject: Subject, depender: Release, requirement: Requirement) -> bool:
    """True for platforms, for what the profile overrides, and for what it leaves out."""
    if requirement.package.kind not in _INSTALLABLE:
        return True
    if requirement.package in subject.overridden:
        return requirement.package in subject.resolution.versions
    return depender.package.kind is PackageKind.BUNDLE and requirement.package in subject.omitted


def check_conflicts(subject: Subject) -> Iterator[Diagnostic]:
    """Nothing is there that something else cannot live with, optional needs included."""
    answers = subject.answers
    for release in subject.releases:
        for conflict in release.conflicts:
            for package in answers.named(conflict.package):
                if package != release.package and answers.fits(conflict, package):
                    yield _clash("RCY-C015", release, conflict, package)
        for optional in release.optional:
            package = optional.package
            present = package in subject.resolution.versions and package not in subject.overridden
            if present and not answers.fits(optional, package):
                yield _clash("RCY-C016", release, optional, package)


def _clash(code: str, release: Release, requirement: Requirement, package: Package) -> Diagnostic:
    return Diagnostic(
        code,
        place=requirement.place,
        facts={
            "module": release.package.name,
            "requirement": str(requirement),
            "other": package.name,
        },
    )


def check_circles(subject: Subject) -> Iterator[Diagnostic]:
    """No module needs itself, over however many others."""
    yield from check_cycles(subject.resolution)


def check_routes(subject: Subject) -> Iterator[Diagnostic]:
    """A route belongs to one module, and not to the core."""
    for route, claims in _claims(subject, lambda release: release.ui_routes).items():
        if route in RESERVED_ROUTES:
            for module, place in claims:
                yield Diagnostic("RCY-C005", place=place, facts={"module": module, "route": route})
        yield from _claimed_twice("RCY-C004", route, claims)


def check_slots(subject: Subject) -> Iterator[Diagnostic]:
    """A slot belongs to one module; those who only add to it name it in ``shared_slots``."""
    for slot, claims in _claims(subject, lambda release: release.ui_slots).items():
        yield from _claimed_twice("RCY-C006", slot, claims)


Claims = dict[str, list[tuple[str, Place]]]


def _claims(subject: Subject, of: Callable[[Release], tuple[tuple[str, Place], ...]]) -> Claims:
    found: Claims = defaultdict(list)
    for release in subject.modules:
        for text, place in of(release):
            found[_normal_route(text)].append((release.package.name, place))
    return found


def _normal_route(text: str) -> str:
    """One spelling for each route: ``/a/`` is ``/a``."""
    return text.rstrip("/") or "/"


def _claimed_twice(code: str, name: str, claims: list[tuple[str, Place]]) -> Iterator[Diagnostic]:
    first, *others = claims
    for module, place in others:
        yield Diagnostic(
            code,
            place=place,
            facts={"name": name, "module": module, "first": first[0], "first_place": str(first[1])},
        )


def check_permissions(subject: Subject) -> Iterator[Diagnostic]:
    """Paheko knows the section and, for that section, the level."""
    for release in subject.modules:
        asked = release.permissions
        if asked is not None and asked.level not in LEVELS_OF_SECTION.get(asked.section, ()):
            yield Diagnostic(
                "RCY-C017",
                place=asked.place,
                facts={
                    "module": release.package.name,
                    "section": asked.section,
                    "level": asked.level,
                    "known": list(LEVELS_OF_SECTION.get(asked.section, LEVELS_OF_SECTION)),
                },
            )


def check_withdrawn(subject: Subject) -> Iterator[Diagnostic]:
    """A release that its publisher withdrew is used knowingly."""
    for release in subject.releases:
        if release.yanked is None:
            continue
        asked = subject.resolution.required_by.get(release.package, ())
        facts = {
            "name": release.package.name,
            "version": str(release.version),
            "reason": release.yanked,
        }
        place = asked[0].requirement.place if asked else release.place
        yield Diagnostic("RCY-C024", Severity.WARNING, place, facts)


RULES: tuple[Rule, ...] = (
    check_missing,
    check_conflicts,
    check_circles,
    check_routes,
    check_slots,
    check_events_heard,
    check_events_understood,
    check_permissions,
    check_schemas,
    check_settings_read,
    check_settings_fit,
    check_secrets,
    check_withdrawn,
)
