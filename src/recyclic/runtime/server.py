"""serve: one site, from its current generation, until it is told to stop."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recyclic.events.embedded import EmbeddedServer
from recyclic.model.site_config import SiteConfig
from recyclic.runtime.control import control_server
from recyclic.runtime.desk import Desk
from recyclic.runtime.errors import AlreadyServedError, NothingToServeError
from recyclic.runtime.listen import address_of, listen, require_proxy
from recyclic.runtime.location import Location
from recyclic.runtime.log import log_to_stderr
from recyclic.runtime.secret import reveal
from recyclic.runtime.supervisor import Service, Supervisor
from recyclic.site.config_file import read_config


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve.

    Attributes:
        port: 0 takes any free one.
        grace_s: How long requests, and then event handlers, may take to finish at the end.
        has_proxy: A proxy with authentication stands in front: other addresses than loopback
            are allowed, and its X-Forwarded headers are believed.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    grace_s: float = 20.0
    has_proxy: bool = False
    access_log: bool = False


def serve(
    root: Path,
    options: ServeOptions,
    *,
    worker_module: str,
    on_ready: Callable[[Mapping[str, Any]], None] = lambda _status: None,
) -> None:
    """Serve the current generation of the site in ``root``. Returns after SIGTERM, SIGINT or a
    stop on the control socket, when every worker has ended.

    Args:
        worker_module: What ``python -m`` runs for a worker; it calls
            :func:`recyclic.runtime.worker.run_worker`.
        on_ready: Called once, with the status, when every worker answers.

    Raises:
        ServeError: nothing is served; the subclass says why. RecyclicError: config.toml cannot
            be read, or the embedded event server does not start.
    """
    require_proxy(options.host, has_proxy=options.has_proxy)
    location = Location.of_site(root)
    config = _read(location)
    log_to_stderr(site=config.site)
    with (
        _only_one(location),
        listen(options.host, options.port) as listener,
        _event_server(config, location) as events,
    ):
        service = Service(
            site=config.site,
            root=location.root,
            config=location.config,
            listener=listener.fileno(),
            address=address_of(listener),
            workers=options.workers,
            worker_module=worker_module,
            grace_s=options.grace_s,
            trusts_proxy=options.has_proxy,
            access_log=options.access_log,
        )
        asyncio.run(_supervise(service, events, on_ready))


async def _supervise(
    service: Service,
    events: EmbeddedServer | None,
    on_ready: Callable[[Mapping[str, Any]], None],
) -> None:
    supervisor = Supervisor(service, events, on_ready)
    async with control_server(service.root / "run", lambda: Desk(supervisor)):
        await supervisor.run()


def _read(location: Location) -> SiteConfig:
    if not location.config.is_file():
        raise NothingToServeError(site=str(location.root), file=str(location.config))
    return read_config(location.config)


@contextlib.contextmanager
def _only_one(location: Location) -> Iterator[None]:
    """Hold the site's serving lock; the kernel lets go of it when this process dies.

    Raises:
        AlreadyServedError: another process holds it.
    """
    location.run.mkdir(parents=True, exist_ok=True)
    location.run.chmod(0o700)
    with (location.run / "serve.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise AlreadyServedError(site=str(location.root), pid=file.read().strip()) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextlib.contextmanager
def _event_server(config: SiteConfig, location: Location) -> Iterator[EmbeddedServer | None]:
    """The site's own event server while the context lasts; None when config.toml names one. A
    secret in that name is looked up here too, so that a missing one is told at once.

    Raises:
        SecretMissingError: see there.
    """
    url = config.events.get("url")
    if isinstance(url, Mapping):
        reveal(url, module="events", setting="url")
    if url is not None:
        yield None
        return
    server = EmbeddedServer(location.data / "events")
    server.start()
    try:
        yield server
    finally:
        server.stop()
