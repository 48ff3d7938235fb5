"""The words in a drawing. English here; the command line passes its own language's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recyclic.graph.model import EdgeKind, NodeKind


def _node_words() -> Mapping[NodeKind, str]:
    return {
        NodeKind.ROOT: "what is asked for",
        NodeKind.BUNDLE: "bundle",
        NodeKind.MODULE: "module",
        NodeKind.EXTENSION: "Paheko extension",
        NodeKind.CAPABILITY: "capability",
        NodeKind.CORE: "recyclic itself",
        NodeKind.PAHEKO: "Paheko itself",
        NodeKind.PYTHON: "Python",
    }


def _edge_words() -> Mapping[EdgeKind, str]:
    return {
        EdgeKind.REQUIRES: "requires",
        EdgeKind.OPTIONAL: "optional",
        EdgeKind.PROVIDES: "is provided by",
        EdgeKind.EVENT: "event to",
    }


@dataclass(frozen=True, slots=True)
class Captions:
    """Every word a drawing shows that is no name.

    Attributes:
        description: For people who hear the drawing; ``{nodes}`` and ``{edges}`` are counts.
    """

    title: str = "Dependency graph"
    description: str = "Nodes: {nodes}. Arrows: {edges}. An arrow points at what is needed."
    nodes: Mapping[NodeKind, str] = field(default_factory=_node_words)
    edges: Mapping[EdgeKind, str] = field(default_factory=_edge_words)


ENGLISH = Captions()
