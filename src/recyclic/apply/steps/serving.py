"""A site that is being served is moved over without losing a request."""

import time
from dataclasses import dataclass
from typing import ClassVar

from recyclic.apply.serving import checks_of, probe, refuse_failed
from recyclic.apply.state import State
from recyclic.apply.step import Bench, Facts


@dataclass(frozen=True, slots=True)
class BootBeside:
    """Boot the new generation beside the one that serves, and look whether it is well.

    Attributes:
        required: Modules that this plan brings or changes: they have to start.
    """

    kind: ClassVar[str] = "boot-beside"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int
    required: tuple[str, ...]

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, bench: Bench) -> Facts:
        """Whether anybody serves the site."""
        return {"is_served": bench.serving.status() is not None}

    def do(self, bench: Bench, facts: Facts) -> None:
        """Boot, probe over HTTP, judge."""
        if not facts["is_served"]:
            return
        start = time.monotonic()
        before = (bench.serving.status() or {}).get("report") or {}
        answer = bench.serving.prepare(bench.site.generation(self.number).config)
        _, report = probe(answer["probe"])
        results = checks_of(report, before, frozenset(self.required))
        for result in results:
            bench.listener.checked(result)
        refuse_failed(results, time.monotonic() - start)

    def undo(self, bench: Bench, facts: Facts) -> None:
        """Send it away; when it was handed over to, go back to what is current again."""
        bench.serving.abort()
        status = bench.serving.status() if facts["is_served"] else None
        if status is not None and status.get("generation") != bench.site.current_number():
            bench.serving.reload()

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let the new generation serve, and the old one finish what it has begun."""

    kind: ClassVar[str] = "hand-over"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, bench: Bench) -> Facts:
        """Whether anybody serves the site."""
        return {"is_served": bench.serving.is_prepared}

    def do(self, bench: Bench, facts: Facts) -> None:
        """Hand over."""
        if facts["is_served"]:
            bench.serving.commit()

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing: booting beside is undone after ``current`` is back, and goes back to it."""

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class VerifyServing:
    """Ask the process that now serves, from outside.

    Attributes:
        required: As for :class:`BootBeside`.
    """

    kind: ClassVar[str] = "verify-serving"
    leads_to: ClassVar[State] = State.VERIFIED
    number: int
    required: tuple[str, ...]

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, _bench: Bench) -> Facts:
        """Nothing."""
        return {}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Ask what is served, and how it is."""
        status = bench.serving.status()
        if status is None or status.get("generation") != self.number:
            return
        results = checks_of(status.get("report") or {}, {}, frozenset(self.required))
        refuse_failed(results, 0.0)

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""

    def finish(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing."""
