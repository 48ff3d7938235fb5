"""The graph in DOT, the language of Graphviz, for those who have it."""

from recyclic.graph.model import EdgeKind, Graph, Node, NodeKind
from recyclic.graph.text import one_line

_SHAPES = {
    NodeKind.ROOT: "ellipse",
    NodeKind.BUNDLE: "folder",
    NodeKind.MODULE: "box",
    NodeKind.EXTENSION: "component",
    NodeKind.CAPABILITY: "hexagon",
    NodeKind.CORE: "box3d",
    NodeKind.PAHEKO: "box3d",
    NodeKind.PYTHON: "box3d",
}
_STYLES = {
    EdgeKind.REQUIRES: "solid",
    EdgeKind.OPTIONAL: "dashed",
    EdgeKind.PROVIDES: "bold",
    EdgeKind.EVENT: "dotted",
}


def render_dot(graph: Graph) -> str:
    """A ``digraph`` drawn from left to right."""
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    lines = ["digraph recyclic {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    lines += [f"  n{numbers[node.id]} {_look(node)};" for node in graph.nodes]
    for edge in graph.edges:
        label = f", label={_quoted(edge.label)}" if edge.label else ""
        ends = f"n{numbers[edge.source]} -> n{numbers[edge.target]}"
        lines.append(f"  {ends} [style={_STYLES[edge.kind]}{label}];")
    return "\n".join([*lines, "}"]) + "\n"


def _look(node: Node) -> str:
    label = _quoted(f"{node.label} {node.version}".rstrip())
    return f"[shape={_SHAPES[node.kind]}, label={label}]"


def _quoted(text: str) -> str:
    r"""A quoted string. In labels ``\N`` stands for the node and ``&lt;`` for ``<``: not here."""
    escaped = one_line(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
