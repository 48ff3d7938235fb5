"""The graph as one SVG file: no script, no font, no file besides; light and dark."""

from itertools import pairwise

from recyclic.graph.captions import Captions
from recyclic.graph.labels import Label, place_labels
from recyclic.graph.layout import FONT_SIZE, Box, Layout, Point, Route, lay_out
from recyclic.graph.legend import ROUND, draw_legend
from recyclic.graph.model import EdgeKind, Graph, NodeKind
from recyclic.graph.style import STYLE, focus_rules
from recyclic.graph.text import number_text, xml_text

_MARGIN = 16.0
_LEAST_WIDTH = 560.0


def render_svg(graph: Graph, captions: Captions) -> str:
    """The drawing. Pointing at a node shows its own arrows and dims the others."""
    layout = lay_out(graph, captions.nodes[NodeKind.ROOT])
    legend = draw_legend(graph, captions, max(layout.width, _LEAST_WIDTH))
    wide = number_text(max(layout.width, legend.width) + 2 * _MARGIN)
    high = number_text(layout.height + legend.height + 3 * _MARGIN)
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    labels = place_labels(layout)
    description = captions.description.format(nodes=len(graph.nodes), edges=len(graph.edges))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" class="recyclic-graph" role="graphics-document" '
        'aria-labelledby="recyclic-graph-title recyclic-graph-desc">',
        f'<title id="recyclic-graph-title">{xml_text(captions.title)}</title>',
        f'<desc id="recyclic-graph-desc">{xml_text(description)}</desc>',
        f"<style>{STYLE}{focus_rules(len(graph.nodes))}</style>",
        f"<defs>{''.join(_arrow_head(kind) for kind in EdgeKind)}</defs>",
        f'<rect class="page" width="{wide}" height="{high}"/>',
        f'<g transform="translate({number_text(_MARGIN)} {number_text(_MARGIN)})">',
        *legend.lines,
        f'<g transform="translate(0 {number_text(legend.height + _MARGIN)})">',
        *(_edge(route, numbers, captions) for route in _faint_first(layout)),
        *(_node(number, box, captions) for number, box in enumerate(layout.boxes)),
        *(_label(label) for label in labels),
        "</g>",
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _faint_first(layout: Layout) -> list[Route]:
    return sorted(layout.routes, key=lambda route: not route.implied)


def _arrow_head(kind: EdgeKind) -> str:
    return (
        f'<marker id="recyclic-{kind.value}" class="head {kind.value}" viewBox="0 0 8 8" '
        'refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse" '
        'markerUnits="userSpaceOnUse"><path d="M0 0.5 8 4 0 7.5z"/></marker>'
    )


def _edge(route: Route, numbers: dict[str, int], captions: Captions) -> str:
    edge = route.edge
    told = f"{edge.source} {captions.edges[edge.kind]} {edge.target} {edge.label}".rstrip()
    faint = " implied" if route.implied else ""
    return (
        f'<path class="edge {edge.kind.value}{faint} '
        f's{numbers[edge.source]} t{numbers[edge.target]}" d="{_curve(route)}" '
        f'marker-end="url(#recyclic-{edge.kind.value})"><title>{xml_text(told)}</title></path>'
    )


def _curve(route: Route) -> str:
    """Straight across a column, curved between two; tangents are level at every column."""
    points = route.points
    if route.edge.source == route.edge.target:
        return f"M{_at(points[0])}C{_at(points[1])} {_at(points[2])} {_at(points[3])}"
    parts = [f"M{_at(points[0])}"]
    for before, after in pairwise(points):
        if before == after:
            continue
        if before[1] == after[1]:
            parts.append(f"H{number_text(after[0])}")
            continue
        middle = number_text((before[0] + after[0]) / 2)
        parts.append(
            f"C{middle} {number_text(before[1])} {middle} {number_text(after[1])} {_at(after)}"
        )
    return "".join(parts)


def _node(number: int, box: Box, captions: Captions) -> str:
    node = box.node
    told = f"{captions.nodes[node.kind]}: {node.label} {node.version}".rstrip()
    corner = number_text(box.height / 2 if node.kind in ROUND else 4)
    x, y = (
        number_text(box.x + box.width / 2),
        number_text(box.y + box.height / 2 + FONT_SIZE * 0.35),
    )
    return (
        f'<g class="node {node.kind.value} n{number}"><title>{xml_text(told)}</title>'
        f'<rect x="{number_text(box.x)}" y="{number_text(box.y)}" width="{number_text(box.width)}" '
        f'height="{number_text(box.height)}" rx="{corner}"/>'
        f'<text x="{x}" y="{y}">{xml_text(box.text)}</text></g>'
    )


def _label(label: Label) -> str:
    x, y = number_text(label.x), number_text(label.y)
    return f'<text class="label" x="{x}" y="{y}">{xml_text(label.text)}</text>'


def _at(point: Point) -> str:
    return f"{number_text(point[0])} {number_text(point[1])}"
