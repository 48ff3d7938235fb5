"""What saves work saves it: counted, in problems whose answers are the same either way."""

from collections.abc import Iterable

from tests.fakes.numbered_packages import NumberedPackages, NumberedReleases

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.reporter import CountingReporter, Reporter
from recyclic.resolve.solver import Refused, Solved, Solver
from recyclic.resolve.term import ABSENT, states


def wanted(count: int, versions: int, rules: Iterable[Incompatibility] = ()) -> NumberedPackages:
    """Packages that are all wanted, in order."""
    return NumberedPackages(count, versions, rules, range(count))


class Levels(CountingReporter):
    """Remembers the levels before and after each conflict."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, int]] = []

    def learned(self, incompatibility: Incompatibility, start: int, end: int) -> None:
        super().learned(incompatibility, start, end)
        self.found.append((start, end))


def test_every_decision_is_told_with_its_level() -> None:
    """What is assumed comes first and is not decided."""
    found: list[tuple[int, int, int]] = []

    class Told(Reporter):
        def decided(self, package: int, state: int, level: int) -> None:
            found.append((package, state, level))

    assert isinstance(Solver(wanted(4, 2), Told()).solve([(1, 2)]), Solved)
    assert found == [(0, 4, 2), (2, 4, 3), (3, 4, 4)]


def pigeons(holes: int) -> NumberedPackages:
    """One package more than there are versions, and no two at the same."""
    rules = [
        Incompatibility(((one, 2 << hole), (other, 2 << hole)))
        for one in range(holes + 1)
        for other in range(one)
        for hole in range(holes)
    ]
    return wanted(holes + 1, holes, rules)


def test_what_was_learned_is_not_met_again() -> None:
    """129 conflicts; nearly six times as many when nothing learned is heeded."""
    told = Levels()
    solver = Solver(pigeons(6), told)
    assert isinstance(solver.solve(), Refused)
    assert 0 < told.conflicts < 300
    assert len(solver.learned) >= told.conflicts
    assert all(before > after for before, after in told.found)


def test_what_has_nothing_to_do_with_a_conflict_stays_decided() -> None:
    """The first of 300 packages goes with the last 40 only when these are all at their oldest.

    One conflict for each two of them; taking all back each time is 10,000 decisions.
    """
    rules = [
        Incompatibility(((0, 8), (package, one), (package + 1, other)))
        for package in range(260, 300, 2)
        for one in (2, 4, 8)
        for other in (2, 4, 8)
        if (one, other) != (2, 2)
    ]
    told = Levels()
    solver = Solver(wanted(300, 3, rules), told)
    verdict = solver.solve()
    assert isinstance(verdict, Solved)
    assert verdict.states == {package: 8 if package < 260 else 2 for package in range(300)}
    assert told.conflicts < 60
    assert 200 < told.decisions < 1_000
    assert solver.work < 3_000


def test_questions_share_what_they_assume_first() -> None:
    """Each of twenty differs from the one before in the last two of some 190 assumptions."""
    solver = Solver(wanted(200, 2))
    question = [(package, 2) for package in range(200)]
    assert isinstance(solver.solve(question), Solved)
    once = solver.work
    assert once >= 200 * 3
    for last in range(180, 200):
        verdict = solver.solve([*question[:last], (last, 4)])
        assert isinstance(verdict, Solved)
        assert (verdict.states[last - 1], verdict.states[last]) == (2, 4)
    assert solver.work < 4 * once


def test_to_ask_for_a_state_that_is_not_there_is_refused() -> None:
    """For that alone, whether the package was narrowed or not, and whatever was asked before."""
    provider = wanted(2, 2)
    provider.domains.append(states(2))
    solver = Solver(provider)
    for question in ([(2, 16)], [(0, 16)], [(2, 2), (1, 6), (2, 16)], [(0, 2), (1, 16)]):
        verdict = solver.solve(question)
        assert isinstance(verdict, Refused)
        assert verdict.core == (len(question) - 1,)


def test_a_core_is_told_in_the_order_of_the_question() -> None:
    """The first and the ninth of many."""
    rules = [Incompatibility(((1, 2), (8, 2)))]
    verdict = Solver(wanted(12, 2, rules)).solve([(package, 2) for package in range(12)])
    assert isinstance(verdict, Refused)
    assert verdict.core == (1, 8)
    assert rules[0] in verdict.derivation.closure()


def test_all_that_is_assumed_of_one_package_is_in_the_core() -> None:
    """Any two of three can be, and each excludes another state."""
    verdict = Solver(wanted(1, 3)).solve([(0, 2 | 4), (0, 2 | 8), (0, 4 | 8)])
    assert isinstance(verdict, Refused)
    assert verdict.core == (0, 1, 2)


def test_only_the_version_that_is_taken_is_read() -> None:
    """And all of them once a second one is needed: its newest one asks for what is not there."""
    provider = NumberedReleases(2, 3, [Incompatibility(((1, 8),))], wanted=range(2))
    assert isinstance(Solver(provider).solve(), Solved)
    assert provider.asked == [(0, 8), (1, 8), (1, 2 | 4 | 8)]


def test_what_nobody_wants_is_not_decided() -> None:
    """Only what must be in is in."""
    provider = wanted(2, 2)
    provider.domains.append(states(3))
    verdict = Solver(provider).solve()
    assert isinstance(verdict, Solved)
    assert verdict.states == {0: 4, 1: 4}


def test_what_is_assumed_first_of_all_is_refuted_alone() -> None:
    """Nothing was narrowed before it: what is learned speaks of it only."""
    provider = wanted(0, 2)
    provider.domains += [states(2)] * 2
    provider.rules += [Incompatibility(((0, 4), (1, mask))) for mask in (ABSENT | 2, 4)]
    verdict = Solver(provider).solve([(0, 4), (1, 2)])
    assert isinstance(verdict, Refused)
    assert verdict.core == (0,)
