"""Rules about events: somebody emits what is waited for, in a shape that the waiting understand."""

from collections import defaultdict
from collections.abc import Iterator

from recyclic.catalog.subject import Subject
from recyclic.model.diagnostic import Diagnostic, Severity
from recyclic.model.event_schema import Change, compare
from recyclic.model.package import EventContract, Release


def check_events_heard(subject: Subject) -> Iterator[Diagnostic]:
    """Whoever waits for an event waits for one that somebody emits."""
    emitted = sorted({event.name for release in subject.modules for event in release.emits})
    for release in subject.modules:
        for event in release.consumes:
            if event.name not in emitted:
                yield Diagnostic(
                    "RCY-C007",
                    Severity.WARNING,
                    event.place,
                    {
                        "module": release.package.name,
                        "event": event.name,
                        "emitted": emitted or ["-"],
                    },
                )


def check_events_understood(subject: Subject) -> Iterator[Diagnostic]:
    """What is emitted can be given to each of those who wait for it."""
    emitters: dict[str, list[tuple[Release, EventContract]]] = defaultdict(list)
    for release in subject.modules:
        for event in release.emits:
            emitters[event.name].append((release, event))
    for release in subject.modules:
        for waited in release.consumes:
            for emitter, emitted in emitters[waited.name]:
                yield from _misunderstanding(release, waited, emitter, emitted)


def _misunderstanding(
    consumer: Release, waited: EventContract, emitter: Release, emitted: EventContract
) -> Iterator[Diagnostic]:
    """Schemas decide where both are known; else versions do, and a higher one only warns:
    a bare name says nothing of the version it was written for."""
    facts = {
        "module": consumer.package.name,
        "module_version": str(consumer.version),
        "event": waited.name,
        "other": emitter.package.name,
        "other_version": str(emitter.version),
        "emitted_at": str(emitted.place),
    }
    if waited.schema is not None and emitted.schema is not None:
        breaking = [
            _told(change) for change in compare(waited.schema, emitted.schema) if change.breaking
        ]
        if breaking:
            facts["changes"] = "; ".join(breaking[:5])
            yield Diagnostic("RCY-C008", place=waited.place, facts=facts)
    elif waited.version != emitted.version:
        severity = Severity.ERROR if waited.version > emitted.version else Severity.WARNING
        versions = {"wanted": waited.version, "found": emitted.version}
        yield Diagnostic("RCY-C020", severity, waited.place, facts | versions)


def _told(change: Change) -> str:
    values = f" ({change.old} -> {change.new})" if change.old or change.new else ""
    return f"{change.path or '$'}: {change.kind.value}{values}"
