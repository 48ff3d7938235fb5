"""The order within each column that makes few arrows cross.

Source: the barycentre sweeps of Sugiyama et al. (1981) with the swaps of neighbours of
Gansner et al., A technique for drawing directed graphs (1993); crossings are counted after
Barth, Jünger, Mutzel (2002).
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from recyclic.graph.layers import Layered, Pair

_ROUNDS = 12
"""Sweeps there and back. Fixed, so that the same graph is the same picture everywhere."""

Neighbours = Mapping[int, Sequence[int]]


def ordered(layered: Layered) -> tuple[tuple[int, ...], ...]:
    """The columns, each from top to bottom; the fewest crossings met in a fixed search."""
    columns = [list(column) for column in layered.columns]
    before: dict[int, list[int]] = {number: [] for column in columns for number in column}
    after: dict[int, list[int]] = {number: [] for column in columns for number in column}
    for left, right in layered.segments:
        after[left].append(right)
        before[right].append(left)
    best, fewest = _frozen(columns), crossings(columns, layered.segments)
    for _ in range(_ROUNDS):
        if not fewest:
            break
        for index in range(1, len(columns)):
            _arrange(columns[index], columns[index - 1], before)
        for index in range(len(columns) - 2, -1, -1):
            _arrange(columns[index], columns[index + 1], after)
        for fixed, free, neighbours in _gaps(columns, before, after):
            _swap(free, fixed, neighbours)
        found = crossings(columns, layered.segments)
        if found < fewest:
            best, fewest = _frozen(columns), found
    return best


def crossings(columns: Sequence[Sequence[int]], segments: Sequence[Pair]) -> int:
    """How many pairs of segments cross."""
    column_of = {number: index for index, column in enumerate(columns) for number in column}
    place = {number: at for column in columns for at, number in enumerate(column)}
    by_gap: list[list[Pair]] = [[] for _ in columns]
    for left, right in segments:
        by_gap[column_of[left]].append((place[left], place[right]))
    return sum(_inversions([right for _, right in sorted(gap)]) for gap in by_gap)


def _inversions(values: Sequence[int]) -> int:
    """Pairs in the wrong order, by a Fenwick tree: n log n."""
    size = max(values, default=0) + 1
    tree, found = [0] * (size + 1), 0
    for seen, value in enumerate(values):
        not_above, at = 0, value + 1
        while at:
            not_above += tree[at]
            at &= at - 1
        found += seen - not_above
        at = value + 1
        while at <= size:
            tree[at] += 1
            at += at & -at
    return found


def _frozen(columns: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(column) for column in columns)


def _arrange(column: list[int], fixed: Sequence[int], neighbours: Neighbours) -> None:
    """Sort a column by the mean place of each one's neighbours; who has none stays put."""
    place = {number: at / max(1, len(fixed) - 1) for at, number in enumerate(fixed)}
    own = {number: at / max(1, len(column) - 1) for at, number in enumerate(column)}

    def wanted(number: int) -> float:
        found = [place[other] for other in neighbours[number]]
        return math.fsum(found) / len(found) if found else own[number]

    column.sort(key=wanted)


def _gaps(
    columns: Sequence[list[int]], before: Neighbours, after: Neighbours
) -> list[tuple[list[int], list[int], Neighbours]]:
    """Each pair of neighbouring columns, one fixed and one free, from left to right and back."""
    there = [(left, right, before) for left, right in pairwise(columns)]
    back = [(right, left, after) for left, right in pairwise(columns)]
    return [*there, *reversed(back)]


def _swap(column: list[int], fixed: Sequence[int], neighbours: Neighbours) -> None:
    """Exchange two that stand next to each other wherever that crosses less, in one pass."""
    place = {number: at for at, number in enumerate(fixed)}
    ends = {number: sorted(place[other] for other in neighbours[number]) for number in column}
    for at in range(len(column) - 1):
        upper, lower = column[at], column[at + 1]
        if _crossed(ends[lower], ends[upper]) < _crossed(ends[upper], ends[lower]):
            column[at], column[at + 1] = lower, upper


def _crossed(upper: Sequence[int], lower: Sequence[int]) -> int:
    """Crossings between the arrows of two neighbours, their far ends sorted."""
    found = below = 0
    for end in upper:
        while below < len(lower) and lower[below] < end:
            below += 1
        found += below
    return found
