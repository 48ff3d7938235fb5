"""The graph as one JSON value."""

import json

from recyclic.graph.model import Graph

FORMAT = 1
"""The value of ``format``, the document's first key."""


def render_json(graph: Graph) -> str:
    """``format`` 1, ``nodes`` (id, kind, name, version) and ``edges`` (from, to, kind, label)."""
    document = {
        "format": FORMAT,
        "nodes": [
            {"id": node.id, "kind": node.kind, "name": node.label, "version": node.version}
            for node in graph.nodes
        ],
        "edges": [
            {"from": edge.source, "to": edge.target, "kind": edge.kind, "label": edge.label}
            for edge in graph.edges
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
