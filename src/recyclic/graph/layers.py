"""First half of a layered drawing: no cycles, a column for every node, and no long arrows.

Source: Sugiyama, Tagawa, Toda, Methods for visual understanding of hierarchical system
structures (1981), with the capacity of a column after Coffman and Graham.
"""

import math
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pair = tuple[int, int]
"""From one node's number to another's."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow between two nodes, by their numbers; never from a node to itself.

    Attributes:
        kind: Only arrows of one kind share bends.
        firm: It decides where left and right are; one that is not may point either way.
    """

    source: int
    target: int
    kind: Hashable = None
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Layered:
    """Nodes and bends in columns, joined only from one column to the next.

    Attributes:
        columns: Numbers by column; those from ``node_count`` on are bends, which arrows that
            cross a column share when they go the same way.
        segments: Every piece of an arrow, once, however many arrows share it.
        routes: For each arrow its node, its bends, its other node, from left to right.
        backwards: For each arrow whether it points to the left.
    """

    node_count: int
    columns: tuple[tuple[int, ...], ...]
    segments: tuple[Pair, ...]
    routes: tuple[tuple[int, ...], ...]
    backwards: tuple[bool, ...]


def layer(node_count: int, arrows: Sequence[Arrow]) -> Layered:
    """Give every node a column such that every arrow spans at least one."""
    backwards = _back_arrows(node_count, arrows)
    forward = [
        (arrow.target, arrow.source) if back else (arrow.source, arrow.target)
        for arrow, back in zip(arrows, backwards, strict=True)
    ]
    column_of = _columns(node_count, forward)
    trunks = [
        index if back else arrow.kind
        for index, (arrow, back) in enumerate(zip(arrows, backwards, strict=True))
    ]
    routes, bends = _routes(column_of, forward, trunks)
    columns: list[list[int]] = [[] for _ in range(max(column_of, default=-1) + 1)]
    for number, column in enumerate([*column_of, *bends]):
        columns[column].append(number)
    pieces = {piece for route in routes for piece in pairwise(route)}
    return Layered(
        node_count,
        tuple(tuple(column) for column in columns),
        tuple(sorted(pieces)),
        tuple(routes),
        tuple(backwards),
    )


def _back_arrows(node_count: int, arrows: Sequence[Arrow]) -> list[bool]:
    """Which arrows have to point to the left: those that close a cycle of firm ones, and
    those that are not firm and point against the rest."""
    backwards = _closing(node_count, arrows)
    firm = [
        (arrow.target, arrow.source) if back else (arrow.source, arrow.target)
        for arrow, back in zip(arrows, backwards, strict=True)
        if arrow.firm
    ]
    rank = {node: at for at, node in enumerate(_sources_first(node_count, firm))}
    return [
        back if arrow.firm else rank[arrow.source] > rank[arrow.target]
        for arrow, back in zip(arrows, backwards, strict=True)
    ]


def _closing(node_count: int, arrows: Sequence[Arrow]) -> list[bool]:
    """Firm arrows that close a cycle in a depth-first walk from the nodes nobody points at."""
    leaving: list[list[Pair]] = [[] for _ in range(node_count)]
    pointed_at = [False] * node_count
    for index, arrow in enumerate(arrows):
        if arrow.firm:
            leaving[arrow.source].append((arrow.target, index))
            pointed_at[arrow.target] = True
    backwards = [False] * len(arrows)
    done, open_nodes = [False] * node_count, [False] * node_count
    for start in sorted(range(node_count), key=pointed_at.__getitem__):
        path = [] if done[start] else [(start, iter(leaving[start]))]
        open_nodes[start] = bool(path)
        while path:
            node, rest = path[-1]
            target, index = next(rest, (-1, -1))
            if index < 0:
                path.pop()
                open_nodes[node], done[node] = False, True
            elif open_nodes[target]:
                backwards[index] = True
            elif not done[target]:
                open_nodes[target] = True
                path.append((target, iter(leaving[target])))
    return backwards


def _columns(node_count: int, arrows: Sequence[Pair]) -> list[int]:
    """Each node as far left as its arrows and the room in the columns allow."""
    # 4.5: a node is about eight times as wide as high, and a screen about 1.7 times.
    capacity = max(12, math.ceil(math.sqrt(4.5 * node_count)))
    column_of, taken = [0] * node_count, defaultdict[int, int](int)
    before: list[list[int]] = [[] for _ in range(node_count)]
    for source, target in arrows:
        before[target].append(source)
    for node in _sources_first(node_count, arrows):
        column = max((column_of[other] + 1 for other in before[node]), default=0)
        while taken[column] >= capacity:
            column += 1
        column_of[node] = column
        taken[column] += 1
    _move_right(column_of, arrows, taken, capacity)
    used = {column: rank for rank, column in enumerate(sorted(set(column_of)))}
    return [used[column] for column in column_of]


def _move_right(
    column_of: list[int], arrows: Sequence[Pair], taken: dict[int, int], capacity: int
) -> None:
    """Shorten arrows: a node nobody points at stands just left of what it points at."""
    after: list[list[int]] = [[] for _ in column_of]
    entering = [0] * len(column_of)
    for source, target in arrows:
        after[source].append(target)
        entering[target] += 1
    for node in sorted(range(len(column_of)), key=column_of.__getitem__, reverse=True):
        if not after[node] or len(after[node]) <= entering[node]:
            continue
        column = min(column_of[other] for other in after[node]) - 1
        while column > column_of[node] and taken[column] >= capacity:
            column -= 1
        taken[column_of[node]] -= 1
        column_of[node] = column
        taken[column] += 1


def _sources_first(node_count: int, arrows: Sequence[Pair]) -> Iterator[int]:
    """Every node after all that point at it; of those that could come, the longest waiting."""
    after: list[list[int]] = [[] for _ in range(node_count)]
    waiting_for = [0] * node_count
    for source, target in arrows:
        after[source].append(target)
        waiting_for[target] += 1
    ready = deque(node for node in range(node_count) if not waiting_for[node])
    while ready:
        node = ready.popleft()
        yield node
        for other in after[node]:
            waiting_for[other] -= 1
            if not waiting_for[other]:
                ready.append(other)


def _routes(
    column_of: Sequence[int], arrows: Sequence[Pair], trunks: Sequence[Hashable]
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Each arrow's way through the columns, and the column of every bend.

    Arrows share bends with those that leave the same node or with those that reach the same
    node, whichever are more: a trunk that splits at one end only cannot be misread.
    """
    leaving, entering = defaultdict[int, int](int), defaultdict[int, int](int)
    for source, target in arrows:
        leaving[source] += 1
        entering[target] += 1
    bends: dict[Hashable, int] = {}
    bend_columns: list[int] = []
    routes = []
    for index, (source, target) in enumerate(arrows):
        to_target = entering[target] >= leaving[source]
        trunk = (to_target, target if to_target else source, trunks[index])
        way = [source]
        for column in range(column_of[source] + 1, column_of[target]):
            bend = bends.setdefault((trunk, column), len(column_of) + len(bend_columns))
            if bend == len(column_of) + len(bend_columns):
                bend_columns.append(column)
            way.append(bend)
        routes.append((*way, target))
    return routes, bend_columns
