"""What was derived from what, and rules that are kept from the solver but not forgotten."""

from tests.fakes.numbered_packages import NumberedReleases

from recyclic.resolve.incompatibility import Incompatibility
from recyclic.resolve.withheld import Withheld


def test_whatever_it_was_derived_from_is_there_once() -> None:
    """Also what two others were derived from; nothing stands before what was derived from it."""
    fact = Incompatibility(((0, 1),))
    one, other = (Incompatibility(((0, 2),), antecedents=(fact,)) for _ in range(2))
    derived = Incompatibility((), antecedents=(one, other, fact))
    found = list(derived.closure())
    assert found[0] is derived
    assert len(found) == 4
    assert {id(each) for each in found} == {id(each) for each in (derived, one, other, fact)}


def test_each_version_is_asked_once_and_what_is_withheld_is_known() -> None:
    rules = [Incompatibility(((0, state),), relation=state) for state in (2, 4, 8)]
    provider = NumberedReleases(1, 3, rules, wanted=[0], ranks=["rank of 0"])
    withheld = Withheld(provider, [4])
    assert [rule.terms for rule in withheld.start()] == [((0, 1),)]
    assert [rule.relation for rule in withheld.incompatibilities(0, 2)] == [2]
    assert list(withheld.incompatibilities(0, 4)) == []
    about = withheld.about(0)
    assert [rule.relation for rule in about] == [None, 2, 4, 8]
    assert withheld.about(0) == about
    assert provider.asked == [(0, 2), (0, 4), (0, 8)]
    assert [rule.relation for rule in withheld.withheld()] == [4]
    assert withheld.rank(0) == "rank of 0"
