"""Sets of versions as bits mean what the packaging library means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from recyclic.resolve.known_versions import KnownVersions, is_exact
from recyclic.resolve.specifier_text import specifier_text
from recyclic.resolve.term import indexes
from recyclic.resolve.widen import widened

TEXTS = ["0.9", "1.0", "1.0.1", "1.1", "2.0", "10.0"]
ODD = ["1.0a1", "1.0.post1", "1.0+local", "2.0.dev3", "1!0.1"]
OPERATORS = [">=", "<=", ">", "<", "==", "!=", "~="]
BOUNDS = ["0.1", "1.0", "1.0.0", "1.1", "2.0", "3.7", "10.0", "1.0a1", "1.0.post1", "11.0"]
SPECIAL = ["==1.*", "!=1.0.*", "===1.0", "==1.0+local", "!=1.0+local", ">=1.0,<2.0", "!=1.1,>1"]
any_versions = st.lists(st.sampled_from([*TEXTS, *ODD]), min_size=1, unique=True)
clauses = st.builds(
    str.__add__,
    st.sampled_from(OPERATORS),
    st.sampled_from(BOUNDS),
) | st.sampled_from(["==1.*", "!=1.0.*", "===1.0"])
specifiers = st.lists(clauses, max_size=3).map(lambda many: SpecifierSet(",".join(many)))


def chosen(known: KnownVersions, mask: int) -> list[Version]:
    return [known.versions[index] for index in indexes(mask)]


@pytest.mark.parametrize("odd", ["0.9", *ODD])
def test_within_is_what_packaging_contains(odd: str) -> None:
    """By bisection or one by one: the same versions, pre-releases like any other."""
    versions = sorted({Version(text) for text in (*TEXTS, odd)})
    known = KnownVersions(versions, frozenset())
    every = [SpecifierSet(operator + bound) for operator in OPERATORS for bound in BOUNDS]
    for specifier in [SpecifierSet(), *every, *map(SpecifierSet, SPECIAL)]:
        inside = [each for each in versions if specifier.contains(each, prereleases=True)]
        assert chosen(known, known.within(specifier)) == inside, specifier
        assert known.within(specifier) == known.within(specifier)


@settings(derandomize=True, max_examples=200)
@given(any_versions, specifiers)
def test_fitting_keeps_prereleases_out(texts: list[str], specifier: SpecifierSet) -> None:
    """Unless the specifier names one, or there is nothing else at all."""
    versions = sorted(map(Version, texts))
    known = KnownVersions(versions, frozenset())
    fitting = chosen(known, known.fitting(specifier))
    only_pre = all(each.is_prerelease for each in versions)
    if not specifier.prereleases and not only_pre:
        assert not any(each.is_prerelease for each in fitting)
    else:
        assert fitting == chosen(known, known.within(specifier))


def test_an_opened_prerelease_fits() -> None:
    """What is installed stays possible."""
    known = KnownVersions([Version("1.0"), Version("2.0rc1")], {Version("2.0rc1")})
    assert chosen(known, known.fitting(SpecifierSet(">=1"))) == list(known.versions)
    assert known.state(Version("3.0")) == known.state(Version("1.5")) == 0


@settings(derandomize=True, max_examples=200)
@given(specifiers, st.sampled_from([*TEXTS, *ODD]).map(Version))
def test_a_widened_range_lets_the_version_in(specifier: SpecifierSet, version: Version) -> None:
    """And keeps the clauses that did not stand in the way."""
    found = widened(specifier, version)
    assert found.contains(version)
    for clause in specifier:
        if clause.contains(version, prereleases=True):
            assert clause in set(found)


@pytest.mark.parametrize(
    ("text", "version", "found"),
    [
        (">=2", "1.0", ">=1.0"),
        (">2", "2.0", ">=2.0"),
        ("~=2.1", "2.0", ">=2.0"),
        ("~=2.1", "3.0", ">=2.1"),
        ("<2", "2.0", "<3"),
        ("<=1.5", "2.3", "<3"),
        (">=1,<2", "4.1", ">=1,<5"),
        ("==1.0", "2.0", "==2.0"),
        ("===1.0", "2.0", "==2.0"),
        ("==1.*", "2.0", "==2.0"),
        ("!=2.0,>=1", "2.0", ">=1"),
        ("!=2.0", "2.0", ""),
        ("<2", "2.0rc1", "<=2.0rc1"),
        (">=1", "2.0rc1", ">=1,>=2.0rc1"),
        (">=1.0rc1", "2.0rc1", ">=1.0rc1"),
        ("", "2.0rc1", ">=2.0rc1"),
        (">=1,<2", "1!3.0", ">=1,<1!4"),
        (">=2", "1.0+site", ">=1.0"),
        ("==2.0", "1.0+site", "==1.0+site"),
        ("<1", "2.0rc1+site", "<=2.0rc1"),
        ("", "2.0rc1+site", ">=2.0rc1"),
    ],
)
def test_a_range_is_widened_just_far_enough(text: str, version: str, found: str) -> None:
    """Up to the next major version, down to the version itself; a pre-release is named."""
    assert specifier_text(widened(SpecifierSet(text), Version(version))) == found


@pytest.mark.parametrize(
    ("text", "exact"),
    [("==1.0", True), ("===1.0", True), ("==1.*", False), (">=1", False), ("", False)],
)
def test_exact_is_one_version(text: str, exact: bool) -> None:
    """Only that opens a withdrawn release."""
    assert is_exact(SpecifierSet(text)) is exact


def test_text_reads_from_low_to_high() -> None:
    """As people write it, whatever the order it was written in."""
    assert specifier_text(SpecifierSet("<3,!=2.1,>=2")) == ">=2,!=2.1,<3"
    clauses = ">=1,>2,~=3.0,==4,===5,!=6,<=7,<8"
    assert specifier_text(SpecifierSet(clauses)) == clauses
    assert specifier_text(SpecifierSet("!=2,!=1")) == "!=1,!=2"
    assert specifier_text(SpecifierSet()) == ""
