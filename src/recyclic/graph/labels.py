"""Where an edge's label fits: on its own stretch, over nothing else; or nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from recyclic.graph.layout import Layout, Point, Route
from recyclic.graph.text import one_line, shortened, width

LABEL_SIZE = 10.0
_MOST_EDGES = 60
"""Above that, labels are only in the tooltips: words on words help nobody."""
_LIFT = 8.0
"""How far above a level line its label stands; on a slope it interrupts the line."""

_ALONG = (0.5, 0.38, 0.62, 0.26, 0.74)


@dataclass(frozen=True, slots=True)
class Label:
    """A text's middle, and the text."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Area") -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


def place_labels(layout: Layout) -> list[Label]:
    """Labels that meet neither a box nor each other, in the edges' order."""
    if len(layout.routes) > _MOST_EDGES:
        return []
    taken = [_Area(box.x, box.y, box.x + box.width, box.y + box.height) for box in layout.boxes]
    labels = []
    for route in layout.routes:
        text = shortened(one_line(route.edge.label), 24)
        for x, y in _candidates(route) if text else ():
            half = width(text, LABEL_SIZE) / 2
            area = _Area(x - half, y - LABEL_SIZE * 0.6, x + half, y + LABEL_SIZE * 0.6)
            if not any(area.meets(other) for other in taken):
                taken.append(area)
                labels.append(Label(round(x, 1), round(y + LABEL_SIZE * 0.35, 1), text))
                break
    return labels


def _candidates(route: Route) -> Iterator[Point]:
    """Places on the route's curves, the last one (nearest to what is needed) first."""
    points = route.points
    for (x0, y0), (x1, y1) in reversed(list(pairwise(points))):
        if x0 == x1 or (y0 == y1 and len(points) > 3):
            continue  # across a column many edges may share the line: whose label would it be?
        for t in _ALONG:
            # The curve of svg.py: both control points halfway, so y eases and x nearly does not.
            x = x0 + (x1 - x0) * (1.5 * t * (1 - t) + t**3)
            above = _LIFT if y0 == y1 else 0.0
            yield x, y0 + (y1 - y0) * t * t * (3 - 2 * t) - above
