"""Dispatch: the most literal claim wins, and how many there are does not matter."""

import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Host, Router

from recyclic.runtime.claims import claim_on
from recyclic.runtime.dispatch import PathTable, PathTakenError


def table(**owners: Iterable[str]) -> PathTable[str]:
    made: PathTable[str] = PathTable()
    for owner, found in owners.items():
        made.add(owner, [claim_on(pattern) for pattern in found])
    return made


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/items/special", "literal"),
        ("/items/12", "number"),
        ("/items/other", "word"),
        ("/items/a/b", "rest"),
        ("/items", "rest_of_all"),
        ("/", "rest_of_all"),
        ("/en/about", "first_segment"),
    ],
)
def test_the_most_literal_claim_wins(path: str, owner: str) -> None:
    """Whoever came first: here the vaguest did."""
    found = table(
        rest_of_all=["/{everything:path}"],
        rest=["/items/{p:path}"],
        first_segment=["/{language}/about"],
        word=["/items/{name}"],
        number=["/items/{n:int}"],
        literal=["/items/special"],
    )
    assert found.find(path) == owner


def test_a_literal_that_leads_nowhere_does_not_hide_a_parameter() -> None:
    """The search goes back to the parameter when the literal branch has no end."""
    assert table(a=["/x/b/c"], b=["/{any}/b/d"]).find("/x/b/d") == "b"


def test_an_empty_segment_is_no_parameter() -> None:
    """``/items/`` is not an item, as in Starlette."""
    assert table(a=["/items/{name}"]).find("/items//x") is None


def test_a_last_slash_more_or_less_finds_the_owner() -> None:
    """Its own app then answers with the redirect it would give alone."""
    found = table(a=["/with/"], b=["/without"])
    assert (found.find("/with"), found.find("/without/")) == ("a", "b")


def test_nobody_owns_an_unclaimed_path() -> None:
    """None, and no nearest match."""
    assert table(a=["/a/b"]).find("/a") is None


def test_the_same_claim_by_another_owner_is_refused_whole() -> None:
    """Neither the taken path nor the free one beside it is entered."""
    found = table(first=["/a/{x}"])
    with pytest.raises(PathTakenError) as caught:
        found.add("second", [claim_on("/free"), claim_on("/a/{y}")])
    assert (caught.value.owner, caught.value.claim.pattern) == ("first", "/a/{y}")
    assert found.find("/free") is None


def test_an_owner_may_claim_a_path_twice() -> None:
    """GET and POST on one path are two routes and one claim."""
    assert table(a=["/x", "/x"]).find("/x") == "a"


def test_a_route_without_a_path_is_asked_when_no_path_fits() -> None:
    """Hosts come last."""
    found = table(a=["/x"])
    found.add("host", [Host("api.example.org", app=Router())])
    scope: dict[str, Any] = {"type": "http", "headers": [(b"host", b"api.example.org")]}
    assert found.find_odd({**scope, "path": "/y", "method": "GET"}) == "host"
    assert found.find_odd({"type": "http", "headers": [], "path": "/y"}) is None


def calls_of(found: PathTable[str], path: str) -> int:
    """How many Python functions a look-up enters: a measure that no other load can disturb."""
    count = 0

    def see(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(see)
    try:
        found.find(path)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("pattern", ["/api/{}/x/{{item}}", "/{{tenant}}/{}/x", "/api/{}/list"])
def test_a_look_up_costs_the_same_among_a_thousand(pattern: str) -> None:
    """As many steps with one owner as with a thousand, wherever the parameter stands."""
    names = [f"m{number}" for number in range(1000)]
    path = pattern.format("m0").replace("{item}", "7").replace("{tenant}", "t")
    alone = table(m0=[pattern.format("m0")])
    among = table(**{name: [pattern.format(name)] for name in names})
    assert among.find(path) == "m0"
    assert calls_of(alone, path) == calls_of(among, path) > 0


segments = st.sampled_from(["a", "b", "{x}", "{n:int}", "{p:path}"])


@given(st.sets(st.lists(segments, min_size=1, max_size=4).map(tuple), min_size=1, max_size=8))
def test_whatever_fits_a_claim_finds_an_owner(shapes: set[tuple[str, ...]]) -> None:
    """No claim hides another one so far that nobody answers."""
    made: PathTable[str] = PathTable()
    samples = {"{x}": "word", "{n:int}": "12", "{p:path}": "one/two"}
    for shape in shapes:
        # Starlette wants each parameter named once.
        pattern = "".join(
            "/" + segment.replace("{", f"{{v{at}_", 1) if "{" in segment else "/" + segment
            for at, segment in enumerate(shape)
        )
        try:
            made.add(pattern, [claim_on(pattern)])
        except PathTakenError:
            continue
    for shape in shapes:
        path = "/" + "/".join(samples.get(segment, segment) for segment in shape)
        owner = made.find(path)
        assert owner is not None
        assert claim_on(owner).means(path)
