"""For each action, one do and its undo.

A step is a small frozen value of plain fields, so that a journal can hold it. ``prepare`` looks
and writes nothing; what it returns is on disk before ``do`` starts, and is all that ``undo`` gets.
``undo`` can be called after ``do`` happened in part, in whole, not at all, or was undone before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from recyclic.apply.host import ExtensionHost
from recyclic.apply.listener import Listener, Silence
from recyclic.apply.serving import ServedSite
from recyclic.apply.state import State
from recyclic.site.layout import Site

Facts = Mapping[str, Any]

SKIPPED = "skipped"
"""Among the facts of a step that has nothing to do now: the reason, as a code. It is not done; it
is undone with the others, as what it was not done for may be there by then."""

NOT_SERVED: Facts = {SKIPPED: "not-served"}


@dataclass(frozen=True, slots=True)
class Wheels:
    """Where Python distributions come from.

    Attributes:
        offline: Nothing is fetched.
        folders: Looked in for wheels.
    """

    offline: bool = False
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Bench:
    """What steps work with.

    Attributes:
        serving: The process that serves the site, if one does.
        sources: Where code is taken from: the hash of a tree to its folder. Empty while undoing.
        files: Content of the generation's own files, by name. Empty while undoing.
    """

    site: Site
    serving: ServedSite
    host: ExtensionHost | None = None
    sources: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    listener: Listener = field(default_factory=Silence)
    wheels: Wheels = field(default_factory=Wheels)


class Step(Protocol):
    """One action of a transaction."""

    kind: ClassVar[str]
    """Its name in journals; never reused for something else."""
    leads_to: ClassVar[State]
    """The state that is reached when this and all steps of its kind are done."""

    @property
    def subject(self) -> str:
        """What it acts on, for people."""
        ...

    def prepare(self, bench: Bench, /) -> Facts:
        """What ``undo`` will have to know, or why it is :data:`SKIPPED`. Writes nothing."""
        ...

    def do(self, bench: Bench, facts: Facts, /) -> None:
        """Do it. An exception means that it may have happened in part."""
        ...

    def undo(self, bench: Bench, facts: Facts, /) -> None:
        """Make it not have happened."""
        ...

    def finish(self, bench: Bench, facts: Facts, /) -> None:
        """Tidy up after the commit. Can be called again as well."""
        ...


class PlainStep:
    """What most steps have in common: nothing to prepare, to take back or to tidy up."""

    def prepare(self, _bench: Bench) -> Facts:
        """Nothing."""
        return {}

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""


def step_json(step: Step) -> dict[str, Any]:
    """The step as plain values."""
    values = {each.name: getattr(step, each.name) for each in fields(step)}  # type: ignore[arg-type]
    return {"kind": step.kind, **values}
