"""The graph as a value: nodes, edges, and the part of it around one node."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class NodeKind(StrEnum):
    """What a node stands for. The value is how it is written in JSON."""

    ROOT = "root"
    BUNDLE = "bundle"
    MODULE = "module"
    EXTENSION = "paheko"
    CAPABILITY = "capability"
    CORE = "core"
    PAHEKO = "paheko-core"
    PYTHON = "python"


class EdgeKind(StrEnum):
    """Why there is an arrow. The value is how it is written in JSON."""

    REQUIRES = "requires"
    """From who needs to what is needed; the label is the specifier."""
    OPTIONAL = "optional"
    """Only when present: a fitting version, and an earlier start."""
    PROVIDES = "provides"
    """From a capability to the module that was chosen to answer for it."""
    EVENT = "event"
    """From the module that emits to the one that handles; the label names the events."""


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One node.

    Attributes:
        id: Unique in its graph, and what people type: a module's plain name, ``paheko:caisse``,
            ``bundle:socle``, ``capability:export``, ``recyclic``, ``paheko``, ``python``,
            ``<root>``.
        label: What a drawing shows first.
        version: Empty where none was chosen (the core, Python, Paheko itself, a capability).
    """

    id: str
    kind: NodeKind
    label: str
    version: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One arrow, unique by its two ends and its kind."""

    source: str
    target: str
    kind: EdgeKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes sorted by id and edges sorted by their ends and kind; made by :func:`graph_of`."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    """A graph in its one order, whatever order it is told in.

    Edges of one kind between the same two nodes become one, their labels joined.

    Raises:
        ValueError: two nodes share an id, or an edge ends at no node.
    """
    by_id: dict[str, Node] = {}
    for node in sorted(nodes):
        if by_id.setdefault(node.id, node) != node:
            raise ValueError(f"two nodes are called {node.id!r}")
    labels: dict[tuple[str, str, EdgeKind], set[str]] = {}
    for edge in edges:
        if edge.source not in by_id or edge.target not in by_id:
            raise ValueError(f"an edge from {edge.source!r} to {edge.target!r} ends nowhere")
        found = labels.setdefault((edge.source, edge.target, edge.kind), set())
        found.add(edge.label)
    joined = (Edge(*ends, ", ".join(sorted(found - {""}))) for ends, found in labels.items())
    return Graph(tuple(by_id.values()), tuple(sorted(joined)))


def around(graph: Graph, name: str, depth: int = 1) -> Graph:
    """What ``name`` leads to in at most ``depth`` arrows, what leads to it, and their edges.

    What is only reached by going up and down again, like everything else that the same bundle
    asks for, is not near. ``name`` is an id, or a label: then every node with that label is a
    centre.

    Raises:
        KeyError: the graph has no such node.
    """
    centres = {node.id for node in graph.nodes if node.id == name}
    centres = centres or {node.id for node in graph.nodes if node.label == name}
    if not centres:
        raise KeyError(name)
    forwards, backwards = _neighbours(graph)
    kept = _within(forwards, centres, depth) | _within(backwards, centres, depth)
    return Graph(
        tuple(node for node in graph.nodes if node.id in kept),
        tuple(edge for edge in graph.edges if edge.source in kept and edge.target in kept),
    )


def _neighbours(graph: Graph) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    forwards: dict[str, set[str]] = {node.id: set() for node in graph.nodes}
    backwards: dict[str, set[str]] = {node.id: set() for node in graph.nodes}
    for edge in graph.edges:
        forwards[edge.source].add(edge.target)
        backwards[edge.target].add(edge.source)
    return forwards, backwards


def _within(neighbours: Mapping[str, set[str]], centres: set[str], depth: int) -> set[str]:
    kept, rim = set(centres), set(centres)
    for _ in range(depth):
        rim = {other for node in rim for other in neighbours[node]} - kept
        if not rim:
            break
        kept |= rim
    return kept
