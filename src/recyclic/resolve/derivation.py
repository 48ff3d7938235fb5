"""Why there is no solution, as facts to be told: one step a relation, then what clashes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from recyclic.model.diagnostic import Place
from recyclic.model.package import ROOT, Package
from recyclic.resolve.relation import NeedKind, Relation, name_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What some releases of one package ask of another.

    Attributes:
        versions: The releases that ask, oldest first; empty when every one in question does.
        specifier: As written, sorted; empty for any version.
    """

    versions: tuple[str, ...]
    kind: NeedKind
    specifier: str
    place: Place


@dataclass(frozen=True, slots=True)
class Step:
    """One relation of the conflict: who asks what of whom.

    Attributes:
        releases: The releases of the depender in question, oldest first; empty for the root.
        asked: By the releases in question, the newest first; never empty.
        known: Versions of the dependency that are known, oldest first.
        providers: Other modules that provide it, by name.
    """

    relation: Relation
    releases: tuple[str, ...]
    asked: tuple[Asked, ...]
    known: tuple[str, ...]
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Besides:
    """A relation that has to go as well: it is part of another conflict.

    Attributes:
        missing: True when nothing of that name is known.
    """

    relation: Relation
    place: Place
    missing: bool


@dataclass(frozen=True, slots=True)
class Derivation:
    """The steps from the root outwards, and where they meet.

    Attributes:
        clash: The package of which no version is left, or None when it takes trying out
            combinations to see that none works.
        met_by: Indexes of the steps that ask something of it.
        nearest: Names that were perhaps meant, or versions nearest to those asked for.
        omitted_at: The line that leaves the clashing package out, if one does.
        withdrawn: Versions of the clashing package that count only when asked for exactly.
        besides: What else is wrong, by place.
    """

    steps: tuple[Step, ...]
    clash: Package | None
    met_by: tuple[int, ...]
    nearest: tuple[str, ...] = ()
    omitted_at: Place | None = None
    withdrawn: frozenset[str] = frozenset()
    besides: tuple[Besides, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What a message about all of it names."""
        return {
            "name": name_of(self.clash) if self.clash else "",
            "nearest": list(self.nearest),
            "known": list(self.steps[self.met_by[0]].known) if self.met_by else [],
        }


def ordered(relations: Collection[Relation]) -> tuple[Relation, ...]:
    """From the root outwards, nearest first, then by name."""
    by_depender: dict[Package, list[Relation]] = {}
    for relation in sorted(relations):
        by_depender.setdefault(relation.depender, []).append(relation)
    found: list[Relation] = []
    todo = [ROOT]
    while todo:
        reached = by_depender.pop(todo.pop(0), [])
        found += reached
        todo += [relation.dependency for relation in reached]
    # Who conflicts may be reached through a capability: asked for under another name.
    return (*found, *(relation for rest in by_depender.values() for relation in rest))
