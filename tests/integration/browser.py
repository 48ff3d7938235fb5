"""A real browser, told what to do over WebDriver: a standard, and a few lines of JSON over HTTP."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")

_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1400,900",
    # It reaches this machine and nothing else, so a page that needs more fails here too.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class BrowserError(Exception):
    """The driver answered that a command failed."""


@dataclass(frozen=True, slots=True)
class Browser:
    """One session. Source: https://www.w3.org/TR/webdriver2/."""

    client: httpx.Client

    def get(self, url: str) -> None:
        """Open a page and wait until it has loaded."""
        self._post("url", url=url)

    @property
    def title(self) -> str:
        """The title of the page."""
        return str(self._answer(self.client.get("title")))

    def run(self, script: str, *arguments: Any) -> Any:
        """What ``script``, the body of a JavaScript function, returns."""
        return self._post("execute/sync", script=script, args=list(arguments))

    def wait(self, script: str, *arguments: Any, seconds: float = 20) -> Any:
        """What ``script`` returns once that is true.

        Raises:
            TimeoutError: it was not within ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while not (answer := self.run(script, *arguments)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the page never got there: {script}")
            time.sleep(0.05)
        return answer

    def point_at(self, selector: str) -> None:
        """Move the mouse to the middle of the first element that ``selector`` finds."""
        found = self._post("element", using="css selector", value=selector)
        move = {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": found}
        self._post("actions", actions=[{"type": "pointer", "id": "mouse", "actions": [move]}])

    def resize(self, width: int, height: int) -> None:
        """Show pages in a window of another size, in CSS pixels; a small one is a phone's."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._cdp("Emulation.setDeviceMetricsOverride", **metrics)

    def complaints(self) -> list[str]:
        """What the console says is wrong since last asked: scripts, resources, styles.

        That no page has an icon is not wrong: the browser asks for one unasked.
        """
        entries = self._post("se/log", type="browser")
        messages = [entry["message"] for entry in entries if entry["level"] != "INFO"]
        return [message for message in messages if "/favicon.ico" not in message]

    def prefer(self, language: str) -> None:
        """Ask for pages in ``language`` from now on."""
        self._cdp("Network.enable")
        self._cdp("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def _cdp(self, command: str, **parameters: Any) -> None:
        """Chrome's own protocol, for what the standard has no words for."""
        self._post("goog/cdp/execute", cmd=command, params=parameters)

    def _post(self, command: str, **body: Any) -> Any:
        return self._answer(self.client.post(command, json=body))

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        value = response.json()["value"]
        if response.is_error:
            raise BrowserError(value["error"], value["message"])
        return value


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser with an empty profile; it and its driver end with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    driver = subprocess.Popen(
        [str(CHROMEDRIVER), f"--port={port}", "--log-level=OFF"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}/", timeout=60, trust_env=False
        ) as http:
            _until_ready(http)
            session = http.post("session", json={"capabilities": {"alwaysMatch": _capabilities()}})
            identity = Browser._answer(session)["sessionId"]
            http.base_url = httpx.URL(f"http://127.0.0.1:{port}/session/{identity}/")
            try:
                yield Browser(http)
            finally:
                http.delete("")
    finally:
        driver.terminate()
        driver.wait(timeout=20)


def _capabilities() -> dict[str, Any]:
    return {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": str(CHROMIUM), "args": list(_ARGUMENTS)},
        "goog:loggingPrefs": {"browser": "ALL"},
    }


def _until_ready(http: httpx.Client) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if http.get("status").json()["value"]["ready"]:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("chromedriver did not start")
        time.sleep(0.05)
