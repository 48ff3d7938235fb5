"""Who emits and who consumes which event, as the modules' manifests say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from recyclic.model.event_schema import Change, compare
from recyclic.model.package import EventContract


@dataclass(frozen=True, slots=True)
class Declared:
    """What one module says that it emits and consumes."""

    module: str
    emits: Sequence[EventContract]
    consumes: Sequence[EventContract]


@dataclass(frozen=True, slots=True)
class Flow:
    """One event: the modules that emit it and those that consume it, with their contracts."""

    event: str
    emitters: Sequence[tuple[str, EventContract]]
    consumers: Sequence[tuple[str, EventContract]]

    def misfits(self) -> list[tuple[str, str, Change]]:
        """Emitter, consumer and what breaks, where a schema does not fit."""
        return [
            (emitter, consumer, change)
            for emitter, emitted in self.emitters
            for consumer, consumed in self.consumers
            if consumed.schema is not None
            for change in compare(consumed.schema, emitted.schema)
            if change.breaking
        ]

    def document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        misfits = [
            {
                "emitter": emitter,
                "consumer": consumer,
                "path": change.path,
                "change": change.kind.value,
            }
            for emitter, consumer, change in self.misfits()
        ]
        return {
            "event": self.event,
            "emitters": [_side(*one) for one in self.emitters],
            "consumers": [_side(*one) for one in self.consumers],
            "misfits": misfits,
        }


def _side(module: str, contract: EventContract) -> dict[str, Any]:
    return {"module": module, "version": contract.version, "schema": contract.schema is not None}


def flows_of(declared: Iterable[Declared]) -> list[Flow]:
    """Every event that a module names, sorted."""
    modules = list(declared)
    names = {it.name for one in modules for it in (*one.emits, *one.consumes)}
    return [
        Flow(
            name,
            [(one.module, it) for one in modules for it in one.emits if it.name == name],
            [(one.module, it) for one in modules for it in one.consumes if it.name == name],
        )
        for name in sorted(names)
    ]
