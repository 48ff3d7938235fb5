"""Heights: every node as near as can be to its neighbours, and no two too near each other."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from recyclic.graph.layers import Layered

_SWEEPS = 24
_STRAIGHT = 8.0
"""How much more a piece between two bends wants to be straight than one between two nodes."""


def heights(
    layered: Layered, columns: Sequence[Sequence[int]], room: Mapping[int, float]
) -> dict[int, float]:
    """The middle of each node and bend, downwards from 0.

    Sums are ``math.fsum``, whose result is the same in every Python; that of ``sum`` is not.

    Args:
        room: How high each one is, its margin included; none reaches into another's.
    """
    pulls: dict[int, list[tuple[int, float]]] = {number: [] for number in room}
    for left, right in layered.segments:
        bends = (left >= layered.node_count) + (right >= layered.node_count)
        weight = _STRAIGHT if bends == 2 else 1.0 + bends
        pulls[left].append((right, weight))
        pulls[right].append((left, weight))
    middle: dict[int, float] = {}
    for column in columns:
        wanted = [math.fsum(room[number] for number in column) / -2.0] * len(column)
        middle |= dict(zip(column, _apart(column, wanted, [1.0] * len(column), room), strict=True))
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted, weights = _wishes(column, pulls, middle)
            middle |= dict(zip(column, _apart(column, wanted, weights, room), strict=True))
    top = min((at - room[number] / 2 for number, at in middle.items()), default=0.0)
    return {number: round(at - top, 1) for number, at in middle.items()}


def _wishes(
    column: Sequence[int],
    pulls: Mapping[int, Sequence[tuple[int, float]]],
    middle: Mapping[int, float],
) -> tuple[list[float], list[float]]:
    """Where each one's neighbours pull it, and how hard; who has none wants to stay."""
    wanted, weights = [], []
    for number in column:
        weight = math.fsum(strength for _, strength in pulls[number])
        pulled = math.fsum(middle[other] * strength for other, strength in pulls[number])
        wanted.append(pulled / weight if weight else middle[number])
        weights.append(weight or 0.1)
    return wanted, weights


def _apart(
    column: Sequence[int],
    wanted: Sequence[float],
    weights: Sequence[float],
    room: Mapping[int, float],
) -> list[float]:
    """The places nearest to those wanted (least squares) that keep order and distance.

    Without the distances it is a regression that may not fall, which pooling those that would
    overlap solves exactly (pool adjacent violators).
    """
    offsets = [0.0]
    for upper, lower in pairwise(column):
        offsets.append(offsets[-1] + (room[upper] + room[lower]) / 2)
    pools: list[tuple[float, float, int]] = []
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        at, total, count = want - offset, weight, 1
        while pools and pools[-1][0] >= at:
            above, heavy, many = pools.pop()
            at = (above * heavy + at * total) / (heavy + total)
            total, count = heavy + total, many + count
        pools.append((at, total, count))
    flat = [at for at, _, count in pools for _ in range(count)]
    return [at + offset for at, offset in zip(flat, offsets, strict=True)]
