"""Decisions: which package next, and which of its states.

Normally packages are decided in the order of their ranks, the best state first. Where that leads
from conflict to conflict, it is the order that makes it hard: to refute one version of the first
package, every combination of the others' best versions is refuted one by one. A hard question is
therefore settled package by package. The next one in order gets its best state, and all others
are decided as is easiest. Either that is refuted, and its second best state is tried; or an answer
is found, and that is a witness: as long as the next packages' best states are the witness's, they
are settled without any search.

The outcome is the same either way, the first in the order of the ranks; only what it takes differs.
"""

from math import inf
from typing import Any

from recyclic.resolve.agenda import Agenda, is_open
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.provider import Provider

_CREDIT, _PRICE = 50, 4
"""What either way of deciding starts with, and what weighs as much as that many decisions.

In order a decision earns one and a conflict costs the price: without credit the question is hard,
after a dozen conflicts at the soonest. While it is being settled conflicts earn and decisions cost:
where a witness takes thousands of decisions and few conflicts, order is the cheaper way after all.
"""


class Decisions:
    """Decides one package after the other, for one question at a time."""

    def __init__(self, provider: Provider, partial: PartialSolution) -> None:
        self._provider = provider
        self._partial = partial
        self._agenda = Agenda()
        self._members: dict[Any, list[int]] = {}
        self._ranks: list[Any] = []
        self._assumed = 0
        self._credit: float = _CREDIT
        self._settling = False
        # Up to this level every decision was the best one, and the witness agrees with them.
        self._agreed = 0
        self._witness: list[int] = []

    def add_package(self, package: int) -> None:
        """Append a package that need not be decided yet."""
        rank = self._provider.rank(package)
        self._agenda.add_package(rank)
        self._members.setdefault(rank, []).append(package)

    def begin(self, assumed: int) -> None:
        """A new question, with as many assumptions, each on a level of its own."""
        self._assumed = assumed
        if self._settling:
            self._stop_settling()
        self._credit = _CREDIT

    def narrowed(self, package: int, domain: int) -> None:
        """A package has these states left."""
        if is_open(domain):
            self._agenda.put(package, domain)

    def next(self) -> tuple[int, int] | None:
        """The package to decide and its state; None when all have theirs."""
        domains = self._partial.domains
        in_order = self._settling and self._partial.level == self._agreed
        package = self._first_in_order() if in_order else self._agenda.take(domains)
        if package is None and in_order:
            self._stop_settling()
            package = self._agenda.take(domains)
        if package is None:
            return None
        self._credit += -1 if self._settling else 1
        state = self._provider.choose(package, domains[package], domains)
        if in_order and self._agrees(package, state):
            self._agreed += 1
        return package, state

    def conflict(self) -> int | None:
        """A conflict was met; the level to go back to when that changes the way of deciding."""
        self._credit += _PRICE if self._settling else -_PRICE
        if self._credit >= 0:
            return None
        if self._settling:
            self._stop_settling()
            return self._agreed
        self._settling = True
        self._credit = _CREDIT
        self._agreed = self._assumed
        self._witness = []
        self._agenda.ignore_ranks()
        return self._assumed

    def taken_back(self, level: int) -> None:
        """Only the decisions up to ``level`` stand."""
        self._agreed = min(self._agreed, max(level, self._assumed))

    def unsettled(self) -> int | None:
        """All packages are decided: None when they are as they should be, else where to go on.

        The decisions are a witness then for the best state of one package more.
        """
        if not self._settling:
            return None
        self._witness = list(self._partial.domains)
        self._agreed += 1
        if self._credit < 0:
            self._stop_settling()
        return self._agreed

    def _agrees(self, package: int, state: int) -> bool:
        return package < len(self._witness) and self._witness[package] == state

    def _first_in_order(self) -> int | None:
        """The first open package; None when there is none, or it shares its rank with others.

        Among equals no order is asked for, so there is nothing to be settled.
        """
        domains = self._partial.domains
        if len(self._ranks) != len(self._members):
            self._ranks = sorted(self._members)
        for rank in self._ranks:
            members = self._members[rank]
            for package in members:
                if is_open(domains[package]):
                    return package if len(members) == 1 else None
        return None

    def _stop_settling(self) -> None:
        """Decide the rest in order, however long it takes."""
        self._settling = False
        self._credit = inf
        self._agenda.heed_ranks()
