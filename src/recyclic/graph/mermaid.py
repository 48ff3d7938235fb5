"""The graph as a Mermaid flowchart, for Markdown pages."""

from recyclic.graph.model import EdgeKind, Graph, Node, NodeKind
from recyclic.graph.text import one_line

_SHAPES = {
    NodeKind.ROOT: ("([", "])"),
    NodeKind.BUNDLE: ("[[", "]]"),
    NodeKind.MODULE: ("[", "]"),
    NodeKind.EXTENSION: ("[/", "/]"),
    NodeKind.CAPABILITY: ("{{", "}}"),
    NodeKind.CORE: ("(", ")"),
    NodeKind.PAHEKO: ("(", ")"),
    NodeKind.PYTHON: ("(", ")"),
}
_ARROWS = {
    EdgeKind.REQUIRES: "-->",
    EdgeKind.OPTIONAL: "-.->",
    EdgeKind.PROVIDES: "--o",
    EdgeKind.EVENT: "==>",
}
# Mermaid ends a quoted text at a quote, reads backquotes as Markdown and # as an entity.
_ENTITIES = str.maketrans({mark: f"#{ord(mark)};" for mark in '#"&<>`\\'})


def render_mermaid(graph: Graph) -> str:
    """A ``flowchart LR``. Mermaid itself refuses to draw more than 500 edges."""
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f"  n{numbers[node.id]}{_box(node)}" for node in graph.nodes]
    for edge in graph.edges:
        label = f'|"{_escape(edge.label)}"|' if edge.label else ""
        ends = f"n{numbers[edge.source]} {_ARROWS[edge.kind]}{label} n{numbers[edge.target]}"
        lines.append(f"  {ends}")
    return "\n".join(lines) + "\n"


def _box(node: Node) -> str:
    before, after = _SHAPES[node.kind]
    return f'{before}"{_escape(f"{node.label} {node.version}".rstrip())}"{after}'


def _escape(text: str) -> str:
    return one_line(text).translate(_ENTITIES)
