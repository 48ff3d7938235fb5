"""One page from the loopback server, also when the server drops a connection."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from recyclic.paheko.errors import PahekoPageError
from recyclic.paheko.server import LoopbackServer

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Type: text/html\r\n\r\nBonjour"
_RESET = struct.pack("ii", 1, 0)  # closing sends a reset instead of an end


@contextlib.contextmanager
def _server_that_resets(times: int) -> Iterator[LoopbackServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for number in range(2):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    if number < times:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    else:
                        connection.sendall(_ANSWER)
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield LoopbackServer(listener.getsockname()[1], 10)
        thread.join(10)


def test_a_connection_that_is_dropped_once_is_made_again() -> None:
    with _server_that_resets(1) as server:
        page = server.get("/admin/")

    assert (page.status, page.text) == (200, "Bonjour")


def test_a_server_that_drops_every_connection_is_broken() -> None:
    with _server_that_resets(2) as server, pytest.raises(PahekoPageError) as failure:
        server.get("/admin/")

    assert "reset" in failure.value.facts["said"]
