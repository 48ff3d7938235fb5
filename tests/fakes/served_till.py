"""A till that is served while it is changed: its module in any version, and tireless clients."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import httpx

DEADLINE_S = 40.0

CODE = """
from pathlib import Path

from recyclic import ModuleBase

{more}


class Till(ModuleBase):
    async def startup(self, app, config):
        self.book = Path(config["_data_dir"]) / "book"

    def register_signals(self, bus):
        self.bus = bus
        bus.on("sold", self.note)

    def register_routes(self, app):
        app.add_api_route("/api/till/version", lambda: "{version}")
        app.add_api_route("/api/till/sales/{{number}}", self.sell, methods=["POST"])

    async def sell(self, number: int) -> str:
        return await self.bus.emit("sold", number=number)

    async def note(self, number: int) -> None:
        with self.book.open("a") as file:
            file.write(f"{{number}}\\n")


MODULE_CLASS = Till
"""


def write_till(modules: Path, version: str, more: str = "") -> None:
    """The till in ``modules/till``, in one version; ``more`` runs when it is imported."""
    folder = modules / "till"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = f'name = "Till"\nversion = "{version}"\n[ui]\nroutes = ["/api/till"]\n'
    manifest += '[events]\nemits = ["sold"]\nconsumes = ["sold"]\n'
    (folder / "module.toml").write_text(manifest, encoding="utf-8")
    (folder / "__init__.py").write_text(CODE.format(version=version, more=more), encoding="utf-8")


class Load:
    """Clients on connections they keep, as browsers do: two that ask, one that sells.

    Attributes:
        answers: How often each version answered.
        sold: Numbers whose sale was answered: the event is stored.
        failures: What no client should ever see.
        slowest_s: The longest that an answer took.
    """

    def __init__(self, address: str) -> None:
        self.answers: Counter[str] = Counter()
        self.sold: set[int] = set()
        self.failures: list[str] = []
        self.slowest_s = 0.0
        self._address = address
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=work) for work in (self._ask, self._ask, self._sell)
        ]

    @property
    def requests(self) -> int:
        """All that were answered or failed."""
        return sum(self.answers.values()) + len(self.sold) + len(self.failures)

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=DEADLINE_S) as client:
            while not self._over.wait(0.002):
                answer = self._try(client.get, "/api/till/version")
                if answer is not None:
                    self.answers[answer.json()] += 1

    def _sell(self) -> None:
        number = 0
        with httpx.Client(base_url=self._address, timeout=DEADLINE_S) as client:
            while not self._over.wait(0.005):
                number += 1
                if self._try(client.post, f"/api/till/sales/{number}") is not None:
                    self.sold.add(number)

    def _try(self, request: Callable[[str], httpx.Response], path: str) -> httpx.Response | None:
        start = time.monotonic()
        try:
            return request(path).raise_for_status()
        except httpx.HTTPError as error:
            self.failures.append(repr(error))
            return None
        finally:
            self.slowest_s = max(self.slowest_s, time.monotonic() - start)

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def handled(site: Path, module: str = "till") -> Counter[int]:
    """How often each sale was handled, as the module itself has written down."""
    book = site / "data" / module / "book"
    return Counter(map(int, book.read_text().split())) if book.exists() else Counter()


def until(condition: Callable[[], bool], what: str) -> None:
    """Return once ``condition()`` holds; fail when it does not in time."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {DEADLINE_S:g} s in vain: {what}")
        time.sleep(0.02)


@contextmanager
def loaded(address: str) -> Iterator[Load]:
    """Clients at work, once all of them were answered; they stop with the context."""
    with Load(address) as load:
        until(lambda: load.answers.total() > 20 and len(load.sold) > 10, "the first answers")
        yield load
