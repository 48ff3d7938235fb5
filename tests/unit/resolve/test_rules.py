"""Rules with a switch a relation: in what order they are assumed, and what a turn of one package
shows."""

from collections.abc import Sequence

from tests.scenarios.scenario_file import package

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.relation import Relation
from recyclic.resolve.rules import Rules
from recyclic.resolve.solver import Refused, Solved
from recyclic.resolve.term import ABSENT, states

WORK = 1000
ONE = states(1)
PRESENT = ONE & ~ABSENT
NAMES = [package(name) for name in "abcd"]
A, B, C, D = (Relation(one, other) for one, other in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True))


def rule(relation: Relation | None, *terms: tuple[int, int]) -> Incompatibility:
    return Incompatibility(terms, relation)


def refused(rules: Rules, relations: Sequence[Relation]) -> frozenset[Relation]:
    verdict = rules.ask(relations, WORK)
    assert isinstance(verdict, Refused)
    return rules.core(verdict, relations)


def test_relations_are_assumed_in_their_order_or_put_last() -> None:
    """However they are listed: what is met first is what a refusal rests on."""
    found = [
        rule(B, (0, PRESENT)),
        rule(A, (0, ABSENT)),
        rule(D, (1, PRESENT)),
        rule(C, (1, ABSENT)),
    ]
    rules = Rules([ONE] * 2, found)
    assert rules.relations == (A, B, C, D)
    for listed in ([A, B, C, D], [D, C, B, A]):
        assert refused(rules, listed) == {A, B}
    rules.put_last([A])
    assert refused(rules, [A, B, C, D]) == {C, D}
    rules.put_last([D])
    assert refused(rules, [A, B, C, D]) == {A, B}


def test_whatever_is_not_asked_about_is_in_nobodys_way() -> None:
    """0 has to be in and needs 1, which needs 2, which cannot be: each link is in every conflict.
    To go without 1 or 2 breaks D as well, but nobody asked about that."""
    found = [
        rule(None, (0, ABSENT)),
        rule(A, (0, PRESENT), (1, ABSENT)),
        rule(B, (1, PRESENT), (2, ABSENT)),
        rule(C, (2, PRESENT)),
        rule(D, (1, ABSENT)),
        rule(D, (2, ABSENT)),
    ]
    rules = Rules([ONE] * 3, found)
    verdict = rules.ask([A, B], WORK)
    assert isinstance(verdict, Solved)
    assert rules.broken_by(verdict) == {C}
    assert rules.indispensable(verdict, [A, B, C]) == {A, B, C}
