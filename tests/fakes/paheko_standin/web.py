"""The stand-in's pages and API, one process, on the address it is given."""

import contextlib
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.paheko_routes import Answer, Call, PahekoRoutes
from tests.fakes.paheko_standin.configuration import Configuration, load_configuration
from tests.fakes.paheko_standin.extensions import Extensions
from tests.fakes.paheko_standin.script import PhpError, UserException
from tests.fakes.paheko_standin.storage import decode_version, open_database


def serve(address: str, config: Path, script: Path) -> int:
    """Serve until killed; status 0 when the port is taken, without a word."""
    configuration = load_configuration(config, script.resolve().parent.parent)
    host, _, port = address.rpartition(":")
    try:
        server = _Server((host, int(port)), _Handler)
    except OSError:
        return 0
    server.configuration = configuration
    server.serve_forever()
    return 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    configuration: Configuration


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(
            method=self.command,
            path=parts.path,
            body=body,
            content_type=self.headers.get("Content-Type", ""),
            authorization=self.headers.get("Authorization", ""),
            query=dict(parse_qsl(parts.query)),
        )
        answer = Site(self.server.configuration).answer(call)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = _serve  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Site:
    """Answers pages."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def answer(self, call: Call) -> Answer:
        """One page, or one API answer."""
        database = open_database(self._configuration.database)
        with contextlib.closing(database):
            number = database.execute("PRAGMA user_version").fetchone()[0]
            if decode_version(number) != self._configuration.version:
                return _redirect("/admin/upgrade.php")
            if call.path.startswith("/api/"):
                return self._api(call)
            if self._configuration.constants.get("LOCAL_LOGIN") is None:
                return _redirect("/admin/login.php")
            return self._page(call, Extensions(self._configuration, database))

    def _api(self, call: Call) -> Answer:
        constants = self._configuration.constants
        user, password = constants.get("API_USER"), constants.get("API_PASSWORD")
        known = {str(user): (str(password), 9)} if user and password else {}
        return PahekoRoutes(self._configuration.database, known).answer(call)

    def _page(self, call: Call, extensions: Extensions) -> Answer:
        match call.path.strip("/").split("/"):
            case ["admin"]:
                return _html("<h1>Stand-in</h1>")
            case ["admin", "config", "ext"]:
                return self._extensions(call, extensions)
            case ["admin", "p", name]:
                page = extensions.plugin_page(name)
                return _html("", 404) if page is None else _html(self._render(page))
        return _html("", 404)

    def _extensions(self, call: Call, extensions: Extensions) -> Answer:
        """The page first, then the upgrades: whatever becomes of them, the status was sent."""
        shown = ""
        if call.query.get("install"):
            errors = extensions.refresh_for_install_page()
            shown = "".join(f'<p class="block error">Module {error}</p>' for error in errors)
        else:
            extensions.list_enabled()
        try:
            extensions.upgrade_all()
        except UserException as refusal:
            shown += f'<p class="block error">{refusal}</p>'
        except (PhpError, sqlite3.Error) as error:
            kind = error.kind if isinstance(error, PhpError) else "DB_Exception"
            shown += f"<section><header><h1>{kind}</h1><h2>{error}</h2></header></section>"
        return _html(f"<h1>Extensions</h1>{shown}")

    def _render(self, page: Path) -> str:
        """The plugin's template, compiled anew only when its source is newer than what is there."""
        source = page.parent.parent / "templates" / "index.tpl"
        if not source.is_file():
            return page.read_text("utf-8")
        compiled = self._configuration.compiled / f"{page.parent.parent.name}.tpl.php"
        if not compiled.is_file() or source.stat().st_mtime > compiled.stat().st_mtime:
            compiled.parent.mkdir(parents=True, exist_ok=True)
            compiled.write_text(source.read_text("utf-8"))
        return compiled.read_text("utf-8")


def _html(text: str, status: int = 200) -> Answer:
    return Answer(status, "text/html; charset=utf-8", text.encode())


def _redirect(address: str) -> Answer:
    return Answer(302, "text/html; charset=utf-8", b"", {"Location": address})
