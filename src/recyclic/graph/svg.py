"""The graph as one SVG file: no script, no font, no file besides; light and dark."""

from html import escape

from recyclic.graph.captions import Captions
from recyclic.graph.labels import Label, place_labels
from recyclic.graph.layout import FONT_SIZE, Box, Layout, Point, Route, lay_out
from recyclic.graph.model import EdgeKind, Graph, NodeKind
from recyclic.graph.style import STYLE, focus_rules
from recyclic.graph.text import one_line, width

_MARGIN = 16.0
_HEADER = 54.0


def render_svg(graph: Graph, captions: Captions) -> str:
    """The drawing. Pointing at a node shows its own arrows and dims the others."""
    layout = lay_out(graph)
    legend, legend_width = _legend(graph, captions)
    wide = _number(max(layout.width, legend_width) + 2 * _MARGIN)
    high = _number(layout.height + _HEADER + 2 * _MARGIN)
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    labels = place_labels(layout)
    description = captions.description.format(nodes=len(graph.nodes), edges=len(graph.edges))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" class="recyclic-graph" role="graphics-document" '
        'aria-labelledby="recyclic-graph-title recyclic-graph-desc">',
        f'<title id="recyclic-graph-title">{_text(captions.title)}</title>',
        f'<desc id="recyclic-graph-desc">{_text(description)}</desc>',
        f"<style>{STYLE}{focus_rules(len(graph.nodes))}</style>",
        f"<defs>{''.join(_arrow_head(kind) for kind in EdgeKind)}</defs>",
        f'<rect class="page" width="{wide}" height="{high}"/>',
        *legend,
        f'<g transform="translate({_number(_MARGIN)} {_number(_HEADER + _MARGIN)})">',
        *(_edge(route, numbers, captions) for route in _faint_first(layout)),
        *(_node(number, box, captions) for number, box in enumerate(layout.boxes)),
        *(_label(label) for label in labels),
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
        f'marker-end="url(#recyclic-{edge.kind.value})"><title>{_text(told)}</title></path>'
    )


def _curve(route: Route) -> str:
    """Straight across a column, curved between two; tangents are level at every column."""
    points = route.points
    if route.edge.source == route.edge.target:
        return f"M{_at(points[0])}C{_at(points[1])} {_at(points[2])} {_at(points[3])}"
    parts = [f"M{_at(points[0])}"]
    for before, after in zip(points, points[1:], strict=False):
        if before == after:
            continue
        if before[1] == after[1]:
            parts.append(f"H{_number(after[0])}")
            continue
        middle = _number((before[0] + after[0]) / 2)
        parts.append(f"C{middle} {_number(before[1])} {middle} {_number(after[1])} {_at(after)}")
    return "".join(parts)


def _node(number: int, box: Box, captions: Captions) -> str:
    node = box.node
    told = f"{captions.nodes[node.kind]}: {node.label} {node.version}".rstrip()
    corner = _number(box.height / 2 if node.kind in _ROUND else 4)
    x, y = _number(box.x + box.width / 2), _number(box.y + box.height / 2 + FONT_SIZE * 0.35)
    return (
        f'<g class="node {node.kind.value} n{number}"><title>{_text(told)}</title>'
        f'<rect x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="{corner}"/>'
        f'<text x="{x}" y="{y}">{_text(box.text)}</text></g>'
    )


_ROUND = (NodeKind.ROOT, NodeKind.CAPABILITY, NodeKind.CORE, NodeKind.PAHEKO, NodeKind.PYTHON)


def _label(label: Label) -> str:
    return f'<text class="label" x="{_number(label.x)}" y="{_number(label.y)}">{_text(label.text)}</text>'


def _legend(graph: Graph, captions: Captions) -> tuple[list[str], float]:
    """The title, and a sample of each kind that is there; and how wide that is."""
    counts = {kind: sum(node.kind is kind for node in graph.nodes) for kind in NodeKind}
    lines = [f'<text class="title" x="{_number(_MARGIN)}" y="26">{_text(captions.title)}</text>']
    at = _MARGIN
    for kind in (kind for kind in NodeKind if counts[kind]):
        told = f"{captions.nodes[kind]} ({counts[kind]})"
        lines.append(
            f'<g class="key {kind.value}"><rect x="{_number(at)}" y="38" width="18" height="12" '
            f'rx="{6 if kind in _ROUND else 2}"/>'
            f'<text x="{_number(at + 24)}" y="48">{_text(told)}</text></g>'
        )
        at += 24 + width(told, 11) + 18
    drawn = {edge.kind for edge in graph.edges}
    for edge_kind in (kind for kind in EdgeKind if kind in drawn):
        lines.append(
            f'<g class="key"><path class="sample {edge_kind.value}" '
            f'd="M{_number(at)} 44h26" marker-end="url(#recyclic-{edge_kind.value})"/>'
            f'<text x="{_number(at + 32)}" y="48">{_text(captions.edges[edge_kind])}</text></g>'
        )
        at += 32 + width(captions.edges[edge_kind], 11) + 18
    return lines, at - _MARGIN


def _text(text: str) -> str:
    return escape(one_line(text))


def _at(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
