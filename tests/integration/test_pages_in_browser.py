"""What people look at, in a real browser: drawn graphs, and a served site's pages."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.integration.browser import CHROMEDRIVER, CHROMIUM, Browser, open_browser
from tests.integration.served_site import apply_bundle, served

from recyclic.graph.model import Edge, EdgeKind, Graph, Node, NodeKind, graph_of
from recyclic.graph.render import GraphFormat, render
from recyclic.scaffold.new_module import new_module

PROJECT = Path(__file__).parents[2]

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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served site of two modules, one of which cannot start."""
    project = tmp_path_factory.mktemp("petit")
    new_module("tri_textile", project / "modules")
    broken = new_module("caisse_cassee", project / "modules")
    code = broken.folder / "__init__.py"
    failing = "raise RuntimeError('no <b>scale</b> & no till')"
    code.write_text(code.read_text().replace("self.notes = Notes(", f"{failing}\n        Notes("))
    (project / "bundles").mkdir()
    (project / "bundles" / "petit.toml").write_text(
        'name = "petit"\nversion = "1.0.0"\n[modules]\ntri_textile = "*"\ncaisse_cassee = "*"\n'
    )
    apply_bundle(project, "petit")
    with served(project) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Browser]:
    """The browser, its size and language put back afterwards."""
    browser.complaints()
    yield browser
    browser.resize(1400, 900)
    browser.prefer("en")


ROWS = (
    "return [...document.querySelectorAll('tr')].map(row => "
    "[...row.querySelectorAll('td')].map(cell => cell.innerText))"
)


def test_the_page_for_people_tells_what_runs_and_what_does_not(
    visitor: Browser, address: str
) -> None:
    """And shows a module's words as words: none of them becomes markup."""
    visitor.get(address)
    assert visitor.title == "petit"
    rows = {row[0].splitlines()[0]: row[1] for row in visitor.run(ROWS) if row}
    assert rows["Tri textile"] == "runs"
    assert rows["Caisse cassee"].startswith("failed")
    assert "no <b>scale</b> & no till" in rows["Caisse cassee"]
    assert visitor.complaints() == []


def test_the_page_speaks_the_visitor_s_language(visitor: Browser, address: str) -> None:
    visitor.prefer("fr-FR, en;q=0.5")
    visitor.get(address)
    assert visitor.run("return document.documentElement.lang") == "fr"
    assert "tourne" in {row[1] for row in visitor.run(ROWS) if row}


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_fits_a_phone_and_needs_nothing_from_elsewhere(
    visitor: Browser, address: str, path: str
) -> None:
    """No sideways scrolling at 360 pixels; no request leaves the site, none fails."""
    visitor.resize(360, 740)
    visitor.get(address + path)
    assert visitor.run("return document.documentElement.scrollWidth") <= 360
    loaded = visitor.run("return performance.getEntriesByType('resource').map(one => one.name)")
    assert [one for one in loaded if not one.startswith(address)] == []
    assert visitor.complaints() == []


def test_every_link_of_the_page_leads_somewhere(visitor: Browser, address: str) -> None:
    visitor.get(address)
    links = visitor.run("return [...document.querySelectorAll('a')].map(link => link.href)")
    assert len(links) >= 3
    for link in links:
        status = httpx.get(link, trust_env=False).status_code
        assert status == 200, link


def test_the_list_of_routes_names_every_module_s(visitor: Browser, address: str) -> None:
    visitor.get(f"{address}/docs")
    text = visitor.run("return document.body.textContent")
    assert "/api/tri_textile/notes" in text


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose site has a till and the banner of the day's totals.

    Their Python requirements are left out, since the tests' own environment has them: nothing is
    fetched.
    """
    project = tmp_path_factory.mktemp("shop")
    for name in ("caisse", "kpi_banner"):
        folder = project / "modules" / name
        shutil.copytree(PROJECT / "modules" / name, folder)
        manifest = folder / "module.toml"
        manifest.write_text(re.sub(r"(?m)^python = \[.*\]$", "python = []", manifest.read_text()))
    (project / "bundles").mkdir()
    (project / "bundles" / "shop.toml").write_text(
        'name = "shop"\nversion = "1.0.0"\n[modules]\ncaisse = "*"\nkpi_banner = "*"\n'
        '[settings.kpi_banner]\ntitle = "Chez <b>nous</b> & l\'atelier"\n'
    )
    apply_bundle(project, "shop")
    return project


def sell(address: str, cents: int, grams: int) -> None:
    """Open a till and sell one thing."""
    with httpx.Client(base_url=f"{address}/api/caisse/", trust_env=False) as till:
        opened = till.post("sessions", json={"till": f"till-{cents}"}).raise_for_status().json()
        line = {"label": "Vase", "category": "deco", "unit_price_cents": cents, "weight_g": grams}
        payment = {"method": "cash", "amount_cents": cents}
        sale = {"lines": [line], "payments": [payment]}
        till.post(f"sessions/{opened['id']}/sales", json=sale).raise_for_status()


FIGURES = (
    "return Object.fromEntries([...document.querySelectorAll('output')].map("
    "shown => [shown.dataset.figure, shown.textContent]))"
)
SHOWS_SALES = (
    "return document.querySelector('[data-figure=sales]').textContent === arguments[0]"
    " && document.getElementById('state').textContent === ''"
)


def test_the_banner_follows_the_till_without_a_reload(visitor: Browser, shop: Path) -> None:
    """Also across a restart of the site: it says that it lost the site, and finds it again."""
    visitor.prefer("fr")
    with served(shop, "--grace", "1") as address:
        visitor.get(f"{address}/modules/kpi_banner")
        assert visitor.title == "Chez <b>nous</b> & l'atelier"
        visitor.run("window.opened = 'once'")
        visitor.wait(SHOWS_SALES, "0")
        sell(address, 1250, 800)
        visitor.wait(SHOWS_SALES, "1")
        figures = visitor.run(FIGURES)
        assert figures["total_cents"].split() == ["12,50", "€"]
        assert figures["weight_out_g"].split() == ["0,8", "kg"]
        assert visitor.complaints() == []
    visitor.wait("return document.getElementById('state').textContent.includes('perdue')")
    with served(shop, "--grace", "1", "--port", address.rpartition(":")[2]) as address:
        sell(address, 500, 200)
        visitor.wait(SHOWS_SALES, "2")
        assert visitor.run("return window.opened") == "once"
