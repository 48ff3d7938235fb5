"""serve, from outside: workers, signals, deaths, and what is refused."""

import json
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.fakes.runtime_site import RuntimeSite
from tests.integration.serving import DEADLINE_S, lines, refused, serving, until

from recyclic.runtime.errors import NotServedError

TILL = """
def register_signals(self, bus):
    self.bus = bus
    bus.on("sold", self.handle)

def register_routes(self, app):
    @app.get("/api/till/pid")
    async def pid():
        return os.getpid()

    @app.post("/api/till/sell")
    async def sell(number: str, slow: bool = False):
        return await self.bus.emit("sold", number=number, slow=slow)

    @app.get("/api/till/slow")
    async def slow():
        self.note("slow")
        await asyncio.sleep(1.0)
        return "done"

    @app.get("/api/till/stream")
    async def stream():
        from fastapi.responses import StreamingResponse

        async def events():
            yield "data: first\\n\\n"
            await asyncio.Event().wait()

        return StreamingResponse(events(), media_type="text/event-stream")

async def handle(self, number: str, slow: bool):
    self.note(f"begun:{number}:{os.getpid()}")
    if slow and not (self.data / "release").exists():
        await asyncio.sleep(3600)
    self.note(f"done:{number}")

async def startup(self, app, config):
    self.data = Path(config["_data_dir"])

async def shutdown(self):
    self.note("down")

def note(self, text):
    with (self.data / "log").open("a") as log:
        log.write(text + "\\n")
"""


@pytest.fixture
def site(tmp_path: Path) -> RuntimeSite:
    """A site with its own event server and one module that notes what happens to it."""
    return RuntimeSite(tmp_path / "site", events={}).module("till", TILL)


def notes(site: RuntimeSite) -> list[str]:
    return lines(site.root / "data" / "till" / "log")


def test_two_workers_serve_and_end_with_everything_finished(site: RuntimeSite) -> None:
    """SIGTERM: the request that runs is answered, the stream ends, modules shut down, exit 0."""
    site.write()
    with serving(site, "--workers", "2") as served:
        until(lambda: len({served.get("/api/till/pid") for _ in range(8)}) == 2, "two workers")
        answers: list[Any] = []
        slow = threading.Thread(target=lambda: answers.append(served.get("/api/till/slow")))
        slow.start()
        with httpx.stream("GET", served.address + "/api/till/stream", timeout=DEADLINE_S) as stream:
            chunks = stream.iter_text()
            assert next(chunks) == "data: first\n\n"
            until(lambda: "slow" in notes(site), "the slow request to be under way")
            assert served.stop() == 0
            assert list(chunks) == []
        slow.join()
        assert answers == ["done"]
    assert notes(site).count("down") == 2
    assert not list((site.root / "run").glob("*.sock"))


def test_a_killed_worker_is_replaced_and_its_event_is_handled(site: RuntimeSite) -> None:
    """kill -9 in the middle of a handler: another worker handles the event."""
    site.write()
    with serving(site, "--workers", "2") as served:
        httpx.post(served.address + "/api/till/sell", params={"number": "7", "slow": True})
        begun = until(
            lambda: [note for note in notes(site) if note.startswith("begun:7:")], "the handler"
        )
        victim = int(begun[0].split(":")[2])
        (site.root / "data" / "till" / "release").touch()
        os.kill(victim, signal.SIGKILL)
        until(lambda: "done:7" in notes(site), "the event to be handled")
        until(lambda: len(set(served.workers()) - {victim}) == 2, "a new worker")
        assert served.health()["ready"] is True


def test_everything_ends_when_the_parent_is_killed(site: RuntimeSite) -> None:
    """No worker and no event server stays behind, and the modules still shut down."""
    site.write()
    with serving(site, "--workers", "2") as served:
        children = served.family.children(recursive=True)
        assert len(children) >= 3
        served.process.kill()
        _gone, alive = psutil.wait_procs(children, timeout=DEADLINE_S)
        assert not alive
    assert "down" in notes(site)


def test_the_event_server_comes_back(site: RuntimeSite) -> None:
    """Killed, it is started again with what it had; nothing else is restarted."""
    site.write()
    with serving(site) as served:
        workers = served.workers()
        for child in served.family.children(recursive=True):
            if "valkey" in child.name():
                child.kill()

        def sell() -> bool:
            path = served.address + "/api/till/sell"
            return httpx.post(path, params={"number": "8"}, timeout=DEADLINE_S).status_code == 200

        until(sell, "an event to be taken")
        until(lambda: "done:8" in notes(site), "it to be handled")
        until(lambda: served.health()["ready"], "readiness")
        assert served.workers() == workers


def test_a_module_that_kills_or_blocks_its_process_is_set_aside(site: RuntimeSite) -> None:
    """Nothing inside the process could stop it; its parent does, and the others serve."""
    site.module("aborts", files={"__init__.py": "import os\nos.abort()\n"})
    blocks = "async def startup(self, app, config):\n    time.sleep(3600)"
    site.module("blocks", blocks, manifest="[runtime]\nstartup_timeout_s = 0.2\n")
    site.module("needs", manifest='[dependencies]\nmodules = ["aborts"]\n').write()
    with serving(site) as served:
        report = served.health()["modules"]
        assert {name: module["state"] for name, module in report.items()} == {
            "till": "started",
            "aborts": "failed",
            "blocks": "failed",
            "needs": "set aside",
        }
        assert report["aborts"]["reason"] == "aborts ended the whole process in import: signal 6"
        assert report["blocks"]["reason"].endswith("in startup: it stood still")
        assert served.get("/api/till/pid")


def test_served_once_logged_in_json_stopped_by_the_control_socket(site: RuntimeSite) -> None:
    """A second serve is told by whom; an installer can ask, and stop it."""
    site.module("bad", "async def startup(self, app, config):\n    1 / 0").write()
    with serving(site) as served:
        code, told = refused(site, "--port", "0")
        assert (code, str(served.process.pid) in told) == (5, True)
        with served.control() as control:
            assert control.ask("status")["generation"] == 1
            assert control.ask("nonsense")["error"]["code"] == "RCY-R026"
            assert control.ask("commit")["ok"] is False
            assert control.ask("stop")["ok"] is True
        assert served.process.wait(DEADLINE_S) == 0
        with pytest.raises(NotServedError):
            served.control()
    failed = [json.loads(line) for line in served.log().splitlines() if '"bad"' in line]
    assert "ZeroDivisionError" in failed[0]["error"]


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--host", "0.0.0.0"], 64, "--i-have-a-proxy"),
        (["--host", "no.such.host.invalid", "--i-have-a-proxy"], 1, "RCY-R021"),
        (["--workers", "0"], 64, "workers"),
    ],
)
def test_what_cannot_be_served_is_refused(
    site: RuntimeSite, options: list[str], code: int, told: str
) -> None:
    """With its reason, its exit code, and nothing started."""
    site.write()
    ended, words = refused(site, *options)
    assert (ended, told in words) == (code, True), words


def test_a_taken_port_is_refused(site: RuntimeSite) -> None:
    """And nothing of the site is left running."""
    site.write()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, told = refused(site, "--port", str(taken.getsockname()[1]))
    assert (code, "RCY-R021" in told) == (1, True)


def test_a_site_without_a_generation_is_refused(tmp_path: Path) -> None:
    """Applying comes first."""
    site = RuntimeSite(tmp_path / "site")
    (site.root / "generations").mkdir(parents=True)
    code, told = refused(site)
    assert (code, "RCY-R027" in told) == (1, True)


def test_a_damaged_config_is_refused(site: RuntimeSite) -> None:
    """In the parent, before any worker is started."""
    site.write().write_text("format = 1\nsite = ")
    code, told = refused(site)
    assert (code, "RCY-S002" in told) == (1, True)


def test_a_missing_secret_of_the_bus_is_refused(tmp_path: Path) -> None:
    """By the variable's name."""
    site = RuntimeSite(tmp_path / "site", events={"url": {"env": "RECYCLIC_NOT_SET"}})
    site.module("m").write()
    code, told = refused(site)
    assert (code, "$RECYCLIC_NOT_SET" in told) == (1, True)
