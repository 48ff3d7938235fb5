"""Whatever a rule says at a lower level is remembered, whenever the rule became known."""

from itertools import permutations
from random import Random

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.late_rules import LateRules
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.propagation import Propagation

COUNT, FULL = 5, 0b111111


class Run:
    """Decisions, rules that come in between, and going back, at random; all rules are followed
    by looking at every one of them again and again, except right after going back."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self.partial = PartialSolution()
        self._propagation = Propagation(self.partial, [FULL] * COUNT)
        for _ in range(COUNT):
            self.partial.add_package(FULL)
            self._propagation.add_package(FULL)
        self.late = LateRules(self.partial)
        self.rules: list[Incompatibility] = []
        self.uncovered = 0
        self.impossible = False

    def decide(self) -> None:
        package = self._draw.randrange(COUNT)
        domain = self.partial.domains[package] & (self._mask() | self._mask())
        if domain not in (0, self.partial.domains[package]):
            self.partial.level += 1
            self.partial.narrow(package, domain, None)
            self._follow([])

    def come(self) -> None:
        """One or two rules; both may be violated."""
        packages = [self._draw.sample(range(COUNT), self._draw.choice((1, 2, 2, 3))) for _ in "12"]
        found = [
            Incompatibility(tuple((each, self._mask()) for each in some))
            for some in packages[: self._draw.choice((1, 2))]
        ]
        self.rules += found
        self._follow(found)

    def go_back(self) -> None:
        """What speaks now is told, or says nothing that another one does not."""
        if not self.partial.level:
            return
        level = self._draw.randrange(self.partial.level)
        self.partial.backjump(level)
        told = self.late.uncovered(level)
        self.uncovered += len(told)
        speaking = [rule for rule in self.rules if self._speaks(rule)]
        violated = self._examine(told)
        for rule in speaking:
            assert violated or rule in told or not self._speaks(rule)
        self._follow(told)

    def _mask(self) -> int:
        """Some of the states, not all."""
        return self._draw.randrange(1, FULL) & (self._draw.randrange(FULL) | 1) or 1

    def _speaks(self, rule: Incompatibility) -> bool:
        """It is violated, or excludes a state of its last open term that is still there."""
        domains = self.partial.domains
        opened = [(package, mask) for package, mask in rule.terms if domains[package] & ~mask]
        return not opened or (len(opened) == 1 and bool(domains[opened[0][0]] & opened[0][1]))

    def _examine(self, rules: list[Incompatibility]) -> bool:
        """Draw all their conclusions; True when one of them is violated."""
        violated = [*filter(None, map(self._propagation.examine, rules))]
        return bool(violated)

    def _follow(self, found: list[Incompatibility]) -> None:
        """Look at what came in and note it, as a solver does; then draw every conclusion."""
        violated = self._examine(found)
        if self.partial.level:
            for rule in found:
                self.late.note(rule)
        while not violated and any(map(self._speaks, self.rules)):
            violated = self._examine(self.rules)
        if violated:
            self.impossible = not self.partial.level
            self.go_back()


def test_what_speaks_after_going_back_was_remembered() -> None:
    """Or what it says follows from what was; and there is something to remember."""
    uncovered = 0
    for seed in range(300):
        run = Run(draw := Random(seed))
        for _ in range(60):
            if run.impossible:
                break
            draw.choices((run.decide, run.come, run.go_back), (4, 1, 1))[0]()
        uncovered += run.uncovered
    assert uncovered > 1000


def levels(*narrowed: tuple[int, int]) -> PartialSolution:
    """Each of these decided on a level of its own."""
    partial = PartialSolution()
    for _ in range(COUNT):
        partial.add_package(FULL)
    for package, domain in narrowed:
        partial.level += 1
        partial.narrow(package, domain, None)
    return partial


def test_nothing_is_told_while_something_else_hides_it() -> None:
    """Its state is excluded twice, and it comes back with the first of both."""
    partial = levels((0, 2), (1, 2), (2, 2 | 4), (2, 2))
    late, rule = LateRules(partial), Incompatibility(((0, 2), (2, 8)))
    late.note(rule)
    partial.backjump(3)
    assert late.uncovered(3) == []
    partial.backjump(2)
    assert late.uncovered(2) == [rule]
    assert late.uncovered(0) == []


def test_of_those_that_say_the_same_the_earliest_is_remembered() -> None:
    """In whatever order they come."""
    rules = [Incompatibility(((package, 2), (3, 8))) for package in range(3)]
    for some in permutations(rules):
        partial = levels((0, 2), (1, 2), (2, 2), (3, 2))
        late = LateRules(partial)
        for rule in some:
            late.note(rule)
        partial.backjump(1)
        assert late.uncovered(1) == [rules[0]]


def test_what_is_violated_is_told_once_where_it_speaks_at_a_lower_level() -> None:
    """With two terms of the current level it says nothing any more below that."""
    partial = levels((0, 2), (1, 2))
    partial.narrow(2, 2, None)
    late = LateRules(partial)
    once, twice = (Incompatibility(((package, 2), (1, 2))) for package in (0, 2))
    late.note(once)
    late.note(twice)
    partial.backjump(1)
    assert late.uncovered(1) == [once]
    assert late.uncovered(0) == []
