"""A server behind TLS, and a user that may do no more than the documentation says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.fakes.event_servers import REDIS, EventServer, ServerKind, free_port, running
from tests.integration.bus.conftest import QUICK, consuming, until

from recyclic.events.errors import BusUnavailableError
from recyclic.events.event import Event
from recyclic.events.redis_streams import RedisStreamsBus
from recyclic.events.streams.operations import Operations

pytestmark = pytest.mark.anyio
DOCS = Path(__file__).parents[3] / "docs" / "bus.md"


async def works(bus: RedisStreamsBus) -> None:
    """Emit, fail once, handle, keep order, trim, look, notify: all that a site does."""
    failed = False

    async def books(event: Event) -> None:
        nonlocal failed
        if event["n"] == 2 and not failed:
            failed = True
            raise ConnectionError("once")

    bus.for_module("books").on("sold", books)
    async with consuming(bus):
        for n in range(5):
            await bus.for_module("till").emit("sold", key="k", n=n)
        await until(lambda: bus.observer.handling["books", "sold"].handled == 5)
        await bus.store.trim(["sold"], 3600)
        await bus.for_module("till").emit_ephemeral("progress", n=1)
        page = bus.listen("progress", latest=True)
        await anext(page)
        await page.aclose()  # type: ignore[attr-defined]
        [group] = await Operations(bus.streams).look.groups()
        assert group.lag == 0


def documented_rights(kind: ServerKind) -> list[str]:
    """The rights in docs/bus.md, as a user's rules."""
    text = DOCS.read_text(encoding="utf-8")
    [told] = re.findall(r"An ACL user needs: (.*?); on Valkey", text, re.S)
    words = re.sub(r"[`,]|and the channels", " ", told).split()
    return [*words, "+waitaof"] if kind.name == "valkey" else words


async def test_the_documented_rights_suffice(kind: ServerKind, tmp_path: Path) -> None:
    """With exactly the rights of docs/bus.md everything works; a wrong password is told."""
    with running(kind, tmp_path / "server") as server:
        rights = documented_rights(kind)
        answer = server.ask("ACL", "SETUSER", "site", "on", ">secret", *rights)
        assert answer == b"+OK\r\n", (answer, rights)
        url = f"redis://site:secret@127.0.0.1:{server.port}"
        await works(RedisStreamsBus(url, site="test", settings=QUICK))
        wrong = RedisStreamsBus(url.replace("secret", "guess"), site="test")
        with pytest.raises(BusUnavailableError) as refused:
            await wrong.start()
        assert "guess" not in str(refused.value)


@pytest.mark.skipif(REDIS.binary is None, reason="redis-server is not installed")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_tls_with_a_verified_certificate(tmp_path: Path) -> None:
    """Connects with the right authority, and refuses any other."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(  # noqa: ASYNC221 - nothing else runs yet
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key,
         "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    options = {
        "tls-port": str(port), "tls-cert-file": str(certificate), "tls-key-file": str(key),
        "tls-ca-cert-file": str(certificate), "tls-auth-clients": "no",
    }  # fmt: skip
    home = tmp_path / "server"
    home.mkdir()
    server = EventServer(REDIS, home, options).start()
    try:
        url = f"rediss://localhost:{port}?ssl_ca_certs={certificate}"
        await works(RedisStreamsBus(url, site="test", settings=QUICK))
        with pytest.raises(BusUnavailableError):
            await RedisStreamsBus(f"rediss://localhost:{port}", site="test").start()
    finally:
        server.stop()
