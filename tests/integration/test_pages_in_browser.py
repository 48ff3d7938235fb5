"""What people look at, in a real browser: drawn graphs, and a served site's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.browser import CHROMEDRIVER, CHROMIUM, Browser, open_browser

from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind, graph_of
from recyclic.graph.render import GraphFormat, render

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None or CHROMEDRIVER is None, reason="no chromium with its chromedriver here"
    ),
    # One browser for the whole file, also when the tests are spread over processes.
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


def a_graph() -> Graph:
    names = ["caisse", "WMWMWM_mwmwmw", "il_fil_til", "a" * 60, "名前の長い部品", "kpi_banner"]
    nodes = [Node(name, NodeKind.MODULE, name, "10.12.3rc1") for name in names]
    edges = [Edge("kpi_banner", name, EdgeKind.REQUIRES, ">=0.1,<2") for name in names[:3]]
    edges += [Edge("caisse", names[3], EdgeKind.OPTIONAL), Edge("caisse", names[4], EdgeKind.EVENT)]
    return graph_of(nodes, edges)


@pytest.fixture
def drawing(browser: Browser, tmp_path: Path) -> Browser:
    """The browser, showing a drawn graph."""
    file = tmp_path / "graph.svg"
    file.write_text(render(a_graph(), GraphFormat.SVG), encoding="utf-8")
    browser.get(file.as_uri())
    return browser


def test_a_drawing_shows_and_its_texts_fit_their_boxes(drawing: Browser) -> None:
    """Measured with the browser's fonts, widest and narrowest letters included."""
    assert drawing.title == "Dependency graph"
    sizes = drawing.run(
        "return [...document.querySelectorAll('.node')].map(node => "
        "[node.querySelector('text').getBBox().width, node.querySelector('rect').getBBox().width])"
    )
    assert len(sizes) == 6
    assert all(0 < text <= box - 4 for text, box in sizes), sizes
    assert drawing.complaints() == []


def test_pointing_at_a_node_dims_every_arrow_but_its_own(drawing: Browser) -> None:
    graph = a_graph()
    number = [node.id for node in graph.nodes].index("caisse")
    drawing.point_at(f".n{number}")
    seen = drawing.run(
        "return [...document.querySelectorAll('.edge')].map(edge => "
        "[...edge.classList].concat(getComputedStyle(edge).opacity))"
    )
    assert len(seen) == len(graph.edges)
    for *classes, opacity in seen:
        own = f"s{number}" in classes or f"t{number}" in classes
        assert float(opacity) == (1 if own else 0.08)
