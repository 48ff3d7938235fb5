"""The smallest set that meets every one of a family of sets."""

from collections.abc import Iterable, Sequence


def smallest_hitting_set(family: Iterable[frozenset[int]]) -> frozenset[int]:
    """A smallest set with a member of each; among equally small ones, always the same.

    Exact: branch and bound over the first set that is not hit, with disjoint sets as the bound.
    None of the family may be empty.
    """
    sets = _minimal(family)
    return _branch(sets, frozenset(), _greedy(sets))


def _minimal(family: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Without the sets that contain another one: whatever hits the smaller hits them too."""
    kept: list[frozenset[int]] = []
    for found in sorted(set(family), key=len):
        if not any(smaller <= found for smaller in kept):
            kept.append(found)
    return kept


def _greedy(sets: Sequence[frozenset[int]]) -> frozenset[int]:
    chosen: set[int] = set()
    left = list(sets)
    while left:
        counts: dict[int, int] = {}
        for found in left:
            for member in found:
                counts[member] = counts.get(member, 0) + 1
        member = min(counts, key=lambda each: (-counts[each], each))
        chosen.add(member)
        left = [found for found in left if member not in found]
    return frozenset(chosen)


def _branch(
    sets: Sequence[frozenset[int]], chosen: frozenset[int], best: frozenset[int]
) -> frozenset[int]:
    left = [found for found in sets if not found & chosen]
    if not left:
        return chosen if len(chosen) < len(best) else best
    if len(chosen) + _disjoint(left) >= len(best):
        return best
    smallest = min(left, key=lambda each: (len(each), sorted(each)))
    excluded: set[int] = set()
    for member in sorted(smallest):
        # Later branches need not consider members that earlier ones took: drop them.
        narrowed = [found - excluded for found in left]
        if all(narrowed):
            best = _branch(narrowed, chosen | {member}, best)
        excluded.add(member)
    return best


def _disjoint(sets: Iterable[frozenset[int]]) -> int:
    """How many of them have nothing in common: no hitting set is smaller than that."""
    taken: set[int] = set()
    count = 0
    for found in sets:
        if not found & taken:
            taken |= found
            count += 1
    return count
