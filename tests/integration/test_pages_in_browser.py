"""What people look at, in a real browser: drawn graphs, and a served site's pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind, graph_of
from recyclic.graph.render import GraphFormat, render

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver import ActionChains  # noqa: E402 - after the check that it is there
from selenium.webdriver.chrome.options import Options  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.chrome.webdriver import WebDriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None or CHROMEDRIVER is None, reason="no chromium with its chromedriver here"
    ),
    # One browser for the whole file, also when the tests are spread over processes.
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[WebDriver]:
    """A browser that reaches this machine and nothing else."""
    options = Options()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--window-size=1400,900",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = WebDriver(options=options, service=Service(str(CHROMEDRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


def complaints(browser: WebDriver) -> list[str]:
    """What the browser's console says is wrong: scripts, resources, styles."""
    entries = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries if entry["level"] != "INFO"]


def a_graph() -> Graph:
    names = ["caisse", "WMWMWM_mwmwmw", "il_fil_til", "a" * 60, "名前の長い部品", "kpi_banner"]
    nodes = [Node(name, NodeKind.MODULE, name, "10.12.3rc1") for name in names]
    edges = [Edge("kpi_banner", name, EdgeKind.REQUIRES, ">=0.1,<2") for name in names[:3]]
    edges += [Edge("caisse", names[3], EdgeKind.OPTIONAL), Edge("caisse", names[4], EdgeKind.EVENT)]
    return graph_of(nodes, edges)


@pytest.fixture
def drawing(browser: WebDriver, tmp_path: Path) -> WebDriver:
    """The browser, showing a drawn graph."""
    file = tmp_path / "graph.svg"
    file.write_text(render(a_graph(), GraphFormat.SVG), encoding="utf-8")
    browser.get(file.as_uri())
    return browser


def test_a_drawing_shows_and_its_texts_fit_their_boxes(drawing: WebDriver) -> None:
    """Measured with the browser's fonts, widest and narrowest letters included."""
    assert drawing.title == "Dependency graph"
    sizes = drawing.execute_script(
        "return [...document.querySelectorAll('.node')].map(node => "
        "[node.querySelector('text').getBBox().width, node.querySelector('rect').getBBox().width])"
    )
    assert len(sizes) == 6
    assert all(0 < text <= box - 4 for text, box in sizes), sizes
    assert complaints(drawing) == []


def test_pointing_at_a_node_dims_every_arrow_but_its_own(drawing: WebDriver) -> None:
    graph = a_graph()
    number = [node.id for node in graph.nodes].index("caisse")
    ActionChains(drawing).move_to_element(
        drawing.find_element(By.CLASS_NAME, f"n{number}")
    ).perform()
    seen = {
        tuple(str(edge.get_attribute("class")).split()[-2:]): float(
            edge.value_of_css_property("opacity")
        )
        for edge in drawing.find_elements(By.CLASS_NAME, "edge")
    }
    assert len(seen) == len(graph.edges)
    for ends, opacity in seen.items():
        own = f"s{number}" in ends or f"t{number}" in ends
        assert opacity == (1 if own else pytest.approx(0.08))
