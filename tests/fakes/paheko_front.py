"""A public web server before a Paheko: what strangers are shown."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextlib.contextmanager
def public_server(is_well: Callable[[], bool]) -> Iterator[str]:
    """Its address; it answers 200 while ``is_well`` says so, else 500."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"page"
            self.send_response(200 if is_well() else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


def recorded_version(database: Path, plugin: str) -> str | None:
    """The version that Paheko has recorded for a plugin."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as opened:
        row = opened.execute("SELECT version FROM plugins WHERE name = ?", (plugin,)).fetchone()
        return None if row is None else str(row[0])
