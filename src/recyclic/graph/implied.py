"""Which needs say nothing new: what is needed is needed by something else that is needed."""

from collections.abc import Sequence

from recyclic.graph.layers import Layered
from recyclic.graph.model import Edge, EdgeKind

_LEADS_ON = (EdgeKind.REQUIRES, EdgeKind.PROVIDES)
_MAY_BE_IMPLIED = (EdgeKind.REQUIRES, EdgeKind.OPTIONAL)


def implied(edges: Sequence[Edge], layered: Layered) -> list[bool]:
    """For each edge, whether a longer way of hard needs leads to the same node.

    Args:
        layered: Its routes are those of ``edges``, in the same order. An edge that points to
            the left, which closes a cycle, neither leads on nor is implied.
    """
    after: list[set[int]] = [set() for _ in range(layered.node_count)]
    for edge, way, back in zip(edges, layered.routes, layered.backwards, strict=True):
        if edge.kind in _LEADS_ON and not back:
            after[way[0]].add(way[-1])
    beyond = _beyond(after, layered)
    return [
        edge.kind in _MAY_BE_IMPLIED and not back and bool(beyond[way[0]] >> way[-1] & 1)
        for edge, way, back in zip(edges, layered.routes, layered.backwards, strict=True)
    ]


def _beyond(after: Sequence[set[int]], layered: Layered) -> list[int]:
    """For each node, a set of bits: the nodes it reaches by two arrows or more."""
    column_of = {number: at for at, column in enumerate(layered.columns) for number in column}
    rightmost_first = sorted(range(len(after)), key=column_of.__getitem__, reverse=True)
    reached, beyond = [0] * len(after), [0] * len(after)
    for node in rightmost_first:
        for other in after[node]:
            beyond[node] |= reached[other]
            reached[node] |= reached[other] | 1 << other
    return beyond
