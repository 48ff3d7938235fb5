"""One way to every drawing."""

from enum import StrEnum

from recyclic.graph.captions import ENGLISH, Captions
from recyclic.graph.dot import render_dot
from recyclic.graph.json import render_json
from recyclic.graph.mermaid import render_mermaid
from recyclic.graph.model import Graph
from recyclic.graph.svg import render_svg


class GraphFormat(StrEnum):
    """What a graph can be drawn as."""

    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def render(graph: Graph, format: GraphFormat, captions: Captions = ENGLISH) -> str:
    """The whole file as text, ending in a newline; ``captions`` are used by SVG alone."""
    match format:
        case GraphFormat.SVG:
            return render_svg(graph, captions)
        case GraphFormat.MERMAID:
            return render_mermaid(graph)
        case GraphFormat.DOT:
            return render_dot(graph)
        case GraphFormat.JSON:
            return render_json(graph)
