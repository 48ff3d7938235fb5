"""Drawings: complete, escaped, readable, the same every time."""

import hashlib
import json
import random
import re
from collections import Counter
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recyclic.graph.labels import place_labels
from recyclic.graph.layout import Box, lay_out
from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind, graph_of
from recyclic.graph.render import GraphFormat, render
from recyclic.graph.text import width

SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = (
    "</text><script>alert(1)</script>",
    'a"]; n0 -->|x| n1["b',
    '\\N \\" &lt; `md` #35;',
    "\x00\x1b[31m\u202ereversed\ud800",
    "two\nlines\r\tand a tab",
    "",
    "名前" * 40,
)

bounded = settings(max_examples=40, deadline=None)

labels = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60), st.sampled_from(["caisse"]))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph: cycles, loops, parallel edges, islands, names from a hostile hand."""
    ids = draw(st.lists(labels, max_size=14, unique=True))
    nodes = [Node(id, draw(st.sampled_from(NodeKind)), draw(labels), draw(labels)) for id in ids]
    pick = st.sampled_from(ids) if ids else st.nothing()
    edges = draw(
        st.lists(st.builds(Edge, pick, pick, st.sampled_from(EdgeKind), labels), max_size=40)
        if ids
        else st.just([])
    )
    return graph_of(nodes, edges)


def large(node_count: int) -> Graph:
    """A bundle of many modules that need each other downwards, as real sites do."""
    chance = random.Random(node_count)
    names = [f"module_{number}" for number in range(node_count)]
    edges = [Edge("<root>", name, EdgeKind.REQUIRES, ">=1") for name in names]
    for at, name in enumerate(names[:-1]):
        targets = chance.sample(names[at + 1 :], min(2, node_count - at - 1))
        edges += [Edge(name, target, EdgeKind.REQUIRES) for target in targets]
    nodes = [Node(name, NodeKind.MODULE, name, "1.0") for name in names]
    return graph_of([Node("<root>", NodeKind.ROOT, "site"), *nodes], edges)


def with_class(root: ElementTree.Element, tag: str, name: str) -> list[ElementTree.Element]:
    return [found for found in root.iter(f"{SVG}{tag}") if name in found.get("class", "").split()]


@bounded
@given(graphs())
def test_an_svg_shows_every_node_and_every_edge_once(graph: Graph) -> None:
    """Valid XML; as many shapes as there are nodes, edges and their tooltips, by their ends."""
    root = ElementTree.fromstring(render(graph, GraphFormat.SVG))
    nodes = with_class(root, "g", "node")
    assert [node.get("class", "").split()[-1] for node in nodes] == [
        f"n{number}" for number in range(len(graph.nodes))
    ]
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    drawn = Counter(
        tuple(name for name in edge.get("class", "").split()[1:] if name != "implied")
        for edge in with_class(root, "path", "edge")
    )
    assert drawn == Counter(
        (edge.kind.value, f"s{numbers[edge.source]}", f"t{numbers[edge.target]}")
        for edge in graph.edges
    )


@bounded
@given(graphs())
def test_no_two_boxes_overlap_and_none_leaves_the_page(graph: Graph) -> None:
    layout = lay_out(graph)
    for at, box in enumerate(layout.boxes):
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height
        assert not any(_overlap(box, other) for other in layout.boxes[:at])


def _overlap(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (beside or one.y + one.height <= other.y or other.y + other.height <= one.y)


@bounded
@given(graphs())
def test_an_edge_ends_at_its_two_boxes_and_runs_through_no_other(graph: Graph) -> None:
    """Only straight pieces cross a column, and those keep clear of every box in it."""
    layout = lay_out(graph)
    boxes = {box.node.id: box for box in layout.boxes}
    for route in layout.routes:
        assert _touches(route.points[0], boxes[route.edge.source])
        assert _touches(route.points[-1], boxes[route.edge.target])
        if route.edge.source == route.edge.target:
            continue
        for (x0, y0), (x1, y1) in pairwise(route.points):
            if y0 == y1:
                low, high = min(x0, x1), max(x0, x1)
                assert not any(
                    box.y < y0 < box.y + box.height and low < box.x + box.width and high > box.x
                    for id, box in boxes.items()
                    if id not in (route.edge.source, route.edge.target)
                )


def _touches(point: tuple[float, float], box: Box) -> bool:
    return (
        box.x - 0.1 <= point[0] <= box.x + box.width + 0.1
        and box.y - 0.1 <= point[1] <= box.y + box.height + 0.1
    )


def test_many_arrows_between_two_nodes_all_end_at_them() -> None:
    """Every kind, in both directions: apart from each other, yet none beside its box."""
    nodes = [Node(name, NodeKind.MODULE, name) for name in "ab"]
    edges = [Edge(a, b, kind) for a, b in ("ab", "ba") for kind in EdgeKind]
    layout = lay_out(graph_of(nodes, edges))
    boxes = {box.node.id: box for box in layout.boxes}
    for route in layout.routes:
        assert _touches(route.points[0], boxes[route.edge.source])
        assert _touches(route.points[-1], boxes[route.edge.target])
    assert len({route.points[0][1] for route in layout.routes}) == len(edges)


@bounded
@given(graphs(), st.randoms())
def test_the_order_of_telling_changes_nothing(graph: Graph, chance: random.Random) -> None:
    nodes, edges = list(graph.nodes), list(graph.edges)
    chance.shuffle(nodes)
    chance.shuffle(edges)
    again = graph_of(nodes, edges)
    assert again == graph
    assert all(render(again, kind) == render(graph, kind) for kind in GraphFormat)


@bounded
@given(graphs())
def test_mermaid_has_one_line_per_node_and_edge_and_no_way_out_of_a_quote(graph: Graph) -> None:
    lines = render(graph, GraphFormat.MERMAID).removesuffix("\n").split("\n")
    box = re.compile(r'  n\d+[(\[{/]+"[^"<>`]*"[)\]}/]+')
    arrow = re.compile(r'  n\d+ (-->|-\.->|--o|==>)(\|"[^"<>`]*"\|)? n\d+')
    assert lines[0] == "flowchart LR"
    assert sum(box.fullmatch(line) is not None for line in lines) == len(graph.nodes)
    assert sum(arrow.fullmatch(line) is not None for line in lines) == len(graph.edges)
    assert len(lines) == 1 + len(graph.nodes) + len(graph.edges)


@bounded
@given(graphs())
def test_dot_has_one_line_per_node_and_edge_and_no_way_out_of_a_quote(graph: Graph) -> None:
    lines = render(graph, GraphFormat.DOT).removesuffix("\n").split("\n")
    quoted = r'"(?:[^"\\]|\\["\\])*"'
    box = re.compile(rf"  n\d+ \[shape=\w+, label={quoted}\];")
    arrow = re.compile(rf"  n\d+ -> n\d+ \[style=\w+(, label={quoted})?\];")
    assert sum(box.fullmatch(line) is not None for line in lines) == len(graph.nodes)
    assert sum(arrow.fullmatch(line) is not None for line in lines) == len(graph.edges)
    assert len(lines) == 4 + len(graph.nodes) + len(graph.edges)


@bounded
@given(graphs())
def test_json_gives_the_graph_back(graph: Graph) -> None:
    document = json.loads(render(graph, GraphFormat.JSON))
    assert next(iter(document)) == "format"
    assert document["format"] == 1
    nodes = [
        Node(node["id"], NodeKind(node["kind"]), node["name"], node["version"])
        for node in document["nodes"]
    ]
    edges = [
        Edge(edge["from"], edge["to"], EdgeKind(edge["kind"]), edge["label"])
        for edge in document["edges"]
    ]
    assert graph_of(nodes, edges) == graph


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_text(text: str) -> None:
    """It adds no element, and what cannot be shown is replaced."""
    plain = graph_of([Node("a", NodeKind.MODULE, "a", "1")], [])
    hostile = graph_of([Node("a", NodeKind.MODULE, text, "1")], [])
    tags = [
        [found.tag for found in ElementTree.fromstring(render(graph, GraphFormat.SVG)).iter()]
        for graph in (plain, hostile)
    ]
    assert tags[0] == tags[1]
    drawn = render(hostile, GraphFormat.SVG)
    assert not any(mark in drawn for mark in ("\x00", "\x1b", "\u202e", "\ud800"))


def test_two_hundred_modules_fit_a_readable_page() -> None:
    """No higher than two screens, and a screen's proportions rather than a ribbon's."""
    layout = lay_out(large(200))
    assert layout.height < 2_200
    assert layout.width / layout.height < 6


def test_the_layout_is_the_same_on_every_python() -> None:
    """A changed layout changes this hash on purpose; another Python or hash seed must not."""
    layout = lay_out(large(60))
    drawn = [(box.node.id, box.x, box.y, box.width) for box in layout.boxes]
    ways = [(route.edge.source, route.edge.target, route.points) for route in layout.routes]
    digest = hashlib.sha256(repr((drawn, ways)).encode()).hexdigest()
    assert digest[:16] == "f37675b9a8561091"


def test_arrows_of_many_to_one_share_their_way() -> None:
    """The longest list of parallel lines beside a column stays far below the number of edges."""
    layout = lay_out(large(200))
    levels = Counter(
        (before[0], after[0])
        for before, after in {
            piece
            for route in layout.routes
            for piece in pairwise(route.points)
            if piece[0][1] == piece[1][1]
        }
    )
    assert max(levels.values()) < len(layout.routes) / 4


def test_labels_cover_neither_boxes_nor_each_other() -> None:
    layout = lay_out(large(12))
    placed = place_labels(layout)
    assert placed
    for at, label in enumerate(placed):
        for box in layout.boxes:
            inside = box.x < label.x < box.x + box.width and box.y < label.y < box.y + box.height
            assert not inside
        for other in placed[:at]:
            assert abs(label.x - other.x) > 10 or abs(label.y - other.y) > 10


def test_what_a_longer_way_says_too_is_drawn_faintly() -> None:
    nodes = [Node(name, NodeKind.MODULE, name) for name in "abc"]
    edges = [Edge(a, b, EdgeKind.REQUIRES) for a, b in ("ab", "bc", "ac")]
    faint = {
        route.edge.source + route.edge.target: route.implied
        for route in lay_out(graph_of(nodes, edges)).routes
    }
    assert faint == {"ab": False, "bc": False, "ac": True}


def test_an_event_is_no_need_and_an_optional_need_leads_nowhere() -> None:
    """Neither makes another arrow faint, and an event never is."""
    nodes = [Node(name, NodeKind.MODULE, name) for name in "abc"]
    for first, second, direct in (
        (EdgeKind.OPTIONAL, EdgeKind.REQUIRES, EdgeKind.REQUIRES),
        (EdgeKind.EVENT, EdgeKind.REQUIRES, EdgeKind.REQUIRES),
        (EdgeKind.REQUIRES, EdgeKind.REQUIRES, EdgeKind.EVENT),
    ):
        edges = [Edge("a", "b", first), Edge("b", "c", second), Edge("a", "c", direct)]
        assert not any(route.implied for route in lay_out(graph_of(nodes, edges)).routes)


def test_an_event_points_back_rather_than_turn_a_requirement_round() -> None:
    """What is needed stands to the right of what needs it, even when it emits to it."""
    nodes = [Node(name, NodeKind.MODULE, name) for name in ("caisse", "sync")]
    edges = [
        Edge("sync", "caisse", EdgeKind.REQUIRES),
        Edge("caisse", "sync", EdgeKind.EVENT, "session_closed"),
    ]
    caisse, sync = lay_out(graph_of(nodes, edges)).boxes
    assert sync.x < caisse.x


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    names = [f"m{number}" for number in range(3_000)]
    edges = [Edge(one, two, EdgeKind.REQUIRES) for one, two in pairwise(names)]
    layout = lay_out(graph_of((Node(name, NodeKind.MODULE, name) for name in names), edges))
    assert len({box.x for box in layout.boxes}) == len(names)


@pytest.mark.parametrize(
    ("text", "em"), [(">=1.0,<3", 5.06), ("~=1.4", 3.27), ("!=2.0,==1.*", 6.28), ("wMm", 2.66)]
)
def test_no_range_is_drawn_wider_than_it_was_taken_to_be(text: str, em: float) -> None:
    """In DejaVu Sans, the widest font in common use: its own figures."""
    assert em * 10 <= width(text, 10) <= em * 13
