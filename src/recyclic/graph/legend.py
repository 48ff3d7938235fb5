"""The key to a drawing: a sample of every kind that is in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from recyclic.graph.captions import Captions
from recyclic.graph.model import EdgeKind, Graph, NodeKind
from recyclic.graph.text import number_text, width, xml_text

ROUND = (NodeKind.ROOT, NodeKind.CAPABILITY, NodeKind.CORE, NodeKind.PAHEKO, NodeKind.PYTHON)
"""Kinds drawn with round ends: what is no folder of files."""

_ROW = 20.0
_TITLE = 28.0
_TEXT_SIZE = 11.0
_SPACE = 20.0


@dataclass(frozen=True, slots=True)
class Legend:
    """SVG elements from the origin on, and the size they need."""

    lines: tuple[str, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: NodeKind | EdgeKind
    text: str
    sample: float


def draw_legend(graph: Graph, captions: Captions, line_width: float) -> Legend:
    """The title and the key, in as many rows as fit ``line_width``."""
    lines = [f'<text class="title" x="0" y="14">{xml_text(captions.title)}</text>']
    at, row, widest = 0.0, 0, width(captions.title, 16)
    for entry in _entries(graph, captions):
        needed = entry.sample + width(entry.text, _TEXT_SIZE)
        if at and at + needed > line_width:
            at, row = 0.0, row + 1
        lines.append(_draw(entry, at, _TITLE + row * _ROW))
        widest = max(widest, at + needed)
        at += needed + _SPACE
    return Legend(tuple(lines), widest, _TITLE + (row + 1) * _ROW)


def _entries(graph: Graph, captions: Captions) -> Iterator[_Entry]:
    for kind in NodeKind:
        count = sum(node.kind is kind for node in graph.nodes)
        if count:
            yield _Entry(kind, f"{captions.nodes[kind]} ({count})", 24)
    for edge_kind in EdgeKind:
        if any(edge.kind is edge_kind for edge in graph.edges):
            yield _Entry(edge_kind, captions.edges[edge_kind], 32)


def _draw(entry: _Entry, x: float, y: float) -> str:
    left = number_text(x)
    if isinstance(entry.kind, NodeKind):
        corner = 6 if entry.kind in ROUND else 2
        sample = f'<rect x="{left}" y="{number_text(y)}" width="18" height="12" rx="{corner}"/>'
        group = f'<g class="key {entry.kind.value}">'
    else:
        sample = (
            f'<path class="sample {entry.kind.value}" d="M{left} {number_text(y + 6)}h26" '
            f'marker-end="url(#recyclic-{entry.kind.value})"/>'
        )
        group = '<g class="key">'
    text_at = f'x="{number_text(x + entry.sample)}" y="{number_text(y + 10)}"'
    return f"{group}{sample}<text {text_at}>{xml_text(entry.text)}</text></g>"
