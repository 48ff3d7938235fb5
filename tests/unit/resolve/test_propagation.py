"""Once every consequence was drawn no rule says anything more, whenever it became known."""

from random import Random

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.late_rules import LateRules
from recyclic.resolve.partial_solution import PartialSolution
from recyclic.resolve.propagation import Propagation

COUNT, FULL = 7, 0b1111


class Checked(PartialSolution):
    """Lets nothing pass that does not follow."""

    def narrow(self, package: int, domain: int, reason: Incompatibility | None) -> None:
        before = self.domains[package]
        assert 0 < domain < before
        if reason is not None:
            terms = dict(reason.terms)
            assert domain == before & ~terms.pop(package)
            assert not any(self.domains[each] & ~mask for each, mask in terms.items())
        super().narrow(package, domain, reason)


class Run:
    """Decisions, rules of any length that come in between, and going back, at random."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self.partial = Checked()
        self._propagation = Propagation(self.partial, [FULL] * COUNT)
        for _ in range(COUNT):
            self.partial.add_package(FULL)
            self._propagation.add_package(FULL)
        self._late = LateRules(self.partial)
        self._rules: list[Incompatibility] = []
        self.impossible = False
        self.conflicts = 0

    def decide(self) -> None:
        package = self._draw.randrange(COUNT)
        domain = self.partial.domains[package] & self._draw.randrange(1, FULL)
        if domain not in (0, self.partial.domains[package]):
            self.partial.level += 1
            self.partial.narrow(package, domain, None)
            self._follow(None)

    def come(self) -> None:
        packages = self._draw.sample(range(COUNT), self._draw.choice((1, 2, 3, 3, 4)))
        terms = tuple((each, self._draw.randrange(1, FULL)) for each in packages)
        self._rules.append(Incompatibility(terms))
        self._propagation.attach(self._rules[-1])
        self._follow(self._examine([self._rules[-1]]))

    def go_back(self) -> None:
        if self.partial.level:
            level = self._draw.randrange(self.partial.level)
            for package in self.partial.backjump(level):
                self._propagation.widened(package)
            self._follow(self._examine(self._late.uncovered(level)))

    def _examine(self, rules: list[Incompatibility]) -> Incompatibility | None:
        violated = None
        for rule in rules:
            violated = self._propagation.examine(rule) or violated
        if self.partial.level:
            for rule in rules:
                self._late.note(rule)
        return violated

    def _follow(self, violated: Incompatibility | None) -> None:
        partial = self.partial
        while violated is None and partial.narrowed:
            package = partial.narrowed.popleft()
            partial.waiting[package] = False
            violated = self._propagation.follow(package)
        if violated is not None:
            assert not any(partial.domains[each] & ~mask for each, mask in violated.terms)
            self.conflicts += 1
            self.impossible = not partial.level
            self.go_back()
            return
        assert all(partial.domains)
        assert not any(map(self._speaks, self._rules))

    def _speaks(self, rule: Incompatibility) -> bool:
        """It is violated, or excludes a state of its last open term that is still there."""
        domains = self.partial.domains
        opened = [(package, mask) for package, mask in rule.terms if domains[package] & ~mask]
        return not opened or (len(opened) == 1 and bool(domains[opened[0][0]] & opened[0][1]))


def test_what_was_followed_to_its_end_says_nothing_more() -> None:
    """A conflict is a rule that is violated, and there are many."""
    conflicts = 0
    for seed in range(300):
        run = Run(draw := Random(seed))
        for _ in range(80):
            if run.impossible:
                break
            draw.choices((run.decide, run.come, run.go_back), (5, 2, 1))[0]()
        conflicts += run.conflicts
    assert conflicts > 500
