"""A whole site in one process: who starts, who is set aside, who answers what."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.fakes.runtime_site import RuntimeSite

from recyclic import create_app
from recyclic.runtime.site_app import SiteApp

pytestmark = pytest.mark.anyio

NEEDS = '[dependencies]\nmodules = ["{}"]\n'


@asynccontextmanager
async def running(
    site: RuntimeSite, settings: dict[str, dict[str, Any]] | None = None
) -> AsyncIterator[tuple[SiteApp, httpx.AsyncClient]]:
    app = create_app(site.write(settings))
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield app, client


def client_of(app: SiteApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site")


async def states(client: httpx.AsyncClient) -> dict[str, str]:
    report = (await client.get("/health")).json()
    return {name: module["state"] for name, module in report["modules"].items()}


async def test_modules_start_in_order_and_stop_in_reverse(site: RuntimeSite) -> None:
    """As config.toml lists them."""
    code = """
    async def startup(self, app, config):
        self.log = Path(config["_data_dir"]).parent / "log"
        self.write("+{0}")

    async def shutdown(self):
        self.write("-{0}")

    def write(self, text):
        with self.log.open("a") as log:
            log.write(text)
    """
    for name in "bac":
        site.module(name, code.format(name))
    async with running(site):
        pass
    assert (site.root / "data" / "log").read_text() == "+b+a+c-c-a-b"


async def test_one_bad_module_takes_down_only_those_that_need_it(site: RuntimeSite) -> None:
    """Directly or through another one; everyone else answers."""
    site.module("fine")
    site.module("bad", 'async def startup(self, app, config):\n    raise ValueError("no power")')
    site.module("needs_bad", manifest=NEEDS.format("bad"))
    site.module("needs_that", manifest=NEEDS.format("needs_bad"))
    site.module("also_fine", manifest=NEEDS.format("fine"))
    async with running(site) as (_, client):
        assert await states(client) == {
            "fine": "started",
            "bad": "failed",
            "needs_bad": "set aside",
            "needs_that": "set aside",
            "also_fine": "started",
        }
        report = (await client.get("/health")).json()
        assert "no power" in report["modules"]["bad"]["reason"]
        assert report["modules"]["needs_that"]["code"] == "RCY-R009"
        assert (report["status"], report["ready"], report["live"]) == ("degraded", True, True)
        assert (await client.get("/api/also_fine/hello")).json() == {"from": "also_fine"}


async def test_a_capability_s_second_provider_saves_who_needs_it(site: RuntimeSite) -> None:
    """One provider failed, the other runs: the need is met."""
    offers = '[dependencies]\nprovides = ["export"]\n'
    bad = "async def startup(self, app, config):\n    raise ValueError"
    site.module("bad", bad, manifest=offers).module("good", manifest=offers)
    site.module("user", manifest=NEEDS.format("export"))
    async with running(site) as (_, client):
        assert (await states(client))["user"] == "started"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def __init__(self):\n    raise ValueError", "RCY-R014"),
        ("def register_routes(self, app):\n    1 / 0", "RCY-R014"),
        ("def register_signals(self, bus):\n    bus.on('x', None)", "RCY-R014"),
        ("def register_ui_extensions(self):\n    return 3", "RCY-R014"),
        ("def register_ui_extensions(self):\n    return {'slot': 3}", "RCY-R014"),
        ("def register_ui_extensions(self):\n    return {'slot': 'Button'}", "RCY-R014"),
        ("def register_routes(self, app):\n    app.include_router(app.router, prefix='x/')",
         "RCY-R014"),
        ("def startup(self, app, config):\n    pass", "RCY-R010"),
        ("async def startup(self, app, config):\n    raise SystemExit(1)", "RCY-R010"),
        ("async def startup(self, app, config):\n    raise asyncio.CancelledError", "RCY-R010"),
        ("async def startup(self, app, config, more):\n    pass", "RCY-R010"),
    ],
)  # fmt: skip
async def test_whatever_a_module_does_the_boot_goes_on(
    site: RuntimeSite, code: str, error: str
) -> None:
    """The next module starts, and health says what happened."""
    site.module("odd", code).module("next")
    async with running(site) as (_, client):
        report = (await client.get("/health")).json()
        assert report["modules"]["odd"]["code"] == error
        assert report["modules"]["next"]["state"] == "started"


async def test_a_module_that_takes_too_long_is_set_aside_on_time(site: RuntimeSite) -> None:
    """Its limit is its own."""
    slow = "async def startup(self, app, config):\n    await asyncio.Event().wait()"
    site.module("slow", slow, manifest="[runtime]\nstartup_timeout_s = 0.05\n").module("next")
    async with running(site) as (_, client):
        report = (await client.get("/health")).json()["modules"]
        assert (report["slow"]["code"], report["next"]["state"]) == ("RCY-R011", "started")


async def test_a_shutdown_that_raises_stops_no_other(site: RuntimeSite) -> None:
    """The site ends anyway, and tidily."""
    done = "async def shutdown(self):\n    os.environ['RECYCLIC_TEST_DOWN'] = 'yes'"
    start = "async def startup(self, app, config):\n    pass\n\n"
    site.module("first", start + done)
    site.module("second", start + "async def shutdown(self):\n    raise ValueError")
    async with running(site):
        pass
    import os

    assert os.environ.pop("RECYCLIC_TEST_DOWN") == "yes"


async def test_settings_reach_the_module_with_their_secrets(
    site: RuntimeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a folder of its own that is there already; health never shows a value."""
    monkeypatch.setenv("PAHEKO_TOKEN", "very secret")
    site.module(
        "m",
        """
        async def startup(self, app, config):
            assert config["token"] == "very secret"
            assert os.path.isdir(config["_data_dir"])
            self.config = config

        def register_routes(self, app):
            @app.get("/api/m")
            async def read():
                return {"url": self.config["url"], "data": self.config["_data_dir"]}
        """,
    )
    settings = {"m": {"token": {"env": "PAHEKO_TOKEN"}, "url": "u"}}
    async with running(site, settings) as (_, client):
        answer = (await client.get("/api/m")).json()
        assert answer == {"url": "u", "data": str(site.root / "data" / "m")}
        assert "very secret" not in (await client.get("/health")).text


async def test_a_missing_secret_sets_the_module_aside_by_name(site: RuntimeSite) -> None:
    """The variable is named."""
    site.module("m", "async def startup(self, app, config):\n    pass").module("other")
    settings = {"m": {"token": {"env": "RECYCLIC_NOT_SET"}}}
    async with running(site, settings) as (_, client):
        report = (await client.get("/health")).json()["modules"]
        assert "$RECYCLIC_NOT_SET" in report["m"]["reason"]
        assert report["other"]["state"] == "started"


async def test_a_path_belongs_to_who_came_first(site: RuntimeSite) -> None:
    """The second claimant is set aside with the reason; nothing of it answers."""
    site.module("first")
    site.module(
        "second",
        """
        def register_routes(self, app):
            app.get("/api/second")(lambda: 1)
            app.post("/api/first/hello")(lambda: 1)
        """,
    )
    async with running(site) as (_, client):
        report = (await client.get("/health")).json()["modules"]["second"]
        assert report["code"] == "RCY-R012"
        assert "/api/first/hello" in report["reason"]
        assert (await client.get("/api/first/hello")).json() == {"from": "first"}
        assert (await client.get("/api/second")).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/api/modules", "/docs", "/openapi.json"])
async def test_the_runtime_s_own_paths_cannot_be_taken(site: RuntimeSite, path: str) -> None:
    """Health above all."""
    site.module("m", f"def register_routes(self, app):\n    app.get({path!r})(lambda: 1)")
    async with running(site) as (_, client):
        assert await states(client) == {"m": "failed"}
        assert (await client.get(path)).status_code in (200, 503)


async def test_a_module_may_be_the_front_page(site: RuntimeSite) -> None:
    """The page at / gives way; and a catch-all leaves everyone else alone."""
    site.module(
        "front",
        """
        def register_routes(self, app):
            @app.get("/{path:path}")
            async def page(path: str):
                return {"page": path}
        """,
    ).module("other")
    async with running(site) as (_, client):
        assert (await client.get("/")).json() == {"page": ""}
        assert (await client.get("/about/us")).json() == {"page": "about/us"}
        assert (await client.get("/api/other/hello")).json() == {"from": "other"}
        assert (await client.get("/health")).json()["ready"] is True


async def test_routes_added_in_startup_answer(site: RuntimeSite) -> None:
    """``startup`` is given the app, so authors use it."""
    code = "async def startup(self, app, config):\n    app.get('/late')({})"
    site.module("m", code.format("lambda: 1")).module("n", code.format("lambda: 2"))
    async with running(site) as (_, client):
        assert (await client.get("/late")).json() == 1
        assert await states(client) == {"m": "started", "n": "failed"}


async def test_a_module_that_failed_answers_503_and_then_nothing(site: RuntimeSite) -> None:
    """Its paths are known, so people are told why; its handlers and slots are gone."""
    site.module(
        "m",
        """
        def register_routes(self, app):
            app.get("/api/m")(lambda: 1)

        def register_signals(self, bus):
            bus.on("sale_closed", self.handle)

        def register_ui_extensions(self):
            return {"menu": ["Item"]}

        async def handle(self, event):
            os.environ["RECYCLIC_TEST_HANDLED"] = "yes"

        async def startup(self, app, config):
            raise ValueError
        """,
    ).module("seller", """
        def register_signals(self, bus):
            self.bus = bus

        def register_routes(self, app):
            @app.post("/api/sell")
            async def sell():
                return await self.bus.emit("sale_closed", n=1)
        """)  # fmt: skip
    async with running(site) as (app, client):
        answer = await client.get("/api/m")
        assert (answer.status_code, answer.json()["code"]) == (503, "RCY-R010")
        assert (await client.get("/api/ui/slots/menu")).json()["extensions"] == []
        assert (await client.post("/api/sell")).status_code == 200
        assert app.boot.bus.health().in_hand.get("m", 0) == 0
    import os

    assert "RECYCLIC_TEST_HANDLED" not in os.environ
    async with client_of(app) as late:
        assert (await late.post("/api/sell")).status_code == 503


async def test_events_go_from_module_to_module(site: RuntimeSite) -> None:
    """The bus consumes while the site runs."""
    site.module("hears", """
        def register_signals(self, bus):
            bus.on("sale_closed", self.handle)

        async def handle(self, amount: int):
            self.heard.set_result(amount)

        def register_routes(self, app):
            @app.get("/api/heard")
            async def heard():
                return await asyncio.wait_for(self.heard, 10)

        async def startup(self, app, config):
            self.heard = asyncio.get_running_loop().create_future()
        """).module("says", """
        def register_signals(self, bus):
            self.bus = bus

        def register_routes(self, app):
            @app.post("/api/say")
            async def say(amount: int):
                return await self.bus.emit("sale_closed", amount=amount)
        """)  # fmt: skip
    async with running(site) as (_, client):
        await client.post("/api/say", params={"amount": 12})
        assert (await client.get("/api/heard")).json() == 12


@pytest.mark.parametrize("fault", ["1 / 0", "raise SystemExit(1)"])
async def test_an_error_in_a_route_is_a_json_500_and_a_log_line(
    site: RuntimeSite, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And no more than that, even where it would have ended the process."""
    site.module(
        "m",
        f"""
        def register_routes(self, app):
            @app.get("/api/boom")
            async def boom():
                {fault}
        """,
    ).module("other")
    async with running(site) as (_, client):
        answer = await client.get("/api/boom")
        assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error"})
        assert (await client.get("/api/other/hello")).status_code == 200
    assert "GET /api/boom failed in module m" in caplog.text


async def test_openapi_is_complete_and_grouped(site: RuntimeSite) -> None:
    """Every module's routes under its tag; two models of one name stay apart."""
    code = """
    def register_routes(self, app):
        from pydantic import BaseModel

        class Item(BaseModel):
            {0}: int

        @app.post("/api/{1}")
        async def make(item: Item) -> Item:
            return item
    """
    site.module("a", code.format("weight", "a"), manifest='description = "Weighs"\n')
    site.module("b", code.format("price", "b")).module("broken", "def register_routes(s): ...")
    async with running(site) as (app, client):
        document = (await client.get("/openapi.json")).json()
        assert {"/api/a", "/api/b", "/health", "/api/modules"} <= set(document["paths"])
        assert document["paths"]["/api/a"]["post"]["tags"] == ["a"]
        assert [tag["name"] for tag in document["tags"]] == [
            "recyclic",
            "a",
            "b",
            "recyclic.events",
        ]
        schemas = document["components"]["schemas"]
        assert set(schemas["a.Item"]["properties"]) == {"weight"}
        assert set(schemas["b.Item"]["properties"]) == {"price"}
        assert "HTTPValidationError" in schemas  # one and the same in both
        for reference in find_references(document):
            assert reference.removeprefix("#/components/schemas/") in schemas
        assert app.openapi() is app.openapi()


def find_references(value: Any) -> set[str]:
    text = json.dumps(value)
    return {part.split('"')[0] for part in text.split('"$ref": "')[1:]}


async def test_modules_and_slots_for_a_front_end(site: RuntimeSite) -> None:
    """What a page needs to draw a menu."""
    code = "def register_ui_extensions(self):\n    return {{'menu': ['{}']}}"
    manifest = (
        'description = "Till"\n[permissions]\nsection = "users"\nlevel = "read"\n'
        '[ui]\nroutes = ["/modules/a"]\nslots = ["menu"]\n'
    )
    site.module("a", code.format("Till"), manifest=manifest).module("b", code.format("Weigh"))
    async with running(site) as (_, client):
        document = (await client.get("/api/modules")).json()
        assert (document["site"], document["generation"]) == ("demo", 1)
        first = document["modules"][0]
        assert first["permissions"] == {"section": "users", "level": "read"}
        assert first["ui"] == {"routes": ["/modules/a"], "slots": ["menu"]}
        slot = (await client.get("/api/ui/slots/menu")).json()
        assert [(one["module"], one["component"]) for one in slot["extensions"]] == [
            ("a", "Till"),
            ("b", "Weigh"),
        ]
        assert (await client.get("/api/ui/slots/none")).json()["extensions"] == []


@pytest.mark.parametrize(
    ("check", "ready"),
    [
        ("return None", True),
        ("return True", True),
        ("return {'ok': True, 'rows': 3}", True),
        ("return False", False),
        ("return {'ok': False}", False),
        ("raise OSError('disk full')", False),
    ],
)
async def test_a_module_s_own_check_decides_readiness(
    site: RuntimeSite, check: str, ready: bool
) -> None:
    """Its database, say."""
    site.module("m", f"async def health(self):\n    {check}")
    async with running(site) as (_, client):
        answer = await client.get("/health")
        assert (answer.status_code, answer.json()["ready"]) == (200 if ready else 503, ready)
        assert answer.json()["modules"]["m"]["check"]["ok"] is ready
        assert (await client.get("/health/ready")).status_code == (200 if ready else 503)
        assert (await client.get("/health/live")).json() == {"live": True}


async def test_a_bus_that_is_away_is_told_and_stops_nothing(site: RuntimeSite) -> None:
    """Modules serve; the site is not ready, and says that it is the bus."""
    site.events = {"url": "redis://127.0.0.1:1/0"}
    site.module("m")
    async with running(site) as (_, client):
        answer = await client.get("/health")
        assert answer.status_code == 503
        assert (answer.json()["ready"], answer.json()["bus"]["connected"]) == (False, False)
        assert (await client.get("/api/m/hello")).json() == {"from": "m"}


async def test_pages_for_people_in_their_language(site: RuntimeSite) -> None:
    """HTML without a single outside resource, and nothing a module says is taken for markup."""
    manifest = 'description = "<script>alert(1)</script>"\n'
    site.module("m", manifest=manifest).module("bad", "def register_routes(self): ...")
    async with running(site) as (_, client):
        for path in ("/", "/docs"):
            answer = await client.get(path, headers={"accept-language": "fr"})
            assert answer.headers["content-language"] == "fr"
            assert '<html lang="fr">' in answer.text
            assert "<script" not in answer.text
            assert "http://" not in answer.text
            assert "https://" not in answer.text
        assert "bad" in (await client.get("/")).text
        assert "/api/m/hello" in (await client.get("/docs")).text


async def test_module_middleware_and_redirects_stay_the_module_s(site: RuntimeSite) -> None:
    """What a module adds to its app concerns its own routes."""
    site.module(
        "m",
        """
        def register_routes(self, app):
            @app.middleware("http")
            async def mark(request, call_next):
                answer = await call_next(request)
                answer.headers["x-mark"] = "m"
                return answer

            app.get("/api/m")(lambda: 1)
        """,
    ).module("other")
    async with running(site) as (_, client):
        assert (await client.get("/api/m")).headers["x-mark"] == "m"
        assert "x-mark" not in (await client.get("/api/other/hello")).headers
        assert (await client.get("/api/m/")).headers["location"] == "http://site/api/m"
        assert (await client.post("/api/m")).status_code == 405
        assert (await client.get("/nowhere")).status_code == 404


async def test_websockets_reach_their_module(site: RuntimeSite) -> None:
    """And those of a module that failed are closed."""
    code = """
    def register_routes(self, app):
        @app.websocket("/ws/{0}")
        async def talk(websocket: "WebSocket"):
            await websocket.accept()
            await websocket.send_text("{0}")
            await websocket.close()

    async def startup(self, app, config):
        {1}
    """
    site.module("a", code.format("a", "pass")).module("b", code.format("b", "1 / 0"))
    for name in "ab":
        file = site.generation / "modules" / name / "__init__.py"
        file.write_text("from fastapi import WebSocket\n" + file.read_text())
    async with running(site) as (app, _):
        assert [message["type"] for message in await websocket_talk(app, "/ws/a")] == [
            "websocket.accept",
            "websocket.send",
            "websocket.close",
        ]
        assert await websocket_talk(app, "/ws/b") == [{"type": "websocket.close", "code": 1013}]


async def websocket_talk(app: SiteApp, path: str) -> list[dict[str, Any]]:
    """What a websocket client is sent after it connects."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {"type": "websocket", "path": path, "headers": [], "query_string": b""}
    await app({**scope, "root_path": "", "subprotocols": []}, receive, send)
    return sent


async def test_the_same_app_can_be_run_again(site: RuntimeSite) -> None:
    """A test suite opens a client per test."""
    app = create_app(site.module("m").write())
    for _ in range(2):
        async with app.router.lifespan_context(app), client_of(app) as client:
            assert (await client.get("/api/m/hello")).json() == {"from": "m"}
            assert (await client.get("/health")).json()["ready"] is True


async def test_middleware_of_the_site_stands_around_everything(site: RuntimeSite) -> None:
    """Whoever embeds the app may add some."""
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app = create_app(site.module("m").write())
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["good.example.org"])
    async with app.router.lifespan_context(app), client_of(app) as client:
        assert (await client.get("/api/m/hello")).status_code == 400
        assert (await client.get("/health")).status_code == 400
