"""A site that is being served is moved over without losing a request."""

import time
from dataclasses import dataclass
from typing import ClassVar

from recyclic.apply.errors import HealthFailedError
from recyclic.apply.serving import FrontDoor, refuse_failed
from recyclic.apply.state import State
from recyclic.apply.step import NOT_SERVED, Bench, Facts, PlainStep


@dataclass(frozen=True, slots=True)
class BootBeside(PlainStep):
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
        """Skipped when nobody serves the site."""
        return NOT_SERVED if bench.serving.status() is None else {}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Boot, probe over HTTP, judge."""
        start = time.monotonic()
        before = (bench.serving.status() or {}).get("report") or {}
        answer = bench.serving.prepare(bench.site.generation(self.number).config)
        results = FrontDoor(answer["probe"]).checks(before, frozenset(self.required))
        for result in results:
            bench.listener.checked(result)
        refuse_failed(results, time.monotonic() - start)

    def undo(self, bench: Bench, _facts: Facts) -> None:
        """Send it away; when it was handed over to, go back to what is current again."""
        bench.serving.send_away()
        status = bench.serving.status()
        if status is not None and status.get("generation") != bench.site.current_number():
            bench.serving.reload()


@dataclass(frozen=True, slots=True)
class HandOver(PlainStep):
    """Let the new generation serve, and the old one finish what it has begun."""

    kind: ClassVar[str] = "hand-over"
    leads_to: ClassVar[State] = State.SWITCHED
    number: int

    @property
    def subject(self) -> str:
        """Its number."""
        return str(self.number)

    def prepare(self, bench: Bench) -> Facts:
        """Skipped when nobody serves the site."""
        is_served = bench.serving.is_prepared or bench.serving.status() is not None
        return {} if is_served else NOT_SERVED

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Hand over; to one who began to serve meanwhile, tell what is current now."""
        if bench.serving.is_prepared:
            bench.serving.commit()
        else:
            bench.serving.reload()

    def undo(self, _bench: Bench, _facts: Facts) -> None:
        """Nothing: booting beside is undone after ``current`` is back, and goes back to it."""


@dataclass(frozen=True, slots=True)
class VerifyServing(PlainStep):
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

    def prepare(self, bench: Bench) -> Facts:
        """Skipped when nobody serves the site."""
        return NOT_SERVED if bench.serving.status() is None else {}

    def do(self, bench: Bench, _facts: Facts) -> None:
        """Ask what is served, and at its own address how it is."""
        status = bench.serving.status()
        if status is None or status.get("generation") != self.number:
            detail = f"generation {status.get('generation')} is served" if status else "it ended"
            raise HealthFailedError(check="process", detail=detail, waited_s=0.0)
        start = time.monotonic()
        results = FrontDoor(status["address"]).checks({}, frozenset(self.required))
        refuse_failed(results, time.monotonic() - start)
