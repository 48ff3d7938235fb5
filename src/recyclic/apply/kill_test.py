"""Crash-safety as a number: kill an apply at every operation, recover, compare.

A real process is killed with a real SIGKILL right before and right after each operation on the
disk. Whatever recovery leaves has to be the site as it was, or the site as planned.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from recyclic.site.disk import Operation, Witness

Picture = Mapping[str, str]
"""Every path that matters to what is there: a hash, a link's target, a digest."""


class Trial(Protocol):
    """One thing to be interrupted, in a place where nothing matters."""

    def reset(self) -> None:
        """Make everything as it was before the first run."""
        ...

    def run(self, witness: Witness) -> None:
        """Do it, telling ``witness`` of every operation."""
        ...

    def recover(self, witness: Witness) -> None:
        """What the next command, or the next boot, would do first."""
        ...

    def picture(self) -> Picture:
        """What is there now."""
        ...


class Side(StrEnum):
    """When, seen from an operation."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Point:
    """A moment to be killed at: ``number`` counts operations from 0."""

    number: int
    side: Side
    operation: str = ""


@dataclass(slots=True)
class KillReport:
    """What came of it.

    Attributes:
        points: How many times the process was killed.
        old, new: How often recovery led back, and how often forward.
        failures: Points after which the site was neither, with the paths that differ from both.
    """

    points: int = 0
    old: int = 0
    new: int = 0
    failures: list[tuple[Point, tuple[str, ...]]] = field(default_factory=list)


class Counter:
    """A witness that only takes notes."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def before(self, operation: Operation) -> None:
        """Note it."""
        self.operations.append(operation)

    def after(self, operation: Operation) -> None:
        """Nothing."""


class Killer:
    """A witness that kills its own process at one point."""

    def __init__(self, point: Point) -> None:
        self._point = point
        self._number = -1

    def before(self, operation: Operation) -> None:
        """See :class:`Witness`."""
        self._number += 1
        self._strike(Side.BEFORE, operation)

    def after(self, operation: Operation) -> None:
        """See :class:`Witness`."""
        self._strike(Side.AFTER, operation)

    def _strike(self, side: Side, _operation: Operation) -> None:
        if (self._number, side) == (self._point.number, self._point.side):
            os.kill(os.getpid(), signal.SIGKILL)


def kill_at_every_operation(
    trial: Trial,
    *,
    twice: bool = False,
    every: int = 1,
    told: Callable[[Point, int], None] = lambda _point, _total: None,
) -> KillReport:
    """Run ``trial`` once to the end, then once for each point of it.

    Args:
        twice: Kill the recovery as well, at a point that moves along, and recover again.
        every: Take one point of so many.
        told: Called before each point with the total, for progress.

    Raises:
        RuntimeError: the trial does not even work undisturbed, or a process was not killed.
    """
    trial.reset()
    old = trial.picture()
    counter = Counter()
    trial.run(counter)
    new = trial.picture()
    points = [
        Point(number, side, f"{operation.act.value} {operation.path.name}")
        for number, operation in enumerate(counter.operations)
        for side in Side
        if (2 * number + (side is Side.AFTER)) % every == 0
    ]
    report = KillReport()
    for point in points:
        told(point, len(points))
        trial.reset()
        if not killed(lambda at=point: trial.run(Killer(at))):  # type: ignore[misc]
            raise RuntimeError(f"nothing happened at {point}")
        if twice:
            again = Point(point.number % 23, point.side)
            killed(lambda at=again: trial.recover(Killer(at)))  # type: ignore[misc]
        trial.recover(Counter())
        _judge(report, point, trial.picture(), old, new)
    return report


def _judge(report: KillReport, point: Point, found: Picture, old: Picture, new: Picture) -> None:
    report.points += 1
    if found == new:
        report.new += 1
    elif found == old:
        report.old += 1
    else:
        report.failures.append((point, differing(found, old)))


def differing(found: Picture, expected: Picture) -> tuple[str, ...]:
    """The paths that two pictures do not agree on, sorted."""
    paths = found.keys() | expected.keys()
    return tuple(sorted(path for path in paths if found.get(path) != expected.get(path)))


def killed(action: Callable[[], object]) -> bool:
    """Do ``action`` in a process of its own; True when that was killed, False when it ended.

    Raises:
        RuntimeError: it ended with an exception.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _act(action)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    if os.WEXITSTATUS(status):
        raise RuntimeError("the run failed by itself; what it said is above")
    return False


def _act(action: Callable[[], object]) -> None:
    status = 1
    try:
        action()
        status = 0
    except BaseException:  # noqa: BLE001 - the end of a forked child, whose parent goes on
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def picture_of(root: Path) -> dict[str, str]:
    """A site's folder for comparison: every file's hash, every link's target.

    The journal, the log and the receipt are left out: they hold times.
    """
    from recyclic.site.tree import file_hash

    found: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if name.startswith(("journal", "run/")) or path.name in ("log.ndjson", "receipt.json"):
            continue
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_dir():
            found[name] = "folder"
        else:
            found[name] = f"{path.stat().st_mode & 0o777:o} {file_hash(path)}"
    return found
