"""Where everything is drawn: boxes for nodes, curves for edges, in user units."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recyclic.graph.implied import implied
from recyclic.graph.layers import Arrow, Layered, layer
from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind
from recyclic.graph.order import ordered
from recyclic.graph.spacing import heights
from recyclic.graph.text import one_line, shortened, width

FONT_SIZE = 12.0
NODE_HEIGHT = 26.0
_NODE_MARGIN = 9.0
_BEND_ROOM = 9.0
_PADDING = 10.0
_GAP = (56.0, 170.0)
"""Least and most room between two columns; steep arrows get more of it."""
_PARALLEL = 6.0
"""Between two arrows that join the same two nodes; less where there are many."""
_LABEL_LENGTH = 34

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """One node's rectangle: its left upper corner, its size, and the text that fits in it."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Route:
    """One edge's way.

    Attributes:
        points: From the edge's source to its target: the ends of alternating curves (between
            columns) and straight lines (across a column), beginning and ending with a curve.
            For a loop, four corners of a curve.
        implied: A longer way says the same; drawn more faintly.
    """

    edge: Edge
    points: tuple[Point, ...]
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole drawing without its style; ``boxes`` and ``routes`` in the graph's order."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(graph: Graph, root: str = "") -> Layout:
    """Draw from left to right: what needs to the left, what is needed to the right.

    Args:
        root: What the request itself is called, instead of its label.
    """
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    straight = [edge for edge in graph.edges if edge.source != edge.target]
    layered = layer(len(graph.nodes), [_arrow(edge, numbers) for edge in straight])
    columns = ordered(layered)
    texts = [_text(node, root) for node in graph.nodes]
    room = _room(layered)
    middle = heights(layered, columns, room)
    lefts, rights = _sides(layered, columns, texts, middle)
    column_of = {number: at for at, column in enumerate(columns) for number in column}
    boxes = tuple(
        _box(node, text, lefts[column_of[number]], middle[number])
        for number, (node, text) in enumerate(zip(graph.nodes, texts, strict=True))
    )
    grid = _Grid(boxes, middle, column_of, lefts, rights)
    routes = _routes(straight, layered, grid, implied(straight, layered))
    loops = [
        _loop(edge, boxes[numbers[edge.source]])
        for edge in graph.edges
        if edge.source == edge.target
    ]
    bottom = max((middle[number] + room[number] / 2 for number in middle), default=0.0)
    every = sorted([*routes, *loops], key=lambda route: route.edge)
    return Layout(boxes, tuple(every), max(rights, default=0.0), bottom)


@dataclass(frozen=True, slots=True)
class _Grid:
    """What a route is threaded through."""

    boxes: Sequence[Box]
    middle: Mapping[int, float]
    column_of: Mapping[int, int]
    lefts: Sequence[float]
    rights: Sequence[float]


def _arrow(edge: Edge, numbers: Mapping[str, int]) -> Arrow:
    firm = edge.kind is not EdgeKind.EVENT
    return Arrow(numbers[edge.source], numbers[edge.target], edge.kind, firm)


def _text(node: Node, root: str) -> str:
    label = root if root and node.kind is NodeKind.ROOT else node.label
    return shortened(one_line(f"{label} {node.version}".rstrip()), _LABEL_LENGTH)


def _room(layered: Layered) -> dict[int, float]:
    return {
        number: NODE_HEIGHT + _NODE_MARGIN if number < layered.node_count else _BEND_ROOM
        for column in layered.columns
        for number in column
    }


def _box(node: Node, text: str, left: float, middle: float) -> Box:
    y = round(middle - NODE_HEIGHT / 2, 1)
    return Box(node, left, y, _box_width(text), NODE_HEIGHT, text)


def _box_width(text: str) -> float:
    return math.ceil(width(text, FONT_SIZE) + 2 * _PADDING)


def _sides(
    layered: Layered,
    columns: Sequence[Sequence[int]],
    texts: Sequence[str],
    middle: Mapping[int, float],
) -> tuple[list[float], list[float]]:
    """The left and right side of each column; steep arrows before it push it to the right."""
    column_of = {number: at for at, column in enumerate(columns) for number in column}
    steepest = [0.0] * (len(columns) + 1)
    for left, right in layered.segments:
        at = column_of[left]
        steepest[at] = max(steepest[at], abs(middle[left] - middle[right]))
    lefts: list[float] = []
    rights: list[float] = []
    start = 0.0
    for index, column in enumerate(columns):
        widths = [_box_width(texts[number]) for number in column if number < layered.node_count]
        lefts.append(start)
        rights.append(start + max(widths, default=_PADDING))
        start = rights[-1] + round(min(_GAP[1], _GAP[0] + 0.16 * steepest[index]))
    return lefts, rights


def _routes(
    edges: Sequence[Edge], layered: Layered, grid: _Grid, implied: Sequence[bool]
) -> list[Route]:
    shifts = _shifts(layered.routes)
    return [
        Route(edge, _points(way, grid, shift, backward), faint)
        for edge, way, shift, backward, faint in zip(
            edges, layered.routes, shifts, layered.backwards, implied, strict=True
        )
    ]


def _shifts(routes: Sequence[tuple[int, ...]]) -> list[float]:
    """How far each arrow leaves the middle, so that no two between the same nodes coincide."""
    same: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, way in enumerate(routes):
        same[way[0], way[-1]].append(index)
    shifts = [0.0] * len(routes)
    for indices in same.values():
        gaps = len(indices) - 1
        apart = min(_PARALLEL, (NODE_HEIGHT - 2 * _PARALLEL) / max(1, gaps))
        for rank, index in enumerate(indices):
            shifts[index] = (rank - gaps / 2) * apart
    return shifts


def _points(way: Sequence[int], grid: _Grid, shift: float, backward: bool) -> tuple[Point, ...]:
    first, last = grid.boxes[way[0]], grid.boxes[way[-1]]
    points = [(first.x + first.width, grid.middle[way[0]] + shift)]
    right = grid.rights[grid.column_of[way[0]]]
    points += [(right, points[0][1])]
    for bend in way[1:-1]:
        column = grid.column_of[bend]
        points += [(grid.lefts[column], grid.middle[bend])]
        points += [(grid.rights[column], grid.middle[bend])]
    points += [(last.x, grid.middle[way[-1]] + shift)]
    rounded = tuple((round(x, 1), round(y, 1)) for x, y in points)
    return rounded[::-1] if backward else rounded


def _loop(edge: Edge, box: Box) -> Route:
    right, top = box.x + box.width, box.y
    return Route(
        edge,
        ((right - 14, top), (right - 10, top - 12), (right + 12, top - 8), (right, top + 8)),
    )
